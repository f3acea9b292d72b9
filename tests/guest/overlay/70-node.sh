# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Cards that are made from a node, and nodes that meet their cards: whichever
# comes first, and whichever goes first.

# port_without_bmc: a port whose card nobody can tell what to load
port_without_bmc()
{
	sim_port h0/p0
	sim_image_factory "$SIM/h0/p0/card" 100
	sim_image_user "$SIM/h0/p0/card" 100
	echo 0 >"$SIM/h0/p0/card/images/factory/pf0/bmc"
	echo 0 >"$SIM/h0/p0/card/images/user/pf0/bmc"
	sim_set "$SIM/h0/p0/card" boot_image=factory reset_image=user present=1
}

no_region()
{
	! region_of h0/p0
}

# there_and_usable: the card that a node made
there_and_usable()
{
	await 5000 region_of h0/p0
	card_here
	expect_eq "$(ls "$REGION/images")" "factory
user" "images"
	expect_file "$REGION/images/factory/timeout_ms" 5000
	load_ok "$REGION" user
	expect_file "$SIM/h0/p0/card/running" user
}

card_from_a_node()
{
	port_without_bmc
	sim_live h0
	no_region || fail "there is a region before its node"
	overlay_any base "$1"
	# The write has waited for it.
	region_of h0/p0 || fail "there is no region"
	there_and_usable
	overlay_remove base
	no_region || expect_errno ENODEV "$(region_of h0/p0)/firmware_name" user
	# and again
	overlay_any base "$1"
	there_and_usable
}

by_name()
{
	card_from_a_node card-region-hot-reset
}
run_case "a card is made from a node that names its port" by_name

below_its_port()
{
	[ "$WORLD" != port ] || skip "ports have no nodes here"
	card_from_a_node hot-reset-node
}
run_case "a card is made from a node below its port" below_its_port

node_before_the_port()
{
	[ "$WORLD" != dynamic ] || skip "there is no node before its port here"
	port_without_bmc
	overlay_any base hot-reset-node
	no_region || fail "there is a region before its port"
	sim_live h0
	await 5000 region_of h0/p0
	there_and_usable
}
run_case "the node may be there before the port" node_before_the_port

image_overlay_on_it()
{
	port_without_bmc
	sim_live h0
	overlay_any base hot-reset-node
	await 5000 region_of h0/p0
	card_here
	overlay_apply a image-user
	expect_file "$SIM/h0/p0/card/running" user
	expect_eq "$(children_now | wc -l)" 4 "children"
	overlay_stays base
	overlay_remove a
	expect_eq "$(children_now)" "" "children"
	overlay_remove base
}
run_case "an image overlay on a card that its node made" image_overlay_on_it

port_goes()
{
	standard_card h0/p0 100
	card_here
	overlay_any base "$(base_overlay)"
	overlay_apply a image-user
	echo 0 >"$SIM/h0/live"
	no_region || fail "the region outlived its port"
	# The overlays can be removed, in whatever became of the tree.
	rmdir "$OVERLAYS/a"
	rmdir "$OVERLAYS/base"
	[ "$WORLD" = port ] || return 0
	sim_live h0
	await 5000 region_of h0/p0
	card_here
	overlay_any base "$(base_overlay)"
	overlay_apply a image-user
}
run_case "a port that goes takes the card, and leaves overlays that can be removed" \
	port_goes

port_comes_back()
{
	[ "$WORLD" != dynamic ] || skip "the node goes with its port here"
	card_with_node
	overlay_apply a image-external
	expect_eq "$(children_now)" clock-external "children"
	overlay_remove a
	echo 0 >"$SIM/h0/live"
	no_region || fail "the region outlived its port"
	overlay_refused b image-user ENODEV ''
	sim_live h0
	await 5000 region_of h0/p0
	card_here
	overlay_apply b image-user
	expect_eq "$(children_now | wc -l)" 4 "children"
}
run_case "a node waits for its port to come back" port_comes_back

card_is_pulled()
{
	allow_unplug
	card_with_node
	overlay_apply a image-user
	expect_log 'pciehp.*Slot.*'
	echo 0 >"$SIM/h0/p0/card/present"
	await 10000 pulled
	expect_eq "$(overlay_status a)" applied status
	overlay_remove a
	expect_eq "$(children_now)" "" "children"
	echo 1 >"$SIM/h0/p0/card/present"
	await 10000 plugged
	overlay_apply a image-user
}

pulled()
{
	! plugged
}

plugged()
{
	[ -n "$(functions_below "$PORT")" ]
}
run_case "an overlay of a card that was pulled can be removed" card_is_pulled

bad_nodes()
{
	port_without_bmc
	sim_live h0
	for name in method images times; do
		overlay_any base "bad-node-$name"
		no_region || fail "$name: there is a region"
		log_since_mark | grep -q "$(region_node_name)" ||
			fail "$name: the log does not tell"
		overlay_remove base
	done
}

region_node_name()
{
	echo 'fpga-region'
}
run_case "nodes that make no sense make no card, and the log tells" bad_nodes

# In the machine's own tree, and a port that is not the simulator's. What is below
# it has no back end.
machines_own_port()
{
	[ "$WORLD" = dt ] || skip "the machine has no device tree"
	[ -d "$LIVE_TREE/pcie@10000000/pcie@1,0" ] || skip "there is no such port"
	WORLD=virt
	tree_now >/tmp/before
	overlay_any base card-region-node
	overlay_refused a image-user ENODEV 'no card'
	overlay_remove a
	overlay_remove base
	tree_now >/tmp/after
	diff /tmp/before /tmp/after
}
run_case "a region below a port of the machine's own device tree" machines_own_port
