# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a test target needs, in the order it builds on each other.

for part in common packages debs kernel modules fpgacard initramfs qemu results; do
	# shellcheck source=/dev/null
	. "$(dirname "${BASH_SOURCE[0]}")/$part.sh"
done
unset part

need_debian
