# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The same load through our loader, which has the image loaded before it applies
# the overlay: none of it, on cards of both kinds.

rescan_until()
{
	while [ ! -e "$1" ]; do
		remove_and_rescan h0/p1
	done
}

all_goes_on()
{
	card_with_switch h0/p0
	card_with_switch h0/p1
	sim_live h0
	await 5000 region_of h0/p0
	await 5000 region_of h0/p1
	region=$(region_of h0/p0)
	overlay_any base "$(base_overlay)"
	rescan_until /tmp/enough &
	for round in 1 2 3; do
		overlay_apply a image-user
		expect_file "$region/firmware_name" user
		overlay_remove a
		load_ok "$region" factory
		note "round $round: applied in $OV_MS ms"
	done
	touch /tmp/enough
	wait
	overlay_remove base
	# The other card is as it was.
	load_ok "$(region_of h0/p1)" user
}
run_case "loading before the overlay is applied: nothing of that, with rescans" \
	all_goes_on
