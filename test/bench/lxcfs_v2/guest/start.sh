# Every lxcfs, with the options that its users give it; the file system for files.
. /case/lxcfs.sh
insmod /case/fuse.ko
mkdir -p /out/start
for version in $VERSIONS; do
  d=/case/lxcfs/$version
  mkdir -p "/lxcfs/$version"
  "$d/ld.so" --library-path "$d" "$d/lxcfs" -f -l --enable-cfs --enable-pidfd -p "/run/lxcfs-$version.pid" "/lxcfs/$version" \
    > "/out/start/$version" 2>&1 &
  echo $! > "/run/lxcfs-$version"
done
for version in $VERSIONS; do wait_for "/lxcfs/$version/proc/meminfo"; done
for version in $VERSIONS; do ls "/lxcfs/$version/proc" "/lxcfs/$version/proc/pressure" > "/out/start/files-$version" 2>&1; done
mke2fs "$(disk data)" > /dev/null 2>&1
mkdir -p /data
mount "$(disk data)" /data || echo "guest: no file system"
# What is written stays dirty until it is looked at.
echo 0 > /proc/sys/vm/dirty_writeback_centisecs
echo 95 > /proc/sys/vm/dirty_ratio
echo 90 > /proc/sys/vm/dirty_background_ratio
dd if=/dev/urandom of=/tmp/block bs=1M count=1 2> /dev/null
fill() { # fill FILE MB
  for i in $(seq "$2"); do cat /tmp/block; done > "$1"
}
fill /data/pages 100
fill /data/own 20
fill /data/foreign 60
sync
echo 3 > /proc/sys/vm/drop_caches
uname -r > /out/start/kernel
