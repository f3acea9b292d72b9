# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Functions with VFs, which the load restores.
# Quick: with 8 of them.

# vfs_refused N: the simulator does not have as many; sets vfs_answer
vfs_refused()
{
	(export BENCH_VFS=1 && bench_card h0/p0) >/dev/null 2>&1 || :
	vfs_answer=$(timed-write "$SIM/h0/p0/card/images/a/pf0/total_vfs" "$1") || :
	vfs_answer=${vfs_answer#* }
	sim_reset
	[ "$vfs_answer" = EINVAL ] || [ "$vfs_answer" = ERANGE ]
}

vfs_sizes="1 8 64 256"
! grep -q fpgacard.quick /proc/cmdline || vfs_sizes=8
for vfs_n in $vfs_sizes; do
	bench_case "vfs-$vfs_n" VFS="$vfs_n"
	if vfs_refused "$vfs_n"; then
		bench_missing ours "the simulator has no $vfs_n VFs: $vfs_answer"
	else
		bench ours floor
		run_case "vfs-$vfs_n: locks" bench_locks
	fi
done

if ! grep -q fpgacard.quick /proc/cmdline; then
	bench_case pfs-8 FUNCTIONS=8 PFS=8 VFS=8
	bench ours floor
	run_case "pfs-8: locks" bench_locks
fi
