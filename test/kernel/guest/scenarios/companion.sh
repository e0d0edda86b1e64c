# The companion on a real kernel: registers by pid, reads and changes files under the names of both versions.
make_group g
memory g $((200 * M))
make_group g/c
memory g/c $((64 * M))
# A /run of its own, as runtimes make it.
inside -C g/c sh -c 'mount -t tmpfs run /run; touch /out/companion-ready; sleep 300' &
wait_for /out/companion-ready
mkdir -p /out/companion
pid=$(pids_of g/c | head -n 1)
procg host register --engine none --pid "$pid" --json > /out/companion/register.json 2> /out/companion/register.err
id=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' /out/companion/register.json | head -n 1)
nsenter -t "$pid" -m -p procg free --json > /out/companion/free.json 2> /out/companion/free.err
nsenter -t "$pid" -m -p procg doctor --json > /out/companion/doctor.json 2> /out/companion/doctor.err
asked() { # asked FILE KEY...
  to=$1
  shift
  procg host cgroup --engine none --direct --json "$@" > "/out/companion/$to.json" 2> "/out/companion/$to.err"
  echo $? > "/out/companion/$to.rc"
}
asked get "$id" memory.limit_in_bytes memory.max cpu.cfs_quota_us cpu.max cpuset.cpus pids.max
asked set "$id" memory.limit_in_bytes=80m memory.memsw.limit_in_bytes=100m cpu.cfs_quota_us=70000 cpu.shares=512 cpuset.cpus=1 pids.max=33
truth companion/truth g/c
asked set2 "$id" memory.max=88m cpu.max="60000 100000" cpu.weight=200 memory.swap.max=0
truth companion/truth2 g/c
asked refused "$id" cgroup.procs=1 memory.max=1k cpuset.cpus=77
empty g/c
