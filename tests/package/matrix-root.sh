#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# matrix-root.sh build | KERNEL: on a machine that was installed just now, in a clone there.
# "build" makes the packages, in /out/debs. KERNEL, as in in-root.sh, installs that kernel
# and the packages as an administrator does, makes a copy of the whole machine to boot,
# /out/root.img, and purges the packages. What that kernel cannot is in /out/cannot: a
# column of the table and the reason. APT_TARGET: the kernel comes from that suite, whose
# line for apt is in /out/sources. KARCH: it is of that architecture, and is not installed
# but unpacked; DKMS builds for it with its headers, which know the cross compiler. What can
# boot then is /out/system, where a small system of that architecture is already. FIRST:
# that is to be the first process when it boots; only systemd is known.

set -u
FIRST=${FIRST:-}
. tests/package/lib.sh
. tests/package/foreign.sh

PACKAGES=(fpgacard-dkms fpgacard-sim-dkms)
[ -n "$KARCH" ] || PACKAGES+=(fpgacard-tools)
# The guest's first steps, until its root is there: it is memory that is a disk. Its file
# system is made without what would only have to be checked.
BOOT_MODULES=(nfit nd_pmem ext4)
EXT4=(-q -t ext4 -O '^has_journal,^metadata_csum' -m 0 -E nodiscard)

# kernel_file NAME: where it is; from 7.3 on it may be among the modules.
kernel_file()
{
	local file

	for file in "/boot/$1-$RELEASE" "/usr/lib/modules/$RELEASE/$1"; do
		[ -s "$file" ] && echo "$file" && return
	done
	return 1
}

has()
{
	grep -q "^CONFIG_$1=[ym]\$" "$CONFIG"
}

# lacks SYMBOL...: says which one the kernel has not, by its configuration
lacks()
{
	local symbol

	for symbol; do
		has "$symbol" && continue
		sed -n "s/^# \(CONFIG_$symbol is not set\)$/\1/p" "$CONFIG" | grep . ||
			echo "there is no CONFIG_$symbol"
		return 0
	done
	return 1
}

# cannot COLUMN REASON
cannot()
{
	echo "$*" >>/out/cannot
}

# What this kernel cannot, whatever the packages do. Of Intel's cards the script that gets
# their drivers knows, by the configuration and the headers.
what_it_cannot()
{
	local reason kdir=/lib/modules/$RELEASE/build

	CONFIG=$(kernel_file config) || return 1
	: >/out/cannot
	[ -n "$FIRST" ] || cannot services "systemd is not the first process there"
	! reason=$(lacks NET_DEVLINK) || cannot devlink "$reason"
	! reason=$(lacks OF OF_OVERLAY) || cannot overlay "$reason"
	reason=$(scripts/kernel-fpga note "$kdir") || return 1
	if [ -n "$reason" ] && ! has MFD_INTEL_M10_BMC_PMCI &&
	   ! scripts/kernel-fpga list "$kdir" | grep -qx intel-m10-bmc-pmci; then
		cannot N6000 "$reason"
	fi
	cat /out/cannot
}

# The source comes first, as "apt install linux-headers-amd64 linux-source" does it. An
# initramfs of its own would take longer than the rest, and does not boot here.
kernel_install()
{
	INITRD=No apt install ${APT_TARGET:+-t "$APT_TARGET"} "$(kernel_package image "$KERNEL")" \
		"$(kernel_package headers "$KERNEL")" "$(source_of "$KERNEL")"
}

# module_files NAME...: in the order in which modprobe takes them, and what they need
module_files()
{
	local name

	for name; do
		modprobe -S "$RELEASE" --show-depends "$name" || return 1
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# boot_files: the kernel, and what it takes to mount its root, in that order
boot_files()
{
	local name file out=/out/boot

	mkdir -p "$out"
	cp "$(kernel_file vmlinuz)" "$out/vmlinuz" || return 1
	module_files "${BOOT_MODULES[@]}" >"$out/paths" || return 1
	while read -r file; do
		name=$(basename "$file")
		name=${name%.[xz]*}
		case $file in
		*.xz)	xz -dc "$file" >"$out/$name" ;;
		*)	cp "$file" "$out/$name" ;;
		esac || return 1
		echo "${name%.ko}"
	done <"$out/paths" >"$out/order"
	echo "$RELEASE" >"$out/release"
}

# image_make: this machine, without what is only mounted here. Room is for what the guest
# writes. QEMU wants memory in units of 128 MiB.
image_make()
{
	local mib

	mkdir -p /tmp/root && mount --bind / /tmp/root || return 1
	mib=$(du -sm /tmp/root | cut -f 1)
	mib=$(((mib * 5 / 4 + 384) / 128 * 128))
	truncate -s "${mib}M" /out/root.part &&
		mke2fs "${EXT4[@]}" -d /tmp/root /out/root.part &&
		mv /out/root.part /out/root.img
	umount /tmp/root
	[ -s /out/root.img ] && echo "$mib MiB"
}

packages_purge()
{
	apt purge --autoremove "${PACKAGES[@]}" && no_module_yet
}

rm -f /out/results
[ ! -s /out/sources ] || cp /out/sources /etc/apt/sources.list.d/target.list
apt update >/dev/null || exit
if [ "$1" = build ]; then
	HAVE_TOOLS=1
	packages_build
	exit
fi
KERNEL=$1
if [ -n "$KARCH" ]; then
	step "packages: the headers of the kernel and its source" foreign_kernel
else
	step "packages: the kernel, its headers and its source" kernel_install
fi
RELEASE=$(release "$KERNEL")
# The tools want systemd, and would bring it otherwise.
needed=(dkms e2fsprogs iproute2 jq openssl systemd udev xz-utils)
[ "$FIRST" != systemd ] || needed+=(systemd-sysv dbus polkitd)
step "packages: what they need" apt install "${needed[@]}"
[ -z "$KARCH" ] || step "command: it builds for $KARCH" foreign_command
everything >/out/before
step "packages: they install" packages_install
step "packages: the modules, with the FPGA core" modules_are_there "$KERNEL" fpga-mgr \
	fpga-bridge fpga-region pci-reload fpga-card fpga-card-devlink pcie-card-sim sim-bmc
step "packages: it is known what this kernel cannot" what_it_cannot
if [ -n "$KARCH" ]; then
	step "packages: what boots can be put together" foreign_system
else
	step "packages: the kernel can be copied" boot_files
	step "packages: the machine can be copied" image_make
fi
step "purge: apt purge" packages_purge
step "purge: nothing is left" nothing_is_left
