#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# e2e.sh [V...]: the end-to-end cases of tests/guest/e2e/. ONLY=TEXT takes
# those whose file's name contains TEXT.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"

[ $# -gt 0 ] || set -- "$KERNEL_MAIN" "$KERNEL_OLD"
for v in "$@"; do
	if modules_for "$v"; then
		pass "$v e2e: modules build"
		guest_run "$v" e2e "${SECONDS_MAX:-$GUEST_SECONDS}" "${ONLY:+fpgacard.only=$ONLY}"
	else
		fail "$v e2e: modules build"
	fi
done
finish
