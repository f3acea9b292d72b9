// SPDX-License-Identifier: GPL-2.0-only
/*
 * PMCI of an N6000: the mailbox through which the host reaches the registers of
 * the BMC, and the flash controller. Both are RAM that poll.c looks at.
 */

#include <linux/io.h>

#include "../host.h"

/* The mailbox */
#define PMCI_MBOX		0x400
#define PMCI_CMD		(PMCI_MBOX + 0x0)
#define PMCI_CMD_RD		BIT(0)
#define PMCI_CMD_WR		BIT(1)
#define PMCI_CMD_ACK		BIT(2)
#define PMCI_ADDR		(PMCI_MBOX + 0x4)
#define PMCI_RD			(PMCI_MBOX + 0x8)
#define PMCI_WR			(PMCI_MBOX + 0xc)

/* The flash controller: 512 words of the FIFO are free */
#define PMCI_FLASH_CTRL		0x40
#define PMCI_FLASH_FREE		(512 << 4)
#define PMCI_FLASH_FIFO		0x800
#define PMCI_FLASH_ERASED	0xffffffff

/* After a reset nothing is asked for, and the flash reads as if erased. */
void pcsim_pmci_reset(void __iomem *base)
{
	writel(0, base + PMCI_CMD);
	writel(PMCI_FLASH_FREE, base + PMCI_FLASH_CTRL);
	writel(PMCI_FLASH_ERASED, base + PMCI_FLASH_FIFO);
}

static bool pcsim_pmci_serve(struct pcsim_card *card, void __iomem *base)
{
	u32 cmd = readl(base + PMCI_CMD);
	unsigned int reg;

	/* The driver leaves 0 there when it has read. */
	if (!readl(base + PMCI_FLASH_CTRL))
		writel(PMCI_FLASH_FREE, base + PMCI_FLASH_CTRL);

	if (cmd & PMCI_CMD_ACK || !(cmd & (PMCI_CMD_RD | PMCI_CMD_WR)))
		return false;

	reg = readl(base + PMCI_ADDR);
	if (cmd & PMCI_CMD_RD)
		writel(pcsim_m10_read(card, reg), base + PMCI_RD);
	writel(cmd | PMCI_CMD_ACK, base + PMCI_CMD);

	/* As this may take the mailbox away. */
	if (cmd & PMCI_CMD_WR)
		pcsim_m10_write(card, reg, readl(base + PMCI_WR));

	return true;
}

/* Returns whether there was a command. */
bool pcsim_pmci_poll(struct pcsim_card *card)
{
	struct pcsim_pf *pf = pcsim_dfl_pf(card);
	void __iomem *base;

	if (!pf || pf->cfg.dfl != PCIE_CARD_SIM_DFL_N6000)
		return false;

	base = pcsim_pf_memory(pf);

	return base && pcsim_pmci_serve(card, base + PCSIM_DFL_BMC);
}
