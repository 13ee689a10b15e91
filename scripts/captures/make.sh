#!/bin/bash
# Makes the captures of this project again, with real mail software between network namespaces. Run as root on Debian 12.
#
#   scripts/captures/make.sh              all of them
#   scripts/captures/make.sh --list       the names of the scenes
#   scripts/captures/make.sh NAME…        these scenes
#
# Needs: iproute2, nftables, ethtool, tcpdump, wireshark-common, tshark, openssl, Node with npm, and the Debian archive
# for the first run. Everything downloaded goes to $SMTPSCOPE_CAPTURE_WORK (/var/tmp/smtpscope-captures). The captures go
# to captures/, or to $SMTPSCOPE_CAPTURE_OUTPUT: made again, they have other ports, times and queue ids.
source "$(dirname "${BASH_SOURCE[0]}")/lib/stage.sh"
source "$HERE/lib/packages.sh"
source "$HERE/lib/mail.sh"
for group in "$HERE"/scenes/*.sh; do source "$group"; done

scenes() { declare -F | sed -n 's/^declare -f scene_//p' | tr _ -; }

if [ "${1:-}" = --list ]; then
  scenes
  exit
fi
[ "$(id -u)" = 0 ] || { say 'network namespaces need root'; exit 2; }
mkdir -p "$WORK" "$CAPTURES"
exec 9>"$WORK/lock"
flock -n 9 || { say "another run holds $WORK/lock"; exit 2; }
trap stage_down EXIT
trap 'exit 130' INT TERM

[ $# -gt 0 ] || mapfile -t names < <(scenes)
[ $# -eq 0 ] || names=("$@")
failed=()
for name in "${names[@]}"; do
  say "== $name"
  # Each scene in a shell of its own: one that fails takes its stage down and the next one goes on.
  if ! "$BASH" -c 'source "$1/lib/stage.sh"; source "$1/lib/packages.sh"; source "$1/lib/mail.sh"
    for group in "$1"/scenes/*.sh; do source "$group"; done
    trap stage_down EXIT; trap "exit 130" INT TERM
    stage_up; "scene_${2//-/_}"' make "$HERE" "$name" 9>&-; then
    failed+=("$name")
  fi
done
[ ${#failed[@]} -eq 0 ] || { say "failed: ${failed[*]}"; exit 1; }
