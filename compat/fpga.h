/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel has to have. Nothing outside this directory compares kernel
 * versions or asks for features.
 */
#ifndef _FPGA_CARD_COMPAT_FPGA_H
#define _FPGA_CARD_COMPAT_FPGA_H

#include <linux/fpga/fpga-mgr.h>

/*
 * Before its owner was passed in, by a macro, the FPGA core took it from the
 * driver of the parent device, and oopsed if there was none; the card has none.
 * 6.1 stable got the macro late, what is older never.
 */
#ifndef fpga_mgr_register
#error "this kernel's FPGA core expects a driver above each manager: take a later stable version"
#endif

#endif /* _FPGA_CARD_COMPAT_FPGA_H */
