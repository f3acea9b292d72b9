// SPDX-License-Identifier: GPL-2.0-only
/* Error reporting of a root port: AER and DPC. */

#include <linux/bitfield.h>

#include "internal.h"

/* DPC Software Trigger, in DPC Control (PCIe r6.0, sec 7.9.14.3) */
#define PCSIM_DPC_CTL_SW_TRIGGER	BIT(6)

/* Trigger Reason in DPC Status (sec 7.9.14.4) */
#define PCSIM_DPC_RSN_UNCOR		0
#define PCSIM_DPC_RSN_SW_TRIGGER					\
	(FIELD_PREP(PCI_EXP_DPC_STATUS_TRIGGER_RSN, 3) |		\
	 FIELD_PREP(PCI_EXP_DPC_STATUS_TRIGGER_RSN_EXT, 1))

/* DPC keeps the link disabled while its trigger status is set. */
bool pcsim_err_contained(const struct pcsim_port *port)
{
	if (!port->lay.dpc)
		return false;

	return pcsim_get16(&port->fn, port->lay.dpc + PCI_EXP_DPC_STATUS) &
	       PCI_EXP_DPC_STATUS_TRIGGER;
}

/* PCIe r6.0, sec 6.2.11; @rsn is the field Trigger Reason with its extension */
static void pcsim_dpc_trigger(struct pcsim_port *port, u16 rsn)
{
	unsigned int pos = port->lay.dpc;

	if (pcsim_err_contained(port))
		return;

	pcsim_update16(&port->fn, pos + PCI_EXP_DPC_STATUS,
		       PCI_EXP_DPC_STATUS_TRIGGER_RSN |
		       PCI_EXP_DPC_STATUS_TRIGGER_RSN_EXT,
		       PCI_EXP_DPC_STATUS_TRIGGER |
		       PCI_EXP_DPC_STATUS_INTERRUPT | rsn);
	pcsim_set16(&port->fn, pos + PCI_EXP_DPC_SOURCE_ID, 0);
	pcsim_link_eval(port, PCIE_CARD_SIM_BY_DPC);
}

static bool pcsim_dpc_enabled(const struct pcsim_port *port, bool fatal)
{
	u16 en;

	if (!port->lay.dpc)
		return false;

	en = pcsim_get16(&port->fn, port->lay.dpc + PCI_EXP_DPC_CTL);
	if (en & PCI_EXP_DPC_CTL_EN_NONFATAL)
		return true;

	return fatal && en & PCI_EXP_DPC_CTL_EN_FATAL;
}

/* An error message reached the root port (PCIe r6.0, sec 6.2.6). */
static void pcsim_err_message(struct pcsim_port *port, bool fatal)
{
	unsigned int pos = port->lay.aer;
	u16 rtctl = pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_RTCTL);
	u32 sta = pcsim_get32(&port->fn, pos + PCI_ERR_ROOT_STATUS);

	if (sta & PCI_ERR_ROOT_UNCOR_RCV) {
		sta |= PCI_ERR_ROOT_MULTI_UNCOR_RCV;
	} else {
		sta |= PCI_ERR_ROOT_UNCOR_RCV;
		if (fatal)
			sta |= PCI_ERR_ROOT_FIRST_FATAL;
		pcsim_set16(&port->fn, pos + PCI_ERR_ROOT_ERR_SRC + 2,
			    PCI_DEVID(0, pcsim_port_devfn(port)));
	}
	sta |= fatal ? PCI_ERR_ROOT_FATAL_RCV : PCI_ERR_ROOT_NONFATAL_RCV;
	pcsim_set32(&port->fn, pos + PCI_ERR_ROOT_STATUS, sta);

	if (rtctl & (fatal ? PCI_EXP_RTCTL_SEFEE : PCI_EXP_RTCTL_SENFEE))
		pcsim_log_port(port, PCIE_CARD_SIM_SYSTEM_ERROR, sta);
}

/**
 * pcsim_err_report() - a root port detected an uncorrectable error
 * @port: the root port
 * @bit: the error, a bit of Uncorrectable Error Status
 *
 * In the order of PCIe r6.0, sec 6.2.5.
 */
void pcsim_err_report(struct pcsim_port *port, u32 bit)
{
	unsigned int pos = port->lay.aer;
	u16 devctl = pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_DEVCTL);
	u16 cmd = pcsim_get16(&port->fn, PCI_COMMAND);
	bool fatal = true;
	u32 sta;

	pcsim_log_port(port, PCIE_CARD_SIM_ERROR, bit);
	if (pos)
		fatal = pcsim_get32(&port->fn, pos + PCI_ERR_UNCOR_SEVER) & bit;
	pcsim_update16(&port->fn, port->lay.pcie + PCI_EXP_DEVSTA, 0,
		       fatal ? PCI_EXP_DEVSTA_FED : PCI_EXP_DEVSTA_NFED);
	if (!pos)
		return;

	sta = pcsim_get32(&port->fn, pos + PCI_ERR_UNCOR_STATUS);
	pcsim_set32(&port->fn, pos + PCI_ERR_UNCOR_STATUS, sta | bit);
	if (pcsim_get32(&port->fn, pos + PCI_ERR_UNCOR_MASK) & bit)
		return;

	if (!sta)
		pcsim_update16(&port->fn, pos + PCI_ERR_CAP,
			       PCI_ERR_CAP_FEP(~0), PCI_ERR_CAP_FEP(__ffs(bit)));
	if (!(cmd & PCI_COMMAND_SERR) &&
	    !(devctl & (fatal ? PCI_EXP_DEVCTL_FERE : PCI_EXP_DEVCTL_NFERE)))
		return;

	if (cmd & PCI_COMMAND_SERR)
		pcsim_update16(&port->fn, PCI_STATUS, 0,
			       PCI_STATUS_SIG_SYSTEM_ERROR);
	if (pcsim_dpc_enabled(port, fatal))
		pcsim_dpc_trigger(port, PCSIM_DPC_RSN_UNCOR);
	else
		pcsim_err_message(port, fatal);
	pcsim_irq_update(port);
}

void pcsim_err_write(struct pcsim_port *port, unsigned int reg,
		     unsigned int size, u32 val)
{
	unsigned int pos = port->lay.dpc;

	if (!pos)
		return;
	if (pcsim_written(reg, size, val, pos + PCI_EXP_DPC_CTL) &
	    PCSIM_DPC_CTL_SW_TRIGGER)
		pcsim_dpc_trigger(port, PCSIM_DPC_RSN_SW_TRIGGER);
}

/* Interrupt conditions that hold: AER in bits 0 to 6, DPC in bit 8 */
u32 pcsim_err_pending(const struct pcsim_port *port)
{
	u32 pending = 0;
	u32 cmd, sta;

	if (port->lay.aer) {
		cmd = pcsim_get32(&port->fn,
				  port->lay.aer + PCI_ERR_ROOT_COMMAND);
		sta = pcsim_get32(&port->fn,
				  port->lay.aer + PCI_ERR_ROOT_STATUS);
		if (cmd & PCI_ERR_ROOT_CMD_COR_EN)
			pending |= sta & PCI_ERR_ROOT_COR_RCV;
		if (cmd & PCI_ERR_ROOT_CMD_NONFATAL_EN)
			pending |= sta & PCI_ERR_ROOT_NONFATAL_RCV;
		if (cmd & PCI_ERR_ROOT_CMD_FATAL_EN)
			pending |= sta & PCI_ERR_ROOT_FATAL_RCV;
	}
	if (port->lay.dpc) {
		cmd = pcsim_get16(&port->fn, port->lay.dpc + PCI_EXP_DPC_CTL);
		sta = pcsim_get16(&port->fn,
				  port->lay.dpc + PCI_EXP_DPC_STATUS);
		if (cmd & PCI_EXP_DPC_CTL_INT_EN &&
		    sta & PCI_EXP_DPC_STATUS_INTERRUPT)
			pending |= BIT(8);
	}

	return pending;
}
