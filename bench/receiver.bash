# The receiver of tests/support/nginx.bash, the same or with less haste. Sourced.
#
#   receiver_start DIR CERT KEY PROTOCOL KIND    http2 or http1; at_once, 10ms, 100ms (80 to 120),
#                                                refusals (1 % get 503) or no_refusals (as much work, and none does)
#
# Stopped by nginx_stop, like any.

# shellcheck disable=SC2016 # variables of nginx
# shellcheck source=tests/support/nginx.bash
source "${BASH_SOURCE[0]%/*}/../tests/support/nginx.bash"

eval "$(declare -f _nginx_configuration | sed '1s/.*/_nginx_plain_configuration ()/')"

# Inside of http, before the server.
_receiver_choice() { # KIND
  case $1 in
    10ms) echo 'map $request_id $pause { default 0.010; }' ;;
    100ms) echo 'split_clients $request_id $pause { 20% 0.080; 20% 0.090; 20% 0.100; 20% 0.110; * 0.120; }' ;;
    refusals) echo 'split_clients $request_id $answer { 1% /refused; * /taken; }' ;;
    no_refusals) echo 'split_clients $request_id $answer { * /taken; }' ;;
  esac
}

_receiver_location() { # KIND
  case $1 in
    10ms | 100ms) echo 'echo_read_request_body; echo_sleep $pause; echo_exec /taken;' ;;
    refusals | no_refusals) echo 'echo_read_request_body; echo_exec $answer;' ;;
  esac
}

_nginx_configuration() {
  local text
  text=$(_nginx_plain_configuration "$@")
  [ "$RECEIVER_PROTOCOL" = http2 ] || text=${text/ ssl http2;/ ssl;}
  if [ "$RECEIVER_KIND" = at_once ]; then
    printf '%s\n' "$text"
    return
  fi
  local before=${text%%"      mirror /copy;"*} after=${text#*"error_page 405 =204 @done;"}
  printf 'load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;\n'
  printf '%s\n' "${before/'http {'/"http {
  $(_receiver_choice "$RECEIVER_KIND")"}"
  printf '      %s' "$(_receiver_location "$RECEIVER_KIND")"
  printf '%s\n' "${after/'location @done'/"location = /taken { internal; echo_status 204; echo_reset_timer; }
    location = /refused { internal; echo_status 503; echo_reset_timer; }
    location @done"}"
}

receiver_start() {
  RECEIVER_PROTOCOL=$4 RECEIVER_KIND=$5 nginx_start "$1" "$2" "$3"
}
