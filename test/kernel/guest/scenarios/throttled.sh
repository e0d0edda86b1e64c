# A quota of 0.2 that two busy threads want all of.
make_group h
quota h 20000
inside h load -b 2 -t 300 -p /tmp/throttled > /dev/null &
wait_for /tmp/throttled
sleep 1
watch throttled h
# A wider quota under the same load shows in the next look.
quota h 100000
sleep 1
watch unthrottled h
empty h
