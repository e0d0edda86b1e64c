# Limits above the container's: its own is not what counts.
. /case/lxcfs.sh
register() { # register NAME: the companion on the host tells the container what is hidden from it
  procg host register --engine none --pid "$(init_of "$1")" --json > /out/nested/register.json 2> /out/nested/register.err
}
mkdir -p /out/nested
for view in seen hidden; do
  private=
  BESIDE=1
  if [ $view = hidden ]; then
    private=-C
    BESIDE=
  fi
  # A neighbour below the same limited parent.
  p=p-$view
  make_group $p
  memory $p $((300 * M))
  no_swap $p
  start_container $p/c $private
  make_group $p/neighbour
  start_container $p/neighbour
  load_in $p/neighbour -m 200
  settle
  look nested/sibling-$view $p/c
  if [ $view = hidden ]; then
    register $p/c
    look nested/sibling-registered $p/c
  fi
  # shellcheck disable=SC2016
  within $p/c sh -c 'echo 1000 > /proc/self/oom_score_adj; exec pages -a'
  dmesg | grep 'Killed process' | tail -n 1 > /out/nested/sibling-$view/killed
  empty $p/neighbour
  empty $p/c
  # A parent that is tighter than its child, in everything.
  n=n-$view
  make_group $n
  memory $n $((160 * M))
  put $n memory.swap.max $((16 * M))
  quota $n 50000
  put $n cpuset.cpus 0-2
  make_group $n/c
  memory $n/c $((256 * M))
  put $n/c memory.swap.max $((32 * M))
  quota $n/c 200000
  put $n/c cpuset.cpus 1-3
  start_container $n/c $private
  settle
  look nested/tighter-$view $n/c
  if [ $view = hidden ]; then
    register $n/c
    look nested/tighter-registered $n/c
  fi
  empty $n/c
done
