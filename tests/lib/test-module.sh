# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Modules of the tests' own, in tests/modules/, built against ours.

test_module_build()
{
	local v=$1 name=$2 dir=$3 ours

	ours=$(modules_dir "$(kernel_key "$v")")
	mkdir -p "$dir" "$LOGS"
	rsync -rclE "$TESTS/modules/$name/" "$dir/"
	run_logged "$LOGS/module-$name-$v.log" \
		kernel_make "$v" -C "$(kernel_dir "$v")" M="$dir" W=1e \
		KCPPFLAGS="-I$TREE/include" \
		KBUILD_EXTRA_SYMBOLS="$ours/Module.symvers" modules
}

# test_module V NAME: the module without .ko, for a kernel V that is built and has
# our modules
test_module()
{
	local v=$1 name=$2 dir

	dir=$(modules_dir "$name-$(kernel_key "$v")")
	with_lock "modules-${dir##*/}" test_module_build "$v" "$name" "$dir" ||
		return 1
	echo "$dir/$name"
}
