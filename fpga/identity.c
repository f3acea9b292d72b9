// SPDX-License-Identifier: GPL-2.0-only
/*
 * Comparing what was enumerated with what an image file says of itself.
 */

#include <linux/pci.h>

#include "request.h"

/*
 * The bus that a function is on: that of the port, or that of a downstream
 * port of the switch whose upstream port is the card's only function 0. The
 * rescan lock is held.
 */
static struct pci_bus *fpga_card_leg_bus(struct fpga_card *card, u8 leg)
{
	struct pci_bus *bus = card->port->subordinate;
	struct pci_dev *pdev;

	if (leg == FPGA_CARD_IMAGE_LEG_NONE)
		return bus;

	pdev = pci_get_slot(bus, PCI_DEVFN(0, 0));
	bus = pdev ? pdev->subordinate : NULL;
	pci_dev_put(pdev);
	if (!bus)
		return NULL;

	pdev = pci_get_slot(bus, PCI_DEVFN(leg, 0));
	bus = pdev ? pdev->subordinate : NULL;
	pci_dev_put(pdev);
	return bus;
}

static int fpga_card_differs(struct fpga_card *card, struct pci_dev *pdev,
			     const char *what, u64 found, u64 expected)
{
	return fpga_card_fail(card, -EIO,
			      "%s has %s %#llx, but the image file promises %#llx",
			      pci_name(pdev), what, found, expected);
}

static int fpga_card_check_ids(struct fpga_card *card, struct pci_dev *pdev,
			       const struct fpga_card_image_function *fn)
{
	u16 vendor = le16_to_cpu(fn->vendor), device = le16_to_cpu(fn->device);
	u16 sub_vendor = le16_to_cpu(fn->subsystem_vendor);
	u16 sub_device = le16_to_cpu(fn->subsystem_device);
	u32 class = le32_to_cpu(fn->class);

	if (pdev->vendor != vendor)
		return fpga_card_differs(card, pdev, "vendor", pdev->vendor,
					 vendor);
	if (pdev->device != device)
		return fpga_card_differs(card, pdev, "device", pdev->device,
					 device);
	if (sub_vendor != FPGA_CARD_IMAGE_ANY &&
	    pdev->subsystem_vendor != sub_vendor)
		return fpga_card_differs(card, pdev, "subsystem vendor",
					 pdev->subsystem_vendor, sub_vendor);
	if (sub_device != FPGA_CARD_IMAGE_ANY &&
	    pdev->subsystem_device != sub_device)
		return fpga_card_differs(card, pdev, "subsystem device",
					 pdev->subsystem_device, sub_device);
	if (class != FPGA_CARD_IMAGE_CLASS_ANY && pdev->class != class)
		return fpga_card_differs(card, pdev, "class", pdev->class,
					 class);
	return 0;
}

static int fpga_card_check_function(struct fpga_card *card, struct pci_dev *pdev,
				    const struct fpga_card_image_function *fn)
{
	int vfs = le16_to_cpu(fn->total_vfs);
	int found = pci_sriov_get_totalvfs(pdev);
	char what[] = "BAR 0 size";
	u64 size;
	int ret;
	int i;

	ret = fpga_card_check_ids(card, pdev, fn);
	if (ret)
		return ret;
	for (i = 0; i < FPGA_CARD_IMAGE_BARS; i++) {
		what[4] = '0' + i;
		size = pci_resource_flags(pdev, i) ? pci_resource_len(pdev, i) : 0;
		if (size != le64_to_cpu(fn->bar[i]))
			return fpga_card_differs(card, pdev, what, size,
						 le64_to_cpu(fn->bar[i]));
	}
	/* The function's driver may have lowered it. */
	if (found > vfs || (vfs && !found))
		return fpga_card_differs(card, pdev, "total VFs", found, vfs);
	return 0;
}

static int fpga_card_count_function(struct pci_dev *pdev, void *data)
{
	unsigned int *count = data;

	if (!pci_is_bridge(pdev) && !pdev->is_virtfn)
		(*count)++;
	return 0;
}

static int fpga_card_check_count(struct fpga_card *card, unsigned int expected)
{
	unsigned int count = 0;

	pci_walk_bus(card->port->subordinate, fpga_card_count_function, &count);
	if (count == expected)
		return 0;
	return fpga_card_fail(card, -EIO,
			      "the card below %s has %u functions, but the image file promises %u",
			      pci_name(card->port), count, expected);
}

static int fpga_card_check_functions(struct fpga_card *card,
				     const struct fpga_card_image_view *view)
{
	const struct fpga_card_image_function *fn;
	struct pci_dev *pdev;
	struct pci_bus *bus;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < view->nfunctions && !ret; i++) {
		fn = &view->functions[i];
		bus = fpga_card_leg_bus(card, fn->leg);
		pdev = bus ? pci_get_slot(bus, fn->devfn) : NULL;
		if (!pdev)
			return fpga_card_fail(card, -EIO,
					      "the card below %s has no function %02x.%d (leg %#x), but the image file promises one",
					      pci_name(card->port),
					      PCI_SLOT(fn->devfn),
					      PCI_FUNC(fn->devfn), fn->leg);
		ret = fpga_card_check_function(card, pdev, fn);
		pci_dev_put(pdev);
	}
	return ret ?: fpga_card_check_count(card, view->nfunctions);
}

/*
 * Returns 0 if the card's functions are those that the file describes, or the
 * file describes none; -EIO and a sentence with the first difference if not.
 */
int fpga_card_identity_check(struct fpga_card *card,
			     const struct fpga_card_image_view *view)
{
	int ret = -ENODEV;

	if (!view->nfunctions)
		return 0;

	pci_reload_lock_rescan(card->window);
	if (!READ_ONCE(card->gone) && card->port->subordinate)
		ret = fpga_card_check_functions(card, view);
	pci_reload_unlock_rescan(card->window);
	return ret;
}
