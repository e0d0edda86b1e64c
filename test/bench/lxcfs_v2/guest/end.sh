# The daemons have ended.
. /case/lxcfs.sh
start_container e -C
memory e $((256 * M))
mkdir -p /out/end
for version in $VERSIONS; do
  pid=$(cat "/run/lxcfs-$version")
  join -t "$(init_of e)" -b "/lxcfs/$version" sh -c 'touch /tmp/bound; sleep 4; cat /proc/meminfo' > "/out/end/meminfo-$version" 2> "/out/end/error-$version" &
  wait_for /tmp/bound
  rm /tmp/bound
  grep -E '^(VmRSS|RssAnon|Threads)' "/proc/$pid/status" > "/out/end/status-$version"
  kill -9 "$pid"
done
sleep 6
ours e procg free --json > /out/end/free.json
