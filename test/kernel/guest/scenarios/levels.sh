# Seven levels, as in lxcfs' own tests (scaled to this guest): each shows the tightest of what is above it.
path=
for level in 1 2 3 4 5 6 7; do
  path=${path:+$path/}l$level
  make_group "$path"
  case $level in
    1) memory "$path" $((100 * M)) ;;
    2) memory "$path" $((120 * M)) ;;
    4) memory "$path" $((80 * M)) ;;
    6) memory "$path" $((180 * M)) ;;
  esac
  if [ "$GUEST_mode" = v2 ]; then
    case $level in
      1) put "$path" cpu.max "150000 100000" ; put "$path" memory.swap.max $((48 * M)) ; put "$path" cpuset.cpus 0,2 ;;
      2) put "$path" cpu.max "400000 100000" ; put "$path" memory.swap.max $((60 * M)) ; put "$path" cpuset.cpus 0-2 ;;
      4) put "$path" cpu.max "100000 200000" ; put "$path" memory.swap.max $((90 * M)) ; put "$path" cpuset.cpus 0 ;;
      6) put "$path" cpu.max "300000 100000" ; put "$path" cpuset.cpus 0-1 ;;
    esac
  fi
  mkdir -p /out/levels/$level
  for t in free nproc; do procg $t --json --cgroup "/$path" > /out/levels/$level/$t.json; done
  truth "levels/$level/truth" "$path"
done
say levels "$path"
