# For tests that compare one part of the tree with another. Each line that they print says what differs and how to repair it.

repository=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
cd "$repository" || exit 1

build=${OPS_BUILD:-build}
case $build in /*) ;; *) build=$repository/$build ;; esac

# Names of the tools, one a line.
tools() { find tools -mindepth 2 -maxdepth 2 -name main.cpp -printf '%h\n' | sort | xargs -n 1 basename; }

# Fails when there is something on standard input, and shows it.
none() {
  local lines
  lines=$(cat)
  [ -z "$lines" ] && return
  printf '%s\n' "$lines"
  return 1
}

# The files of the tree, one a line, relative: without what is ignored, and without the history.
tree() {
  if [ -e .git ]; then
    git ls-files --cached --others --exclude-standard | while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
  else
    find . -type f -not -path './build*' -printf '%P\n'
  fi
}
