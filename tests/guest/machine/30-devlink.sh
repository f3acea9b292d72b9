# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# iproute2's own devlink, of this release.

by_devlink()
{
	modprobe fpga-card-devlink
	from_the_packages fpga-card-devlink
	devlink_card h0/p0 300
	dl_ok dev flash "$DL" file vendor/lab.img
	expect_eq "$(dl_info '.versions.stored["fw.app"]')" lab stored
	dl_reload
	expect_eq "$(dl_info '.versions.running["fw.app"]')" lab running
	expect_file "$SIM/h0/p0/card/running" lab
}
run_case "by devlink: a file is flashed, and activated by a reload" by_devlink
