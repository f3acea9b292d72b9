# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# An Intel card: udev loads the drivers of its BMC, and all that it takes are those that DKMS
# built. The simulator itself asks for dfl-pci.

INTEL="dfl dfl-pci dfl-fme intel-m10-bmc-core intel-m10-bmc-pmci intel-m10-bmc-hwmon
	intel-m10-bmc-sec-update fpga-card-m10bmc"

n6000_is_bound()
{
	for bound_module in intel-m10-bmc-core intel-m10-bmc-pmci fpga-card-m10bmc; do
		[ ! -d "/sys/module/$(echo $bound_module | tr - _)" ] ||
			fail "$bound_module was loaded before there was a card"
	done
	card_n6000 h0/p0 500
	# Two drivers are for one device of the BMC's, and udev loads one after the other.
	# shellcheck disable=SC2086 # They are several.
	await 5000 from_the_packages $INTEL
	expect_eq "$(basename "$(readlink "$(card_fn h0/p0)/driver")")" dfl-pci
	expect_eq "$(basename "$(readlink "$(card_m10 h0/p0)/driver")")" intel-m10-bmc
	expect_file "$(card_sensor h0/p0 "Board Power")_input" 61000000
}
run_case "N6000: udev loads the drivers of the packages" n6000_is_bound

n6000_loads()
{
	card_n6000 h0/p0 500
	await 5000 n6000_has_images
	command_loads fpga_user1 fpga_user2
	await 5000 card_bound h0/p0
	command_loads fpga_user2 fpga_factory
}

n6000_has_images()
{
	[ -d "$(region_of h0/p0)/images/fpga_user2" ]
}
run_case "N6000: it is listed and loaded, and has a history" n6000_loads
