// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards in configfs that load by registers: the attribute NAME/sequence.
 */

#define pr_fmt(fmt) "FPGA card: " fmt

#include <linux/configfs.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "configfs.h"

ssize_t fpga_card_cfs_read_sequence(struct fpga_card_cfs *cfs, char *page)
{
	ssize_t len = 0;

	mutex_lock(&cfs->lock);
	if (cfs->sequence)
		len = strscpy(page, cfs->sequence->text, FPGA_CARD_SEQUENCE_MAX + 1);
	mutex_unlock(&cfs->lock);
	return len;
}

/*
 * A write has the whole text: configfs hands over what is in one page, and the rest of a
 * longer one in another call. Such a text is too long, so that is refused with its first part.
 */
ssize_t fpga_card_cfs_write_sequence(struct fpga_card_cfs *cfs, const char *page,
				     size_t count)
{
	struct fpga_card_sequence *seq;
	struct fpga_card_fault fault;
	int ret;

	ret = security_locked_down(LOCKDOWN_PCI_ACCESS);
	if (ret)
		return ret;
	seq = fpga_card_sequence_parse(page, count, &fault);
	if (IS_ERR(seq)) {
		pr_err("%s: %s\n", config_item_name(&cfs->group.cg_item), fault.why);
		return PTR_ERR(seq);
	}

	mutex_lock(&cfs->lock);
	if (cfs->builtin)
		ret = -EBUSY;
	else
		swap(cfs->sequence, seq);
	mutex_unlock(&cfs->lock);
	fpga_card_sequence_free(seq);
	return ret ?: count;
}

struct fpga_card_builtin *fpga_card_cfs_add_registers(struct fpga_card_cfs *cfs,
						      struct pci_dev *port,
						      struct pci_dev *function,
						      const struct fpga_card_image *images)
{
	struct fpga_card_builtin *builtin;
	struct fpga_card_cfs_image *image;
	unsigned int i = 0;
	u64 *addresses;

	addresses = kcalloc(cfs->count, sizeof(*addresses), GFP_KERNEL);
	if (!addresses)
		return ERR_PTR(-ENOMEM);
	list_for_each_entry(image, &cfs->images, node)
		addresses[i++] = image->address;
	builtin = fpga_card_builtin_add_registers(port, function, cfs->sequence, images,
						  addresses, cfs->count);
	kfree(addresses);
	return builtin;
}
