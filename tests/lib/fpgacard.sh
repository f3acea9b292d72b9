# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The command fpgacard for this machine: it packs the image files that cases load.

# With their headers
FPGACARD_PACKAGES=(gcc libc6-dev make pkg-config libudev-dev libjson-c-dev libpci-dev nettle-dev
	libinih-dev)

# fpgacard_dir: compiled when its source changes; prints the directory with the program
fpgacard_dir()
{
	local out

	need_packages "${FPGACARD_PACKAGES[@]}" >&2
	out=$CACHE/fpgacard/$(fpgacard_key) || return 1
	with_lock fpgacard fpgacard_cached "$out" || return 1
	echo "$out"
}

# The libraries by their version, as the program stays when they are upgraded.
fpgacard_key()
{
	(
		cd "$TREE" || exit
		find tools/fpgacard fpga/image.c include/linux/fpga version.mk -type f \
			-name '*[hck]' -print0 | sort -z | xargs -0 sha256sum
		dpkg-query -W "${FPGACARD_PACKAGES[@]}"
	) | sha256sum | cut -c1-16
}

fpgacard_cached()
{
	[ -x "$1/fpgacard" ] || make_whole "$1" fpgacard_compile || return 1
	drop_older "$1" '*'
}

fpgacard_compile()
{
	run_logged "$LOGS/fpgacard.log" make -C "$TREE/tools/fpgacard" O="$1" "$1/fpgacard"
}
