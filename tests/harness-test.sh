#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# harness-test.sh: that what the tests stand on cannot be mistaken. The scripts in
# tests/harness/.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/pool.sh"

# make check has chosen this part by PART already. The scripts below run parts of their own,
# whose names PART would not find.
unset PART

for f in "$TESTS"/harness/*.sh; do
	pool_add "harness $(basename "$f" .sh)" "$f"
done
pool_run
pool_finish
