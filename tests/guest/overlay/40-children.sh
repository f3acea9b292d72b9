# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What is in an image: its devices come after the card's functions and go before
# them.

CHILDREN="clock-image
clock-sampling
system-controller
system-controller/clock-output"

children_come_and_go()
{
	card_with_node
	expect_eq "$(children_now)" "" "children before"
	echo >"$SIM_DEBUG/h0/log"
	overlay_apply a image-user
	expect_eq "$(children_now)" "$CHILDREN" "children"
	for child in clock-image clock-sampling system-controller; do
		dir=$(readlink -f "$REGION")
		[ "$(find "$dir" -mindepth 1 -maxdepth 1 -name "*:$child" | wc -l)" = 1 ] ||
			fail "$child is no child of the region"
	done
	# All functions first.
	events '^dev-add ' >/tmp/order
	cat /tmp/order
	expect_eq "$(tail -n 4 /tmp/order | grep -c '^dev-add [^ ]*:fpga-')" 4 \
		"children among the last four devices"
	expect_eq "$(grep -c '^dev-add 1' /tmp/order)" 3 "functions"

	echo >"$SIM_DEBUG/h0/log"
	overlay_remove a
	expect_eq "$(children_now)" "" "children after it"
	events '^(dev-del|trigger|link-down)' >/tmp/order
	cat /tmp/order
	expect_eq "$(grep -c '^dev-del [^ ]*:fpga-' /tmp/order)" 4 "children"
	expect_eq "$(wc -l </tmp/order)" 4 "what went"
	expect_file "$REGION/firmware_name" user
}
run_case "devices of an image come behind its functions, and go with the overlay" \
	children_come_and_go

same_image_again()
{
	card_with_node
	overlay_apply a image-user
	echo >"$SIM_DEBUG/h0/log"
	load_ok "$REGION" user
	expect_eq "$(children_now)" "$CHILDREN" "children"
	expect_eq "$(overlay_status a)" applied status
	events '^(dev-add|dev-del|trigger) ' |
		sed 's/ [^ ]*:fpga-.*/ child/; s/ 1[0-9a-f]*:.*/ function/' |
		uniq >/tmp/order
	cat /tmp/order
	expect_eq "$(head -n 1 /tmp/order)" "dev-del child" "first"
	expect_eq "$(tail -n 1 /tmp/order)" "dev-add child" "last"
	expect_eq "$(grep -c child /tmp/order)" 2 "times that children came or went"
	overlay_remove a
	expect_eq "$(children_now)" "" "children after it"
}
run_case "they go and come when the image is loaded again" same_image_again

other_image()
{
	card_with_node
	overlay_apply holder image-user
	card_now >/tmp/before
	echo >"$SIM_DEBUG/h0/log"
	for image in factory vendor/lab.img; do
		load "$REGION" "$image"
		expect_eq "$LOAD_ERR" EBUSY "loading $image"
		expect_match "$(first_line "$REGION/last_error")" 'overlay.*holder'
		expect_untouched
	done
	card_now >/tmp/after
	diff /tmp/before /tmp/after
	overlay_remove holder
	load_ok "$REGION" factory
}
run_case "another image is refused, naming the overlay" other_image

children_without_an_image()
{
	card_with_node
	load_ok "$REGION" user
	overlay_apply a image-external
	expect_eq "$(children_now)" clock-external children
	load_ok "$REGION" user
	expect_eq "$(children_now)" clock-external "children after a load"
	load "$REGION" factory
	expect_eq "$LOAD_ERR" EBUSY "another image"
	overlay_remove a
}
run_case "so with an image that was there already" children_without_an_image

# The card is lost in a load: its children do not stay as if it were there.
failed_reload()
{
	expect_log 'was not loaded'
	card_with_node 200
	overlay_apply a image-user
	echo 400 >"$REGION/timeout_ms"
	echo 1 >"$SIM/h0/p0/card/faults/never_return"
	load "$REGION" user
	expect_eq "$LOAD_ERR" ETIMEDOUT "the load"
	expect_eq "$(children_now)" "" "children of a card that is lost"
	expect_eq "$(overlay_status a)" applied status
	overlay_remove a
	expect_eq "$(children_now)" "" "children"
}
run_case "a card that is lost has no children" failed_reload

back_end_goes()
{
	card_with_node
	overlay_apply a image-user
	rmmod sim_bmc
	expect_eq "$(overlay_status a)" applied status
	overlay_remove a
	expect_eq "$(children_now)" "" "children"
	insmod /lib/modules-test/sim-bmc.ko
	await 5000 load_ok "$REGION" factory
}
run_case "an overlay goes without a back end, too" back_end_goes

many_times()
{
	card_with_node 20
	overlay_apply a image-user
	overlay_remove a
	tree_now >/tmp/before
	ls /sys/bus/platform/devices >/tmp/devices-before
	for name in a b c d e f g h i j; do
		overlay_apply "$name" image-user
		overlay_remove "$name"
		overlay_apply "$name" image-lab
		overlay_remove "$name"
	done
	load_ok "$REGION" user
	tree_now >/tmp/after
	ls /sys/bus/platform/devices >/tmp/devices-after
	diff /tmp/before /tmp/after
	diff /tmp/devices-before /tmp/devices-after
}
run_case "many overlays in a row leave nothing behind" many_times
