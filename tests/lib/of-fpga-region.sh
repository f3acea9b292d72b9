# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The kernel's own overlay support for FPGA regions, unmodified: it has to live
# beside ours. A kernel that was configured without it gets it from its own
# source.

of_fpga_region_build()
{
	local v=$1 dir=$2 src

	src=$(kernel_source "$v") || return 1
	mkdir -p "$dir" "$LOGS"
	cmp -s "$src/drivers/fpga/of-fpga-region.c" "$dir/of-fpga-region.c" ||
		cp "$src/drivers/fpga/of-fpga-region.c" "$dir/"
	echo 'obj-m := of-fpga-region.o' >"$dir/Kbuild"
	run_logged "$LOGS/of-fpga-region-$v.log" \
		kernel_make_own "$v" -C "$(kernel_dir "$v")" M="$dir" modules
}

# of_fpga_region V: the module without .ko, for a kernel V that is built
of_fpga_region()
{
	local v=$1 key dir

	key=$(kernel_key "$v") || return 1
	dir=$CACHE/kernels/$key/drivers/fpga
	if [ ! -f "$dir/of-fpga-region.ko" ]; then
		dir=$CACHE/modules/of-fpga-region-$key
		with_lock "of-fpga-region-$v" of_fpga_region_build "$v" "$dir" ||
			return 1
	fi
	echo "$dir/of-fpga-region"
}
