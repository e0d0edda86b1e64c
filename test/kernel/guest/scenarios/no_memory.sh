# No memory controller in the kernel: the machine's memory is an upper bound, and what is used is not known.
make_group t
quota t 50000
put t cpuset.cpus 1
say no-memory t
say no-memory-private -C t
