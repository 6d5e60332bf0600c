# Hosts of their own for one machine: network namespaces with a database, a receiver, and two hosts between them. Sourced; for root.
#
#       host a ──10.77.1.2──┐                ┌──10.77.2.2── host a
#                           ├─ db 10.77.1.1  ├─ rx 10.77.2.1
#       host b ──10.77.1.3──┘                └──10.77.2.3── host b
#
#   network_up PREFIX            makes PREFIX-db, PREFIX-rx, PREFIX-a and PREFIX-b
#   network_down PREFIX
#   network_why_not              prints why it cannot be; nothing when it can
#   at PREFIX-HOST COMMAND…      runs it there; a function is not a command
#   cut_off PREFIX db|rx HOST…   the cable is pulled: what is sent is lost in silence, both ways
#   heal PREFIX db|rx HOST…
#   reset_connections PREFIX HOST db|rx
#                                every connection of a host to the database or the receiver ends with an RST
#
# Nothing of it is in the namespace of the caller, so nothing can collide with the machine's own network but the names.

network_why_not() {
  [ "$EUID" -eq 0 ] || { echo "needs root, for network namespaces" && return; }
  local probe=ops$$probe
  ip netns add "$probe" 2>/dev/null || { echo "network namespaces cannot be made here" && return; }
  ip -n "$probe" link add probe type bridge 2>/dev/null || echo "bridges cannot be made here"
  ip netns delete "$probe"
}

network_up() {
  local prefix=$1 server net host number
  for host in db rx a b; do
    ip netns add "$prefix-$host" || return
    ip -n "$prefix-$host" link set lo up
  done
  for server in db rx; do
    if [ "$server" = db ]; then net=1; else net=2; fi
    ip -n "$prefix-$server" link add bridge type bridge
    ip -n "$prefix-$server" addr add "10.77.$net.1/24" dev bridge
    ip -n "$prefix-$server" link set bridge up
    number=1
    for host in a b; do
      number=$((number + 1))
      ip link add "to-$server" netns "$prefix-$host" type veth peer name "$host" netns "$prefix-$server"
      ip -n "$prefix-$host" addr add "10.77.$net.$number/24" dev "to-$server"
      ip -n "$prefix-$host" link set dev "to-$server" up
      ip -n "$prefix-$server" link set dev "$host" master bridge up
    done
  done
}

network_down() {
  local host
  for host in a b rx db; do ip netns delete "$1-$host" 2>/dev/null || true; done
}

at() { # NAMESPACE COMMAND…
  local namespace=$1
  shift
  exec ip netns exec "$namespace" "$@"
}

cut_off() { _network_cables "$@" down; }
heal() { _network_cables "$@" up; }
_network_cables() { # PREFIX SERVER HOST… up|down
  local prefix=$1 server=$2 state=${*: -1} host
  shift 2
  for host in "${@:1:$#-1}"; do ip -n "$prefix-$server" link set dev "$host" "$state"; done
}

reset_connections() {
  local net=1
  [ "$3" = db ] || net=2
  ip netns exec "$1-$2" ss --kill --no-header dst "10.77.$net.1" >/dev/null
}
