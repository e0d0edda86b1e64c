# A parent that is tighter than its child; v1 refuses the quota, v2 takes it.
make_group p
memory p $((48 * M))
quota p 30000
make_group p/c
memory p/c $((64 * M))
[ -n "$(file p/c cpu.max)" ] && quota p/c 50000
say nested p/c
say nested-private -C p/c

# What the host tells of the hidden parent; and a file of another boot.
register() { # register BOOT_ID
  mkdir -p /run/procg/host
  cat > /run/procg/host/instance.json <<END
{"schema":"procg.instance/v1","id":"0123","bootId":"$1","initStartTicks":START,
 "hiddenLimits":{"memoryBytes":$((48 * M)),"swapBytes":"max","cpuCores":0.3,"pids":"max"}}
END
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
  truth $kind/truth p/c
done
rm -r /run/procg
