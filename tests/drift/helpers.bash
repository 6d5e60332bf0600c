# For tests that compare one part of the tree with another. Each line that they print says what differs and how to repair it.

repository=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
cd "$repository" || exit 1

build=${OPS_BUILD:-build}
case $build in /*) ;; *) build=$repository/$build ;; esac

# shellcheck source=tests/support/tools.bash
source "$repository/tests/support/tools.bash"

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
