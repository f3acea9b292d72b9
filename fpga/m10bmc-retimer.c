// SPDX-License-Identifier: GPL-2.0-only
/*
 * The retimers between an N3000's FPGA and its network ports load their firmware
 * while the card runs: only what is to be done about the link waits for them.
 */

#include <linux/bitfield.h>
#include <linux/regmap.h>

#include "m10bmc.h"

/* All of these are those of OFS's driver, see m10bmc.h. */
#define FPGA_CARD_M10_POLL_US		(100 * USEC_PER_MSEC)
#define FPGA_CARD_M10_ACCEPT_US		(2 * USEC_PER_SEC)
#define FPGA_CARD_M10_EEPROM_US		(30 * USEC_PER_SEC)
#define FPGA_CARD_M10_PRELOAD_US	(30 * USEC_PER_SEC)

#define M10BMC_PKVL_PRELOAD	(M10BMC_PKVL_A_PRELOAD | M10BMC_PKVL_B_PRELOAD)
#define M10BMC_PKVL_GOOD	(M10BMC_PKVL_PRELOAD | \
				 M10BMC_PKVL_A_HDR_CKSUM | \
				 M10BMC_PKVL_B_HDR_CKSUM)
#define M10BMC_PKVL_RESULT	(M10BMC_PKVL_GOOD | \
				 M10BMC_PKVL_A_PRELOAD_TO | \
				 M10BMC_PKVL_B_PRELOAD_TO | \
				 M10BMC_PKVL_A_DATA_TOO_BIG | \
				 M10BMC_PKVL_B_DATA_TOO_BIG)

/* For a poll: the card is gone, or nobody waits for it any more. */
static bool fpga_card_m10_gone(struct fpga_card *card, u32 val)
{
	return val == U32_MAX || fpga_card_stage_cancelled(card);
}

/* The same, once the poll is over: 0 if neither is so. */
static int fpga_card_m10_ended(struct fpga_card *card, u32 val)
{
	if (val == U32_MAX) {
		fpga_card_reason(card, "its BMC does not answer");
		return -ENODEV;
	}
	return fpga_card_stage_cancelled(card) ? -EINTR : 0;
}

/* A BMC that knows of it takes note within two seconds. */
static int fpga_card_m10_ask_retimer(struct fpga_card_m10 *m10,
				     struct fpga_card *card)
{
	struct regmap *regmap = m10->m10bmc->regmap;
	u32 reg = m10->type->base + m10->type->doorbell;
	u32 val;
	int ret;

	ret = regmap_update_bits(regmap, reg, DRBL_PKVL_EEPROM_LOAD_SEC,
				 DRBL_PKVL_EEPROM_LOAD_SEC);
	if (ret)
		return ret;
	ret = regmap_read_poll_timeout(regmap, reg, val,
				       fpga_card_m10_gone(card, val) ||
				       !(val & DRBL_PKVL_EEPROM_LOAD_SEC),
				       FPGA_CARD_M10_POLL_US,
				       FPGA_CARD_M10_ACCEPT_US);
	if (ret != -ETIMEDOUT)
		return ret ?: fpga_card_m10_ended(card, val);
	regmap_update_bits(regmap, reg, DRBL_PKVL_EEPROM_LOAD_SEC, 0);
	fpga_card_reason(card, "its BMC cannot load the retimers' firmware");
	return -EOPNOTSUPP;
}

static bool fpga_card_m10_eeprom_over(struct fpga_card *card, u32 doorbell)
{
	return fpga_card_m10_gone(card, doorbell) ||
	       rsu_prog(doorbell) == RSU_PROG_PKVL_PROM_DONE ||
	       FIELD_GET(DRBL_RSU_STATUS, doorbell) == RSU_STAT_PKVL_REJECT;
}

static int fpga_card_m10_await_eeprom(struct fpga_card_m10 *m10,
				      struct fpga_card *card)
{
	u32 val;
	int ret;

	ret = regmap_read_poll_timeout(m10->m10bmc->regmap,
				       m10->type->base + m10->type->doorbell,
				       val, fpga_card_m10_eeprom_over(card, val),
				       FPGA_CARD_M10_POLL_US,
				       FPGA_CARD_M10_EEPROM_US);
	if (!ret)
		ret = fpga_card_m10_ended(card, val);
	else if (ret == -ETIMEDOUT)
		fpga_card_reason(card, "the retimers' EEPROM was not written within %lu s",
				 FPGA_CARD_M10_EEPROM_US / USEC_PER_SEC);
	if (ret)
		return ret;
	if (FIELD_GET(DRBL_RSU_STATUS, val) != RSU_STAT_PKVL_REJECT)
		return 0;
	fpga_card_reason(card, "its retimers have this firmware already");
	return -EEXIST;
}

/* 0 if both retimers have found what they loaded to be good. */
static int fpga_card_m10_check_preload(struct fpga_card *card, u32 val)
{
	if ((val & M10BMC_PKVL_RESULT) == M10BMC_PKVL_GOOD)
		return 0;
	if (val & (M10BMC_PKVL_A_PRELOAD_TO | M10BMC_PKVL_B_PRELOAD_TO))
		fpga_card_reason(card, "a retimer did not load its firmware in time");
	else if (val & (M10BMC_PKVL_A_DATA_TOO_BIG | M10BMC_PKVL_B_DATA_TOO_BIG))
		fpga_card_reason(card, "the firmware is too large for a retimer");
	else
		fpga_card_reason(card, "a retimer found its firmware damaged");
	return -EIO;
}

static int fpga_card_m10_await_preload(struct fpga_card_m10 *m10,
				       struct fpga_card *card)
{
	u32 val;
	int ret;

	ret = regmap_read_poll_timeout(m10->m10bmc->regmap,
				       m10->type->base +
				       M10BMC_N3000_PKVL_POLL_CTRL, val,
				       fpga_card_m10_gone(card, val) ||
				       (val & M10BMC_PKVL_PRELOAD) ==
				       M10BMC_PKVL_PRELOAD,
				       FPGA_CARD_M10_POLL_US,
				       FPGA_CARD_M10_PRELOAD_US);
	if (!ret)
		ret = fpga_card_m10_ended(card, val);
	else if (ret == -ETIMEDOUT)
		fpga_card_reason(card, "the retimers did not load their firmware within %lu s",
				 FPGA_CARD_M10_PRELOAD_US / USEC_PER_SEC);
	return ret ?: fpga_card_m10_check_preload(card, val);
}

/*
 * Has both retimers load what is in their EEPROM. Takes seconds, at most 62. A
 * firmware that is in place already is -EEXIST, a BMC that does not know of
 * this -EOPNOTSUPP, retimers that found it damaged -EIO. If nobody waits for it any
 * more the BMC goes on by itself, and the card is busy until it is done.
 */
int fpga_card_m10_load_retimer(struct fpga_card_m10 *m10,
			       struct fpga_card *card)
{
	u32 doorbell;
	int ret;

	ret = fpga_card_m10_read(m10, m10->type->doorbell, &doorbell);
	if (ret)
		return ret;
	ret = fpga_card_m10_check_idle(m10, doorbell);
	if (ret)
		return ret;
	ret = fpga_card_m10_ask_retimer(m10, card);
	if (!ret)
		ret = fpga_card_m10_await_eeprom(m10, card);
	if (!ret)
		ret = fpga_card_m10_await_preload(m10, card);
	return ret;
}
