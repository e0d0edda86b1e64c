# Frozen, seen from outside: every thread of it shows D on v1, and counts for nothing.
make_group f
memory f $((96 * M))
quota f 150000
inside f load -b 2 -t 300 -p /tmp/frozen > /dev/null &
wait_for /tmp/frozen
mkdir -p /out/frozen /run/frozen
freeze f 1
sleep 1
for t in free nproc; do procg $t --json --cgroup /f > /out/frozen/$t.json; done
procg metric --cgroup /f > /out/frozen/metric.json
PROCG_RUN=/run/frozen procg loadcalc --once --no-listen --no-socket --no-history --cgroup /f > /out/frozen/load 2> /out/frozen/load.err
truth frozen/truth f
freeze f 0
PROCG_RUN=/run/frozen procg loadcalc --once --no-listen --no-socket --no-history --cgroup /f > /out/frozen/thawed 2>> /out/frozen/load.err
empty f
