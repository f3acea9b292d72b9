#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# boot.sh [-k V] [-t SECONDS] [-m "MODULE[ PARAMETERS]"]... [SCRIPT]
#
# For trying things: builds the modules, boots kernel V with them, runs SCRIPT
# (or what comes on stdin; tests/guest/lib.sh is there) in the guest, and shows
# its console. -m names other modules than ours, "none" for none at all.

. "$(dirname "$0")/lib/common.sh"
. "$TESTS/lib/packages.sh"
. "$TESTS/lib/debs.sh"
. "$TESTS/lib/kernel.sh"
. "$TESTS/lib/modules.sh"
. "$TESTS/lib/initramfs.sh"
. "$TESTS/lib/qemu.sh"

need_debian
v=$KERNEL_MAIN seconds=120 modules=()
while getopts k:t:m: opt; do
	case $opt in
	k) v=$OPTARG ;;
	t) seconds=$OPTARG ;;
	m) modules+=("$OPTARG") ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

arch=$(kernel_arch "$v")
kernel_build "$v"
work=$(mktemp -d)
at_exit 'rm -rf "$work"'
mkdir "$work/tests"
cat -- "${1:--}" >"$work/tests/script.sh"

[ ${#modules[@]} -gt 0 ] || modules=("${OUR_MODULES[@]}")
dir=$(modules_dir "$(kernel_key "$v")")
if [ "${modules[*]}" = none ]; then
	modules=()
elif [ "${modules[0]:0:1}" != / ]; then
	W=${W:-1} modules_for "$v"
fi
with_modules "$dir" initramfs_make "$arch" "$work/initrd" "$dir" "${modules[@]}"
(cd "$work" && find tests | cpio -o -H newc --quiet) >>"$work/initrd"

image=$(kernel_image "$v")
qemu_command "$arch" "$(qemu_accel "$arch" "$image" "$work/initrd")" \
	"$image" "$work/initrd" "fpgacard.run=script"
qemu_serials "$arch" console verdict
timeout --foreground "$seconds" "${QEMU[@]}" -chardev stdio,id=console,signal=off \
	-chardev file,id=verdict,path="$work/verdict" "${SERIALS[@]}" \
	</dev/null | tr -d '\r'
cat "$work/verdict"
