// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own libfdt, whose symbols modules do not get. Not built where the
 * rest is built in.
 */

#include <linux/libfdt_env.h>

#include <fdt.c>
#include <fdt_ro.c>
