# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# One function, and a card that takes a second: by everybody.
# Quick: all others are measured against it.

bench_case base
bench ours floor recipe rsu fpgahp nfb-boot
run_case "base: locks" bench_locks
run_case "base: a stranger" bench_stranger
run_case "base: the end is noticed" bench_noticed
run_case "base: size of the modules" bench_module_sizes
