#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# activate-all.sh IMAGE REGION...: stages on all cards, then activates on all at once
image=$1 && shift
${MONITOR:-udevadm monitor -k -p -s fpga_region} | while IFS='=' read -r key value; do
	[ "$key" != DEVPATH ] || region=/sys$value
	[ "$key=$value" != FPGA_CARD_STATE=unloading ] || { ${DRAIN:-true} "$region"; echo 1 >"$region/drained"; }
done &
for region; do echo "$image" >"$region/stage" & staging="${staging:-} $!"; done
for pid in $staging; do wait "$pid" || exit 1; done
for region; do { echo 10000 >"$region/drain_ms"; echo 1 >"$region/activate"; } & loading="${loading:-} $!"; done
for pid in $loading; do wait "$pid" || :; done
for region; do echo "${region##*/} $(cat "$region/outcome") $(cat "$region/outage_ms") ms"; done
