/* SPDX-License-Identifier: GPL-2.0-only */
/* Buses: their types are constant, or are not. */
#ifndef _FPGA_CARD_COMPAT_BUS_H
#define _FPGA_CARD_COMPAT_BUS_H

#include <linux/device.h>

/* As devices have it; those who register a bus took to that in the same version. */
#define COMPAT_BUS_TYPE		typeof(*((struct device *)NULL)->bus)

#endif /* _FPGA_CARD_COMPAT_BUS_H */
