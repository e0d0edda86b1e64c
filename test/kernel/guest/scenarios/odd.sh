# Odd trees of cgroup v2: controllers that a parent keeps, a threaded cgroup, a process in the middle of a frozen tree.
[ "$GUEST_mode" = v2 ] || return 0
# The parent has limits, and gives its child only cpu.
mkdir $G/k
echo $((32 * M)) > $G/k/memory.max
echo 0 > $G/k/memory.swap.max
echo "40000 100000" > $G/k/cpu.max
echo 12 > $G/k/pids.max
echo +cpu > $G/k/cgroup.subtree_control
mkdir $G/k/c
inside k/c load -m 8 -t 300 -p /tmp/kept > /dev/null &
wait_for /tmp/kept
say kept k/c
say kept-private -C k/c
truth kept/parent k
empty k/c
# A threaded child: memory belongs to its domain alone, its own cgroup.procs cannot be read.
mkdir $G/th
echo $((40 * M)) > $G/th/memory.max
echo "50000 100000" > $G/th/cpu.max
mkdir $G/th/a
echo threaded > $G/th/a/cgroup.type
echo "+cpu +pids" > $G/th/cgroup.subtree_control
echo "20000 100000" > $G/th/a/cpu.max
enter -g $G/th -g $G/th/a load -m 8 -t 300 -p /tmp/threaded > /dev/null &
wait_for /tmp/threaded
mkdir -p /out/threaded
# shellcheck disable=SC2016
enter -g $G/th -g $G/th/a sh -c 'for t in free nproc doctor metric; do procg $t --json > /out/threaded/$t.json 2> /out/threaded/$t.err; done
  procg top -b -n 1 --json > /out/threaded/top.json 2> /out/threaded/top.err; cat /proc/1/cgroup > /out/threaded/cgroup'
truth threaded/domain th
truth threaded/truth th/a
# Whose threads, when /proc shows all of them.
PROCG_RUN=/run/threaded procg top -b -n 1 --json --cgroup /th/a > /out/threaded/outside.json 2> /out/threaded/outside.err
kill -9 $(cat $G/th/cgroup.procs)
