#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# activate-all.sh IMAGE REGION...: stages on all cards, then activates on all at once
image=$1 && shift
events=$(mktemp -u) && mkfifo "$events" || exit 1
${MONITOR:-udevadm monitor -k -p -s fpga_region} >"$events" & monitor=$!
trap 'kill $monitor; rm "$events"' EXIT
trap 'exit 1' HUP INT TERM
for region; do ours="${ours:-} ${region##*/} "; done
while IFS='=' read -r key value; do
	[ "$key" != DEVPATH ] || region=/sys$value
	[ "$key=$value" = FPGA_CARD_STATE=unloading ] || continue
	case $ours in
	*" ${region##*/} "*)	${DRAIN:-true} "$region"; echo 1 >"$region/drained" ;;
	esac
done <"$events" &
activate()
{
	before=$(cat "$1/drain_ms")
	echo 10000 >"$1/drain_ms"
	echo 1 >"$1/activate"
	echo "$before" >"$1/drain_ms"
}
for region; do echo "$image" >"$region/stage" & staging="${staging:-} $!"; done
for pid in $staging; do wait "$pid" || exit 1; done
for region; do activate "$region" & loading="${loading:-} $!"; done
for pid in $loading; do wait "$pid" || :; done
for region; do echo "${region##*/} $(cat "$region/outcome") $(cat "$region/outage_ms") ms"; done
