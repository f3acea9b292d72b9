# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Our modules, built beside the kernel they are for and never in the checkout.

# What belongs to the tree: tracked or about to be.
tree_files()
{
	if git -C "$TREE" rev-parse --git-dir >/dev/null 2>&1; then
		git -C "$TREE" ls-files -co --exclude-standard | sort -u |
			while read -r f; do
				if [ -f "$TREE/$f" ]; then echo "$f"; fi
			done
	else
		(cd "$TREE" && find . -type f -not -name '*.o' -not -name '*.ko' \
			-not -name '*.mod*' -not -name '.*.cmd' -printf '%P\n' | sort)
	fi
}

# What a build reads of it.
module_files()
{
	tree_files | grep -Ev '^(tests|Documentation|packaging|tools|\.ci)/|\.md$|^Makefile$|^\.git'
}

MODULES_PACKAGES=(rsync)

# copy_tree DIR: DIR gets what has changed and loses what is gone, so that
# make builds no more than it must.
copy_tree()
{
	local dir=$1 list

	mkdir -p "$dir"
	need_packages "${MODULES_PACKAGES[@]}"
	list=$(mktemp)
	module_files >"$list"
	rsync -rclE --files-from="$list" "$TREE/" "$dir/"
	(cd "$dir" && find . -type f \( -name '*.[ch]' -o -name 'K*' \) \
		-not -name '*.mod.c' -printf '%P\n' | sort |
		comm -23 - "$list" | xargs -r -d '\n' rm -f)
	rm -f "$list"
}

# FLAVOUR=gcov: pci/ and fpga/ count how often each of their lines runs. The
# variable is expanded in each directory of the build. No -Werror: it is a
# build to run, style.sh looks at the other.
FLAVOUR=${FLAVOUR:-}
FLAVOUR_GCOV='GCOV_PROFILE=$(if $(filter pci fpga %/pci %/fpga,$(obj)),y)'
export FLAVOUR

# modules_dir NAME: one per checkout, kernel and flavour.
modules_dir()
{
	echo "$CACHE/modules/$1-$TREE_ID${FLAVOUR:+-$FLAVOUR}"
}

# with_modules DIR COMMAND...: while nobody else builds the modules there. A build that
# changes nothing takes Module.symvers away for a while, and one with other flags every
# module: parts of one run share DIR.
with_modules()
{
	local dir=$1

	shift
	with_lock "modules-${dir##*/}" "$@"
}

# modules_build V KDIR DIR LOG [MAKE ARGUMENTS]: modpost runs each time, so that
# its warnings do not get lost.
modules_build()
{
	local v=$1 kdir=$2 dir=$3 log=$4

	shift 4
	mkdir -p "${log%/*}"
	copy_tree "$dir" || return 1
	rm -f "$dir/Module.symvers"
	run_logged "$log" kernel_make "$v" -C "$kdir" M="$dir" -j"$JOBS" \
		W="${W-1e}" "$@" modules
}

# modules_arguments V: what make has to be told about the kernel
modules_arguments()
{
	[ "$1" != "$KERNEL_QEMU" ] || echo SRIOV_LOCK=inside
}

# modules_for V: builds kernel V, if need be, and our modules for it.
modules_for()
{
	local v=$1 dir args=()

	kernel_build "$v" || return 1
	dir=$(modules_dir "$(kernel_key "$v")")
	mapfile -t args < <(modules_arguments "$v")
	args+=("${KERNEL_OWN[@]}")
	[ "$FLAVOUR" != gcov ] || args+=("$FLAVOUR_GCOV")
	with_modules "$dir" modules_build "$v" "$(kernel_dir "$v")" \
		"$dir" "$LOGS/modules-$v${FLAVOUR:+-$FLAVOUR}.log" "${args[@]}"
}
