// SPDX-License-Identifier: GPL-2.0-only
/*
 * An overlay from its bytes, with all checks that need no look at the live tree.
 */

#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "blob.h"

/**
 * of_ovl_blob_parse() - take an overlay apart and check all that can be checked
 *	without the live tree
 * @blob: what to fill; for of_ovl_blob_free() also after an error
 * @data: the bytes, aligned to 8, which have to stay
 * @len: how many
 * @why: why not
 *
 * Return: 0, or a negative errno
 */
int of_ovl_blob_parse(struct of_ovl_blob *blob, const void *data, size_t len,
		      struct of_ovl_why *why)
{
	int ret;

	memset(blob, 0, sizeof(*blob));
	why->text[0] = '\0';
	ret = of_ovl_blob_read(blob, data, len, why);
	if (!ret)
		ret = of_ovl_blob_check_content(blob, why);
	if (!ret)
		ret = of_ovl_blob_check_references(blob, why);
	return ret;
}
EXPORT_SYMBOL_GPL(of_ovl_blob_parse);

/**
 * of_ovl_blob_free() - free what of_ovl_blob_parse() allocated
 * @blob: the overlay
 */
void of_ovl_blob_free(struct of_ovl_blob *blob)
{
	kvfree(blob->nodes);
	kvfree(blob->props);
	kvfree(blob->patched);
	memset(blob, 0, sizeof(*blob));
}
EXPORT_SYMBOL_GPL(of_ovl_blob_free);
