# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Cards that are made to load by switching their slot off and on. When it is off
# QEMU takes the card out, and the agent puts the next one in.
#
# See lib/qemu.sh for $slot, $port and $region.
# shellcheck disable=SC2154

there()
{
	for there_slot in rp1 rp2 dp1; do
		pciehp_owns $there_slot
		expect_image $there_slot one
	done
}
run_case "the kernel has what is in the slots, and pciehp has the slots" there

# there_and_back SLOT: through all images, each with another before it
there_and_back()
{
	slot_plug "$1" one
	slot_card "$1" slot_power
	swap one
	save_config "$port" /tmp/config-before
	for next_image in vfs two nic other four nic one; do
		swap $next_image
		note "$1: $next_image took $((LOAD_NS / 1000000)) ms:" \
			"$(kernel_has "$1")"
		save_config "$port" /tmp/config-there
		expect_same_config /tmp/config-before /tmp/config-there but-image
	done
	expect_same_config /tmp/config-before /tmp/config-there
	pciehp_owns "$1" || fail "the slot is not pciehp's any more"
	# pciehp waits five seconds before it does what a button asks for.
	sleep 7
	expect_image "$1" one
}

below_a_root_port()
{
	there_and_back rp1
}
run_case "a power cycle brings other devices, below a root port" below_a_root_port

below_a_switch()
{
	there_and_back dp1
}
run_case "a power cycle brings other devices, below a switch" below_a_switch
