# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Several cards at once, and one beside others that do nothing.

for cards_n in 2 8 32; do
	bench_case "cards-$cards_n" CARDS=$cards_n
	bench ours floor
done
run_case "cards-32: a stranger" bench_stranger

bench_case idle-31 IDLE_CARDS=31
bench ours floor
