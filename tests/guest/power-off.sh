# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A machine that goes down in the middle of a load. It is kept from getting far by a
# function whose device is locked, as it is in a reset that waits for the card, so
# that there is somebody to look. Afterwards the guest is left to go down.

. /tests/lib.sh
. /tests/lib/errors.sh

dmesg -n 4

case_reset()
{
	return 0
}

# link_control PORT: Link Disable is bit 4. Bits 10 and 11 enable the interrupts of
# bandwidth notification, which kernels from 6.13 on have on, and a load has off (PCIe r6.0,
# section 7.5.3.7).
link_control()
{
	echo $(($(cfg_dword "$1" "$(cfg_exp "$1" "$EXP_LNKCTL")") & 0xffff))
}

# waits_in PID FUNCTION: of the kernel
waits_in()
{
	grep -q " $2+" "/proc/$1/stack"
}

is_as_before()
{
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
}

power_off_in_a_load()
{
	sim_port h0/p1
	sim_set "$SIM/h0/p1/card/images/only" reload_ms=100
	sim_set "$SIM/h0/p1/card/images/only/pf0" vendor=0x1d0f device=0x4000 \
		class=0x120000 "bar0=64K 64"
	sim_set "$SIM/h0/p1/card" boot_image=only present=1
	sim_port h0/p0
	sim_image_factory "$SIM/h0/p0/card"
	sim_image_user "$SIM/h0/p0/card" 1500
	sim_set "$SIM/h0/p0/card/images/user" hold_ms=20000
	sim_set "$SIM/h0/p0/card" boot_image=factory present=1
	sim_live h0
	await 5000 region_of h0/p0
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	other=$(port_dir h0/p1)
	other=$(functions_below "$other")
	other=/sys/bus/pci/devices/${other%% *}
	save_config "$port" /tmp/config-before
	before=$(link_control "$port")

	timed-write "$region/firmware_name" user >/tmp/load &
	load=$!
	wait-state "$region/state" 10000 loading >/dev/null
	expect_eq "$(link_control "$port")" $((before & ~0xc00 | 0x10)) "Link Control in the load"

	expect_log 'not ready [0-9]+ms after'
	echo 40000 >"$SIM/h0/p1/card/faults/rrs_ms"
	echo bus >"$other/reset_method"
	timed-write "$other/reset" 1 >/dev/null &
	reset=$!
	await 5000 waits_in $reset pci_dev_wait
	allow_unplug
	expect_log 'the reload is given up, and the port put back'
	poweroff -f &
	off=$!
	await 5000 waits_in $off device_shutdown
	wait $load || true
	expect_eq "$(cut -d' ' -f2 /tmp/load)" ENODEV "the load"
	await 10000 is_as_before
	waits_in $off device_shutdown || fail "the machine is too far down to tell"
}
run_case "a machine that goes down in a load leaves the port as it was" \
	power_off_in_a_load
