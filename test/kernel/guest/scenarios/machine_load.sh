# The whole machine beside the kernel's own averages, in step with the kernel's ticks: changes fall between them.
mkdir -p /out/machine-load /run/machine
kernel() {
  read -r one five fifteen rest < /proc/loadavg
  echo "$one $five $fifteen"
}
now() { # hundredths of a second
  read -r up rest < /proc/uptime
  echo $((${up%.*} * 100 + 1${up#*.} - 100))
}
until_time() { # until_time HUNDREDTHS
  left=$(($1 - $(now)))
  [ $left -gt 0 ] && usleep ${left}0000
}
tick() { # waits for the kernel's next update: something must change, or nobody sees it
  before=$(kernel)
  while [ "$(kernel)" = "$before" ]; do usleep 20000; done
}
blocked 2 300 &
sleep 2
tick
killall -9 blocked
tick
start=$(now)
until_time $((start + 50))
PROCG_RUN=/run/machine procg loadcalc --cgroup / --no-listen --no-socket --no-history 2> /out/machine-load/stderr &
daemon=$!
wait_for /run/machine/loadavg
until_time $((start + 440))
echo "0 $(kernel) $(cut -d' ' -f1-3 /run/machine/loadavg)" > /out/machine-load/log
period=0
for step in 0:2 3:7 1:5 busy:4 5:5 0:3; do
  case $step in
    busy:*) load -b 1 -t 200 > /dev/null & ;;
    0:*) ;;
    *) blocked "${step%:*}" 200 & ;;
  esac
  for turn in $(seq "${step#*:}"); do
    period=$((period + 1))
    # LOAD_FREQ is 5 s and one tick of 250 Hz. Shortly before the next: loadcalc has had its own, however slow it started.
    until_time $((start + period * 50040 / 100 + 440))
    echo "$period $(kernel) $(cut -d' ' -f1-3 /run/machine/loadavg)" >> /out/machine-load/log
  done
  killall -9 blocked load 2> /dev/null
done
kill $daemon
wait $daemon
echo $? > /out/machine-load/rc
