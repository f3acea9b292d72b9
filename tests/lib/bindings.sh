# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The device-tree binding: that it is one, that its examples and what becomes of
# the overlays follow it, and that it refuses what does not.

BINDINGS=$TREE/Documentation/devicetree/bindings
BINDING=$BINDINGS/fpga/pcie-fpga-region.yaml

# As the kernel has them in Documentation/devicetree/bindings/Makefile.
BINDINGS_DTC=(dtc -q -Wno-avoid_unnecessary_addr_size -Wno-graph_child_address
	-Wno-unique_unit_address -I dts -O dtb)

# These tools say what is wrong, and few of them fail.
silent()
{
	local out

	out=$("$@" 2>&1) && [ -z "$out" ] && return
	printf '%s\n' "$out"
	return 1
}

binding_is_one()
{
	silent dt-doc-validate -u "$BINDINGS" "$BINDING"
}

# binding_compile OUT: for dt-validate
binding_compile()
{
	local out

	out=$(dt-mk-schema -j "$BINDINGS" 2>&1 >"$1") && [ -z "$out" ] && [ -s "$1" ] &&
		return
	printf '%s\n' "$out"
	return 1
}

# follows SCHEMA DTB: there is a region in it, and it is as the binding has it
follows()
{
	silent dt-validate -l pcie-fpga-region -s "$1" "$2" || return 1
	dtc -q -I dtb -O dts "$2" | grep -q 'compatible = "pcie-fpga-region"' && return
	echo "$2: there is no region in it"
	return 1
}

# is_refused SCHEMA DTB REGEX: and that is why. What a schema does not allow at all
# dt-validate of 2025 tells without the name of the property.
is_refused()
{
	local out why=${3/%: False schema/: False schema|: False schema does not allow}

	out=$(dt-validate -l pcie-fpga-region -s "$1" "$2" 2>&1) || true
	grep -Eq "$why" <<<"$out" && return
	echo "wanted: $why"
	echo "got: $out"
	return 1
}

examples_follow()
{
	dt-extract-example "$BINDING" >"$2" &&
		silent "${BINDINGS_DTC[@]}" -o "$2.dtb" "$2" &&
		follows "$1" "$2.dtb"
}

# node_is_refused SCHEMA FILE REGEX PROPERTIES
node_is_refused()
{
	cat >"$2" <<-END
	/dts-v1/;
	/ { fpga-region { compatible = "pcie-fpga-region"; $4 }; };
	END
	silent "${BINDINGS_DTC[@]}" -o "$2.dtb" "$2" && is_refused "$1" "$2.dtb" "$3"
}

# What the binding refuses: why, and a region's properties.
bindings_refused()
{
	cat <<-'END'
	'image-names' is a required property	reload-method = "hot-reset"; image-timeout-ms = <1>;
	'image-timeout-ms' is a required property	reload-method = "hot-reset"; image-names = "a";
	image-names: False schema	image-names = "a";
	image-timeout-ms: False schema	image-timeout-ms = <1>;
	image-hold-ms: False schema	image-hold-ms = <1>;
	'by-hand' is not one of	reload-method = "by-hand"; image-names = "a"; image-timeout-ms = <1>;
	0 is less than the minimum	reload-method = "external"; image-names = "a"; image-timeout-ms = <0>;
	greater than the maximum	reload-method = "external"; image-names = "a"; image-timeout-ms = <3600001>;
	does not match '.*A-Za-z	reload-method = "external"; image-names = "../a"; image-timeout-ms = <1>;
	does not match '.*0-9a-f	linux,pci-port = "3a:00.0";
	firmware-name: False schema	firmware-name = "a"; external-fpga-config;
	firmware-name: .* is too long	firmware-name = "a", "b";
	'firmware-name' is a required property	encrypted-fpga-config;
	partial-fpga-config: True is not of type 'object'	firmware-name = "a"; partial-fpga-config;
	fpga-mgr: .* is not of type 'object'	fpga-mgr = <1>;
	timeout-us: .* is too long	firmware-name = "a"; config-complete-timeout-us = <1 2>;
	fpga-region-1: False schema	fpga-region-1 { compatible = "pcie-fpga-region"; };
	END
}

# world_base WORLD OUT: a tree that has the port of that world
world_base()
{
	local node path="" depth=0 part

	dtbs_world "$1"
	node=$(printf '%s\n' "${DTBS_DEFINES[@]}" | sed -n 's|^-DPORT_NODE=/||p')
	{
		echo '/dts-v1/;'
		echo '/ {'
		IFS=/ read -ra path <<<"$node"
		for part in "${path[@]}"; do
			echo "$part {"
			depth=$((depth + 1))
		done
		while [ $depth -gt 0 ]; do
			echo '};'
			depth=$((depth - 1))
		done
		echo '};'
	} >"$2.dts"
	dtc -q -I dts -O dtb -o "$2" "$2.dts"
}

# world_base_overlay WORLD: which makes a region there
world_base_overlay()
{
	case $1 in
	port)	echo card-region-name ;;
	*)	echo card-region-node ;;
	esac
}

# live_tree WORLD DTBO-DIRECTORY OUT OVERLAY...: the tree after these
live_tree()
{
	local world=$1 dtbo=$2 out=$3

	shift 3
	world_base "$world" "$out.base" &&
		silent fdtoverlay -i "$out.base" -o "$out" "${@/#/$dtbo/$world/}"
}

# overlays_follow SCHEMA WORLD DTBO-DIRECTORY WORK
overlays_follow()
{
	local schema=$1 world=$2 dtbo=$3 work=$4 base image

	base=$(world_base_overlay "$world").dtbo
	for image in factory user lab external; do
		live_tree "$world" "$dtbo" "$work/tree.dtb" "$base" "image-$image.dtbo" &&
			follows "$schema" "$work/tree.dtb" || return 1
	done
	live_tree "$world" "$dtbo" "$work/tree.dtb" card-region-hot-reset.dtbo &&
		follows "$schema" "$work/tree.dtb"
}

# What the binding can see of tests/dtso/negative.
overlays_refused()
{
	local schema=$1 dtbo=$2 work=$3 name reason rc=0

	while read -r name reason; do
		live_tree port "$dtbo" "$work/tree.dtb" card-region-name.dtbo \
			"negative/$name.dtbo" &&
			is_refused "$schema" "$work/tree.dtb" "$reason" || rc=1
	done <<-'END'
	both firmware-name: False schema
	partial partial-fpga-config: True is not
	nested fpga-region-0: False schema
	property is a required property
	names firmware-name: .* is too long
	END
	return $rc
}

# bindings_check WORK DTBO-DIRECTORY
bindings_check()
{
	local work=$1 dtbo=$2 schema=$1/schema.json world reason properties

	mkdir -p "$work"
	try "bindings: $(basename "$BINDING") is a binding" binding_is_one
	try "bindings: it compiles" binding_compile "$schema"
	try "bindings: its examples follow it" examples_follow "$schema" "$work/examples"
	for world in "${DTBS_WORLDS[@]}"; do
		try "bindings: so do the overlays, ports as in \"$world\"" \
			overlays_follow "$schema" "$world" "$dtbo" "$work"
	done
	while IFS=$'\t' read -r reason properties; do
		try "bindings: refused is: $properties" node_is_refused "$schema" \
			"$work/node" "$reason" "$properties"
	done < <(bindings_refused)
	try "bindings: overlays that break a rule are refused" \
		overlays_refused "$schema" "$dtbo" "$work"
}
