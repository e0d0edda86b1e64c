# Swap allowed, where the guest has some: 32 MiB of 64. First unused, then 16 MB too many in 32 MiB.
make_group s
memory s $((64 * M))
if is_v2 s; then put s memory.swap.max $((32 * M)); else put s memory.memsw.limit_in_bytes $((96 * M)); fi
say swap s
make_group s2
memory s2 $((32 * M))
if is_v2 s2; then put s2 memory.swap.max $((32 * M)); else put s2 memory.memsw.limit_in_bytes $((64 * M)); fi
inside s2 load -m 44 -t 300 -p /tmp/swapped > /dev/null &
wait_for /tmp/swapped
truth swap-used/before s2
for t in free doctor metric; do procg $t --json --cgroup /s2 > /out/swap-used/$t.json; done
procg vmstat --json --cgroup /s2 > /out/swap-used/vmstat.json
truth swap-used/after s2
empty s2
