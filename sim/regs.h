/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of the simulator: their configuration space.
 */
#ifndef _PCSIM_REGS_H
#define _PCSIM_REGS_H

#include <linux/ktime.h>
#include <linux/pci.h>
#include <linux/types.h>

#include "pcie-card-sim.h"

struct pcsim_pf;
struct pcsim_port;

#define PCSIM_CFG_SIZE		PCI_CFG_SPACE_EXP_SIZE

/* Lanes of a port or card that does not say how many it has */
#define PCSIM_WIDTH		8

/**
 * struct pcsim_rate - how fast a link is, or can be
 * @speed: in the encoding of Link Capabilities and Link Status
 * @width: number of lanes
 */
struct pcsim_rate {
	u8 speed;
	u8 width;
};

/**
 * struct pcsim_layout - what the registers of a function are like
 * @reset: values after a reset
 * @rw: bits that software can write
 * @rw1c: bits that software clears by writing a one
 * @sticky: bits that keep their value over a reset other than a power cycle
 * @legacy_end: end of the capabilities below 0x100
 * @legacy_last: offset of the "next" pointer to fill in
 * @ext_end: end of the extended capabilities
 * @ext_last: offset of the last extended capability; 0 if there is none
 * @pm: offset of the Power Management capability, 0 if absent
 * @pcie: offset of the PCI Express capability
 * @msi: offset of the MSI capability, 0 if absent
 * @af: offset of the Advanced Features capability, 0 if absent
 * @aer: offset of the AER capability, 0 if absent
 * @dpc: offset of the DPC capability, 0 if absent
 * @rp_pio: @dpc has the extensions for root ports
 * @sriov: offset of the SR-IOV capability, 0 if absent
 * @marker: offset of the capability that all functions of cards have
 * @serial: offset of the Device Serial Number capability, 0 if absent
 * @before_serial: offset of the extended capability before that
 * @bmc: offset of the mailbox, 0 if absent
 */
struct pcsim_layout {
	u8 reset[PCSIM_CFG_SIZE];
	u8 rw[PCSIM_CFG_SIZE];
	u8 rw1c[PCSIM_CFG_SIZE];
	u8 sticky[PCSIM_CFG_SIZE];
	u16 legacy_end;
	u16 legacy_last;
	u16 ext_end;
	u16 ext_last;
	u16 pm;
	u16 pcie;
	u16 msi;
	u16 af;
	u16 aer;
	u16 dpc;
	bool rp_pio;
	u16 sriov;
	u16 marker;
	u16 serial;
	u16 before_serial;
	u16 bmc;
};

enum pcsim_kind {
	PCSIM_PORT,
	PCSIM_UPSTREAM,
	PCSIM_HOST_UPSTREAM,
	PCSIM_PF,
	PCSIM_VF,
};

/**
 * struct pcsim_fn - a function: its configuration space
 * @kind: what it is part of
 * @lay: its registers
 * @port: the port that it is (PCSIM_PORT), or the one that it is below, which
 *	is never a leg
 * @pf: the physical function that it is (PCSIM_PF) or belongs to (PCSIM_VF)
 * @val: values of the registers
 * @mastering: is a bus master, since @mastering_since
 * @mastering_since: see @mastering
 * @mastered: time for which it was a bus master before, since its reset
 *
 * All after @pf are under the host's lock.
 */
struct pcsim_fn {
	enum pcsim_kind kind;
	const struct pcsim_layout *lay;
	struct pcsim_port *port;
	struct pcsim_pf *pf;
	u8 val[PCSIM_CFG_SIZE];
	bool mastering;
	ktime_t mastering_since;
	ktime_t mastered;
};

/* cfg.c: registers of a function */
u16 pcsim_get16(const struct pcsim_fn *fn, unsigned int reg);
u32 pcsim_get32(const struct pcsim_fn *fn, unsigned int reg);
void pcsim_set16(struct pcsim_fn *fn, unsigned int reg, u16 val);
void pcsim_set32(struct pcsim_fn *fn, unsigned int reg, u32 val);
void pcsim_update16(struct pcsim_fn *fn, unsigned int reg, u16 clear, u16 set);
u32 pcsim_cfg_read(const struct pcsim_fn *fn, unsigned int reg,
		   unsigned int size);
void pcsim_cfg_write(struct pcsim_fn *fn, unsigned int reg, unsigned int size,
		     u32 val);
u32 pcsim_written(unsigned int reg, unsigned int size, u32 val,
		  unsigned int at);
void pcsim_cfg_reset(struct pcsim_fn *fn, bool cold);

/* caps.c: building a layout */
void pcsim_lay16(struct pcsim_layout *lay, unsigned int reg, u16 reset, u16 rw);
void pcsim_lay32(struct pcsim_layout *lay, unsigned int reg, u32 reset, u32 rw);
void pcsim_lay_rw1c(struct pcsim_layout *lay, unsigned int reg, u32 bits);
void pcsim_lay_sticky(struct pcsim_layout *lay, unsigned int reg, u32 bits);
unsigned int pcsim_lay_cap(struct pcsim_layout *lay, u8 id, unsigned int size);
unsigned int pcsim_lay_ext(struct pcsim_layout *lay, u16 id, u8 version,
			   unsigned int size);
void pcsim_caps_init(struct pcsim_layout *lay);
void pcsim_caps_ids(struct pcsim_layout *lay, u16 vendor, u16 device,
		    u32 class, u8 revision);
void pcsim_caps_bridge(struct pcsim_layout *lay, bool io);
unsigned int pcsim_caps_bar(struct pcsim_layout *lay, unsigned int reg,
			    const struct pcie_card_sim_bar *bar);
void pcsim_caps_pm(struct pcsim_layout *lay, bool resets);
void pcsim_caps_pcie(struct pcsim_layout *lay, unsigned int type,
		     unsigned int speed);
void pcsim_caps_link(struct pcsim_layout *lay, struct pcsim_rate rate);
void pcsim_caps_msi(struct pcsim_layout *lay, unsigned int messages);
void pcsim_caps_af(struct pcsim_layout *lay);
void pcsim_caps_aer(struct pcsim_layout *lay, bool root);
void pcsim_caps_dpc(struct pcsim_layout *lay, bool rp_pio);
void pcsim_caps_readiness(struct pcsim_layout *lay,
			  const struct pcie_card_sim_function *cfg);
void pcsim_caps_serial(struct pcsim_layout *lay);
void pcsim_lay_serial(struct pcsim_layout *lay, u64 serial);
void pcsim_caps_marker(struct pcsim_layout *lay);
void pcsim_caps_scratch(struct pcsim_layout *lay, u16 vendor);
unsigned int pcsim_speed_code(unsigned int mts);
struct pcsim_rate pcsim_rate(unsigned int mts, unsigned int width);

#endif /* _PCSIM_REGS_H */
