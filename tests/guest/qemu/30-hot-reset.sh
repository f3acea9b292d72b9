# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Cards that are made to load by a hot reset. QEMU's come back as they were.
#
# See lib/qemu.sh for $slot, $port and $region.
# shellcheck disable=SC2154

# reset_by SLOT
reset_by()
{
	slot_plug "$1" one
	slot_card "$1" hot_reset
	reset_image=$(function_disk "$port/"????:??:??.0)
	reset_image=$(head -n 1 "$reset_image" | cut -d' ' -f2)
	reset_count=$(slot_count "$1")
	save_config "$port" /tmp/config-before
	for reset_n in $(seq 10); do
		load_ok "$region" "$reset_image"
		[ "$reset_n" != 1 ] || note "$1: a hot reset took $((LOAD_NS / 1000000)) ms"
		expect_image "$1" "$reset_image"
		save_config "$port" /tmp/config-after
		expect_same_config /tmp/config-before /tmp/config-after
	done
	expect_eq "$(slot_count "$1")" "$reset_count" "cards taken out"
	pciehp_owns "$1"
}

root_port()
{
	reset_by rp1
}
run_case "ten hot resets below a root port" root_port

switch_port()
{
	reset_by dp1
}
run_case "ten hot resets below a switch" switch_port
