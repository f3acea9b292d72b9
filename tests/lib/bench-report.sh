# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What is made of the results of make bench, see tests/bench/report: a table, limits that
# are counted, pictures, and a line in the history. The last whole run of a checkout is
# kept; the documentation has its figures from there.

# shellcheck disable=SC2034 # for those who call these
BENCH_REPORT_PACKAGES=(python3 gnuplot-nox)
BENCH_KEPT=$CACHE/bench/$TREE_ID
# Of all checkouts: each line has the revision.
BENCH_HISTORY=$CACHE/bench/history

# bench_kept: the results of the last whole run, or nothing
bench_kept()
{
	[ ! -f "$BENCH_KEPT/results.json" ] || echo "$BENCH_KEPT/results.json"
}

# bench_keep_in RESULTS DIR: with pictures
bench_keep_in()
{
	cp "$1" "$2/results.json" &&
		bench_said "$TESTS/bench/report" --pictures "$2" "$2/results.json" >/dev/null &&
		say "results and pictures are in $BENCH_KEPT"
}

# bench_said COMMAND...: what it says on stderr only if it did not work, which a limit that
# does not hold is not
bench_said()
{
	local rc=0 said

	{ said=$("$@" 2>&1 >&3) || rc=$?; } 3>&1
	[ $rc -gt 1 ] || return 0
	printf '%s\n' "$said" >&2
	return 1
}

# The limits, each of which is a case
bench_limits()
{
	local line

	while IFS= read -r line; do
		case $line in
		"ok - "*)	pass "bench: ${line#ok - }" ;;
		"not ok - "*)	fail "bench: ${line#not ok - }" ;;
		"skip - "*)
			SKIPPED=$((SKIPPED + 1))
			echo "# skipped: bench: ${line#skip - }"
			;;
		esac
	done
}

# bench_table RESULTS [OPTION...]
bench_table()
{
	bench_said "$TESTS/bench/report" "${@:2}" "$1" | sed 's/^/# /'
}

# bench_report RESULTS: of a run. With ONLY=TEXT, which is a part of one, there are no
# limits. With QUICK=1 nothing is kept.
bench_report()
{
	local options=()

	if [ -z "${ONLY:-}" ]; then
		mkdir -p "${BENCH_HISTORY%/*}"
		options=(--history "$BENCH_HISTORY" --record)
	fi
	try "bench: the results are sound" bench_table "$1" "${options[@]}"
	[ -z "${ONLY:-}" ] || return 0
	bench_limits < <("$TESTS/bench/report" --tap "$1" 2>/dev/null)
	[ -z "${QUICK:-}" ] || return 0
	try "bench: pictures are made" with_lock bench-report \
		make_whole "$BENCH_KEPT" bench_keep_in "$1"
}
