#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kunit.sh [V...]: the KUnit suites, as modules.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"

[ $# -gt 0 ] || set -- "$KERNEL_MAIN"
for v in "$@"; do
	if modules_for "$v"; then
		pass "$v kunit: modules build"
		guest_run "$v" kunit "${SECONDS_MAX:-300}"
	else
		fail "$v kunit: modules build"
	fi
done
finish
