# The guest has 64 MiB of swap.
. /case/lxcfs.sh
swap_step() { # swap_step STEP SWAP_MAX MB
  make_group "s-$1"
  memory "s-$1" $((96 * M))
  put "s-$1" memory.swap.max "$2"
  start_container "s-$1" -C
  [ "$3" -gt 0 ] && load_in "s-$1" -m "$3"
  settle
  look "swap/$1" "s-$1"
  empty "s-$1"
}
swap_step forbidden 0 0
swap_step some $((32 * M)) 0
swap_step used $((32 * M)) 112
swap_step max max 0
