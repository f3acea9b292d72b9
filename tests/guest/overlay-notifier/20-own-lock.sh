# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A card with bridges: their nodes are to go, which takes the lock that the
# notifier was called with.

own_lock()
{
	card_with_switch h0/p0
	card_without_switch h0/p1
	cards_live
	allow_log .
	apply_image
	# Whatever it is that first asks for a node's name: the lock is taken
	# already, by this very thread.
	await 120000 expect_stuck timed-write 'of_[a-z_]*' pci_stop_and_remove_bus_device \
		of_fpga_region_notify of_overlay_fdt_apply
	# The kernel's own look at it takes up to twice its timeout.
	await_log 130000 'INFO: task timed-write:.*blocked for more than'
	! is_over || fail "it came back: $(cat /tmp/applied)"
}
run_case "programming in the notifier: a card with bridges hangs for ever" own_lock
