# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The host's own packages: installed when root, else named.

installed()
{
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

apt_quiet()
{
	DEBIAN_FRONTEND=noninteractive apt-get -qq \
		-o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 "$@"
}

apt_refresh()
{
	mkdir -p "$CACHE/logs"
	say "apt-get update"
	run_logged "$CACHE/logs/apt-update.log" apt_quiet update
}

# need_packages NAME...
need_packages()
{
	local p missing=()

	command -v dpkg-query >/dev/null || die "this needs a Debian system"
	for p in "$@"; do
		installed "$p" || missing+=("$p")
	done
	[ ${#missing[@]} -eq 0 ] && return
	[ "$(id -u)" -eq 0 ] ||
		die "missing packages: ${missing[*]} (apt-get install them, or run as root)"

	mkdir -p "$CACHE/logs"
	say "installing ${missing[*]}"
	if ! apt_quiet install -y --no-install-recommends "${missing[@]}" \
			>"$CACHE/logs/apt-install.log" 2>&1; then
		apt_refresh
		run_logged "$CACHE/logs/apt-install.log" \
			apt_quiet install -y --no-install-recommends "${missing[@]}"
	fi
}

KERNEL_BUILD_PACKAGES=(gcc make flex bison bc libelf-dev libssl-dev xz-utils
	kmod rsync git python3 perl libc6-dev)
GUEST_PACKAGES=(busybox-static cpio gzip qemu-system-x86 gcc libc6-dev)
# besides, for a guest that is not of this machine's kind
ARM64_PACKAGES=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-system-arm
	device-tree-compiler)
STYLE_PACKAGES=(sparse shellcheck perl python3)
DTBS_PACKAGES=(cpp device-tree-compiler dt-schema)
export KERNEL_BUILD_PACKAGES GUEST_PACKAGES ARM64_PACKAGES STYLE_PACKAGES \
	DTBS_PACKAGES

# arch_packages ARCH: what its compiler and its guests need; before its
# compiler is asked for anything
arch_packages()
{
	[ "$1" != arm64 ] || need_packages "${ARM64_PACKAGES[@]}"
}
