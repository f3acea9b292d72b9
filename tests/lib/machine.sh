# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Boots a machine that was installed, as package/matrix-root.sh has copied it: that system
# is the guest's, and what comes in beside it is what mounts it, and tests/guest/.

# What a machine of another architecture has of its release: packages that are unpacked and
# not configured, since nothing of them runs here.
USERLAND=(base-files bash coreutils dash diffutils findutils grep iproute2 jq kmod libc-bin sed
	udev util-linux)

# tools_libraries: what fpgacard is built with. These packages depend on the libraries
# themselves, which have a version in their names.
tools_libraries()
{
	sed -n 's/^ \([a-z0-9.+-]*-dev\) <!pkg.fpgacard.notools>,$/\1/p' \
		"$TREE/packaging/debian/control"
}

userland_names()
{
	{ printf '%s\n' "${USERLAND[@]}" && tools_libraries; } | paste -s -d ,
}

# userland_make SUITE ARCH SOURCES DIR
userland_make()
{
	local options=()

	mapfile -t options < <(root_apt_options | sed 's/^/--aptopt=/')
	say "unpacking $1 for $2 in $4"
	run_logged "$LOGS/userland-$1-$2.log" in_namespace mmdebstrap --mode=root \
		--format=directory --variant=extract "--architectures=$2" \
		"--include=$(userland_names)" "${options[@]}" "$1" "$4" "$3" || return 1
	# It is in a guest's memory, where nobody compiles or reads.
	rm -rf "$4"/usr/{include,share/{doc,info,locale,man}} "$4"/var/{cache,lib/apt} &&
		find "$4" -name '*.a' -delete
}

userland_for_locked()
{
	local dir=$3 sources

	if [ -d "$dir" ] && [ -z "${REFRESH:-}" ] &&
	   [ "$(cat "$dir.names" 2>/dev/null)" = "$(userland_names)" ] &&
	   [ -n "$(find "$dir.names" -mtime "-$ROOT_DAYS")" ]; then
		return
	fi
	need_packages mmdebstrap debian-archive-keyring
	sources=$(suite_sources "$1") && install_text "$dir.new.list" "$sources" &&
		make_whole "$dir" userland_make "$1" "$2" "$dir.new.list" &&
		install_text "$dir.names" "$(userland_names)"
}

# userland_copy SUITE ARCH DIR: that system, into DIR
userland_copy()
{
	local dir=$CACHE/roots/$1-$2

	mkdir -p "$CACHE/roots" "$3" &&
		with_lock "userland-$1-$2" userland_for_locked "$1" "$2" "$dir" &&
		cp -a "$dir/." "$3/"
}

# machine_initrd DIR ARCH: DIR/initrd, for what is in DIR
machine_initrd()
{
	local dir=$1 arch=$2 modules=()

	[ ! -f "$dir/boot/order" ] || mapfile -t modules <"$dir/boot/order"
	mkdir -p "$dir/files/tests" && sim_memory "$arch" >"$dir/files/tests/sim-memory" &&
		cp "$dir/before" "$dir/files/tests/before" &&
		overlay_files "$dir/files" &&
		initramfs_make "$arch" "$dir/initrd" "$dir/boot" "${modules[@]}" &&
		guest_add_files "$dir/files" . "$dir/initrd" || return 1
	[ ! -d "$dir/system" ] || guest_add_files "$dir" system "$dir/initrd"
}

# machine_memory IMAGE: what QEMU is told of it
machine_memory()
{
	echo "memory-backend-file,id=root,share=off,mem-path=$1,size=$(stat -c %s "$1")"
}

# machine_boot LABEL DIR ARCH CONSOLE APPEND: the disk is memory, where no access takes
# time: in virtual time, a wait for a real disk would last for ever. What the guest writes
# to it is gone afterwards.
machine_boot()
{
	local label=$1 dir=$2 arch=$3 console=$4 append=$5 disk=()

	# shellcheck disable=SC2054
	[ ! -f "$dir/root.img" ] || disk=(-machine nvdimm=on -m slots=1,maxmem=16G
		-object "$(machine_memory "$dir/root.img")"
		-device nvdimm,id=root-disk,memdev=root)
	guest_boot "$label" "$arch" "${SECONDS_MAX:-$GUEST_SECONDS}" "$console" \
		"$dir/boot/vmlinuz" "$dir/initrd" "fpgacard.run=root \
${INIT:+fpgacard.init=$INIT} quiet mitigations=off nokaslr $append" "${disk[@]}"
}
