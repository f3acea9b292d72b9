#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# coverage.sh: how much of pci/ and fpga/ the KUnit suites and the end-to-end
# cases run, by gcov and gcovr, on the main kernel.
#
#   RUNS="kunit e2e card=n6000 card=n3000 card=d5005 devlink"
#                     which of them
#   ONLY=TEXT         only some of their suites or cases (see kunit.sh, e2e.sh)
#   AGAIN=1           runs nothing, but shows the last result
#   FILES=REGEX       shows only files whose path matches, from the top of the tree

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/suites.sh"
. "$TESTS/lib/programs.sh"

COVERAGE_WANTED=90
export FLAVOUR=gcov
v=$KERNEL_MAIN
runs=${RUNS:-kunit e2e card=n6000 card=n3000 card=d5005 devlink}

# counts_of RUN: boots a guest; what it counted is then in $out/RUN. run.sh reads what is
# set here.
# shellcheck disable=SC2034
counts_of()
{
	local run=$1 only="" card=""

	[ "$run" = "${run#*=}" ] || card=fpgacard.card=${run#*=}
	if [ -n "${ONLY:-}" ]; then
		only=fpgacard.only=$ONLY
		[ "$run" != kunit ] || only=kunit.filter_glob=$ONLY
	fi
	rm -rf "${out:?}/$run"
	mkdir -p "$out/$run"
	GUEST_LAST=()
	GUEST_FILES=
	[ "$run" != kunit ] || suites_guest "$v"
	if [ "$run" = devlink ]; then
		GUEST_FILES=$programs
		GUEST_LAST=(fpga/fpga-card-devlink)
	fi
	guest_run "$v" "${run%=*}" "${SECONDS_MAX:-$GUEST_SECONDS}" \
		"$SUITES_CMDLINE fpgacard.counts $only $card" \
		-chardev "file,id=counts,path=$out/$run.base64" -serial chardev:counts
	tr -d '\r' <"$out/$run.base64" | base64 -d |
		tar -x --warning=no-timestamp -C "$out/$run" &&
		[ -n "$(find "$out/$run" -name '*.gcda' -print -quit)" ]
}

# read_counts RUN: $out/RUN.json is what gcovr makes of the counts of a guest. The
# guest has them below the absolute path of the build. gcov wants the notes of the
# compiler beside them; a file that no case reached has the notes alone.
read_counts()
{
	local counts=$out/$1$dir

	[ -d "$counts" ] || return 1
	(cd "$dir" && find pci fpga -name '*.gcno' -exec cp --parents -t "$counts" {} +) &&
		run_logged "$out/$1.log" gcovr --root "$dir" --filter "$dir/(pci|fpga)/" \
			--json "$out/$1.json" "$counts"
}

# report REGEX [ARG...]: gcovr on the files below $dir whose path matches, of all runs
report()
{
	local filter=$1 run traces=()

	shift
	for run in $runs; do
		traces+=(--add-tracefile "$out/$run.json")
	done
	gcovr --root "$dir" --filter "$dir/$filter" "${traces[@]}" "$@"
}

# gcovr replaces the file that --output names, be it /dev/null.
report_passes()
{
	report "($1)/" --fail-under-line "$2" >/dev/null
}

need_packages gcc gcovr
case $runs in
*devlink*)
	need_packages iproute2 jq
	programs=$(mktemp -d)
	chmod 755 "$programs"
	at_exit 'rm -rf "$programs"'
	guest_add_program "$programs" devlink jq || die "cannot put the programs together"
	;;
esac
dir=$(modules_dir "$(kernel_key "$v")")
out=$CACHE/coverage/${dir##*/}
mkdir -p "$out"

if [ -z "${AGAIN:-}" ]; then
	modules_for "$v" || die "the modules do not build"
	rm -f "$out"/*.json
	for run in $runs; do
		try "coverage: $run sent its counts" counts_of "$run"
		try "coverage: gcovr reads the counts of $run" read_counts "$run"
	done
fi
report "(pci|fpga)/.*${FILES:-}" --html-details "$out/index.html" || die "there is no result to show"
report "(pci|fpga)/.*${FILES:-}"
say "lines and branches, in the source: $out/index.html"
for part in pci fpga 'pci|fpga'; do
	lines=$(report "($part)/" --print-summary | grep '^lines:' || true)
	try "coverage: of $part, $COVERAGE_WANTED % of the lines ran at least; $lines" \
		report_passes "$part" "$COVERAGE_WANTED"
done
finish
