// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who uses a function, in words.
 */

#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "card.h"
#include "users.h"

static int fpga_card_describe_holders(const struct fpga_card_user *user,
				      const char *what, char *buf, size_t len)
{
	int n = scnprintf(buf, len, "%s %s is open in "
			  FPGA_CARD_PRIVATE_BEGIN "%*pE (pid %d)"
			  FPGA_CARD_PRIVATE_END, what, user->name,
			  (int)strlen(user->comm), user->comm, user->pid);

	if (user->holders > 1)
		n += scnprintf(buf + n, len - n, " and in %u more",
			       user->holders - 1);
	return n;
}

static int fpga_card_describe_disk(const struct fpga_card_user *user,
				   char *buf, size_t len)
{
	int n = scnprintf(buf, len, "block device %s is mounted or open",
			  user->name);

	if (user->unwritten)
		n += scnprintf(buf + n, len - n,
			       ", with %llu KiB that are not written yet",
			       user->unwritten / SZ_1K);
	return n;
}

static int fpga_card_describe_use(const struct fpga_card_user *user, char *buf,
				  size_t len)
{
	switch (user->use) {
	case FPGA_CARD_USE_VFIO:
		return scnprintf(buf, len, "it is open through VFIO");
	case FPGA_CARD_USE_GUEST:
		return scnprintf(buf, len, "it is assigned to a guest");
	case FPGA_CARD_USE_NET:
		return scnprintf(buf, len, "network interface %s is up",
				 user->name);
	case FPGA_CARD_USE_BLOCK:
		return fpga_card_describe_disk(user, buf, len);
	case FPGA_CARD_USE_PATH:
		return scnprintf(buf, len,
				 "block device %s is a path to a disk of several functions, whose users are not known",
				 user->name);
	case FPGA_CARD_USE_MTD:
		return scnprintf(buf, len, "flash device %s is mounted, attached or open",
				 user->name);
	case FPGA_CARD_USE_MTD_MODULE:
		return scnprintf(buf, len,
				 "flash device %s may be mounted, attached or open: its driver's module is in use",
				 user->name);
	case FPGA_CARD_USE_DMA:
	case FPGA_CARD_USE_DMA_FREED:
		return scnprintf(buf, len, "DMA channel %s is taken by another driver",
				 user->name);
	case FPGA_CARD_USE_UNKNOWN:
		return scnprintf(buf, len,
				 "the users of %s are not known while its driver is bound or unbound, or the function is reset",
				 user->name);
	case FPGA_CARD_USE_CONSOLE:
		return scnprintf(buf, len, "%s is a console of the kernel",
				 user->name);
	case FPGA_CARD_USE_MODULE:
		return fpga_card_describe_holders(user, "a character device of module",
						  buf, len);
	case FPGA_CARD_USE_BAR:
		return fpga_card_describe_holders(user, "its file", buf, len);
	case FPGA_CARD_USE_VFIO_NODE:
	case FPGA_CARD_USE_CHAR:
		return fpga_card_describe_holders(user, "character device", buf,
						  len);
	case FPGA_CARD_USE_NONE:
		break;
	}
	return 0;
}

/* "FUNCTION (driver NAME)", what comes between, and how it is used. */
int fpga_card_describe_user(const struct fpga_card_user *user,
			    const char *between, char *buf, size_t len)
{
	struct device_driver *drv = READ_ONCE(user->dev->driver);
	int n;

	n = scnprintf(buf, len, "%s (%s%s)%s", dev_name(user->dev),
		      drv ? "driver " : "no driver", drv ? drv->name : "",
		      between);
	return n + fpga_card_describe_use(user, buf + n, len - n);
}
