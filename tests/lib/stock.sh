# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The kernel as Debian ships it: its image, its headers (unpacked, not
# installed: that would install the kernel on this machine), and the FPGA core
# it leaves out, built from Debian's source of the same version.

STOCK_META=linux-image-$KERNEL_MAIN-amd64

# stock_resolve: sets STOCK_VERSION, STOCK_ABI (what uname -r says), STOCK
stock_resolve()
{
	STOCK_VERSION=$(deb_version "$STOCK_META")
	STOCK=$CACHE/stock/${STOCK_VERSION//[^a-zA-Z0-9.+-]/_}
	mkdir -p "$STOCK"
	if [ ! -s "$STOCK/abi" ]; then
		apt-cache show "$STOCK_META=$STOCK_VERSION" |
			sed -n '0,/^Depends:/s/^Depends:.*linux-image-\([^ ,]*\).*/\1/p' \
			>"$STOCK/abi"
	fi
	STOCK_ABI=$(cat "$STOCK/abi")
	[ -n "$STOCK_ABI" ] || die "$STOCK_META names no kernel"
	STOCK_KDIR=$STOCK/headers/usr/src/linux-headers-$STOCK_ABI
	STOCK_IMAGE=$STOCK/image/boot/vmlinuz-$STOCK_ABI
	STOCK_CORE=$STOCK/fpga-core
	export STOCK_KDIR STOCK_IMAGE
}

stock_fetch_headers()
{
	local p base=${STOCK_ABI%-amd64} deb

	rm -rf "$STOCK/headers"
	mkdir -p "$STOCK/headers"
	for p in "linux-headers-$STOCK_ABI" "linux-headers-$base-common" \
			"linux-kbuild-$base"; do
		deb=$(deb_fetch "$p" "$STOCK_VERSION") || return 1
		dpkg-deb -x "$deb" "$STOCK/headers" || return 1
		deb_needs "$deb" >>"$STOCK/headers/needs" || return 1
		rm -f "$deb"
	done
	# The one absolute path in there.
	sed -i "s|^include /usr/src/|include $STOCK/headers/usr/src/|" \
		"$STOCK_KDIR/Makefile"
}

stock_fetch_image()
{
	local deb

	rm -rf "$STOCK/image"
	mkdir -p "$STOCK/image"
	deb=$(deb_fetch "linux-image-$STOCK_ABI" "$STOCK_VERSION") || return 1
	dpkg-deb -x "$deb" "$STOCK/image" || return 1
	rm -f "$deb"
}

stock_fetch_core()
{
	local src deb names=(fpga-mgr.c fpga-bridge.c fpga-region.c)

	rm -rf "$STOCK_CORE"
	mkdir -p "$STOCK_CORE"
	src=$CACHE/src/linux-$KERNEL_MAIN-${STOCK##*/}
	if [ -d "$src" ]; then
		cp "${names[@]/#/$src/drivers/fpga/}" "$STOCK_CORE/"
	else
		deb=$(deb_fetch "linux-source-$KERNEL_MAIN" "$STOCK_VERSION") || return 1
		# tar stops reading once it has them, so xz's pipe breaks.
		(set +o pipefail
		dpkg-deb --fsys-tarfile "$deb" 2>/dev/null |
			tar -xO "./usr/src/linux-source-$KERNEL_MAIN.tar.xz" 2>/dev/null |
			xz -dc -T0 2>/dev/null |
			tar -x -C "$STOCK_CORE" --strip-components=3 --occurrence=1 \
			"${names[@]/#/linux-source-$KERNEL_MAIN/drivers/fpga/}")
	fi || return 1
	echo 'obj-m := fpga-mgr.o fpga-bridge.o fpga-region.o' >"$STOCK_CORE/Kbuild"
	run_logged "$CACHE/logs/stock-core.log" make -C "$STOCK_KDIR" \
		M="$STOCK_CORE" -j"$JOBS" modules
}

# stock_modules FILE.ko...: the kernel's own modules these need, in order,
# unpacked into $STOCK/modules. The rest of them is dropped.
stock_modules()
{
	local want name file

	mkdir -p "$STOCK/modules"
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
		xz -dc "$file" >"$out"
	fi
	for dep in $(modinfo -F depends "$out" | tr ',' ' '); do
		stock_module "$dep" || return 1
	done
	echo "$STOCK/modules/$want"
}

# stock_prepare: all of the above that the cache has not
stock_prepare()
{
	local needs

	stock_resolve
	mkdir -p "$CACHE/logs"
	[ -s "$STOCK/headers/needs" ] || stock_fetch_headers || return 1
	# Of a machine that was given this cache, nothing is known.
	mapfile -t needs <"$STOCK/headers/needs"
	need_packages "${needs[@]}"
	[ -f "$STOCK/.done" ] && return
	stock_fetch_image && stock_fetch_core || return 1
	touch "$STOCK/.done"
	drop_older "$STOCK" '*'
}
