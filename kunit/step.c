// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads that fail in a step: what is done to the card in which step, and what
 * has to be the case afterwards.
 */

#include <linux/fpga/fpga-card.h>
#include <linux/tracepoint.h>

#include "fpga/trace.h"
#include "step.h"

const struct step_port step_ports[STEP_PORTS] = {
	{ 0, 0, 0, 0 }, { 0, 0, 0, 1 }, { 0, 0, 1, 0 }, { 0, 0, 1, 1 },
	{ 0, 1, 0, 0 }, { 0, 1, 0, 1 }, { 0, 1, 1, 0 }, { 0, 1, 1, 1 },
	{ 1, 0, 0, 1 }, { 1, 0, 1, 1 }, { 1, 1, 0, 1 }, { 1, 1, 1, 1 },
};

void step_port_desc(const struct step_port *port, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s%s%s%s%s%s",
		 port->hotplug ? "hot-plug" : "plain",
		 port->aer ? ", AER" : "", port->dpc ? ", DPC" : "",
		 port->link_active_reporting ? ", link active reporting" : "",
		 port->sw ? ", below a switch" : "",
		 port->power_control ? ", power control" : "");
}

void step_describe(struct fixture *fx, unsigned int number,
		   const struct step_port *desc)
{
	struct pcie_card_sim_port *port = &fx->ports[number];
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++)
		fx->images[i].reload_ms = STEP_RELOAD_MS;
	port->sw = desc->sw;
	port->slot = desc->hotplug || desc->power_control;
	port->hotplug = desc->hotplug;
	port->power_control = desc->power_control;
	port->aer = desc->aer;
	port->dpc = desc->dpc;
	fixture_set_reporting(port, desc->link_active_reporting);
	port->surprise_down = desc->link_active_reporting;
}

/* Those that are watched; only one case runs at a time. */
static struct step *step_now[STEP_MAX];

/**
 * struct step_kind - what is the case after a load that failed in a state
 * @name: name of the state
 * @touched: functions were removed, or brought back, so that the card has failed.
 *	Else nothing happened to it, and its state is the one from before
 */
struct step_kind {
	const char *name;
	bool touched;
};

/* All in which a load can fail, in the order in which it comes through them. */
static const struct step_kind step_kinds[] = {
	{ "preflight", false }, { "staging", false }, { "opening", false },
	{ "removing", true }, { "unbinding", true }, { "triggering", true },
	{ "link-down", true }, { "removing-reserved", true },
	{ "loading", true }, { "settling", true }, { "enumerating", true },
	{ "verifying", true }, { "closing", true },
};

static const struct step_kind *step_kind(struct kunit *test, const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(step_kinds); i++) {
		if (!strcmp(step_kinds[i].name, name))
			return &step_kinds[i];
	}
	KUNIT_FAIL(test, "a load cannot fail in \"%s\"", name);
	return NULL;
}

/* What a card does once a load has failed. */
static bool step_is_aftermath(const char *state)
{
	return !strcmp(state, "closing") || !strcmp(state, "recovering") ||
	       !strcmp(state, "failed") || !strcmp(state, "idle");
}

static void step_see(struct step *st, const char *state)
{
	if (step_is_aftermath(state))
		st->over = true;
	if (!st->over)
		st->step = state;
	if (!st->at || strcmp(st->at, state))
		return;
	st->at = NULL;
	st->act(st);
}

/* With the card's lock held, and preemption off. */
static void step_see_state(void *unused, int card, struct pci_dev *port,
			   const char *state)
{
	struct step *st;
	unsigned int i;

	for (i = 0; i < STEP_MAX; i++) {
		st = READ_ONCE(step_now[i]);
		if (st && st->port == port)
			step_see(st, state);
	}
}

/* For the beginning of a suite. */
int step_watch(void)
{
	return register_trace_fpga_card_state(step_see_state, NULL);
}

void step_unwatch(void)
{
	unregister_trace_fpga_card_state(step_see_state, NULL);
	tracepoint_synchronize_unregister();
}

/* Of the port, and of all bridges above. */
void step_save(struct step *st)
{
	struct pci_dev *bridge;
	unsigned int i = 0;

	for (bridge = st->port; bridge; bridge = pci_upstream_bridge(bridge)) {
		KUNIT_ASSERT_LT(st->fx->test, i, STEP_PATH_MAX);
		st->saved[i++] = fixture_save_config(st->fx, bridge);
	}
}

/* The card below a port of a host that was started; runs FIXTURE_FACTORY. */
struct step *step_add(struct fixture *fx, unsigned int number)
{
	struct step *st = kunit_kzalloc(fx->test, sizeof(*st), GFP_KERNEL);
	unsigned int i = 0;

	KUNIT_ASSERT_NOT_NULL(fx->test, st);
	while (i < STEP_MAX && step_now[i])
		i++;
	KUNIT_ASSERT_LT(fx->test, i, STEP_MAX);
	st->fx = fx;
	st->number = number;
	st->port = fixture_port(fx, number);
	step_save(st);
	st->card = fixture_card(fx, number);
	WRITE_ONCE(step_now[i], st);
	return st;
}

/* At the end of a case. */
void step_forget(void)
{
	unsigned int i;

	for (i = 0; i < STEP_MAX; i++) {
		if (step_now[i])
			fpga_card_put(step_now[i]->card);
		WRITE_ONCE(step_now[i], NULL);
	}
}

void step_set_faults(struct step *st, const struct pcie_card_sim_faults *faults)
{
	KUNIT_EXPECT_EQ(st->fx->test, 0,
			pcie_card_sim_set_faults(st->fx->sim, st->number,
						 faults));
}

static void step_act_faults(struct step *st)
{
	pcie_card_sim_set_faults(st->fx->sim, st->number, &st->faults);
}

/* When the load comes to @state the card's faults are over. */
void step_mend_at(struct step *st, const char *state)
{
	memset(&st->faults, 0, sizeof(st->faults));
	st->act = step_act_faults;
	st->at = state;
}

/* A link that is down has no speed, no width, and is not active. */
static u32 *step_less_link(struct step *st, const u32 *saved)
{
	unsigned int lnkctl = pci_pcie_cap(st->port) + PCI_EXP_LNKCTL;
	u32 *expected, now;

	expected = kunit_kmalloc(st->fx->test, 4 * FIXTURE_CONFIG_DWORDS,
				 GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(st->fx->test, expected);
	memcpy(expected, saved, 4 * FIXTURE_CONFIG_DWORDS);
	pci_read_config_dword(st->port, lnkctl, &now);
	expected[lnkctl / 4] &= 0xffff;
	expected[lnkctl / 4] |= now & 0xffff0000;
	return expected;
}

/* Those of the port, and of all bridges above, are as they were. */
void step_expect_registers(struct step *st)
{
	struct pci_dev *bridge = st->port;
	u32 *saved = st->saved[0];
	unsigned int i = 1;

	if (!pcie_card_sim_link_up(st->fx->sim, st->number))
		saved = step_less_link(st, saved);
	fixture_expect_port(st->fx, st->number, saved);
	while ((bridge = pci_upstream_bridge(bridge)))
		fixture_expect_config(st->fx, bridge, st->saved[i++]);
}

void step_expect_sentence(struct step *st, const char *part)
{
	KUNIT_EXPECT_TRUE_MSG(st->fx->test, strstr(st->card->last_error, part),
			      "no \"%s\" in last_error \"%s\"", part,
			      st->card->last_error);
}

void step_expect_image(struct step *st, const char *name)
{
	fixture_expect_image(st->fx, st->number, name);
}

/* Begin a load that is to fail; it runs by itself. */
void step_start(struct step *st, const char *name)
{
	st->step = "";
	st->over = false;
	st->from = pcie_card_sim_log_seq(st->fx->sim);
	st->state = st->card->state;
	fixture_load_start(&st->load, st->card, name);
}

/* Whether something has happened to the card since the load began. */
static bool step_touched(struct step *st)
{
	struct pcie_card_sim_match match = {
		.from_seq = st->from,
		.what = BIT(PCIE_CARD_SIM_DEV_ADD) |
			BIT(PCIE_CARD_SIM_DEV_DEL) |
			BIT(PCIE_CARD_SIM_DEV_UNBIND) |
			BIT(PCIE_CARD_SIM_LINK_DOWN) |
			BIT(PCIE_CARD_SIM_TRIGGER),
		.port = st->number,
		.reg = -1,
		.devfn = -1,
	};

	return pcie_card_sim_log_count(st->fx->sim, &match);
}

/*
 * It fails with @err in @step and not before; the user is told @part. What
 * touched nothing leaves the state as it was.
 */
void step_end(struct step *st, int err, const char *step, const char *part)
{
	struct kunit *test = st->fx->test;
	const struct step_kind *kind = step_kind(test, step);

	KUNIT_EXPECT_EQ(test, err, fixture_load_end(&st->load));
	KUNIT_EXPECT_STREQ(test, st->step, step);
	KUNIT_EXPECT_NULL_MSG(test, st->at, "the card never was %s", st->at);
	step_expect_sentence(st, part);
	if (kind) {
		KUNIT_EXPECT_EQ(test, st->card->state,
				kind->touched ? FPGA_CARD_FAILED : st->state);
		KUNIT_EXPECT_EQ(test, step_touched(st), kind->touched);
	}
	step_expect_registers(st);
}

void step_fail(struct step *st, const char *name, int err, const char *step,
	       const char *part)
{
	step_start(st, name);
	step_end(st, err, step, part);
}

/* With nothing wrong any more the next load works; this begins it. */
void step_try_again(struct step *st)
{
	static const struct pcie_card_sim_faults none;

	step_set_faults(st, &none);
	st->card->timeout_ms = STEP_FOREVER_MS;
	fixture_load_start(&st->load, st->card, FIXTURE_USER);
}

void step_expect_again(struct step *st)
{
	struct kunit *test = st->fx->test;

	KUNIT_EXPECT_EQ(test, 0, fixture_load_end(&st->load));
	KUNIT_EXPECT_STREQ(test, st->card->last_error, "");
	KUNIT_EXPECT_EQ(test, st->card->state, FPGA_CARD_IDLE);
	step_expect_image(st, FIXTURE_USER);
	step_expect_registers(st);
}

void step_works_again(struct step *st)
{
	step_try_again(st);
	step_expect_again(st);
}
