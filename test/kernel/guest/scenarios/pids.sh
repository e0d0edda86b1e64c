# Eight tasks at most, twelve asked for.
make_group q
put q pids.max 8
# shellcheck disable=SC2016
inside q sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do (sleep 300 &) ; done; : > /tmp/forked; exec sleep 300' 2> /dev/null &
wait_for /tmp/forked
sleep 1
truth pids/truth q
procg metric --cgroup /q > /out/pids/metric.json
procg top -b -n 1 --json --cgroup /q > /out/pids/top.json
procg tsar -l -i 1 --count 1 --json --pids --cgroup /q > /out/pids/tsar.json
truth pids/after q
empty q
