/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads that fail in a step: what is done to the card in which step, and what
 * has to be the case afterwards.
 */
#ifndef _FPGA_CARD_KUNIT_STEP_H
#define _FPGA_CARD_KUNIT_STEP_H

#include "fixture.h"
#include "fpga/request.h"

/* A port below a switch of the host, that switch, and the root port. */
#define STEP_PATH_MAX		3

/* Most loads at once. */
#define STEP_MAX		16

#define STEP_RELOAD_MS		10

/* Deadline of a load that is to miss it. */
#define STEP_TIMEOUT_MS		60

/* Longer than a case lasts. */
#define STEP_FOREVER_MS		600000

/* What the user is told of the image that the cards start with. */
#define STEP_ROLLED_BACK	"\"factory\", which ran before, was loaded again"

/**
 * struct step_port - a port, and what helps its card
 * @hotplug: has a hot-plug slot
 * @aer: has Advanced Error Reporting
 * @dpc: has Downstream Port Containment
 * @link_active_reporting: reports Data Link Layer Link Active
 * @sw: is below a switch of the host
 * @power_control: has a slot that can switch the card's power
 */
struct step_port {
	bool hotplug;
	bool aer;
	bool dpc;
	bool link_active_reporting;
	bool sw;
	bool power_control;
};

/**
 * struct step - a load that is to fail
 * @fx: the host
 * @number: number of the port there
 * @card: the card
 * @port: the port above
 * @saved: registers of @port, and of the bridges above, before the load
 * @load: the load
 * @state: state of the card before it
 * @from: number of the first event since then
 * @at: state of the card in which @act is called, once; NULL for none
 * @act: does something to the card in that state; may not sleep
 * @faults: for @act
 * @step: state that the load had come to when it failed
 * @over: it has failed
 */
struct step {
	struct fixture *fx;
	unsigned int number;
	struct fpga_card *card;
	struct pci_dev *port;
	u32 *saved[STEP_PATH_MAX];
	struct fixture_load load;
	enum fpga_card_state state;
	u64 from;
	const char *at;
	void (*act)(struct step *st);
	struct pcie_card_sim_faults faults;
	const char *step;
	bool over;
};

/* All that there can be: what is hot-plug capable reports an active link. */
#define STEP_PORTS		12

extern const struct step_port step_ports[STEP_PORTS];

int step_watch(void);
void step_unwatch(void);

void step_describe(struct fixture *fx, unsigned int number,
		   const struct step_port *port);
void step_port_desc(const struct step_port *port, char *desc);
struct step *step_add(struct fixture *fx, unsigned int number);
void step_forget(void);
void step_save(struct step *st);
void step_set_faults(struct step *st, const struct pcie_card_sim_faults *faults);
void step_mend_at(struct step *st, const char *state);
void step_start(struct step *st, const char *name);
void step_end(struct step *st, int err, const char *step, const char *part);
void step_fail(struct step *st, const char *name, int err, const char *step,
	       const char *part);
void step_expect_registers(struct step *st);
void step_expect_sentence(struct step *st, const char *part);
void step_expect_image(struct step *st, const char *name);
void step_try_again(struct step *st);
void step_expect_again(struct step *st);
void step_works_again(struct step *st);

#endif /* _FPGA_CARD_KUNIT_STEP_H */
