# Debian's nginx as a fast HTTPS receiver: it reads every request, answers 204, and writes a line. Sourced.
#
#   nginx_start DIR CERT KEY             where it runs already, it stays as it is; a later start keeps the port
#   nginx_port DIR
#   nginx_stop DIR                       at once
#
# HTTP/2 and HTTP/1.1 on a free port of 127.0.0.1. DIR/access.log has one JSON line a request, written just after the
# answer: {ts, connection, protocol, id, type, signature, status, bytes}. DIR also holds port, pid, nginx.conf and error.log.

# shellcheck source=tests/support/server.bash
source "${BASH_SOURCE[0]%/*}/server.bash"

_nginx_pid() { cat "$1/pid" 2>/dev/null; }

_nginx_configuration() { # DIR CERT KEY PORT
  local dir=$1 user=
  # The worker opens files below DIR, which may be closed to others than its owner.
  if [ "$EUID" -eq 0 ]; then user='user root;'; fi
  cat <<CONF
$user
worker_processes 1;
pid "$dir/pid";
error_log "$dir/error.log";
events { worker_connections 4096; }
http {
  log_format event escape=json '{"ts":\$msec,"connection":\$connection,"protocol":"\$server_protocol","id":"\$http_webhook_id",'
    '"type":"\$http_ce_type","signature":"\$http_webhook_signature","status":\$status,"bytes":\$request_length}';
  access_log "$dir/access.log" event;
  client_body_temp_path "$dir/temporary/body";
  proxy_temp_path "$dir/temporary/proxy";
  fastcgi_temp_path "$dir/temporary/fastcgi";
  uwsgi_temp_path "$dir/temporary/uwsgi";
  scgi_temp_path "$dir/temporary/scgi";
  client_max_body_size 0;
  client_body_buffer_size 64k;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  keepalive_time 24h;
  server {
    listen 127.0.0.1:$4 ssl http2;
    ssl_certificate "$2";
    ssl_certificate_key "$3";
    # return alone answers without reading the body, and after some thousand posts on one HTTP/2 connection nginx takes
    # the unread frames for a flood and closes it. mirror reads the body first (the copy goes nowhere); empty_gif then
    # refuses the method, and that becomes the answer.
    location / {
      mirror /copy;
      empty_gif;
      error_page 405 =204 @done;
    }
    location = /copy {
      internal;
      return 204;
    }
    location @done { return 204; }
  }
}
CONF
}

nginx_start() {
  local dir cert key port
  mkdir -p "$1/temporary" || return
  # It resolves paths by itself, from another folder.
  dir=$(realpath "$1") && cert=$(realpath -e "$2") && key=$(realpath -e "$3") || return
  if server_runs "$(_nginx_pid "$dir")" "$dir/nginx.conf"; then return 0; fi
  rm -f "$dir/pid"
  port=$(cat "$dir/port" 2>/dev/null) || port=$(server_free_port) || return
  for _ in {1..5}; do
    _nginx_configuration "$dir" "$cert" "$key" "$port" >"$dir/nginx.conf"
    # What it frees it keeps: many requests at once come and go, and each page that was given back is a fault again.
    if server_bare env MALLOC_TRIM_THRESHOLD_=67108864 MALLOC_MMAP_THRESHOLD_=67108864 /usr/sbin/nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log" >"$dir/errors" 2>&1; then
      # Its first process is gone before the one that stays has written its number.
      for _ in {1..100}; do
        if server_runs "$(_nginx_pid "$dir")" "$dir/nginx.conf"; then
          echo "$port" >"$dir/port"
          server_lifetime "$(_nginx_pid "$dir")" TERM
          return 0
        fi
        sleep 0.05
      done
      break
    fi
    grep -q 'Address already in use' "$dir/errors" || break
    port=$(server_free_port) || return
  done
  _server_say "nginx_start: $dir: $(grep -m1 emerg "$dir/errors" || tail -n 1 "$dir/error.log")"
}

nginx_port() { cat "$1/port"; }

nginx_stop() { server_stop "$(_nginx_pid "$1")" "$(realpath "$1" 2>/dev/null)/nginx.conf" TERM; }
