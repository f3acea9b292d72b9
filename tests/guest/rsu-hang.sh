# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Nothing can be cleaned up behind this: the guest is left as it is.

. /tests/lib.sh
. /tests/lib/matrix.sh
. /tests/lib/recipes.sh

dmesg -n 4

case_reset()
{
	return 0
}

# stack_has PID FUNCTION
stack_has()
{
	grep -q " $2+" "/proc/$1/stack"
}

# pciehp_waits: for the rescan lock, in the thread of its interrupt
pciehp_waits()
{
	for pciehp in /proc/[0-9]*; do
		case $(cat "$pciehp/comm") in
		irq/*-pciehp) stack_has "${pciehp#/proc/}" pci_lock_rescan_remove && return ;;
		esac
	done
	return 1
}

# both_wait PID: that process removes a port and waits until no interrupt is
# handled any more, pciehp's among them
both_wait()
{
	stack_has "$1" pci_stop_and_remove_bus_device_locked &&
		stack_has "$1" __synchronize_irq && pciehp_waits
}

rsu_and_pciehp()
{
	allow_unplug
	expect_log 'pciehp: Slot.*Link Down'
	matrix_set single 1 1 0 1
	matrix_boot
	recipe_rsu "$SIM/h0/p0/card" b 800 &
	rsu=$!
	await 20000 both_wait "$rsu"
	timed-write /sys/bus/pci/rescan 1 &
	rescan=$!
	# Far longer than the card takes, and than any wait of pciehp's
	sleep 20
	both_wait "$rsu" || fail "they got over it"
	stack_has "$rescan" pci_lock_rescan_remove ||
		fail "the rescan lock is free"
}
run_case "rsu and pciehp wait for each other, with the rescan lock held" \
	rsu_and_pciehp
