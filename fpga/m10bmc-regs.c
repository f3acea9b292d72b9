// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of the BMC, as the images and the retimers need them.
 */

#include <linux/pci.h>
#include <linux/regmap.h>

#include "m10bmc.h"

/* A register of a card that is gone reads all ones; none of these does else. */
int fpga_card_m10_read(struct fpga_card_m10 *m10, u32 reg, u32 *val)
{
	int ret;

	ret = regmap_read(m10->m10bmc->regmap, m10->type->base + reg, val);
	if (!ret && PCI_POSSIBLE_ERROR(*val))
		ret = -ENODEV;
	return ret;
}

/* A secure update was asked for, or is not over. */
bool fpga_card_m10_is_busy(u32 doorbell)
{
	switch (rsu_prog(doorbell)) {
	case RSU_PROG_IDLE:
	case RSU_PROG_RSU_DONE:
	case RSU_PROG_PKVL_PROM_DONE:
		return doorbell & DRBL_RSU_REQUEST;
	default:
		return true;
	}
}
