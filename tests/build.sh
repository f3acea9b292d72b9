#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# build.sh [V...]: our modules against each kernel, without a warning, and the back end
# that the documentation has as an example; what gets installed of them; and what is said
# of a kernel that they cannot be built for.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/test-module.sh"

no_warning()
{
	! grep -E 'warning:|WARNING:' "$LOGS/modules-$1.log"
}

example_builds()
{
	test_module "$1" mailbox-back-end >/dev/null
}

# installed V DIR PART...: the modules that are installed, below DIR; what was said is in
# DIR.said
installed()
{
	local v=$1 to=$2 dir

	shift 2
	dir=$(modules_dir "$(kernel_key "$v")")
	INSTALL_MOD_PATH=$to with_modules "$dir" "$dir/scripts/modules-install" \
		"$(kernel_dir "$v")" "$@" >"$to.said" 2>&1 || { cat "$to.said"; return 1; }
	find "$to" -name '*.ko' | sed 's|.*/||; s|\.ko$||' | sort
}

# Nothing of sim/ and kunit/, and it is said what has to come from the kernel.
installs_what_is_for_use()
{
	local names

	names=$(installed "$1" "$WORK/use") || { echo "$names"; return 1; }
	echo "$names" | grep -qx fpga-card && echo "$names" | grep -qx pci-reload &&
		! echo "$names" | grep -E '^(pcie-card-sim|sim-|.*kunit)' &&
		grep -q '^They need these modules of the kernel:' "$WORK/use.said"
}

installs_all_by_name()
{
	local names

	names=$(installed "$1" "$WORK/all" sim kunit) || { echo "$names"; return 1; }
	echo "$names" | grep -qx pcie-card-sim && echo "$names" | grep -qx fpga_card_kunit
}

# The list that kbuild keeps is as it was.
list_is_whole()
{
	grep -q 'sim/pcie-card-sim' "$(modules_dir "$(kernel_key "$1")")/modules.order"
}

# A kernel with all but the one symbol; two lines, and the last is make's own.
says_what_kernel_lacks()
{
	local config=$WORK/kernel/include/config/auto.conf out=$WORK/said

	mkdir -p "${config%/*}"
	printf 'CONFIG_%s=m\n' FPGA FPGA_BRIDGE >"$config"
	! make -s -C "$TREE" KDIR="$WORK/kernel" modules >"$out" 2>&1 || return 1
	sed 's/^/# /' "$out"
	[ "$(grep -vc '^make' "$out")" = 2 ] && grep -q 'no CONFIG_FPGA_REGION,' "$out" &&
		grep -q fpgacard-dkms "$out"
}

# A system of another kind has no packages of that name.
names_the_way_out()
{
	local tool bin=$WORK/bin dir=$WORK/kernel

	mkdir -p "$bin" "$dir/include"/{config,generated,linux}
	for tool in bash cut grep head sed tr; do
		ln -s "$(type -P "$tool")" "$bin/"
	done
	printf 'CONFIG_%s=m\n' PCI HWMON >"$dir/include/config/auto.conf"
	echo '#define UTS_RELEASE "6.12.1-any"' >"$dir/include/generated/utsrelease.h"
	touch "$dir/include/linux/module.h"
	! PATH=$bin LINUX_SOURCE=$WORK/none "$TREE/scripts/kernel-fpga" why "$dir" >"$WORK/said" ||
		return 1
	sed 's/^/# /' "$WORK/said"
	grep -q "put that of this very version into $WORK/none\$" "$WORK/said" &&
		! grep -q apt "$WORK/said"
}

# And the other way round: kbuild's turn
goes_on_where_all_is_there()
{
	mkdir -p "$WORK/kernel/include/config"
	printf 'CONFIG_%s=y\n' FPGA FPGA_BRIDGE FPGA_REGION \
		>"$WORK/kernel/include/config/auto.conf"
	printf 'modules:\n\t@echo built\n' >"$WORK/kernel/Makefile"
	[ "$(make -s -C "$TREE" KDIR="$WORK/kernel" modules | grep -v '^make')" = built ]
}

WORK=$(mktemp -d)
at_exit 'rm -rf "$WORK"'
[ $# -gt 0 ] || set -- "$KERNEL_MAIN" "$KERNEL_OLD"
for v in "$@"; do
	if modules_for "$v"; then
		pass "$v build: modules build"
		try "$v build: no warning" no_warning "$v"
		try "$v build: the example of a back end" example_builds "$v"
		rm -rf "$WORK"/{use,all}
		try "$v build: what is installed is for use" installs_what_is_for_use "$v"
		try "$v build: the simulator and the suites when named" installs_all_by_name "$v"
		try "$v build: the list of modules is whole" list_is_whole "$v"
	else
		fail "$v build: modules build"
	fi
done
try "build: make says what a kernel lacks" says_what_kernel_lacks
try "build: without apt it says where the kernel's source has to be" names_the_way_out
try "build: and builds where nothing is lacking" goes_on_where_all_is_there
finish
