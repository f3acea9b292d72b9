#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dtbs.sh [DIRECTORY]: compiles the overlays, for each way in which a machine can
# name a port, into a directory of DIRECTORY (default: only to see that they
# compile), and holds the binding against them. A warning is a failure.

. "$(dirname "$0")/lib/common.sh"
. "$TESTS/lib/packages.sh"
. "$TESTS/lib/debs.sh"
. "$TESTS/lib/results.sh"
. "$TESTS/lib/dtbs.sh"
. "$TESTS/lib/bindings.sh"

need_packages cpp device-tree-compiler dt-schema

work=$(mktemp -d)
at_exit 'rm -rf "$work"'
out=${1:-$work/dtbo}

for world in "${DTBS_WORLDS[@]}"; do
	try "dtbs: the overlays compile, ports as in \"$world\"" \
		dtbs_world_compile "$world" "$out/$world"
done
bindings_check "$work/bindings" "$out"
finish
