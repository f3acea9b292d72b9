# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What an image overlay may not be. Each is refused with its error and a sentence,
# before anything is touched: the card, what it runs, and the live tree.

# Overlay, error, what the sentence has in it. Those that need more than a card
# are further down.
rules_list()
{
	cat <<-'END'
	both EINVAL firmware-name and external-fpga-config exclude
	no-image EINVAL names no image
	partial EOPNOTSUPP partial-fpga-config
	encrypted EOPNOTSUPP in the card's flash, not an encrypted file
	nested EINVAL fpga-region-0 is a new region and has firmware-name
	property EINVAL reload-method cannot be put
	elsewhere EACCES any_target
	nowhere EINVAL no node /nowhere
	two-targets EACCES any_target
	symbols EINVAL without -@
	label EINVAL no_such_clock
	image ENOENT nothing
	path EINVAL may not leave the firmware path
	names EINVAL firmware-name is not a string
	file EINVAL for card 1d0f:9999
	cells EINVAL #address-cells
	time EINVAL config-complete-timeout-us is not
	duplicate EINVAL two fragments set the property firmware-name
	END
}

# rule OVERLAY ERRNO REGEX: with what card_now said in /tmp/before
rule()
{
	echo >"$SIM_DEBUG/h0/log"
	overlay_refused a "negative/$1" "$2" "$3"
	# The other way in, where only the status tells.
	overlay_remove a
	overlay_add a "$(overlay_file "negative/$1")"
	expect_match "$(overlay_status a)" "^error: .*$3"
	expect_untouched
	card_now >/tmp/after
	diff /tmp/before /tmp/after
	overlay_remove a
}

rules()
{
	card_with_node
	card_now >/tmp/before
	rules_list | while read -r name errno regex; do
		rule "$name" "$errno" "$regex"
	done
	# The card has not lost anything.
	overlay_apply a image-user
}
run_case "overlays that break a rule are refused, and nothing is touched" rules

no_rule_is_forgotten()
{
	{
		rules_list | cut -d' ' -f1
		echo child
		echo two-regions
	} | sort >/tmp/tried
	find "/tests/dtbo/$WORLD/negative" -name '*.dtbo' |
		sed 's|.*/\(.*\)\.dtbo|\1|' | sort >/tmp/there
	diff /tmp/tried /tmp/there
}
run_case "each of those overlays is tried" no_rule_is_forgotten

child_that_is_there()
{
	standard_card h0/p0 100
	card_here
	overlay_any base region-child
	card_now >/tmp/before
	rule child EINVAL 'node note .*there already'
	overlay_apply a image-user
	expect_file "$LIVE_TREE$(region_node)/note/label" "on the card"
	overlay_remove a
	expect_file "$LIVE_TREE$(region_node)/note/label" "on the card"
}
run_case "a node that is there already is not changed" child_that_is_there

two_regions()
{
	# The node is for the port that comes first.
	sim_port h0/p0
	sim_port h0/p1
	sim_set "$SIM/h0/p1/card" present=0
	card_with_node
	overlay_any second second-region
	card_now >/tmp/before
	rule two-regions EINVAL 'more than one region'
}
run_case "an overlay has one region" two_regions

region_without_card()
{
	sim_port h0/p0
	sim_set "$SIM/h0/p0/card" present=0
	sim_live h0
	overlay_any base "$(base_overlay)"
	tree_now >/tmp/before
	overlay_refused a image-user ENODEV 'no card'
	tree_now >/tmp/after
	diff /tmp/before /tmp/after
}
run_case "a region whose card is not there" region_without_card

# Whatever else it may do, an administrator's overlay follows the region's rules.
rules_for_any()
{
	card_with_node
	echo 1 >"$ANY_TARGET"
	card_now >/tmp/before
	echo >"$SIM_DEBUG/h0/log"
	for name in both no-image partial encrypted nested property image; do
		errno=$(rules_list | sed -n "s/^$name \([A-Z]*\) .*/\1/p")
		overlay_refused a "negative/$name" "$errno" ''
		expect_untouched
	done
	card_now >/tmp/after
	diff /tmp/before /tmp/after
	echo 0 >"$ANY_TARGET"
}
run_case "any_target does not change what a region takes" rules_for_any
