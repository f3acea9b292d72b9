# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What of the packages is not called by its name: rules for udev.

# link_to DIRECTORY: of those in /run/fpgacard/
link_to()
{
	for link_file in /run/fpgacard/*/*; do
		[ "$(readlink -f "$link_file")" != "$1" ] || return 0
	done
	fail "there is no link to $1"
}

no_link()
{
	[ -z "$(find /run/fpgacard -type l 2>/dev/null)" ]
}

by_udev()
{
	standard_card
	await 5000 link_to "$(real_dir "$(region_of h0/p0)")"
	sim_reset
	await 5000 no_link
}
run_case "by command: udev links a card that comes, and no longer one that went" by_udev
