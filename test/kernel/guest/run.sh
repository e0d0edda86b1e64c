# The case: scenarios one after the other, each with what procg says and what the kernel's own files say, below /out/NAME.
G=/sys/fs/cgroup
M=$((1024 * 1024))

# Where the controllers of the test cgroups live: one directory on v2, several on v1 and hybrid.
dirs() { # dirs NAME
  case $GUEST_mode in
    v2) echo "$G/$1" ;;
    *) for c in cpu,cpuacct cpuset memory freezer blkio pids; do [ -d $G/$c ] && echo "$G/$c/$1"; done
       [ -f $G/unified/cgroup.controllers ] && echo "$G/unified/$1" ;;
  esac
}
make_group() { # make_group NAME
  for d in $(dirs "$1"); do
    mkdir -p "$d"
    case $d in
      $G/cpuset/*) cat $G/cpuset/cpuset.mems > "$d/cpuset.mems"; [ -s "$d/cpuset.cpus" ] && grep -q . "$d/cpuset.cpus" || cat $G/cpuset/cpuset.cpus > "$d/cpuset.cpus" ;;
    esac
  done
}
# The file of a controller, wherever it lives.
file() { # file NAME FILE
  for d in $(dirs "$1"); do [ -e "$d/$2" ] && echo "$d/$2" && return; done
}
put() { # put NAME FILE VALUE
  f=$(file "$1" "$2")
  [ -n "$f" ] && echo "$3" > "$f"
}
memory() { # memory NAME BYTES
  if [ -n "$(file "$1" memory.max)" ]; then
    put "$1" memory.max "$2"
  else
    put "$1" memory.limit_in_bytes "$2"
  fi
}
no_swap() {
  if [ -n "$(file "$1" memory.swap.max)" ]; then
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
inside() { # inside [-C] NAME COMMAND...
  private=
  [ "$1" = -C ] && private=-C && shift
  name=$1
  shift
  set -- "$@"
  groups=
  for d in $(dirs "$name"); do groups="$groups -g $d"; done
  enter $private $groups "$@"
}
truth() { # truth SCENARIO NAME: the kernel's files, copied
  mkdir -p "/out/$1/truth"
  for d in $(dirs "$2"); do
    for f in memory.current memory.max memory.stat memory.events memory.swap.max memory.swap.current cpu.max cpu.stat \
      cpuset.cpus.effective pids.current pids.max memory.usage_in_bytes memory.limit_in_bytes memory.memsw.limit_in_bytes \
      memory.oom_control cpu.cfs_quota_us cpu.cfs_period_us cpuset.effective_cpus cpuset.cpus; do
      [ -r "$d/$f" ] && cat "$d/$f" > "/out/$1/truth/$f"
    done
  done
  cat /proc/meminfo > "/out/$1/truth/meminfo"
}
say() { # say SCENARIO [-C] NAME: every tool's document from inside
  mkdir -p "/out/$1"
  scenario=$1
  shift
  private=
  [ "$1" = -C ] && private=-C && shift
  # shellcheck disable=SC2016
  inside $private "$1" sh -c 'for t in free nproc uptime doctor; do procg $t --json > /out/'"$scenario"'/$t.json 2> /out/'"$scenario"'/$t.err; echo $? > /out/'"$scenario"'/$t.rc; done'
  truth "$scenario" "$1"
}

# Limits, with a load of known size: 20 MB anonymous, two busy threads.
make_group t
memory t $((64 * M))
no_swap t
quota t 50000
put t cpuset.cpus 1
put t pids.max 20
inside t load -m 20 -b 2 -t 25 -p /tmp/ready > /dev/null &
while [ ! -e /tmp/ready ]; do sleep 0.2; done
sleep 1
say limits t
say limits-private -C t

# Changed while it runs. v1: memory + swap must stay above memory, so it is raised first.
put t memory.memsw.limit_in_bytes $((96 * M))
memory t $((96 * M))
quota t 150000
put t cpuset.cpus 0-1
say changed t

# A parent that is tighter than its child; v1 refuses the quota, v2 takes it.
make_group p
memory p $((48 * M))
quota p 30000
if [ "$GUEST_mode" = v2 ]; then delegate $G/p; fi
make_group p/c
memory p/c $((64 * M))
[ -n "$(file p/c cpu.max)" ] && quota p/c 50000
say nested p/c
say nested-private -C p/c

# What the host tells of the hidden parent; and a file of another boot.
register() { # register BOOT_ID
  mkdir -p /run/procg/host
  cat > /run/procg/host/instance.json <<EOF
{"schema":"procg.instance/v1","id":"0123","bootId":"$1","initStartTicks":START,
 "hiddenLimits":{"memoryBytes":$((48 * M)),"swapBytes":"max","cpuCores":0.3,"pids":"max"}}
EOF
}
for kind in registered stale; do
  id=$(cat /proc/sys/kernel/random/boot_id)
  [ $kind = stale ] && id=00000000-0000-0000-0000-000000000000
  register "$id"
  mkdir -p /out/$kind
  # The init writes its own start into the file: outside nobody knows it before it runs.
  # shellcheck disable=SC2016
  inside -C p/c sh -c 'start=$(cut -d" " -f22 /proc/1/stat); sed -i "s/START/$start/" /run/procg/host/instance.json
    for t in free nproc doctor; do procg $t --json > /out/'$kind'/$t.json 2> /out/'$kind'/$t.err; done'
  truth $kind p/c
done
rm -r /run/procg

# An OOM kill: 100 MB into 64 MB. The shell survives.
make_group o
memory o $((64 * M))
no_swap o
inside o sh -c 'load -m 100 > /dev/null; true'
truth oom o
say oom o

# Swap allowed, where the guest has some.
make_group s
memory s $((64 * M))
if [ -n "$(file s memory.swap.max)" ]; then put s memory.swap.max $((32 * M)); else put s memory.memsw.limit_in_bytes $((96 * M)); fi
say swap s

# Frozen, seen from outside.
if [ -n "$(file t cgroup.freeze)" ]; then put t cgroup.freeze 1; else put t freezer.state FROZEN; fi
mkdir -p /out/frozen
procg free --json --cgroup /t > /out/frozen/free.json
procg nproc --json --cgroup /t > /out/frozen/nproc.json
if [ -n "$(file t cgroup.freeze)" ]; then put t cgroup.freeze 0; else put t freezer.state THAWED; fi

# A CPU that is taken away.
echo 0 > /sys/devices/system/cpu/cpu1/online
make_group n
say offline n
echo 1 > /sys/devices/system/cpu/cpu1/online

# The guest itself is no container.
mkdir -p /out/machine
for t in free nproc uptime doctor; do procg $t --json > /out/machine/$t.json; done
cat /proc/meminfo > /out/machine/meminfo
true
