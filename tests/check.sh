#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh: what every change has to pass. PART=TEXT takes the parts whose name has
# that.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/pool.sh"

# First, alone: what most of the others need, and builds with all processors.
pool_add "build" "$TESTS/build.sh" "$KERNEL_MAIN" "$KERNEL_OLD"
pool_run
# What takes longest comes first.
pool_add "kunit $KERNEL_MAIN" "$TESTS/kunit.sh" "$KERNEL_MAIN"
pool_add "e2e $KERNEL_MAIN" "$TESTS/e2e.sh" "$KERNEL_MAIN"
pool_add "overlay $KERNEL_MAIN" env FUZZ="${FUZZ:-300}" CUT="${CUT:-50}" \
	"$TESTS/e2e-overlay.sh" "$KERNEL_MAIN"
pool_add "kunit $KERNEL_OLD" "$TESTS/kunit.sh" "$KERNEL_OLD"
pool_add "e2e $KERNEL_OLD" "$TESTS/e2e.sh" "$KERNEL_OLD"
for card in n6000 n3000 d5005; do
	pool_add "card $card" env CARD=$card "$TESTS/e2e.sh" "$KERNEL_MAIN"
done
pool_add "style" "$TESTS/style.sh"
pool_add "harness" "$TESTS/harness-test.sh"
pool_add "pack" "$TESTS/pack-test.sh"
pool_add "dtbs" "$TESTS/dtbs.sh"
pool_run
pool_finish
