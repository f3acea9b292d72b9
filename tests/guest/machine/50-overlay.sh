# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Device tree overlays, where the kernel takes them. From here on a host of the simulator's
# has its node, if there is one.

. /tests/lib/overlay.sh 2>/dev/null

by_overlay()
{
	modprobe of-overlay-configfs
	from_the_packages of-overlay-configfs
	card_with_node
	# shellcheck disable=SC2153
	expect_file "$REGION/firmware_name" factory
	overlay_apply a image-user
	expect_file "$REGION/firmware_name" user
	expect_file "$SIM/h0/p0/card/running" user
	[ -n "$(children_now)" ] || fail "the overlay brought no device"
	overlay_remove a
	expect_eq "$(children_now)" "" "devices after it"
	overlay_apply a image-lab
	expect_file "$SIM/h0/p0/card/running" lab
	overlay_remove a
}
run_case "by overlay: an image in flash, and a file" by_overlay
