# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The times that an overlay gives.

# gave_up OVERLAY REGEX: it was not applied for lack of time, the card is on its
# image, and the region is free for the next
gave_up()
{
	functions_below "$PORT" >/tmp/functions
	save_config "$PORT" /tmp/config-before
	tree_now >/tmp/before
	overlay_refused a "$1" ETIMEDOUT "$2"
	tree_now >/tmp/after
	diff /tmp/before /tmp/after
	expect_eq "$(children_now)" "" "children"
	expect_file "$REGION/firmware_name" factory
	expect_eq "$(functions_below "$PORT")" "$(cat /tmp/functions)" "functions"
	save_config "$PORT" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
}

time_for_the_image()
{
	expect_log 'was not loaded'
	card_with_node 1000
	echo reset >"$SIM/h0/p0/card/faults/cure"
	gave_up complete-short 'within 300 ms'
	expect_below "$OV_MS" 20000 "its time in ms"
	# It counted for that overlay only.
	overlay_apply a plain
	expect_file "$REGION/firmware_name" user
}
run_case "config-complete-timeout-us ends a load that takes longer" \
	time_for_the_image

more_time_for_the_image()
{
	card_with_node 3000
	echo 1000 >"$SIM/h0/p0/card/images/user/timeout_ms" 2>/dev/null || true
	echo 500 >"$REGION/timeout_ms"
	overlay_apply a complete-long
	expect_below 3000 "$OV_MS" "its time in ms"
	expect_file "$REGION/timeout_ms" 500
}
run_case "config-complete-timeout-us gives a load more time, too" \
	more_time_for_the_image

time_for_the_removal()
{
	expect_log 'was not loaded'
	card_with_node
	# The kernel takes 1 s to disable them.
	echo 4 >"$(find "$PORT"/ -maxdepth 2 -name sriov_numvfs | head -n 1)"
	functions_below "$PORT" | grep -v 1d0f:1004 >/tmp/functions
	echo >"$SIM_DEBUG/h0/log"
	overlay_refused a freeze-short ETIMEDOUT ''
	! events '^trigger ' || fail "the card was triggered"
	# Whether it got as far as to the VFs, which do not come back.
	expect_eq "$(functions_below "$PORT" | grep -v 1d0f:1004)" \
		"$(cat /tmp/functions)" "functions"
	expect_file "$REGION/firmware_name" factory
	overlay_apply a plain
}
run_case "region-freeze-timeout-us ends a load before its trigger" \
	time_for_the_removal

time_to_answer()
{
	expect_log 'was not loaded'
	card_with_node 100
	echo 2000 >"$SIM/h0/p0/card/faults/rrs_ms"
	overlay_refused a unfreeze-short ETIMEDOUT ''
	expect_eq "$(children_now)" "" "children"
	echo 0 >"$SIM/h0/p0/card/faults/rrs_ms"
	load_ok "$REGION" factory
	overlay_apply a unfreeze-short
	expect_file "$REGION/firmware_name" user
}
run_case "region-unfreeze-timeout-us ends the wait for an answer" time_to_answer

more_time_to_answer()
{
	card_with_node 100
	echo 2500 >"$SIM/h0/p0/card/faults/rrs_ms"
	overlay_apply a unfreeze-long
	expect_below 2500 "$OV_MS" "its time in ms"
}
run_case "region-unfreeze-timeout-us gives it more time, too" more_time_to_answer
