# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# pciehp is in charge after all that. Last, since the lock order of pciehp itself
# may switch lockdep off here.
#
# See lib/qemu.sh for $slot, $port and $region.
# shellcheck disable=SC2154

# unplugged SLOT: pciehp waits five seconds, and then switches the slot off
unplugged()
{
	allow_unplug
	slot_plug "$1" one
	pciehp_owns "$1"
	slot_card "$1" slot_power
	swap nic
	unplugged_count=$(slot_count "$1")
	agent unplug "$1"
	await "$SLOT_MS" slot_is_empty "$1"
	await "$SLOT_MS" slot_was_emptied "$1" "$unplugged_count"
	expect_errno ENODEV "$region/firmware_name" two
	expect_eq "$(slot_has "$1")" "" "what is in the slot"

	agent plug "$1" two
	await "$SLOT_MS" slot_is_known "$1"
	expect_image "$1" two
	swap one
}

slot_was_emptied()
{
	[ "$(slot_count "$1")" -gt "$2" ]
}

root_port_unplugged()
{
	unplugged rp1
}
run_case "pciehp removes and adds cards below a root port" root_port_unplugged

switch_unplugged()
{
	unplugged dp1
}
run_case "pciehp removes and adds cards below a switch" switch_unplugged

# Power and power indicator are off: pciehp is done with it. A card that is put in
# before the indicator is off QEMU would take out again.
slot_is_off()
{
	[ $(($(port_word "$1" 0x18) & 0x0700)) -eq $((0x0700)) ]
}

# A slot with pins for presence: nobody waits for a card that is out.
not_put_back()
{
	allow_unplug
	expect_log 'was not loaded'
	slot_plug rp1 one
	slot_card rp1 slot_power
	agent next rp1 none
	load "$region" two
	expect_eq "$LOAD_ERR" ENODEV "the write"
	expect_file "$region/state" failed
	note "not put back: after $((LOAD_NS / 1000000)) ms:" \
		"$(first_line "$region/last_error")"
	expect_match "$(first_line "$region/last_error")" 'pulled.*slot is empty'
	slot_is_empty rp1

	await "$SLOT_MS" slot_is_off rp1
	agent plug rp1 two
	await "$SLOT_MS" slot_is_known rp1
	expect_image rp1 two
	pciehp_owns rp1
	swap one
}
run_case "a card that is not put back is missed at once, and pciehp takes the next" \
	not_put_back
