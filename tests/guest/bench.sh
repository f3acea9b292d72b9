# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs the measurements of /tests/bench/. With fpgacard.quick on the kernel's command line,
# those that have a line "# Quick" in their file.

. /tests/lib.sh
. /tests/lib/cases.sh
. /tests/lib/recipes.sh
. /tests/lib/bench.sh
. /tests/lib/bench-who.sh
. /tests/lib/bench-figures.sh

cases_for()
{
	! grep -q fpgacard.quick /proc/cmdline || grep -q '^# Quick' "$1"
}

: >/tmp/bench-out
printf '{"kernel":"%s","runs":%d}\n' "$(uname -r)" "$BENCH_REPEATS" | bench_out
run_cases /tests/bench
cat /tmp/bench-out >"$COUNTS_TTY"
