#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# modules.sh: nobody reads our modules while another part of the run builds them. The
# make that is called here does nothing.

# Functions of the libraries are replaced here, and called by others there.
# shellcheck disable=SC2034,SC2317
. "$(dirname "$0")/../lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/test-module.sh"

WORK=$(mktemp -d)
BUILDER=
at_exit 'rm -rf "$WORK"; [ -z "$BUILDER" ] || kill "$BUILDER" 2>/dev/null'
CACHE=$WORK/cache LOGS=$WORK/logs TMPDIR=$WORK
export TMPDIR
DIR=$(modules_dir 9.9)
LOCK=$CACHE/locks/modules-${DIR##*/}

kernel_key() { echo "$1"; }
kernel_dir() { echo "$WORK/kernel"; }
kernel_make() { echo made >>"$WORK/made"; }
initramfs_make() { echo made >>"$WORK/made"; }
modules_of_kernel() { :; }
guest_boot() { mv "$6" "$WORK/booted"; }

# build_begins: somebody else has our modules half built
build_begins()
{
	mkdir -p "$CACHE/locks"
	flock -o "$LOCK" sleep 30 &
	BUILDER=$!
	for _ in {1..100}; do
		flock -n "$LOCK" true || break
		sleep 0.1
	done
	rm -f "$WORK/made"
}

build_ends()
{
	kill "$BUILDER"
	wait "$BUILDER" 2>/dev/null
	flock -w 10 "$LOCK" true
	BUILDER=
}

# waits_for_build COMMAND...: it does nothing while they are built, and says so
waits_for_build()
{
	local rc=0

	build_begins
	LOCK_SECONDS=1 "$@" >"$WORK/out" 2>&1 || rc=1
	build_ends
	if [ -e "$WORK/made" ]; then
		echo "# it did not wait"
		return 1
	fi
	if ! grep -q "it still has that after 1 s" "$WORK/out"; then
		sed 's/^/# /' "$WORK/out"
		return 1
	fi
	[ $rc -eq 1 ] || grep -q "^not ok" "$WORK/out"
}

# goes_on COMMAND...: when nobody does
goes_on()
{
	rm -f "$WORK/made"
	"$@" >"$WORK/out" 2>&1 && [ -e "$WORK/made" ] && ! grep "^not ok" "$WORK/out"
}

# As a process of its own: fail() counts.
guest_is_packed()
{
	(guest_run 9.9 demo 1)
}

try "modules: a test's own module waits until ours are built" \
	waits_for_build test_module 9.9 foreign-loader
try "modules: it is built when they are" goes_on test_module 9.9 foreign-loader
try "modules: a guest is not put together of half of them" waits_for_build guest_is_packed
try "modules: it is when they are built" goes_on guest_is_packed
finish
