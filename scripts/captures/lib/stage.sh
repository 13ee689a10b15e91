# The stage that every scene plays on: three hosts in network namespaces, client, router and server, in one line.
#
#   client eth0 ── eth0 router eth1 ── eth0 server
#
# A host is a network namespace plus its own process, mount and name spaces, over a copy-on-write view of this machine's
# root: it has its own /etc, spool and users, and the packages it is given, unpacked over it and installed nowhere.
# Nothing outside these namespaces is touched, and all of it goes away with the process that holds it.
#
# Functions for scenes: net_public, net_private, net_ipv6, host, on, on_input, record, record_pcapng, record_end.

set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CAPTURES=${SMTPSCOPE_CAPTURE_OUTPUT:-$(cd "$HERE/../../captures" && pwd)}
WORK=${SMTPSCOPE_CAPTURE_WORK:-/var/tmp/smtpscope-captures}
PREFIX=smtpscope-
# All that a mail dialogue needs to be understood, without the neighbour discovery and multicast reports around it.
PACKETS='tcp or icmp[0] = 3 or (icmp6 and ip6[40] = 1)'

declare -A HOST_PID=() HOST_HOLDER=() RECORDER=()

say() { printf '%s\n' "$*" >&2; }

stage_up() {
  stage_down
  local h
  for h in client router server; do
    ip netns add "$PREFIX$h"
    ip -n "$PREFIX$h" link set lo up
  done
  ip link add eth0 netns "${PREFIX}client" type veth peer name eth0 netns "${PREFIX}router"
  ip link add eth1 netns "${PREFIX}router" type veth peer name eth0 netns "${PREFIX}server"
  ip -n "${PREFIX}client" link set eth0 address 02:00:5e:00:53:10 up
  ip -n "${PREFIX}router" link set eth0 address 02:00:5e:00:53:01 up
  ip -n "${PREFIX}router" link set eth1 address 02:00:5e:00:53:02 up
  ip -n "${PREFIX}server" link set eth0 address 02:00:5e:00:53:25 up
  offload off
  ip netns exec "${PREFIX}router" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

# Segments of wire size and right checksums; "on" gives the super-segments that a capture on a real host shows.
offload() {
  local place
  for place in client/eth0 router/eth0 router/eth1 server/eth0; do
    ip netns exec "$PREFIX${place%/*}" ethtool -K "${place#*/}" tx "$1" tso "$1" gso "$1" gro "$1" >/dev/null
  done
}

# Ends what a run that was killed has left: the processes whose ids it wrote down, if they still are what they were.
sweep() {
  local pid
  [ -e "$WORK/run/pids" ] || return 0
  while read -r pid; do
    [ -e "/proc/$pid" ] || continue
    if tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -e "$HERE/lib/host-init.sh" -e "-w $CAPTURES/"; then
      kill -KILL "$pid" 2>/dev/null || true
    fi
  done <"$WORK/run/pids"
  rm -f "$WORK/run/pids"
}

# Ends what this run started, by process id, and takes its namespaces away. Safe to call at any time, twice too.
stage_down() {
  local h
  for h in "${!RECORDER[@]}"; do kill -INT "${RECORDER[$h]}" 2>/dev/null || true; done
  RECORDER=()
  for h in "${!HOST_HOLDER[@]}"; do
    kill -KILL "${HOST_HOLDER[$h]}" 2>/dev/null || true
    wait "${HOST_HOLDER[$h]}" 2>/dev/null || true
  done
  HOST_PID=() HOST_HOLDER=()
  sweep
  for h in client router server; do
    if [ -e "/run/netns/$PREFIX$h" ]; then ip netns del "$PREFIX$h"; fi
  done
}

address() { # HOST DEVICE ADDRESS/LENGTH [DEVICE ADDRESS/LENGTH …]
  local h=$1
  shift
  while [ $# -gt 0 ]; do
    case $2 in
      *:*) ip -n "$PREFIX$h" addr add "$2" dev "$1" nodad ;;
      *) ip -n "$PREFIX$h" addr add "$2" dev "$1" ;;
    esac
    shift 2
  done
}

net_public() {
  address client eth0 192.0.2.10/24
  address router eth0 192.0.2.1/24 eth1 198.51.100.1/24
  address server eth0 198.51.100.25/24 eth0 198.51.100.26/24
  ip -n "${PREFIX}client" route add default via 192.0.2.1
  ip -n "${PREFIX}server" route add default via 198.51.100.1
}

net_private() {
  address client eth0 10.20.1.10/24
  address router eth0 10.20.1.1/24 eth1 10.20.2.1/24
  address server eth0 10.20.2.25/24
  ip -n "${PREFIX}client" route add default via 10.20.1.1
  ip -n "${PREFIX}server" route add default via 10.20.2.1
}

net_ipv6() {
  address client eth0 2001:db8:1::10/64
  address router eth0 2001:db8:1::1/64 eth1 2001:db8:2::1/64
  address server eth0 2001:db8:2::25/64
  ip -n "${PREFIX}client" -6 route add default via 2001:db8:1::1
  ip -n "${PREFIX}server" -6 route add default via 2001:db8:2::1
}

# host NAME FULL-NAME PACKAGE-ROOT…   Starts the host; its packages are fetched first where they are not there yet.
host() {
  local name=$1 full=$2 root
  shift 2
  local roots=()
  for root in "$@"; do
    fetch_root "$root"
    roots+=("$WORK/roots/$root")
  done
  local ready="$WORK/run/$name.ready"
  mkdir -p "$WORK/run" "$WORK/logs" "$WORK/hosts/$name"
  rm -f "$ready"
  ip netns exec "$PREFIX$name" unshare --mount --pid --uts --fork --kill-child=KILL \
    bash "$HERE/lib/host-init.sh" "$WORK/hosts/$name" "$full" "$ready" ${roots[@]+"${roots[@]}"} \
    </dev/null >"$WORK/logs/$name.init" 2>&1 &
  HOST_HOLDER[$name]=$!
  echo $! >>"$WORK/run/pids"
  local tries=0
  until [ -e "$ready" ]; do
    sleep 0.05
    tries=$((tries + 1))
    if [ "$tries" -gt 200 ]; then
      cat "$WORK/logs/$name.init" >&2
      return 1
    fi
  done
  HOST_PID[$name]=$(pgrep -P "${HOST_HOLDER[$name]}")
}

# on NAME COMMAND…   Runs a command on that host. on_input does the same and hands it standard input.
on() { on_input "$@" </dev/null; }
on_input() {
  local name=$1
  shift
  nsenter --target "${HOST_PID[$name]}" --mount --uts --net --pid --root --wd -- "$@"
}

# record NAME FILE [tcpdump options]   Captures at that host's eth0 (or at $DEVICE) until record_end; several may run.
record() {
  local name=$1 file=$2
  shift 2
  recorder "$file" ip netns exec "$PREFIX$name" tcpdump -n -U --immediate-mode -B 65536 -Z root -i "${DEVICE:-eth0}" -w "$CAPTURES/$file" "$@" \
    "${FILTER:-$PACKETS}"
}

# record_pcapng NAME FILE [dumpcap options]
record_pcapng() {
  local name=$1 file=$2
  shift 2
  recorder "$file" ip netns exec "$PREFIX$name" dumpcap -q "$@" -f "$PACKETS" -w "$CAPTURES/$file"
}

recorder() { # FILE COMMAND…
  local file=$1 log=$WORK/logs/record.${1//\//-}
  shift
  mkdir -p "$(dirname "$CAPTURES/$file")" "$WORK/run"
  rm -f "$CAPTURES/$file"
  : >"$log"
  "$@" 2>"$log" &
  RECORDER[$file]=$!
  echo $! >>"$WORK/run/pids"
  until grep -qiE 'listening on|^File:' "$log"; do
    kill -0 "${RECORDER[$file]}" || { cat "$log" >&2; return 1; }
    sleep 0.05
  done
  sleep 0.2
}

record_end() {
  local file
  sleep "${1:-1.2}"
  for file in "${!RECORDER[@]}"; do
    kill -INT "${RECORDER[$file]}" 2>/dev/null || true
    wait "${RECORDER[$file]}" 2>/dev/null || true
    chmod 644 "$CAPTURES/$file"
    # A capture with holes that nobody put there is no capture of ours.
    grep -qE '^0 packets dropped by kernel|/0 \(' "$WORK/logs/record.${file//\//-}" ||
      { cat "$WORK/logs/record.${file//\//-}" >&2; return 1; }
  done
  RECORDER=()
}

# wait_for SECONDS COMMAND…   Until the command succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { say "still not so after a while: $*"; return 1; }
    sleep 0.1
  done
}

listening() { on "$1" sh -c "ss -Hltn 'sport = :$2' | grep -q ."; }
