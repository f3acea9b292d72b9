# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A kernel that is locked down while there is a card that loads by registers.

c0=/sys/kernel/config/fpga-card/c0
LOCKDOWN=/sys/kernel/security/lockdown
FORBIDS='the kernel is locked down, which forbids to write registers of the card'

lockdown_reset()
{
	[ -d $c0 ] || return 0
	echo 0 >$c0/live
	rmdir $c0/images/* 2>/dev/null || true
	rmdir $c0
}

lockdown_card()
{
	trap lockdown_reset EXIT
	sim_port h0/p0
	sim_image_factory "$SIM/h0/p0/card" 100
	sim_image_user "$SIM/h0/p0/card" 100
	for lockdown_image in factory user; do
		sim_set "$SIM/h0/p0/card/images/$lockdown_image/pf0" icap=hwicap bmc=0
	done
	sim_set "$SIM/h0/p0/card/images/user" address=0x400000
	sim_set "$SIM/h0/p0/card" boot_image=factory present=1
	sim_live h0
	port=$(port_dir h0/p0)
	mkdir $c0
	echo registers >$c0/method
	functions_below "$port" | sed -n '1s/ .*//p' >$c0/function
	for lockdown_image in factory user; do
		mkdir "$c0/images/$lockdown_image"
		echo 5000 >"$c0/images/$lockdown_image/timeout_ms"
	done
	echo 0x400000 >$c0/images/user/address
}

lockdown_registers()
{
	[ -e $LOCKDOWN ] || mount -t securityfs security /sys/kernel/security
	expect_match "$(cat $LOCKDOWN)" '\[none\]'
	lockdown_card
	cat /tests/sequences/xilinx-axi-hwicap-iprog.seq >$c0/sequence
	echo 1 >$c0/live
	region=$(region_of h0/p0)
	load_ok "$region" user

	echo integrity >$LOCKDOWN
	expect_match "$(cat $LOCKDOWN)" '\[integrity\]'
	functions_below "$port" >/tmp/before
	expect_errno EPERM "$region/check" factory
	grep -q "^no: .* does not load \"factory\" now: $FORBIDS\$" "$region/check"
	load "$region" factory
	expect_eq "$LOAD_ERR" EPERM "the write"
	expect_match "$(first_line "$region/last_error")" "$FORBIDS"
	expect_file "$region/outcome" refused
	expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
	expect_file "$SIM/h0/p0/card/running" user

	echo 0 >$c0/live
	expect_errno EPERM $c0/live 1
	expect_errno EPERM $c0/sequence "write32 bar0 0x10 1"
	cmp $c0/sequence /tests/sequences/xilinx-axi-hwicap-iprog.seq
	# What writes no registers is as before.
	echo external >$c0/method
	echo 1 >$c0/live
}
run_case "a locked down kernel writes no registers" lockdown_registers
