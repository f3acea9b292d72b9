// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mailbox of the management controller of simulated cards, for their back end.
 */

#include <linux/bitfield.h>
#include <linux/fpga/fpga-card.h>
#include <linux/kernel.h>
#include <linux/pci.h>

#include "sim-bmc.h"
#include "sim-bmc-regs.h"

static int sim_bmc_gone(struct sim_bmc_ctrl *ctrl)
{
	fpga_card_reason(ctrl->card, "its control function does not answer");

	return -ENODEV;
}

/* A function that is gone answers with ones: never take these for values. */
int sim_bmc_read(struct sim_bmc_ctrl *ctrl, unsigned int reg, u32 *val)
{
	u32 magic;

	if (ctrl->pdev->error_state == pci_channel_io_perm_failure)
		return sim_bmc_gone(ctrl);

	pci_read_config_dword(ctrl->pdev, ctrl->vsec + reg, val);
	if (!PCI_POSSIBLE_ERROR(*val))
		return 0;

	pci_read_config_dword(ctrl->pdev, ctrl->vsec + SIM_BMC_MAGIC, &magic);

	return magic == SIM_BMC_MAGIC_VAL ? 0 : sim_bmc_gone(ctrl);
}

int sim_bmc_write(struct sim_bmc_ctrl *ctrl, unsigned int reg, u32 val)
{
	if (ctrl->pdev->error_state == pci_channel_io_perm_failure ||
	    pci_write_config_dword(ctrl->pdev, ctrl->vsec + reg, val))
		return sim_bmc_gone(ctrl);

	return 0;
}

/**
 * struct sim_bmc_error - what a code of the mailbox means
 * @err: as errno
 * @reason: for people
 */
struct sim_bmc_error {
	int err;
	const char *reason;
};

static const struct sim_bmc_error sim_bmc_errors[] = {
	[SIM_BMC_CODE_COMMAND] = { -EIO, "its controller does not know the command" },
	[SIM_BMC_CODE_INDEX] = { -ENOENT, "its controller has no such image" },
	[SIM_BMC_CODE_BUSY] = { -EBUSY, "its controller is busy with a load" },
	[SIM_BMC_CODE_REFUSED] = { -EIO, "its controller refuses" },
	[SIM_BMC_CODE_STAGE] = { -EINVAL, "the file was not written as a whole" },
	[SIM_BMC_CODE_FILE] = { -EINVAL, "the file has no image of this card" },
};

static int sim_bmc_failed(struct sim_bmc_ctrl *ctrl, u32 status)
{
	unsigned int code = FIELD_GET(SIM_BMC_STATUS_CODE, status);

	if (code >= ARRAY_SIZE(sim_bmc_errors) || !sim_bmc_errors[code].err) {
		fpga_card_reason(ctrl->card, "its controller reports code %u", code);
		return -EIO;
	}
	fpga_card_reason(ctrl->card, "%s", sim_bmc_errors[code].reason);

	return sim_bmc_errors[code].err;
}

int sim_bmc_command(struct sim_bmc_ctrl *ctrl, u32 op, u32 arg)
{
	u32 status;
	int ret;

	ret = sim_bmc_write(ctrl, SIM_BMC_CMD,
			    FIELD_PREP(SIM_BMC_CMD_OP, op) |
			    FIELD_PREP(SIM_BMC_CMD_ARG, arg));
	if (ret)
		return ret;

	ret = sim_bmc_read(ctrl, SIM_BMC_STATUS, &status);
	if (ret)
		return ret;

	return status & SIM_BMC_STATUS_ERR ? sim_bmc_failed(ctrl, status) : 0;
}
