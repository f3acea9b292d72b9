# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# Cards: n3000
#
# What only an N3000 has: a switch with other endpoints, and retimers.

whole_card()
{
	card_n3000 h0/p0 300
	region=$(region_of h0/p0)
	port=$(port_bdf h0/p0)
	expect_match "$(readlink -f "$region")" "/$port/fpga-card\."
	all=$(functions_below "$(port_dir h0/p0)" | wc -l)
	load_ok "$region" bmc_factory
	expect_eq "$(functions_below "$(port_dir h0/p0)" | wc -l)" "$all"
}
run_case "n3000: the network controllers go and come with the FPGA" whole_card

retimer_refused()
{
	card_n3000 h0/p0 100
	region=$(region_of h0/p0)
	inode=$(stat -c %i "$(card_fn h0/p0)")
	for fault in retimer-reject:EEXIST retimer-bad:EIO retimer-stuck:EOPNOTSUPP; do
		echo "${fault%:*}" >"$SIM/h0/p0/card/faults/bmc"
		load "$region" retimer_fw
		expect_eq "$LOAD_ERR" "${fault#*:}" "${fault%:*}"
		expect_match "$(first_line "$region/last_error")" 'did not take "retimer_fw"'
		expect_eq "$(stat -c %i "$(card_fn h0/p0)")" "$inode" "the FPGA's function"
		expect_file "$region/state" idle
	done
	echo none >"$SIM/h0/p0/card/faults/bmc"
	load "$region" retimer_fw
	expect_eq "$LOAD_ERR" 0 "$(first_line "$region/last_error")"
}
run_case "n3000: retimers that take no firmware leave the card alone" \
	retimer_refused

other_switch()
{
	card_at=$SIM/h0/p0/card
	allow_log 'the images of this card cannot be loaded'
	sim_port h0/p0
	sim_set "$card_at" switch=1
	card_image "$card_at" user 0 100
	card_fpga "$card_at/images/user/pf0" device=0x0b30 dfl=n3000 "bar0=512K 64"
	sim_set "$card_at/images/user/pf1" vendor=0x8086 device=0x0d58 \
		class=0x020000 "bar0=64K 64" leg=1
	card_live h0/p0 user
	if region=$(region_of h0/p0); then
		# Not ours, and so not above it: the leg's own port at most.
		expect_errno EBUSY "$region/check" bmc_user
	fi
}
run_case "n3000: what is below another switch is not taken for the card's" \
	other_switch
