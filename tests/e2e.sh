#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# e2e.sh [V...]: the end-to-end cases of tests/guest/e2e/. ONLY=TEXT takes
# those whose file's name contains TEXT; "power-off" is one for which the guest goes
# down. SOAK=N: how many reloads in a row. CARD=n6000, n3000 or d5005: instead, those of
# tests/guest/cards/ that are for that card, on a kernel with its drivers.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/test-module.sh"

GUEST_FILES=$(mktemp -d)
chmod 755 "$GUEST_FILES"
at_exit 'rm -rf "$GUEST_FILES"'

run=e2e
if [ -n "${CARD:-}" ]; then
	run=card
	[ $# -gt 0 ] || set -- "$KERNEL_MAIN"
fi
[ $# -gt 0 ] || set -- "$KERNEL_MAIN" "$KERNEL_OLD"
# e2e_files V: a module that a case inserts
e2e_files()
{
	local file

	file=$(test_module "$1" bare-copy) || return 1
	mkdir -p "$GUEST_FILES/lib/modules-extra"
	cp "$file.ko" "$GUEST_FILES/lib/modules-extra/"
}

# e2e_run V: on modules that are built
e2e_run()
{
	[ "${ONLY:-}" = power-off ] ||
		guest_run "$1" $run "${SECONDS_MAX:-$GUEST_SECONDS}" \
			"${ONLY:+fpgacard.only=$ONLY} ${CARD:+fpgacard.card=$CARD} ${SOAK:+fpgacard.soak=$SOAK}"
	case $run-${ONLY:-power-off} in
	e2e-power-off) guest_run "$1" power-off 300 ;;
	esac
}

for v in "$@"; do
	if modules_for "$v"; then
		pass "$v e2e: modules build"
		if e2e_files "$v"; then
			e2e_run "$v"
		else
			fail "$v e2e: the cases' module builds"
		fi
	else
		fail "$v e2e: modules build"
	fi
done
finish
