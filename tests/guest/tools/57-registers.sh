# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard: a card that loads by registers, which a file describes.

. /tests/lib/registers.sh

registers_file()
{
	cat >/tmp/c0.conf <<-END
	[card]
	function = $1
	method = registers
	sequence = $SEQUENCES/xilinx-axi-hwicap-iprog.seq
	[image factory]
	timeout_ms = 5000
	[image user]
	timeout_ms = 5000
	address = 0x400000
	END
}

by_registers()
{
	registers_port hwicap
	registers_file "${function:?}"
	fc 0 attach --file /tmp/c0.conf
	expect_file "${c0:?}/images/user/address" 0x400000
	fc 0 check user
	expect_match "$(fc_get '.trigger[0]')" "steps at $function"
	fc_is '[.trigger[] | select(test("0x400000"))] | length' 1
	fc_raw check user
	expect_match "$(cat /tmp/fc-out)" '^trigger +write32 bar0 0x100 0x400000$'
	fc 0 load user -y
	fc_is .outcome success
	expect_file "$SIM/h0/p0/card/running" user
	fc 0 load factory -y
	expect_file "$SIM/h0/p0/card/running" factory
}
run_case "a card that loads by registers is attached by a file, and loaded" by_registers
