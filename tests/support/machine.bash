# A Debian 12 of its own, made by debootstrap and booted with its systemd in namespaces: units run as on a host. For root. It has a network
# of its own with nothing but loopback; packages are installed while it is not booted.
#
#   machine_make FOLDER              a bare Debian; fails when the mirror does not answer within ten minutes
#   machine_chroot FOLDER COMMAND…   runs a command in it while it is not booted
#   machine_boot FOLDER              returns when systemd is up
#   machine_run FOLDER COMMAND…      runs a command in the booted machine
#   FOLDER.pid                       its first process, for nsenter: -n is its network
#   machine_stop FOLDER

machine_make() { timeout -k 5 600 debootstrap --variant=minbase bookworm "$1" >"$1.log" 2>&1; }

machine_chroot() {
  local folder=$1
  shift
  timeout -k 5 600 chroot "$folder" env -i PATH=/usr/sbin:/usr/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# Becomes the first process of the machine.
# shellcheck disable=SC2016 # for the shell in there
_machine_init='
set -e
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  touch dev/$device
  mount --bind /dev/$device dev/$device
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ip link set lo up
pivot_root . mnt
umount -l /mnt
# Credentials are mounted by a process of their own, from which they must come back.
mount --make-rshared /
exec env -i container=other PATH=/usr/sbin:/usr/bin /lib/systemd/systemd --log-target=journal --show-status=no'

machine_boot() {
  local folder=$1 try
  unshare --net --mount --pid --fork --kill-child --uts --ipc --cgroup --propagation private bash -c "$_machine_init" init "$folder" >"$folder.boot" 2>&1 3>&- &
  echo $! >"$folder.unshare"
  for try in $(seq 120); do
    pgrep -P "$(cat "$folder.unshare")" >"$folder.pid" && machine_run "$folder" systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' && return
    sleep 0.5
  done
  echo "systemd is not up after $((try / 2)) seconds:"
  cat "$folder.boot"
  return 1
}

machine_run() {
  local folder=$1
  shift
  timeout -k 5 60 nsenter -t "$(cat "$folder.pid")" -m -p -u -i -C -n env -i PATH=/usr/sbin:/usr/bin LANG=C.UTF-8 "$@" 3>&-
}

machine_stop() {
  [ ! -s "$1.unshare" ] || kill -KILL "$(cat "$1.unshare")" 2>/dev/null || true
}
