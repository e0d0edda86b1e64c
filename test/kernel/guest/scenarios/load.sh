# Load averages over minutes, of a container with a loadcalc inside. The number of blocked threads changes right after a sample, so that
# the count at each of loadcalc's own ticks is known. Frozen for three periods in the middle, with six of them.
make_group load
mkdir -p /out/load
inside load sh -c 'mount -t tmpfs run /run; procg loadcalc --listen 127.0.0.1:19111 --no-history & while :; do sleep 3000; done' \
  2> /out/load/stderr &
ask() { printf 'GET /v1/load HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' | timeout 5 nc 127.0.0.1 19111 | tail -n 1; }
seen() { ask | sed -n 's/.*"samples":\([0-9]*\),"missedPeriods":\([0-9]*\).*/\1.\2/p'; }
next() { # waits for a sample
  now=$(seen)
  for turn in $(seq 100); do
    [ -n "$now" ] && [ "$(seen)" != "$now" ] && return
    [ -z "$now" ] && now=$(seen)
    sleep 0.2
  done
  echo "guest: no sample of loadcalc"
}
joined=$(for d in $(dirs load); do echo "echo 0 > $d/cgroup.procs;"; done)
next
samples() { # samples COUNT BLOCKED
  for turn in $(seq "$1"); do
    next
    echo "$2 $(ask)" >> /out/load/log
  done
}
for step in 3:4 0:2 1:3 6:2:frozen 2:3; do
  count=${step%%:*}
  turns=${step#*:}
  nsenter -t "$(pids_of load | head -n 1)" -p sh -c "$joined exec blocked $count 200" &
  samples "${turns%:*}" "$count"
  if [ "${step##*:}" = frozen ]; then
    truth load/before load
    freeze load 1
    sleep 16
    freeze load 0
    samples 2 "$count"
    truth load/after load
  fi
  killall -9 blocked
done
truth load/truth load
empty load
