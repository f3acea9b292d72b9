# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Who may change what: without any_target an overlay changes a region, and nothing
# else of the machine.

restricted()
{
	standard_card h0/p0 100
	card_here
	expect_file "$ANY_TARGET" N
	tree_now >/tmp/before
	for name in "$(base_overlay)" card-region-hot-reset elsewhere; do
		overlay_refused a "$name" EACCES any_target
	done
	tree_now >/tmp/after
	diff /tmp/before /tmp/after

	echo 1 >"$ANY_TARGET"
	overlay_apply a "$(base_overlay)"
	overlay_apply b elsewhere
	expect_file "$LIVE_TREE/not-a-card/label" elsewhere
	echo 0 >"$ANY_TARGET"
	# What was applied before may go; an image may come.
	overlay_remove b
	overlay_apply c image-user
	expect_file "$REGION/firmware_name" user
	overlay_remove c
	overlay_remove a
	tree_now >/tmp/after
	diff /tmp/before /tmp/after
}
run_case "without any_target only images of regions are taken" restricted

# An overlay that was held is judged when it is applied.
judged_when_applied()
{
	echo 1 >"$ANY_TARGET"
	mkdir "$OVERLAYS/a"
	echo 0 >"$OVERLAYS/a/apply"
	cat "$(overlay_file elsewhere)" >"$OVERLAYS/a/dtbo"
	expect_file "$OVERLAYS/a/status" unapplied
	echo 0 >"$ANY_TARGET"
	expect_errno EACCES "$OVERLAYS/a/apply" 1
	[ ! -d "$LIVE_TREE/not-a-card" ] || fail "it was applied"
}
run_case "an overlay that was held is judged when it is applied" judged_when_applied
