# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# systemd, as it has come up: a card was there, and a file for it, before fpgacard-attach had
# its turn (see systemd/boot-card).

. /tests/lib/services.sh

ATTACHED=/sys/kernel/config/fpga-card

attach_at_boot()
{
	trap 'systemctl stop fpgacard-attach; find /etc/fpgacard -type f -delete' EXIT
	expect_file /proc/1/comm systemd
	expect_eq "$(systemctl is-enabled fpgacard-attach)" enabled
	unit_is fpgacard-test-card active
	unit_is fpgacard-attach active
	expect_file "$ATTACHED/boot/live" 1
	fc 0 list
	fc_is '.cards[0].card.port' "$(port_bdf h0/p0)"
	fc 0 load user -y
	fc_is .outcome success
	fc_runs h0/p0:user
	await 5000 link_to "$(real_dir "$(region_of h0/p0)")"
	systemctl stop fpgacard-attach
	[ ! -d "$ATTACHED/boot" ] || fail "it is still attached"
	# The card has its region and its history for as long as its port is there.
	fc 11 load factory -y
	systemctl start fpgacard-attach
	expect_file "$ATTACHED/boot/live" 1
}
run_case "services: fpgacard-attach attaches at boot, and detaches when it stops" attach_at_boot

attach_reload()
{
	trap 'find /etc/fpgacard -type f -delete; fpgacard detach shell' EXIT
	driverless_card h0/p0
	sim_live h0
	card_conf shell
	systemctl start fpgacard-attach
	expect_file "$ATTACHED/shell/live" 1
	# The other cards are attached for all that.
	card_conf broken
	sed -i 's/hot_reset/magic/' /etc/fpgacard/cards.d/broken.conf
	! systemctl reload fpgacard-attach || fail "a file that is wrong is taken"
	expect_file "$ATTACHED/shell/live" 1
	unit_is fpgacard-attach active
	systemctl stop fpgacard-attach
	! systemctl start fpgacard-attach || fail "a file that is wrong is taken"
	unit_is fpgacard-attach failed
	expect_file "$ATTACHED/shell/live" 1
	journalctl -b -u fpgacard-attach -o cat | grep -q 'broken.conf:3: method' ||
		fail "the journal does not say where it is wrong"
}
run_case "services: a file that is wrong fails fpgacard-attach, and no other card" attach_reload
