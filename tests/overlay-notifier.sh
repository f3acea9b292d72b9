#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# overlay-notifier.sh: why the image of an overlay is not loaded from inside the
# overlay notifier. The cases of tests/guest/overlay-notifier/ do so, with the
# kernel's own of-fpga-region, and pass when they see what comes of it: a kernel
# that cannot go on. So each has a guest of its own. ONLY=TEXT takes those whose
# file's name contains TEXT.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/of-fpga-region.sh"
. "$TESTS/lib/dtbs.sh"
. "$TESTS/lib/test-module.sh"
. "$TESTS/lib/overlay.sh"

MODULE=notifier-program
GUEST_FILES=$(mktemp -d)
at_exit 'rm -rf "$GUEST_FILES"'

# The FPGA framework reads a file of the image's name before it calls a manager.
notifier_files()
{
	local fw=$GUEST_FILES/lib/firmware f

	mkdir -p "$fw/$MODULE"
	echo user >"$fw/user"
	for f in "$TESTS/modules/$MODULE"/*.dtso; do
		dtc -I dts -O dtb -o "$fw/$MODULE/$(basename "$f" .dtso).dtbo" "$f" ||
			return 1
	done
}

prepare()
{
	local v=$1 module

	modules_for "$v" && overlay_modules "$v" && overlay_files "$GUEST_FILES" &&
		notifier_files && module=$(test_module "$v" "$MODULE") || return 1
	GUEST_LAST+=("$module")
}

v=${1:-$KERNEL_NEXT}
need_packages device-tree-compiler
if ! prepare "$v"; then
	fail "$v overlay-notifier: all builds"
	finish
	exit
fi
pass "$v overlay-notifier: all builds"
for f in "$TESTS"/guest/overlay-notifier/[0-9]*.sh; do
	f=${f##*/}
	case $f in
	*"${ONLY:-}"*)
		guest_run "$v" overlay-notifier "${SECONDS_MAX:-$GUEST_SECONDS}" \
			"fpgacard.only=$f $GUEST_HANGS"
		;;
	esac
done
finish
