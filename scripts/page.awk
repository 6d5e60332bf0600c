# Takes a man page apart, without what is generated in it.
#
#   awk -v show=form PAGE   what a translation keeps: lists, literal blocks, the synopsis, and of each paragraph the words that are code and the numbers,
#                           in any order; a line each, after the number of its paragraph, to be sorted
#   awk -v show=text PAGE   what is translated: of each paragraph the number of its line and its text

BEGIN {
  split("Ar Cm Dv Ev Fa Fl Fn Ft Li Nm Pa Sy Va Xr", names, " ")
  for (i in names) code[names[i]]
  split("Dq Em No Ns Op Pq Sq Sx Ta", names, " ")
  for (i in names) prose[names[i]]
}

function finish() {
  if (show == "text" && text != "") print start "\t" text
  text = ""
  ++paragraph
}
function keep(what) { if (show == "form") printf "%05d\t%s\n", paragraph, what }
function structure(line) {
  finish()
  keep(line)
  ++paragraph
}
function add(line) {
  if (text == "") start = FNR
  text = text (text == "" ? "" : " ") line
}
function numbers(words) {
  while (match(words, /[0-9]+/)) {
    keep("number " substr(words, RSTART, RLENGTH))
    words = substr(words, RSTART + RLENGTH)
  }
}
# Words after a macro of code are code, until the next macro; punctuation is neither.
function macros(line, count, words, macro, i) {
  count = split(line, words, " ")
  for (i = 1; i <= count; ++i) {
    if (words[i] in code || words[i] in prose) macro = words[i]
    else if (words[i] !~ /[^.,;:|()]/) continue
    else if (macro in code) keep(macro " " words[i])
    else numbers(words[i])
  }
}

/^\.\\" generated: / { structure($0); generated = 1; next }
/^\.\\" end$/ { generated = 0; next }
generated { next }
# A drawing has words in it, which are translated.
/^\.Bd / { drawing = last ~ /drawing$/; structure($0); literal = 1; next }
/^\.Ed/ { literal = 0 }
literal { if (!drawing) structure($0); next }
{ last = $0 }
/^\.Dd / { next }
/^\.S[hs] / {
  structure($1)
  section = $1 == ".Sh" ? $2 : section
  add(substr($0, 5))
  next
}
section == "SYNOPSIS" { structure($0); next }
/^\.It/ { structure(".It"); if (NF > 1) add(substr($0, 5)); macros(substr($0, 5)); next }
/^\.Nd / { structure(".Nd"); add(substr($0, 5)); next }
/^\.(\\"|Bl|El|Ed|Pp|Dt|Os|Rs|Re|%|Fo|Fc|Ft|Fa|Rs)/ { structure($0); next }
/^\./ { add(substr($0, 2)); macros(substr($0, 2)); next }
{ add($0); numbers($0) }
END { finish() }
