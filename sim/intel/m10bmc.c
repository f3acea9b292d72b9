// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of a MAX 10 BMC. It is powered by the slot: that the FPGA loads
 * another image does not touch it, a power cycle or a reboot of its own does.
 */

#include <linux/bitfield.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "../host.h"

/* From the request until the firmware has the FPGA drop its link */
#define PCSIM_M10_TRIGGER_MS	20

/* How often the staging area was erased: as many zeros in a long bit vector */
#define PCSIM_M10_FLASH_COUNT	37

/* What a register reads that is not there, and flash that is erased */
#define PCSIM_M10_NONE		0xffffffff

/**
 * struct pcsim_m10_card - what differs between the cards
 * @factory: page of the controller with what it was delivered with
 * @boot: page that it starts from when it gets power
 * @build: version of the controller, from page 0 and page 1
 * @fw: version of its firmware, likewise
 */
struct pcsim_m10_card {
	u8 factory;
	u8 boot;
	u32 build[2];
	u32 fw[2];
};

static const struct pcsim_m10_card pcsim_m10_cards[] = {
	[PCIE_CARD_SIM_DFL_N6000] = {
		.factory = 0,
		.boot = 1,
		.build = { 0x00010003, 0x00010a05 },
		.fw = { 0x00020001, 0x00020b07 },
	},
	[PCIE_CARD_SIM_DFL_N3000] = {
		.factory = 1,
		.boot = 0,
		.build = { 0x43010a10, 0x43010002 },
		.fw = { 0x00020a12, 0x00020003 },
	},
	[PCIE_CARD_SIM_DFL_D5005] = {
		.factory = 0,
		.boot = 1,
		.build = { 0x44020004, 0x44020a20 },
		.fw = { 0x00030005, 0x00030a24 },
	},
};

/* By the images: all functions with a list are of the same card. */
static int pcsim_m10_type(const struct pcsim_card *card)
{
	int type = PCIE_CARD_SIM_DFL_NONE;
	unsigned int i, j;

	for (i = 0; i < card->n_images; i++) {
		for (j = 0; j < card->images[i].n_pfs; j++) {
			int dfl = card->images[i].pfs[j]->cfg.dfl;

			if (dfl && type && dfl != type)
				return -EINVAL;
			type = dfl ?: type;
		}
	}

	return type;
}

int pcsim_m10_init(struct pcsim_card *card, unsigned int flash_ms)
{
	int type = pcsim_m10_type(card);

	if (type <= 0)
		return type;

	card->m10 = kzalloc(sizeof(*card->m10), GFP_KERNEL);
	if (!card->m10)
		return -ENOMEM;

	card->m10->type = type;
	card->m10->flash_ms = flash_ms ?: PCIE_CARD_SIM_FLASH_MS;

	return 0;
}

/* The controller starts from a page. */
static void pcsim_m10_boot(struct pcsim_m10bmc *m10, u8 page)
{
	*m10 = (struct pcsim_m10bmc){
		.type = m10->type,
		.flash_ms = m10->flash_ms,
		.page = page,
		.status = page == pcsim_m10_cards[m10->type].factory ?
			  M10_STAT_FACTORY_OK : M10_STAT_USER_OK,
		.pkvl = M10_PKVL_GOOD,
	};
}

/* On an N3000 and a D5005 controller and FPGA start from the same page. */
void pcsim_m10_power_on(struct pcsim_card *card)
{
	struct pcsim_m10bmc *m10 = card->m10;

	if (!m10)
		return;

	if (m10->type == PCIE_CARD_SIM_DFL_N6000 || !card->boot)
		pcsim_m10_boot(m10, pcsim_m10_cards[m10->type].boot);
	else
		pcsim_m10_boot(m10, card->boot->cfg.page & 1);
}

/* The card dropped its link, to load an image. */
void pcsim_m10_dropped(struct pcsim_card *card)
{
	struct pcsim_m10bmc *m10 = card->m10;

	if (!m10)
		return;

	m10->sdm = 0;
	if (m10->rebooting)
		pcsim_m10_boot(m10, m10->next_page);
}

static struct pcsim_image *pcsim_m10_image(struct pcsim_card *card, u8 page)
{
	unsigned int i;

	for (i = 0; i < card->n_images; i++) {
		if (!card->images[i].cfg.file_only &&
		    card->images[i].cfg.page == page)
			return &card->images[i];
	}

	return NULL;
}

static bool pcsim_m10_no_reboot(const struct pcsim_card *card)
{
	return card->faults.bmc == PCIE_CARD_SIM_BMC_NO_REBOOT ||
	       pcsim_m10_busy(card->m10);
}

/* Returns whether the card is going to load the image. */
static bool pcsim_m10_load(struct pcsim_card *card, struct pcsim_image *image)
{
	if (!image || pcsim_m10_no_reboot(card))
		return false;

	return !pcsim_card_load_after(card, image, false, PCSIM_M10_TRIGGER_MS);
}

static void pcsim_m10_reboot(struct pcsim_card *card, struct pcsim_image *image,
			     u8 page)
{
	if (!pcsim_m10_load(card, image))
		return;

	card->m10->rebooting = true;
	card->m10->next_page = page;
}

/* A locally administered address: the card, and the port that it is below */
static u32 pcsim_m10_mac(const struct pcsim_card *card, bool high)
{
	if (high)
		return 4 << 16 | card->port->index;

	return 0x02534300 | card->m10->type;
}

static u32 pcsim_m10_conf_sts(const struct pcsim_card *card)
{
	if (!card->running || card->dropped)
		return 0;

	return M10_N6000_CONF_DONE |
	       FIELD_PREP(M10_N6000_CONF_PAGE, card->running->cfg.page);
}

static u32 pcsim_m10_doorbell(const struct pcsim_m10bmc *m10)
{
	return (m10->step == PCSIM_M10_REQUESTED ? M10_DRBL_REQUEST : 0) |
	       FIELD_PREP(M10_DRBL_PROGRESS, pcsim_m10_progress(m10)) |
	       FIELD_PREP(M10_DRBL_HOST, m10->host);
}

static u32 pcsim_m10_mux(const struct pcsim_m10bmc *m10)
{
	if (pcsim_m10_busy(m10))
		return m10->mux | M10_N6000_MUX_NIOS;

	return m10->mux & M10_N6000_MUX_HOST_REQ ?
	       m10->mux | M10_N6000_MUX_HOST : m10->mux;
}

static const u16 pcsim_m10_sdms[] = {
	M10_N6000_SDM_SR, M10_N6000_SDM_PR,
	M10_N6000_SDM_SR_CANCEL, M10_N6000_SDM_PR_CANCEL,
};

/* Which of those a register is; negative if it is none of them */
static int pcsim_m10_sdm(unsigned int reg)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pcsim_m10_sdms); i++) {
		if (pcsim_m10_sdms[i] == reg)
			return i;
	}

	return -1;
}

/* The order of pages that the card starts from */
static u32 pcsim_m10_poc_sts(const struct pcsim_card *card)
{
	u32 user = FIELD_GET(M10_N6000_POC_USER, card->m10->poc) ?: 1;

	if (!card->boot || !card->boot->cfg.page)
		return M10_N6000_POC_FACTORY |
		       FIELD_PREP(M10_N6000_POC_USER, user);

	return FIELD_PREP(M10_N6000_POC_USER, card->boot->cfg.page);
}

/* Done at once: the request bit never reads as set. */
static void pcsim_m10_set_poc(struct pcsim_card *card, u32 val)
{
	u8 page = val & M10_N6000_POC_FACTORY ? 0 :
		  FIELD_GET(M10_N6000_POC_USER, val);
	struct pcsim_image *image;

	card->m10->poc = val & (M10_N6000_POC_USER | M10_N6000_POC_FACTORY);
	if (!(val & M10_N6000_POC_REQ))
		return;
	image = pcsim_m10_image(card, page);
	if (image)
		card->boot = image;
	card->m10->poc |= FIELD_PREP(M10_N6000_POC_STATUS,
				     image ? M10_N6000_POC_GOOD :
					     M10_N6000_POC_BAD);
}

static u32 pcsim_m10_n6000_read(struct pcsim_card *card, unsigned int reg)
{
	const struct pcsim_m10bmc *m10 = card->m10;
	int sdm = pcsim_m10_sdm(reg);

	if (sdm >= 0)
		return m10->sdm & BIT(sdm) ? M10_N6000_SDM_START : 0;

	switch (reg) {
	case M10_N6000_BUILD:
		return pcsim_m10_cards[m10->type].build[m10->page];
	case M10_N6000_FW:
		return pcsim_m10_cards[m10->type].fw[m10->page];
	case M10_N6000_MAC_LOW:
	case M10_N6000_MAC_HIGH:
		return pcsim_m10_mac(card, reg == M10_N6000_MAC_HIGH);
	case M10_N6000_CONF_STS:
		return pcsim_m10_conf_sts(card);
	case M10_N6000_POC:
		return m10->poc;
	case M10_N6000_POC_STS:
		return pcsim_m10_poc_sts(card);
	case M10_N6000_FPGA_RECONF:
		return m10->fpga_reconf;
	case M10_N6000_MAX10_RECONF:
		return m10->max10_reconf;
	case M10_N6000_DOORBELL:
		return pcsim_m10_doorbell(m10) | (pcsim_m10_no_reboot(card) ?
						  M10_N6000_DRBL_NO_REBOOT : 0);
	case M10_N6000_AUTH_RESULT:
		return FIELD_PREP(M10_RSU_STATUS, m10->status);
	case M10_N6000_FLASH_MUX:
		return pcsim_m10_mux(m10);
	default:
		return pcsim_m10_sensor(m10->type, reg);
	}
}

/* What is common to the doorbells: bits that act when they are set */
static void pcsim_m10_ring(struct pcsim_m10bmc *m10, u32 val)
{
	u8 host = FIELD_GET(M10_DRBL_HOST, val);

	if (val & M10_DRBL_REQUEST)
		pcsim_m10_request(m10);
	if (host != m10->host)
		pcsim_m10_host_status(m10, host);
}

static void pcsim_m10_n6000_write(struct pcsim_card *card, unsigned int reg,
				  u32 val)
{
	struct pcsim_m10bmc *m10 = card->m10;
	u8 page = FIELD_GET(M10_N6000_FPGA_PAGE, val);
	int sdm = pcsim_m10_sdm(reg);
	u32 set;

	if (sdm >= 0 && val & M10_N6000_SDM_START &&
	    pcsim_m10_load(card, card->running))
		m10->sdm |= BIT(sdm);

	switch (reg) {
	case M10_N6000_POC:
		pcsim_m10_set_poc(card, val);
		break;
	case M10_N6000_FPGA_RECONF:
		set = val & ~m10->fpga_reconf;
		m10->fpga_reconf = val & (M10_N6000_FPGA_PAGE |
					  M10_N6000_FPGA_RP_LOAD);
		if (set & M10_N6000_FPGA_RP_LOAD)
			pcsim_m10_load(card, pcsim_m10_image(card, page));
		break;
	case M10_N6000_MAX10_RECONF:
		set = val & ~m10->max10_reconf;
		m10->max10_reconf = val & (M10_N6000_REBOOT_REQ |
					   M10_N6000_REBOOT_PAGE);
		if (set & M10_N6000_REBOOT_REQ)
			pcsim_m10_reboot(card, card->running,
					 FIELD_GET(M10_N6000_REBOOT_PAGE, val));
		break;
	case M10_N6000_DOORBELL:
		pcsim_m10_ring(m10, val);
		break;
	case M10_N6000_FLASH_MUX:
		m10->mux = val & M10_N6000_MUX_HOST_REQ;
		break;
	}
}

static u32 pcsim_m10_spi_doorbell(const struct pcsim_card *card)
{
	const struct pcsim_m10bmc *m10 = card->m10;
	u32 val = m10->doorbell | pcsim_m10_doorbell(m10) |
		  FIELD_PREP(M10_RSU_STATUS, m10->status);

	if (m10->step == PCSIM_M10_RETIMER_REQUESTED)
		val |= M10_SPI_DRBL_LOAD_SEC;
	if (pcsim_m10_no_reboot(card))
		val |= M10_SPI_DRBL_NO_REBOOT;

	return val;
}

static u32 pcsim_m10_sys_read(struct pcsim_card *card, unsigned int reg)
{
	const struct pcsim_m10bmc *m10 = card->m10;

	switch (reg) {
	case M10_SPI_FW:
		return pcsim_m10_cards[m10->type].fw[m10->page];
	case M10_SPI_BUILD:
		return pcsim_m10_cards[m10->type].build[m10->page];
	case M10_SPI_MAC_LOW:
	case M10_SPI_MAC_HIGH:
		return pcsim_m10_mac(card, reg == M10_SPI_MAC_HIGH);
	case M10_SPI_PKVL:
		return m10->type == PCIE_CARD_SIM_DFL_N3000 ? m10->pkvl : 0;
	case M10_SPI_DOORBELL:
		return pcsim_m10_spi_doorbell(card);
	case M10_SPI_AUTH_RESULT:
		return 0;
	default:
		return pcsim_m10_sensor(m10->type, reg);
	}
}

/*
 * Flash: three pages with a key each, of which the kernel shows the hash; it has
 * 256 bits here, the third is not programmed. And the count of updates.
 */
static u32 pcsim_m10_flash_read(unsigned int addr)
{
	static const u16 magics[] = { 0x5746, 0x5253 };
	unsigned int bit = (addr - M10_SPI_FLASH_COUNT) * 8;
	unsigned int key = (addr - M10_SPI_KEYS) / 0x1000;
	unsigned int off = addr % 0x1000;

	if (addr >= M10_SPI_FLASH_COUNT && addr < M10_SPI_KEYS) {
		if (bit + 32 <= PCSIM_M10_FLASH_COUNT)
			return 0;
		return bit >= PCSIM_M10_FLASH_COUNT ? PCSIM_M10_NONE :
		       PCSIM_M10_NONE << (PCSIM_M10_FLASH_COUNT - bit);
	}
	if (addr < M10_SPI_KEYS || addr >= M10_SPI_KEYS_END ||
	    key >= ARRAY_SIZE(magics))
		return PCSIM_M10_NONE;
	if (!off)
		return 256 << 16 | magics[key];
	if (off >= 4 && off < 4 + 256 / 8)
		return 0x01010101 * (off + key);

	return PCSIM_M10_NONE;
}

static u32 pcsim_m10_spi_read(struct pcsim_card *card, unsigned int reg)
{
	if (reg == M10_SPI_LEGACY_BUILD)
		return PCSIM_M10_NONE;
	if (reg >= M10_SPI_SYS && reg < M10_SPI_SYS_END)
		return pcsim_m10_sys_read(card, reg - M10_SPI_SYS);

	return pcsim_m10_flash_read(reg);
}

static void pcsim_m10_spi_ring(struct pcsim_card *card, u32 val)
{
	struct pcsim_m10bmc *m10 = card->m10;
	u8 page = FIELD_GET(M10_SPI_DRBL_CONFIG_SEL, val);
	u32 set = val & ~m10->doorbell;

	if (m10->type == PCIE_CARD_SIM_DFL_N3000)
		pcsim_m10_retimer(m10, val & M10_SPI_DRBL_LOAD_SEC);
	m10->doorbell = val & (M10_SPI_DRBL_CONFIG_SEL |
			       M10_SPI_DRBL_REBOOT_REQ);
	if (set & M10_SPI_DRBL_REBOOT_REQ)
		pcsim_m10_reboot(card, pcsim_m10_image(card, page), page);
	pcsim_m10_ring(m10, val);
}

static void pcsim_m10_spi_write(struct pcsim_card *card, unsigned int reg,
				u32 val)
{
	if (reg == M10_SPI_SYS + M10_SPI_DOORBELL)
		pcsim_m10_spi_ring(card, val);
	else if (reg >= M10_SPI_STAGING && reg < M10_SPI_STAGING_END)
		pcsim_m10_stage(card->m10, val);
}

/**
 * pcsim_m10_read() - read a register of the controller
 * @card: the card, which has one
 * @reg: the register, as the driver for the kind of card numbers it
 *
 * Return: the value.
 */
u32 pcsim_m10_read(struct pcsim_card *card, unsigned int reg)
{
	lockdep_assert_held(&card->port->sim->lock);

	pcsim_m10_run(card);
	if (card->m10->type == PCIE_CARD_SIM_DFL_N6000)
		return pcsim_m10_n6000_read(card, reg);

	return pcsim_m10_spi_read(card, reg);
}

/**
 * pcsim_m10_write() - write a register of the controller
 * @card: the card, which has one
 * @reg: the register, as the driver for the kind of card numbers it
 * @val: the value
 */
void pcsim_m10_write(struct pcsim_card *card, unsigned int reg, u32 val)
{
	lockdep_assert_held(&card->port->sim->lock);

	pcsim_m10_run(card);
	if (card->m10->type == PCIE_CARD_SIM_DFL_N6000)
		pcsim_m10_n6000_write(card, reg, val);
	else
		pcsim_m10_spi_write(card, reg, val);
}
