// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the BMCs of Intel's cards can have loaded, and how they are told. From the
 * trigger on a BMC may stop answering at any moment.
 */

#include <linux/bitfield.h>
#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/regmap.h>
#include <linux/string.h>

#include "compat/m10bmc.h"
#include "m10bmc.h"

/*
 * Intel's own tools wait for a fixed time, 10 s for every image (patch 8 of the
 * fpgahp series; "rsu" of opae-sdk), and users had to raise that (opae-sdk issue
 * 2699). A deadline costs nothing if the card is quicker: three times as much.
 */
#define FPGA_CARD_M10_TIMEOUT_MS	30000

/*
 * Provisioning a key took longer than 10 s: opae-sdk's "vabtool" waits for 20 s
 * there.
 */
#define FPGA_CARD_M10_SDM_TIMEOUT_MS	60000

/* fpgahp waits for 20 s after the retimers, which have loaded by then. */
#define FPGA_CARD_M10_RETIMER_TIMEOUT_MS	20000

/*
 * No document tells how long the old image goes on after the BMC was told: a
 * second with the link disabled, of the five that "rsu" waits at least.
 */
#define FPGA_CARD_M10_HOLD_MS		1000

static int fpga_card_m10_look(struct fpga_card_m10 *m10)
{
	u32 doorbell;
	int ret;

	ret = fpga_card_m10_read(m10, m10->type->doorbell, &doorbell);
	return ret ?: fpga_card_m10_check_idle(m10, doorbell);
}

/* As fpga_card_compat_m10_hold(), with the reason if an update runs. */
static bool fpga_card_m10_hold(struct fpga_card_m10 *m10)
{
	if (fpga_card_compat_m10_hold(m10->m10bmc))
		return true;
	fpga_card_reason(m10->card, "its flash is being updated");
	return false;
}

/* The driver of the update needs the BMC for a second more than the BMC does. */
static int fpga_card_m10_ready(void *priv)
{
	struct fpga_card_m10 *m10 = priv;

	if (!fpga_card_m10_hold(m10))
		return -EBUSY;
	fpga_card_compat_m10_release(m10->m10bmc);
	return fpga_card_m10_look(m10);
}

/*
 * The last register write of a trigger. The card that obeys may be gone before
 * the write is acknowledged: an error of one that does not answer any more is
 * none.
 */
static int fpga_card_m10_fire(struct fpga_card_m10 *m10, u32 reg, u32 mask,
			      u32 val)
{
	u32 doorbell;
	int ret;

	ret = fpga_card_m10_update(m10, reg, mask, val);
	if (ret && fpga_card_m10_read(m10, m10->type->doorbell, &doorbell))
		return 0;
	return ret;
}

static int fpga_card_m10_reboot_doorbell(struct fpga_card_m10 *m10, u32 arg)
{
	return fpga_card_m10_fire(m10, m10->type->doorbell,
				  DRBL_CONFIG_SEL | DRBL_REBOOT_REQ,
				  FIELD_PREP(DRBL_CONFIG_SEL, arg) |
				  DRBL_REBOOT_REQ);
}

static int fpga_card_m10_reboot_n6000(struct fpga_card_m10 *m10, u32 arg)
{
	return fpga_card_m10_fire(m10, M10BMC_N6000_MAX10_RECONF,
				  M10BMC_N6000_MAX10_REBOOT_REQ |
				  M10BMC_N6000_MAX10_REBOOT_PAGE,
				  M10BMC_N6000_MAX10_REBOOT_REQ |
				  FIELD_PREP(M10BMC_N6000_MAX10_REBOOT_PAGE,
					     arg));
}

/* What counts is that the bit becomes set. */
static int fpga_card_m10_reload_fpga(struct fpga_card_m10 *m10, u32 arg)
{
	int ret;

	ret = fpga_card_m10_update(m10, M10BMC_N6000_FPGA_RECONF,
				   M10BMC_N6000_FPGA_RP_LOAD, 0);
	if (ret)
		return ret;
	return fpga_card_m10_fire(m10, M10BMC_N6000_FPGA_RECONF,
				  M10BMC_N6000_FPGA_RECONF_PAGE |
				  M10BMC_N6000_FPGA_RP_LOAD,
				  FIELD_PREP(M10BMC_N6000_FPGA_RECONF_PAGE,
					     arg) | M10BMC_N6000_FPGA_RP_LOAD);
}

static int fpga_card_m10_ask_sdm(struct fpga_card_m10 *m10, u32 arg)
{
	return fpga_card_m10_fire(m10, arg, M10BMC_N6000_SDM_REQ,
				  M10BMC_N6000_SDM_REQ);
}

/* The retimers have loaded when this comes; the card is taken away for them. */
static int fpga_card_m10_nothing(struct fpga_card_m10 *m10, u32 arg)
{
	return 0;
}

#define FPGA_CARD_M10_BMC(_name, _what, _trigger, _arg, _auxiliary) { \
	.image = { .name = _name, .description = _what, \
		   .timeout_ms = FPGA_CARD_M10_TIMEOUT_MS, \
		   .hold_ms = FPGA_CARD_M10_HOLD_MS, .auxiliary = _auxiliary }, \
	.trigger = _trigger, .arg = _arg, .reboots_bmc = true }

#define FPGA_CARD_M10_PAGE(_name, _what, _page) { \
	.image = { .name = _name, .description = _what, \
		   .timeout_ms = FPGA_CARD_M10_TIMEOUT_MS, \
		   .hold_ms = FPGA_CARD_M10_HOLD_MS }, \
	.trigger = fpga_card_m10_reload_fpga, .arg = _page, .is_page = true }

#define FPGA_CARD_M10_SDM(_name, _what, _reg) { \
	.image = { .name = _name, .description = _what, \
		   .timeout_ms = FPGA_CARD_M10_SDM_TIMEOUT_MS, \
		   .hold_ms = FPGA_CARD_M10_HOLD_MS, .auxiliary = true }, \
	.trigger = fpga_card_m10_ask_sdm, .arg = _reg }

/* Here the BMC's image and the FPGA's are of one kind, both user or factory. */
static const struct fpga_card_m10_image fpga_card_m10_n3000_images[] = {
	FPGA_CARD_M10_BMC("bmc_factory", "factory image of BMC and FPGA",
			  fpga_card_m10_reboot_doorbell, 1, false),
	FPGA_CARD_M10_BMC("bmc_user", "user image of BMC and FPGA",
			  fpga_card_m10_reboot_doorbell, 0, false),
	{ .image = { .name = "retimer_fw",
		     .description = "firmware of the retimers", .staged = true, .auxiliary = true,
		     .timeout_ms = FPGA_CARD_M10_RETIMER_TIMEOUT_MS },
	  .trigger = fpga_card_m10_nothing },
};

/* The other way round than the N3000 has them */
static const struct fpga_card_m10_image fpga_card_m10_d5005_images[] = {
	FPGA_CARD_M10_BMC("bmc_factory", "factory image of BMC and FPGA",
			  fpga_card_m10_reboot_doorbell, 0, false),
	FPGA_CARD_M10_BMC("bmc_user", "user image of BMC and FPGA",
			  fpga_card_m10_reboot_doorbell, 1, false),
};

static const struct fpga_card_m10_image fpga_card_m10_n6000_images[] = {
	FPGA_CARD_M10_BMC("bmc_factory", "factory image of the BMC",
			  fpga_card_m10_reboot_n6000, 0, true),
	FPGA_CARD_M10_BMC("bmc_user", "user image of the BMC",
			  fpga_card_m10_reboot_n6000, 1, true),
	FPGA_CARD_M10_PAGE("fpga_factory", "factory image of the FPGA", 0),
	FPGA_CARD_M10_PAGE("fpga_user1", "first user image of the FPGA", 1),
	FPGA_CARD_M10_PAGE("fpga_user2", "second user image of the FPGA", 2),
	FPGA_CARD_M10_SDM("sdm_sr", "key for images of the static region",
			  M10BMC_N6000_SDM_SR_CTRL_STS),
	FPGA_CARD_M10_SDM("sdm_sr_cancel", "cancellation of keys for the static region",
			  M10BMC_N6000_SDM_SR_CNCL_STS),
	FPGA_CARD_M10_SDM("sdm_pr", "key for partial images",
			  M10BMC_N6000_SDM_PR_CTRL_STS),
	FPGA_CARD_M10_SDM("sdm_pr_cancel", "cancellation of keys for partial images",
			  M10BMC_N6000_SDM_PR_CNCL_STS),
};

static const struct fpga_card_m10_type fpga_card_m10_types[] = {
	{
		.cell = "n3000bmc-sec-update",
		.base = M10BMC_N3000_SYS_BASE,
		.doorbell = M10BMC_N3000_DOORBELL,
		.reboot_disabled = DRBL_REBOOT_DISABLED,
		.images = fpga_card_m10_n3000_images,
		.n_images = ARRAY_SIZE(fpga_card_m10_n3000_images),
		.switched = true,
	},
	{
		.cell = "d5005bmc-sec-update",
		.base = M10BMC_N3000_SYS_BASE,
		.doorbell = M10BMC_N3000_DOORBELL,
		.reboot_disabled = DRBL_REBOOT_DISABLED,
		.images = fpga_card_m10_d5005_images,
		.n_images = ARRAY_SIZE(fpga_card_m10_d5005_images),
	},
	{
		.cell = "n6000bmc-sec-update",
		.base = M10BMC_N6000_SYS_BASE,
		.doorbell = M10BMC_N6000_DOORBELL,
		.reboot_disabled = M10BMC_N6000_DRBL_REBOOT_DISABLED,
		.status = M10BMC_N6000_AUTH_RESULT,
		.tells_page = true,
		.images = fpga_card_m10_n6000_images,
		.n_images = ARRAY_SIZE(fpga_card_m10_n6000_images),
	},
};

/* The kind of card of a platform device, by its name; NULL for none */
const struct fpga_card_m10_type *fpga_card_m10_find_type(const char *cell)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fpga_card_m10_types); i++) {
		if (!strcmp(fpga_card_m10_types[i].cell, cell))
			return &fpga_card_m10_types[i];
	}
	return NULL;
}

static const struct fpga_card_m10_image *
fpga_card_m10_find_image(const struct fpga_card_m10_type *type,
			 const char *name)
{
	unsigned int i;

	for (i = 0; i < type->n_images; i++) {
		if (!strcmp(type->images[i].image.name, name))
			return &type->images[i];
	}
	return NULL;
}

static int fpga_card_m10_images(void *priv, struct fpga_card_image *images,
				unsigned int max)
{
	const struct fpga_card_m10_type *type =
		((struct fpga_card_m10 *)priv)->type;
	unsigned int i;

	for (i = 0; i < type->n_images && i < max; i++)
		images[i] = type->images[i].image;
	return i;
}

/* The name of the image in a page of the FPGA's flash; -ENODATA if there is none. */
static int fpga_card_m10_name_page(struct fpga_card_m10 *m10, u32 page,
				   char *name, size_t len)
{
	const struct fpga_card_m10_image *image;
	unsigned int i;

	for (i = 0; i < m10->type->n_images; i++) {
		image = &m10->type->images[i];
		if (image->is_page && image->arg == page)
			return strscpy(name, image->image.name, len) < 0 ?
			       -EOVERFLOW : 0;
	}
	return -ENODATA;
}

/* N3000 and D5005 have no register that says which page was booted. */
static int fpga_card_m10_running(void *priv, char *name, size_t len)
{
	struct fpga_card_m10 *m10 = priv;
	u32 status;
	int ret;

	if (!m10->type->tells_page)
		return -ENODATA;
	ret = fpga_card_m10_read(m10, M10BMC_N6000_FPGA_CONF_STS, &status);
	if (ret)
		return ret;
	if (!(status & M10BMC_N6000_FPGA_CONFIGED))
		return -ENODATA;
	return fpga_card_m10_name_page(m10, FIELD_GET(M10BMC_N6000_FPGA_CONF_PAGE,
						      status), name, len);
}

/*
 * With the flash's lock held no update begins: the driver of the secure update
 * takes it first. Only the N6000's BMC driver has one; see the trigger for the
 * others.
 */
static int fpga_card_m10_lock_flash(struct fpga_card_m10 *m10)
{
	struct intel_m10bmc *m10bmc = m10->m10bmc;
	int ret;

	if (!m10bmc->flash_bulk_ops)
		return 0;
	ret = m10bmc->flash_bulk_ops->lock_write(m10bmc);
	m10->locked = !ret;
	if (ret)
		fpga_card_reason(m10->card, "its flash is being updated");
	return ret;
}

static void fpga_card_m10_unlock_flash(struct fpga_card_m10 *m10)
{
	if (m10->locked)
		m10->m10bmc->flash_bulk_ops->unlock_write(m10->m10bmc);
	m10->locked = false;
}

static int fpga_card_m10_begin(void *priv, const char *name)
{
	struct fpga_card_m10 *m10 = priv;
	const struct fpga_card_m10_image *image;
	u32 doorbell;
	int ret;

	image = fpga_card_m10_find_image(m10->type, name);
	if (!image)
		return -ENOENT;
	ret = fpga_card_m10_lock_flash(m10);
	if (ret)
		return ret;
	ret = fpga_card_m10_read(m10, m10->type->doorbell, &doorbell);
	if (!ret)
		ret = fpga_card_m10_check_idle(m10, doorbell);
	if (!ret && image->reboots_bmc)
		ret = fpga_card_m10_check_restart(m10, doorbell);
	if (ret)
		fpga_card_m10_unlock_flash(m10);
	return ret;
}

/*
 * If the BMC stays, the next driver of its secure update needs the flash. If it is
 * its driver that goes, that holds the BMC's device lock, and the flash's lock has
 * been destroyed by then: m10bmc_pmci_remove() comes before the cells are removed.
 */
static void fpga_card_m10_leave_flash(struct fpga_card_m10 *m10)
{
	struct device *bmc = m10->dev->parent;

	if (!device_trylock(bmc))
		return;
	fpga_card_m10_unlock_flash(m10);
	device_unlock(bmc);
}

static void fpga_card_m10_end(void *priv)
{
	struct fpga_card_m10 *m10 = priv;

	if (READ_ONCE(m10->leaving))
		fpga_card_m10_leave_flash(m10);
	else
		fpga_card_m10_unlock_flash(m10);
}

/*
 * Where the flash has no lock, an update may have begun since the load did: then
 * that goes on, and the load does not. Between the two looks at it and the
 * trigger none begins.
 */
static int fpga_card_m10_trigger(void *priv, const char *name, bool staged)
{
	struct fpga_card_m10 *m10 = priv;
	const struct fpga_card_m10_image *image;
	int ret;

	image = fpga_card_m10_find_image(m10->type, name);
	if (!image)
		return -ENOENT;
	if (!fpga_card_m10_hold(m10))
		return -EBUSY;
	ret = fpga_card_m10_look(m10);
	if (!ret)
		ret = image->trigger(m10, image->arg);
	fpga_card_compat_m10_release(m10->m10bmc);
	return ret;
}

static int fpga_card_m10_stage(void *priv, struct fpga_card *card,
			       const char *name, const u8 *data, size_t len)
{
	return fpga_card_m10_load_retimer(priv, card);
}

static int fpga_card_m10_boot_image(void *priv, char *name, size_t len)
{
	struct fpga_card_m10 *m10 = priv;
	u32 page;
	int ret;

	if (!m10->type->tells_page)
		return -EOPNOTSUPP;
	ret = fpga_card_m10_get_boot_page(m10, &page);
	return ret ?: fpga_card_m10_name_page(m10, page, name, len);
}

/* A BMC that is busy with the flash is left alone. */
static int fpga_card_m10_set_boot_image(void *priv, const char *name)
{
	struct fpga_card_m10 *m10 = priv;
	const struct fpga_card_m10_image *image;
	int ret;

	if (!m10->type->tells_page) {
		fpga_card_reason(m10->card, "its BMC has no register for that");
		return -EOPNOTSUPP;
	}
	image = fpga_card_m10_find_image(m10->type, name);
	if (!image || !image->is_page) {
		fpga_card_reason(m10->card, "it is in no page of the FPGA's flash");
		return -EINVAL;
	}
	ret = fpga_card_m10_ready(m10);
	return ret ?: fpga_card_m10_set_boot_page(m10, image->arg);
}

/* The PLX 8747 that an N3000 has its FPGA and its network controllers behind */
static const struct pci_device_id fpga_card_m10_switches[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_PLX, 0x8747) },
	{ }
};

/* The upstream port of the switch on an N3000, NULL if there is none. */
static struct pci_dev *fpga_card_m10_switch(struct fpga_card_m10 *m10)
{
	struct device *dev = m10->dev;
	struct pci_dev *leg, *up;

	while (dev && !dev_is_pci(dev))
		dev = dev->parent;
	leg = dev ? pci_upstream_bridge(to_pci_dev(dev)) : NULL;
	up = leg ? pci_upstream_bridge(leg) : NULL;
	if (!up || pci_pcie_type(up) != PCI_EXP_TYPE_UPSTREAM ||
	    !pci_match_id(fpga_card_m10_switches, up))
		return NULL;
	return up;
}

static bool fpga_card_m10_owns(void *priv, struct pci_dev *pdev)
{
	struct fpga_card_m10 *m10 = priv;
	struct pci_dev *up;

	if (!m10->type->switched)
		return false;
	up = fpga_card_m10_switch(m10);
	if (!up)
		return false;
	while (pdev && pdev != up)
		pdev = pci_upstream_bridge(pdev);
	return pdev;
}

const struct fpga_card_ops fpga_card_m10_ops = {
	.images = fpga_card_m10_images,
	.ready = fpga_card_m10_ready,
	.begin = fpga_card_m10_begin,
	.end = fpga_card_m10_end,
	.running = fpga_card_m10_running,
	.stage = fpga_card_m10_stage,
	.trigger = fpga_card_m10_trigger,
	.boot_image = fpga_card_m10_boot_image,
	.set_boot_image = fpga_card_m10_set_boot_image,
	.owns = fpga_card_m10_owns,
};
