#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check-smp.sh [V...]: KUnit and end to end in real time, with two processors that
# really run at once.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/pool.sh"
. "$TESTS/lib/parts.sh"

[ $# -gt 0 ] || set -- "$KERNEL_MAIN" "$KERNEL_OLD"
parts_kernels "$@"
parts_real "$@"
pool_run
pool_finish
