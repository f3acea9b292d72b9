#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# devlink.sh [V...]: the cases of tests/guest/devlink/, with iproute2's own devlink, on
# the kernel as Debian ships it ("stock") and on one of ours. ONLY=TEXT takes those whose
# file's name contains TEXT.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/stock.sh"
. "$TESTS/lib/programs.sh"

GUEST_FILES=$(mktemp -d)
chmod 755 "$GUEST_FILES"
WORK=$(mktemp -d)
at_exit 'rm -rf "$GUEST_FILES" "$WORK"'
GUEST_LAST=(fpga/fpga-card-devlink)
append=${ONLY:+fpgacard.only=$ONLY}

run_stock()
{
	with_lock stock stock_prepare || die "cannot get the stock kernel"
	if ! stock_build; then
		fail "stock devlink: modules build"
		return
	fi
	pass "stock devlink: modules build"
	if ! stock_initrd "$WORK" "${OUR_MODULES[@]}" "${GUEST_LAST[@]}" ||
	   ! guest_add_files "$GUEST_FILES" . "$WORK/initrd"; then
		fail "stock devlink: the guest's files can be put together"
		return
	fi
	say "booting $STOCK_ABI (console: $LOGS/console-stock-devlink.log)"
	guest_boot "stock devlink" x86_64 "${SECONDS_MAX:-$GUEST_SECONDS}" \
		"$LOGS/console-stock-devlink.log" "$STOCK_IMAGE" "$WORK/initrd" \
		"fpgacard.run=devlink quiet mitigations=off nokaslr $append"
}

run_ours()
{
	if modules_for "$1"; then
		pass "$1 devlink: modules build"
		guest_run "$1" devlink "${SECONDS_MAX:-$GUEST_SECONDS}" "$append"
	else
		fail "$1 devlink: modules build"
	fi
}

[ $# -gt 0 ] || set -- stock "$KERNEL_MAIN"
need_packages iproute2 jq "${MODULES_PACKAGES[@]}" "${INITRAMFS_PACKAGES[@]}" \
	"${QEMU_PACKAGES[@]}"
guest_add_program "$GUEST_FILES" devlink jq || die "cannot put the programs together"
for v in "$@"; do
	case $v in
	stock)	run_stock ;;
	*)	run_ours "$v" ;;
	esac
done
finish
