#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check-full.sh: everything that make help names. PART=TEXT takes the parts whose
# name has that.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/pool.sh"
. "$TESTS/lib/parts.sh"

parts_kernels "$KERNEL_MAIN" "$KERNEL_OLD" "$KERNEL_KASAN" "$KERNEL_NEXT" "$KERNEL_ARM" \
	"$KERNEL_QEMU" "$KERNEL_UPSTREAM"
parts_real "$KERNEL_OLD" "$KERNEL_MAIN"
pool_add_real "graft-kunit" "$TESTS/graft-kunit.sh"
pool_add_real "e2e-qemu" "$TESTS/e2e-qemu.sh"
parts_long
# What installs systems keeps the disk busy, for which a guest in real time may have to
# wait: most of those are over then. Many short parts at the end leave no processor alone.
parts_systems
parts_more
parts_check
pool_run
pool_finish
