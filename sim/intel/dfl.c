// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device Feature List of a function, as Documentation/fpga/dfl.rst has it: the
 * FPGA Management Engine (FME), and the feature that leads to the BMC. It is in
 * memory from the moment when the function is told to answer there.
 */

#include <linux/bitfield.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>

#include "../host.h"

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

	base = pcsim_pf_memory(pf);
	if (base)
		pcsim_dfl_put(pf, base);
}
