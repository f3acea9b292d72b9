// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device Feature List of a function, as Documentation/fpga/dfl.rst has it: the
 * FPGA Management Engine (FME), and the feature that leads to the BMC. It is in
 * memory from the moment when the function is told to answer there.
 */

#include <linux/bitfield.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>

#include "internal.h"

/* Header of a feature; the features are of version 0. */
#define DFH_ID			GENMASK_ULL(11, 0)
#define DFH_NEXT		GENMASK_ULL(39, 16)
#define DFH_EOL			BIT_ULL(40)
#define DFH_TYPE		GENMASK_ULL(63, 60)
#define DFH_TYPE_PRIVATE	3ULL
#define DFH_TYPE_FIU		4ULL

/* Registers of the FME */
#define FME_GUID_L		0x08
#define FME_GUID_H		0x10
#define FME_BITSTREAM_ID	0x60

/* Made up, with the card and the page in the lowest bytes: tells images apart. */
#define PCSIM_BITSTREAM		0x5043534900000000ULL

/* Private features of an FME (https://github.com/OFS/dfl-feature-id) */
static const u16 pcsim_dfl_bmc_ids[] = {
	[PCIE_CARD_SIM_DFL_N6000]	= 0x12,	/* PMCI */
	[PCIE_CARD_SIM_DFL_N3000]	= 0x0d,	/* SPI with a Nios handshake */
	[PCIE_CARD_SIM_DFL_D5005]	= 0x0e,	/* SPI */
};

static u64 pcsim_bar0(const struct pcsim_fn *fn)
{
	u32 low = pcsim_get32(fn, PCI_BASE_ADDRESS_0);
	u64 addr = low & PCI_BASE_ADDRESS_MEM_MASK;

	if (low & PCI_BASE_ADDRESS_MEM_TYPE_64)
		addr |= (u64)pcsim_get32(fn, PCI_BASE_ADDRESS_1) << 32;

	return addr;
}

/**
 * pcsim_dfl_base() - where a function's list is
 * @pf: the function
 *
 * Return: the start of BAR 0 in the kernel's address space; NULL if the
 * function is not to be reached, or there is no memory behind its BARs.
 */
void __iomem *pcsim_dfl_base(struct pcsim_pf *pf)
{
	struct pcsim_port *port = pf->fn.port;
	struct pcie_card_sim *sim = port->sim;
	u64 start;

	if (!sim->mem_virt || port->link != PCSIM_LINK_UP ||
	    !(pcsim_get16(&pf->fn, PCI_COMMAND) & PCI_COMMAND_MEMORY))
		return NULL;

	start = pcsim_bar0(&pf->fn) + sim->mem_offset;
	if (start < sim->mem.start ||
	    start + pf->cfg.bar[0].size - 1 > sim->mem.end)
		return NULL;

	return sim->mem_virt + (start - sim->mem.start);
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

static void pcsim_dfl_put(struct pcsim_pf *pf, void __iomem *base)
{
	u8 page = pf->fn.port->card->running->cfg.page;

	memset_io(base, 0, PCSIM_DFL_SIZE);
	writeq(FIELD_PREP(DFH_TYPE, DFH_TYPE_FIU) |
	       FIELD_PREP(DFH_NEXT, PCSIM_DFL_BMC), base);
	writeq(0x82fe38f0f9e17764ULL, base + FME_GUID_L);
	writeq(0xbfaf2ae94a5246e3ULL, base + FME_GUID_H);
	writeq(PCSIM_BITSTREAM | pf->cfg.dfl << 8 | page,
	       base + FME_BITSTREAM_ID);
	writeq(FIELD_PREP(DFH_TYPE, DFH_TYPE_PRIVATE) | DFH_EOL |
	       FIELD_PREP(DFH_ID, pcsim_dfl_bmc_ids[pf->cfg.dfl]),
	       base + PCSIM_DFL_BMC);
	if (pf->cfg.dfl == PCIE_CARD_SIM_DFL_N6000)
		pcsim_pmci_reset(base + PCSIM_DFL_BMC);
}

/* The Command register of a function with a list was @old, and was written. */
void pcsim_dfl_command(struct pcsim_pf *pf, u16 old)
{
	void __iomem *base;

	if (old & PCI_COMMAND_MEMORY)
		return;

	base = pcsim_dfl_base(pf);
	if (base)
		pcsim_dfl_put(pf, base);
}
