# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard: a card that loads by registers, which a file describes.

REGISTERS_CARD=/sys/kernel/config/fpga-card/rshell

registers_reset()
{
	fpgacard detach rshell >/dev/null 2>&1 || true
}

registers_card()
{
	trap registers_reset EXIT
	sim_port h0/p0
	sim_image_factory "$SIM/h0/p0/card" 100
	sim_image_user "$SIM/h0/p0/card" 100
	for registers_image in factory user; do
		sim_set "$SIM/h0/p0/card/images/$registers_image/pf0" icap=hwicap bmc=0 \
			class=0x0b4000
	done
	sim_set "$SIM/h0/p0/card/images/user" address=0x400000
	sim_set "$SIM/h0/p0/card" boot_image=factory present=1
	sim_live h0
	function=$(functions_below "$(port_dir h0/p0)" | sed -n '1s/ .*//p')
	cat >/tmp/rshell.conf <<-END
	[card]
	function = $function
	method = registers
	sequence = /tests/sequences/xilinx-axi-hwicap-iprog.seq
	[image factory]
	timeout_ms = 5000
	[image user]
	timeout_ms = 5000
	address = 0x400000
	END
}

by_registers()
{
	registers_card
	fc 0 attach --file /tmp/rshell.conf
	expect_file "$REGISTERS_CARD/images/user/address" 0x400000
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
