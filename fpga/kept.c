// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of the card stays for the trigger where there is no control device, and what the
 * trigger does there.
 */

#include <linux/pci.h>

#include "request.h"

/*
 * The function whose registers the back end needs for the trigger, but not its driver;
 * referenced. NULL if it needs none.
 */
int fpga_card_get_kept(struct fpga_card *card, struct pci_dev **pdev)
{
	const struct fpga_card_ops *ops;
	int ret = 0;

	*pdev = NULL;
	mutex_lock(&card->back_end.lock);
	ops = card->back_end.info.ops;
	if (ops && ops->keeps) {
		*pdev = ops->keeps(card->back_end.info.priv);
		if (!*pdev)
			ret = -ENODEV;
	}
	mutex_unlock(&card->back_end.lock);
	if (!ret)
		return 0;
	return fpga_card_fail(card, ret,
			      "the function of the card below %s whose registers make it load is gone",
			      pci_name(card->port));
}

/* What the trigger would do, in lines for the answer of a check. */
int fpga_card_describe_trigger(struct fpga_card *card, const char *image, char *buf,
			       size_t len)
{
	const struct fpga_card_ops *ops;
	int n = 0;

	mutex_lock(&card->back_end.lock);
	ops = card->back_end.info.ops;
	if (ops && ops->describe)
		n = ops->describe(card->back_end.info.priv, image, buf, len);
	mutex_unlock(&card->back_end.lock);
	return n;
}
