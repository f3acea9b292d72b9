#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# harness-test.sh: that what the tests stand on cannot be mistaken. The scripts in
# tests/harness/.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/pool.sh"

# It has chosen this part of a run, and chooses none of the runs that are tried here.
unset PART

for f in "$TESTS"/harness/*.sh; do
	pool_add "harness $(basename "$f" .sh)" "$f"
done
pool_run
pool_finish
