/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels in overlays. features.mk looks for it.
 */
#ifndef _FPGA_CARD_COMPAT_OF_OVERLAY_H
#define _FPGA_CARD_COMPAT_OF_OVERLAY_H

#include <linux/of.h>

/* Newer kernels can have targets relative to a node. */
static inline int compat_of_overlay_fdt_apply(const void *fdt, u32 size, int *id)
{
#ifdef FPGA_CARD_OF_OVERLAY_BASE
	return of_overlay_fdt_apply(fdt, size, id, NULL);
#else
	return of_overlay_fdt_apply(fdt, size, id);
#endif
}

#endif /* _FPGA_CARD_COMPAT_OF_OVERLAY_H */
