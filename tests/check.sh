#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything, and the sum of it as the last line.

. "$(dirname "$0")/lib/common.sh"
. "$TESTS/lib/results.sh"
. "$TESTS/lib/kernel.sh"

totals=$(mktemp)
trap 'rm -f "$totals"' EXIT
export FPGA_CARD_TOTALS=$totals
died=0

part()
{
	local lines

	lines=$(wc -l <"$totals")
	echo "# ${1##*/} ${*:2}"
	"$@" || true
	# A part that gave no count failed before it could.
	[ "$(wc -l <"$totals")" -gt "$lines" ] || died=$((died + 1))
}

part "$TESTS/style.sh"
part "$TESTS/pack-test.sh"
part "$TESTS/dtbs.sh"
part "$TESTS/kunit.sh" "$KERNEL_MAIN"
part "$TESTS/e2e.sh" "$KERNEL_MAIN"
part "$TESTS/build.sh" "$KERNEL_OLD"
part "$TESTS/e2e.sh" "$KERNEL_OLD"

unset FPGA_CARD_TOTALS
# shellcheck disable=SC2034
read -r PASSED FAILED SKIPPED < <(awk -v died=$died \
	'{ p += $1; f += $2; s += $3 } END { print p + 0, f + died, s + 0 }' "$totals")
finish
