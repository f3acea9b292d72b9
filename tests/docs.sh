#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# docs.sh: the documentation by Sphinx, with kernel-doc of the kernel's source, and
# without a warning. OUT=DIRECTORY: where the pages go.

. "$(dirname "$0")/lib/all.sh"

need_packages python3-sphinx perl
kernel_get_source "$KERNEL_MAIN"
export FPGA_CARD_TREE=$TREE FPGA_CARD_KERNEL
FPGA_CARD_KERNEL=$(kernel_source "$KERNEL_MAIN")
OUT=${OUT:-$CACHE/docs/$TREE_ID}

# As new pages each time: a page that did not change is not looked at again.
pages_are_made()
{
	run_logged "$LOGS/docs.log" sphinx-build -q -n -W --keep-going -E \
		-c "$TESTS/docs" -d "$OUT/.doctrees" \
		"$TREE/Documentation/fpga-card" "$OUT" || return 1
	say "the pages are in $OUT"
}

mkdir -p "$OUT"
try "docs: Sphinx makes the pages without a warning" pages_are_made
try "docs: functions of kernel-doc are in them" grep -q pci_reload_open \
	"$OUT/driver-api/reload-window.html"
finish
