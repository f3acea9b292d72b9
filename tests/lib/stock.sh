# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The kernel as Debian ships it: its image, its headers (unpacked, not
# installed: that would install the kernel on this machine), and the FPGA core
# it leaves out, built from Debian's source of the same version.

# What depends on the newest of them. In the release whose own kernel it is the name
# has no version.
case $HOST in
*trixie)	STOCK_META=linux-image-amd64 ;;
*)		STOCK_META=linux-image-$KERNEL_MAIN-amd64 ;;
esac

# stock_resolve: sets STOCK_VERSION, STOCK_ABI (what uname -r says), STOCK
stock_resolve()
{
	STOCK_VERSION=$(deb_version "$STOCK_META") || return 1
	STOCK=$CACHE/stock/${STOCK_VERSION//[^a-zA-Z0-9.+-]/_}
	mkdir -p "$STOCK" || return 1
	if [ ! -s "$STOCK/abi" ]; then
		STOCK_ABI=$(apt-cache show "$STOCK_META=$STOCK_VERSION" |
			sed -n '0,/^Depends:/s/^Depends:.*linux-image-\([^ ,]*\).*/\1/p') ||
			STOCK_ABI=
		case $STOCK_ABI in
		"$KERNEL_MAIN".*)	install_text "$STOCK/abi" "$STOCK_ABI" || return 1 ;;
		*)	say "$STOCK_META $STOCK_VERSION names no kernel $KERNEL_MAIN"
			return 1
			;;
		esac
	fi
	STOCK_ABI=$(cat "$STOCK/abi")
	STOCK_KDIR=$STOCK/headers/usr/src/linux-headers-$STOCK_ABI
	STOCK_IMAGE=$STOCK/image/boot/vmlinuz-$STOCK_ABI
	STOCK_CORE=$STOCK/fpga-core
	export STOCK_KDIR STOCK_IMAGE
}

# stock_unpack PACKAGE DIR
stock_unpack()
{
	local deb

	deb=$(deb_fetch "$1" "$STOCK_VERSION") &&
		run_logged "$LOGS/unpack-$1.log" dpkg-deb -x "$deb" "$2" &&
		deb_done "$deb"
}

# stock_fetch_headers DIR
stock_fetch_headers()
{
	local base=${STOCK_ABI%-amd64} p

	for p in "linux-headers-$STOCK_ABI" "linux-headers-$base-common" \
			"linux-kbuild-$base"; do
		stock_unpack "$p" "$1" || return 1
	done
	# The one absolute path in there.
	sed -i "s|^include /usr/src/|include $STOCK/headers/usr/src/|" \
		"$1/usr/src/linux-headers-$STOCK_ABI/Makefile"
}

# stock_fetch_core DIR: the sources. tar stops reading once it has them, which breaks
# the pipes before it: its own status is the one that counts.
stock_fetch_core()
{
	local names=(fpga-mgr.c fpga-bridge.c fpga-region.c) deb src f

	src=$CACHE/src/linux-$KERNEL_MAIN-${STOCK##*/}
	if [ -d "$src" ]; then
		cp "${names[@]/#/$src/drivers/fpga/}" "$1/" || return 1
	else
		deb=$(deb_fetch "linux-source-$KERNEL_MAIN" "$STOCK_VERSION") || return 1
		run_logged "$LOGS/unpack-stock-core.log" stock_untar_core "$deb" "$1" \
			"${names[@]/#/linux-source-$KERNEL_MAIN/drivers/fpga/}" || return 1
		deb_done "$deb"
	fi
	for f in "${names[@]}"; do
		[ -s "$1/$f" ] || { say "the kernel's source has no $f"; return 1; }
	done
	echo 'obj-m := fpga-mgr.o fpga-bridge.o fpga-region.o' >"$1/Kbuild"
}

# stock_untar_core DEB DIR FILE...
stock_untar_core()
(
	deb=$1 dir=$2
	shift 2
	set +o pipefail
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO "./usr/src/linux-source-$KERNEL_MAIN.tar.xz" | xz -dc -T0 |
		tar -x -C "$dir" --strip-components=3 --occurrence=1 "$@"
)

# stock_make_core DIR
stock_make_core()
{
	stock_fetch_core "$1" &&
		run_logged "$LOGS/stock-core.log" make -C "$STOCK_KDIR" M="$1" \
			-j"$JOBS" modules
}

# stock_modules FILE.ko...: the kernel's own modules these need, in order,
# unpacked into $STOCK/modules. The rest of them is dropped.
stock_modules()
{
	local want name

	for want in $(modinfo -F depends "$@" | tr ',' '\n' | sort -u); do
		for name in "$@"; do
			[ "$(basename "$name" .ko | tr - _)" != "${want//-/_}" ] ||
				continue 2
		done
		stock_module "$want" || return 1
	done
}

stock_module()
{
	local want=$1 file dep out

	out=$STOCK/modules/$want.ko
	if [ ! -f "$out" ]; then
		file=$(find "$STOCK/image" -name "${want//[-_]/[-_]}.ko.xz")
		[ -n "$file" ] || { say "the kernel has no module $want"; return 1; }
		mkdir -p "$STOCK/modules"
		if ! xz -dc "$file" >"$out.part" || ! mv "$out.part" "$out"; then
			say "cannot unpack $file"
			return 1
		fi
	fi
	for dep in $(modinfo -F depends "$out" | tr ',' ' '); do
		stock_module "$dep" || return 1
	done
	echo "$STOCK/modules/$want"
}

# stock_needs: what the headers would bring with them if they were installed
stock_needs()
{
	local headers kbuild

	headers=$(deb_needs "linux-headers-$STOCK_ABI" "$STOCK_VERSION") &&
		kbuild=$(deb_needs "linux-kbuild-${STOCK_ABI%-amd64}" "$STOCK_VERSION") ||
		return 1
	# shellcheck disable=SC2086
	need_packages make kmod xz-utils $headers $kbuild
}

# stock_prepare: all of the above that the cache has not
stock_prepare()
{
	stock_resolve && stock_needs || return 1
	if [ ! -f "$STOCK/.done" ]; then
		[ -d "$STOCK/headers" ] ||
			make_whole "$STOCK/headers" stock_fetch_headers || return 1
		[ -d "$STOCK/image" ] ||
			make_whole "$STOCK/image" stock_unpack "linux-image-$STOCK_ABI" ||
			return 1
		[ -d "$STOCK_CORE" ] || make_whole "$STOCK_CORE" stock_make_core ||
			return 1
		touch "$STOCK/.done" || return 1
	fi
	drop_older "$STOCK" '*'
}

# stock_build: our modules for it, in STOCK_DIR
stock_build()
{
	STOCK_DIR=$(modules_dir "stock-$(basename "$STOCK")")
	W='' with_modules "$STOCK_DIR" modules_build "$KERNEL_MAIN" "$STOCK_KDIR" "$STOCK_DIR" \
		"$LOGS/modules-stock.log" KBUILD_EXTRA_SYMBOLS="$STOCK_CORE/Module.symvers"
}

# stock_initrd WORK MODULE...: WORK/initrd, with these modules of ours, behind the FPGA
# core and what they need of the kernel's. Absolute names are those of other modules,
# which need nothing but ours.
stock_initrd()
{
	local work=$1 ours theirs m

	shift
	ours=("$STOCK_CORE"/fpga-{mgr,bridge,region}.ko)
	for m in "$@"; do
		[ "${m:0:1}" = / ] || ours+=("$STOCK_DIR/${m%% *}.ko")
	done
	if ! with_lock stock stock_modules "${ours[@]}" >"$work/theirs"; then
		say "cannot find the kernel's modules"
		return 1
	fi
	mapfile -t theirs <"$work/theirs"
	with_modules "$STOCK_DIR" initramfs_make x86_64 "$work/initrd" "$STOCK_DIR" \
		"${theirs[@]}" "$STOCK_CORE"/fpga-{mgr,bridge,region} "$@"
}
