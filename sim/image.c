// SPDX-License-Identifier: GPL-2.0-only
/* The functions that an image has, built once from their description. */

#include <linux/bitfield.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "host.h"
#include "sim-bmc-regs.h"

/*
 * First function number of VFs in a hierarchy that is ARI capable. Those for which the
 * bus has no number left are on the next ones (PCIe r6.0, sec 9.2.1.2).
 */
#define PCSIM_VF_FIRST		8

/* ARI Capable Hierarchy Preserved (PCIe r6.0, sec 9.3.3.2.2) */
#define PCSIM_SRIOV_CAP_ARI_KEPT	BIT(1)

/* Page sizes that a VF's BARs can be aligned to: all that must be supported */
#define PCSIM_VF_PAGES		0x553

static bool pcsim_bar_ok(const struct pcie_card_sim_bar *bar)
{
	if (!bar->size)
		return !bar->is_64 && !bar->io;
	/* PCIe r6.0, sec 7.5.1.2.1 */
	if (bar->io)
		return is_power_of_2(bar->size) && bar->size >= 4 &&
		       bar->size <= 256 && !bar->is_64 && !bar->prefetch;
	if (!is_power_of_2(bar->size) || bar->size < 128)
		return false;

	return bar->is_64 || bar->size <= SZ_2G;
}

static bool pcsim_bars_ok(const struct pcie_card_sim_bar *bars)
{
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		if (!pcsim_bar_ok(&bars[i]))
			return false;
		if (!bars[i].is_64)
			continue;
		if (++i == PCI_STD_NUM_BARS || bars[i].size)
			return false;
	}

	return true;
}

static bool pcsim_function_ok(const struct pcsim_card *card,
			      const struct pcie_card_sim_function *cfg)
{
	if (cfg->vendor == 0xffff || cfg->class > PCIE_CARD_SIM_CLASS_ZERO)
		return false;
	if (cfg->leg >= (card->sw ? PCIE_CARD_SIM_LEGS : 1))
		return false;
	if (cfg->total_vfs > PCIE_CARD_SIM_VFS)
		return false;
	if (cfg->rtr > PCIE_CARD_SIM_RTR_NOT_YET ||
	    cfg->rtr_dl_up_ms > PCIE_CARD_SIM_RTR_MAX_MS)
		return false;
	/* More than a BAR has in I/O space, which VFs have none of */
	if (cfg->vf_bar0.size && cfg->vf_bar0.size < PAGE_SIZE)
		return false;
	if (cfg->dfl && cfg->bar[0].size < PCSIM_DFL_SIZE)
		return false;
	if (cfg->icap && (cfg->dfl || cfg->bar[0].size < PCSIM_ICAP_SIZE))
		return false;

	return pcsim_bars_ok(cfg->bar) && pcsim_bar_ok(&cfg->vf_bar0);
}

static u32 pcsim_class(const struct pcie_card_sim_function *cfg)
{
	if (cfg->class == PCIE_CARD_SIM_CLASS_ZERO)
		return 0;

	return cfg->class ?: 0x120000;
}

static void pcsim_caps_subsystem(struct pcsim_layout *lay,
				 const struct pcie_card_sim_function *cfg)
{
	pcsim_lay16(lay, PCI_SUBSYSTEM_VENDOR_ID, cfg->subsystem_vendor, 0);
	pcsim_lay16(lay, PCI_SUBSYSTEM_ID, cfg->subsystem_device, 0);
}

/* PCIe r6.0, sec 7.8.8; @next is the next function number, or 0 */
static void pcsim_caps_ari(struct pcsim_layout *lay, u8 next)
{
	unsigned int pos;

	pos = pcsim_lay_ext(lay, PCI_EXT_CAP_ID_ARI, 1, PCI_EXT_CAP_ARI_SIZEOF);
	pcsim_lay16(lay, pos + PCI_ARI_CAP, next << 8, 0);
}

static u16 pcsim_vf_offset(const struct pcsim_pf *pf, bool ari)
{
	return ari ? pf->vf_ari - pf->number :
		     0x100 + pf->vf_plain - pf->number;
}

/* PCIe r6.0, sec 9.3.3; @lowest: ARI Capable Hierarchy is writable there */
static void pcsim_caps_sriov(struct pcsim_pf *pf, bool lowest)
{
	struct pcsim_layout *lay = &pf->lay;
	unsigned int pos;

	pos = pcsim_lay_ext(lay, PCI_EXT_CAP_ID_SRIOV, 1,
			    PCI_EXT_CAP_SRIOV_SIZEOF);
	lay->sriov = pos;
	pcsim_lay32(lay, pos + PCI_SRIOV_CAP, PCSIM_SRIOV_CAP_ARI_KEPT, 0);
	pcsim_lay16(lay, pos + PCI_SRIOV_CTRL, 0,
		    PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE |
		    (lowest ? PCI_SRIOV_CTRL_ARI : 0));
	pcsim_lay16(lay, pos + PCI_SRIOV_INITIAL_VF, pf->cfg.total_vfs, 0);
	pcsim_lay16(lay, pos + PCI_SRIOV_TOTAL_VF, pf->cfg.total_vfs, 0);
	pcsim_lay16(lay, pos + PCI_SRIOV_NUM_VF, 0, 0xffff);
	lay->reset[pos + PCI_SRIOV_FUNC_LINK] = pf->number;
	pcsim_lay16(lay, pos + PCI_SRIOV_VF_OFFSET,
		    pcsim_vf_offset(pf, false), 0);
	pcsim_lay16(lay, pos + PCI_SRIOV_VF_STRIDE, 1, 0);
	pcsim_lay16(lay, pos + PCI_SRIOV_VF_DID, pf->cfg.vf_device, 0);
	pcsim_lay32(lay, pos + PCI_SRIOV_SUP_PGSIZE, PCSIM_VF_PAGES, 0);
	pcsim_lay32(lay, pos + PCI_SRIOV_SYS_PGSIZE, 1, PCSIM_VF_PAGES);
	pcsim_caps_bar(lay, pos + PCI_SRIOV_BAR, &pf->cfg.vf_bar0);
}

/* PCIe r6.0, sec 9.3.4: most of a VF's header reads as zeros or ones */
static int pcsim_vfs_init(struct pcsim_pf *pf)
{
	const struct pcie_card_sim_function *cfg = &pf->cfg;
	struct pcsim_layout *lay;
	unsigned int i;

	if (!cfg->total_vfs)
		return 0;

	pf->vf_lay = kvzalloc(sizeof(*pf->vf_lay), GFP_KERNEL);
	pf->vfs = kvcalloc(cfg->total_vfs, sizeof(*pf->vfs), GFP_KERNEL);
	if (!pf->vf_lay || !pf->vfs)
		return -ENOMEM;

	lay = pf->vf_lay;
	pcsim_caps_init(lay);
	pcsim_caps_ids(lay, 0xffff, 0xffff, pcsim_class(cfg), cfg->revision);
	pcsim_lay16(lay, PCI_COMMAND, 0, PCI_COMMAND_MASTER);
	lay->rw[PCI_CACHE_LINE_SIZE] = 0;
	lay->rw[PCI_INTERRUPT_LINE] = 0;
	pcsim_caps_subsystem(lay, cfg);
	pcsim_caps_pcie(lay, PCI_EXP_TYPE_ENDPOINT, 0);
	lay->reset[lay->pcie + PCI_EXP_DEVCAP + 3] |= PCI_EXP_DEVCAP_FLR >> 24;
	pcsim_caps_ari(lay, 0);
	pcsim_caps_marker(lay);

	for (i = 0; i < cfg->total_vfs; i++) {
		pf->vfs[i].kind = PCSIM_VF;
		pf->vfs[i].lay = lay;
		pf->vfs[i].port = pf->fn.port;
		pf->vfs[i].pf = pf;
	}

	return 0;
}

/* The mailbox of the management controller, see bmc.c */
static void pcsim_bmc_caps(struct pcsim_layout *lay)
{
	lay->bmc = pcsim_lay_ext(lay, PCI_EXT_CAP_ID_VNDR, 1, SIM_BMC_VSEC_LEN);
	pcsim_lay32(lay, lay->bmc + PCI_VNDR_HEADER,
		    SIM_BMC_VSEC_ID | SIM_BMC_VSEC_REV << 16 |
		    SIM_BMC_VSEC_LEN << 20, 0);
	pcsim_lay32(lay, lay->bmc + SIM_BMC_MAGIC, SIM_BMC_MAGIC_VAL, 0);
}

static void pcsim_pf_layout(struct pcsim_pf *pf, u8 next, bool multi, bool ari,
			    bool lowest)
{
	const struct pcie_card_sim_function *cfg = &pf->cfg;
	struct pcsim_layout *lay = &pf->lay;
	unsigned int i;

	pcsim_caps_init(lay);
	pcsim_caps_ids(lay, cfg->vendor, cfg->device, pcsim_class(cfg),
		       cfg->revision);
	pcsim_caps_subsystem(lay, cfg);
	if (multi)
		lay->reset[PCI_HEADER_TYPE] |= 0x80;
	for (i = 0; i < PCI_STD_NUM_BARS;)
		i += pcsim_caps_bar(lay, PCI_BASE_ADDRESS_0 + 4 * i,
				    &cfg->bar[i]);
	/* No function may be without (PCIe r6.0, sec 5.1). */
	pcsim_caps_pm(lay, cfg->pm);
	pcsim_caps_pcie(lay, PCI_EXP_TYPE_ENDPOINT,
			PCI_EXP_LNKCAP_SLS_16_0GB);
	if (cfg->flr)
		lay->reset[lay->pcie + PCI_EXP_DEVCAP + 3] |=
			PCI_EXP_DEVCAP_FLR >> 24;
	if (cfg->af)
		pcsim_caps_af(lay);

	if (cfg->aer)
		pcsim_caps_aer(lay, false);
	pcsim_caps_readiness(lay, cfg);
	if (ari)
		pcsim_caps_ari(lay, next);
	if (cfg->total_vfs)
		pcsim_caps_sriov(pf, lowest);
	pcsim_caps_marker(lay);
	if (cfg->bmc)
		pcsim_bmc_caps(lay);
	if (cfg->icap)
		pcsim_caps_scratch(lay, cfg->vendor);
	pcsim_caps_serial(lay);
}

/**
 * pcsim_image_serial() - say what the serial number of an image's functions is
 * @image: the image
 * @serial: that of the card; counts if the image has none of its own. 0 for
 *	none
 *
 * All functions have the same (PCIe r6.0, sec 7.9.3). It is seen from the next
 * power-on.
 */
void pcsim_image_serial(struct pcsim_image *image, u64 serial)
{
	unsigned int i;

	if (image->cfg.own_serial)
		serial = image->cfg.serial;
	for (i = 0; i < image->n_pfs; i++)
		pcsim_lay_serial(&image->pfs[i]->lay, serial);
}

/* Number the functions of one leg and lay out their registers. */
static int pcsim_leg_layout(struct pcsim_card *card, struct pcsim_image *image,
			    unsigned int leg)
{
	struct pcsim_pf *pfs[PCIE_CARD_SIM_FUNCTIONS];
	unsigned int i, n = 0, vfs = 0;
	struct pcsim_pf *lowest = NULL;
	int ret;

	for (i = 0; i < image->n_pfs; i++) {
		struct pcsim_pf *pf = image->pfs[i];

		if (pf->leg != leg)
			continue;
		if (card->sw)
			pf->number = n;
		pf->vf_ari = PCSIM_VF_FIRST + vfs;
		pf->vf_plain = vfs;
		vfs += pf->cfg.total_vfs;
		if (pf->cfg.total_vfs && !lowest)
			lowest = pf;
		pfs[n++] = pf;
	}
	if (n && pfs[0]->number)
		return -EINVAL;

	for (i = 0; i < n; i++) {
		pcsim_pf_layout(pfs[i], i + 1 < n ? pfs[i + 1]->number : 0,
				n > 1, vfs, pfs[i] == lowest);
		pcsim_caps_link(&pfs[i]->lay, pcsim_rate(image->cfg.speed,
							 image->cfg.width));
		ret = pcsim_vfs_init(pfs[i]);
		if (ret)
			return ret;
	}

	return 0;
}

static int pcsim_pf_add(struct pcsim_card *card, struct pcsim_image *image,
			const struct pcie_card_sim_function *cfg, u8 number)
{
	struct pcsim_pf *pf;

	if (!pcsim_function_ok(card, cfg))
		return -EINVAL;

	pf = kvzalloc(sizeof(*pf), GFP_KERNEL);
	if (!pf)
		return -ENOMEM;

	pf->fn.kind = PCSIM_PF;
	pf->fn.lay = &pf->lay;
	pf->fn.port = card->port;
	pf->fn.pf = pf;
	pf->cfg = *cfg;
	pf->leg = cfg->leg;
	pf->number = number;
	image->pfs[image->n_pfs++] = pf;

	return 0;
}

/**
 * pcsim_image_init() - build the functions of an image
 * @card: the card, whose switch exists already if it has one
 * @image: the image; pcsim_image_free() frees it also after an error
 * @cfg: its description
 *
 * Return: 0, or a negative errno.
 */
int pcsim_image_init(struct pcsim_card *card, struct pcsim_image *image,
		     const struct pcie_card_sim_image *cfg)
{
	unsigned int i;
	int ret;

	image->cfg = *cfg;
	if (!cfg->name[0] ||
	    strnlen(cfg->name, sizeof(cfg->name)) == sizeof(cfg->name))
		return -EINVAL;

	for (i = 0; i < PCIE_CARD_SIM_FUNCTIONS; i++) {
		if (!cfg->fn[i].vendor)
			continue;
		ret = pcsim_pf_add(card, image, &cfg->fn[i], i);
		if (ret)
			return ret;
	}
	if (!image->n_pfs)
		return -EINVAL;

	for (i = 0; i < PCIE_CARD_SIM_LEGS; i++) {
		ret = pcsim_leg_layout(card, image, i);
		if (ret)
			return ret;
	}
	pcsim_image_serial(image, card->port->cfg.card.serial);

	return 0;
}

void pcsim_image_free(struct pcsim_image *image)
{
	unsigned int i;

	for (i = 0; i < image->n_pfs; i++) {
		kvfree(image->pfs[i]->vfs);
		kvfree(image->pfs[i]->vf_lay);
		kvfree(image->pfs[i]);
	}
}

/* The function of the image that runs which has a list, NULL for none */
struct pcsim_pf *pcsim_dfl_pf(const struct pcsim_card *card)
{
	unsigned int i;

	for (i = 0; card->running && i < card->running->n_pfs; i++) {
		if (card->running->pfs[i]->cfg.dfl)
			return card->running->pfs[i];
	}

	return NULL;
}
