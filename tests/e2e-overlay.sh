#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# e2e-overlay.sh [V...]: the cases of tests/guest/overlay/, on each kernel that
# can take overlays. ONLY=TEXT takes those whose file's name contains TEXT. FUZZ=N
# and CUT=N: how many damaged and how many truncated overlays of each kind there
# are, instead of 10000 and 1000.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/of-fpga-region.sh"
. "$TESTS/lib/dtbs.sh"
. "$TESTS/lib/test-module.sh"
. "$TESTS/lib/overlay.sh"

GUEST_FILES=$(mktemp -d)
at_exit 'rm -rf "$GUEST_FILES"'

# extra_module V NAME: for the cases that insert it themselves
extra_module()
{
	local file

	file=$(test_module "$1" "$2") || return 1
	mkdir -p "$GUEST_FILES/lib/modules-extra"
	cp "$file.ko" "$GUEST_FILES/lib/modules-extra/"
}

run_world()
{
	local v=$1

	if ! modules_for "$v"; then
		fail "$v overlay: modules build"
		return
	fi
	pass "$v overlay: modules build"
	if ! overlay_modules "$v"; then
		fail "$v overlay: of-fpga-region builds"
		return
	fi
	if ! extra_module "$v" device-tree-owner || ! extra_module "$v" foreign-loader; then
		fail "$v overlay: the cases' modules build"
		return
	fi
	guest_run "$v" overlay "${SECONDS_MAX:-$GUEST_SECONDS}" \
		"${ONLY:+fpgacard.only=$ONLY} ${FUZZ:+fpgacard.fuzz=$FUZZ} ${CUT:+fpgacard.cut=$CUT}"
}

[ $# -gt 0 ] || set -- "$KERNEL_MAIN" "$KERNEL_NEXT" "$KERNEL_ARM"
try "overlay: the overlays compile" overlay_files "$GUEST_FILES"
for v in "$@"; do
	if kernel_is_known "$v"; then
		run_world "$v"
	else
		fail "$v overlay: tests/kernel/flavours has no such kernel"
	fi
done
finish
