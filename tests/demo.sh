#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# demo.sh: a card that reloads, on the kernel as Debian ships it. With
# SHELL_AFTER=1 the guest stays, with a shell.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/stock.sh"

# All at once: apt takes its time.
need_packages "${MODULES_PACKAGES[@]}" "${INITRAMFS_PACKAGES[@]}" "${QEMU_PACKAGES[@]}"
with_lock stock stock_prepare || die "cannot get the stock kernel"

stock_build || die "the modules do not build"

work=$(mktemp -d)
at_exit 'rm -rf "$work"'
stock_initrd "$work" "${OUR_MODULES[@]}" || die "the guest's files cannot be put together"

console=$LOGS/console-demo.log
# It shows how long things take, to somebody who watches.
export TIME=${TIME:-real}
append="fpgacard.run=demo quiet mitigations=off nokaslr"
say "booting $STOCK_ABI (console: $console)"
if [ -n "${SHELL_AFTER:-}" ]; then
	qemu_command x86_64 "$(qemu_accel x86_64 "$STOCK_IMAGE" "$work/initrd")" "$STOCK_IMAGE" \
		"$work/initrd" "$append fpgacard.shell"
	"${QEMU[@]}" -serial "file:$console" \
		-chardev stdio,id=verdict,signal=off -serial chardev:verdict |
		tee "$work/verdict"
	# The count; all has been seen already.
	guest_results demo "$console" <"$work/verdict" >/dev/null
else
	GUEST_TALKS=1 guest_boot demo x86_64 "$GUEST_SECONDS" "$console" "$STOCK_IMAGE" "$work/initrd" \
		"$append"
fi
finish
