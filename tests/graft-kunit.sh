#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# graft-kunit.sh [V...]: puts the tree into a copy of the source of kernel V, and
# runs the KUnit suites there as its users would: with kunit.py, which makes the
# kernel and boots it. ONLY=GLOB takes those suites.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/suites.sh"

# graft_source V SOURCE COPY
graft_source()
{
	local v=$1 src=$2 copy=$3

	with_lock "source-$v" kernel_unpack "$src" "$v" || return 1
	if [ ! -d "$copy" ]; then
		say "copying ${src##*/} to $copy"
		run_logged "$LOGS/graft-$v.log" make_whole "$copy" cp -aT "$src" ||
			return 1
	fi
	run_logged "$LOGS/graft-$v.log" "$TREE/scripts/graft" "$copy" &&
		drop_older "$copy" "linux-$v-[0-9]*"
}

# Seconds that kunit.py gives a guest in real time, whose cases wait for 460 s
REAL_TIMEOUT=1800

# kunit_py COPY LOG: what README.md says, in virtual time as all guests, with
# TIME=real in real time
kunit_py()
{
	local args=(--arch=x86_64 --kunitconfig=drivers/fpga/card/kunit)

	qemu_clock tcg
	if [ ${#CLOCK[@]} -gt 0 ]; then
		args+=("--qemu_args=${CLOCK[*]}")
	else
		args+=("--timeout=$REAL_TIMEOUT")
	fi
	# What an earlier run left is no result of this one.
	rm -f "$1/.kunit/test.log"
	(cd "$1" && ./tools/testing/kunit/kunit.py run "${args[@]}" ${ONLY:+"$ONLY"}) \
		2>&1 </dev/null | sed 's/\x1b\[[0-9;]*m//g' >"$2"
}

# graft_cases LOG OUT: the kernel's own words to "pass NAME" and so on, one line for
# each parameter. They end with the last suite.
graft_cases()
{
	(tr -d '\r' <"$1" | sed 's/^/0 /'; echo "0 end") |
		awk -v to=end -f "$TESTS/guest/lib/ktap.awk" >"$2"
}

# graft_report LABEL CASES
graft_report()
{
	local state rest why

	while read -r state rest; do
		case $state in
		pass)	pass "$1: $rest" ;;
		fail)	fail "$1: $rest" ;;
		skip)
			why=${rest#* # SKIP}
			rest=${rest%% # SKIP*}
			if [ -n "${why# }" ]; then
				SKIPPED=$((SKIPPED + 1))
				echo "# skipped: $1: $rest (${why# })"
			else
				fail "$1: $rest: skipped, without a reason"
			fi
			;;
		note)	echo "#   $rest" ;;
		total)	echo "# $1: $rest" ;;
		esac
	done <"$2"
}

# graft_compare V CASES: what the modules run has to be here as well.
graft_compare()
{
	local v=$1 list missing other

	list=$(suites_list "$v")
	if [ ! -f "$list" ]; then
		say "running the suites as modules (log: $LOGS/graft-modules-$v.log)"
		FPGA_CARD_TOTALS='' ONLY='' "$TESTS/kunit.sh" "$v" \
			>"$LOGS/graft-modules-$v.log" 2>&1 || true
	fi
	if [ ! -f "$list" ]; then
		echo "# the modules' run gave no list: $LOGS/graft-modules-$v.log"
		return 1
	fi
	missing=$(suites_names <"$2" | comm -13 - "$list")
	other=$(suites_names <"$2" | comm -23 - "$list" | wc -l)
	[ -z "$missing" ] || printf '# missing: %s\n' "${missing//$'\n'/$'\n# missing: '}"
	echo "# $v: the modules' run has $(wc -l <"$list") cases and parameters;" \
		"$other are here alone"
	[ -z "$missing" ]
}

# graft_counted LOG CASES: kunit.py has to have found what we did.
graft_counted()
{
	local said ours

	said=$(sed -n 's/.*Testing complete\. Ran [0-9]* tests: //p' "$1")
	ours=$(awk '{ n[$1]++ } END {
		printf "%d %d %d", n["pass"], n["fail"], n["skip"] }' "$2")
	said=$(echo "$said" | awk -F ', ' '{
		for (i = 1; i <= NF; i++) { split($i, a, ": "); n[a[1]] = a[2] }
	} END {
		printf "%d %d %d", n["passed"],
			n["failed"] + n["crashed"] + n["errors"], n["skipped"] }')
	[ "$said" = "$ours" ] && return
	echo "# passed, failed, skipped: kunit.py says $said, the kernel $ours"
	return 1
}

# graft_run V COPY
graft_run()
{
	local v=$1 copy=$2 log=$LOGS/graft-kunit-$1.log rc=0 cases

	say "kunit.py run, kernel $v (log: $log, console: $copy/.kunit/test.log)"
	kunit_py "$copy" "$log" || rc=$?
	grep -E 'Elapsed time: ' "$log" | sed 's/^[^ ]* /# /' || true
	if [ ! -s "$copy/.kunit/test.log" ]; then
		fail "$v graft: kunit.py builds and boots a kernel (log: $log)"
		tail -n 30 "$log" | sed 's/^/#   /'
		return
	fi
	cases=$(mktemp)
	graft_cases "$copy/.kunit/test.log" "$cases"
	graft_report "$v graft" "$cases"
	try "$v graft: kunit.py counts the same" graft_counted "$log" "$cases"
	try "$v graft: kunit.py exits with 0 (log: $log)" test "$rc" -eq 0
	[ "$rc" -eq 0 ] || tail -n 10 "$log" | sed 's/^/#   /'
	try "$v graft: the kernel's log is clean" \
		suites_log_is_clean "$copy/.kunit/test.log"
	[ -n "${ONLY:-}" ] ||
		try "$v graft: the modules' cases are all there" \
			graft_compare "$v" "$cases"
	rm -f "$cases"
}

# graft_kunit V: with the copy to itself, as another checkout would graft another
# tree into it.
graft_kunit()
{
	local v=$1 src copy

	mkdir -p "$LOGS"
	if src=$(kernel_source "$v") && copy=$CACHE/graft/${src##*/} &&
			graft_source "$v" "$src" "$copy"; then
		pass "$v graft: into a copy of the source"
		graft_run "$v" "$copy"
	else
		fail "$v graft: into a copy of the source (log: $LOGS/graft-$v.log)"
	fi
}

[ $# -gt 0 ] || set -- "$KERNEL_MAIN" "$KERNEL_NEXT"
need_packages python3
qemu_needs x86_64
for v in "$@"; do
	[ "$v" = "$(kernel_version "$v")" ] || die "$v: not a version of the kernel"
	kernel_needs "$v" || die "cannot install what kernel $v is built with"
	with_lock "graft-$v" graft_kunit "$v"
done
finish
