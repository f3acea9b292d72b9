// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which registers a function has: headers and capabilities, each bit read-only,
 * read-write, write-1-to-clear or sticky as PCIe r6.0, chapter 7 has it.
 */

#include <linux/bitfield.h>
#include <linux/log2.h>

#include "regs.h"

/* Uncorrectable errors that are implemented (PCIe r6.0, sec 7.8.4.2) */
#define PCSIM_UNCOR	(PCI_ERR_UNC_DLP | PCI_ERR_UNC_SURPDN |		\
			 PCI_ERR_UNC_POISON_TLP | PCI_ERR_UNC_FCP |	\
			 PCI_ERR_UNC_COMP_TIME | PCI_ERR_UNC_COMP_ABORT | \
			 PCI_ERR_UNC_UNX_COMP | PCI_ERR_UNC_RX_OVER |	\
			 PCI_ERR_UNC_MALF_TLP | PCI_ERR_UNC_ECRC |	\
			 PCI_ERR_UNC_UNSUP | PCI_ERR_UNC_INTN)
#define PCSIM_UNCOR_FATAL (PCI_ERR_UNC_DLP | PCI_ERR_UNC_SURPDN |	\
			   PCI_ERR_UNC_FCP | PCI_ERR_UNC_RX_OVER |	\
			   PCI_ERR_UNC_MALF_TLP | PCI_ERR_UNC_INTN)
#define PCSIM_COR	(PCI_ERR_COR_RCVR | PCI_ERR_COR_BAD_TLP |	\
			 PCI_ERR_COR_BAD_DLLP | PCI_ERR_COR_REP_ROLL |	\
			 PCI_ERR_COR_REP_TIMER | PCI_ERR_COR_ADV_NFAT |	\
			 PCI_ERR_COR_INTERNAL)

/*
 * Errors of requests that a root port makes (sec 7.9.14.6): Unsupported
 * Request, Completer Abort, Completion Timeout for configuration, I/O, memory
 */
#define PCSIM_RP_PIO	0x00070707

static void pcsim_put(u8 *map, unsigned int reg, unsigned int size, u32 val)
{
	while (size--) {
		map[reg++] = val;
		val >>= 8;
	}
}

void pcsim_lay16(struct pcsim_layout *lay, unsigned int reg, u16 reset, u16 rw)
{
	pcsim_put(lay->reset, reg, 2, reset);
	pcsim_put(lay->rw, reg, 2, rw);
}

void pcsim_lay32(struct pcsim_layout *lay, unsigned int reg, u32 reset, u32 rw)
{
	pcsim_put(lay->reset, reg, 4, reset);
	pcsim_put(lay->rw, reg, 4, rw);
}

void pcsim_lay_rw1c(struct pcsim_layout *lay, unsigned int reg, u32 bits)
{
	pcsim_put(lay->rw1c, reg, bits > 0xffff ? 4 : 2, bits);
}

void pcsim_lay_sticky(struct pcsim_layout *lay, unsigned int reg, u32 bits)
{
	pcsim_put(lay->sticky, reg, bits > 0xffff ? 4 : 2, bits);
}

/* Append a capability to the list below 0x100; returns its offset. */
unsigned int pcsim_lay_cap(struct pcsim_layout *lay, u8 id, unsigned int size)
{
	unsigned int pos = lay->legacy_end;

	lay->reset[lay->legacy_last] = pos;
	lay->reset[pos] = id;
	lay->legacy_last = pos + PCI_CAP_LIST_NEXT;
	lay->legacy_end = ALIGN(pos + size, 4);

	return pos;
}

static void pcsim_lay_next(struct pcsim_layout *lay, unsigned int pos,
			   unsigned int next)
{
	lay->reset[pos + 2] = (lay->reset[pos + 2] & 0xf) | (next & 0xf) << 4;
	lay->reset[pos + 3] = next >> 4;
}

/* Append an extended capability; returns its offset. */
unsigned int pcsim_lay_ext(struct pcsim_layout *lay, u16 id, u8 version,
			   unsigned int size)
{
	unsigned int pos = lay->ext_end;

	if (lay->ext_last)
		pcsim_lay_next(lay, lay->ext_last, pos);
	pcsim_put(lay->reset, pos, 4, id | version << 16);
	lay->ext_last = pos;
	lay->ext_end = ALIGN(pos + size, 4);

	return pos;
}

void pcsim_caps_init(struct pcsim_layout *lay)
{
	lay->legacy_last = PCI_CAPABILITY_LIST;
	lay->legacy_end = 0x40;
	lay->ext_end = PCI_CFG_SPACE_SIZE;
}

/* What both header types have (PCIe r6.0, sec 7.5.1.1) */
void pcsim_caps_ids(struct pcsim_layout *lay, u16 vendor, u16 device,
		    u32 class, u8 revision)
{
	pcsim_lay16(lay, PCI_VENDOR_ID, vendor, 0);
	pcsim_lay16(lay, PCI_DEVICE_ID, device, 0);
	pcsim_lay16(lay, PCI_COMMAND, 0,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
		    PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
		    PCI_COMMAND_INTX_DISABLE);
	pcsim_lay16(lay, PCI_STATUS, PCI_STATUS_CAP_LIST, 0);
	pcsim_lay_rw1c(lay, PCI_STATUS,
		       PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT |
		       PCI_STATUS_REC_TARGET_ABORT |
		       PCI_STATUS_REC_MASTER_ABORT |
		       PCI_STATUS_SIG_SYSTEM_ERROR |
		       PCI_STATUS_DETECTED_PARITY);
	pcsim_lay32(lay, PCI_CLASS_REVISION, class << 8 | revision, 0);
	lay->rw[PCI_CACHE_LINE_SIZE] = 0xff;
	lay->rw[PCI_INTERRUPT_LINE] = 0xff;
}

/*
 * Type 1 header (PCIe r6.0, sec 7.5.1.3): the windows are closed, as their reset
 * value is undefined. With @io there is one for I/O, with 16 bits, and the
 * upper halves of its registers are not implemented.
 */
void pcsim_caps_bridge(struct pcsim_layout *lay, bool io)
{
	lay->reset[PCI_HEADER_TYPE] = PCI_HEADER_TYPE_BRIDGE;
	pcsim_lay32(lay, PCI_PRIMARY_BUS, 0, 0x00ffffff);
	if (io) {
		pcsim_lay16(lay, PCI_IO_BASE, 0x00f0, 0xf0f0);
		lay->rw[PCI_COMMAND] |= PCI_COMMAND_IO;
	}
	pcsim_lay_rw1c(lay, PCI_SEC_STATUS,
		       PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT |
		       PCI_STATUS_REC_TARGET_ABORT |
		       PCI_STATUS_REC_MASTER_ABORT |
		       PCI_STATUS_SIG_SYSTEM_ERROR |
		       PCI_STATUS_DETECTED_PARITY);
	pcsim_lay32(lay, PCI_MEMORY_BASE, 0x0000fff0, 0xfff0fff0);
	pcsim_lay32(lay, PCI_PREF_MEMORY_BASE,
		    0x0000fff0 | PCI_PREF_RANGE_TYPE_64 |
		    PCI_PREF_RANGE_TYPE_64 << 16, 0xfff0fff0);
	pcsim_lay32(lay, PCI_PREF_BASE_UPPER32, 0xffffffff, 0xffffffff);
	pcsim_lay32(lay, PCI_PREF_LIMIT_UPPER32, 0, 0xffffffff);
	pcsim_lay16(lay, PCI_BRIDGE_CONTROL, 0,
		    PCI_BRIDGE_CTL_PARITY | PCI_BRIDGE_CTL_SERR |
		    PCI_BRIDGE_CTL_ISA | PCI_BRIDGE_CTL_BUS_RESET);
}

/* A base address register; returns the number of dwords that it takes. */
unsigned int pcsim_caps_bar(struct pcsim_layout *lay, unsigned int reg,
			    const struct pcie_card_sim_bar *bar)
{
	u64 mask;

	if (!bar->size)
		return 1;

	mask = ~(bar->size - 1);
	if (bar->io) {
		pcsim_lay32(lay, reg, PCI_BASE_ADDRESS_SPACE_IO, mask);
		lay->rw[PCI_COMMAND] |= PCI_COMMAND_IO;
		return 1;
	}

	pcsim_lay32(lay, reg,
		    (bar->is_64 ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0) |
		    (bar->prefetch ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0),
		    mask);
	if (!bar->is_64)
		return 1;

	pcsim_lay32(lay, reg + 4, 0, mask >> 32);
	return 2;
}

/* PCIe r6.0, sec 7.5.2; with @resets the way from D3hot to D0 is a reset */
void pcsim_caps_pm(struct pcsim_layout *lay, bool resets)
{
	lay->pm = pcsim_lay_cap(lay, PCI_CAP_ID_PM, PCI_PM_SIZEOF);
	pcsim_lay16(lay, lay->pm + PCI_PM_PMC, 3, 0);
	pcsim_lay16(lay, lay->pm + PCI_PM_CTRL,
		    resets ? 0 : PCI_PM_CTRL_NO_SOFT_RESET,
		    PCI_PM_CTRL_STATE_MASK);
}

unsigned int pcsim_speed_code(unsigned int mts)
{
	if (mts >= 16000)
		return PCI_EXP_LNKCAP_SLS_16_0GB;
	if (mts >= 8000)
		return PCI_EXP_LNKCAP_SLS_8_0GB;
	if (mts >= 5000)
		return PCI_EXP_LNKCAP_SLS_5_0GB;
	return PCI_EXP_LNKCAP_SLS_2_5GB;
}

/* Of a port or card, by its description, in which 0 is for all there is */
struct pcsim_rate pcsim_rate(unsigned int mts, unsigned int width)
{
	return (struct pcsim_rate) {
		.speed = pcsim_speed_code(mts ?: 16000),
		.width = width ?: PCSIM_WIDTH,
	};
}

/*
 * PCIe r6.0, sec 7.5.3: what endpoints and ports have in common. @speed is in
 * the encoding of Link Capabilities; 0 for a VF, whose registers for the link,
 * and most of those for the device, are reserved (sec 9.3.5).
 */
void pcsim_caps_pcie(struct pcsim_layout *lay, unsigned int type,
		     unsigned int speed)
{
	unsigned int pos;

	pos = pcsim_lay_cap(lay, PCI_CAP_ID_EXP, 0x3c);
	lay->pcie = pos;
	pcsim_lay16(lay, pos + PCI_EXP_FLAGS, 2 | type << 4, 0);
	pcsim_lay32(lay, pos + PCI_EXP_DEVCAP,
		    FIELD_PREP(PCI_EXP_DEVCAP_PAYLOAD, 2) |
		    PCI_EXP_DEVCAP_RBER, 0);
	pcsim_lay_rw1c(lay, pos + PCI_EXP_DEVSTA,
		       PCI_EXP_DEVSTA_CED | PCI_EXP_DEVSTA_NFED |
		       PCI_EXP_DEVSTA_FED | PCI_EXP_DEVSTA_URD);
	if (!speed)
		return;

	pcsim_lay16(lay, pos + PCI_EXP_DEVCTL,
		    PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN |
		    PCI_EXP_DEVCTL_READRQ_512B,
		    PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE |
		    PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE |
		    PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_PAYLOAD |
		    PCI_EXP_DEVCTL_EXT_TAG | PCI_EXP_DEVCTL_NOSNOOP_EN |
		    PCI_EXP_DEVCTL_READRQ);

	pcsim_lay32(lay, pos + PCI_EXP_LNKCAP,
		    speed | FIELD_PREP(PCI_EXP_LNKCAP_MLW, 8) |
		    PCI_EXP_LNKCAP_ASPM_L1, 0);
	pcsim_lay16(lay, pos + PCI_EXP_LNKCTL, 0,
		    PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_CCC |
		    PCI_EXP_LNKCTL_ES);
	pcsim_lay16(lay, pos + PCI_EXP_LNKSTA, PCI_EXP_LNKSTA_CLS_2_5GB, 0);
	pcsim_lay32(lay, pos + PCI_EXP_DEVCAP2,
		    PCI_EXP_DEVCAP2_COMP_TMOUT_DIS, 0);
	pcsim_lay16(lay, pos + PCI_EXP_DEVCTL2, 0,
		    PCI_EXP_DEVCTL2_COMP_TIMEOUT |
		    PCI_EXP_DEVCTL2_COMP_TMOUT_DIS);
	pcsim_lay32(lay, pos + PCI_EXP_LNKCAP2, ((1 << speed) - 1) << 1, 0);
	pcsim_lay16(lay, pos + PCI_EXP_LNKCTL2, speed,
		    PCI_EXP_LNKCTL2_TLS | PCI_EXP_LNKCTL2_ENTER_COMP |
		    PCI_EXP_LNKCTL2_HASD);
	pcsim_lay_sticky(lay, pos + PCI_EXP_LNKCTL2,
			 PCI_EXP_LNKCTL2_TLS | PCI_EXP_LNKCTL2_ENTER_COMP |
			 PCI_EXP_LNKCTL2_HASD);
}

/* Another speed and width, in Link Capabilities and where these show up again */
void pcsim_caps_link(struct pcsim_layout *lay, struct pcsim_rate rate)
{
	unsigned int pos = lay->pcie, at = pos + PCI_EXP_LNKCAP;
	u16 cap = lay->reset[at] | lay->reset[at + 1] << 8;

	cap &= ~(PCI_EXP_LNKCAP_SLS | PCI_EXP_LNKCAP_MLW);
	cap |= rate.speed | FIELD_PREP(PCI_EXP_LNKCAP_MLW, rate.width);
	pcsim_put(lay->reset, at, 2, cap);
	pcsim_put(lay->reset, pos + PCI_EXP_LNKCAP2, 4,
		  ((1 << rate.speed) - 1) << 1);
	pcsim_put(lay->reset, pos + PCI_EXP_LNKCTL2, 2, rate.speed);
}

/* PCIe r6.0, sec 7.7.1; without masking */
void pcsim_caps_msi(struct pcsim_layout *lay, unsigned int messages)
{
	unsigned int pos;

	pos = pcsim_lay_cap(lay, PCI_CAP_ID_MSI, PCI_MSI_DATA_64 + 2);
	lay->msi = pos;
	pcsim_lay16(lay, pos + PCI_MSI_FLAGS,
		    PCI_MSI_FLAGS_64BIT |
		    FIELD_PREP(PCI_MSI_FLAGS_QMASK, ilog2(messages)),
		    PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE);
	pcsim_lay32(lay, pos + PCI_MSI_ADDRESS_LO, 0, 0xfffffffc);
	pcsim_lay32(lay, pos + PCI_MSI_ADDRESS_HI, 0, 0xffffffff);
	pcsim_lay16(lay, pos + PCI_MSI_DATA_64, 0, 0xffff);
}

/* Advanced Capabilities for conventional PCI, ECN of 2006 */
void pcsim_caps_af(struct pcsim_layout *lay)
{
	lay->af = pcsim_lay_cap(lay, PCI_CAP_ID_AF, PCI_CAP_AF_SIZEOF);
	lay->reset[lay->af + PCI_AF_LENGTH] = PCI_CAP_AF_SIZEOF;
	lay->reset[lay->af + PCI_AF_CAP] = PCI_AF_CAP_TP | PCI_AF_CAP_FLR;
}

/* PCIe r6.0, sec 7.8.4 */
void pcsim_caps_aer(struct pcsim_layout *lay, bool root)
{
	unsigned int pos;

	pos = pcsim_lay_ext(lay, PCI_EXT_CAP_ID_ERR, 2, 0x48);
	lay->aer = pos;
	pcsim_lay_rw1c(lay, pos + PCI_ERR_UNCOR_STATUS, PCSIM_UNCOR);
	pcsim_lay_sticky(lay, pos + PCI_ERR_UNCOR_STATUS, PCSIM_UNCOR);
	pcsim_lay32(lay, pos + PCI_ERR_UNCOR_MASK, PCI_ERR_UNC_INTN,
		    PCSIM_UNCOR);
	pcsim_lay_sticky(lay, pos + PCI_ERR_UNCOR_MASK, PCSIM_UNCOR);
	pcsim_lay32(lay, pos + PCI_ERR_UNCOR_SEVER, PCSIM_UNCOR_FATAL,
		    PCSIM_UNCOR);
	pcsim_lay_sticky(lay, pos + PCI_ERR_UNCOR_SEVER, PCSIM_UNCOR);
	pcsim_lay_rw1c(lay, pos + PCI_ERR_COR_STATUS, PCSIM_COR);
	pcsim_lay_sticky(lay, pos + PCI_ERR_COR_STATUS, PCSIM_COR);
	pcsim_lay32(lay, pos + PCI_ERR_COR_MASK,
		    PCI_ERR_COR_ADV_NFAT | PCI_ERR_COR_INTERNAL, PCSIM_COR);
	pcsim_lay_sticky(lay, pos + PCI_ERR_COR_MASK, PCSIM_COR);
	pcsim_lay_sticky(lay, pos + PCI_ERR_CAP, PCI_ERR_CAP_FEP(~0));
	if (!root)
		return;

	pcsim_lay32(lay, pos + PCI_ERR_ROOT_COMMAND, 0,
		    PCI_ERR_ROOT_CMD_COR_EN | PCI_ERR_ROOT_CMD_NONFATAL_EN |
		    PCI_ERR_ROOT_CMD_FATAL_EN);
	pcsim_lay_rw1c(lay, pos + PCI_ERR_ROOT_STATUS, 0x7f);
	pcsim_lay_sticky(lay, pos + PCI_ERR_ROOT_STATUS, 0x7f);
	pcsim_lay_sticky(lay, pos + PCI_ERR_ROOT_ERR_SRC, 0xffffffff);
}

/* PCIe r6.0, sec 7.9.14.6 to 7.9.14.11: sticky all of them */
static void pcsim_caps_rp_pio(struct pcsim_layout *lay)
{
	unsigned int pos = lay->dpc, reg;

	lay->rp_pio = true;
	pcsim_lay_rw1c(lay, pos + PCI_EXP_DPC_RP_PIO_STATUS, PCSIM_RP_PIO);
	pcsim_lay_sticky(lay, pos + PCI_EXP_DPC_RP_PIO_STATUS, PCSIM_RP_PIO);
	for (reg = PCI_EXP_DPC_RP_PIO_MASK; reg <= PCI_EXP_DPC_RP_PIO_EXCEPTION;
	     reg += 4) {
		pcsim_lay32(lay, pos + reg,
			    reg == PCI_EXP_DPC_RP_PIO_MASK ? PCSIM_RP_PIO : 0,
			    PCSIM_RP_PIO);
		pcsim_lay_sticky(lay, pos + reg, PCSIM_RP_PIO);
	}
}

/* PCIe r6.0, sec 7.9.14; @rp_pio: with the extensions for root ports */
void pcsim_caps_dpc(struct pcsim_layout *lay, bool rp_pio)
{
	u16 cap = PCI_EXP_DPC_CAP_SW_TRIGGER | PCI_EXP_DPC_CAP_DL_ACTIVE;
	unsigned int pos;

	/* The log has the header, and it is the last of the registers. */
	if (rp_pio)
		cap |= PCI_EXP_DPC_CAP_RP_EXT |
		       FIELD_PREP(PCI_EXP_DPC_RP_PIO_LOG_SIZE, 4);
	pos = pcsim_lay_ext(lay, PCI_EXT_CAP_ID_DPC, 1,
			    rp_pio ? PCI_EXP_DPC_RP_PIO_IMPSPEC_LOG : 0xc);
	lay->dpc = pos;
	pcsim_lay16(lay, pos + PCI_EXP_DPC_CAP, cap, 0);
	pcsim_lay16(lay, pos + PCI_EXP_DPC_CTL, 0,
		    PCI_EXP_DPC_CTL_EN_FATAL | PCI_EXP_DPC_CTL_EN_NONFATAL |
		    PCI_EXP_DPC_CTL_INT_EN);
	pcsim_lay_rw1c(lay, pos + PCI_EXP_DPC_STATUS,
		       PCI_EXP_DPC_STATUS_TRIGGER |
		       PCI_EXP_DPC_STATUS_INTERRUPT);
	pcsim_lay_sticky(lay, pos + PCI_EXP_DPC_STATUS,
			 PCI_EXP_DPC_STATUS_TRIGGER |
			 PCI_EXP_DPC_STATUS_TRIGGER_RSN |
			 PCI_EXP_DPC_STATUS_TRIGGER_RSN_EXT |
			 PCI_EXP_DPC_STATUS_INTERRUPT |
			 (rp_pio ? PCI_EXP_DPC_RP_PIO_FEP : 0));
	pcsim_lay_sticky(lay, pos + PCI_EXP_DPC_SOURCE_ID, 0xffff);
	if (rp_pio)
		pcsim_caps_rp_pio(lay);
}

/*
 * A time as Readiness Time Reporting has it: 9 bits in one of six units, each 32 times the
 * one before, from 1 ns on (PCIe r6.0, sec 7.9.16.2)
 */
static u32 pcsim_readiness_time(unsigned int ms)
{
	u64 ns = (u64)ms * NSEC_PER_MSEC;
	unsigned int scale = 0;

	for (; ns > 0x1ff; scale++)
		ns = DIV_ROUND_UP_ULL(ns, 32);

	return scale << 9 | ns;
}

/* PCIe r6.0, sec 7.5.1.1.4 and 7.9.16; the other times are all they may be */
void pcsim_caps_readiness(struct pcsim_layout *lay,
			  const struct pcie_card_sim_function *cfg)
{
	u32 most = pcsim_readiness_time(PCIE_CARD_SIM_RTR_MAX_MS);
	unsigned int pos;

	if (cfg->immediate_readiness)
		lay->reset[PCI_STATUS] |= PCI_STATUS_IMM_READY;
	if (!cfg->rtr)
		return;

	pos = pcsim_lay_ext(lay, PCIE_CARD_SIM_RTR, 1, 0xc);
	pcsim_lay32(lay, pos + 4, most |
		    pcsim_readiness_time(cfg->rtr_dl_up_ms) << 12 |
		    (cfg->rtr == PCIE_CARD_SIM_RTR_VALID ? BIT(31) : 0), 0);
	pcsim_lay32(lay, pos + 8, most | most << 12, 0);
}

/* PCIe r6.0, sec 7.9.3; after all others, see pcsim_lay_serial() */
void pcsim_caps_serial(struct pcsim_layout *lay)
{
	lay->before_serial = lay->ext_last;
	lay->serial = pcsim_lay_ext(lay, PCI_EXT_CAP_ID_DSN, 1,
				    PCI_EXT_CAP_DSN_SIZEOF);
}

/* What the serial number is from the next power-on; 0 for no capability */
void pcsim_lay_serial(struct pcsim_layout *lay, u64 serial)
{
	unsigned int pos = lay->serial;

	pcsim_lay32(lay, pos, serial ? PCI_EXT_CAP_ID_DSN | 1 << 16 : 0, 0);
	pcsim_lay32(lay, pos + 4, serial, 0);
	pcsim_lay32(lay, pos + 8, serial >> 32, 0);
	pcsim_lay_next(lay, lay->before_serial, serial ? pos : 0);
}

/* Tells the functions of a simulated card from real ones, and counts. */
void pcsim_caps_marker(struct pcsim_layout *lay)
{
	const unsigned int len = PCIE_CARD_SIM_TRAFFIC + 4;

	lay->marker = pcsim_lay_ext(lay, PCI_EXT_CAP_ID_VNDR, 1, len);
	pcsim_lay32(lay, lay->marker + PCI_VNDR_HEADER,
		    PCIE_CARD_SIM_VSEC | 1 << 16 | len << 20, 0);
}

/* PCIe r6.0, sec 7.9.4 and 7.9.6: capabilities whose registers do nothing */
void pcsim_caps_scratch(struct pcsim_layout *lay, u16 vendor)
{
	const unsigned int len = 0x10;
	unsigned int pos, i;

	pos = pcsim_lay_cap(lay, PCI_CAP_ID_VNDR, len);
	lay->reset[pos + PCI_CAP_FLAGS] = len;
	for (i = 4; i < len; i += 4)
		pcsim_lay32(lay, pos + i, 0, ~0);

	pos = pcsim_lay_ext(lay, PCI_EXT_CAP_ID_DVSEC, 1, len);
	pcsim_lay32(lay, pos + PCI_DVSEC_HEADER1, vendor | 1 << 16 | len << 20, 0);
	pcsim_lay16(lay, pos + PCI_DVSEC_HEADER2, PCIE_CARD_SIM_DVSEC, 0);
	pcsim_lay32(lay, pos + 0xc, 0, ~0);
}
