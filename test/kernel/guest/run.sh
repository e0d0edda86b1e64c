# The case: scenarios one after the other; each leaves what procg says and what the kernel's own files say below /out/NAME.
. /case/functions.sh
case ,$GUEST_scenarios, in
  *,load,*)
    # Minutes of load: it waits while the others work.
    . /case/scenarios/load.sh &
    load=$!
    ;;
esac
for scenario in $(echo "$GUEST_scenarios" | tr , ' '); do
  [ "$scenario" = load ] && continue
  echo "guest: $scenario at $(cut -d' ' -f1 /proc/uptime)"
  (. "/case/scenarios/$scenario.sh") || echo "guest: $scenario ended with $?"
done
if [ -n "$load" ]; then
  echo "guest: load at $(cut -d' ' -f1 /proc/uptime)"
  wait "$load" || echo "guest: load ended with $?"
fi
echo "guest: end at $(cut -d' ' -f1 /proc/uptime)"
true
