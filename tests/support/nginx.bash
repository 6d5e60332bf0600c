# Debian's nginx as a fast HTTPS receiver on a free loopback port. Sourced, after cluster.bash.
#
#   nginx_start DIR CERT KEY             access log as JSON lines in DIR/access.log
#   nginx_port DIR
#   nginx_stop DIR

nginx_start() {
  local dir=$1 cert=$2 key=$3 port try user=
  mkdir -p "$dir"
  port=$(_cluster_free_port)
  echo "$port" >"$dir/port"
  if [ "$(id -u)" -eq 0 ]; then user='user root;'; fi
  # return answers without reading the body, and nginx then takes many posts on one HTTP/2 connection for
  # an attack. Passing it on to an inner server reads it.
  cat >"$dir/nginx.conf" <<CONF
$user
worker_processes 1;
pid $dir/pid;
error_log $dir/error.log;
events { worker_connections 1024; }
http {
  log_format events escape=json '{"id":"\$http_webhook_id","type":"\$http_ce_type","signature":"\$http_webhook_signature","status":\$status,"bytes":\$request_length,"protocol":"\$server_protocol"}';
  access_log off;
  client_body_temp_path $dir/body; proxy_temp_path $dir/proxy; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
  keepalive_requests 100000000;
  upstream inner { server unix:$dir/inner.sock; keepalive 64; }
  server { listen unix:$dir/inner.sock; keepalive_requests 100000000; location / { return 204; } }
  server {
    listen 127.0.0.1:$port ssl http2;
    ssl_certificate $cert;
    ssl_certificate_key $key;
    location / {
      access_log $dir/access.log events;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_pass http://inner;
    }
  }
}
CONF
  /usr/sbin/nginx -c "$dir/nginx.conf" 2>>"$dir/error.log" || { tail -n 3 "$dir/error.log" >&2; return 1; }
  for try in $(seq 50); do
    [ ! -s "$dir/pid" ] || return 0
    sleep 0.1
  done
  echo "nginx did not start within $((try / 10)) seconds, see $dir/error.log" >&2
  return 1
}

nginx_port() { cat "$1/port"; }

nginx_stop() { kill "$(cat "$1/pid" 2>/dev/null)" 2>/dev/null || true; }
