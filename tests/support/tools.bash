# Which tools there are. Sourced.
#
#   tools    their names, one a line: the folders under tools/ that have a main.cpp

tools() {
  local main
  for main in "${BASH_SOURCE[0]%/*}"/../../tools/*/main.cpp; do
    main=${main%/main.cpp}
    echo "${main##*/}"
  done
}
