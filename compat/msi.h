/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Message-signalled interrupts below a host bridge that a driver makes. Some
 * kernels have a domain for all PCI devices of a host on top of the driver's,
 * later ones make a domain for each device, whose parent is the driver's.
 */
#ifndef _FPGA_CARD_COMPAT_MSI_H
#define _FPGA_CARD_COMPAT_MSI_H

#include <linux/err.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/msi.h>
#include <linux/pci.h>

/**
 * struct msi_compat - domains of a host
 * @fwnode: names of the domains, as the kernel wants to have them
 * @vectors: the driver's domain; NULL if there is none
 * @top: where the host's PCI devices find their interrupts
 */
struct msi_compat {
	struct fwnode_handle *fwnode[2];
	struct irq_domain *vectors;
	struct irq_domain *top;
};

#ifdef CONFIG_PCI_MSI
#ifdef FPGA_CARD_PCI_MSI_DOMAIN
static inline int msi_compat_domains(struct msi_compat *msi, unsigned int size,
				     const struct irq_domain_ops *ops,
				     void *host_data)
{
	static struct irq_chip chip = {
		.name = "PCI-MSI",
		.irq_ack = irq_chip_ack_parent,
	};
	static struct msi_domain_info info = {
		.flags = MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_USE_DEF_CHIP_OPS |
			 MSI_FLAG_MULTI_PCI_MSI,
		.chip = &chip,
	};

	msi->vectors = irq_domain_create_hierarchy(NULL, 0, size,
						   msi->fwnode[0], ops,
						   host_data);
	if (!msi->vectors)
		return -ENOMEM;
	msi->top = pci_msi_create_irq_domain(msi->fwnode[1], &info,
					     msi->vectors);

	return msi->top ? 0 : -ENOMEM;
}
#else
#define MSI_COMPAT_FLAGS	(MSI_FLAG_USE_DEF_DOM_OPS |	\
				 MSI_FLAG_USE_DEF_CHIP_OPS)

/* What @info has from the PCI core is for one device. */
static inline bool msi_compat_device_info(struct device *dev,
					  struct irq_domain *domain,
					  struct irq_domain *real_parent,
					  struct msi_domain_info *info)
{
	info->flags &= MSI_GENERIC_FLAGS_MASK | MSI_FLAG_MULTI_PCI_MSI;
	info->flags |= MSI_COMPAT_FLAGS;
	info->chip->irq_ack = irq_chip_ack_parent;

	return true;
}

static inline int msi_compat_domains(struct msi_compat *msi, unsigned int size,
				     const struct irq_domain_ops *ops,
				     void *host_data)
{
	static const struct msi_parent_ops parent_ops = {
		.supported_flags = MSI_GENERIC_FLAGS_MASK |
				   MSI_FLAG_MULTI_PCI_MSI,
		.required_flags = MSI_COMPAT_FLAGS,
		.bus_select_token = DOMAIN_BUS_PCI_MSI,
		.init_dev_msi_info = msi_compat_device_info,
	};
	struct irq_domain_info info = {
		.fwnode = msi->fwnode[0],
		.ops = ops,
		.host_data = host_data,
		.size = size,
	};

	msi->vectors = msi_create_parent_irq_domain(&info, &parent_ops);
	msi->top = msi->vectors;

	return msi->vectors ? 0 : -ENOMEM;
}
#endif

/* No device has an interrupt any more; also after an error */
static inline void msi_compat_remove(struct msi_compat *msi)
{
	unsigned int i;

	if (msi->top && msi->top != msi->vectors)
		irq_domain_remove(msi->top);
	if (msi->vectors)
		irq_domain_remove(msi->vectors);
	for (i = 0; i < ARRAY_SIZE(msi->fwnode); i++) {
		if (msi->fwnode[i])
			irq_domain_free_fwnode(msi->fwnode[i]);
	}
	*msi = (struct msi_compat){ };
}

/*
 * @id tells this host from others; @size and @ops are those of the driver's
 * domain.
 */
static inline int msi_compat_create(struct msi_compat *msi, int id,
				    unsigned int size,
				    const struct irq_domain_ops *ops,
				    void *host_data)
{
	static const char * const names[] = {
		KBUILD_MODNAME "-vectors", KBUILD_MODNAME "-msi",
	};
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < ARRAY_SIZE(msi->fwnode); i++) {
		msi->fwnode[i] = irq_domain_alloc_named_id_fwnode(names[i], id);
		if (!msi->fwnode[i])
			ret = -ENOMEM;
	}
	if (!ret)
		ret = msi_compat_domains(msi, size, ops, host_data);
	if (ret)
		msi_compat_remove(msi);

	return ret;
}

/* Before the bridge is scanned */
static inline void msi_compat_use(const struct msi_compat *msi,
				  struct pci_host_bridge *bridge)
{
	if (msi->top)
		dev_set_msi_domain(&bridge->dev, msi->top);
}
#else
static inline int msi_compat_create(struct msi_compat *msi, int id,
				    unsigned int size,
				    const struct irq_domain_ops *ops,
				    void *host_data)
{
	return -EOPNOTSUPP;
}

static inline void msi_compat_remove(struct msi_compat *msi)
{
}

static inline void msi_compat_use(const struct msi_compat *msi,
				  struct pci_host_bridge *bridge)
{
}
#endif

#endif /* _FPGA_CARD_COMPAT_MSI_H */
