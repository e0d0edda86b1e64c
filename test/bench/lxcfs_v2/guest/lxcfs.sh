# What the scenarios share, beside functions.sh. Containers are as Docker makes them on v2: a cgroup, namespaces of their own, and (with -C) a
# view of cgroupfs in which the parents are hidden.
VERSIONS=$(ls /case/lxcfs)

init_of() { # init_of NAME: its pid 1, by the guest's number
  head -n 1 "$G/$1/cgroup.procs"
}
start_container() { # start_container NAME [-C]
  make_group "$1"
  inside $2 "$1" sh -c 'mount -t tmpfs run /run; exec sleep 99999' > /dev/null &
  for turn in $(seq 150); do
    pid=$(init_of "$1")
    [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm")" = sleep ] && return
    sleep 0.1
  done
  echo "guest: no container $1"
}
within() { # within NAME COMMAND...: a program of the container, charged to it
  group=$1
  shift
  join -t "$(init_of "$group")" -g "$G/$group" "$@"
}
ours() { # ours NAME COMMAND...: in its view, charged to nobody
  group=$1
  shift
  join -t "$(init_of "$group")" "$@"
}
theirs() { # theirs VERSION NAME COMMAND...: the same, with that lxcfs' files over /proc
  version=$1
  group=$2
  shift 2
  join -t "$(init_of "$group")" -b "/lxcfs/$version" "$@"
}
load_in() { # load_in NAME OPTION...: returns when the load stands
  rm -f /tmp/mark
  group=$1
  shift
  within "$group" load "$@" -t 99999 -p /tmp/mark > /dev/null &
  wait_for /tmp/mark
}
end_loads() { # end_loads NAME: everything but its init
  init=$(init_of "$1")
  for turn in $(seq 50); do
    pids=$(grep -vx "$init" "$G/$1/cgroup.procs")
    [ -z "$pids" ] && return
    kill -9 $pids 2> /dev/null
    sleep 0.1
  done
}
now() { cut -d' ' -f1 /proc/uptime; }
# The kernel flushes its counters of memory every 2 s.
settle() { sleep 2.5; }
parents() { # parents NAME: the cgroups above it, nearest first
  up=$1
  while [ "$up" != "${up%/*}" ]; do
    up=${up%/*}
    echo "$up"
  done
}
# What each lxcfs shows inside, the kernel's files of the cgroup and its parents from outside, what ours say; usage again, so that a moment
# in which something moved can be told. BESIDE: ours with lxcfs run in the container's cgroup; in a mount namespace apart and a cgroup apart they
# would take themselves for another container that shares the pid namespace.
look() { # look FOLDER NAME [THROUGH]: with THROUGH, the tools run in that cgroup
  o=/out/$1
  pid=$(init_of "$2")
  via=${3:+-g $G/$3}
  its=$G/${3:-$2}
  for version in $VERSIONS; do
    mkdir -p "$o/$version"
    now > "$o/$version/read-at"
    # shellcheck disable=SC2016
    join -t "$pid" $via -b "/lxcfs/$version" sh -c 'cd /proc; cp meminfo stat uptime loadavg cpuinfo diskstats '"$o/$version"'
      cp /sys/devices/system/cpu/online '"$o/$version"'
      for f in cpu io memory; do cat pressure/$f > '"$o/$version"'/pressure-$f; done
    '
    join -t "$pid" ${BESIDE:+-g $its} -b "/lxcfs/$version" procg free --json > "$o/$version/free.json" 2> /dev/null
    # Affinity is that of the process: it must be in the container's CPU set.
    join -t "$pid" -g "$its" -b "/lxcfs/$version" nproc > "$o/$version/nproc"
  done
  mkdir -p "$o/ours"
  truth "$1/truth" "$2"
  cp "/proc/$pid/stat" "$o/truth/init"
  level=0
  for parent in $(parents "$2"); do
    level=$((level + 1))
    truth "$1/parent$level" "$parent"
  done
  now > "$o/ours/read-at"
  # shellcheck disable=SC2016
  join -t "$pid" $via sh -c 'for t in uptime free metric vmstat iostat; do
      case $t in metric) j= ;; *) j=--json ;; esac
      procg $t $j > '"$o"'/ours/$t.json 2> '"$o"'/ours/$t.err
    done'
  join -t "$pid" -g "$its" procg nproc --json > "$o/ours/nproc.json"
  cp "$G/$2/memory.current" "$o/current-after"
}
