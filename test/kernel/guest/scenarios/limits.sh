# Limits, with a load of known size: 20 MB anonymous.
make_group t
memory t $((64 * M))
no_swap t
quota t 50000
put t cpuset.cpus 1
put t pids.max 20
inside t load -m 20 -t 300 -p /tmp/ready > /dev/null &
wait_for /tmp/ready
sleep 1
say limits t
say limits-private -C t

# Changed while it runs. v1: memory + swap must stay above memory, so it is raised first.
put t memory.memsw.limit_in_bytes $((96 * M))
memory t $((96 * M))
quota t 150000
put t cpuset.cpus 0-1
say changed t

# And taken away.
if is_v2 t; then memory t max; else
  put t memory.memsw.limit_in_bytes -1
  memory t -1
fi
if [ -n "$(file t cpu.max)" ]; then quota t max; else quota t -1; fi
say unlimited t
empty t

# What lxcfs' own test asks: one CPU, 64 MiB, an uptime of its own, and no empty answer in 25 runs.
make_group x
memory x $((64 * M))
no_swap x
put x cpuset.cpus 0
mkdir -p /out/one-cpu
# shellcheck disable=SC2016
inside x sh -c 'procg uptime --json > /out/one-cpu/uptime.json
  for i in $(seq 25); do procg free -k | grep -c "^Mem: *65536 "; done > /out/one-cpu/runs
  procg free -k | (sleep 1; cat) > /out/one-cpu/slow-pipe
  procg top -b -n 1 --json > /out/one-cpu/top.json
  procg vmstat --json > /out/one-cpu/vmstat.json'
