// SPDX-License-Identifier: GPL-2.0-only
/*
 * Message-signalled interrupts of ports. What a port sends is what software has
 * written to its MSI capability; the host finds the interrupt by the message.
 */

#include <linux/bitfield.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/log2.h>

#include "host.h"

/* Where the host takes messages */
#define PCSIM_MSI_ADDRESS	0x53430000

/* The position of a message's number in what is logged of an interrupt */
#define PCSIM_MSI_LOGGED	28

/**
 * struct pcsim_service - what has an interrupt of its own
 * @conditions: see pcsim_irq_update()
 * @number: Interrupt Message Number, if there are as many messages
 */
struct pcsim_service {
	u32 conditions;
	u8 number;
};

/*
 * Hot-plug events, Device Readiness Status and bandwidth notification, which share a
 * number (PCIe r6.0, sec 7.5.3.2); AER; DPC
 */
static const struct pcsim_service pcsim_services[] = {
	{ 0x000001ff, 0 },
	{ PCSIM_IRQ_DRS, 0 },
	{ PCI_EXP_LNKSTA_LBMS | PCI_EXP_LNKSTA_LABS, 0 },
	{ 0x007f0000, 1 },
	{ 0x01000000, 2 },
};

static u16 pcsim_msi_flags(const struct pcsim_port *port)
{
	return pcsim_get16(&port->fn, port->lay.msi + PCI_MSI_FLAGS);
}

bool pcsim_msi_enabled(const struct pcsim_port *port)
{
	return port->lay.msi && pcsim_msi_flags(port) & PCI_MSI_FLAGS_ENABLE;
}

/* Software may give the port fewer messages than it wants. */
static unsigned int pcsim_msi_messages(const struct pcsim_port *port)
{
	u16 flags = pcsim_msi_flags(port);

	return 1U << min(FIELD_GET(PCI_MSI_FLAGS_QSIZE, flags),
			 FIELD_GET(PCI_MSI_FLAGS_QMASK, flags));
}

static unsigned int pcsim_msi_number(const struct pcsim_port *port,
				     unsigned int wanted)
{
	return min(wanted, pcsim_msi_messages(port) - 1);
}

/*
 * Interrupt Message Numbers follow the number of messages (PCIe r6.0, sec
 * 7.5.3.2, 7.8.4.10 and 7.9.14.2).
 */
void pcsim_msi_numbers(struct pcsim_port *port)
{
	unsigned int pos = port->lay.aer;
	u32 sta;

	if (!port->lay.msi)
		return;

	pcsim_update16(&port->fn, port->lay.pcie + PCI_EXP_FLAGS,
		       PCI_EXP_FLAGS_IRQ,
		       FIELD_PREP(PCI_EXP_FLAGS_IRQ, pcsim_msi_number(port, 0)));
	if (pos && pcsim_port_root(port) == port) {
		sta = pcsim_get32(&port->fn, pos + PCI_ERR_ROOT_STATUS);
		sta &= ~PCI_ERR_ROOT_AER_IRQ;
		sta |= FIELD_PREP(PCI_ERR_ROOT_AER_IRQ,
				  pcsim_msi_number(port, 1));
		pcsim_set32(&port->fn, pos + PCI_ERR_ROOT_STATUS, sta);
	}
	if (port->lay.dpc)
		pcsim_update16(&port->fn, port->lay.dpc + PCI_EXP_DPC_CAP,
			       PCI_EXP_DPC_IRQ,
			       FIELD_PREP(PCI_EXP_DPC_IRQ,
					  pcsim_msi_number(port, 2)));
}

/**
 * pcsim_msi_send() - send the messages that there is a new reason for
 * @port: the port, with MSI enabled
 * @old: conditions that held before
 * @now: conditions that hold
 *
 * One for each service of which no condition held, and now one does (PCIe r6.0,
 * sec 6.2.4.1.2, 6.2.11.1 and 6.7.3.4).
 *
 * Return: true if there is one to be delivered.
 */
bool pcsim_msi_send(struct pcsim_port *port, u32 old, u32 now)
{
	unsigned int i, number;
	bool sent = false;

	for (i = 0; i < ARRAY_SIZE(pcsim_services); i++) {
		if (!(now & pcsim_services[i].conditions) ||
		    old & pcsim_services[i].conditions)
			continue;
		number = pcsim_msi_number(port, pcsim_services[i].number);
		port->messages |= BIT(number);
		pcsim_log_port(port, PCIE_CARD_SIM_IRQ,
			       (now & pcsim_services[i].conditions) |
			       (number + 1) << PCSIM_MSI_LOGGED);
		sent = true;
	}

	return sent;
}

/* The data of the port's first message, if the host takes it */
static bool pcsim_msi_data(const struct pcsim_port *port, u16 *data)
{
	unsigned int pos = port->lay.msi;

	if (pcsim_get32(&port->fn, pos + PCI_MSI_ADDRESS_LO) !=
	    PCSIM_MSI_ADDRESS ||
	    pcsim_get32(&port->fn, pos + PCI_MSI_ADDRESS_HI))
		return false;
	*data = pcsim_get16(&port->fn, pos + PCI_MSI_DATA_64) &
		~(pcsim_msi_messages(port) - 1);

	return true;
}

/* Deliver what was sent. In an interrupt, without the lock */
void pcsim_msi_deliver(struct pcsim_port *port)
{
	unsigned long messages = 0;
	unsigned int i;
	u16 data;

	scoped_guard(pcsim, port->sim) {
		swap(messages, port->messages);
		if (!pcsim_msi_enabled(port) || !pcsim_msi_data(port, &data))
			return;
	}
	for_each_set_bit(i, &messages, PCSIM_MSI_MAX)
		generic_handle_irq_safe(irq_find_mapping(port->sim->msi.vectors,
							 data + i));
}

/* Wait for handlers. No more messages are sent. */
void pcsim_msi_sync(struct pcsim_port *port)
{
	unsigned int i, irq;

	if (!port->lay.msi)
		return;

	for (i = 0; i < PCSIM_MSI_MAX; i++) {
		irq = irq_find_mapping(port->sim->msi.vectors,
				       port->msi_data + i);
		if (irq)
			synchronize_irq(irq);
	}
}

static void pcsim_msi_ack(struct irq_data *data)
{
}

static int pcsim_msi_affinity(struct irq_data *data, const struct cpumask *mask,
			      bool force)
{
	return -EINVAL;
}

static void pcsim_msi_compose(struct irq_data *data, struct msi_msg *msg)
{
	msg->address_hi = 0;
	msg->address_lo = PCSIM_MSI_ADDRESS;
	msg->data = data->hwirq;
}

static struct irq_chip pcsim_msi_chip = {
	.name = "pcie-card-sim",
	.irq_ack = pcsim_msi_ack,
	.irq_set_affinity = pcsim_msi_affinity,
	.irq_compose_msi_msg = pcsim_msi_compose,
};

static int pcsim_msi_alloc(struct irq_domain *domain, unsigned int virq,
			   unsigned int n, void *arg)
{
	msi_alloc_info_t *info = arg;
	struct pcsim_port *port;
	unsigned int i;

	port = pcsim_port_of(msi_desc_to_pci_dev(info->desc));
	if (!port || n > PCSIM_MSI_MAX)
		return -ENOSPC;

	for (i = 0; i < n; i++)
		irq_domain_set_info(domain, virq + i, port->msi_data + i,
				    &pcsim_msi_chip, port, handle_edge_irq,
				    NULL, NULL);

	return 0;
}

static void pcsim_msi_free(struct irq_domain *domain, unsigned int virq,
			   unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		irq_domain_reset_irq_data(irq_domain_get_irq_data(domain,
								  virq + i));
}

static const struct irq_domain_ops pcsim_msi_ops = {
	.alloc = pcsim_msi_alloc,
	.free = pcsim_msi_free,
};

/* For a host with a port that wants messages; for others it does nothing */
int pcsim_msi_init(struct pcie_card_sim *sim, int id)
{
	bool wanted = false;
	unsigned int i;

	for (i = 0; i < sim->n_all; i++) {
		sim->all[i]->msi_data = i * PCSIM_MSI_MAX;
		wanted |= sim->all[i]->lay.msi;
	}

	if (!wanted)
		return 0;

	return msi_compat_create(&sim->msi, id, sim->n_all * PCSIM_MSI_MAX,
				 &pcsim_msi_ops, sim);
}
