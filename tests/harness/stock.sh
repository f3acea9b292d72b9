#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# stock.sh: a module of the kernel that Debian ships is unpacked on a machine on which none
# was before. The kernel here has one, which is a text.

# Functions of the libraries are replaced here, and called by others there.
# shellcheck disable=SC2034,SC2317
. "$(dirname "$0")/../lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/stock.sh"

WORK=$(mktemp -d)
at_exit 'rm -rf "$WORK"'
STOCK=$WORK/stock

modinfo() { :; }

unpacks_first_module()
{
	local where

	mkdir -p "$STOCK/image/kernel"
	echo module | xz >"$STOCK/image/kernel/some_module.ko.xz"
	where=$(stock_module some-module) && [ "$(cat "$where.ko")" = module ]
}

try "stock: the first module of a kernel is unpacked" unpacks_first_module
finish
