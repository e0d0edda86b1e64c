# A CPU set that changes, and CPUs that are taken away, one of them in the middle.
make_group u
put u cpuset.cpus 1-2
make_group n
say cpuset u
echo 0 > /sys/devices/system/cpu/cpu1/online
say offline n
say offline-cpuset u
procg top -b -n 1 --json > /out/offline/top.json
procg top -b -n 1 -1 > /out/offline/top.txt
echo 1 > /sys/devices/system/cpu/cpu1/online
put u cpuset.cpus 0,2
say cpuset-changed u
