# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Overlays that another loader applies: it has no image loaded, so the image has to
# run before.

FOREIGN=/sys/module/foreign_loader/parameters

foreign_reset()
{
	[ -d "$FOREIGN" ] || return 0
	for foreign_try in 1 2 3 4; do
		timed-write "$FOREIGN/remove" 1 || true
	done
	rmmod foreign_loader || fail "after $foreign_try tries"
}

# with_foreign_loader: and the region's node by it
with_foreign_loader()
{
	[ -f /lib/modules-extra/foreign-loader.ko ] || skip "no such module here"
	trap foreign_reset EXIT
	insmod /lib/modules-extra/foreign-loader.ko
	standard_card h0/p0 100
	card_here
	foreign 0 "$(base_overlay)"
}

# foreign ERRNO OVERLAY
foreign()
{
	expect_errno "$1" "$FOREIGN/apply" "overlays/$WORLD/$2.dtbo"
}

await_children()
{
	await 5000 there_are "$1"
}

there_are()
{
	[ "$(children_now | wc -l)" = "$1" ]
}

image_does_not_run()
{
	with_foreign_loader
	expect_log 'overlay refused: .*does not run "user": apply the overlay with of-overlay-configfs, or write the name to firmware_name first'
	card_now >/tmp/before
	echo >"$SIM_DEBUG/h0/log"
	foreign EPERM image-user
	expect_untouched
	card_now >/tmp/after
	diff /tmp/before /tmp/after
	# and then it works
	load_ok "$REGION" user
	foreign 0 image-user
	await_children 4
	expect_errno 0 "$FOREIGN/remove" 1
	expect_eq "$(children_now)" "" "children"
	expect_file "$REGION/firmware_name" user
}
run_case "another loader's overlay is refused if its image does not run, with a hint" \
	image_does_not_run

its_region_is_held()
{
	with_foreign_loader
	load_ok "$REGION" user
	foreign 0 image-user
	await_children 4
	load "$REGION" factory
	expect_eq "$LOAD_ERR" EBUSY "another image"
	expect_match "$(first_line "$REGION/last_error")" 'overlay'
	load_ok "$REGION" user
	await_children 4
	overlay_refused a plain EBUSY ''
	foreign EBUSY image-external
	expect_log 'overlay refused: .*'
	expect_errno 0 "$FOREIGN/remove" 1
	load_ok "$REGION" factory
}
run_case "its overlay holds the region as any other" its_region_is_held

ours_is_there()
{
	with_foreign_loader
	overlay_apply a image-user
	card_now >/tmp/before
	foreign EBUSY image-user
	expect_log 'overlay refused: .*'
	foreign EBUSY image-factory
	card_now >/tmp/after
	diff /tmp/before /tmp/after
	overlay_remove a
}
run_case "ours holds the region against it" ours_is_there

broken_ones()
{
	with_foreign_loader
	load_ok "$REGION" user
	card_now >/tmp/before
	for name in both partial nested; do
		echo "$name"
		timed-write "$FOREIGN/apply" \
			"overlays/$WORLD/negative/$name.dtbo" &&
			fail "$name was applied"
		expect_log 'overlay refused: .*'
	done
	card_now >/tmp/after
	diff /tmp/before /tmp/after
}
run_case "overlays that break a rule are refused to it, too" broken_ones
