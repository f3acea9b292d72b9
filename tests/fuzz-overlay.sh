#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# fuzz-overlay.sh [V]: 10000 mutated and 1000 truncated overlays for regions of
# cards, and as many for the rest of the tree, each refused, or applied and removed.
# e2e-overlay.sh has some hundreds of them. KASAN sees what a parser reads beyond its
# input. SECONDS_MAX: how long it may take.

ONLY=90-fuzz FUZZ=${FUZZ:-10000} CUT=${CUT:-1000} SECONDS_MAX=${SECONDS_MAX:-5400} \
	exec "$(dirname "$0")/e2e-overlay.sh" "${1:-6.12-kasan}"
