// SPDX-License-Identifier: GPL-2.0-only
/*
 * Management controller of a card: a mailbox in configuration space. It is
 * powered by the slot, so resets of the functions do not touch it.
 */

#include <linux/bitfield.h>
#include <linux/string.h>

#include "sim-bmc-regs.h"
#include "host.h"

void pcsim_bmc_power_on(struct pcsim_card *card)
{
	memset(&card->bmc, 0, sizeof(card->bmc));
}

static unsigned int pcsim_flash_count(struct pcsim_card *card)
{
	unsigned int i, n = 0;

	for (i = 0; i < card->n_images; i++)
		n += !card->images[i].cfg.file_only;

	return n;
}

static struct pcsim_image *pcsim_flash_image(struct pcsim_card *card,
					     unsigned int index)
{
	unsigned int i;

	for (i = 0; i < card->n_images; i++) {
		if (!card->images[i].cfg.file_only && !index--)
			return &card->images[i];
	}

	return NULL;
}

static u32 pcsim_flash_running(struct pcsim_card *card)
{
	u32 index = 0;
	unsigned int i;

	if (card->running_staged)
		return SIM_BMC_RUNNING_FILE;

	for (i = 0; i < card->n_images; i++) {
		if (&card->images[i] == card->running)
			break;
		index += !card->images[i].cfg.file_only;
	}

	return card->running->cfg.file_only ? SIM_BMC_RUNNING_FILE : index;
}

static u32 pcsim_bmc_status(struct pcsim_card *card)
{
	u32 status = card->bmc.status;

	if (card->next || card->faults.busy)
		status |= SIM_BMC_STATUS_BUSY;

	if (card->bmc.staged)
		status |= SIM_BMC_STATUS_STAGED;

	return status | FIELD_PREP(SIM_BMC_STATUS_IMAGES,
				   pcsim_flash_count(card));
}

static u32 pcsim_bmc_reg(struct pcsim_card *card, unsigned int off)
{
	const struct pcsim_image *image = card->bmc.select;
	const u8 *name;

	switch (off) {
	case SIM_BMC_STATUS:
		return pcsim_bmc_status(card);
	case SIM_BMC_RUNNING:
		return pcsim_flash_running(card);
	case SIM_BMC_TIME:
		return image ? image->cfg.timeout_ms : 0;
	case SIM_BMC_HOLD:
		return image ? image->cfg.hold_ms : 0;
	case SIM_BMC_NAME ... SIM_BMC_NAME + SIM_BMC_NAME_LEN - 1:
		if (!image)
			return 0;
		name = image->cfg.name + off - SIM_BMC_NAME;
		return name[0] | name[1] << 8 | name[2] << 16 |
		       (u32)name[3] << 24;
	default:
		return 0;
	}
}

u32 pcsim_bmc_read(struct pcsim_fn *fn, unsigned int reg, unsigned int size)
{
	unsigned int off = reg - fn->lay->bmc;
	u32 val;

	if (off < SIM_BMC_STATUS || off >= SIM_BMC_VSEC_LEN)
		return pcsim_cfg_read(fn, reg, size);

	val = pcsim_bmc_reg(fn->port->card, off & ~3) >> 8 * (off & 3);

	return size < 4 ? val & ((1U << 8 * size) - 1) : val;
}

/* The file that was staged names an image of the card, on its first line. */
static struct pcsim_image *pcsim_stage_image(struct pcsim_card *card)
{
	const unsigned int prefix = strlen(PCSIM_STAGE_PREFIX);
	char name[PCIE_CARD_SIM_NAME_LEN];
	const char *end;
	size_t got;

	got = min_t(size_t, card->bmc.stage_got, card->bmc.stage_size);
	got = min(got, sizeof(card->bmc.stage_head));
	end = memchr(card->bmc.stage_head, '\n', got);
	if (!end || memcmp(card->bmc.stage_head, PCSIM_STAGE_PREFIX, prefix))
		return NULL;

	got = end - (const char *)card->bmc.stage_head - prefix;
	if (got >= sizeof(name))
		return NULL;
	memcpy(name, card->bmc.stage_head + prefix, got);
	name[got] = '\0';

	return pcsim_card_image(card, name);
}

static u8 pcsim_bmc_stage_end(struct pcsim_card *card)
{
	struct pcsim_bmc *bmc = &card->bmc;

	if (!bmc->staging || bmc->stage_got < bmc->stage_size)
		return SIM_BMC_CODE_STAGE;

	bmc->staging = false;
	bmc->staged = pcsim_stage_image(card);

	return bmc->staged ? 0 : SIM_BMC_CODE_FILE;
}

static u8 pcsim_bmc_load(struct pcsim_card *card, struct pcsim_image *image,
			 bool staged)
{
	switch (pcsim_card_load(card, image, staged)) {
	case 0:
		/* The memory that a file is staged in goes with the image that has it. */
		card->bmc.staged = NULL;
		return 0;
	case -EBUSY:
		return SIM_BMC_CODE_BUSY;
	default:
		return SIM_BMC_CODE_REFUSED;
	}
}

/* It is kept in flash, so it stays when the card has no power. */
static u8 pcsim_bmc_set_boot(struct pcsim_card *card, u32 index)
{
	struct pcsim_image *image = pcsim_flash_image(card, index);

	if (!image)
		return SIM_BMC_CODE_INDEX;
	if (card->next)
		return SIM_BMC_CODE_BUSY;
	card->boot = image;

	return 0;
}

/*
 * Of a file only the first line matters, which comes by DATA: whoever writes to config
 * space holds a spinlock, below which BAR 0 cannot be mapped.
 */
static u8 pcsim_bmc_chunk(struct pcsim_bmc *bmc, u32 size)
{
	if (!bmc->staging || bmc->stage_got < sizeof(bmc->stage_head) ||
	    size > bmc->stage_size - bmc->stage_got)
		return SIM_BMC_CODE_STAGE;
	bmc->stage_got += size;

	return 0;
}

/* Returns an error code of the mailbox, 0 for none. */
static u8 pcsim_bmc_command(struct pcsim_card *card, u32 val)
{
	u32 arg = FIELD_GET(SIM_BMC_CMD_ARG, val);
	struct pcsim_bmc *bmc = &card->bmc;
	struct pcsim_image *image;

	switch (FIELD_GET(SIM_BMC_CMD_OP, val)) {
	case SIM_BMC_OP_SELECT:
		bmc->select = pcsim_flash_image(card, arg);
		return bmc->select ? 0 : SIM_BMC_CODE_INDEX;
	case SIM_BMC_OP_LOAD:
		image = pcsim_flash_image(card, arg);
		if (!image)
			return SIM_BMC_CODE_INDEX;
		return pcsim_bmc_load(card, image, false);
	case SIM_BMC_OP_STAGE_BEGIN:
		if (card->faults.reject_stage || !arg)
			return SIM_BMC_CODE_REFUSED;
		bmc->staging = true;
		bmc->staged = NULL;
		bmc->stage_size = arg * SIM_BMC_BLOCK;
		bmc->stage_got = 0;
		return 0;
	case SIM_BMC_OP_STAGE_END:
		return pcsim_bmc_stage_end(card);
	case SIM_BMC_OP_STAGE_CHUNK:
		return pcsim_bmc_chunk(bmc, arg * SIM_BMC_BLOCK);
	case SIM_BMC_OP_LOAD_STAGED:
		if (!bmc->staged)
			return SIM_BMC_CODE_STAGE;
		return pcsim_bmc_load(card, bmc->staged, true);
	case SIM_BMC_OP_SELECT_RUNNING:
		bmc->select = card->running;
		return 0;
	case SIM_BMC_OP_SELECT_BOOT:
		bmc->select = card->boot;
		return 0;
	case SIM_BMC_OP_SET_BOOT:
		return pcsim_bmc_set_boot(card, arg);
	default:
		return SIM_BMC_CODE_COMMAND;
	}
}

static void pcsim_bmc_data(struct pcsim_bmc *bmc, u32 val)
{
	unsigned int i;

	if (!bmc->staging || bmc->stage_got >= bmc->stage_size)
		return;

	for (i = 0; i < 4; i++, bmc->stage_got++, val >>= 8) {
		if (bmc->stage_got < sizeof(bmc->stage_head))
			bmc->stage_head[bmc->stage_got] = val;
	}
}

/* Returns true if the write was for the mailbox. Dwords only. */
bool pcsim_bmc_write(struct pcsim_fn *fn, unsigned int reg, unsigned int size,
		     u32 val)
{
	struct pcsim_card *card = fn->port->card;
	u8 code;

	if (reg < fn->lay->bmc || reg >= fn->lay->bmc + SIM_BMC_VSEC_LEN)
		return false;
	if (size != 4)
		return true;

	switch (reg - fn->lay->bmc) {
	case SIM_BMC_CMD:
		code = pcsim_bmc_command(card, val);
		card->bmc.status = FIELD_PREP(SIM_BMC_STATUS_CODE, code) |
				   (code ? SIM_BMC_STATUS_ERR : 0);
		break;
	case SIM_BMC_DATA:
		pcsim_bmc_data(&card->bmc, val);
		break;
	}

	return true;
}
