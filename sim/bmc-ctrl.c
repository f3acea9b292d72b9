// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control device of simulated cards: the back end that has them load images.
 */

#include <linux/bitfield.h>
#include <linux/device.h>
#include <linux/fpga/fpga-card.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "pcie-card-sim.h"
#include "sim-bmc.h"
#include "sim-bmc-regs.h"

/* Time for an image that came as a file; nobody knows what is in it. */
#define SIM_BMC_STAGE_TIMEOUT_MS	30000

/* After how many bytes of a file it is asked whether anybody still wants it */
#define SIM_BMC_STAGE_STEP	4096

/* The first line of a file comes by the mailbox in any case, and ends in these bytes. */
#define SIM_BMC_STAGE_HEAD	SIM_BMC_BLOCK

static unsigned int sim_bmc_stage_limit = SZ_2M;
module_param_named(stage_words, sim_bmc_stage_limit, uint, 0644);
MODULE_PARM_DESC(stage_words, "How many bytes of a file come by the mailbox, which takes long, before the memory behind BAR 0 is used");

/* Name of the image that is selected; @name has FPGA_CARD_NAME_MAX + 1 bytes */
static int sim_bmc_name(struct sim_bmc_ctrl *ctrl, char *name)
{
	unsigned int i;
	__le32 le;
	u32 val;
	int ret;

	BUILD_BUG_ON(SIM_BMC_NAME_LEN > FPGA_CARD_NAME_MAX);

	for (i = 0; i < SIM_BMC_NAME_LEN; i += 4) {
		ret = sim_bmc_read(ctrl, SIM_BMC_NAME + i, &val);
		if (ret)
			return ret;
		le = cpu_to_le32(val);
		memcpy(name + i, &le, sizeof(le));
	}
	name[SIM_BMC_NAME_LEN] = '\0';

	return 0;
}

static int sim_bmc_image(struct sim_bmc_ctrl *ctrl, unsigned int index,
			 struct fpga_card_image *image)
{
	u32 timeout_ms, hold_ms;
	int ret;

	ret = sim_bmc_command(ctrl, SIM_BMC_OP_SELECT, index);
	if (ret)
		return ret;

	ret = sim_bmc_name(ctrl, image->name);
	if (ret)
		return ret;

	ret = sim_bmc_read(ctrl, SIM_BMC_TIME, &timeout_ms);
	if (ret)
		return ret;

	ret = sim_bmc_read(ctrl, SIM_BMC_HOLD, &hold_ms);
	if (ret)
		return ret;

	image->timeout_ms = timeout_ms;
	image->hold_ms = hold_ms;

	return 0;
}

static int sim_bmc_images(void *priv, struct fpga_card_image *images,
			  unsigned int max)
{
	struct sim_bmc_ctrl *ctrl = priv;
	unsigned int i, n;
	u32 status;
	int ret;

	ret = sim_bmc_read(ctrl, SIM_BMC_STATUS, &status);
	if (ret)
		return ret;

	n = min(FIELD_GET(SIM_BMC_STATUS_IMAGES, status), max);
	for (i = 0; i < n; i++) {
		ret = sim_bmc_image(ctrl, i, &images[i]);
		if (ret)
			return ret;
	}

	return n;
}

static int sim_bmc_ready(void *priv)
{
	struct sim_bmc_ctrl *ctrl = priv;
	u32 status;
	int ret;

	ret = sim_bmc_read(ctrl, SIM_BMC_STATUS, &status);
	if (ret)
		return ret;
	if (!(status & SIM_BMC_STATUS_BUSY))
		return 0;
	fpga_card_reason(ctrl->card, "its controller is busy with a load");

	return -EBUSY;
}

/* The name that is selected by a command; -ENODATA if that is none */
static int sim_bmc_ask_name(struct sim_bmc_ctrl *ctrl, u32 op, char *name,
			    size_t len)
{
	char buf[FPGA_CARD_NAME_MAX + 1];
	int ret;

	ret = sim_bmc_command(ctrl, op, 0);
	if (ret)
		return ret;

	ret = sim_bmc_name(ctrl, buf);
	if (ret)
		return ret;

	if (!buf[0])
		return -ENODATA;
	if (strscpy(name, buf, len) < 0)
		return -EOVERFLOW;

	return 0;
}

static int sim_bmc_running(void *priv, char *name, size_t len)
{
	return sim_bmc_ask_name(priv, SIM_BMC_OP_SELECT_RUNNING, name, len);
}

static int sim_bmc_boot_image(void *priv, char *name, size_t len)
{
	return sim_bmc_ask_name(priv, SIM_BMC_OP_SELECT_BOOT, name, len);
}

/* Whether stage() is to go on, with @done of @total bytes written */
static int sim_bmc_stage_step(struct fpga_card *card, size_t done, size_t total)
{
	if (fpga_card_stage_cancelled(card))
		return -EINTR;
	fpga_card_stage_progress(card, done, total);

	return 0;
}

/* Appends bytes @from to @to of a file, by the mailbox itself. */
static int sim_bmc_stage_words(struct sim_bmc_ctrl *ctrl, const u8 *data, size_t from,
			       size_t to, size_t len)
{
	size_t i;
	int ret;

	for (i = from; i < to; i += 4) {
		__le32 word = 0;

		if (i < len)
			memcpy(&word, data + i, min(len - i, sizeof(word)));
		ret = sim_bmc_write(ctrl, SIM_BMC_DATA, le32_to_cpu(word));
		if (ret)
			return ret;
	}

	return 0;
}

/* What is left of a long file, whole blocks, by the memory behind BAR 0 */
static int sim_bmc_stage_chunks(struct sim_bmc_ctrl *ctrl, const u8 *data, size_t from,
				size_t to, size_t len)
{
	void __iomem *bar = pci_iomap(ctrl->pdev, 0, 0);
	size_t step = pci_resource_len(ctrl->pdev, 0);
	int ret = 0;

	if (!bar) {
		fpga_card_reason(ctrl->card, "BAR 0 of its control function cannot be mapped");
		return -ENOMEM;
	}
	for (; !ret && from < to; from += step) {
		step = min(step, to - from);
		memcpy_toio(bar, data + from, min(step, len - from));
		ret = sim_bmc_command(ctrl, SIM_BMC_OP_STAGE_CHUNK, step / SIM_BMC_BLOCK);
		if (!ret)
			ret = sim_bmc_stage_step(ctrl->card, from, len);
	}
	pci_iounmap(ctrl->pdev, bar);

	return ret;
}

static int sim_bmc_stage(void *priv, struct fpga_card *card, const char *name,
			 const u8 *data, size_t len)
{
	size_t blocks = DIV_ROUND_UP(len, SIM_BMC_BLOCK);
	size_t end = blocks * SIM_BMC_BLOCK, limit, i, step;
	struct sim_bmc_ctrl *ctrl = priv;
	int ret;

	if (!len || blocks > FIELD_MAX(SIM_BMC_CMD_ARG)) {
		fpga_card_reason(card, "its controller takes up to %zu bytes",
				 (size_t)FIELD_MAX(SIM_BMC_CMD_ARG) * SIM_BMC_BLOCK);
		return -EFBIG;
	}

	limit = max_t(size_t, READ_ONCE(sim_bmc_stage_limit), SIM_BMC_STAGE_HEAD);
	limit = min(round_down(limit, SIM_BMC_BLOCK), end);
	ret = sim_bmc_command(ctrl, SIM_BMC_OP_STAGE_BEGIN, blocks);
	for (i = 0; !ret && i < limit; i += step) {
		step = min_t(size_t, limit - i, SIM_BMC_STAGE_STEP);
		ret = sim_bmc_stage_step(card, i, len);
		if (!ret)
			ret = sim_bmc_stage_words(ctrl, data, i, i + step, len);
	}
	if (!ret && i < end)
		ret = sim_bmc_stage_chunks(ctrl, data, i, end, len);

	return ret ?: sim_bmc_command(ctrl, SIM_BMC_OP_STAGE_END, 0);
}

/* What was staged before is forgotten when staging begins. */
static void sim_bmc_unstage(void *priv)
{
	sim_bmc_command(priv, SIM_BMC_OP_STAGE_BEGIN, 1);
}

static bool sim_bmc_is_staged(void *priv, const char *name)
{
	u32 status;

	return !sim_bmc_read(priv, SIM_BMC_STATUS, &status) &&
	       status & SIM_BMC_STATUS_STAGED;
}

static int sim_bmc_find(struct sim_bmc_ctrl *ctrl, const char *name)
{
	struct fpga_card_image image;
	u32 i, status;
	int ret;

	ret = sim_bmc_read(ctrl, SIM_BMC_STATUS, &status);
	if (ret)
		return ret;

	for (i = 0; i < FIELD_GET(SIM_BMC_STATUS_IMAGES, status); i++) {
		ret = sim_bmc_image(ctrl, i, &image);
		if (ret)
			return ret;
		if (!strcmp(image.name, name))
			return i;
	}
	fpga_card_reason(ctrl->card, "its controller has no such image");

	return -ENOENT;
}

/* A card that has accepted may drop its link before it can say so. */
static int sim_bmc_load(struct sim_bmc_ctrl *ctrl, u32 op, u32 arg)
{
	u32 status;
	int ret;

	ret = sim_bmc_read(ctrl, SIM_BMC_STATUS, &status);
	if (ret)
		return ret;

	ret = sim_bmc_command(ctrl, op, arg);

	return ret == -ENODEV ? 0 : ret;
}

static int sim_bmc_trigger(void *priv, const char *name, bool staged)
{
	int index;

	if (staged)
		return sim_bmc_load(priv, SIM_BMC_OP_LOAD_STAGED, 0);

	index = sim_bmc_find(priv, name);
	if (index < 0)
		return index;

	return sim_bmc_load(priv, SIM_BMC_OP_LOAD, index);
}

static int sim_bmc_set_boot_image(void *priv, const char *name)
{
	int index = sim_bmc_find(priv, name);

	return index < 0 ? index :
	       sim_bmc_command(priv, SIM_BMC_OP_SET_BOOT, index);
}

/* Ports of the switch on a card; the host's switches have other IDs. */
static bool sim_bmc_on_card(struct pci_dev *pdev)
{
	return pdev->vendor == PCIE_CARD_SIM_VENDOR &&
	       (pdev->device == PCIE_CARD_SIM_DEVICE_UPSTREAM ||
		pdev->device == PCIE_CARD_SIM_DEVICE_DOWNSTREAM);
}

/* The bridge above all that a device is on one card with */
static struct pci_dev *sim_bmc_above(struct pci_dev *pdev)
{
	struct pci_dev *bridge = pci_upstream_bridge(pdev);

	while (bridge && sim_bmc_on_card(bridge))
		bridge = pci_upstream_bridge(bridge);

	return bridge;
}

static bool sim_bmc_owns(void *priv, struct pci_dev *pdev)
{
	struct sim_bmc_ctrl *ctrl = priv;

	if (!sim_bmc_on_card(pdev) &&
	    !pci_find_vsec_capability(pdev, pdev->vendor, SIM_FN_VSEC_ID))
		return false;

	return sim_bmc_above(pdev) == sim_bmc_above(ctrl->pdev);
}

static const struct fpga_card_ops sim_bmc_ops = {
	.images = sim_bmc_images,
	.ready = sim_bmc_ready,
	.running = sim_bmc_running,
	.stage = sim_bmc_stage,
	.unstage = sim_bmc_unstage,
	.is_staged = sim_bmc_is_staged,
	.trigger = sim_bmc_trigger,
	.boot_image = sim_bmc_boot_image,
	.set_boot_image = sim_bmc_set_boot_image,
	.owns = sim_bmc_owns,
};

static void sim_bmc_detach(void *data)
{
	struct sim_bmc_ctrl *ctrl = data;

	fpga_card_detach(ctrl->card, ctrl);
}

static int sim_bmc_ctrl_probe(struct platform_device *plat)
{
	struct pci_dev *pdev = to_pci_dev(plat->dev.parent);
	struct sim_bmc *bmc = pci_get_drvdata(pdev);
	/* The port is derived from what is the card's. */
	struct fpga_card_info info = {
		.name = "sim-bmc",
		.control = &plat->dev,
		.ops = &sim_bmc_ops,
		.stage_timeout_ms = SIM_BMC_STAGE_TIMEOUT_MS,
		.stage_unverified = true,
		.tells_pending = true,
	};
	struct sim_bmc_ctrl *ctrl;

	ctrl = devm_kzalloc(&plat->dev, sizeof(*ctrl), GFP_KERNEL);
	if (!ctrl)
		return -ENOMEM;

	ctrl->pdev = pdev;
	ctrl->vsec = bmc->vsec;
	info.priv = ctrl;
	info.card = &ctrl->card;

	ctrl->card = fpga_card_attach(&info);
	if (IS_ERR(ctrl->card))
		return dev_err_probe(&plat->dev, PTR_ERR(ctrl->card),
				     "cannot attach to the card\n");

	return devm_add_action_or_reset(&plat->dev, sim_bmc_detach, ctrl);
}

static struct platform_driver sim_bmc_ctrl_driver = {
	.driver = { .name = SIM_BMC_CTRL },
	.probe = sim_bmc_ctrl_probe,
};

static int sim_bmc_sensor_probe(struct platform_device *plat)
{
	return 0;
}

static struct platform_driver sim_bmc_sensor_driver = {
	.driver = { .name = SIM_BMC_SENSOR },
	.probe = sim_bmc_sensor_probe,
};

static struct platform_driver * const sim_bmc_drivers[] = {
	&sim_bmc_ctrl_driver,
	&sim_bmc_sensor_driver,
};

int sim_bmc_ctrl_init(void)
{
	return platform_register_drivers(sim_bmc_drivers,
					 ARRAY_SIZE(sim_bmc_drivers));
}

void sim_bmc_ctrl_exit(void)
{
	platform_unregister_drivers(sim_bmc_drivers,
				    ARRAY_SIZE(sim_bmc_drivers));
}
