# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What the other cases stand on: the loader is there, and ports have nodes or
# not, as this kernel should have it.

loader_is_there()
{
	[ -d "$OVERLAYS" ] || fail "there is no $OVERLAYS"
	[ -d /sys/module/of_fpga_region ] || fail "there is no of-fpga-region"
}
run_case "the overlay loader is there, and the kernel's of-fpga-region" \
	loader_is_there

ports_have_nodes()
{
	standard_card
	case $WORLD in
	port)
		expect_eq "$(port_node h0/p0)" "" "the port's node"
		;;
	dynamic)
		expect_eq "$(port_node h0/p0)" /pci@10000,0/pci@10,0 \
			"the port's node"
		;;
	dt)
		[ -n "$(port_node h0/p0)" ] || fail "the port has no node"
		;;
	esac
}
run_case "ports have device-tree nodes where they should" ports_have_nodes

reload_with_nodes()
{
	standard_card h0/p0 100
	region=$(region_of h0/p0)
	load_ok "$region" user
	load_ok "$region" factory
}
run_case "a card reloads here" reload_with_nodes
