#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench-report.sh: the report of make bench sees each ratio that falls short, takes nothing
# that was not measured for good, and refuses damaged results.

# What tries is called by its name. The library reads variables that are set here.
# shellcheck disable=SC2034,SC2317
. "$(dirname "$0")/../lib/all.sh"
. "$TESTS/lib/bench-report.sh"

WORK=$(mktemp -d)
at_exit 'rm -rf "$WORK"'
cd "$WORK" || exit

# made STATEMENT...: results, changed by these
made()
{
	"$TESTS/harness/bench_results.py" "$@" >results.json
}

# report STATUS [OPTION...]: the report of what was made, in the files out and err
report()
{
	local wanted=$1 rc=0

	shift
	"$TESTS/bench/report" "$@" results.json >out 2>err || rc=$?
	[ $rc -eq "$wanted" ] && ! grep -q Traceback err && return
	echo "# exit status $rc, and not $wanted"
	sed 's/^/#   /' err
	return 1
}

# says FILE TEXT
says()
{
	grep -qF -- "$2" "$1" && return
	echo "# \"$2\" is not in $1:"
	sed 's/^/#   /' "$1"
	return 1
}

# ---- limits, and damage ----

last=
while IFS= read -r line; do
	last=$line
	case $line in
	"ok - "*)	pass "${line#ok - }" ;;
	"not ok - "*)	fail "${line#not ok - }" ;;
	esac
done < <("$TESTS/harness/bench-limits.py")
[ "$last" = end ] || fail "limits: not all were tried"

within()
{
	made && report 0 && [ ! -s err ] && ! grep -Eq 'SHORT|  \?  |not measured' out &&
		says out "holds   base ours - floor: 8.6 ms, at most 21.27 ms" &&
		report 0 --tap && says out "ok - base ours - floor: "
}

short()
{
	made 'take("vfs-64", "ours", 3000)' && report 1 &&
		says out "SHORT   vfs-64 ours/floor: 1.42857, at most 1.03" &&
		says err "falls short: vfs-64 ours/floor: 1.42857, at most 1.03" &&
		report 1 --tap && says out "not ok - vfs-64 ours/floor: "
}

not_measured()
{
	made 'drop("base", "rsu", "no port")' && report 1 &&
		says err "falls short: base rsu/ours: not measured: rsu: no port" &&
		report 1 --tap && says out "not ok - base rsu/ours: not measured: rsu: no port"
}

not_measured_quick()
{
	made 'run["quick"] = True' 'drop("base", "rsu", "no port")' && report 0 &&
		[ ! -s err ] && says out "?       base rsu/ours: not measured: rsu: no port" &&
		report 0 --tap && says out "skip - base rsu/ours: not measured: rsu: no port"
}

damaged()
{
	made 'run["runs"] = 0' && report 2 && says err "results.json: runs: not 0" &&
		[ ! -s out ] && report 2 --tap && [ ! -s out ] &&
		rm results.json && report 2 && says err "No such file" &&
		printf '\377\376' >results.json && report 2 && says err "results.json: "
}

try "exit status: 0, within the limits" within
try "exit status: 1, short of one" short
try "exit status: 1, not measured" not_measured
try "exit status: 0, not measured in a quick run" not_measured_quick
try "exit status: 2, damaged" damaged

# ---- the table ----

tabled()
{
	made 'drop("base", "rsu", "no port to remove")' && report 1 &&
		grep -Eq '^base +ours +1135\.6 +1135\.4 to 1135\.9 +1135\.0 to 1137\.1 +1\.008$' out &&
		grep -Eq '^ +nfb-boot +5210\.0 .* 4\.623 +4\.59$' out &&
		grep -Eq '^ +rsu +not measured$' out &&
		says out "  base rsu: no port to remove" &&
		grep -Eq '^longest hold of rescan lock +base +20\.9 ms$' out
}

unmeasured_row()
{
	made 'drop("vfs-256"); drop("vfs-256", "floor"); run["missing"] = []' && report 1 &&
		grep -Eq '^vfs-256 +ours +not measured$' out
}

try "table: medians, spread and ratios" tabled
try "table: has a row for what nothing is known of" unmeasured_row

# ---- history ----

# recorded STATUS REVISION STATEMENT...
recorded()
{
	made "${@:3}" && report "$1" --history history --record --revision "$2"
}

history_compares()
{
	rm -f history
	recorded 0 one && says out "No earlier run can be compared" &&
		recorded 0 two 'take("base", "ours", 1135.9)' &&
		says out "Against one of " && ! grep -q WORSE out &&
		recorded 0 three 'take("base", "ours", 1139)' && says out "Against two of " &&
		says out "WORSE   base ours/floor: 1.0079 to 1.01065, spread " &&
		recorded 0 four && says out "better  base ours/floor: 1.01065 to 1.00763" &&
		! grep -q "WORSE   base" out && [ "$(wc -l <history)" -eq 4 ]
}

more_is_better()
{
	rm -f history
	recorded 0 one && recorded 0 two 'take("base", "rsu", 9900)' &&
		says out "WORSE   base rsu/ours: " && recorded 0 three &&
		says out "better  base rsu/ours: "
}

figures_compare()
{
	rm -f history
	recorded 0 one &&
		recorded 0 two 'figure("rescan_hold_longest_ms")["value"] = 22' &&
		! grep -q WORSE out &&
		recorded 0 three 'figure("rescan_hold_longest_ms")["value"] = 30' &&
		says out "WORSE   base rescan_hold_longest_ms: 22 to 30 ms"
}

others_do_not_count()
{
	rm -f history
	recorded 0 quick 'run["quick"] = True' && recorded 0 other 'run["kernel"] = "6.1"' &&
		recorded 0 machine 'run["processor"] = "fast"' &&
		recorded 0 this && says out "No earlier run can be compared" &&
		recorded 0 next && says out "Against this of "
}

not_recorded()
{
	rm -f history
	made && report 0 --history history && [ ! -e history ] || return 1
	made 'run["format"] = 2' && report 2 --history history --record && [ ! -e history ]
}

short_is_recorded()
{
	rm -f history
	recorded 1 one 'take("base", "ours", 1160)' &&
		says history '"failed": ["base ours - floor: 33 ms, at most 21.27 ms"]'
}

gone_is_told()
{
	rm -f history
	recorded 0 one && recorded 1 two 'drop("base", "rsu")' &&
		says out "gone    base rsu/ours" && recorded 0 three &&
		says out "new     base rsu/ours: "
}

# As of a disk that was full
half_a_line()
{
	rm -f history
	recorded 0 one && truncate -s -30 history && recorded 0 two &&
		says err "history: line 1 is no run" && recorded 0 three &&
		says out "Against two of " && [ "$(wc -l <history)" -eq 3 ]
}

try "history: what got worse by more than its spread is marked" history_compares
try "history: a ratio of which more is better" more_is_better
try "history: a figure" figures_compare
try "history: only what can be compared" others_do_not_count
try "history: only what is asked for, and sound, is recorded" not_recorded
try "history: what falls short is recorded" short_is_recorded
try "history: what is not measured any more is told" gone_is_told
try "history: an unfinished line does no harm" half_a_line

# ---- pictures ----

# Without gnuplot
stub()
{
	mkdir -p stub
	printf '#!/bin/sh\n%s\n' "$1" >stub/gnuplot
	chmod +x stub/gnuplot
}

drawn()
{
	local name

	made && report 0 --pictures pictures || return 1
	for name in base functions vfs cards card-time file readiness steps-base steps-vfs-256; do
		if ! head -c 4 "pictures/$name.png" | grep -q PNG ||
			! tail -n 2 "pictures/$name.svg" | grep -q '</svg>'; then
			echo "# $name is no picture"
			return 1
		fi
	done
	says pictures/base.svg nfb-boot && says pictures/steps-base.svg enumerating &&
		[ -z "$(find pictures -name '*.part')" ]
}

gnuplot_fails()
{
	stub 'echo "no such terminal" >&2; exit 1'
	made && PATH=$PWD/stub:$PATH report 2 --pictures none &&
		says err "no such terminal" && says out "Limits:" && [ -z "$(ls none)" ]
}

gnuplot_not_asked()
{
	stub 'touch called'
	made && PATH=$PWD/stub:$PATH report 0 && [ ! -e called ]
}

need_packages gnuplot-nox
try "pictures: SVG and PNG of each group" drawn
try "pictures: gnuplot fails" gnuplot_fails
try "pictures: none, where nobody asked" gnuplot_not_asked

# ---- in the harness ----

CACHE=$WORK/cache LOGS=$WORK/logs
BENCH_KEPT=$CACHE/bench/mine BENCH_HISTORY=$CACHE/bench/history

# counted VARIABLES: "PASSED FAILED SKIPPED" of the report of what was made
counted()
{
	(
		PASSED=0 FAILED=0 SKIPPED=0 ONLY='' QUICK=''
		eval "$1"
		bench_report results.json >out 2>err
		echo "$PASSED $FAILED $SKIPPED"
	)
}

# counts VARIABLES PASSED FAILED SKIPPED
counts()
{
	local got

	got=$(counted "$1")
	[ "$got" = "$2 $3 $4" ] && return
	echo "# $got, and not $2 $3 $4"
	sed 's/^/#   /' out err
	return 1
}

whole_run()
{
	rm -rf cache
	made && counts : 20 0 0 && cmp results.json "$(bench_kept)" &&
		[ -s "$BENCH_KEPT/base.svg" ] && [ "$(wc -l <"$BENCH_HISTORY")" -eq 1 ]
}

run_that_is_short()
{
	made 'take("vfs-64", "ours", 3000)' 'drop_figure("stage_ratio")' && counts : 18 2 0 &&
		says out "not ok 7 - bench: vfs-64 ours/floor: 1.42857, at most 1.03" &&
		says out "not ok 15 - bench: stage_ratio: not measured"
}

quick_run()
{
	rm -rf cache
	made 'run["quick"] = True' 'drop_figure("stage_ratio")' && counts QUICK=1 15 0 1 &&
		says out "# skipped: bench: stage_ratio: not measured" && [ -z "$(bench_kept)" ]
}

part_of_a_run()
{
	rm -rf cache
	made 'run["cases"] = [case("base")]' && counts ONLY=10 1 0 0 && [ ! -e "$BENCH_HISTORY" ]
}

damaged_run()
{
	made && counts : 20 0 0 && cp "$(bench_kept)" before.json || return 1
	made 'run["runs"] = 0'
	counts : 0 2 0 && says err "results.json: runs: not 0" && cmp before.json "$(bench_kept)"
}

try "harness: a whole run is counted and kept" whole_run
try "harness: what falls short or was not measured has failed" run_that_is_short
try "harness: a quick run skips what it did not measure" quick_run
try "harness: a part of a run has no limits" part_of_a_run
try "harness: damaged results have failed, and the last ones are kept" damaged_run
finish
