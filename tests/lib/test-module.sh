# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Modules of the tests' own, in tests/modules/, built against ours.

# test_module_build V NAME DIR OURS
test_module_build()
{
	local v=$1 name=$2 dir=$3 ours=$4

	mkdir -p "$dir" "$LOGS"
	rsync -rclE "$TESTS/modules/$name/" "$dir/"
	with_modules "$ours" run_logged "$LOGS/module-$name-$v.log" \
		kernel_make_own "$v" -C "$(kernel_dir "$v")" M="$dir" W=1e \
		KCPPFLAGS="-I$TREE/include" \
		KBUILD_EXTRA_SYMBOLS="$ours/Module.symvers" modules
}

# test_module V NAME: the module without .ko, for a kernel V that is built and has
# our modules
test_module()
{
	local v=$1 name=$2 key dir

	key=$(kernel_key "$v") || return 1
	dir=$(modules_dir "$name-$key")
	with_modules "$dir" test_module_build "$v" "$name" "$dir" "$(modules_dir "$key")" ||
		return 1
	echo "$dir/$name"
}
