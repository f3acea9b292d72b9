# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Another thread does not help as long as the notifier waits for it.

worker_hangs()
{
	card_with_switch h0/p0
	card_without_switch h0/p1
	cards_live
	echo 1 >"$NOTIFIER/whole"
	allow_log .
	apply_image
	sleep 10
	expect_stuck timed-write fpga_card_load of_fpga_region_notify
	expect_stuck kworker 'of_[a-z_]*' pci_reload_remove_functions
	! is_over || fail "it came back: $(cat /tmp/applied)"
}
run_case "programming in the notifier: a worker that it waits for hangs for ever" \
	worker_hangs
