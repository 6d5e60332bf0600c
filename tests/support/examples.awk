# examples.awk: the examples of a man page that say that they run, as files in a folder.
#
#   awk -v folder=DIR [-v section=NAME] -f examples.awk PAGE
#
# A literal block after the line `.\" run` becomes DIR/NN.run, a script for bash; one after `.\" run: sql` DIR/NN.sql, for psql. One after
# `.\" run: before each` stands at the head of every script of its page. With a section, only that one's.

/^\.\\" run$/ { kind = "run" }
/^\.\\" run: sql$/ { kind = "sql" }
/^\.\\" run: before each$/ { kind = "before" }
/^\.Sh / { current = substr($0, 5) }
/^\.Ed/ { inside = ""; kind = "" }
inside != "" {
  gsub(/\\e/, "\\"); gsub(/\\&/, ""); gsub(/\\-/, "-")
  if (inside == "before") before = before $0 "\n"
  else if (file != "") print > file
}
/^\.Bd -literal/ && kind != "" {
  inside = kind
  file = ""
  if (kind != "before" && (section == "" || section == current)) {
    file = sprintf("%s/%02d.%s", folder, ++n, kind)
    printf "%s", (kind == "run" ? before : "") > file
  }
}
