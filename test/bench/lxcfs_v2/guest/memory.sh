# A container of 256 MiB, step by step.
. /case/lxcfs.sh
make_group m
memory m $((256 * M))
no_swap m
start_container m -C
step() {
  settle
  look "memory/$1" m
}
step idle
load_in m -m 150
step anonymous
end_loads m
load_in m -r /data/pages
step file
load_in m -s 80
step tmpfs
load_in m -m 60
step tmpfs-anonymous
# How much there is in fact: pages until the kernel ends the program, and says how many it had.
end_loads m
step before-all
# shellcheck disable=SC2016
within m sh -c 'echo 1000 > /proc/self/oom_score_adj; exec pages -a'
dmesg | grep 'Killed process' | tail -n 1 > /out/memory/before-all/killed
echo $((200 * M)) > $G/m/memory.max
step lowered
rm -f /dev/shm/*
empty m

# Pages of other kinds.
make_group k
memory k $((256 * M))
no_swap k
start_container k -C
rm -f /tmp/mark
within k sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do cat /tmp/block; done > /data/dirty'
settle
look memory/dirty k
rm /data/dirty
within k pages -f /data/own -p /tmp/mark &
wait_for /tmp/mark
settle
look memory/mapped k
end_loads k
rm -f /tmp/mark
within k pages -h 64 -p /tmp/mark &
wait_for /tmp/mark
settle
look memory/huge k
end_loads k
mkdir /data/many
# shellcheck disable=SC2016
within k sh -c 'for i in $(seq 6000); do : > /data/many/$i; done'
settle
look memory/slab k
empty k

# More used than allowed: pages of tmpfs, and nobody whom the kernel may end.
make_group over
memory over $((160 * M))
no_swap over
start_container over -C
echo -1000 > "/proc/$(init_of over)/oom_score_adj"
within over sh -c 'for i in $(seq 120); do cat /tmp/block; done > /dev/shm/big'
# In the background: the kernel tries for a while.
memory over $((60 * M)) &
settle
look memory/over over
memory over max
rm -f /dev/shm/*
empty over

# A soft limit, and none.
make_group h
memory h $((256 * M))
put h memory.high $((100 * M))
no_swap h
start_container h -C
settle
look memory/high h
empty h
start_container free -C
settle
look memory/unlimited free
empty free
