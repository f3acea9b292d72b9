// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page of its flash that an N6000's FPGA is configured from when the card gets power.
 * The BMC keeps an order of the pages, of which the first is what counts here: the factory
 * page or a user page, and which of the user pages comes before the other.
 */

#include <linux/bitfield.h>
#include <linux/regmap.h>

#include "m10bmc.h"

/* For the BMC to take note: those of OFS's driver, see m10bmc.h. */
#define FPGA_CARD_M10_POC_POLL_US	(100 * USEC_PER_MSEC)
#define FPGA_CARD_M10_POC_US		(5 * USEC_PER_SEC)

int fpga_card_m10_get_boot_page(struct fpga_card_m10 *m10, u32 *page)
{
	u32 val;
	int ret;

	ret = fpga_card_m10_read(m10, M10BMC_N6000_FPGA_POC_STS, &val);
	if (ret)
		return ret;
	*page = val & M10BMC_N6000_POC_FACTORY ? 0 :
		FIELD_GET(M10BMC_N6000_POC_USER_PAGE, val);
	return 0;
}

/* The user page that comes first, also behind the factory page */
static int fpga_card_m10_first_user(struct fpga_card_m10 *m10, u32 *page)
{
	u32 val;
	int ret;

	ret = fpga_card_m10_read(m10, M10BMC_N6000_FPGA_POC_STS, &val);
	if (!ret)
		*page = FIELD_GET(M10BMC_N6000_POC_USER_PAGE, val);
	return ret;
}

static int fpga_card_m10_await_poc(struct fpga_card_m10 *m10)
{
	u32 val;
	int ret;

	ret = regmap_read_poll_timeout(m10->m10bmc->regmap,
				       m10->type->base + M10BMC_N6000_FPGA_POC,
				       val, val == U32_MAX ||
				       !(val & M10BMC_N6000_POC_REQ),
				       FPGA_CARD_M10_POC_POLL_US,
				       FPGA_CARD_M10_POC_US);
	if (ret) {
		fpga_card_reason(m10->card, "its BMC did not take the page within %lu s",
				 FPGA_CARD_M10_POC_US / USEC_PER_SEC);
		return ret;
	}
	if (val == U32_MAX) {
		fpga_card_reason(m10->card, "its BMC does not answer");
		return -ENODEV;
	}
	if (FIELD_GET(M10BMC_N6000_POC_STATUS, val) == M10BMC_N6000_POC_SUCCESS)
		return 0;
	fpga_card_reason(m10->card, "its BMC does not take the page, with status %lu",
			 FIELD_GET(M10BMC_N6000_POC_STATUS, val));
	return -EIO;
}

/* Takes at most some seconds. @page is 0 for the factory page. */
int fpga_card_m10_set_boot_page(struct fpga_card_m10 *m10, u32 page)
{
	u32 user = page;
	int ret;

	if (!page) {
		ret = fpga_card_m10_first_user(m10, &user);
		if (ret)
			return ret;
	}
	ret = fpga_card_m10_update(m10, M10BMC_N6000_FPGA_POC,
				   M10BMC_N6000_POC_FACTORY |
				   M10BMC_N6000_POC_USER_PAGE |
				   M10BMC_N6000_POC_REQ,
				   (page ? 0 : M10BMC_N6000_POC_FACTORY) |
				   FIELD_PREP(M10BMC_N6000_POC_USER_PAGE, user) |
				   M10BMC_N6000_POC_REQ);
	return ret ?: fpga_card_m10_await_poc(m10);
}
