// SPDX-License-Identifier: GPL-2.0-only
/* Behaviour of a card's functions: links, resets and SR-IOV. */

#include <linux/bits.h>
#include <linux/minmax.h>

#include "host.h"

/* A header type that is not defined (PCIe r6.0, sec 7.5.1.1.9) */
#define PCSIM_BAD_HEADER	0x7fU

static bool pcsim_vf_enabled(const struct pcsim_pf *pf)
{
	if (!pf->lay.sriov)
		return false;

	return pcsim_get16(&pf->fn, pf->lay.sriov + PCI_SRIOV_CTRL) &
	       PCI_SRIOV_CTRL_VFE;
}

static ktime_t pcsim_mastered(const struct pcsim_fn *fn)
{
	if (!fn->mastering)
		return fn->mastered;

	return ktime_add(fn->mastered,
			 ktime_sub(ktime_get(), fn->mastering_since));
}

/* Bus Master Enable may have changed. */
static void pcsim_master_update(struct pcsim_fn *fn)
{
	bool now = pcsim_get16(fn, PCI_COMMAND) & PCI_COMMAND_MASTER;

	if (now == fn->mastering)
		return;

	fn->mastered = pcsim_mastered(fn);
	fn->mastering = now;
	fn->mastering_since = ktime_get();
}

/* Clears VF Enable, so the VFs are gone too. */
void pcsim_pf_reset(struct pcsim_pf *pf, bool cold)
{
	pcsim_cfg_reset(&pf->fn, cold);
}

/* Tell a function what the link is like. */
void pcsim_fn_link(struct pcsim_fn *fn, u16 lnksta)
{
	pcsim_set16(fn, fn->lay->pcie + PCI_EXP_LNKSTA,
		    lnksta & (PCI_EXP_LNKSTA_CLS | PCI_EXP_LNKSTA_NLW));
}

static void pcsim_image_reset(struct pcsim_image *image, int leg, bool cold)
{
	unsigned int i;

	for (i = 0; i < image->n_pfs; i++) {
		if (leg < 0 || image->pfs[i]->leg == leg)
			pcsim_pf_reset(image->pfs[i], cold);
	}
}

/* The link of a leg, or of a card without a switch, came up. */
void pcsim_leg_up(struct pcsim_card *card, int leg, u16 lnksta)
{
	unsigned int i;

	for (i = 0; i < card->running->n_pfs; i++) {
		if (card->running->pfs[i]->leg == leg)
			pcsim_fn_link(&card->running->pfs[i]->fn, lnksta);
	}
}

/*
 * The link of the card, or the one of a leg, went down; @cold: the functions
 * do not even keep their sticky registers.
 */
void pcsim_leg_reset(struct pcsim_card *card, int leg, bool cold)
{
	if (card->running)
		pcsim_image_reset(card->running, leg, cold);
}

bool pcsim_card_retry(const struct pcsim_card *card)
{
	ktime_t now = ktime_get();

	return (card->faults.rrs_ms && ktime_before(now, card->rrs_end)) ||
	       ktime_before(now, card->reset_end);
}

/* Have the functions other IDs than those of the image? */
bool pcsim_card_transient(const struct pcsim_card *card)
{
	return card->faults.transient_ms &&
	       ktime_before(ktime_get(), card->transient_end);
}

/*
 * Where the VFs are depends on ARI Capable Hierarchy, which exists once for
 * all PFs of a device (PCIe r6.0, sec 9.3.3.3.5).
 */
static void pcsim_vf_place(struct pcsim_image *image, unsigned int leg)
{
	bool ari = false;
	unsigned int i;

	for (i = 0; i < image->n_pfs; i++) {
		struct pcsim_pf *pf = image->pfs[i];

		if (pf->leg != leg || !pf->lay.sriov)
			continue;
		ari |= pcsim_get16(&pf->fn, pf->lay.sriov + PCI_SRIOV_CTRL) &
		       PCI_SRIOV_CTRL_ARI;
	}

	for (i = 0; i < image->n_pfs; i++) {
		struct pcsim_pf *pf = image->pfs[i];
		u16 offset = 0x100 + pf->vf_plain - pf->number;

		if (pf->leg != leg || !pf->lay.sriov)
			continue;
		if (ari)
			offset = pf->vf_ari - pf->number;
		pcsim_set16(&pf->fn, pf->lay.sriov + PCI_SRIOV_VF_OFFSET,
			    offset);
	}
}

/*
 * Reset one function, and with it its VFs, which are gone. What belongs to the
 * link that it shares with others, or has to agree with the other end, stays
 * (PCIe r6.0, sec 6.6.2); so does ARI Capable Hierarchy, which others share.
 */
static void pcsim_fn_reset(struct pcsim_fn *fn, enum pcie_card_sim_what what)
{
	unsigned int pos = fn->lay->pcie;
	u16 devctl = pcsim_get16(fn, pos + PCI_EXP_DEVCTL);
	u16 lnkctl = pcsim_get16(fn, pos + PCI_EXP_LNKCTL);
	u16 lnksta = pcsim_get16(fn, pos + PCI_EXP_LNKSTA);
	u16 ari = 0;

	if (fn->lay->sriov)
		ari = pcsim_get16(fn, fn->lay->sriov + PCI_SRIOV_CTRL) &
		      PCI_SRIOV_CTRL_ARI;

	pcsim_log_fn(fn, what);
	pcsim_cfg_reset(fn, false);
	pcsim_update16(fn, pos + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_PAYLOAD,
		       devctl & PCI_EXP_DEVCTL_PAYLOAD);
	pcsim_set16(fn, pos + PCI_EXP_LNKCTL, lnkctl);
	pcsim_set16(fn, pos + PCI_EXP_LNKSTA, lnksta);
	if (fn->lay->sriov) {
		pcsim_update16(fn, fn->lay->sriov + PCI_SRIOV_CTRL, 0, ari);
		pcsim_vf_place(fn->port->card->running, fn->pf->leg);
	}
}

static unsigned int pcsim_vf_num(const struct pcsim_pf *pf)
{
	return min_t(unsigned int, pf->cfg.total_vfs,
		     pcsim_get16(&pf->fn, pf->lay.sriov + PCI_SRIOV_NUM_VF));
}

/* NumVFs does not change while they are enabled (PCIe r6.0, sec 9.3.3.7). */
static void pcsim_vf_enable(struct pcsim_pf *pf)
{
	unsigned int i;

	for (i = 0; i < pcsim_vf_num(pf); i++)
		pcsim_cfg_reset(&pf->vfs[i], true);
}

/* What a read gives from a card that has the wrong header type */
static u32 pcsim_bad_header(unsigned int reg, unsigned int size, u32 val)
{
	unsigned int shift = 8 * (PCI_HEADER_TYPE - reg);

	if (reg > PCI_HEADER_TYPE || reg + size <= PCI_HEADER_TYPE)
		return val;

	return (val & ~(0xffU << shift)) | PCSIM_BAD_HEADER << shift;
}

/* What a read gives from a card that has not got the IDs of its image yet */
static u32 pcsim_transient_ids(const struct pcie_card_sim_faults *faults,
			       unsigned int reg, unsigned int size, u32 val)
{
	u32 ids = faults->transient_vendor |
		  (u32)faults->transient_device << 16;

	if (reg >= PCI_COMMAND)
		return val;

	return ids >> 8 * reg & GENMASK(8 * size - 1, 0);
}

u32 pcsim_fn_read(struct pcsim_fn *fn, unsigned int reg, unsigned int size)
{
	const struct pcsim_card *card = fn->port->card;
	u32 val;

	if (fn->lay->bmc && reg >= fn->lay->bmc)
		return fn->port->sim->upper->bmc_read(fn, reg, size);

	pcsim_set32(fn, fn->lay->marker + PCIE_CARD_SIM_TRAFFIC,
		    ktime_to_ms(pcsim_mastered(fn)));
	val = pcsim_cfg_read(fn, reg, size);
	if (card->faults.bad_header)
		val = pcsim_bad_header(reg, size, val);
	if (fn->kind == PCSIM_PF && pcsim_card_transient(card))
		val = pcsim_transient_ids(&card->faults, reg, size, val);

	return val;
}

/* Which reset does this write ask for? PCIE_CARD_SIM_WHATS if for none. */
static enum pcie_card_sim_what pcsim_fn_reset_asked(struct pcsim_fn *fn,
						    unsigned int reg,
						    unsigned int size, u32 val,
						    u16 old_pm)
{
	const struct pcsim_layout *lay = fn->lay;

	if (pcsim_written(reg, size, val, lay->pcie + PCI_EXP_DEVCTL) &
	    PCI_EXP_DEVCTL_BCR_FLR &&
	    pcsim_get32(fn, lay->pcie + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLR)
		return PCIE_CARD_SIM_RESET_FLR;
	if (lay->af &&
	    pcsim_written(reg, size, val, lay->af + PCI_AF_CTRL) &
	    PCI_AF_CTRL_FLR)
		return PCIE_CARD_SIM_RESET_AF;
	if (lay->pm && (old_pm & PCI_PM_CTRL_STATE_MASK) == 3 &&
	    !(old_pm & PCI_PM_CTRL_NO_SOFT_RESET) &&
	    !(pcsim_get16(fn, lay->pm + PCI_PM_CTRL) & PCI_PM_CTRL_STATE_MASK))
		return PCIE_CARD_SIM_RESET_PM;

	return PCIE_CARD_SIM_WHATS;
}

static void pcsim_sriov_write(struct pcsim_pf *pf, u16 old)
{
	u16 now = pcsim_get16(&pf->fn, pf->lay.sriov + PCI_SRIOV_CTRL);

	if ((old ^ now) & PCI_SRIOV_CTRL_ARI)
		pcsim_vf_place(pf->fn.port->card->running, pf->leg);
	if (~old & now & PCI_SRIOV_CTRL_VFE)
		pcsim_vf_enable(pf);
}

void pcsim_fn_write(struct pcsim_fn *fn, unsigned int reg, unsigned int size,
		    u32 val)
{
	const struct pcsim_layout *lay = fn->lay;
	u16 command = pcsim_get16(fn, PCI_COMMAND);
	enum pcie_card_sim_what reset;
	u16 pm = 0, sriov = 0;

	if (lay->bmc && fn->port->sim->upper->bmc_write(fn, reg, size, val))
		return;

	if (lay->pm)
		pm = pcsim_get16(fn, lay->pm + PCI_PM_CTRL);
	if (lay->sriov)
		sriov = pcsim_get16(fn, lay->sriov + PCI_SRIOV_CTRL);

	pcsim_cfg_write(fn, reg, size, val);
	pcsim_master_update(fn);
	if (fn->kind == PCSIM_PF && (fn->pf->cfg.dfl || fn->pf->cfg.icap))
		fn->port->sim->upper->command(fn->pf, command);

	reset = pcsim_fn_reset_asked(fn, reg, size, val, pm);
	if (reset != PCIE_CARD_SIM_WHATS)
		pcsim_fn_reset(fn, reset);
	else if (lay->sriov)
		pcsim_sriov_write(fn->pf, sriov);
}

static struct pcsim_fn *pcsim_vf_find(struct pcsim_pf *pf, u16 id, u16 pf_id)
{
	unsigned int pos = pf->lay.sriov;
	unsigned int first;

	if (!pcsim_vf_enabled(pf))
		return NULL;

	first = pf_id + pcsim_get16(&pf->fn, pos + PCI_SRIOV_VF_OFFSET);
	if (id < first || id >= first + pcsim_vf_num(pf))
		return NULL;

	return &pf->vfs[id - first];
}

/**
 * pcsim_image_find() - find the function with a routing ID
 * @image: the image
 * @leg: the switch leg that the request came through
 * @bus: bus number of the request
 * @devfn: device and function number of the request
 * @own_bus: bus number that the physical functions captured
 *
 * Return: the function, or NULL if no function answers.
 */
struct pcsim_fn *pcsim_image_find(struct pcsim_image *image, unsigned int leg,
				  unsigned int bus, unsigned int devfn,
				  unsigned int own_bus)
{
	u16 id = PCI_DEVID(bus, devfn);
	struct pcsim_fn *vf;
	unsigned int i;

	for (i = 0; i < image->n_pfs; i++) {
		struct pcsim_pf *pf = image->pfs[i];
		u16 pf_id = PCI_DEVID(own_bus, pf->number);

		if (pf->leg != leg)
			continue;
		if (id == pf_id)
			return &pf->fn;
		vf = pcsim_vf_find(pf, id, pf_id);
		if (vf)
			return vf;
	}

	return NULL;
}
