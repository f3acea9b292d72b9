# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What a script does that knows the region's directory.

by_sysfs()
{
	standard_card
	load_ok "$(region_of h0/p0)" user
	expect_file "$SIM/h0/p0/card/running" user
	load_ok "$(region_of h0/p0)" vendor/lab.img
	expect_file "$SIM/h0/p0/card/running" lab
}
run_case "by sysfs: an image in flash, and a file" by_sysfs
