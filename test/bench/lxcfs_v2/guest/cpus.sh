# How many CPUs, of four.
. /case/lxcfs.sh
count() { # count STEP CPUSET QUOTA
  make_group "u-$1"
  put "u-$1" cpuset.cpus "$2"
  put "u-$1" cpu.max "$3"
  start_container "u-$1" -C
  look "cpus/$1" "u-$1"
  empty "u-$1"
}
count one 0 max
count half 0-3 "50000 100000"
count one-and-a-half 0-3 "150000 100000"
count third-of-two 1-2 "75000 250000"
# It asks for two of which its parent has one.
make_group r
put r cpuset.cpus 0
make_group r/c
put r/c cpuset.cpus 0-1
start_container r/c -C
look cpus/requested r/c
empty r/c
