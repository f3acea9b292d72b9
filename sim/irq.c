// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts of the host's ports, given to the kernel as INTA or messages. */

#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>

#include "internal.h"

/*
 * Conditions that would have the port assert its interrupt: bits of Slot Status,
 * the two of Link Status that Slot Status does not have, and those of errors
 */
static u32 pcsim_irq_conditions(const struct pcsim_port *port)
{
	return pcsim_slot_pending(port) | pcsim_link_pending(port) |
	       pcsim_err_pending(port) << 16;
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
