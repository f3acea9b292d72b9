# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A guest's root file system: busybox, the modules, tests/guest/.

# The order in which the modules go in; a kernel's own come with the
# caller.
OUR_MODULES=(pci/pci-reload fpga/fpga-card
	"sim/pcie-card-sim mem_base=0x10000000 mem_size=0x4000000" sim/sim-bmc)
export OUR_MODULES

# kunit_modules DIR: what the last build there made of kunit/
kunit_modules()
{
	sed -n 's|^.*\(kunit/[a-z_]*_kunit\)\.k\{0,1\}o$|\1|p' "$1/modules.order"
}

# Static programs for the guest, compiled when their source changes.
guest_programs()
{
	local out=$CACHE/guest-bin src bin

	mkdir -p "$out"
	for src in "$TESTS"/guest/*.c; do
		bin=$out/$(basename "$src" .c)
		if ! cmp -s "$src" "$bin.c"; then
			gcc -static -Os -Wall -Wextra -o "$bin.$$" "$src"
			mv "$bin.$$" "$bin"
			cp "$src" "$bin.c"
		fi
	done
	echo "$out"
}

# initramfs_make OUT MODULEDIR "MODULE[ PARAMETERS]"...: modules are named
# relative to MODULEDIR or absolutely, without .ko, and inserted in that order.
initramfs_make()
{
	local out=$1 dir=$2 root m file bin

	shift 2
	root=$(mktemp -d)
	mkdir -p "$root"/{bin,dev,proc,sys,tmp,etc,lib/modules-test,lib/firmware,tests}
	cp /bin/busybox "$root/bin/"
	bin=$(guest_programs)
	find "$bin" -type f -not -name '*.c' -exec cp -t "$root/bin" {} +
	cp -r "$TESTS"/guest/. "$root/tests/"
	rm -f "$root"/tests/*.c
	mv "$root/tests/init" "$root/init"
	chmod +x "$root/init"
	"$TESTS/firmware.sh" "$root/lib/firmware"
	for m in "$@"; do
		file=${m%% *}.ko
		[ "${file:0:1}" = / ] || file=$dir/$file
		if [ ! -f "$file" ]; then
			rm -rf "$root"
			die "no module $file"
		fi
		strip --strip-debug -o "$root/lib/modules-test/${file##*/}" "$file"
		if [ "$m" = "${m#* }" ]; then
			echo "${file##*/}"
		else
			echo "${file##*/} ${m#* }"
		fi
	done >"$root/lib/modules-test/order"
	(cd "$root" && find . -print0 |
		cpio --null -o -H newc --quiet -R 0:0 | gzip -1) >"$out.part"
	mv "$out.part" "$out"
	rm -rf "$root"
}
