#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# upstream.sh: the patches in upstream/ apply to each kernel, and save what they say. The
# suite pci_reload_vfs, which measures how long it takes until all VFs are gone, runs on the
# kernel as it is and on the one with the patches.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/suites.sh"

# At most that many ms for a card whose VFs go, with the patches: the kernel waits 1000
# without (PCIe r6.0, sec 9.3.3.3.1).
UPSTREAM_MS=200

WORK=$(mktemp -d)
at_exit 'rm -rf "$WORK"'

# apply_to V: to copies of the files that they change, without fuzz in their order
apply_to()
{
	local v=$1 src file dir=$WORK/$1

	src=$(kernel_source "$v") || return 1
	with_lock "source-$v" kernel_unpack "$src" "$v" || return 1
	while read -r file; do
		mkdir -p "$dir/${file%/*}"
		cp "$src/$file" "$dir/$file" || return 1
	done < <(sed -n 's|^--- a/||p' "$TREE"/upstream/*.patch | sort -u)
	for file in "$TREE"/upstream/*.patch; do
		patch -s -p1 -d "$dir" <"$file" || return 1
	done
}

# measure V: the lines "N PFs: ... ms" of the suite, in $WORK/V.ms
measure()
{
	local log=$WORK/$1.log rc=0 console

	ONLY=pci_reload_vfs VERBOSE=1 FPGA_CARD_TOTALS='' "$TESTS/kunit.sh" "$1" \
		>"$log" 2>&1 || rc=1
	grep '^not ok' "$log" | sed 's/^/# /'
	console=$(sed -n 's/.*(console: \(.*\))$/\1/p' "$log")
	[ -f "$console" ] || return 1
	tr -d '\r' <"$console" |
		sed -n 's/.* \([0-9]* PFs: [0-9]* ms, one: [0-9]* ms\)$/\1/p' |
		sort -un >"$WORK/$1.ms"
	sed "s/^/# $1: /" "$WORK/$1.ms"
	[ -s "$WORK/$1.ms" ] && return $rc
	echo "# nothing was measured"
	return 1
}

saves_the_second()
{
	awk -v most=$UPSTREAM_MS '$3 > most || $6 > most { bad = 1 }
		END { exit bad || !NR }' "$WORK/$KERNEL_UPSTREAM.ms"
}

for v in "$KERNEL_OLD" "$KERNEL_MAIN" "$KERNEL_NEXT"; do
	try "upstream: the patches apply to $v" apply_to "$v"
done
try "upstream: $KERNEL_MAIN as it is" measure "$KERNEL_MAIN"
try "upstream: $KERNEL_UPSTREAM" measure "$KERNEL_UPSTREAM"
try "upstream: VFs go within $UPSTREAM_MS ms" saves_the_second
finish
