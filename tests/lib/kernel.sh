# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernels of our own: Debian's source, allnoconfig and the fragments that
# tests/kernel/flavours names.

KERNEL_MAIN=6.12
KERNEL_OLD=6.1
export KERNEL_MAIN KERNEL_OLD

kernel_fragments()
{
	local names

	names=$(awk -v v="$1" '$1 == v { $1 = ""; print }' \
		"$TESTS/kernel/flavours")
	[ -n "$names" ] || die "tests/kernel/flavours has no kernel $1"
	# shellcheck disable=SC2086
	printf "$TESTS/kernel/%s.config\n" $names
}

# Version and fragments and compiler decide what is built.
kernel_key()
{
	local version hash

	version=$(deb_version "linux-source-$1")
	# shellcheck disable=SC2046
	hash=$( (cat $(kernel_fragments "$1"); gcc --version | head -n 1) |
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
	local version

	version=$(deb_version "linux-source-$1")
	echo "$CACHE/src/linux-$1-${version//[^a-zA-Z0-9.+-]/_}"
}

kernel_image()
{
	echo "$(kernel_dir "$1")/arch/x86/boot/bzImage"
}

# Left out: what no x86 build reads, and half of the tree it is.
SOURCE_EXCLUDES=('*/Documentation/*.rst' '*/drivers/gpu/drm/amd/include/asic_reg/*'
	'*/tools/testing/selftests/*' '*/arch/*/boot/dts/*')

kernel_unpack()
{
	local src deb tmp p exclude=()

	src=$(kernel_source "$1")
	[ -d "$src" ] && return
	deb=$(deb_fetch "linux-source-$1" "$(deb_version "linux-source-$1")")
	tmp=$src.part
	rm -rf "$tmp"
	mkdir -p "$tmp"
	for p in "${SOURCE_EXCLUDES[@]}"; do
		exclude+=("--exclude=$p")
	done
	say "unpacking ${deb##*/}"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO "./usr/src/linux-source-$1.tar.xz" | xz -dc -T0 |
		tar -x -C "$tmp" --strip-components=1 "${exclude[@]}"
	mv "$tmp" "$src"
	rm -f "$deb"
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
	make -s -C "$src" O="$out" KCONFIG_ALLCONFIG="$out/fragments" allnoconfig &&
		make -s -C "$src" O="$out" olddefconfig &&
		kernel_check_config "$v" "$out/.config"
}

# What neither modules nor a boot need: two thirds of the tree.
kernel_shrink()
{
	find "$1" \( -path "$1/scripts" -o -path "$1/tools" \) -prune -o -type f \
		\( -name '*.o' -o -name '*.a' -o -name '.*.cmd' -o -name '.tmp_*' \
		-o -name 'vmlinux.bin*' \) -exec rm -f {} +
}

kernel_build_locked()
{
	local v=$1 dir src

	dir=$(kernel_dir "$v") && src=$(kernel_source "$v") || return 1
	[ -f "$dir/.done" ] && return
	need_packages "${KERNEL_BUILD_PACKAGES[@]}" || return 1
	kernel_unpack "$v" || return 1
	rm -rf "$dir"
	mkdir -p "$dir" "$CACHE/logs"
	run_logged "$CACHE/logs/config-$v.log" kernel_configure "$v" "$src" "$dir" ||
		return 1
	say "building kernel $v in $dir"
	run_logged "$CACHE/logs/kernel-$v.log" \
		make -C "$src" O="$dir" -j"$JOBS" bzImage modules || return 1
	kernel_shrink "$dir"
	touch "$dir/.done"
	drop_older "$dir" "$v-*"
	drop_older "$src" "linux-$v-*"
}

# kernel_build V: builds it if the cache has it not.
kernel_build()
{
	with_lock "kernel-$1" kernel_build_locked "$1"
}
