# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A guest's root file system: busybox, the modules, tests/guest/.

# FPGACARD_PACKAGES: see firmware.sh.
INITRAMFS_PACKAGES=(busybox-static cpio "${FPGACARD_PACKAGES[@]}")

# The order in which the modules go in; a kernel's own come with the
# caller.
OUR_MODULES=(pci/pci-reload fpga/fpga-card "sim/pcie-card-sim @memory@" sim/sim-bmc)
export OUR_MODULES

# modules_of_kernel DIR: those of ours that only some kernels can have, if the last
# build there made them. They come behind the others.
modules_of_kernel()
{
	sed -n -E 's|^(.*/)?((sim/sim\|fpga/fpga-card)-m10bmc)\.k?o$|\2|p' "$1/modules.order"
}

# sim_memory ARCH: for @memory@, what qemu.sh and machine/ keep from the kernel
sim_memory()
{
	case $1 in
	arm64)	echo "mem_base=0x60000000 mem_size=0x4000000" ;;
	*)	echo "mem_base=0x10000000 mem_size=0x4000000" ;;
	esac
}

# kunit_modules DIR: what the last build there made of kunit/
kunit_modules()
{
	sed -n 's|^.*\(kunit/[a-z_]*_kunit\)\.k\{0,1\}o$|\1|p' "$1/modules.order"
}

# guest_programs ARCH: static programs for the guest, compiled when their source
# changes; prints where they are
guest_programs()
{
	local out=$CACHE/guest-bin

	[ "$1" = x86_64 ] || out+=-$1
	with_lock "guest-bin-$1" guest_programs_compile "$1" "$out" || return 1
	echo "$out"
}

# The copy of the source says of which source the program is, so it comes last.
guest_programs_compile()
{
	local cross out=$2 src bin

	cross=$(cross_prefix "$1")
	mkdir -p "$out" || return 1
	rm -f "$out"/*.part
	for src in "$TESTS"/guest/*.c; do
		bin=$out/$(basename "$src" .c)
		! cmp -s "$src" "$bin.c" || [ ! -x "$bin" ] || continue
		rm -f "$bin.c"
		run_logged "$LOGS/guest-bin-${bin##*/}.log" "${cross}gcc" -static \
			-Os -Wall -Wextra -o "$bin.part" "$src" || return 1
		mv "$bin.part" "$bin" && cp "$src" "$bin.c.part" &&
			mv "$bin.c.part" "$bin.c" || return 1
	done
}

# guest_busybox ARCH: prints where it is
guest_busybox()
{
	local name=busybox-static:$1 version out

	if [ "$1" = x86_64 ]; then
		echo /bin/busybox
		return
	fi
	version=$(deb_version "$name") || return 1
	out=$CACHE/busybox/$1-${version//[^a-zA-Z0-9.+-]/_}
	[ -x "$out/busybox" ] ||
		make_whole "$out" guest_busybox_unpack "$name" "$version" || return 1
	drop_older "$out" "$1-*" || return 1
	echo "$out/busybox"
}

# guest_busybox_unpack PACKAGE VERSION DIR
guest_busybox_unpack()
{
	local deb

	deb=$(deb_fetch "$1" "$2") &&
		dpkg-deb --fsys-tarfile "$deb" |
		tar -x -C "$3" --transform 's|.*/||' ./bin/busybox &&
		deb_done "$deb"
}

# documented_files: by Documentation/ABI, for tests/guest/lib/documents.sh
documented_files()
{
	local file

	for file in "$TREE"/Documentation/ABI/testing/*; do
		awk -f "$TESTS/lib/documents.awk" "$file" || return 1
	done
}

# initramfs_root ARCH MODULEDIR ROOT "MODULE[ PARAMETERS]"...
initramfs_root()
{
	local arch=$1 dir=$2 root=$3 cross m file bin tool

	shift 3
	cross=$(cross_prefix "$arch")
	mkdir -p "$root"/{bin,dev,proc,sys,tmp,etc,lib/modules-test,lib/firmware,tests} &&
		file=$(with_lock "busybox-$arch" guest_busybox "$arch") &&
		chmod 755 "$root" &&
		cp "$file" "$root/bin/" &&
		bin=$(guest_programs "$arch") &&
		find "$bin" -type f -not -name '*.c' -exec cp -t "$root/bin" {} + &&
		cp -r "$TESTS"/guest/. "$root/tests/" &&
		cp "$TESTS"/../Documentation/fpga-card/admin-guide/*.sh "$root/tests/" &&
		cp -r "$TESTS"/../tools/sequences "$root/tests/" &&
		rm -f "$root"/tests/*.c &&
		mv "$root/tests/init" "$root/init" &&
		chmod +x "$root/init" &&
		documented_files >"$root/tests/documented" &&
		tool=$(fpgacard_dir) &&
		PATH=$tool:$PATH "$TESTS/firmware.sh" "$root/lib/firmware" || return 1
	for m in "$@"; do
		m=${m/@memory@/$(sim_memory "$arch")}
		file=${m%% *}.ko
		[ "${file:0:1}" = / ] || file=$dir/$file
		if [ ! -f "$file" ]; then
			say "no module $file"
			return 1
		fi
		"${cross}strip" --strip-debug -o "$root/lib/modules-test/${file##*/}" \
			"$file" || return 1
		if [ "$m" = "${m#* }" ]; then
			echo "${file##*/}"
		else
			echo "${file##*/} ${m#* }"
		fi
	done >"$root/lib/modules-test/order"
}

# initramfs_make ARCH OUT MODULEDIR "MODULE[ PARAMETERS]"...: modules are named
# relative to MODULEDIR or absolutely, without .ko, and inserted in that order. It is not
# compressed: TCG takes longer to unpack it than to read it.
initramfs_make()
{
	local arch=$1 out=$2 dir=$3 root rc=0

	shift 3
	need_packages "${INITRAMFS_PACKAGES[@]}"
	root=$(mktemp -d) || return 1
	initramfs_root "$arch" "$dir" "$root" "$@" &&
		(cd "$root" && find . -print0 |
		cpio --null -o -H newc --quiet -R 0:0) >"$out.part" &&
		mv "$out.part" "$out" || rc=1
	rm -rf "$root"
	return $rc
}
