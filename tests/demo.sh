#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# demo.sh: a card that reloads, on the kernel as Debian ships it. With
# SHELL_AFTER=1 the guest stays, with a shell.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/stock.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/programs.sh"

# All at once: apt takes its time.
need_packages "${MODULES_PACKAGES[@]}" "${INITRAMFS_PACKAGES[@]}" "${QEMU_PACKAGES[@]}"
with_lock stock stock_prepare || die "cannot get the stock kernel"

say "building the modules, for which a new machine takes 2 minutes"
stock_build || die "the modules do not build"

work=$(mktemp -d)
at_exit 'rm -rf "$work"'
# The command is for the shell.
if ! stock_initrd "$work" "${OUR_MODULES[@]}" || ! tool=$(fpgacard_dir) ||
   ! PATH=$tool:$PATH guest_add_program "$work/guest" fpgacard ||
   ! guest_add_files "$work/guest" . "$work/initrd"; then
	die "the guest's files cannot be put together"
fi

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
