#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dtbs.sh [DIRECTORY]: compiles each overlay of dt-overlays/, into DIRECTORY
# (default: only to see that it compiles). A warning is a failure.

. "$(dirname "$0")/lib/common.sh"
. "$TESTS/lib/packages.sh"
. "$TESTS/lib/results.sh"

need_packages device-tree-compiler

out=${1:-$(mktemp -d)}
[ $# -gt 0 ] || trap 'rm -rf "$out"' EXIT

compiles()
{
	local log

	log=$(dtc -I dts -O dtb -o "$out/$(basename "$1" .dtso).dtbo" "$1" 2>&1)
	[ -z "$log" ] || { echo "$log"; return 1; }
	[ -s "$out/$(basename "$1" .dtso).dtbo" ]
}

for dtso in "$TREE"/dt-overlays/*.dtso; do
	try "dtbs: ${dtso##*/}" compiles "$dtso"
done
finish
