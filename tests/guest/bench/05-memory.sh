# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What cards take while nothing is loaded. Before all else: later there is room in the
# kernel's caches, which takes in what is allocated then.

bench_case cards-32 CARDS=32
run_case "cards-32: memory and time to begin" bench_memory
