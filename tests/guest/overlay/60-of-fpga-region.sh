# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The kernel's own overlay support for FPGA regions is there, and came first: it
# neither finds our regions nor says anything.

beside_of_fpga_region()
{
	[ -d /sys/module/of_fpga_region ] || skip "no of-fpga-region here"
	card_with_node
	overlay_apply a image-user
	overlay_remove a
	overlay_refused a negative/both EINVAL ''
	overlay_remove a
	overlay_apply a image-lab
	load_ok "$REGION" vendor/lab.img
	overlay_remove a
	overlay_remove base
	expect_eq "$(find /sys/bus/platform/drivers/of-fpga-region/ -type l | grep -vc module)" 0 \
		"devices of of-fpga-region"
	log_since_mark >/tmp/log-now
	! grep -iE 'of.fpga.region|fpga_region .*(failed|error)' /tmp/log-now ||
		fail "of-fpga-region has something to say"
	[ ! -e "$REGION/of_node" ] || fail "the region has the node"
}
run_case "of-fpga-region does not take our regions for its own" \
	beside_of_fpga_region

its_module_goes()
{
	[ -d /sys/module/of_fpga_region ] || skip "no of-fpga-region here"
	card_with_node
	overlay_apply a image-user
	rmmod of_fpga_region
	overlay_remove a
	overlay_apply a image-factory
	expect_file "$REGION/firmware_name" factory
	insmod /lib/modules-test/of-fpga-region.ko
	overlay_remove a
	overlay_apply a image-user
}
run_case "it may go and come while our overlays are applied" its_module_goes
