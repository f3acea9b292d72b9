#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# rsu-hang.sh: what comes of OPAE's rsu below a hot-plug port. The case passes when
# it sees that the kernel cannot go on, and so has a guest of its own.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"

v=${1:-$KERNEL_MAIN}
if modules_for "$v"; then
	pass "$v rsu-hang: modules build"
	guest_run "$v" rsu-hang 600 "$GUEST_HANGS"
else
	fail "$v rsu-hang: modules build"
fi
finish
