#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# graft-kunit.sh: puts the tree into a copy of the kernel's source and runs
# the KUnit suites there with the kernel's own kunit.py, in QEMU.

. "$(dirname "$0")/lib/all.sh"

need_packages python3
kernel_needs "$KERNEL_MAIN"
qemu_needs x86_64

graft_source()
{
	local src work

	kernel_unpack "$KERNEL_MAIN" || return 1
	src=$(kernel_source "$KERNEL_MAIN")
	work=$CACHE/graft/${src##*/}
	if [ ! -d "$work" ]; then
		mkdir -p "$CACHE/graft"
		rm -rf "$work.part"
		cp -a "$src" "$work.part" || return 1
		mv "$work.part" "$work"
		drop_older "$work" "linux-$KERNEL_MAIN-*"
	fi
	"$TREE/scripts/graft" "$work" || return 1
	graft_tree=$work
}

# kunit.py's KTAP, from under its own commentary
graft_results()
{
	local line failed=0 n=0

	while IFS= read -r line; do
		case $line in
		*"= [PASSED]"*|*"= [FAILED]"*|*"= [SKIPPED]"*)
			# a whole suite
			;;
		*"[PASSED] "*)
			pass "graft: ${line##*] }"
			n=$((n + 1))
			;;
		*"[FAILED] "*|*"[CRASHED] "*|*"[TIMEOUT]"*)
			fail "graft: ${line##*] }"
			failed=1
			;;
		*"[SKIPPED] "*)
			SKIPPED=$((SKIPPED + 1))
			;;
		*"[ERROR]"*)
			echo "# $line"
			;;
		esac
	done
	[ "$n" -gt 0 ] || fail "graft: no case ran"
	return $failed
}

log=$CACHE/logs/graft-kunit.log
mkdir -p "$CACHE/logs"
if with_lock graft graft_source; then
	pass "graft: into the source of $KERNEL_MAIN"
	graft_tree=$CACHE/graft/$(basename "$(kernel_source "$KERNEL_MAIN")")
	say "kunit.py run (log: $log)"
	rc=0
	(cd "$graft_tree" && ./tools/testing/kunit/kunit.py run --arch=x86_64 \
		--kunitconfig=drivers/fpga/card/kunit --jobs="$JOBS" "$@") \
		>"$log" 2>&1 </dev/null || rc=$?
	graft_results < <(sed 's/\x1b\[[0-9;]*m//g' "$log") || true
	try "graft: kunit.py exits with 0" test "$rc" -eq 0
	[ "$rc" -eq 0 ] || tail -n 30 "$log" | sed 's/^/#   /'
else
	fail "graft: into the source of $KERNEL_MAIN"
fi
finish
