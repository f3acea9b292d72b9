/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cards: their functions, images, switches and mailboxes.
 */
#ifndef _PCSIM_CARD_H
#define _PCSIM_CARD_H

#include <linux/ktime.h>

#include "amd/icap.h"
#include "port.h"

struct pcsim_m10bmc;

/* Start of every file that is staged: names an image of the card. */
#define PCSIM_STAGE_PREFIX	"image="

/**
 * struct pcsim_pf - a physical function of an image
 * @fn: its configuration space
 * @lay: its registers
 * @cfg: its description
 * @leg: number of the switch leg
 * @number: function number
 * @vf_ari: where the VFs begin if the hierarchy is ARI capable, counted in functions
 *	from the first of the bus; may be behind its last
 * @vf_plain: where, counted from the first of the next bus, if it is not
 * @vf_lay: registers of the VFs
 * @vfs: the VFs
 */
struct pcsim_pf {
	struct pcsim_fn fn;
	struct pcsim_layout lay;
	struct pcie_card_sim_function cfg;
	u8 leg;
	u8 number;
	u16 vf_ari;
	u16 vf_plain;
	struct pcsim_layout *vf_lay;
	struct pcsim_fn *vfs;
};

/**
 * struct pcsim_image - an image of a card
 * @cfg: its description (without functions)
 * @pfs: its functions, ordered by leg and function number
 * @n_pfs: number of elements of @pfs
 */
struct pcsim_image {
	struct pcie_card_sim_image cfg;
	struct pcsim_pf *pfs[PCIE_CARD_SIM_FUNCTIONS];
	unsigned int n_pfs;
};

/**
 * struct pcsim_switch - switch on a card
 * @up: its upstream port
 * @up_lay: registers of @up
 * @legs: its downstream ports, by device number
 * @n_legs: number of elements of @legs
 */
struct pcsim_switch {
	struct pcsim_fn up;
	struct pcsim_layout up_lay;
	struct pcsim_port *legs[PCIE_CARD_SIM_LEGS];
	unsigned int n_legs;
};

/**
 * struct pcsim_bmc - management controller of a card
 * @status: STATUS without what is computed when it is read
 * @select: image that the windows show; NULL for none
 * @staging: an image is being staged
 * @stage_size: size that was announced
 * @stage_got: number of bytes written
 * @stage_head: what the file starts with
 * @staged: image that was staged; NULL for none
 */
struct pcsim_bmc {
	u32 status;
	struct pcsim_image *select;
	bool staging;
	u32 stage_size;
	u32 stage_got;
	u8 stage_head[sizeof(PCSIM_STAGE_PREFIX) + PCIE_CARD_SIM_NAME_LEN];
	struct pcsim_image *staged;
};

/**
 * struct pcsim_card - a card, or the place for one
 * @port: the port
 * @images: its images
 * @n_images: number of elements of @images
 * @sw: the switch on the card; NULL for none
 * @bmc: the management controller
 * @m10: the one of Intel's cards; NULL for none
 * @icap: the configuration port of its FPGA
 * @faults: what the card does wrong
 * @present: the slot is populated
 * @ready: an image runs and is willing to train
 * @stuck: an image runs that is not willing to, until the cure
 * @cures: cures that have begun since then, bits 1 << &enum pcie_card_sim_cure
 * @running: the image that runs, or ran last
 * @running_staged: @running came through the mailbox
 * @boot: the image that runs after power-on
 * @on_reset: the image that the card loads at a reset of its link; NULL for none
 * @next: the image that is to run; set from the trigger to the end of the load
 * @next_staged: @next came through the mailbox
 * @dropped: the old image is gone, @next is being loaded
 * @self_reset: that is, or is to be, since the card resets itself
 * @lose_link: the link shall be lost once after it came up
 * @losing: @lose is to lose the link of this card
 * @up: when its link came up; 0 if it was when the host started
 * @asked: it got a configuration request since
 * @asked_early: and one that came too early
 * @ready_end: when the image is ready
 * @ready_last: from then on none of its functions can be asked too early
 * @ready_all: that time has passed
 * @rrs_end: when the functions stop to answer with Request Retry Status
 * @transient_end: when they get the IDs of the image
 * @reset_end: as @rrs_end, after a reset that left the link up
 * @load: drops the old image, and loads the new one
 * @lose: loses the link
 *
 * All under the host's lock.
 */
struct pcsim_card {
	struct pcsim_port *port;
	struct pcsim_image *images;
	unsigned int n_images;
	struct pcsim_switch *sw;
	struct pcsim_bmc bmc;
	struct pcsim_m10bmc *m10;
	struct pcsim_icap icap;
	struct pcie_card_sim_faults faults;

	bool present;
	bool ready;
	bool stuck;
	unsigned int cures;
	struct pcsim_image *running;
	bool running_staged;
	struct pcsim_image *boot;
	struct pcsim_image *on_reset;

	struct pcsim_image *next;
	bool next_staged;
	bool dropped;
	bool self_reset;
	bool lose_link;
	bool losing;
	ktime_t up;
	bool asked;
	bool asked_early;
	ktime_t ready_end;
	ktime_t ready_last;
	bool ready_all;
	ktime_t rrs_end;
	ktime_t transient_end;
	ktime_t reset_end;
	struct pcsim_delay load;
	struct pcsim_delay lose;
};

/* fn.c: behaviour of functions */
void pcsim_pf_reset(struct pcsim_pf *pf, bool cold);
void pcsim_fn_link(struct pcsim_fn *fn, u16 lnksta);
void pcsim_leg_up(struct pcsim_card *card, int leg, u16 lnksta);
void pcsim_leg_reset(struct pcsim_card *card, int leg, bool cold);
bool pcsim_card_retry(const struct pcsim_card *card);
bool pcsim_card_transient(const struct pcsim_card *card);
u32 pcsim_fn_read(struct pcsim_fn *fn, unsigned int reg, unsigned int size);
void pcsim_fn_write(struct pcsim_fn *fn, unsigned int reg, unsigned int size,
		    u32 val);
struct pcsim_fn *pcsim_image_find(struct pcsim_image *image, unsigned int leg,
				  unsigned int bus, unsigned int devfn,
				  unsigned int own_bus);

/* image.c: building the functions of an image */
int pcsim_image_init(struct pcsim_card *card, struct pcsim_image *image,
		     const struct pcie_card_sim_image *cfg);
void pcsim_image_serial(struct pcsim_image *image, u64 serial);
void pcsim_image_free(struct pcsim_image *image);

/* switch.c: switch on a card */
void pcsim_upstream_layout(struct pcsim_layout *lay, u16 device, bool io);
int pcsim_switch_init(struct pcsim_card *card, unsigned int n_legs,
		      const struct pcie_card_sim_card *cfg);
void pcsim_switch_stop(struct pcsim_switch *sw);
void pcsim_switch_free(struct pcsim_switch *sw);
void pcsim_switch_up(struct pcsim_switch *sw);
void pcsim_switch_reset(struct pcsim_switch *sw);
void pcsim_switch_write(struct pcsim_card *card, unsigned int reg,
			unsigned int size, u32 val);
struct pcsim_fn *pcsim_switch_route(struct pcsim_card *card, unsigned int bus,
				    unsigned int devfn,
				    struct pcsim_port **above);

/* card.c: cards, images, presence */
int pcsim_card_init(struct pcsim_port *port);
void pcsim_card_boot(struct pcsim_card *card);
void pcsim_card_stop(struct pcsim_card *card);
void pcsim_card_free(struct pcsim_card *card);
struct pcsim_image *pcsim_card_image(struct pcsim_card *card, const char *name);
int pcsim_card_load(struct pcsim_card *card, struct pcsim_image *image,
		    bool staged);
int pcsim_card_self_reset(struct pcsim_card *card, struct pcsim_image *image,
			  unsigned int ms);
int pcsim_card_load_after(struct pcsim_card *card, struct pcsim_image *image,
			  bool staged, unsigned int ms);
void pcsim_card_faults(struct pcsim_card *card,
		       const struct pcie_card_sim_faults *faults);
void pcsim_card_present(struct pcsim_card *card, bool present);
void pcsim_card_replace(struct pcsim_card *card, struct pcsim_image *image,
			u64 serial);
void pcsim_card_lose_link(struct pcsim_card *card);

/* deliver.c: requests that have got to a card */
struct pcsim_fn *pcsim_route_card(struct pcsim_port *port, unsigned int bus,
				  unsigned int devfn);

/* bmc.c: mailbox */
u32 pcsim_bmc_read(struct pcsim_fn *fn, unsigned int reg, unsigned int size);
bool pcsim_bmc_write(struct pcsim_fn *fn, unsigned int reg, unsigned int size,
		     u32 val);
void pcsim_bmc_power_on(struct pcsim_card *card);

#endif /* _PCSIM_CARD_H */
