# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Cards without a driver that reset themselves, announced by configfs or not at all.

ANNOUNCE=/sys/kernel/config/fpga-card

# Whatever a case leaves, also when it fails.
announce_cleanup()
{
	[ -d "$ANNOUNCE/dpu" ] || return 0
	echo 0 >"$ANNOUNCE/dpu/announce" 2>/dev/null || true
	await 10000 announce_retire
	rmdir "$ANNOUNCE/dpu/images/user"
	rmdir "$ANNOUNCE/dpu"
}

announce_retire()
{
	echo 0 >"$ANNOUNCE/dpu/live"
}

# announce_card HOTPLUG AER DPC: such a card, live, on a port with these; sets port,
# region, dpu and card
announce_card()
{
	trap announce_cleanup EXIT
	sim_port h0/p0 slot="$1" hotplug="$1" aer="$2" dpc="$3"
	card=$SIM/h0/p0/card
	sim_image_factory "$card" 100
	sim_image_user "$card" 100
	echo 0 >"$card/images/factory/pf0/bmc"
	echo 0 >"$card/images/user/pf0/bmc"
	sim_set "$card" boot_image=factory present=1
	sim_live h0
	port=$(port_dir h0/p0)
	dpu=$ANNOUNCE/dpu
	mkdir "$dpu"
	echo external >"$dpu/method"
	port_bdf h0/p0 >"$dpu/port"
	mkdir "$dpu/images/user"
	echo 5000 >"$dpu/images/user/timeout_ms"
	echo 1 >"$dpu/live"
	region=$(region_of h0/p0)
}

# announce_log_from: what comes from here on is looked at
announce_log_from()
{
	echo >"$SIM_DEBUG/h0/log"
	echo "announce: from here" >/dev/kmsg
}

# announce_log: what AER, DPC and pciehp have said since then
announce_log()
{
	dmesg | sed '1,/announce: from here/d' | grep -E 'AER|DPC|pciehp'
}

# announce_over STATE
announce_over()
{
	expect_file "$region/state" "$1"
	expect_file "$dpu/announce" 0
}

# announce_expect_runs IMAGE DEVICE: as the card says itself, and by its first function
announce_expect_runs()
{
	expect_file "$card/running" "$1"
	expect_match "$(functions_below "$port" | head -n 1)" " 1d0f:$2"
}
