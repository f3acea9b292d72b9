#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lockdown.sh: the cases of tests/guest/lockdown/, which lock the kernel down: on the kernel
# as Debian ships it, as ours have no CONFIG_SECURITY_LOCKDOWN_LSM. Nobody can undo that, so
# the guest is of its own.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/stock.sh"
. "$TESTS/lib/programs.sh"

WORK=$(mktemp -d)
chmod 755 "$WORK"
at_exit 'rm -rf "$WORK"'

need_packages "${MODULES_PACKAGES[@]}" "${INITRAMFS_PACKAGES[@]}" "${QEMU_PACKAGES[@]}"
with_lock stock stock_prepare || die "cannot get the stock kernel"
if ! stock_build; then
	fail "stock lockdown: modules build"
elif ! stock_initrd "$WORK" "${OUR_MODULES[@]}" || ! tool=$(fpgacard_dir) ||
     ! PATH=$tool:$PATH guest_add_program "$WORK/guest" fpgacard ||
     ! guest_add_files "$WORK/guest" . "$WORK/initrd"; then
	pass "stock lockdown: modules build"
	fail "stock lockdown: the guest's files can be put together"
else
	pass "stock lockdown: modules build"
	say "booting $STOCK_ABI (console: $LOGS/console-stock-lockdown.log)"
	guest_boot "stock lockdown" x86_64 "${SECONDS_MAX:-$GUEST_SECONDS}" \
		"$LOGS/console-stock-lockdown.log" "$STOCK_IMAGE" "$WORK/initrd" \
		"fpgacard.run=lockdown quiet mitigations=off nokaslr"
fi
finish
