# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2086,SC2154
#
# Cards that load by registers of a function: what an administrator writes in configfs, with
# the sequences of tools/sequences/.

. /tests/lib/registers.sh

registers_expect_runs()
{
	expect_file "$SIM/h0/p0/card/running" "$1"
	expect_match "$(functions_below "$port" | head -n 1)" " 1d0f:$2"
}

hwicap()
{
	registers_port hwicap
	registers_card
	cat $SEQUENCES/xilinx-axi-hwicap-iprog.seq >$c0/sequence
	registers_live
	save_config "$port" /tmp/config-before
	expect_errno 0 "$region/check" user
	grep -q '^registers: .* steps at '"$function" "$region/check"
	grep -q '^step: write32 bar0 0x100 0x400000$' "$region/check"
	load_ok "$region" user
	registers_expect_runs user 2000
	load_ok "$region" factory
	registers_expect_runs factory 1000
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after but-image
}
run_case "the sequence for AXI HWICAP loads the image of an address" hwicap

litex()
{
	registers_port litex
	registers_card
	cat $SEQUENCES/litex-icap-iprog.seq >$c0/sequence
	registers_live
	load_ok "$region" user
	registers_expect_runs user 2000
}
run_case "the sequence for the core of LiteX loads an image" litex

# The mailbox of the simulator's controller, whose driver does not know this class.
capability()
{
	registers_port none 1
	registers_card
	echo 1 >$c0/images/user/address
	sed 's/vsec:0x1234:0x0001:1/vsec:0x1d0f:0x5342:1/' \
		$SEQUENCES/vendor-specific-capability.seq >$c0/sequence
	registers_live
	load_ok "$region" user
	registers_expect_runs user 2000
}
run_case "the template for a vendor-specific capability loads an image" capability

# What is in the files is taken, also where there is no card of that kind.
presets()
{
	trap registers_reset EXIT
	mkdir $c0
	for registers_seq in "$SEQUENCES"/*.seq; do
		cat "$registers_seq" >$c0/sequence || fail "$registers_seq is refused"
		cmp $c0/sequence "$registers_seq"
	done
	echo >$c0/sequence
	expect_file $c0/sequence ""
}
run_case "each sequence of the project is one" presets

wrong()
{
	expect_log 'FPGA card: c0: '
	trap registers_reset EXIT
	mkdir $c0
	echo "write32 bar0 0x10 1" >$c0/sequence
	expect_errno EINVAL $c0/sequence "write32 bar0 0x10"
	expect_errno EINVAL $c0/sequence "pause 1ms"
	expect_errno ERANGE $c0/sequence "write16 config 0x4 0x6"
	expect_errno ERANGE $c0/sequence "write8 bar0 0 0x100"
	expect_errno E2BIG $c0/sequence "# $(printf '%05000d' 0)"
	expect_file $c0/sequence "write32 bar0 0x10 1"
	dmesg | grep -q 'FPGA card: c0: line 1 of the sequence: the value is neither'
}
run_case "a text that is no sequence is refused, and the log has the line" wrong

incomplete()
{
	expect_log 'line [0-9]* of the sequence: '
	registers_port hwicap
	registers_card
	expect_errno EINVAL $c0/live 1
	printf 'pause 1us\nwrite32 bar4 0 1\n' >$c0/sequence
	expect_errno ERANGE $c0/live 1
	dmesg | grep -q "$function: FPGA card: line 2 of the sequence: .* has no BAR 4"
	echo "write16 bar0 0x10 address" >$c0/sequence
	expect_errno ERANGE $c0/live 1
	echo "write32 bar0 0x10 address" >$c0/sequence
	echo >$c0/function
	port_bdf h0/p0 >$c0/port
	expect_errno EINVAL $c0/live 1
	echo "$function" >$c0/function
	expect_errno EINVAL $c0/live 1
	echo >$c0/port
	expect_errno EINVAL $c0/images/user/address -1
	expect_errno ERANGE $c0/images/user/address 0x10000000000000000
	expect_file $c0/images/user/address 0x400000
	expect_file $c0/images/factory/address 0x0
	registers_live
	expect_errno EBUSY $c0/sequence "write32 bar0 0 0"
	expect_errno EBUSY $c0/images/user/address 1
	expect_errno EBUSY $c0/method external
	expect_file $c0/sequence "write32 bar0 0x10 address"
}
run_case "a card without the registers does not go live" incomplete

times_out()
{
	expect_log 'was not loaded'
	registers_port hwicap
	registers_card
	printf 'write32 bar0 0x100 0xffffffff\nwait32 bar0 0x104 0x1 0x1 20ms\n' >$c0/sequence
	registers_live
	functions_below "$port" >/tmp/before
	save_config "$port" /tmp/config-before
	load "$region" user
	expect_eq "$LOAD_ERR" ETIMEDOUT "the write"
	expect_match "$(first_line "$region/last_error")" \
		'line 2 of the sequence: after 20000 us the register is 0x0, and not 0x1'
	registers_expect_runs factory 1000
	expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
}
run_case "a wait that does not end leaves the card as it was" times_out

function_gone()
{
	registers_port hwicap
	registers_card
	functions_below "$port" | sed -n '2s/ .*//p' >$c0/function
	echo "write32 bar0 0x10 0x1" >$c0/sequence
	registers_live
	echo 1 >"/sys/bus/pci/devices/$(cat $c0/function)/remove"
	expect_errno ENODEV "$region/check" user
	grep -q '^no: .*its function .*, whose registers make it load, is not there' \
		"$region/check"
	load "$region" user
	expect_eq "$LOAD_ERR" ENODEV "the write"
	expect_file "$region/outcome" refused
	registers_expect_runs factory 1000
}
run_case "a load without the function is refused" function_gone
