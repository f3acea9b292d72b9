#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# torture.sh: random walks, see kunit/fpga/fpga_card_torture.c. LOADS=5000 of them, QUICK=1: 300;
# SEED=N: what they begin with. A seed that fails comes again with the same cases.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/suites.sh"

# Walks that a guest has, and loads in each: no case may last a minute.
WALKS=64
LOADS_EACH=5

v=$KERNEL_MAIN
seed=${SEED:-1}
loads=${LOADS:-5000}
[ -z "${QUICK:-}" ] || loads=300
verdict=$(mktemp)
# shellcheck disable=SC2016
at_exit 'rm -f "$verdict"'

# The sum of what the guests have counted
torture_table()
{
	sed -n 's/.*torture: \(.*\): \([0-9][0-9 ]*\)$/\1:\2/p' "$1" |
		awk -F: '{ split($2, n, " "); names[$1]
			for (i = 1; i <= 7; i++) sum[$1, i] += n[i] }
		END { printf "# %-24s %8s %8s %8s %9s %8s %9s %5s\n", "fault", "success",
				"degraded", "refused", "cancelled", "rolled", "recovered", "lost"
			for (f in names)
				printf "# %-24s %8d %8d %8d %9d %8d %9d %5d\n", f, sum[f, 1],
					sum[f, 2], sum[f, 3], sum[f, 4], sum[f, 5],
					sum[f, 6], sum[f, 7] | "sort" }'
}

if ! modules_for "$v"; then
	fail "$v torture: modules build"
	finish
	exit
fi
pass "$v torture: modules build"
suites_guest "$v"
table=$(mktemp)
# shellcheck disable=SC2016
at_exit 'rm -f "$table"'
for ((done = 0; done < loads; done += WALKS * LOADS_EACH, seed++)); do
	say "seed $seed"
	# shellcheck disable=SC2034
	GUEST_VERDICT=$verdict
	: >"$verdict"
	guest_run "$v" kunit "${SECONDS_MAX:-$GUEST_SECONDS}" \
		"$SUITES_CMDLINE kunit.filter_glob=fpga_card_torture fpgacard.params=torture=$LOADS_EACH,seed=$seed"
	tr -d '\r' <"$verdict" >>"$table"
done
torture_table "$table"
finish
