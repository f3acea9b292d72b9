# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What of the packages is not called by its name: rules for udev.

by_udev()
{
	standard_card
	await 5000 link_to "$(real_dir "$(region_of h0/p0)")"
	sim_reset
	await 5000 no_link
}
run_case "by command: udev links a card that comes, and no longer one that went" by_udev
