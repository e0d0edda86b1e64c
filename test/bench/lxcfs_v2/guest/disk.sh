# 20 MB by the container, 60 MB by a neighbour, around the page cache; then slowly, so that somebody waits.
. /case/lxcfs.sh
start_container d -C
start_container dn -C
look disk/from d
within d dd if=/data/own of=/dev/null bs=1M iflag=direct 2> /dev/null
within dn dd if=/data/foreign of=/dev/null bs=1M iflag=direct 2> /dev/null
look disk/to d
data=$(disk data)
put dn io.max "$(cat "/sys/class/block/${data##*/}/dev") rbps=4194304"
within dn dd if=/data/foreign of=/dev/null bs=1M iflag=direct 2> /dev/null &
sleep 8
look disk/neighbour-waits d
echo "${data##*/}" > /out/disk/name
empty dn
empty d
