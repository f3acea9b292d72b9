# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A card whose functions have no nodes, while somebody rescans another one: what
# lockdep warned of.

rescan_forever()
{
	while :; do
		remove_and_rescan h0/p1
	done
}

both_hang()
{
	card_without_switch h0/p0
	card_with_switch h0/p1
	cards_live
	allow_log .
	# Some rescans of the other one begin in that time, with of_mutex held here.
	echo 2000 >"$NOTIFIER/load_ms"
	rescan_forever &
	sleep 1
	apply_image
	await 120000 expect_stuck timed-write pci_lock_rescan_remove of_fpga_region_notify
	# The other one is a shell: a function of /init's.
	expect_stuck init 'of_[a-z_]*' 'pci_[a-z_]*'
	! is_over || fail "it came back: $(cat /tmp/applied)"
}
run_case "programming in the notifier: a concurrent rescan and it hang for ever" \
	both_hang
