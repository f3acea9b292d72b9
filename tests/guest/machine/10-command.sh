# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard as it was installed, on a card of any make.

by_command()
{
	from_the_packages fpga-mgr fpga-bridge fpga-region pci-reload fpga-card
	standard_card
	command_loads factory user
	command_loads user factory
}
run_case "by command: a card is listed and loaded, and has a history" by_command
