# A disk, read around the page cache at 2 MB/s at most; what is left when it is over is exact.
data=$(disk data)
number=$(cat /sys/class/block/${data##*/}/dev)
make_group d
if [ -n "$(file d io.max)" ]; then
  put d io.max "$number rbps=2097152 wiops=1000"
else
  put d blkio.throttle.read_bps_device "$number 2097152"
  put d blkio.throttle.write_iops_device "$number 1000"
fi
mkdir -p /out/io
echo "$number ${data##*/}" > /out/io/disk
inside d dd if="$data" of=/dev/null bs=128k count=80 iflag=direct 2> /dev/null &
reader=$!
sleep 0.5
truth io/before d
procg iostat --json --limits --cgroup /d 2 2 > /out/io/iostat.json 2> /out/io/iostat.err &
procg vmstat --json --cgroup /d 2 2 > /out/io/vmstat.json 2> /out/io/vmstat.err
wait $!
truth io/after d
wait $reader
inside d dd if=/dev/zero of="$data" bs=128k count=8 oflag=direct 2> /dev/null
truth io/end d
procg iostat --json --cgroup /d > /out/io/iostat-end.json
procg metric --cgroup /d > /out/io/metric.json
say io d
