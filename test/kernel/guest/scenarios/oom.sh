# Two OOM kills: 100 MB into 64 MB. The shell survives, and top counts the second as new.
make_group o
memory o $((64 * M))
no_swap o
mkdir -p /out/oom
inside o sh -c 'load -m 100 > /dev/null; sleep 20' &
for turn in $(seq 100); do
  sleep 0.2
  cat "$(file o memory.events)" "$(file o memory.oom_control)" 2> /dev/null | grep -q '^oom_kill 1' && break
done
truth oom/first o
procg top -b -n 2 -d 6 --json --cgroup /o > /out/oom/top.json 2> /out/oom/top.err &
top=$!
sleep 2
inside o sh -c 'load -m 100 > /dev/null; true'
wait $top
truth oom/truth o
procg metric --cgroup /o > /out/oom/metric.json
say oom o
empty o
