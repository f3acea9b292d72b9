# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The administrator says at which port a card is reloaded.

PORTS=/sys/module/fpga_card/parameters/ports

# rebind FUNCTION: its back end attaches anew
rebind()
{
	echo "$1" >/sys/bus/pci/drivers/sim-bmc/unbind
	echo "$1" >/sys/bus/pci/drivers/sim-bmc/bind
}

chosen_port()
{
	trap 'echo >$PORTS' EXIT
	standard_card h0/p0 100
	region=$(region_of h0/p0)
	port=$(port_bdf h0/p0)
	fn=$(basename "$(find "$(port_dir h0/p0)"/ -maxdepth 1 -name '*:00.0' | head -n 1)")
	for wrong in nonsense "$fn" "$fn@" "$fn@$port;" "$fn@10000:00:40.0"; do
		expect_errno EINVAL $PORTS "$wrong"
	done
	echo "0000:00:1f.0@0000:00:00.0,$fn@$port" >$PORTS
	expect_file $PORTS "0000:00:1f.0@0000:00:00.0,$fn@$port"
	rebind "$fn"
	load_ok "$region" user
	load_ok "$region" factory

	# Not a port that leads there
	expect_log 'names, is not above this function'
	echo "$fn@0000:00:00.0" >$PORTS
	rebind "$fn"
	expect_errno ENODEV "$region/firmware_name" user
	expect_match "$(first_line "$region/last_error")" 'has no back end'
	echo >$PORTS
	rebind "$fn"
	load_ok "$region" user
}
run_case "the administrator chooses the port of a card" chosen_port
