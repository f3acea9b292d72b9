# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# An image that an overlay asks for is the same as one that somebody writes to
# firmware_name.

# what_runs FILE: the card, as far as it can be seen
what_runs()
{
	{
		pci-tree "$PORT"
		functions_below "$PORT"
		for what_fn in $(functions_below "$PORT" | cut -d' ' -f1); do
			echo "$what_fn"
			cat "/sys/bus/pci/devices/$what_fn/resource"
			md5sum <"/sys/bus/pci/devices/$what_fn/config"
		done
		cat "$SIM/h0/p0/card/running" "$REGION/firmware_name" \
			"$REGION/state" "$REGION/last_error" \
			"$REGION/images"/*/running
	} >"$1"
	save_config "$PORT" "$1.config"
}

# same_as_by_name OVERLAY IMAGE
same_as_by_name()
{
	card_with_node
	save_config "$PORT" /tmp/config-before
	load_ok "$REGION" "$2"
	what_runs /tmp/by-name
	load_ok "$REGION" factory

	overlay_apply a "$1"
	what_runs /tmp/by-overlay
	diff /tmp/by-name /tmp/by-overlay
	expect_same_config /tmp/by-name.config /tmp/by-overlay.config
	expect_same_config /tmp/config-before /tmp/by-overlay.config but-image
	overlay_remove a
	# The card stays on its image.
	what_runs /tmp/removed
	diff /tmp/by-name /tmp/removed
	expect_same_config /tmp/by-name.config /tmp/removed.config
	load_ok "$REGION" factory
}

from_flash()
{
	same_as_by_name image-user user
}
run_case "an image from flash, by overlay as by name" from_flash

from_a_file()
{
	same_as_by_name image-lab vendor/lab.img
}
run_case "an image that comes as a file, by overlay as by name" from_a_file

from_outside()
{
	card_with_node
	load_ok "$REGION" user
	what_runs /tmp/there
	echo >"$SIM_DEBUG/h0/log"
	overlay_apply a image-external
	what_runs /tmp/after
	diff /tmp/there /tmp/after
	! events '^(trigger|link-down|dev-del 1)' || fail "the card was touched"
	expect_eq "$(children_now)" clock-external children
	overlay_remove a
	expect_eq "$(children_now)" "" "children after it"
	what_runs /tmp/after
	diff /tmp/there /tmp/after
}
run_case "an image that is there already is not loaded" from_outside

that_runs_already()
{
	card_with_node
	load_ok "$REGION" user
	overlay_apply a image-user
	expect_file "$REGION/firmware_name" user
	expect_eq "$(children_now | wc -l)" 4 "children"
	overlay_remove a
}
run_case "an image that runs already" that_runs_already

one_after_the_other()
{
	card_with_node
	what_runs /tmp/before
	for image in user lab external factory; do
		overlay_apply "$image" "image-$image"
		overlay_remove "$image"
	done
	expect_file "$REGION/firmware_name" factory
	what_runs /tmp/after
	diff /tmp/before /tmp/after
}
run_case "one image overlay after the other" one_after_the_other

# As anybody who loads: a card in use is not taken away.
in_use()
{
	echo 1 >/sys/module/sim_bmc/parameters/nodes
	card_with_node
	echo 0 >/sys/module/sim_bmc/parameters/nodes
	fn=$(functions_below "$PORT" | sed -n 's/ 1d0f:1001$//p')
	: >/tmp/held
	hold-open "/dev/sim-fn-$fn" >/tmp/held &
	holder=$!
	# shellcheck disable=SC2064
	trap "kill $holder 2>/dev/null || true" EXIT
	await 5000 grep -q '^open$' /tmp/held
	card_now >/tmp/before
	# Everybody may read the overlay's status.
	overlay_refused a image-user EBUSY "$fn .*is open in a process"
	expect_match "$(first_line "$REGION/last_error")" "$fn .*is open in hold-open"
	card_now >/tmp/after
	diff /tmp/before /tmp/after
	kill $holder
	wait $holder || true
	overlay_apply a image-user
}
run_case "a card in use is refused, and by whom" in_use
