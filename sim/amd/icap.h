/* SPDX-License-Identifier: GPL-2.0-only */
/* AMD's configuration port as a function of a card has it: see icap.c. */
#ifndef _PCSIM_ICAP_H
#define _PCSIM_ICAP_H

#include <linux/types.h>

struct pcsim_card;
struct pcsim_pf;

/* What BAR 0 has at least */
#define PCSIM_ICAP_SIZE		0x200

/**
 * struct pcsim_icap - what a card's configuration port was told
 * @synced: the sync word was seen: words are packets
 * @reg: register that the next words are written to
 * @left: how many they are
 * @wbstar: Warm Boot Start Address register
 *
 * All under the host's lock.
 */
struct pcsim_icap {
	bool synced;
	u8 reg;
	unsigned int left;
	u32 wbstar;
};

void pcsim_icap_command(struct pcsim_pf *pf, u16 old);
bool pcsim_icap_poll(struct pcsim_card *card);
bool pcsim_icap_needed(const struct pcsim_card *card);

#endif /* _PCSIM_ICAP_H */
