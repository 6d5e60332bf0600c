# What the suite's set-up and the tests both need.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
support=$repository/tests/support
# shellcheck source=tests/support/cluster.bash
source "$support/cluster.bash"

# In every payload, secret, header value, query string and user info: see setup_suite.bash. A multiple of four characters of
# base64, so that a secret made of it holds it in the clear.
# shellcheck disable=SC2034
canary=Canary7f3e9c
# No resolver sends a question about a label of more than 63 letters: nothing leaves the machine.
# shellcheck disable=SC2034
unknown_host=$(printf 'n%.0s' {1..64}).invalid
