# Memory above memory.high, IO above io.max: the kernel lets them wait, and counts how long.
data=$(disk data)
number=$(cat /sys/class/block/${data##*/}/dev)
make_group m
if [ -z "$(file m memory.high)" ]; then
  mkdir -p /out/pressure
  procg metric --cgroup /m > /out/pressure/metric.json
  return 0
fi
memory m $((64 * M))
put m memory.high $((24 * M))
put m memory.min $((4 * M))
put m io.max "$number rbps=1048576"
inside m sh -c 'while :; do load -m 40; done > /dev/null & dd if='"$data"' of=/dev/null bs=64k iflag=direct 2> /dev/null & wait' &
sleep 3
watch pressure m
for t in free doctor; do procg $t --json --cgroup /m > /out/pressure/$t.json; done
empty m
