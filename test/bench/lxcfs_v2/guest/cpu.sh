# What is used of what may be used, over ten seconds.
. /case/lxcfs.sh
period() { # period FOLDER NAME
  look "$1/from" "$2"
  ours "$2" procg top -b -n 2 -d 10 --json > "/out/$1/top.json" &
  for version in $VERSIONS; do
    theirs "$version" "$2" procg top -b -n 2 -d 10 --json > "/out/$1/top-$version.json" &
  done
  ours "$2" procg vmstat --json 9 2 > "/out/$1/vmstat.json" &
  ours "$2" procg metric --wait 9 > "/out/$1/metric.json" &
  for turn in 1 2 3 4 5 6 7 8 9 10; do
    for version in $VERSIONS; do theirs "$version" "$2" head -n 1 /proc/stat >> "/out/$1/stat-$version"; done
    echo "$(cut -d' ' -f1 /proc/uptime) $(grep usage_usec "$G/$2/cpu.stat")" >> "/out/$1/usage"
    sleep 1
  done
  look "$1/to" "$2"
  wait_tools
}
wait_tools() {
  for turn in $(seq 100); do
    pidof procg > /dev/null || return
    sleep 0.2
  done
}
start_container c -C
quota c 50000
load_in c -b 3
sleep 12
period cpu/throttled c
end_loads c
quota c max
# An idle one, beside two busy threads.
start_container w -C
start_container neighbour -C
load_in neighbour -b 2
sleep 1
period cpu/idle w
empty neighbour
# One busy thread of four CPUs.
load_in w -b 1
sleep 1
period cpu/quarter w
empty w
empty c
