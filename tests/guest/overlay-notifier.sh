# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs one case of /tests/overlay-notifier/. Nothing can be cleaned up behind
# most of them: the guest is powered off as it is.

. /tests/lib.sh
. /tests/lib/matrix.sh
. /tests/lib/overlay.sh

NOTIFIER=/sys/module/notifier_program/parameters

dmesg -n 4

case_reset()
{
	return 0
}

# card_with_switch HOST/PORT: its bridges get nodes, as all bridges do
card_with_switch()
{
	sim_port "$1"
	matrix_image "$SIM/$1/card" switch factory 0x1000
	matrix_image "$SIM/$1/card" switch user 0x2000
	sim_set "$SIM/$1/card" switch=1 boot_image=factory present=1
}

# card_without_switch HOST/PORT: no function of it gets a node
card_without_switch()
{
	sim_port "$1"
	matrix_image "$SIM/$1/card" single factory 0x1000
	matrix_image "$SIM/$1/card" single user 0x2000
	sim_set "$SIM/$1/card" switch=0 boot_image=factory present=1
}

# cards_live: both with their regions, ours; the first also has one of
# of-fpga-region's.
cards_live()
{
	sim_live h0
	await 5000 region_of h0/p0
	await 5000 region_of h0/p1
	echo notifier-program/base.dtbo >"$NOTIFIER/apply"
	await 5000 ls /sys/bus/platform/devices/fpga-region/fpga_region/
}

# remove_and_rescan HOST/PORT: an administrator does that with a card
remove_and_rescan()
{
	for remove_fn in "$(port_dir "$1")"/*:*:*.*/remove; do
		[ ! -f "$remove_fn" ] || echo 1 >"$remove_fn"
	done
	echo 1 >/sys/bus/pci/rescan
}

# apply_image: in the background, since it may not come back
apply_image()
{
	timed-write "$NOTIFIER/apply" notifier-program/image.dtbo >/tmp/applied &
}

is_over()
{
	[ -s /tmp/applied ]
}

# expect_stuck PROCESS-NAME FUNCTION...: it is in all of these, the innermost
# first, and still is a while later
expect_stuck()
{
	stuck_name=$1
	shift
	for stuck_look in 1 2; do
		: >/tmp/stack
		for stuck_dir in /proc/[0-9]*; do
			if grep -q "^$stuck_name" "$stuck_dir/comm" &&
			   grep -q "$1+" "$stuck_dir/stack"; then
				cat "$stuck_dir/stack" >/tmp/stack
			fi
		done 2>/dev/null
		for stuck_in in "$@"; do
			grep -q "$stuck_in+" /tmp/stack ||
				fail "no $stuck_name is in $stuck_in: $(cat /tmp/stack;
					grep -lE 'mutex_lock|pci_|fpga_' /proc/[0-9]*/stack |
					xargs tail -n 30)"
		done
		[ "$stuck_look" = 2 ] || sleep 10
	done
	note "$stuck_name: $(sed 's/^[^ ]* //; s/+.*//' /tmp/stack | head -n 24 |
		tr '\n' ' ')"
}

# await_log MILLISECONDS REGEX
await_log()
{
	await_log_left=$(($1 / 500))
	while ! dmesg | grep -Eq "$2"; do
		[ "$await_log_left" -gt 0 ] || fail "not in the log: $2"
		await_log_left=$((await_log_left - 1))
		usleep 500000
	done
	note "$(dmesg | grep -E "$2" | head -n 1)"
}

only=$(sed -n 's/.*fpgacard\.only=\([^ ]*\).*/\1/p' /proc/cmdline)
. "/tests/overlay-notifier/$only"

# All of it is worth keeping.
dmesg >"$CONSOLE_TTY"
