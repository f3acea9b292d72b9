// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulator by itself: when a card is ready for requests, what its port and its
 * functions tell of that, and requests that come too early.
 */

#include <linux/bitfield.h>
#include <linux/delay.h>

#include "kunit/fixtures/fixture.h"
#include "kunit/suites.h"

#define SIM_READY_WAIT_MS	2000

/* Long enough for a look before a card is ready. */
#define SIM_READY_LATE_MS	200

/* Downstream Component Presence (PCIe r6.0, sec 7.5.3.20) */
#define SIM_READY_DOWN		2
#define SIM_READY_UP		4
#define SIM_READY_UP_DRS	5

/* No driver looks after the link, and nothing is below the port but what the case asks. */
static int sim_ready_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;

	if (ret)
		return ret;
	fixture_describe_undriven(fx);
	fx->ports[0].hotplug = false;
	fx->ports[0].dpc = false;
	fx->ports[0].drs = true;
	return 0;
}

static void sim_ready_expect(struct fixture *fx, bool received, unsigned int presence)
{
	u16 sta = fixture_exp(fixture_port(fx, 0), PCI_EXP_LNKSTA2);

	KUNIT_EXPECT_EQ(fx->test, !!(sta & PCIE_CARD_SIM_LNKSTA2_DRS), received);
	KUNIT_EXPECT_EQ(fx->test, FIELD_GET(PCIE_CARD_SIM_LNKSTA2_DCP, sta), presence);
}

/* Take the link down, and have it come up again. */
static void sim_ready_train(struct fixture *fx)
{
	struct pci_dev *port = fixture_port(fx, 0);

	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	KUNIT_EXPECT_TRUE(fx->test, fixture_wait_link(fx, 0, false, SIM_READY_WAIT_MS));
	pcie_card_sim_log_clear(fx->sim);
	sim_ready_expect(fx, false, SIM_READY_DOWN);
	pcie_capability_clear_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	KUNIT_EXPECT_TRUE(fx->test, fixture_wait_link(fx, 0, true, SIM_READY_WAIT_MS));
}

static u32 sim_ready_ask(struct fixture *fx, unsigned int fn)
{
	u32 id;

	pci_bus_read_config_dword(fixture_port(fx, 0)->subordinate, PCI_DEVFN(0, fn),
				  PCI_VENDOR_ID, &id);
	return id;
}

static bool sim_ready_early(struct fixture *fx)
{
	return fixture_find(fx, PCIE_CARD_SIM_EARLY_REQUEST, NULL, 0, NULL);
}

static void port_hears_of_a_card_that_is_ready(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *port;

	fx->images[0].drs = true;
	fx->images[0].drs_ms = SIM_READY_LATE_MS;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	sim_ready_expect(fx, true, SIM_READY_UP_DRS);

	sim_ready_train(fx);
	sim_ready_expect(fx, false, SIM_READY_UP);
	KUNIT_EXPECT_EQ(test, sim_ready_ask(fx, 0) & 0xffff, 0x0001);
	KUNIT_EXPECT_TRUE(test, sim_ready_early(fx));
	KUNIT_EXPECT_TRUE(test, fixture_wait(fixture_find(fx, PCIE_CARD_SIM_DRS, NULL, 0,
							  NULL),
					     SIM_READY_WAIT_MS));
	sim_ready_expect(fx, true, SIM_READY_UP_DRS);
	KUNIT_EXPECT_EQ(test, sim_ready_ask(fx, 0), 0x00011234);
	/* Software clears the one, and not the other. */
	pcie_capability_write_word(port, PCI_EXP_LNKSTA2, PCIE_CARD_SIM_LNKSTA2_DRS);
	sim_ready_expect(fx, false, SIM_READY_UP_DRS);
}

static void port_that_knows_nothing_hears_nothing(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fx->ports[0].drs = false;
	fx->images[0].drs = true;
	fixture_start(fx);
	sim_ready_expect(fx, false, 0);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_DRS, NULL, 0, NULL));
}

static void port_interrupts_if_it_is_told_to(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	struct pci_dev *port;

	fx->images[0].drs = true;
	fx->ports[0].msi = 1;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	sim_ready_train(fx);
	KUNIT_EXPECT_TRUE(test, fixture_wait(fixture_find(fx, PCIE_CARD_SIM_DRS, NULL, 0,
							  NULL),
					     SIM_READY_WAIT_MS));
	KUNIT_EXPECT_FALSE(test, fixture_find_bits(fx, PCIE_CARD_SIM_IRQ, BIT(9), 0,
						   &event));
	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCIE_CARD_SIM_LNKCTL_DRS_IRQ);
	sim_ready_train(fx);
	KUNIT_EXPECT_TRUE(test, fixture_wait(fixture_find_bits(fx, PCIE_CARD_SIM_IRQ,
							       BIT(9), 0, &event),
					     SIM_READY_WAIT_MS));
}

/**
 * struct sim_ready_ask - a request to a card right after its link came up
 * @what: who says what
 * @immediate: function 0 has Immediate Readiness
 * @rtr: it has Readiness Time Reporting
 * @rtr_ms: with that DL_Up Time
 * @drs: the card sends a message at once
 * @late: the request is made after the usual time
 * @early: it is too early
 * @retry: it is to be made again
 */
struct sim_ready_ask {
	const char *what;
	bool immediate;
	bool rtr;
	unsigned int rtr_ms;
	bool drs;
	bool late;
	bool early;
	bool retry;
};

static const struct sim_ready_ask sim_ready_asks[] = {
	{ .what = "nothing", .early = true },
	{ .what = "nothing, later", .late = true },
	{ .what = "Immediate Readiness", .immediate = true },
	{ .what = "a message", .drs = true },
	{ .what = "no time at all", .rtr = true },
	{ .what = "a long time", .rtr = true, .rtr_ms = 1000, .early = true,
	  .retry = true },
	{ .what = "a long time, and Immediate Readiness", .immediate = true, .rtr = true,
	  .rtr_ms = 1000 },
};

static void sim_ready_ask_desc(const struct sim_ready_ask *ask, char *desc)
{
	strscpy(desc, ask->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sim_ready_ask, sim_ready_asks, sim_ready_ask_desc);

static void request_is_too_early_or_not(struct kunit *test)
{
	const struct sim_ready_ask *ask = test->param_value;
	struct pcie_card_sim_event event = {};
	struct fixture *fx = test->priv;

	fx->images[0].drs = ask->drs;
	fx->images[0].fn[0].immediate_readiness = ask->immediate;
	fx->images[0].fn[0].rtr = ask->rtr;
	fx->images[0].fn[0].rtr_dl_up_ms = ask->rtr_ms;
	fixture_start(fx);
	sim_ready_train(fx);
	if (ask->late)
		msleep(SIM_READY_LATE_MS);
	KUNIT_EXPECT_EQ(test, (sim_ready_ask(fx, 0) & 0xffff) == 0x0001, ask->retry);
	KUNIT_EXPECT_EQ(test, sim_ready_early(fx), ask->early);
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_FIRST_REQUEST, NULL, 0,
					     &event));
	KUNIT_EXPECT_EQ(test, event.value >= SIM_READY_LATE_MS * USEC_PER_MSEC,
			ask->late);
	/* Function 1 has not said anything, in no case. */
	if (!ask->late && !ask->drs) {
		sim_ready_ask(fx, 1);
		KUNIT_EXPECT_TRUE(test, sim_ready_early(fx));
	}
}

static struct kunit_case sim_ready_cases[] = {
	KUNIT_CASE(port_hears_of_a_card_that_is_ready),
	KUNIT_CASE(port_that_knows_nothing_hears_nothing),
	KUNIT_CASE(port_interrupts_if_it_is_told_to),
	KUNIT_CASE_PARAM(request_is_too_early_or_not, sim_ready_ask_gen_params),
	{}
};

struct kunit_suite pcie_card_sim_ready_suite = {
	.name = "pcie_card_sim_ready",
	.init = sim_ready_init,
	.exit = fixture_exit,
	.test_cases = sim_ready_cases,
};
