# Pid 1 of the demo's namespaces. Arguments: folder of the demo, the load program, procg, the real file for the cache.
# Variables: CGROUPS = lines "mount point below /sys/fs/cgroup, the container's directory"; TOOLS = what to print.
set -e
folder=$1 load=$2 procg=$3 file=$4

# What a runtime shows: the container's own directory at each controller's mount point, read-only. The binds are made
# in a folder aside, the host's tree is taken away, then the folder is moved to its place. All of it in our mount namespace.
# Canonical sysfs has an empty directory fs/cgroup for that purpose.
view=$folder/view
mkdir "$view"
mount -t tmpfs -o mode=755,size=64k procg-demo "$view"
while read -r name directory; do
  [ -n "$directory" ] || continue
  if [ "$name" = . ]; then
    mount --bind "$directory" "$view"
    mount -o remount,bind,ro "$view"
  else
    mkdir "$view/$name"
    mount --bind "$directory" "$view/$name"
    mount -o remount,bind,ro "$view/$name"
  fi
done < "$folder/cgroups"
umount -l /sys/fs/cgroup
mount --move "$view" /sys/fs/cgroup
hostname procg-demo 2> /dev/null || true

"$load" -m 100 -w 60 -f "$file" -r "$file" -b 2 -t 600 -p "$folder/ready" > /dev/null &
i=0
while [ ! -e "$folder/ready" ]; do
  i=$((i + 1))
  [ "$i" -lt 300 ] || { echo "the load did not come up" >&2; exit 1; }
  sleep 0.1
done
# So that uptime has something to tell.
sleep 2

say() {
  echo "@ $1"
  shift
  "$@" 2>&1 || echo "(exit $?)"
}
# LC_ALL=C: the classic tools translate.
export LC_ALL=C
for tool in free nproc uptime; do
  arguments=
  [ "$tool" = free ] && arguments=-m
  if command -v "$tool" > /dev/null; then say "system $tool" "$tool" $arguments; else say "system $tool" echo "(no $tool on this machine)"; fi
  # shellcheck disable=SC2086 # no argument is one too many
  say "procg $tool" "$procg" "$tool" $arguments
done
echo "@ end"
# Stays until the reader has looked at the kernel's files from outside.
read -r _ || true
