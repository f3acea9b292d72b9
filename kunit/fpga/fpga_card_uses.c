// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions that the kernel itself uses: as flash memory, as DMA channels, as a
 * console. No process has them open.
 */

#include <linux/console.h>
#include <linux/dmaengine.h>
#include <linux/mtd/mtd.h>
#include <linux/mtd/partitions.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define USES_DEVICE	0x0007

/* Names of the partition and of the chip around it. */
#define USES_PART	"kunit-part"
#define USES_CHIP	"kunit-chip"
#define USES_BLOCK	4096
#define USES_BLOCKS	16

/*
 * Our driver makes one flash chip, DMA channel and tty. All are static: the user of a
 * channel reads it when he gives it back, which may be after the driver has gone.
 */
static struct tty_driver *uses_tty;

/* The chip has no partition, and its owner is this module. */
static bool uses_owned;

/* The DMA device has device_release(), so that used channels outlive the driver. */
static bool uses_kept;

#if IS_REACHABLE(CONFIG_MTD)

static struct mtd_info uses_mtd;

static int uses_mtd_read(struct mtd_info *mtd, loff_t from, size_t len,
			 size_t *retlen, u_char *buf)
{
	memset(buf, 0xff, len);
	*retlen = len;
	return 0;
}

static void uses_mtd_drop(void *data)
{
	mtd_device_unregister(&uses_mtd);
}

static int uses_mtd_add(struct device *dev)
{
	static const struct mtd_partition part = {
		.name = USES_PART,
		.size = USES_BLOCK,
	};
	int ret;

	uses_mtd = (struct mtd_info){
		.name = USES_CHIP,
		.type = MTD_ROM,
		.flags = MTD_CAP_ROM | MTD_NO_ERASE,
		.size = USES_BLOCKS * USES_BLOCK,
		.erasesize = USES_BLOCK,
		.writesize = 1,
		.owner = uses_owned ? THIS_MODULE : NULL,
		._read = uses_mtd_read,
		.dev.parent = dev,
	};
	/* With partitions a chip has no device of its own. */
	ret = mtd_device_register(&uses_mtd, uses_owned ? NULL : &part,
				  uses_owned ? 0 : 1);
	return ret ?: devm_add_action_or_reset(dev, uses_mtd_drop, NULL);
}

static struct mtd_info *uses_mtd_get(struct kunit *test)
{
	struct mtd_info *mtd = get_mtd_device_nm(USES_PART);

	KUNIT_ASSERT_FALSE(test, IS_ERR(mtd));
	return mtd;
}

static void uses_mtd_put(struct mtd_info *mtd)
{
	put_mtd_device(mtd);
}

#else /* !CONFIG_MTD */

static int uses_mtd_add(struct device *dev)
{
	return 0;
}

static struct mtd_info *uses_mtd_get(struct kunit *test)
{
	return NULL;
}

static void uses_mtd_put(struct mtd_info *mtd)
{
}

#endif /* CONFIG_MTD */

#if IS_ENABLED(CONFIG_DMA_ENGINE)

static struct dma_device uses_dma;
static struct dma_chan uses_chan;

static enum dma_status uses_dma_status(struct dma_chan *chan,
				       dma_cookie_t cookie,
				       struct dma_tx_state *state)
{
	return DMA_COMPLETE;
}

static void uses_dma_issue(struct dma_chan *chan)
{
}

static void uses_dma_release(struct dma_device *dma)
{
}

static void uses_dma_drop(void *data)
{
	dma_async_device_unregister(&uses_dma);
}

static int uses_dma_add(struct device *dev)
{
	int ret;

	uses_dma = (struct dma_device){
		.dev = dev,
		.device_tx_status = uses_dma_status,
		.device_issue_pending = uses_dma_issue,
		.device_release = uses_kept ? uses_dma_release : NULL,
	};
	uses_chan = (struct dma_chan){ .device = &uses_dma };
	INIT_LIST_HEAD(&uses_dma.channels);
	list_add_tail(&uses_chan.device_node, &uses_dma.channels);
	/* Whoever asks for a channel that copies memory does not get it. */
	dma_cap_set(DMA_PRIVATE, uses_dma.cap_mask);
	dma_cap_set(DMA_SLAVE, uses_dma.cap_mask);
	ret = dma_async_device_register(&uses_dma);
	return ret ?: devm_add_action_or_reset(dev, uses_dma_drop, NULL);
}

static bool uses_dma_is_ours(struct dma_chan *chan, void *data)
{
	return chan == &uses_chan;
}

static struct dma_chan *uses_dma_get(struct kunit *test)
{
	dma_cap_mask_t mask;
	struct dma_chan *chan;

	dma_cap_zero(mask);
	dma_cap_set(DMA_SLAVE, mask);
	chan = dma_request_channel(mask, uses_dma_is_ours, NULL);
	KUNIT_ASSERT_NOT_NULL(test, chan);
	return chan;
}

static void uses_dma_put(struct dma_chan *chan)
{
	dma_release_channel(chan);
}

#else /* !CONFIG_DMA_ENGINE */

static int uses_dma_add(struct device *dev)
{
	return 0;
}

static struct dma_chan *uses_dma_get(struct kunit *test)
{
	return NULL;
}

static void uses_dma_put(struct dma_chan *chan)
{
}

#endif /* CONFIG_DMA_ENGINE */

#if IS_ENABLED(CONFIG_TTY)

static struct tty_port uses_port;

static int uses_tty_open(struct tty_struct *tty, struct file *file)
{
	return -EIO;
}

static void uses_tty_close(struct tty_struct *tty, struct file *file)
{
}

static const struct tty_operations uses_tty_ops = {
	.open = uses_tty_open,
	.close = uses_tty_close,
};

static void uses_tty_drop(void *data)
{
	tty_unregister_device(uses_tty, 0);
}

static int uses_tty_add(struct device *dev)
{
	struct device *node = tty_port_register_device(&uses_port, uses_tty, 0,
						       dev);

	if (IS_ERR(node))
		return PTR_ERR(node);
	return devm_add_action_or_reset(dev, uses_tty_drop, NULL);
}

static int uses_tty_start(void)
{
	int ret;

	uses_tty = tty_alloc_driver(1, TTY_DRIVER_DYNAMIC_DEV |
				       TTY_DRIVER_REAL_RAW);
	if (IS_ERR(uses_tty))
		return PTR_ERR(uses_tty);
	uses_tty->driver_name = "fpga-card-kunit";
	uses_tty->name = "ttyKU";
	uses_tty->type = TTY_DRIVER_TYPE_SERIAL;
	uses_tty->subtype = SERIAL_TYPE_NORMAL;
	uses_tty->init_termios = tty_std_termios;
	tty_set_operations(uses_tty, &uses_tty_ops);
	tty_port_init(&uses_port);
	ret = tty_register_driver(uses_tty);
	if (ret)
		goto err_port;
	return 0;

err_port:
	tty_port_destroy(&uses_port);
	tty_driver_kref_put(uses_tty);
	return ret;
}

static void uses_tty_stop(void)
{
	tty_unregister_driver(uses_tty);
	tty_port_destroy(&uses_port);
	tty_driver_kref_put(uses_tty);
}

#else /* !CONFIG_TTY */

static int uses_tty_add(struct device *dev)
{
	return 0;
}

static int uses_tty_start(void)
{
	return 0;
}

static void uses_tty_stop(void)
{
}

#endif /* CONFIG_TTY */

static void uses_console_write(struct console *con, const char *text,
			       unsigned int len)
{
}

static struct tty_driver *uses_console_device(struct console *con, int *index)
{
	*index = 0;
	return uses_tty;
}

/* CON_ENABLED: registered without "console=" for it. */
static struct console uses_console = {
	.name = "ttyKU",
	.write = uses_console_write,
	.device = uses_console_device,
	.flags = CON_ENABLED,
	.index = 0,
};

static int uses_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int ret = uses_mtd_add(&pdev->dev);

	ret = ret ?: uses_dma_add(&pdev->dev);
	return ret ?: uses_tty_add(&pdev->dev);
}

static const struct pci_device_id uses_ids[] = {
	{ PCI_DEVICE(0x1234, USES_DEVICE) },
	{}
};

static struct pci_driver uses_driver = {
	.name = "fpga-card-kunit-uses",
	.id_table = uses_ids,
	.probe = uses_probe,
};

static int uses_suite_init(struct kunit_suite *suite)
{
	int ret = uses_tty_start();

	if (ret)
		return ret;
	ret = pci_register_driver(&uses_driver);
	if (ret)
		uses_tty_stop();
	return ret;
}

static void uses_suite_exit(struct kunit_suite *suite)
{
	pci_unregister_driver(&uses_driver);
	uses_tty_stop();
}

static int uses_init(struct kunit *test)
{
	uses_owned = false;
	uses_kept = false;
	return fixture_init(test);
}

/* A card whose second function has our driver; @pdev is given back by pci_dev_put(). */
static struct fpga_card *uses_boot(struct fixture *fx, struct pci_dev **pdev)
{
	fx->images[0].fn[1].device = USES_DEVICE;
	fixture_start(fx);
	*pdev = fixture_bind(fx, 0, 1, &uses_driver);
	return fixture_card(fx, 0);
}

/* Devices that nobody uses any more stop no load. */
static void uses_end(struct fixture *fx, struct fpga_card *card,
		     struct pci_dev *pdev)
{
	KUNIT_EXPECT_EQ(fx->test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(fx->test, fixture_count(fx, 0), 1);
	pci_dev_put(pdev);
	fpga_card_put(card);
}

static void flash_that_is_used_stops_even_a_forced_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct mtd_info *mtd;
	struct pci_dev *pdev;

	if (!IS_REACHABLE(CONFIG_MTD))
		kunit_skip(test, "the kernel has no flash devices");
	card = uses_boot(fx, &pdev);
	mtd = uses_mtd_get(test);
	load_expect_refused(fx, card, &pdev->dev,
			    "is mounted, attached or open");
	card->settings.force = true;
	load_expect_refused(fx, card, &pdev->dev, "force does not help");
	uses_mtd_put(mtd);
	uses_end(fx, card, pdev);
}

/* KUnit uses our module, which may as well be by a user of the chip. */
static void flash_of_a_used_module_stops_a_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	if (!IS_REACHABLE(CONFIG_MTD))
		kunit_skip(test, "the kernel has no flash devices");
	if (!uses_driver.driver.owner)
		kunit_skip(test, "built in, a driver has no module");
	uses_owned = true;
	card = uses_boot(fx, &pdev);
	load_expect_refused(fx, card, &pdev->dev,
			    "its driver's module is in use");
	card->settings.force = true;
	uses_end(fx, card, pdev);
}

static void dma_channel_that_is_taken_stops_a_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct dma_chan *chan;
	struct pci_dev *pdev;

	if (!IS_ENABLED(CONFIG_DMA_ENGINE))
		kunit_skip(test, "the kernel has no DMA channels");
	uses_kept = true;
	card = uses_boot(fx, &pdev);
	chan = uses_dma_get(test);
	load_expect_refused(fx, card, &pdev->dev, "is taken by another driver");
	card->settings.force = true;
	uses_end(fx, card, pdev);
	uses_dma_put(chan);
}

static void dma_channel_that_would_be_freed_stops_even_a_forced_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct dma_chan *chan;
	struct pci_dev *pdev;

	if (!IS_ENABLED(CONFIG_DMA_ENGINE))
		kunit_skip(test, "the kernel has no DMA channels");
	card = uses_boot(fx, &pdev);
	chan = uses_dma_get(test);
	card->settings.force = true;
	load_expect_refused(fx, card, &pdev->dev, "force does not help");
	uses_dma_put(chan);
	uses_end(fx, card, pdev);
}

/* Whether it is used cannot be told then. */
static void flash_whose_driver_is_locked_stops_even_a_forced_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	if (!IS_REACHABLE(CONFIG_MTD))
		kunit_skip(test, "the kernel has no flash devices");
	card = uses_boot(fx, &pdev);
	device_lock(&pdev->dev);
	card->settings.force = true;
	load_expect_refused(fx, card, &pdev->dev, "are not known while");
	device_unlock(&pdev->dev);
	uses_end(fx, card, pdev);
}

static void console_stops_a_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	if (!IS_ENABLED(CONFIG_TTY))
		kunit_skip(test, "the kernel has no terminals");
	card = uses_boot(fx, &pdev);
	register_console(&uses_console);
	load_expect_refused(fx, card, &pdev->dev,
			    "ttyKU0 is a console of the kernel");
	unregister_console(&uses_console);
	uses_end(fx, card, pdev);
}

static struct kunit_case uses_cases[] = {
	KUNIT_CASE(flash_that_is_used_stops_even_a_forced_load),
	KUNIT_CASE(flash_of_a_used_module_stops_a_load),
	KUNIT_CASE(flash_whose_driver_is_locked_stops_even_a_forced_load),
	KUNIT_CASE(dma_channel_that_is_taken_stops_a_load),
	KUNIT_CASE(dma_channel_that_would_be_freed_stops_even_a_forced_load),
	KUNIT_CASE(console_stops_a_load),
	{}
};

struct kunit_suite fpga_card_uses_suite = {
	.name = "fpga_card_uses",
	.suite_init = uses_suite_init,
	.suite_exit = uses_suite_exit,
	.init = uses_init,
	.exit = fixture_exit,
	.test_cases = uses_cases,
};
