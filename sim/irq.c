// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts of the host's ports, given to the kernel as INTA or messages. */

#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>

#include "host.h"

/* Events that would have the port interrupt (PCIe r6.0, sec 6.7.3.4) */
static u16 pcsim_slot_pending(const struct pcsim_port *port)
{
	u16 sta = pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_SLTSTA);
	u16 ctl = pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_SLTCTL);
	u16 enabled = 0;

	if (!(ctl & PCI_EXP_SLTCTL_HPIE))
		return 0;

	if (ctl & PCI_EXP_SLTCTL_ABPE)
		enabled |= PCI_EXP_SLTSTA_ABP;
	if (ctl & PCI_EXP_SLTCTL_PDCE)
		enabled |= PCI_EXP_SLTSTA_PDC;
	if (ctl & PCI_EXP_SLTCTL_CCIE)
		enabled |= PCI_EXP_SLTSTA_CC;
	if (ctl & PCI_EXP_SLTCTL_DLLSCE)
		enabled |= PCI_EXP_SLTSTA_DLLSC;

	return sta & enabled;
}

/* Changes of which the port would interrupt (PCIe r6.0, sec 7.5.3.7) */
static u16 pcsim_link_pending(const struct pcsim_port *port)
{
	unsigned int pos = port->lay.pcie;
	u16 ctl = pcsim_get16(&port->fn, pos + PCI_EXP_LNKCTL);
	u16 enabled = 0;

	if (ctl & PCI_EXP_LNKCTL_LBMIE)
		enabled |= PCI_EXP_LNKSTA_LBMS;
	if (ctl & PCI_EXP_LNKCTL_LABIE)
		enabled |= PCI_EXP_LNKSTA_LABS;

	return pcsim_get16(&port->fn, pos + PCI_EXP_LNKSTA) & enabled;
}

/* Only a message tells of the one from below (PCIe r6.0, sec 7.5.3.7). */
static u16 pcsim_ready_pending(const struct pcsim_port *port)
{
	unsigned int pos = port->lay.pcie;

	if (!pcsim_msi_enabled(port) ||
	    (pcsim_get16(&port->fn, pos + PCI_EXP_LNKCTL) &
	     PCIE_CARD_SIM_LNKCTL_DRS) != PCIE_CARD_SIM_LNKCTL_DRS_IRQ ||
	    !(pcsim_get16(&port->fn, pos + PCI_EXP_LNKSTA2) &
	      PCIE_CARD_SIM_LNKSTA2_DRS))
		return 0;

	return PCSIM_IRQ_DRS;
}

/* Interrupt conditions that hold: AER in bits 0 to 6, DPC in bit 8 */
static u32 pcsim_err_pending(const struct pcsim_port *port)
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

/*
 * Conditions that would have the port assert its interrupt: bits of Slot Status,
 * the two of Link Status that Slot Status does not have, PCSIM_IRQ_DRS, and those of
 * errors
 */
static u32 pcsim_irq_conditions(const struct pcsim_port *port)
{
	return pcsim_slot_pending(port) | pcsim_link_pending(port) |
	       pcsim_ready_pending(port) | pcsim_err_pending(port) << 16;
}

/**
 * pcsim_irq_update() - raise the interrupt of a port if there is a new reason
 * @port: the port
 *
 * Called whenever a status or enable bit may have changed. Each condition that
 * becomes true raises the interrupt once; so a handler that clears only the
 * events that it has seen gets another one for those that came meanwhile, as
 * it would with a level. Messages are sent in pcsim_msi_send().
 */
void pcsim_irq_update(struct pcsim_port *port)
{
	u32 now, old = port->pending;

	lockdep_assert_held(&port->sim->lock);

	if (port->irq < 0 || port->sim->quiet)
		return;

	now = pcsim_irq_conditions(port);
	pcsim_update16(&port->fn, PCI_STATUS, PCI_STATUS_INTERRUPT,
		       now ? PCI_STATUS_INTERRUPT : 0);
	if (pcsim_msi_enabled(port)) {
		port->pending = now;
		if (pcsim_msi_send(port, old, now))
			irq_work_queue(&port->irq_work);
		return;
	}
	if (pcsim_get16(&port->fn, PCI_COMMAND) & PCI_COMMAND_INTX_DISABLE)
		now = 0;
	port->pending = now;
	if (now & ~old) {
		pcsim_log_port(port, PCIE_CARD_SIM_IRQ, now);
		port->asserted = true;
		irq_work_queue(&port->irq_work);
	}
}

/* Never from inside a configuration access: its caller may hold any lock. */
static void pcsim_irq_raise(struct irq_work *work)
{
	struct pcsim_port *port = container_of(work, struct pcsim_port,
					       irq_work);
	bool asserted = false;

	scoped_guard(pcsim, port->sim)
		swap(asserted, port->asserted);
	if (asserted)
		generic_handle_irq_safe(port->irq);
	if (port->lay.msi)
		pcsim_msi_deliver(port);
}

int pcsim_irq_init(struct pcsim_port *port)
{
	int irq;

	irq = irq_alloc_desc(NUMA_NO_NODE);
	if (irq < 0)
		return irq;

	init_irq_work(&port->irq_work, pcsim_irq_raise);
	irq_set_chip_and_handler_name(irq, &dummy_irq_chip, handle_edge_irq,
				      "pcie-card-sim");
	irq_modify_status(irq, IRQ_NOREQUEST, IRQ_NOPROBE);
	port->irq = irq;

	return 0;
}

/* Wait for handlers, also those in threads. No more interrupts are raised. */
void pcsim_irq_sync(struct pcsim_port *port)
{
	irq_work_sync(&port->irq_work);
	synchronize_irq(port->irq);
	pcsim_msi_sync(port);
}

/* The devices that used the interrupt are gone. */
void pcsim_irq_exit(struct pcsim_port *port)
{
	if (port->irq < 0)
		return;

	irq_work_sync(&port->irq_work);
	irq_free_desc(port->irq);
}

int pcsim_irq_map(const struct pci_dev *pdev, u8 slot, u8 pin)
{
	struct pcsim_port *port = pcsim_port_of(pdev);

	return port ? port->irq : 0;
}
