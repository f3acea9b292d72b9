#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel.sh [V...]: builds the kernels, prints their build directories.

. "$(dirname "$0")/lib/common.sh"
. "$TESTS/lib/packages.sh"
. "$TESTS/lib/debs.sh"
. "$TESTS/lib/kernel.sh"

need_debian
[ $# -gt 0 ] || set -- "$KERNEL_MAIN" "$KERNEL_OLD"
for v in "$@"; do
	kernel_build "$v"
	echo "$v $(kernel_dir "$v") $(kernel_image "$v")"
done
