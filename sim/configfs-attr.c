// SPDX-License-Identifier: GPL-2.0-only
/* Attributes of the directories in configfs: numbers and names. */

#include <linux/cleanup.h>
#include <linux/string.h>

#include "directory.h"

int pcsim_cfs_num(const char *page, u64 max, u64 *val)
{
	int ret = kstrtou64(page, 0, val);

	if (ret)
		return ret;

	return *val <= max ? 0 : -ERANGE;
}

static u64 pcsim_cfs_get(struct pcsim_cfs_field field)
{
	switch (field.size) {
	case 1:
		return *(u8 *)field.ptr;
	case 2:
		return *(u16 *)field.ptr;
	case 4:
		return *(u32 *)field.ptr;
	default:
		return *(u64 *)field.ptr;
	}
}

void pcsim_cfs_set(struct pcsim_cfs_field field, u64 val)
{
	switch (field.size) {
	case 1:
		*(u8 *)field.ptr = val;
		break;
	case 2:
		*(u16 *)field.ptr = val;
		break;
	case 4:
		*(u32 *)field.ptr = val;
		break;
	default:
		*(u64 *)field.ptr = val;
		break;
	}
}

ssize_t pcsim_cfs_show(struct pcsim_cfs_field field, unsigned int digits,
		       char *page)
{
	if (digits)
		return sprintf(page, "0x%0*llx\n", digits,
			       pcsim_cfs_get(field));

	return sprintf(page, "%llu\n", pcsim_cfs_get(field));
}

ssize_t pcsim_cfs_store(struct pcsim_cfs_host *host,
			struct pcsim_cfs_field field, u64 max,
			const char *page, size_t count)
{
	u64 val;
	int ret;

	ret = pcsim_cfs_num(page, max, &val);
	if (ret)
		return ret;

	guard(mutex)(&host->lock);

	if (host->sim)
		return -EBUSY;
	pcsim_cfs_set(field, val);

	return count;
}

/* The name of an image; may be empty. */
int pcsim_cfs_name(const char *page, size_t count, char *name)
{
	if (count && page[count - 1] == '\n')
		count--;
	if (count >= PCIE_CARD_SIM_NAME_LEN)
		return -ENAMETOOLONG;

	memcpy(name, page, count);
	name[count] = '\0';

	return 0;
}
