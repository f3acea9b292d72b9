// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a card in a window is asked for the first time: not before it is ready, and not
 * after 100 ms if its port or the card says that it is ready sooner. One file, as all cases
 * look at the same first request.
 */

#include <linux/bits.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

/* Time that a card has which says nothing (PCIe r6.0, sec 6.6.1). */
#define READY_USUAL_US		(100 * USEC_PER_MSEC)

/* From the message, or the time that was said, to the request. */
#define READY_SOON_US		(20 * USEC_PER_MSEC)

/* When cards here are ready after their link came up. */
#define READY_MS		5

/**
 * struct ready - a card whose link comes up
 * @fx: the host
 * @pr: its window
 * @from: number of the first event since the window opened
 */
struct ready {
	struct fixture *fx;
	struct pci_reload *pr;
	u64 from;
};

static void ready_describe(struct fixture *fx, bool drs)
{
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].drs = drs;
		fx->images[i].drs_ms = READY_MS;
	}
	fx->ports[0].drs = true;
}

/* The link is down, and the card is not there. */
static struct ready ready_down(struct fixture *fx)
{
	struct ready ready = { .fx = fx };

	ready.pr = window_alloc(fx, 0);
	ready.from = pcie_card_sim_log_seq(fx->sim);
	window_down(fx->test, ready.pr);
	return ready;
}

static struct ready ready_boot(struct fixture *fx)
{
	fixture_start(fx);
	return ready_down(fx);
}

static u32 ready_value(struct ready *ready, enum pcie_card_sim_what what)
{
	struct pcie_card_sim_event event = {};

	KUNIT_EXPECT_TRUE_MSG(ready->fx->test,
			      fixture_find(ready->fx, what, NULL, ready->from, &event),
			      "no %s", pcie_card_sim_what_str(what));
	return event.value;
}

/* The card was asked in its time, by what the simulator has seen. */
static void ready_expect(struct ready *ready, enum pci_reload_ready by, u32 least_us,
			 u32 most_us)
{
	struct pci_reload_first_read first = {};
	struct kunit *test = ready->fx->test;
	u32 us = ready_value(ready, PCIE_CARD_SIM_FIRST_REQUEST);

	KUNIT_EXPECT_TRUE(test, pci_reload_get_first_read(ready->pr, &first));
	KUNIT_EXPECT_EQ(test, first.by, by);
	KUNIT_EXPECT_GE(test, us, least_us);
	KUNIT_EXPECT_LT(test, us, most_us);
	KUNIT_EXPECT_LE(test, first.us, us);
	KUNIT_EXPECT_FALSE(test, fixture_find(ready->fx, PCIE_CARD_SIM_EARLY_REQUEST,
					      NULL, ready->from, NULL));
}

static void ready_expect_usual(struct ready *ready)
{
	ready_expect(ready, PCI_RELOAD_READY_TIME, READY_USUAL_US,
		     READY_USUAL_US + READY_SOON_US);
}

static void ready_expect_drs(struct ready *ready)
{
	ready_expect(ready, PCI_RELOAD_READY_DRS, READY_MS * USEC_PER_MSEC,
		     READY_SOON_US);
}

static void ready_settle(struct ready *ready)
{
	struct kunit *test = ready->fx->test;

	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(ready->pr, WINDOW_TIMEOUT_MS));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_settle(ready->pr, WINDOW_TIMEOUT_MS));
}

static void ready_end(struct ready *ready)
{
	struct kunit *test = ready->fx->test;

	KUNIT_EXPECT_GT(test, pci_reload_enumerate(ready->pr), 0);
	window_end(test, ready->pr);
}

/* Ways to have the link come up anew */

static int ready_by_disable(struct pci_reload *pr)
{
	return 0;
}

/**
 * struct ready_way - a way to have a card come up
 * @name: for people
 * @take: what is done to the port in an empty window whose link is disabled
 */
struct ready_way {
	const char *name;
	int (*take)(struct pci_reload *pr);
};

static const struct ready_way ready_ways[] = {
	{ "Link Disable", ready_by_disable },
	{ "a new training", pci_reload_link_retry },
	{ "a hot reset", pci_reload_hot_reset },
	{ "a power cycle", pci_reload_power_cycle },
};

static void ready_way_desc(const struct ready_way *way, char *desc)
{
	strscpy(desc, way->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ready_way, ready_ways, ready_way_desc);

static void card_that_sends_its_message_is_asked_then(struct kunit *test)
{
	const struct ready_way *way = test->param_value;
	struct fixture *fx = test->priv;
	struct ready ready;

	ready_describe(fx, true);
	fx->ports[0].power_control = true;
	ready = ready_boot(fx);
	/* The image's own trainings are not those of the way. */
	ready.from = pcie_card_sim_log_seq(fx->sim);
	KUNIT_EXPECT_EQ(test, 0, way->take(ready.pr));
	ready_settle(&ready);
	ready_expect_drs(&ready);
	ready_end(&ready);
}

/* Without an own report of its link, the port tells by the same message that it is up. */
static void port_that_does_not_report_its_link_is_believed_too(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct ready ready;

	ready_describe(fx, true);
	fx->ports[0].slot = false;
	fx->ports[0].hotplug = false;
	fx->ports[0].surprise_down = false;
	fixture_set_reporting(&fx->ports[0], false);
	ready = ready_boot(fx);
	ready_settle(&ready);
	KUNIT_EXPECT_LT(test, ready_value(&ready, PCIE_CARD_SIM_FIRST_REQUEST),
			READY_SOON_US);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_EARLY_REQUEST, NULL,
					      ready.from, NULL));
	ready_end(&ready);
}

/* The message is as long in coming as the port is deaf to it: for ever. */
static void card_that_sends_none_has_its_usual_time(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct ready ready;

	ready_describe(fx, false);
	ready = ready_boot(fx);
	ready_settle(&ready);
	ready_expect_usual(&ready);
	ready_end(&ready);
}

static void port_that_knows_no_message_waits_as_ever(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct ready ready;

	ready_describe(fx, true);
	fx->ports[0].drs = false;
	ready = ready_boot(fx);
	ready_settle(&ready);
	ready_expect_usual(&ready);
	ready_end(&ready);
}

/* One that comes in the end is later than nobody's. */
static void late_message_is_not_waited_for(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct ready ready;

	ready_describe(fx, true);
	fx->images[0].drs_ms = 400;
	ready = ready_boot(fx);
	ready_settle(&ready);
	/* The card asks to be tried later until then. */
	ready_expect_usual(&ready);
	ready_end(&ready);
}

/* What the port has kept of the image before says nothing of this one. */
static void message_of_the_image_before_does_not_count(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .drs_kept = true };
	struct fixture *fx = test->priv;
	struct ready ready;

	ready_describe(fx, false);
	fx->images[0].drs = true;
	fixture_start(fx);
	fixture_set_faults(fx, &faults);
	ready = ready_down(fx);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	ready_settle(&ready);
	ready_expect_usual(&ready);
	ready_end(&ready);
}

/* Neither does one that nobody can get rid of. */
static void message_that_cannot_be_cleared_does_not_count(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .drs_stuck = true };
	struct fixture *fx = test->priv;
	struct ready ready;

	ready_describe(fx, true);
	fixture_start(fx);
	fixture_set_faults(fx, &faults);
	ready = ready_down(fx);
	ready_settle(&ready);
	ready_expect_usual(&ready);
	ready_end(&ready);
}

/* The link went down once more: what was heard before is not said of the new one. */
static void message_goes_with_the_link(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .drs_kept = true };
	struct fixture *fx = test->priv;
	struct ready ready;

	ready_describe(fx, true);
	/* Long enough for the training to be seen. */
	fx->ports[0].card.train_ms = 100;
	fixture_start(fx);
	fixture_set_faults(fx, &faults);
	ready = ready_down(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(ready.pr, WINDOW_TIMEOUT_MS));
	KUNIT_EXPECT_TRUE(test, fixture_wait(fixture_find(fx, PCIE_CARD_SIM_DRS, NULL,
							  ready.from, NULL),
					     FIXTURE_WAIT_MS));
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_drop_link(fx->sim, 0));
	ready.from = pcie_card_sim_log_seq(fx->sim);
	ready_settle(&ready);
	ready_expect_drs(&ready);
	ready_end(&ready);
}

/* Other links are behind the switch, and come up by themselves. */
static void message_of_a_switch_is_not_for_what_is_behind(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct ready ready;
	ktime_t start;

	ready_describe(fx, true);
	fx->ports[0].card.has_switch = true;
	ready = ready_boot(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(ready.pr, WINDOW_TIMEOUT_MS));
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, 0, pci_reload_settle(ready.pr, WINDOW_TIMEOUT_MS));
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), start), READY_USUAL_US);
	ready_expect_drs(&ready);
	ready_end(&ready);
}

/* What the port tells others of it is kept quiet, and put back. */
static void port_tells_nobody_of_the_message(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	struct pci_dev *port;
	struct ready ready;
	u16 ctl, sta;

	ready_describe(fx, true);
	fx->ports[0].msi = 1;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	pcie_capability_write_word(port, PCI_EXP_LNKSTA2, PCIE_CARD_SIM_LNKSTA2_DRS);
	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCIE_CARD_SIM_LNKCTL_DRS_IRQ);
	ready = ready_down(fx);
	ctl = fixture_exp(port, PCI_EXP_LNKCTL);
	KUNIT_EXPECT_EQ(test, ctl & PCIE_CARD_SIM_LNKCTL_DRS, 0);
	ready_settle(&ready);
	ready_expect_drs(&ready);
	ready_end(&ready);
	KUNIT_EXPECT_FALSE(test, fixture_find_bits(fx, PCIE_CARD_SIM_IRQ, BIT(9),
						   ready.from, &event));
	ctl = fixture_exp(port, PCI_EXP_LNKCTL);
	KUNIT_EXPECT_EQ(test, ctl & PCIE_CARD_SIM_LNKCTL_DRS,
			PCIE_CARD_SIM_LNKCTL_DRS_IRQ);
	sta = fixture_exp(port, PCI_EXP_LNKSTA2);
	KUNIT_EXPECT_EQ(test, sta & PCIE_CARD_SIM_LNKSTA2_DRS, 0);
}

/* What functions say of themselves */

/**
 * struct ready_said - what the functions of an image say
 * @name: for people
 * @immediate: those that have Immediate Readiness, as bits
 * @rtr: what function 0 has of Readiness Time Reporting, by &enum pcie_card_sim_rtr
 * @rtr_ms: DL_Up Time of function 0
 * @other: what function 1 has
 * @other_ms: DL_Up Time of function 1
 * @has_switch: they are behind a switch
 * @ms: what comes of that; negative for nothing
 */
struct ready_said {
	const char *name;
	unsigned int immediate;
	u8 rtr;
	unsigned int rtr_ms;
	u8 other;
	unsigned int other_ms;
	bool has_switch;
	int ms;
};

#define READY_VALID	PCIE_CARD_SIM_RTR_VALID

static const struct ready_said ready_saids[] = {
	{ .name = "nothing", .ms = -ENODATA },
	{ .name = "Immediate Readiness", .immediate = 3, .ms = 0 },
	{ .name = "Immediate Readiness of one", .immediate = 1, .ms = -ENODATA },
	{ .name = "the longest time", .rtr = READY_VALID, .rtr_ms = 3,
	  .other = READY_VALID, .other_ms = 16, .ms = 16 },
	{ .name = "one time, and Immediate Readiness", .immediate = 2,
	  .rtr = READY_VALID, .rtr_ms = 7, .ms = 7 },
	{ .name = "no time at all", .rtr = READY_VALID, .other = READY_VALID, .ms = 0 },
	{ .name = "one time, and nothing", .rtr = READY_VALID, .rtr_ms = 7,
	  .ms = -ENODATA },
	{ .name = "a time that is not valid", .immediate = 2,
	  .rtr = PCIE_CARD_SIM_RTR_NOT_YET, .rtr_ms = 7, .ms = -ENODATA },
	{ .name = "behind a switch", .immediate = 3, .has_switch = true,
	  .ms = -ENODATA },
};

static void ready_said_desc(const struct ready_said *said, char *desc)
{
	strscpy(desc, said->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ready_said, ready_saids, ready_said_desc);

static void ready_describe_said(struct fixture *fx, const struct ready_said *said)
{
	struct pcie_card_sim_function *fn = fx->images[0].fn;

	fn[0].immediate_readiness = said->immediate & BIT(0);
	fn[0].rtr = said->rtr;
	fn[0].rtr_dl_up_ms = said->rtr_ms;
	fn[1].immediate_readiness = said->immediate & BIT(1);
	fn[1].rtr = said->other;
	fn[1].rtr_dl_up_ms = said->other_ms;
	fx->ports[0].card.has_switch = said->has_switch;
}

/* The first time as any card, and the second time as it said in the first one. */
static void image_is_asked_when_its_owner_says(struct kunit *test)
{
	const struct ready_said *said = test->param_value;
	struct fixture *fx = test->priv;
	struct ready ready;
	u32 least_us;
	int ms;

	fixture_slow_but(test, &ready_saids[0]);
	ready_describe_said(fx, said);
	ready = ready_boot(fx);
	ready_settle(&ready);
	ready_expect_usual(&ready);
	KUNIT_EXPECT_GT(test, pci_reload_enumerate(ready.pr), 0);
	ms = pci_reload_read_ready_ms(ready.pr);
	KUNIT_EXPECT_GE(test, ms, said->ms);
	/* The register has another unit: rounded up to that, and to milliseconds. */
	KUNIT_EXPECT_LE(test, ms, said->ms + (said->ms > 0));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(ready.pr));

	ready.from = pcie_card_sim_log_seq(fx->sim);
	window_down(test, ready.pr);
	pci_reload_set_ready_ms(ready.pr, ms);
	ready_settle(&ready);
	least_us = max(said->ms, 0) * USEC_PER_MSEC;
	if (said->ms < 0)
		ready_expect_usual(&ready);
	else
		ready_expect(&ready, PCI_RELOAD_READY_SAID, least_us,
			     least_us + READY_SOON_US);
	ready_end(&ready);
}

/* DL_Up Time has a unit that is coarser the longer it is: never less than it was. */
static void long_time_is_not_made_shorter(struct kunit *test)
{
	static const struct ready_said said = {
		.immediate = 2, .rtr = READY_VALID, .rtr_ms = 999,
	};
	struct fixture *fx = test->priv;
	struct ready ready;
	int ms;

	ready_describe_said(fx, &said);
	ready = ready_boot(fx);
	ready_settle(&ready);
	KUNIT_EXPECT_GT(test, pci_reload_enumerate(ready.pr), 0);
	ms = pci_reload_read_ready_ms(ready.pr);
	KUNIT_EXPECT_GE(test, ms, 999);
	/* A unit of 33.6 ms (PCIe r6.0, sec 7.9.16.2) */
	KUNIT_EXPECT_LT(test, ms, 999 + 34);
	window_end(test, ready.pr);
}

static void what_the_owner_says_is_of_one_window(struct kunit *test)
{
	static const struct ready_said said = { .immediate = 3 };
	struct fixture *fx = test->priv;
	struct ready ready;

	ready_describe_said(fx, &said);
	ready = ready_boot(fx);
	pci_reload_set_ready_ms(ready.pr, 0);
	ready_settle(&ready);
	KUNIT_EXPECT_GT(test, pci_reload_enumerate(ready.pr), 0);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(ready.pr));

	ready.from = pcie_card_sim_log_seq(fx->sim);
	window_down(test, ready.pr);
	ready_settle(&ready);
	ready_expect_usual(&ready);
	ready_end(&ready);
}

/* One look, and then as if nobody had said anything; the deadline too is the usual one. */
static void card_that_does_not_keep_its_word_has_its_usual_time(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .rrs_ms = 300 };
	struct pci_reload_first_read first = {};
	struct fixture *fx = test->priv;
	struct ready ready;
	ktime_t start;

	fixture_start(fx);
	fixture_set_faults(fx, &faults);
	ready = ready_down(fx);
	pci_reload_set_ready_ms(ready.pr, 0);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(ready.pr, WINDOW_TIMEOUT_MS));
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, pci_reload_settle(ready.pr, 50));
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), start),
			READY_USUAL_US + 50 * USEC_PER_MSEC);
	window_expect_reason(test, ready.pr, "still asks to be tried later after 150 ms");
	KUNIT_EXPECT_TRUE(test, pci_reload_get_first_read(ready.pr, &first));
	KUNIT_EXPECT_EQ(test, first.by, PCI_RELOAD_READY_SAID);
	KUNIT_EXPECT_FALSE(test, first.answered);
	/* The simulator noticed, too. */
	KUNIT_EXPECT_GT(test, ready_value(&ready, PCIE_CARD_SIM_EARLY_REQUEST), 0);

	/* And it is not believed again in this window. */
	ready.from = pcie_card_sim_log_seq(fx->sim);
	faults.rrs_ms = 0;
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_link_retry(ready.pr));
	ready_settle(&ready);
	ready_expect_usual(&ready);
	ready_end(&ready);
}

/* Nobody can tell when it came up. */
static void word_of_the_owner_needs_a_port_that_reports_its_link(struct kunit *test)
{
	static const struct ready_said said = { .immediate = 3 };
	struct fixture *fx = test->priv;
	struct ready ready;
	ktime_t start;

	ready_describe_said(fx, &said);
	fx->ports[0].slot = false;
	fx->ports[0].hotplug = false;
	fx->ports[0].surprise_down = false;
	fixture_set_reporting(&fx->ports[0], false);
	ready = ready_boot(fx);
	pci_reload_set_ready_ms(ready.pr, 0);
	start = ktime_get();
	ready_settle(&ready);
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), start), READY_USUAL_US);
	ready_end(&ready);
}

static struct kunit_case ready_cases[] = {
	KUNIT_CASE_PARAM(card_that_sends_its_message_is_asked_then,
			 ready_way_gen_params),
	KUNIT_CASE(port_that_does_not_report_its_link_is_believed_too),
	KUNIT_CASE(card_that_sends_none_has_its_usual_time),
	KUNIT_CASE(port_that_knows_no_message_waits_as_ever),
	KUNIT_CASE(late_message_is_not_waited_for),
	KUNIT_CASE(message_of_the_image_before_does_not_count),
	KUNIT_CASE(message_that_cannot_be_cleared_does_not_count),
	KUNIT_CASE(message_goes_with_the_link),
	KUNIT_CASE(message_of_a_switch_is_not_for_what_is_behind),
	KUNIT_CASE(port_tells_nobody_of_the_message),
	KUNIT_CASE_PARAM(image_is_asked_when_its_owner_says, ready_said_gen_params),
	KUNIT_CASE(long_time_is_not_made_shorter),
	KUNIT_CASE(what_the_owner_says_is_of_one_window),
	KUNIT_CASE(card_that_does_not_keep_its_word_has_its_usual_time),
	KUNIT_CASE(word_of_the_owner_needs_a_port_that_reports_its_link),
	{}
};

struct kunit_suite pci_reload_ready_suite = {
	.name = "pci_reload_ready",
	.init = window_init,
	.exit = fixture_exit,
	.test_cases = ready_cases,
};
