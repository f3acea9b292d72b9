// SPDX-License-Identifier: GPL-2.0-only
/*
 * A back end to copy from: a card with two images in its flash, which is told by a
 * mailbox in BAR 0 of its function 0 which one to load. No such card exists.
 */

#include <linux/bits.h>
#include <linux/err.h>
#include <linux/fpga/fpga-card.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/string.h>

#define MBOX_STATUS		0x10
#define MBOX_STATUS_FLASHING	BIT(0)
#define MBOX_STATUS_RUNNING	BIT(1)	/* the image that runs, as an index */
#define MBOX_ARG		0x14
#define MBOX_CMD		0x18
#define MBOX_CMD_LOAD		0x1
#define MBOX_CMD_REFUSED	BIT(30)
#define MBOX_CMD_BUSY		BIT(31)

/* On a real card: from its manual, with the section. */
#define MBOX_POLL_US		1000
#define MBOX_TIMEOUT_US		100000

/**
 * struct mbox - one card
 * @regs: its BAR 0; mapped as long as the driver is bound
 * @card: the card; the operations need it for what they say
 */
struct mbox {
	void __iomem *regs;
	struct fpga_card *card;
};

static const struct fpga_card_image mbox_images[] = {
	{ .name = "factory", .timeout_ms = 3000, .hold_ms = 200 },
	{ .name = "user", .timeout_ms = 10000, .hold_ms = 200 },
};

static int mbox_get_images(void *priv, struct fpga_card_image *images,
			   unsigned int max)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mbox_images) && i < max; i++)
		images[i] = mbox_images[i];
	return i;
}

/* All ones: the card does not answer (PCI_POSSIBLE_ERROR()). */
static int mbox_status(struct mbox *mbox, u32 *status)
{
	*status = readl(mbox->regs + MBOX_STATUS);
	if (!PCI_POSSIBLE_ERROR(*status))
		return 0;
	fpga_card_reason(mbox->card, "its mailbox does not answer");
	return -ENODEV;
}

static int mbox_ready(void *priv)
{
	struct mbox *mbox = priv;
	u32 status;
	int ret;

	ret = mbox_status(mbox, &status);
	if (ret)
		return ret;
	if (!(status & MBOX_STATUS_FLASHING))
		return 0;
	/* The end of a sentence that users read in last_error. */
	fpga_card_reason(mbox->card, "its flash is being written");
	return -EBUSY;
}

static int mbox_running(void *priv, char *name, size_t len)
{
	u32 status;
	int ret;

	ret = mbox_status(priv, &status);
	if (ret)
		return ret;
	strscpy(name, mbox_images[!!(status & MBOX_STATUS_RUNNING)].name, len);
	return 0;
}

/* Returns when the card has accepted, not when it is back. */
static int mbox_command(struct mbox *mbox, u32 command, u32 arg)
{
	u32 val;
	int ret;

	writel(arg, mbox->regs + MBOX_ARG);
	writel(command, mbox->regs + MBOX_CMD);
	ret = readl_poll_timeout(mbox->regs + MBOX_CMD, val,
				 !(val & MBOX_CMD_BUSY) ||
				 PCI_POSSIBLE_ERROR(val),
				 MBOX_POLL_US, MBOX_TIMEOUT_US);
	if (ret) {
		fpga_card_reason(mbox->card, "its mailbox did not take the command within %u ms",
				 MBOX_TIMEOUT_US / 1000);
		return ret;
	}
	/* A card that is gone has begun to load: that is what was asked for. */
	if (PCI_POSSIBLE_ERROR(val) || !(val & MBOX_CMD_REFUSED))
		return 0;
	fpga_card_reason(mbox->card, "its mailbox refused the command");
	return -EIO;
}

static int mbox_trigger(void *priv, const char *name, bool staged)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mbox_images); i++) {
		if (!strcmp(mbox_images[i].name, name))
			return mbox_command(priv, MBOX_CMD_LOAD, i);
	}
	return -ENOENT;
}

static const struct fpga_card_ops mbox_ops = {
	.images = mbox_get_images,
	.ready = mbox_ready,
	.running = mbox_running,
	.trigger = mbox_trigger,
};

static int mbox_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct fpga_card_info info = {
		.name = "mailbox-back-end",
		.control = &pdev->dev,
		.ops = &mbox_ops,
	};
	struct fpga_card *card;
	struct mbox *mbox;
	int ret;

	mbox = devm_kzalloc(&pdev->dev, sizeof(*mbox), GFP_KERNEL);
	if (!mbox)
		return -ENOMEM;
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	mbox->regs = pcim_iomap(pdev, 0, 0);
	if (!mbox->regs)
		return -ENOMEM;
	pci_set_drvdata(pdev, mbox);

	/* The operations can be called from here on. */
	info.priv = mbox;
	info.card = &mbox->card;
	card = fpga_card_attach(&info);
	return PTR_ERR_OR_ZERO(card);
}

static void mbox_remove(struct pci_dev *pdev)
{
	struct mbox *mbox = pci_get_drvdata(pdev);

	/* None is called any more when this returns. */
	fpga_card_detach(mbox->card, mbox);
}

static const struct pci_device_id mbox_ids[] = {
	{ PCI_DEVICE(0x1234, 0x5678) },
	{ }
};
MODULE_DEVICE_TABLE(pci, mbox_ids);

static struct pci_driver mbox_driver = {
	.name = "mailbox-back-end",
	.id_table = mbox_ids,
	.probe = mbox_probe,
	.remove = mbox_remove,
};
module_pci_driver(mbox_driver);

MODULE_DESCRIPTION("Example of an FPGA card's back end");
MODULE_LICENSE("GPL");
/*
 * The version of the interface. From Linux 6.13 on the same as
 * MODULE_IMPORT_NS("FPGA_CARD_1"), before as MODULE_IMPORT_NS(FPGA_CARD_1).
 */
MODULE_INFO(import_ns, "FPGA_CARD_1");
