// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors that ports detect: AER, the messages to the root port, DPC; and requests for
 * what is not there.
 */

#include <linux/bitfield.h>

#include "host.h"

/* DPC Software Trigger, in DPC Control (PCIe r6.0, sec 7.9.14.3) */
#define PCSIM_DPC_CTL_SW_TRIGGER	BIT(6)

/* Trigger Reason in DPC Status (sec 7.9.14.4), with its extension */
#define PCSIM_DPC_RSN_UNCOR		0
#define PCSIM_DPC_RSN_RP_PIO						\
	FIELD_PREP(PCI_EXP_DPC_STATUS_TRIGGER_RSN, 3)
#define PCSIM_DPC_RSN_SW_TRIGGER					\
	(FIELD_PREP(PCI_EXP_DPC_STATUS_TRIGGER_RSN, 3) |		\
	 FIELD_PREP(PCI_EXP_DPC_STATUS_TRIGGER_RSN_EXT, 1))

/**
 * struct pcsim_err - what depends on how bad an error is
 * @devctl: enables messages, in Device Control
 * @devsta: was detected, in Device Status
 * @rtctl: enables system errors, in Root Control
 */
struct pcsim_err {
	u16 devctl;
	u16 devsta;
	u16 rtctl;
};

enum pcsim_severity {
	PCSIM_ERR_COR,
	PCSIM_ERR_NONFATAL,
	PCSIM_ERR_FATAL,
};

static const struct pcsim_err pcsim_errs[] = {
	[PCSIM_ERR_COR] = {
		PCI_EXP_DEVCTL_CERE, PCI_EXP_DEVSTA_CED, PCI_EXP_RTCTL_SECEE,
	},
	[PCSIM_ERR_NONFATAL] = {
		PCI_EXP_DEVCTL_NFERE, PCI_EXP_DEVSTA_NFED, PCI_EXP_RTCTL_SENFEE,
	},
	[PCSIM_ERR_FATAL] = {
		PCI_EXP_DEVCTL_FERE, PCI_EXP_DEVSTA_FED, PCI_EXP_RTCTL_SEFEE,
	},
};

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
	if (port->lay.rp_pio && port->cfg.rp_busy_ms) {
		pcsim_update16(&port->fn, pos + PCI_EXP_DPC_STATUS, 0,
			       PCI_EXP_DPC_RP_BUSY);
		pcsim_delay_start(&port->rp_busy, port->cfg.rp_busy_ms);
	}
	port->sim->upper->contained(port);
}

static bool pcsim_dpc_busy(const struct pcsim_port *port)
{
	return port->lay.rp_pio &&
	       pcsim_get16(&port->fn, port->lay.dpc + PCI_EXP_DPC_STATUS) &
	       PCI_EXP_DPC_RP_BUSY;
}

static void pcsim_dpc_busy_work(struct work_struct *work)
{
	struct pcsim_port *port = container_of(work, struct pcsim_port,
					       rp_busy.work.work);

	guard(pcsim)(port->sim);

	if (!pcsim_dpc_busy(port) || port->sim->gone ||
	    !pcsim_delay_over(&port->rp_busy))
		return;

	pcsim_update16(&port->fn, port->lay.dpc + PCI_EXP_DPC_STATUS,
		       PCI_EXP_DPC_RP_BUSY, 0);
}

static bool pcsim_dpc_enabled(const struct pcsim_port *port,
			      enum pcsim_severity sev)
{
	u16 en;

	if (!port->lay.dpc || sev == PCSIM_ERR_COR)
		return false;

	en = pcsim_get16(&port->fn, port->lay.dpc + PCI_EXP_DPC_CTL);
	if (en & PCI_EXP_DPC_CTL_EN_NONFATAL)
		return true;

	return sev == PCSIM_ERR_FATAL && en & PCI_EXP_DPC_CTL_EN_FATAL;
}

/*
 * Root Error Status and Error Source Identification (PCIe r6.0, sec 7.8.4.10
 * and 7.8.4.11). The source is that of the first message.
 */
static u32 pcsim_root_status(struct pcsim_port *root, u16 source,
			     enum pcsim_severity sev)
{
	unsigned int pos = root->lay.aer;
	u32 sta = pcsim_get32(&root->fn, pos + PCI_ERR_ROOT_STATUS);
	u32 got = PCI_ERR_ROOT_UNCOR_RCV, more = PCI_ERR_ROOT_MULTI_UNCOR_RCV;
	unsigned int src = pos + PCI_ERR_ROOT_ERR_SRC + 2;

	if (sev == PCSIM_ERR_COR) {
		got = PCI_ERR_ROOT_COR_RCV;
		more = PCI_ERR_ROOT_MULTI_COR_RCV;
		src = pos + PCI_ERR_ROOT_ERR_SRC;
	}
	if (sta & got) {
		sta |= more;
	} else {
		sta |= got;
		if (sev == PCSIM_ERR_FATAL)
			sta |= PCI_ERR_ROOT_FIRST_FATAL;
		pcsim_set16(&root->fn, src, source);
	}
	if (sev == PCSIM_ERR_FATAL)
		sta |= PCI_ERR_ROOT_FATAL_RCV;
	else if (sev == PCSIM_ERR_NONFATAL)
		sta |= PCI_ERR_ROOT_NONFATAL_RCV;
	pcsim_set32(&root->fn, pos + PCI_ERR_ROOT_STATUS, sta);

	return sta;
}

/*
 * Does a bridge forward a message that it gets from below? SERR Enable in
 * Bridge Control is for all (PCIe r6.0, sec 7.5.1.3.10); other than correctable
 * errors also need SERR Enable in Command or the reporting in Device Control
 * (sec 6.2.6, figure 6-3).
 */
static bool pcsim_err_forwards(struct pcsim_fn *bridge, enum pcsim_severity sev)
{
	u16 ctl = pcsim_get16(bridge, PCI_BRIDGE_CONTROL);
	u16 cmd = pcsim_get16(bridge, PCI_COMMAND);
	u16 devctl = pcsim_get16(bridge, bridge->lay->pcie + PCI_EXP_DEVCTL);

	if (sev == PCSIM_ERR_COR)
		return ctl & PCI_BRIDGE_CTL_SERR;

	pcsim_update16(bridge, PCI_SEC_STATUS, 0, PCI_STATUS_SIG_SYSTEM_ERROR);
	if (!(ctl & PCI_BRIDGE_CTL_SERR))
		return false;
	if (cmd & PCI_COMMAND_SERR)
		pcsim_update16(bridge, PCI_STATUS, 0,
			       PCI_STATUS_SIG_SYSTEM_ERROR);

	return cmd & PCI_COMMAND_SERR || devctl & pcsim_errs[sev].devctl;
}

/*
 * A port sends a message to the root port, which may be itself (PCIe r6.0,
 * sec 6.2.6).
 */
static void pcsim_err_message(struct pcsim_port *port, enum pcsim_severity sev)
{
	struct pcsim_port *root = pcsim_port_root(port);
	struct pcie_card_sim_event event = {
		.what = PCIE_CARD_SIM_SYSTEM_ERROR,
		.port = port->index,
		.devfn = pcsim_port_devfn(root),
	};
	u16 rtctl;

	if (port->role == PCSIM_DOWN &&
	    (!pcsim_host_switch_active(port->hsw) ||
	     !pcsim_err_forwards(&port->hsw->up, sev) ||
	     !pcsim_err_forwards(&root->fn, sev)))
		return;

	if (root->lay.aer)
		event.value = pcsim_root_status(root,
						PCI_DEVID(pcsim_port_bus(port),
							  pcsim_port_devfn(port)),
						sev);
	rtctl = pcsim_get16(&root->fn, root->lay.pcie + PCI_EXP_RTCTL);
	if (rtctl & pcsim_errs[sev].rtctl)
		pcsim_log(port->sim, &event);
	pcsim_irq_update(root);
}

/* Status and mask in AER: is the error to be reported? */
static bool pcsim_err_uncor(struct pcsim_port *port, u32 bit)
{
	unsigned int pos = port->lay.aer;
	u32 sta = pcsim_get32(&port->fn, pos + PCI_ERR_UNCOR_STATUS);

	pcsim_set32(&port->fn, pos + PCI_ERR_UNCOR_STATUS, sta | bit);
	if (pcsim_get32(&port->fn, pos + PCI_ERR_UNCOR_MASK) & bit)
		return false;

	if (!sta)
		pcsim_update16(&port->fn, pos + PCI_ERR_CAP,
			       PCI_ERR_CAP_FEP(~0), PCI_ERR_CAP_FEP(__ffs(bit)));

	return true;
}

static bool pcsim_err_cor(struct pcsim_port *port, u32 bit)
{
	unsigned int pos = port->lay.aer;
	u32 sta = pcsim_get32(&port->fn, pos + PCI_ERR_COR_STATUS);

	pcsim_set32(&port->fn, pos + PCI_ERR_COR_STATUS, sta | bit);

	return !(pcsim_get32(&port->fn, pos + PCI_ERR_COR_MASK) & bit);
}

/**
 * pcsim_err_report() - a port detected an uncorrectable error
 * @port: the port
 * @bit: the error, a bit of Uncorrectable Error Status
 *
 * In the order of PCIe r6.0, sec 6.2.5. Without AER the error is a fatal one.
 */
void pcsim_err_report(struct pcsim_port *port, u32 bit)
{
	unsigned int pos = port->lay.aer;
	u16 devctl = pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_DEVCTL);
	u16 cmd = pcsim_get16(&port->fn, PCI_COMMAND);
	enum pcsim_severity sev = PCSIM_ERR_FATAL;

	pcsim_log_port(port, PCIE_CARD_SIM_ERROR, bit);
	if (pos && !(pcsim_get32(&port->fn, pos + PCI_ERR_UNCOR_SEVER) & bit))
		sev = PCSIM_ERR_NONFATAL;
	pcsim_update16(&port->fn, port->lay.pcie + PCI_EXP_DEVSTA, 0,
		       pcsim_errs[sev].devsta);
	if (pos && !pcsim_err_uncor(port, bit))
		return;
	if (!(cmd & PCI_COMMAND_SERR) && !(devctl & pcsim_errs[sev].devctl))
		return;

	if (cmd & PCI_COMMAND_SERR)
		pcsim_update16(&port->fn, PCI_STATUS, 0,
			       PCI_STATUS_SIG_SYSTEM_ERROR);
	if (pcsim_dpc_enabled(port, sev))
		pcsim_dpc_trigger(port, PCSIM_DPC_RSN_UNCOR);
	else
		pcsim_err_message(port, sev);
	pcsim_irq_update(port);
}

/**
 * pcsim_err_correctable() - a port detected a correctable error
 * @port: the port
 * @bit: the error, a bit of Correctable Error Status
 */
void pcsim_err_correctable(struct pcsim_port *port, u32 bit)
{
	unsigned int pos = port->lay.pcie;

	pcsim_log_port(port, PCIE_CARD_SIM_CORRECTABLE, bit);
	pcsim_update16(&port->fn, pos + PCI_EXP_DEVSTA, 0, PCI_EXP_DEVSTA_CED);
	if (port->lay.aer && !pcsim_err_cor(port, bit))
		return;
	if (pcsim_get16(&port->fn, pos + PCI_EXP_DEVCTL) & PCI_EXP_DEVCTL_CERE)
		pcsim_err_message(port, PCSIM_ERR_COR);
}

static u32 pcsim_rp_pio_reg(const struct pcsim_port *port, unsigned int reg)
{
	return pcsim_get32(&port->fn, port->lay.dpc + reg);
}

/**
 * pcsim_err_rp_pio() - a request of a root port itself went wrong
 * @port: the port
 * @bit: the error, a bit of RP PIO Status
 *
 * PCIe r6.0, sec 6.2.11.3. Only the first error that is not masked is logged.
 */
void pcsim_err_rp_pio(struct pcsim_port *port, u32 bit)
{
	u32 sta, mask;

	if (!port->lay.rp_pio)
		return;

	sta = pcsim_rp_pio_reg(port, PCI_EXP_DPC_RP_PIO_STATUS);
	mask = pcsim_rp_pio_reg(port, PCI_EXP_DPC_RP_PIO_MASK);
	pcsim_set32(&port->fn, port->lay.dpc + PCI_EXP_DPC_RP_PIO_STATUS,
		    sta | bit);
	if (mask & bit)
		return;

	pcsim_log_port(port, PCIE_CARD_SIM_RP_PIO, bit);
	if (!(sta & ~mask))
		pcsim_update16(&port->fn, port->lay.dpc + PCI_EXP_DPC_STATUS,
			       PCI_EXP_DPC_RP_PIO_FEP,
			       FIELD_PREP(PCI_EXP_DPC_RP_PIO_FEP, __ffs(bit)));
	if (pcsim_rp_pio_reg(port, PCI_EXP_DPC_RP_PIO_SYSERROR) & bit)
		pcsim_log_port(port, PCIE_CARD_SIM_SYSTEM_ERROR, bit);
	if (!(pcsim_rp_pio_reg(port, PCI_EXP_DPC_RP_PIO_SEVERITY) & bit))
		pcsim_err_message(port, PCSIM_ERR_COR);
	else if (pcsim_dpc_enabled(port, PCSIM_ERR_FATAL))
		pcsim_dpc_trigger(port, PCSIM_DPC_RSN_RP_PIO);
	pcsim_irq_update(port);
}

static void pcsim_master_abort(struct pcsim_fn *bridge)
{
	pcsim_update16(bridge, PCI_SEC_STATUS, 0, PCI_STATUS_REC_MASTER_ABORT);
}

/*
 * A request for what is not there completes as Unsupported Request: reads
 * give ones, and the ports above note a master abort (PCIe r6.0, sec
 * 7.5.1.3.7). While the link is down the port answers in place of the card
 * (sec 2.9.1), and so notes nothing.
 */
void pcsim_unsupported(struct pcsim_port *port)
{
	pcsim_master_abort(&port->fn);
	pcsim_err_rp_pio(pcsim_port_root(port), PCSIM_RP_PIO_CFG_UR);
	if (port->role != PCSIM_DOWN)
		return;

	pcsim_master_abort(&port->hsw->up);
	pcsim_master_abort(&port->hsw->top->fn);
}

/*
 * What comes of a write to a port, whose registers have their new values. While
 * RP Busy is set software may not clear the trigger, and the outcome is not
 * defined (PCIe r6.0, sec 7.9.14.4): here the trigger stays.
 */
void pcsim_err_write(struct pcsim_port *port, unsigned int reg,
		     unsigned int size, u32 val)
{
	unsigned int pos = port->lay.dpc;

	if (!pos)
		return;
	if (pcsim_written(reg, size, val, pos + PCI_EXP_DPC_CTL) &
	    PCSIM_DPC_CTL_SW_TRIGGER)
		pcsim_dpc_trigger(port, PCSIM_DPC_RSN_SW_TRIGGER);
	if (!pcsim_dpc_busy(port) ||
	    !(pcsim_written(reg, size, val, pos + PCI_EXP_DPC_STATUS) &
	      PCI_EXP_DPC_STATUS_TRIGGER))
		return;

	pcsim_log_port(port, PCIE_CARD_SIM_DPC_BUSY, val);
	pcsim_update16(&port->fn, pos + PCI_EXP_DPC_STATUS, 0,
		       PCI_EXP_DPC_STATUS_TRIGGER);
}

void pcsim_err_init(struct pcsim_port *port)
{
	pcsim_delay_init(&port->rp_busy, pcsim_dpc_busy_work);
}

/* No configuration access may happen any more. */
void pcsim_err_stop(struct pcsim_port *port)
{
	pcsim_delay_stop(&port->rp_busy);
}

