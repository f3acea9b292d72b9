#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything, and the sum of it as the last line. The two kernels run at the same
# time, which is what keeps it below half an hour on two cores.

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

# parts_at_once COMMAND ARGUMENT...: a part for each argument, at the same time,
# shown one after the other.
parts_at_once()
{
	local command=$1 v out

	shift
	out=$(mktemp -d)
	for v in "$@"; do
		FPGA_CARD_TOTALS=$out/$v.total "$command" "$v" >"$out/$v" &
	done
	wait
	for v in "$@"; do
		echo "# ${command##*/} $v"
		cat "$out/$v"
		cat "$out/$v.total" >>"$totals" || died=$((died + 1))
	done
	rm -rf "$out"
}

# other_run CARD|overlay: those that are for the main kernel alone
other_run()
{
	case $1 in
	overlay)	FUZZ=${FUZZ:-300} CUT=${CUT:-50} "$TESTS/e2e-overlay.sh" "$KERNEL_MAIN" ;;
	*)		CARD=$1 "$TESTS/e2e.sh" "$KERNEL_MAIN" ;;
	esac
}

part "$TESTS/style.sh"
part "$TESTS/pack-test.sh"
part "$TESTS/dtbs.sh"
part "$TESTS/build.sh" "$KERNEL_OLD"
# Guests wait most of their time.
parts_at_once "$TESTS/kunit.sh" "$KERNEL_MAIN" "$KERNEL_OLD"
parts_at_once "$TESTS/e2e.sh" "$KERNEL_MAIN" "$KERNEL_OLD"
# The other cards have make e2e CARD=; the other kernels that take overlays, and
# thousands of damaged ones, make e2e-overlay.
parts_at_once other_run n6000 overlay

unset FPGA_CARD_TOTALS
# shellcheck disable=SC2034
read -r PASSED FAILED SKIPPED < <(awk -v died=$died \
	'{ p += $1; f += $2; s += $3 } END { print p + 0, f + died, s + 0 }' "$totals")
finish
