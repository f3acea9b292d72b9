#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh: what every change has to pass. PART=TEXT takes the parts whose name has
# that.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/pool.sh"
. "$TESTS/lib/parts.sh"

parts_kernels "$KERNEL_MAIN" "$KERNEL_OLD"
parts_main
parts_quick
parts_check
pool_run
pool_finish
