# What the scenarios share. A container is a NAME: one directory on v2, several on v1 and hybrid.
G=/sys/fs/cgroup
M=$((1024 * 1024))

dirs() { # dirs NAME
  case $GUEST_mode in
    v2) echo "$G/$1" ;;
    *)
      for c in cpu,cpuacct cpuset memory freezer blkio pids; do [ -d $G/$c ] && echo "$G/$c/$1"; done
      [ -f $G/unified/cgroup.controllers ] && echo "$G/unified/$1"
      ;;
  esac
}
# Everything that the parents have is enabled for it; on v1 a cpuset needs CPUs and nodes of its own.
make_group() { # make_group NAME
  case $1 in
    */*)
      for d in $(dirs "${1%/*}"); do [ -f "$d/cgroup.subtree_control" ] && delegate "$d"; done
      ;;
  esac
  for d in $(dirs "$1"); do
    mkdir -p "$d"
    case $d in
      $G/cpuset/*)
        for f in cpuset.mems cpuset.cpus; do cat "${d%/*}/$f" > "$d/$f"; done
        ;;
    esac
  done
}
file() { # file NAME FILE: where it lives
  for d in $(dirs "$1"); do
    if [ -e "$d/$2" ]; then
      echo "$d/$2"
      return
    fi
  done
}
put() { # put NAME FILE VALUE
  f=$(file "$1" "$2")
  [ -n "$f" ] && echo "$3" > "$f"
}
is_v2() { [ -n "$(file "$1" memory.max)" ]; }
memory() { # memory NAME BYTES
  if is_v2 "$1"; then put "$1" memory.max "$2"; else put "$1" memory.limit_in_bytes "$2"; fi
}
no_swap() { # no_swap NAME: v1 needs its memory limit first
  if is_v2 "$1"; then
    put "$1" memory.swap.max 0
  else
    put "$1" memory.memsw.limit_in_bytes "$(cat "$(file "$1" memory.limit_in_bytes)")"
  fi
}
quota() { # quota NAME MICROSECONDS, of 100 ms
  if [ -n "$(file "$1" cpu.max)" ]; then
    put "$1" cpu.max "$2 100000"
  else
    put "$1" cpu.cfs_quota_us "$2"
  fi
}
freeze() { # freeze NAME 0|1
  if [ -n "$(file "$1" cgroup.freeze)" ] && [ "$GUEST_mode" = v2 ]; then
    put "$1" cgroup.freeze "$2"
  elif [ "$2" = 1 ]; then
    put "$1" freezer.state FROZEN
  else
    put "$1" freezer.state THAWED
  fi
}
inside() { # inside [-C] NAME COMMAND...: as a container's init
  private=
  [ "$1" = -C ] && private=-C && shift
  name=$1
  shift
  groups=
  for d in $(dirs "$name"); do groups="$groups -g $d"; done
  enter $private $groups "$@"
}
pids_of() { # pids_of NAME
  for d in $(dirs "$1"); do cat "$d/cgroup.procs"; done | sort -nu
}
empty() { # empty NAME: everything in it is killed and gone
  for turn in 1 2 3 4 5 6 7 8 9 10; do
    pids=$(pids_of "$1")
    [ -z "$pids" ] && return
    kill -9 $pids 2> /dev/null
    sleep 0.2
  done
  echo "guest: $1 cannot be emptied"
}
wait_for() { # wait_for FILE
  for turn in $(seq 150); do
    [ -e "$1" ] && return
    sleep 0.1
  done
  echo "guest: no $1"
}
# The kernel's files of a container and of the machine. Some can only be written, or not be read in this state: not an error.
truth() { # truth SCENARIO/FOLDER NAME
  mkdir -p "/out/$1"
  # The v2 directory of hybrid mode first: v1 has some names again, and more in them.
  for d in $(dirs "$2" | tac); do
    cp "$d"/memory.* "$d"/cpu.* "$d"/cpuacct.* "$d"/cpuset.* "$d"/pids.* "$d"/io.* "$d"/blkio.* "$d"/cgroup.* "$d"/freezer.* \
      "/out/$1/" 2> /dev/null
  done
  cp /proc/meminfo /proc/uptime "/out/$1/"
}
say() { # say SCENARIO [-C] NAME: every tool's document from inside
  mkdir -p "/out/$1"
  scenario=$1
  shift
  private=
  [ "$1" = -C ] && private=-C && shift
  # shellcheck disable=SC2016
  inside $private "$1" sh -c 'for t in free nproc uptime doctor; do procg $t --json > /out/'"$scenario"'/$t.json 2> /out/'"$scenario"'/$t.err; echo $? > /out/'"$scenario"'/$t.rc; done'
  truth "$scenario/truth" "$1"
}
# From outside, over a time: each tool by itself, all at once, the kernel's files before and after.
watch() { # watch SCENARIO NAME
  mkdir -p "/out/$1"
  truth "$1/before" "$2"
  procg top -b -n 2 -d 3 --json --cgroup "/$2" > "/out/$1/top.json" 2> "/out/$1/top.err" &
  one=$!
  procg vmstat --json --cgroup "/$2" 3 2 > "/out/$1/vmstat.json" 2> "/out/$1/vmstat.err" &
  two=$!
  procg tsar -l -i 3 --count 1 --json --cpu --throttle --psi --oom --pids --cgroup "/$2" > "/out/$1/tsar.json" 2> "/out/$1/tsar.err" &
  three=$!
  procg metric -w 3 --cgroup "/$2" > "/out/$1/metric.json" 2> "/out/$1/metric.err" &
  wait $one $two $three $!
  truth "$1/after" "$2"
}
