# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2086,SC2154
#
# A kernel that is locked down while there is a card that loads by registers.

. /tests/lib/registers.sh

LOCKDOWN=/sys/kernel/security/lockdown
FORBIDS='the kernel is locked down, which forbids to write registers of the card'

lockdown_registers()
{
	[ -e $LOCKDOWN ] || mount -t securityfs security /sys/kernel/security
	expect_match "$(cat $LOCKDOWN)" '\[none\]'
	registers_port hwicap
	registers_card
	cat "$SEQUENCES/xilinx-axi-hwicap-iprog.seq" >$c0/sequence
	registers_live
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
	# It is not for the user to be root.
	fpgacard --card "${region##*/}" load factory -y 2>/tmp/said && lockdown_code=0 ||
		lockdown_code=$?
	expect_eq "$lockdown_code" 11 "exit code: $(cat /tmp/said)"
	grep -q "$FORBIDS" /tmp/said || fail "$(cat /tmp/said)"
	expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
	expect_file "$SIM/h0/p0/card/running" user

	echo 0 >$c0/live
	expect_errno EPERM $c0/live 1
	expect_errno EPERM $c0/sequence "write32 bar0 0x10 1"
	cmp $c0/sequence "$SEQUENCES/xilinx-axi-hwicap-iprog.seq"
	# What writes no registers is as before.
	echo external >$c0/method
	echo 1 >$c0/live
}
run_case "a locked down kernel writes no registers" lockdown_registers
