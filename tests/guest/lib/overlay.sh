# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Overlays, and what differs between the kernels that take them.

OVERLAYS=/sys/kernel/config/device-tree/overlays
export OVERLAYS

# world: how a region node comes to its port here; as in tests/lib/dtbs.sh
#   port     ports have no node; the region says linux,pci-port
#   dynamic  the kernel makes nodes for ports: /pci@10000,0/pci@10,0
#   dt       the machine has a device tree
world()
{
	if zcat /proc/config.gz | grep -qx CONFIG_PCI_DYNAMIC_OF_NODES=y; then
		echo dynamic
	elif [ "$(uname -m)" = x86_64 ]; then
		echo port
	else
		echo dt
	fi
}

WORLD=$(world)
LIVE_TREE=/sys/firmware/devicetree/base
ANY_TARGET=/sys/module/of_overlay_configfs/parameters/any_target
export WORLD LIVE_TREE ANY_TARGET

# Where the machine's device tree describes hosts, ours are those.
sim_live()
{
	[ "$WORLD" != dt ] || echo "/pcie-card-sim@${1#h}" >"$SIM/$1/of_node"
	echo 1 >"$SIM/$1/live"
}

# port_node HOST/PORT: the path of the port's node, nothing if it has none. A node
# that the kernel made for a device does not show as of_node in its directory.
port_node()
{
	sed -n 's/^OF_FULLNAME=//p' "$(port_dir "$1")/uevent"
}

# overlay_file NAME: the compiled overlay
overlay_file()
{
	echo "/tests/dtbo/$WORLD/$1.dtbo"
}

# overlay_status NAME
overlay_status()
{
	first_line "$OVERLAYS/$1/status"
}

# overlay_add NAME FILE: creates NAME and writes FILE to it. The kernel drops
# the error of a binary attribute's close: see overlay_status.
overlay_add()
{
	mkdir "$OVERLAYS/$1"
	cat "$2" >"$OVERLAYS/$1/dtbo"
}

# overlay_ok NAME FILE: and it must have been applied
overlay_ok()
{
	overlay_add "$1" "$2"
	expect_eq "$(overlay_status "$1")" applied "overlay $1"
}

# overlay_write NAME OVERLAY: creates NAME if need be, and has it apply the overlay
# by its path. Sets OV_ERR, OV_MS and OV_STATUS.
overlay_write()
{
	[ -d "$OVERLAYS/$1" ] || mkdir "$OVERLAYS/$1"
	overlay_result=$(timed-write "$OVERLAYS/$1/path" \
		"overlays/$WORLD/$2.dtbo") || true
	export OV_MS=$((${overlay_result% *} / 1000000))
	OV_ERR=${overlay_result#* }
	OV_STATUS=$(overlay_status "$1")
	echo "$1: $2: $OV_ERR: $OV_STATUS"
}

# overlay_apply NAME OVERLAY: must succeed
overlay_apply()
{
	overlay_write "$1" "$2"
	expect_eq "$OV_ERR" 0 "applying $2: $OV_STATUS"
	expect_eq "$OV_STATUS" applied "status of $1"
}

# overlay_refused NAME OVERLAY ERRNO REGEX: must fail so, and say why
overlay_refused()
{
	overlay_write "$1" "$2"
	expect_eq "$OV_ERR" "$3" "applying $2 ($OV_STATUS)"
	expect_match "$OV_STATUS" "^error: .*$4"
}

# overlay_remove NAME: must succeed
overlay_remove()
{
	rmdir "$OVERLAYS/$1"
	[ ! -d "$OVERLAYS/$1" ] || fail "$1 is still there"
}

# overlay_stays NAME: it cannot be removed now
overlay_stays()
{
	! rmdir "$OVERLAYS/$1" 2>/tmp/rmdir || fail "$1 could be removed"
	expect_match "$(cat /tmp/rmdir)" 'Device or resource busy'
	expect_eq "$(overlay_status "$1")" applied "status of $1"
}

# overlay_any OVERLAY NAME: one that only an administrator who means it applies
overlay_any()
{
	echo 1 >"$ANY_TARGET"
	overlay_apply "$1" "$2"
	echo 0 >"$ANY_TARGET"
}

# base_overlay: the overlay that makes the region of the card below h0/p0
base_overlay()
{
	case $WORLD in
	port)	echo card-region-name ;;
	*)	echo card-region-node ;;
	esac
}

# region_node: its path
region_node()
{
	case $WORLD in
	port)	echo /fpga-cards/fpga-region ;;
	*)	echo "$(port_node h0/p0)/fpga-region" ;;
	esac
}

# card_here: sets REGION and PORT
card_here()
{
	REGION=$(region_of h0/p0)
	PORT=$(port_dir h0/p0)
	export REGION PORT
}

# card_with_node [RELOAD_MS]: standard_card, with a region node; sets REGION and
# PORT
card_with_node()
{
	standard_card h0/p0 "${1:-100}"
	card_here
	overlay_any base "$(base_overlay)"
	expect_file "$LIVE_TREE$(region_node)/compatible" pcie-fpga-region
}

# tree_now: every node and property of the live tree. Those which the kernel makes
# for PCI devices come anew with each image, and not in the same order.
tree_now()
{
	find "$LIVE_TREE"/ -type d | sort
	find "$LIVE_TREE"/ -type f -exec md5sum {} + | sort -k 2
}

# card_now: what must not change when an overlay is refused
card_now()
{
	tree_now
	functions_below "$PORT"
	children_now
	cat "$REGION/firmware_name" "$REGION/state"
	md5sum <"$PORT/config"
}

# children_now: the nodes whose devices are below the region, sorted
children_now()
{
	find "$(real_dir "$REGION")"/ -mindepth 2 -name of_node |
		while read -r child_link; do
		child_node=$(real_dir "$child_link")
		echo "${child_node##*/fpga-region/}"
	done | sort
}

# expect_untouched: the card was not, since the simulator's log was cleared
expect_untouched()
{
	! grep -E ' (trigger|link-down|dev-add|dev-del|dev-bind|dev-unbind) ' \
		"$SIM_DEBUG/h0/log" || fail "the card was touched"
}

# events REGEX: of the simulator's log, in order, as "WHAT NAME". Of the names of
# devices that nodes have, the end may be missing.
events()
{
	sed 's/^ *[0-9]* \([^ ]*\) port=[^ ]* [^ ]* */\1 /' "$SIM_DEBUG/h0/log" |
		grep -E "$1"
}

# overlays_reset: removes what a case left, the youngest first. An overlay that
# others build on is refused until those are gone.
overlays_reset()
{
	[ -d "$OVERLAYS" ] || return 0
	[ ! -f "$ANY_TARGET" ] || echo 0 >"$ANY_TARGET"
	for overlays_try in 1 2 3 4; do
		for overlays_dir in "$OVERLAYS"/*/; do
			[ ! -d "$overlays_dir" ] || rmdir "$overlays_dir" || true
		done
	done 2>/dev/null
	for overlays_dir in "$OVERLAYS"/*/; do
		[ -d "$overlays_dir" ] || continue
		echo "$overlays_dir cannot be removed ($overlays_try tries)"
		return 1
	done
	return 0
}

# Overlays first: they may be at nodes of a host that goes.
case_reset()
{
	overlays_reset && sim_reset
}
