# A reader in a cgroup below the container's, with limits of its own (a job, a shell of a service manager).
. /case/lxcfs.sh
make_group sub
memory sub $((256 * M))
quota sub 150000
start_container sub -C
# Processes are in leaves only: the init moves, as systemd and Docker in Docker do it.
mkdir -p $G/sub/init $G/sub/job
echo "$(init_of sub)" > $G/sub/init/cgroup.procs
delegate $G/sub
memory sub/job $((64 * M))
quota sub/job 50000
init_of() { head -n 1 "$G/sub/init/cgroup.procs"; }
rm -f /tmp/mark
join -t "$(init_of)" -g $G/sub/job load -m 40 -t 99999 -p /tmp/mark > /dev/null &
wait_for /tmp/mark
settle
look reader/sub sub sub/job
mkdir -p /out/reader/self
for t in free nproc; do join -t "$(init_of)" -g $G/sub/job procg $t --json --cgroup self > /out/reader/self/$t.json; done
empty sub/job
empty sub/init
