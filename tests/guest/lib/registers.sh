# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Cards that load by registers of a function, with the sequences of tools/sequences/.

SEQUENCES=/tests/sequences
c0=/sys/kernel/config/fpga-card/c0
export SEQUENCES

# Whatever a case leaves, also when it fails.
registers_reset()
{
	[ -d $c0 ] || return 0
	echo 0 >$c0/live
	rmdir $c0/images/* 2>/dev/null || true
	rmdir $c0
}

# registers_port ICAP [BMC]: a port whose card has that core in BAR 0 of its function 0; in
# $port and $function
registers_port()
{
	trap registers_reset EXIT
	driverless_card h0/p0 100
	for registers_image in factory user; do
		sim_set "$SIM/h0/p0/card/images/$registers_image/pf0" icap="$1" \
			bmc="${2:-0}" class=0x0b4000
	done
	sim_set "$SIM/h0/p0/card/images/user" address=0x400000
	sim_live h0
	port=$(port_dir h0/p0)
	function=$(functions_below "$port" | sed -n '1s/ .*//p')
}

# registers_card: with the simulated card's images, and no sequence yet
registers_card()
{
	mkdir $c0
	echo registers >$c0/method
	echo "$function" >$c0/function
	for registers_image in factory user; do
		mkdir "$c0/images/$registers_image"
		echo 5000 >"$c0/images/$registers_image/timeout_ms"
	done
	echo 0x400000 >$c0/images/user/address
}

registers_live()
{
	echo 1 >$c0/live
	# shellcheck disable=SC2034 # It is for the cases.
	region=$(region_of h0/p0)
}
