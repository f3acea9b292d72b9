// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards that reload their FPGA through its configuration port (ICAP), which a core in the
 * FPGA hands on to BAR 0: AMD's AXI HWICAP, or that of LiteX.
 *
 * What the port is told: UltraScale Architecture Configuration (UG570), "Configuration
 * Packets", "Configuration Registers", "IPROG Using ICAP". The port of the 7 Series has the
 * same (UG470).
 *
 * BAR 0 is RAM that poll.c looks at, so a word of the FIFO is seen only if it is handed on
 * before the next one is written.
 */

#include <linux/bitfield.h>
#include <linux/io.h>

#include "../host.h"

/* AXI HWICAP (PG134), "Register Space" */
#define HWICAP_WF		0x100
#define HWICAP_CR		0x10c
#define HWICAP_CR_WRITE		BIT(0)
#define HWICAP_SR		0x110
#define HWICAP_SR_DONE		BIT(0)
#define HWICAP_SR_EOS		BIT(2)

/* LiteX, litex/soc/cores/icap.py, class ICAP: registers in their order, 32 bits each */
#define LITEX_ADDR		0x0
#define LITEX_DATA		0x4
#define LITEX_SEND		0x8
#define LITEX_DONE		0xc

/* UG570, "Configuration Packets" */
#define ICAP_SYNC		0xaa995566
#define ICAP_TYPE		GENMASK(31, 29)
#define ICAP_TYPE_1		1
#define ICAP_OP			GENMASK(28, 27)
#define ICAP_OP_WRITE		2
#define ICAP_REG		GENMASK(17, 13)
#define ICAP_COUNT		GENMASK(10, 0)

/* UG570, "Configuration Registers" */
#define ICAP_REG_CMD		0x04
#define ICAP_CMD_DESYNC		0x0d
#define ICAP_CMD_IPROG		0x0f
#define ICAP_REG_WBSTAR		0x10
#define ICAP_START_ADDR		GENMASK(28, 0)

/* The function of the image that runs which has the core, NULL for none */
static struct pcsim_pf *pcsim_icap_pf(const struct pcsim_card *card)
{
	unsigned int i;

	for (i = 0; card->running && i < card->running->n_pfs; i++) {
		if (card->running->pfs[i]->cfg.icap)
			return card->running->pfs[i];
	}

	return NULL;
}

/* A flash without an image there has the FPGA fall back (UG570, "Fallback MultiBoot"). */
static void pcsim_icap_iprog(struct pcsim_card *card)
{
	struct pcsim_image *image = card->boot;
	unsigned int i;

	for (i = 0; i < card->n_images; i++) {
		if (card->images[i].cfg.address ==
		    (card->icap.wbstar & ICAP_START_ADDR))
			image = &card->images[i];
	}
	if (image)
		pcsim_card_load(card, image, false);
}

static void pcsim_icap_set(struct pcsim_card *card, u8 reg, u32 val)
{
	if (reg == ICAP_REG_WBSTAR)
		card->icap.wbstar = val;
	else if (reg == ICAP_REG_CMD && val == ICAP_CMD_DESYNC)
		card->icap.synced = false;
	else if (reg == ICAP_REG_CMD && val == ICAP_CMD_IPROG)
		pcsim_icap_iprog(card);
}

static void pcsim_icap_word(struct pcsim_card *card, u32 word)
{
	struct pcsim_icap *icap = &card->icap;

	if (!icap->synced) {
		icap->synced = word == ICAP_SYNC;
		icap->left = 0;
	} else if (icap->left) {
		icap->left--;
		pcsim_icap_set(card, icap->reg, word);
	} else if (FIELD_GET(ICAP_TYPE, word) == ICAP_TYPE_1 &&
		   FIELD_GET(ICAP_OP, word) == ICAP_OP_WRITE) {
		icap->reg = FIELD_GET(ICAP_REG, word);
		icap->left = FIELD_GET(ICAP_COUNT, word);
	}
}

/* The word goes to the port when the FIFO is told to hand it on. */
static bool pcsim_icap_hwicap(struct pcsim_card *card, void __iomem *base)
{
	u32 word;

	if (!(readl(base + HWICAP_CR) & HWICAP_CR_WRITE))
		return false;
	word = readl(base + HWICAP_WF);
	writel(0, base + HWICAP_CR);
	/* As this may take the memory away. */
	pcsim_icap_word(card, word);

	return true;
}

/* The core makes a packet of each, with its own sync word and desync command. */
static bool pcsim_icap_litex(struct pcsim_card *card, void __iomem *base)
{
	u32 reg, val;

	if (!readl(base + LITEX_SEND))
		return false;
	reg = readl(base + LITEX_ADDR);
	val = readl(base + LITEX_DATA);
	writel(0, base + LITEX_SEND);
	pcsim_icap_set(card, reg, val);

	return true;
}

static bool pcsim_icap_serve(struct pcsim_pf *pf, void __iomem *base)
{
	struct pcsim_card *card = pf->fn.port->card;

	if (pf->cfg.icap == PCIE_CARD_SIM_ICAP_LITEX)
		return pcsim_icap_litex(card, base);

	return pcsim_icap_hwicap(card, base);
}

/* Returns whether it was told something. */
bool pcsim_icap_poll(struct pcsim_card *card)
{
	struct pcsim_pf *pf = pcsim_icap_pf(card);
	void __iomem *base = pf ? pcsim_pf_memory(pf) : NULL;

	return base && pcsim_icap_serve(pf, base);
}

static void pcsim_icap_reset(struct pcsim_pf *pf, void __iomem *base)
{
	pf->fn.port->card->icap = (struct pcsim_icap){ };
	memset_io(base, 0, PCSIM_ICAP_SIZE);
	if (pf->cfg.icap == PCIE_CARD_SIM_ICAP_LITEX)
		writel(1, base + LITEX_DONE);
	else
		writel(HWICAP_SR_DONE | HWICAP_SR_EOS, base + HWICAP_SR);
}

/*
 * The Command register of a function with the core was @old, and was written. What had
 * arrived when the function ceased to answer is done.
 */
void pcsim_icap_command(struct pcsim_pf *pf, u16 old)
{
	u16 changed = old ^ pcsim_get16(&pf->fn, PCI_COMMAND);
	void __iomem *base = pcsim_pf_bar0(pf);

	if (!base || !(changed & PCI_COMMAND_MEMORY))
		return;
	if (old & PCI_COMMAND_MEMORY)
		pcsim_icap_serve(pf, base);
	else
		pcsim_icap_reset(pf, base);
}

bool pcsim_icap_needed(const struct pcsim_card *card)
{
	unsigned int i, j;

	for (i = 0; i < card->n_images; i++) {
		for (j = 0; j < card->images[i].n_pfs; j++) {
			if (card->images[i].pfs[j]->cfg.icap)
				return true;
		}
	}

	return false;
}
