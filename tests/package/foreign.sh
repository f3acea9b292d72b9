# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For matrix-root.sh: a kernel of another architecture.

# foreign_triplet: as in the names of its compiler and of its directories
foreign_triplet()
{
	case $KARCH in
	arm64)	echo aarch64-linux-gnu ;;
	esac
}

# foreign_kernel: the headers are installed, with the compiler that they depend on. Of the
# kernel itself there is no more than its files.
foreign_kernel()
{
	local release file dir=/tmp/foreign

	dpkg --add-architecture "$KARCH" && apt update || return 1
	apt install ${APT_TARGET:+-t "$APT_TARGET"} kmod "$(kernel_package headers "$KERNEL")" \
		"$(source_of "$KERNEL")" || return 1
	release=$(release "$KERNEL")
	mkdir -p "$dir" && (cd "$dir" && apt download ${APT_TARGET:+-t "$APT_TARGET"} \
		"linux-binary-$release:$KARCH" "linux-modules-$release:$KARCH") || return 1
	for file in "$dir"/*.deb; do
		dpkg-deb -x "$file" / || return 1
	done
	depmod "$release"
}

# foreign_command: fpgacard for that machine. TOOLS_LIBRARIES: with which it is built
foreign_command()
{
	local triplet name libraries=()

	triplet=$(foreign_triplet)
	for name in libc6-dev $TOOLS_LIBRARIES; do
		libraries+=("$name:$KARCH")
	done
	apt install make pkgconf "${libraries[@]}" || return 1
	mkdir -p /tmp/command
	PKG_CONFIG_LIBDIR=/usr/lib/$triplet/pkgconfig:/usr/share/pkgconfig \
		make -C tools/fpgacard O=/tmp/command CC="$(echo /usr/bin/"$triplet"-gcc-[0-9]*)" \
		/tmp/command/fpgacard &&
		install -D /tmp/command/fpgacard /out/system/usr/sbin/fpgacard
}

# shellcheck disable=SC2153 # Who calls has set RELEASE.
# foreign_system: the modules of the packages where DKMS has put them, and those of the
# kernel that they need, into /out/system
foreign_system()
{
	local names name dir=/usr/lib/modules/$RELEASE

	mapfile -t names < <(find "$dir/updates/dkms" -name '*.ko*' | sed 's|.*/||; s/\.ko.*//')
	mkdir -p "/out/system$dir" /out/boot || return 1
	cp "$dir"/modules.{order,builtin}* "/out/system$dir/" || return 1
	module_files "${names[@]}" >/tmp/paths || return 1
	while read -r name; do
		name=$(realpath "$name") && cp --parents "$name" /out/system/ || return 1
	done </tmp/paths
	depmod -b /out/system "$RELEASE" || return 1
	cp "$(kernel_file vmlinuz)" /out/boot/vmlinuz && echo "$RELEASE" >/out/boot/release
}
