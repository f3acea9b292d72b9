#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# coverage.sh: how much of pci/ and fpga/ the KUnit suites and the end-to-end
# cases run, by gcov, on the main kernel.
#
#   RUNS="kunit e2e card=n6000 card=n3000 card=d5005"
#                     which of them
#   ONLY=TEXT         only some of their suites or cases (see kunit.sh, e2e.sh)
#   AGAIN=1           runs nothing, but shows the last result
#   VERBOSE=1         lists the lines that never ran, and the branches
#   FILES=TEXT        but only of files whose name has that

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/suites.sh"

COVERAGE_WANTED=90
export FLAVOUR=gcov
v=$KERNEL_MAIN
runs=${RUNS:-kunit e2e card=n6000 card=n3000 card=d5005}

# counts_of RUN: boots a guest; what it counted is then in $out/RUN
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
	# shellcheck disable=SC2034
	GUEST_LAST=()
	[ "$run" != kunit ] || suites_guest "$v"
	guest_run "$v" "${run%=*}" "${SECONDS_MAX:-$GUEST_SECONDS}" \
		"$SUITES_CMDLINE fpgacard.counts $only $card" \
		-chardev "file,id=counts,path=$out/$run.base64" -serial chardev:counts
	tr -d '\r' <"$out/$run.base64" | base64 -d |
		tar -x --warning=no-timestamp -C "$out/$run" &&
		[ -n "$(find "$out/$run" -name '*.gcda' -print -quit)" ]
}

# What the guest has below the absolute path of the build, beside the notes of
# the compiler; a file that no run reached has the latter alone.
merge_counts()
{
	local run merged=""

	for run in $runs; do
		[ -d "$out/$run$dir" ] || return 1
		if [ -z "$merged" ]; then
			cp -r "$out/$run$dir" "$out/merged"
			merged=1
			continue
		fi
		gcov-tool merge -o "$out/merged-2" "$out/merged" "$out/$run$dir" || return 1
		rm -rf "$out/merged"
		mv "$out/merged-2" "$out/merged"
	done
	(cd "$dir" && find pci fpga -name '*.gcno' -exec cp --parents -t "$out/merged" {} +)
}

need_packages gcc python3
dir=$(modules_dir "$(kernel_key "$v")")
out=$CACHE/coverage/${dir##*/}
mkdir -p "$out"

if [ -z "${AGAIN:-}" ]; then
	modules_for "$v" || die "the modules do not build"
	rm -rf "$out/merged" "$out/merged-2"
	for run in $runs; do
		try "coverage: $run sent its counts" counts_of "$run"
	done
	try "coverage: the counts of $runs are one" merge_counts
fi
if [ -d "$out/merged" ]; then
	while IFS= read -r line; do
		case $line in
		"pass "*)	pass "coverage: ${line#pass }" ;;
		"fail "*)	fail "coverage: ${line#fail }" ;;
		*)		echo "$line" ;;
		esac
	done < <("$TESTS/lib/coverage.py" "$out/merged" "$dir" "$COVERAGE_WANTED")
else
	fail "coverage: there is no result to show"
fi
finish
