# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Which cards devlink knows, and what it says of them.

card_is_described()
{
	sim_port h0/p0
	sim_set "$SIM/h0/p0/card" serial=0x0123456789abcdef
	devlink_card h0/p0 300
	expect_eq "$(dl_info .driver)" fpga-card "driver"
	expect_eq "$(dl_info .serial_number)" 0123456789abcdef "serial number"
	expect_eq "$(dl_info '.versions.fixed["board.id"]')" 1d0f:1000 "board"
	expect_eq "$(dl_info '.versions.fixed["board.back_end"]')" sim-bmc "back end"
	expect_eq "$(dl_info '.versions.running["fw.app"]')" factory "running"
	expect_eq "$(dl_info '.versions.stored["fw.app"]')" factory "stored"
	load_ok "$REGION" user
	expect_eq "$(dl_info '.versions.running["fw.app"]')" user "running"
	expect_eq "$(dl_info '.versions.fixed["board.id"]')" 1d0f:1000 "board"
	expect_eq "$(dl_info .serial_number)" 0123456789abcdef "serial number"
}
run_case "devlink describes a card" card_is_described

# Functions go in each load, and the instance stays; it goes with the port.
instance_lives_as_long_as_the_port()
{
	devlink_card h0/p0 300
	devlink -j dev show "$DL" >/tmp/before
	load_ok "$REGION" user
	devlink -j dev show "$DL" >/tmp/after
	expect_eq "$(cat /tmp/after)" "$(cat /tmp/before)" "the instance"
	echo 0 >"$SIM/h0/live"
	await 5000 devlink_gone "$DL"
	echo 1 >"$SIM/h0/live"
	await 5000 devlink_has "$DL"
}
run_case "the instance lives as long as the port" instance_lives_as_long_as_the_port

# Bound, as its name is what devlink says of the driver; nobody can unbind it.
device_is_on_a_bus_of_its_own()
{
	devlink_card h0/p0 300
	dev=/sys/bus/fpga_card/devices/${DL#*/}
	expect_eq "$(basename "$(readlink "$dev/driver")")" fpga-card "driver"
	[ ! -e /sys/bus/fpga_card/drivers/fpga-card/unbind ] || fail "it can be unbound"
	case $(real_dir "$dev") in
	*pci*)	fail "it is below a PCI device" ;;
	esac
}
run_case "the device is on a bus of its own" device_is_on_a_bus_of_its_own
