#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# docs.sh: the documentation by Sphinx, with kernel-doc of the kernel's source, and
# without a warning. OUT=DIRECTORY: where the pages go. Figures are those of the last
# whole run of make bench in this checkout, or of the results that MEASURED names.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/bench-report.sh"

need_packages python3-sphinx perl jq
kernel_get_source "$KERNEL_MAIN"
export FPGA_CARD_TREE=$TREE FPGA_CARD_KERNEL
FPGA_CARD_KERNEL=$(kernel_source "$KERNEL_MAIN")
export FPGA_CARD_MEASURED=${MEASURED:-$(bench_kept)}
OUT=${OUT:-$CACHE/docs/$TREE_ID}

# As new pages each time: a page that did not change is not looked at again.
pages_are_made()
{
	run_logged "$LOGS/docs.log" sphinx-build -q -n -W --keep-going -E \
		-c "$TESTS/docs" -d "$OUT/.doctrees" \
		"$TREE/Documentation/fpga-card" "$OUT" || return 1
	say "the pages are in $OUT"
}

# The first of the medians, or how to get one
figures_are_told()
{
	local page=$OUT/admin-guide/performance.html told='There are no figures'

	if [ -z "$FPGA_CARD_MEASURED" ]; then
		grep -q "$told" "$page"
		return
	fi
	! grep -q "$told" "$page" || return 1
	grep -qF "$(jq -r '.cases[0].median_ms' "$FPGA_CARD_MEASURED" |
		xargs printf '%.1f ms')" "$page"
}

mkdir -p "$OUT"
try "docs: Sphinx makes the pages without a warning" pages_are_made
try "docs: functions of kernel-doc are in them" grep -q pci_reload_open \
	"$OUT/driver-api/reload-window.html"
try "docs: so is what make bench measured, or that it did not" figures_are_told
finish
