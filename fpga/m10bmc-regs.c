// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of the BMC, as the images and the retimers need them.
 */

#include <linux/bitfield.h>
#include <linux/pci.h>
#include <linux/regmap.h>

#include "m10bmc.h"

/* A register of a card that is gone reads all ones; none of these does else. */
int fpga_card_m10_read(struct fpga_card_m10 *m10, u32 reg, u32 *val)
{
	int ret;

	ret = regmap_read(m10->m10bmc->regmap, m10->type->base + reg, val);
	if (ret) {
		fpga_card_reason(m10->card,
				 "a register of its BMC cannot be read (error %d)",
				 ret);
		return ret;
	}
	if (PCI_POSSIBLE_ERROR(*val)) {
		fpga_card_reason(m10->card, "its BMC does not answer");
		return -ENODEV;
	}
	return 0;
}

int fpga_card_m10_update(struct fpga_card_m10 *m10, u32 reg, u32 mask, u32 val)
{
	int ret;

	ret = regmap_update_bits(m10->m10bmc->regmap, m10->type->base + reg,
				 mask, val);
	if (ret)
		fpga_card_reason(m10->card,
				 "a register of its BMC cannot be written (error %d)",
				 ret);
	return ret;
}

/* What a secure update is at, of those steps in which the card is to be left alone */
static const char * const fpga_card_m10_steps[] = {
	[RSU_PROG_PREPARE] = "the BMC erases the staging area",
	[RSU_PROG_READY] = "the BMC waits for the data",
	[RSU_PROG_AUTHENTICATING] = "the BMC checks the signature",
	[RSU_PROG_COPYING] = "the BMC copies the data into place",
	[RSU_PROG_UPDATE_CANCEL] = "the BMC clears up after an update that was ended early",
	[RSU_PROG_PROGRAM_KEY_HASH] = "the BMC writes the hash of a key",
};

/* -EBUSY, with the reason, if a secure update was asked for, or is not over. */
int fpga_card_m10_check_idle(struct fpga_card_m10 *m10, u32 doorbell)
{
	unsigned int step = rsu_prog(doorbell);

	switch (step) {
	case RSU_PROG_IDLE:
	case RSU_PROG_RSU_DONE:
	case RSU_PROG_PKVL_PROM_DONE:
		if (!(doorbell & DRBL_RSU_REQUEST))
			return 0;
		fpga_card_reason(m10->card, "an update of its flash was requested");
		return -EBUSY;
	}
	if (step < ARRAY_SIZE(fpga_card_m10_steps) && fpga_card_m10_steps[step])
		fpga_card_reason(m10->card, "its flash is being updated: %s",
				 fpga_card_m10_steps[step]);
	else
		fpga_card_reason(m10->card, "its BMC is busy, with step %u", step);
	return -EBUSY;
}

/* How the last update ended, where that is not well */
static const char *fpga_card_m10_status_name(u8 status)
{
	switch (status) {
	case RSU_STAT_TIMEOUT:
		return "took too long";
	case RSU_STAT_AUTH_FAIL:
		return "had no valid signature";
	case RSU_STAT_COPY_FAIL:
		return "could not be copied into place";
	case RSU_STAT_FATAL:
		return "failed";
	case RSU_STAT_PKVL_REJECT:
		return "was rejected by the retimers";
	case RSU_STAT_NON_INC:
		return "was of a version that may not be loaded";
	case RSU_STAT_ERASE_FAIL:
		return "could not erase the flash";
	case RSU_STAT_WEAROUT:
		return "was refused as the flash is worn out";
	default:
		return NULL;
	}
}

/* -EBUSY, with the reason, if the BMC would not restart. */
int fpga_card_m10_check_restart(struct fpga_card_m10 *m10, u32 doorbell)
{
	const char *how;
	u32 val;

	if (!(doorbell & m10->type->reboot_disabled))
		return 0;
	val = doorbell;
	if (m10->type->status && fpga_card_m10_read(m10, m10->type->status, &val))
		return -EBUSY;
	how = fpga_card_m10_status_name(FIELD_GET(DRBL_RSU_STATUS, val));
	fpga_card_reason(m10->card, "its BMC does not let itself be restarted%s%s",
			 how ? "; the last update of its flash " : "",
			 how ?: "");
	return -EBUSY;
}
