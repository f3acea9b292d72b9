# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a guest that applies overlays has more than others. The names are those
# of run.sh.
# shellcheck disable=SC2034

# overlay_modules V: sets GUEST_FIRST and GUEST_LAST, modules before and behind
# ours. The kernel's own of-fpga-region comes first, so that its notifier does.
overlay_modules()
{
	local region

	region=$(of_fpga_region "$1") || return 1
	GUEST_FIRST=("$region")
	GUEST_LAST=(dt-overlays/of-overlay-configfs)
}

# overlay_files DIRECTORY: the compiled overlays, at /tests/dtbo for those who
# write them and below the firmware path for those who name them
overlay_files()
{
	local dir=$1 world

	need_packages cpp device-tree-compiler
	mkdir -p "$dir/lib/firmware"
	for world in "${DTBS_WORLDS[@]}"; do
		dtbs_world_compile "$world" "$dir/tests/dtbo/$world" || return 1
	done
	cp -r "$dir/tests/dtbo" "$dir/lib/firmware/overlays"
}
