// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O space of a host. A machine has but one, and its own hosts have all of it
 * that can be reached, so a host gets a part of what another one has. There
 * the other one's ports are, and nothing answers.
 */

#include <linux/align.h>
#include <linux/ioport.h>
#include <linux/sizes.h>

#include "host.h"

/*
 * Below are the ports of devices that are not PCI's: they need not be known to
 * the kernel, which gives a PCI device none of these either.
 */
#define PCSIM_IO_FIRST	SZ_4K

/* Bridges decode 16 bits: see pcsim_caps_bridge(). */
#define PCSIM_IO_LAST	(SZ_64K - 1)

/* Take a part of a window that is not used yet; its bus addresses are the same. */
static int pcsim_io_within(struct pcie_card_sim *sim, struct pci_bus *bus,
			   struct resource *window, u32 size)
{
	struct pci_bus_region region;
	u64 offset;
	int ret;

	pcibios_resource_to_bus(bus, &region, window);
	offset = window->start - region.start;
	ret = allocate_resource(window, &sim->io, size, offset + PCSIM_IO_FIRST,
				offset + PCSIM_IO_LAST, PCSIM_IO_ALIGN, NULL,
				NULL);
	if (!ret)
		sim->io_offset = offset;

	return ret;
}

/* -EOPNOTSUPP if the host that the bus is of has no I/O space */
static int pcsim_io_below(struct pcie_card_sim *sim, struct pci_bus *bus,
			  u32 size)
{
	struct resource *window;
	int ret = -EOPNOTSUPP;
	unsigned int i;

	pci_bus_for_each_resource(bus, window, i) {
		if (!window || !(window->flags & IORESOURCE_IO) ||
		    !window->parent)
			continue;
		ret = pcsim_io_within(sim, bus, window, size);
		if (!ret)
			break;
	}

	return ret;
}

/**
 * pcsim_io_init() - give a host an I/O window
 * @sim: the host
 * @size: size of the window; 0 for none
 *
 * Return: 0, -EINVAL for a size that cannot be, -EBUSY if there is no room,
 * -EOPNOTSUPP if no host of the machine has I/O space.
 */
int pcsim_io_init(struct pcie_card_sim *sim, u32 size)
{
	struct pci_bus *bus = NULL;
	int err, ret = -EOPNOTSUPP;

	if (!size)
		return 0;
	if (!IS_ALIGNED(size, PCSIM_IO_ALIGN))
		return -EINVAL;

	sim->io.name = "pcie-card-sim host";
	sim->io.flags = IORESOURCE_IO;

	pci_lock_rescan_remove();
	while (ret && (bus = pci_find_next_bus(bus))) {
		if (bus->ops == &pcsim_pci_ops)
			continue;
		err = pcsim_io_below(sim, bus, size);
		if (err != -EOPNOTSUPP)
			ret = err;
	}
	pci_unlock_rescan_remove();

	return ret;
}

/* The bridge that has the window is gone. */
void pcsim_io_exit(struct pcie_card_sim *sim)
{
	if (sim->io.parent)
		release_resource(&sim->io);
}
