#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# build.sh [V...]: our modules against each kernel, without a warning, and the back end
# that the documentation has as an example.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/test-module.sh"

no_warning()
{
	! grep -E 'warning:|WARNING:' "$LOGS/modules-$1.log"
}

example_builds()
{
	test_module "$1" mailbox-back-end >/dev/null
}

[ $# -gt 0 ] || set -- "$KERNEL_MAIN" "$KERNEL_OLD"
for v in "$@"; do
	if modules_for "$v"; then
		pass "$v build: modules build"
		try "$v build: no warning" no_warning "$v"
		try "$v build: the example of a back end" example_builds "$v"
	else
		fail "$v build: modules build"
	fi
done
finish
