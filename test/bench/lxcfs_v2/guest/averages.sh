# Load averages: three busy threads, one, none; a container that is asked late, and one with threads in cgroups deep below it.
. /case/lxcfs.sh
BUSY=${GUEST_busy:-120}
ONE=${GUEST_one:-45}
NONE=${GUEST_none:-45}
mkdir -p /out/load
seconds() {
  t=$(now)
  echo "${t%.*}"
}
keep_load() { # keep_load NAME: loadcalc inside
  join -t "$(init_of "$1")" -g "$G/$1" procg loadcalc --no-listen --no-history 2>> /out/load/stderr &
  wait_for "/proc/$(init_of "$1")/root/run/procg/loadavg"
}
our_load() { # our_load NAME
  cat "/proc/$(init_of "$1")/root/run/procg/loadavg"
}
# Two with the same load: l has loadcalc and no reader, x is read through lxcfs and has no loadcalc; neither counts the other's doing.
for name in l x late deep; do
  start_container $name -C
  quota $name 60000
done
# No controller is given on to them, so that every level may have processes.
mkdir -p $G/deep/1/2/3/4/5
for name in l late deep; do keep_load $name; done
for version in $VERSIONS; do
  for name in x deep; do theirs "$version" $name cat /proc/loadavg > /dev/null; done
done

# The truth: threads in R and D of the container but of loadcalc, twice a second.
active() { # active NAME
  count=0
  while read -r tid; do
    read -r line < "/proc/$tid/stat" || continue
    case $line in *"(procg)"*) continue ;; esac
    line=${line##*) }
    case $line in R* | D*) count=$((count + 1)) ;; esac
  done < "$G/$1/cgroup.threads"
  echo "$(now) $count" >> "/out/load/truth-$1"
}
(while :; do
  active l 2> /dev/null
  active x 2> /dev/null
  sleep 0.5
done) &
sampler=$!
sleep 2
began=$(seconds)
now > /out/load/began
for name in l x late; do load_in $name -b 3; done
for below in 1/2/3 1/2/3/4 1/2/3/4/5; do
  join -t "$(init_of deep)" -g $G/deep/$below load -b 1 -t 99999 > /dev/null &
done
row() { # row LOG THEIRS OURS
  line=
  for version in $VERSIONS; do line="$line$(now) $(theirs "$version" "$2" cat /proc/loadavg)|"; done
  echo "$line$(now) $(our_load "$3")" >> "/out/load/$1"
}
elapsed() { echo $(($(seconds) - began)); }
until_second() {
  left=$(($1 - $(elapsed)))
  [ $left -gt 0 ] && sleep $left
}
next=7
stage=three
while [ $next -le $((BUSY + ONE + NONE)) ]; do
  if [ $stage = three ] && [ $next -gt "$BUSY" ]; then
    until_second "$BUSY"
    killall -9 load
    for name in l x; do load_in $name -b 1; done
    stage=one
  fi
  if [ $stage = one ] && [ $next -gt $((BUSY + ONE)) ]; then
    until_second $((BUSY + ONE))
    killall -9 load
    stage=none
  fi
  until_second $next
  row log x l
  if [ ! -f /out/load/deep ] && [ $next -ge 42 ]; then
    row deep deep deep
    # Ours where lxcfs serves the file.
    for version in $VERSIONS; do theirs "$version" deep procg uptime --json > "/out/load/beside-$version.json"; done
  fi
  [ ! -f /out/load/late ] && [ $next -ge 84 ] && row late late late
  next=$((next + 7))
done

# Every keeper is told to start anew: SIGUSR1 to lxcfs, an end and a start of loadcalc.
for name in l x; do load_in $name -b 3; done
sleep 15
row restart x l
for version in $VERSIONS; do kill -USR1 "$(cat "/run/lxcfs-$version")"; done
keeper=$(for p in $(cat $G/l/cgroup.procs); do [ "$(cat "/proc/$p/comm")" = procg ] && echo "$p"; done)
kill "$keeper"
sleep 1
keep_load l
for version in $VERSIONS; do theirs "$version" x cat /proc/loadavg > /dev/null; done
sleep 6
row restart x l
ours l ps -o pid > /out/load/pids
kill $sampler
killall -9 load 2> /dev/null
