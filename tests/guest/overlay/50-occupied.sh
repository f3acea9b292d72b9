# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A region has one image overlay at a time; and overlays that are built on each
# other go in the right order.

in_state()
{
	[ "$(first_line "$REGION/state")" = "$1" ]
}

second_overlay()
{
	card_with_node
	overlay_apply first image-user
	card_now >/tmp/before
	echo >"$SIM_DEBUG/h0/log"
	for name in image-factory image-user plain image-external; do
		overlay_refused second "$name" EBUSY 'by the overlay "first"'
		expect_untouched
	done
	card_now >/tmp/after
	diff /tmp/before /tmp/after
	expect_eq "$(overlay_status first)" applied "status of the first"
	overlay_remove first
	overlay_apply second image-factory
	expect_file "$REGION/firmware_name" factory
}
run_case "a second image overlay is refused, naming the first" second_overlay

base_below_an_image()
{
	card_with_node
	overlay_apply a image-user
	card_now >/tmp/before
	echo >"$SIM_DEBUG/h0/log"
	overlay_stays base
	expect_errno EBUSY "$OVERLAYS/base/apply" 0
	overlay_stays base
	expect_untouched
	card_now >/tmp/after
	diff /tmp/before /tmp/after
	overlay_remove a
	overlay_remove base
	[ ! -d "$LIVE_TREE$(region_node)" ] || fail "the node is still there"
	# The card has a driver: it stays.
	load_ok "$REGION" factory
}
run_case "the base overlay stays as long as an image overlay is on it" \
	base_below_an_image

built_on_an_image()
{
	card_with_node
	overlay_apply a image-user
	overlay_any b on-image
	tree_now >/tmp/before
	echo >"$SIM_DEBUG/h0/log"
	expect_errno EBUSY "$OVERLAYS/a/apply" 0
	overlay_stays a
	# Not even for a moment.
	expect_untouched
	tree_now >/tmp/after
	diff /tmp/before /tmp/after
	expect_file "$REGION/firmware_name" user
	[ "$(children_now | wc -l)" -ge 4 ] || fail "children are gone"
	overlay_remove b
	overlay_remove a
	expect_eq "$(children_now)" "" "children"
}
run_case "an image overlay stays as long as another is built on it" \
	built_on_an_image

no_children()
{
	[ -z "$(children_now)" ]
}

during_a_reload()
{
	card_with_node 1000
	overlay_apply a image-user
	timed-write "$REGION/firmware_name" user >/tmp/load &
	loader=$!
	await 5000 in_state loading
	expect_errno EBUSY "$OVERLAYS/a/apply" 0
	expect_eq "$(overlay_status a)" applied status
	# rmdir cannot be refused for that, and keeps nobody from the others meanwhile.
	overlay_remove a
	mkdir "$OVERLAYS/b"
	rmdir "$OVERLAYS/b"
	in_state loading || fail "rmdir waited for the load"
	expect_errno EBUSY "$REGION/firmware_name" factory
	wait $loader || fail "the load: $(cat /tmp/load)"
	expect_file "$REGION/state" idle
	await 5000 no_children
	await 5000 load_ok "$REGION" factory
}
run_case "an overlay is not removed while its image is loaded again" during_a_reload

load_is_running()
{
	card_with_node 1000
	timed-write "$REGION/firmware_name" user >/tmp/load &
	loader=$!
	await 5000 in_state loading
	overlay_refused a image-user EBUSY ''
	wait $loader || fail "the load: $(cat /tmp/load)"
	overlay_apply a image-user
}
run_case "an overlay does not get into a load" load_is_running

overlay_is_loading()
{
	card_with_node 1000
	mkdir "$OVERLAYS/a"
	timed-write "$OVERLAYS/a/path" "overlays/$WORLD/image-user.dtbo" >/tmp/load &
	loader=$!
	await 5000 in_state loading
	# The others go on meanwhile: this one has nothing to do with the card.
	tree_now >/tmp/before
	echo 1 >"$ANY_TARGET"
	expect_errno EBUSY "$REGION/firmware_name" factory
	wait $loader || fail "the overlay: $(cat /tmp/load)"
	expect_eq "$(overlay_status a)" applied status
	expect_eq "$(children_now | wc -l)" 4 "children"
	echo 0 >"$ANY_TARGET"
}
run_case "a load does not get into an overlay's" overlay_is_loading

# Until the card was told to load, whoever writes may change his mind.
interrupted()
{
	card_with_node 300
	# The kernel takes 1 s to disable them.
	echo 4 >"$(find "$PORT"/ -maxdepth 2 -name sriov_numvfs | head -n 1)"
	tree_now >/tmp/before
	mkdir "$OVERLAYS/a"
	timed-write "$OVERLAYS/a/path" "overlays/$WORLD/image-user.dtbo" >/tmp/load &
	loader=$!
	await 5000 in_state removing
	usleep 100000
	kill -TERM $loader
	wait $loader && fail "it was not cancelled"
	await 10000 in_state failed
	expect_file "$REGION/firmware_name" factory
	tree_now >/tmp/after
	diff /tmp/before /tmp/after
	await 5000 rmdir "$OVERLAYS/a"
	overlay_apply b image-user
}
run_case "a signal cancels an overlay whose image is not loading yet" interrupted
