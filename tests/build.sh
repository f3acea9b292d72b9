#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# build.sh [V...]: our modules against each kernel, without a warning.

. "$(dirname "$0")/lib/all.sh"

no_warning()
{
	! grep -E 'warning:|WARNING:' "$LOGS/modules-$1.log"
}

[ $# -gt 0 ] || set -- "$KERNEL_MAIN" "$KERNEL_OLD"
for v in "$@"; do
	if modules_for "$v"; then
		pass "$v build: modules build"
		try "$v build: no warning" no_warning "$v"
	else
		fail "$v build: modules build"
	fi
done
finish
