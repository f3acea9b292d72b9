# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernels of our own: Debian's source, allnoconfig and the fragments that
# tests/kernel/flavours names.

KERNEL_MAIN=6.12
KERNEL_OLD=6.1
KERNEL_NEXT=7.3
KERNEL_ARM=6.12-arm64
KERNEL_KASAN=6.12-kasan
KERNEL_QEMU=6.12-qemu
KERNEL_UPSTREAM=6.12-upstream
export KERNEL_UPSTREAM KERNEL_MAIN KERNEL_OLD KERNEL_NEXT KERNEL_ARM KERNEL_KASAN KERNEL_QEMU

kernel_is_known()
{
	grep -q "^$1[[:space:]]" "$TESTS/kernel/flavours"
}

# kernel_arch V: a flavour is for x86_64 unless its name ends in another.
kernel_arch()
{
	case $1 in
	*-arm64)	echo arm64 ;;
	*)		echo x86_64 ;;
	esac
}

# cross_prefix ARCH: what the names of its compiler and the like start with
cross_prefix()
{
	case $1 in
	arm64)	echo aarch64-linux-gnu- ;;
	esac
}

# kernel_version V: "6.12" of "6.12-arm64", which is built of the same source
kernel_version()
{
	echo "${1%%-*}"
}

# kernel_make V ARGUMENT...: make for its architecture
kernel_make()
{
	local arch args=()

	arch=$(kernel_arch "$1")
	shift
	[ "$arch" = x86_64 ] || args=("ARCH=$arch"
		"CROSS_COMPILE=$(cross_prefix "$arch")")
	make "${args[@]}" "$@"
}

# For a kernel of the harness, which has no BTF. When it builds modules, 7.x warns if pahole is
# not the one that was there for the kernel, and some package may bring one in between.
KERNEL_OWN=(PAHOLE=none)

# kernel_make_own V ARGUMENT...: for such a kernel
kernel_make_own()
{
	kernel_make "$1" "${KERNEL_OWN[@]}" "${@:2}"
}

kernel_fragments()
{
	local names

	names=$(awk -v v="$1" '$1 == v { $1 = ""; print }' \
		"$TESTS/kernel/flavours")
	[ -n "$names" ] || die "tests/kernel/flavours has no kernel $1"
	# shellcheck disable=SC2086
	printf "$TESTS/kernel/%s.config\n" $names
}

# kernel_patch V: what a flavour changes in the source, if it does; one patch a line
kernel_patch()
{
	case $1 in
	*-upstream)	printf '%s\n' "$TREE"/upstream/*.patch ;;
	*)		[ ! -f "$TESTS/kernel/$1.patch" ] || echo "$TESTS/kernel/$1.patch" ;;
	esac
}

# Version, patch, fragments and compiler decide what is built.
kernel_key()
{
	local version hash cross

	version=$(deb_version "linux-source-$(kernel_version "$1")")
	cross=$(cross_prefix "$(kernel_arch "$1")")
	# shellcheck disable=SC2046
	hash=$( (cat $(kernel_fragments "$1") $(kernel_patch "$1"); "${cross}gcc" --version | head -n 1) |
		sha256sum | cut -c1-10)
	echo "$1-${version//[^a-zA-Z0-9.+-]/_}-$hash"
}

# kernel_dir V: where the build is (or will be); kernel_source V likewise.
kernel_dir()
{
	echo "$CACHE/kernels/$(kernel_key "$1")"
}

kernel_source()
{
	local version base patch name

	base=$(kernel_version "$1")
	version=$(deb_version "linux-source-$base")
	patch=$(kernel_patch "$1")
	name=linux-$base-${version//[^a-zA-Z0-9.+-]/_}
	[ -z "$patch" ] ||
		name=${name/"$base"/"$1"}-$(xargs -d '\n' cat <<<"$patch" |
			sha256sum | cut -c1-10)
	echo "$CACHE/src/$name"
}

kernel_image()
{
	case $(kernel_arch "$1") in
	arm64)	echo "$(kernel_dir "$1")/arch/arm64/boot/Image" ;;
	*)	echo "$(kernel_dir "$1")/arch/x86/boot/bzImage" ;;
	esac
}

# Left out: what none of the builds reads, and half of the tree it is.
SOURCE_EXCLUDES=('*/Documentation/*.rst' '*/drivers/gpu/drm/amd/include/asic_reg/*'
	'*/tools/testing/selftests/*' '*/arch/*/boot/dts/*')

# kernel_unpack SOURCE VERSION: the source of that version, if it is not there
kernel_unpack()
{
	[ -d "$1" ] || make_whole "$1" kernel_unpack_to "linux-source-$2"
}

# kernel_patch_to SOURCE PATCHES DIR: DIR shares with SOURCE what they do not change.
kernel_patch_to()
{
	cp -al "$1/." "$3" && xargs -d '\n' cat <<<"$2" | patch -s -p1 -d "$3"
}

# kernel_get_source V: the source of a flavour, if it is not there
kernel_get_source()
{
	local v=$1 base src patch plain

	base=$(kernel_version "$v")
	src=$(kernel_source "$v") && plain=$(kernel_source "$base") || return 1
	with_lock "source-$base" kernel_unpack "$plain" "$base" || return 1
	patch=$(kernel_patch "$v")
	[ -n "$patch" ] && [ ! -d "$src" ] || return 0
	need_packages patch
	run_logged "$LOGS/patch-$v.log" make_whole "$src" kernel_patch_to "$plain" "$patch"
}

# kernel_unpack_to PACKAGE DIR
kernel_unpack_to()
{
	local name=$1 dir=$2 deb version p exclude=()

	version=$(deb_version "$name") && deb=$(deb_fetch "$name" "$version") || return 1
	for p in "${SOURCE_EXCLUDES[@]}"; do
		exclude+=("--exclude=$p")
	done
	say "unpacking ${deb##*/}"
	run_logged "$LOGS/unpack-$name.log" kernel_untar "$deb" "$name" "$dir" \
		"${exclude[@]}" || return 1
	deb_done "$deb"
}

# kernel_untar DEB NAME DIR TAR-ARGUMENT...
kernel_untar()
{
	local deb=$1 name=$2 dir=$3

	shift 3
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/$name.tar.xz" | xz -dc -T0 |
		tar -x -C "$dir" --strip-components=1 "$@"
}

# Every symbol a fragment sets must have come through Kconfig.
kernel_check_config()
{
	local v=$1 config=$2 line sym bad=0

	while read -r line; do
		sym=${line%%=*}
		grep -qxF "$line" "$config" && continue
		awk -v v="$v" '{ print $1, $2 }' "$TESTS/kernel/exceptions" |
			grep -qxF "$v $sym" && continue
		say "kernel $v: $line was asked for," \
			"$(grep -w "$sym" "$config" || echo "no such symbol or unmet dependency")"
		bad=1
	done < <(kernel_fragments "$v" | xargs cat | grep '^CONFIG_')
	return $bad
}

kernel_configure()
{
	local v=$1 src=$2 out=$3

	kernel_fragments "$v" | xargs cat >"$out/fragments"
	kernel_make_own "$v" -s -C "$src" O="$out" KCONFIG_ALLCONFIG="$out/fragments" \
		allnoconfig &&
		kernel_make_own "$v" -s -C "$src" O="$out" olddefconfig &&
		kernel_check_config "$v" "$out/.config"
}

# What neither modules nor a boot need: two thirds of the tree.
kernel_shrink()
{
	find "$1" \( -path "$1/scripts" -o -path "$1/tools" \) -prune -o -type f \
		\( -name '*.o' -o -name '*.a' -o -name '.*.cmd' -o -name '.tmp_*' \
		-o -name 'vmlinux.bin*' \) -exec rm -f {} +
}

# kernel_make_all V SOURCE IMAGE DIR: in DIR, which gets another name afterwards;
# its Makefile has that of the directory in some versions.
kernel_make_all()
{
	local v=$1 src=$2 image=$3 dir=$4

	run_logged "$LOGS/config-$v.log" kernel_configure "$v" "$src" "$dir" ||
		return 1
	say "building kernel $v in $dir"
	run_logged "$LOGS/kernel-$v.log" kernel_make_own "$v" -C "$src" O="$dir" \
		-j"$JOBS" "$image" modules || return 1
	sed -i "s|$dir|${dir%.part}|" "$dir/Makefile" && kernel_shrink "$dir" &&
		touch "$dir/.done"
}

kernel_build_locked()
{
	local v=$1 base dir src image

	base=$(kernel_version "$v")
	[ -z "$(kernel_patch "$v")" ] || base=$v
	dir=$(kernel_dir "$v") && src=$(kernel_source "$v") && image=$(kernel_image "$v") ||
		return 1
	if [ ! -f "$dir/.done" ]; then
		kernel_get_source "$v" || return 1
		make_whole "$dir" kernel_make_all "$v" "$src" "${image##*/}" || return 1
	fi
	# What follows is a version: "6.12-*" would be "6.12-arm64-..." as well.
	drop_older "$dir" "$v-[0-9]*" && drop_older "$src" "linux-$base-[0-9]*"
}

# kernel_needs V: what its source says that it is built with, and its compiler: that
# is a part of its name
kernel_needs()
{
	local name version needs

	name=linux-source-$(kernel_version "$1")
	version=$(deb_version "$name") && needs=$(deb_needs "$name" "$version") || return 1
	# shellcheck disable=SC2086
	need_packages $needs
	[ "$(kernel_arch "$1")" != arm64 ] ||
		need_packages gcc-aarch64-linux-gnu libc6-dev-arm64-cross
}

# kernel_build V: builds it if the cache has it not.
kernel_build()
{
	kernel_needs "$1" || return 1
	if ! with_lock "kernel-$1" kernel_build_locked "$1"; then
		say "there is no kernel $1"
		return 1
	fi
}
