# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A card whose functions have no nodes: it works, but the locks are taken the
# wrong way around.

wrong_order()
{
	card_without_switch h0/p0
	card_with_switch h0/p1
	cards_live
	# A rescan has the PCI core's lock and takes of_mutex for nodes.
	remove_and_rescan h0/p1
	! dmesg | grep -E "$LOG_BAD" || fail "the log is not clean"
	allow_log .
	apply_image
	await 20000 is_over
	expect_match "$(cat /tmp/applied)" ' 0$'
	await_log 1000 'possible circular locking dependency detected'
	await_log 1000 'of_mutex'
	await_log 1000 'pci_rescan_remove_lock'
}
run_case "programming in the notifier: lockdep reports a circular dependency" \
	wrong_order
