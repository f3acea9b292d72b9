# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# More functions than one.

for functions_n in 2 8; do
	bench_case functions-$functions_n FUNCTIONS=$functions_n
	bench ours floor recipe
	run_case "functions-$functions_n: locks" bench_locks
done
