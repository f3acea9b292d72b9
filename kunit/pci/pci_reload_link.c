// SPDX-License-Identifier: GPL-2.0-only
/*
 * The link in an open window: how long it is waited for, from when the card's 100 ms
 * count, and what may be done to it.
 */

#include <linux/ktime.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/fixtures/load.h"
#include "kunit/suites.h"
#include "kunit/fixtures/window.h"

/* Time until the first request (PCIe r6.0, sec 6.6.1). */
#define LINK_SETTLE_MS		100

/* A training that lasts longer than that. */
#define LINK_TRAIN_MS		400

/**
 * struct link_speed - from when the 100 ms count
 * @mts: highest speed of the port, in MT/s
 * @from_up: from the link's coming up, else from the end of the reset
 */
struct link_speed {
	unsigned int mts;
	bool from_up;
};

static const struct link_speed link_speeds[] = {
	{ 2500, false }, { 5000, false }, { 8000, true }, { 16000, true },
};

static void link_speed_desc(const struct link_speed *speed, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u MT/s", speed->mts);
}

KUNIT_ARRAY_PARAM(link_speed, link_speeds, link_speed_desc);

static s64 link_settle_ms(struct kunit *test, struct pci_reload *pr)
{
	ktime_t start = ktime_get();

	KUNIT_EXPECT_EQ(test, 0, pci_reload_settle(pr, WINDOW_TIMEOUT_MS));
	return ktime_ms_delta(ktime_get(), start);
}

/* At up to 5 GT/s the training is part of the 100 ms, here longer than them. */
static void card_has_100_ms_counted_by_the_speed(struct kunit *test)
{
	const struct link_speed *speed = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	s64 ms;

	fixture_slow_but(test, &link_speeds[0]);
	fx->ports[0].max_speed = speed->mts;
	fx->ports[0].card.train_ms = LINK_TRAIN_MS;
	pr = window_boot(fx);
	window_down(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(pr, WINDOW_TIMEOUT_MS));
	ms = link_settle_ms(test, pr);
	if (speed->from_up)
		KUNIT_EXPECT_GE(test, ms, LINK_SETTLE_MS);
	else
		KUNIT_EXPECT_LT(test, ms, LINK_SETTLE_MS);
	KUNIT_EXPECT_GT(test, pci_reload_enumerate(pr), 0);
	window_end(test, pr);
}

/* And is not asked before, however quickly it trains. */
static void card_is_not_asked_within_100_ms(struct kunit *test)
{
	const struct link_speed *speed = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	ktime_t start;

	fx->ports[0].max_speed = speed->mts;
	pr = window_boot(fx);
	window_down(test, pr);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(pr, WINDOW_TIMEOUT_MS));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_settle(pr, WINDOW_TIMEOUT_MS));
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), start),
			LINK_SETTLE_MS);
	KUNIT_EXPECT_GT(test, pci_reload_enumerate(pr), 0);
	window_end(test, pr);
}

static const bool link_reporting[] = { false, true };

static void link_reporting_desc(const bool *reports, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s link active reporting",
		 *reports ? "with" : "without");
}

KUNIT_ARRAY_PARAM(link_reporting, link_reporting, link_reporting_desc);

/* No slot, so that nobody else looks after the link. */
static void link_boot(struct fixture *fx, const bool *reports)
{
	fx->ports[0].slot = false;
	fx->ports[0].hotplug = false;
	fixture_set_reporting(&fx->ports[0], *reports);
	fx->ports[0].surprise_down = *reports;
	fixture_start(fx);
}

static ktime_t link_first_read;

static void link_note_read(struct pci_bus *bus, unsigned int devfn, int where,
			   int size, u32 *val)
{
	if (!link_first_read)
		link_first_read = ktime_get();
}

/* Looking at the link is asking the card there. */
static void card_whose_link_nobody_reports_has_100_ms(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	ktime_t start;

	link_boot(fx, &link_reporting[0]);
	pr = window_alloc(fx, 0);
	window_down(test, pr);
	link_first_read = 0;
	cycle_hooks.read = link_note_read;
	cycle_hook_reads(fx, 0);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(pr, WINDOW_TIMEOUT_MS));
	cycle_hooks.read = NULL;
	KUNIT_EXPECT_GE(test, ktime_ms_delta(link_first_read, start),
			LINK_SETTLE_MS);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_settle(pr, WINDOW_TIMEOUT_MS));
	KUNIT_EXPECT_GT(test, pci_reload_enumerate(pr), 0);
	window_end(test, pr);
}

static void link_that_stays_down_is_waited_for_to_the_deadline(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .never_return = true };
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	ktime_t start;

	link_boot(fx, test->param_value);
	pr = window_alloc(fx, 0);
	fixture_set_faults(fx, &faults);
	window_down(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, pci_reload_wait_link(pr, 200));
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), start), 200);
	window_expect_reason(test, pr, "did not come up within 200 ms");
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_settle(pr, 1));

	faults.never_return = false;
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	window_up(test, pr);
	window_end(test, pr);
}

static void link_that_ignores_link_disable_is_an_error(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .ignore_disable = true };
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u32 *saved;

	link_boot(fx, test->param_value);
	saved = fixture_save_port(fx, 0);
	pr = window_alloc(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, pci_reload_link_disable(pr));
	window_expect_reason(test, pr, "stays up");
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_rest(pr));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

/**
 * struct link_disable - a link that goes down some time after it was disabled
 * @ms: how long that takes
 * @err: what comes of it
 */
struct link_disable {
	unsigned int ms;
	int err;
};

static const struct link_disable link_disables[] = {
	{ 0, 0 }, { 60, 0 }, { 600, -ETIMEDOUT },
};

static void link_disable_desc(const struct link_disable *disable, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u ms", disable->ms);
}

KUNIT_ARRAY_PARAM(link_disable, link_disables, link_disable_desc);

static void link_that_is_disabled_may_take_its_time(struct kunit *test)
{
	const struct link_disable *disable = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fx->ports[0].disable_ms = disable->ms;
	link_boot(fx, &link_reporting[1]);
	pr = window_alloc(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, disable->err, pci_reload_link_disable(pr));
	KUNIT_EXPECT_EQ(test, pcie_card_sim_link_up(fx->sim, 0),
			disable->err != 0);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_rest(pr));
	window_up(test, pr);
	window_end(test, pr);
}

static void drop_of_the_link_is_waited_for(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .trigger_delay_ms = 100 };
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fixture_slow_but(test, &link_reporting[1]);
	/* Longer than the loop that looks for it may sleep. */
	fx->images[1].reload_ms = 500;
	link_boot(fx, test->param_value);
	pr = window_alloc(fx, 0);
	fixture_set_faults(fx, &faults);
	window_empty(test, pr);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_drop(pr, WINDOW_TIMEOUT_MS));
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL,
					     0, &event));
	KUNIT_EXPECT_FALSE(test, pcie_card_sim_link_up(fx->sim, 0));
	window_up(test, pr);
	window_end(test, pr);
}

static void link_that_is_not_dropped_is_waited_for_to_the_deadline(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	ktime_t start;

	link_boot(fx, test->param_value);
	pr = window_alloc(fx, 0);
	window_empty(test, pr);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, pci_reload_wait_drop(pr, 100));
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), start), 100);
	window_expect_reason(test, pr, "stays up");
	window_expect_cancelled(test, pr, WINDOW_WHOLE_MS,
				pci_reload_wait_drop);
	window_up(test, pr);
	window_end(test, pr);
}

static void retry_helps_a_link_that_is_stuck(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = PCIE_CARD_SIM_CURE_RETRAIN,
	};
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u32 *saved;

	link_boot(fx, test->param_value);
	saved = fixture_save_port(fx, 0);
	pr = window_alloc(fx, 0);
	fixture_set_faults(fx, &faults);
	window_down(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, pci_reload_wait_link(pr, 200));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_link_retry(pr));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

static u16 link_control(struct fixture *fx)
{
	return fixture_exp(fixture_port(fx, 0), PCI_EXP_LNKCTL);
}

static void link_is_not_touched_with_functions_left(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	link_boot(fx, &link_reporting[1]);
	pr = window_alloc(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_link_retry(pr));
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_hot_reset(pr));
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_wait_drop(pr, 1));
	window_expect_reason(test, pr, "functions left");
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL,
					      0, &event));
	KUNIT_EXPECT_EQ(test, link_control(fx) & PCI_EXP_LNKCTL_LD, 0);
	window_end(test, pr);
}

static void hot_reset_is_refused_for_a_card_that_it_hurts(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;

	fixture_start(fx);
	pdev = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	/* As quirks of the kernel do for some devices. */
	pdev->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;
	pci_dev_put(pdev);

	pr = window_alloc(fx, 0);
	window_down(test, pr);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, pci_reload_hot_reset(pr));
	window_expect_reason(test, pr, "a quirk that forbids a hot reset");
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_RESET_BUS, NULL,
					      0, &event));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));

	/* The functions are others now, and have no such quirk. */
	window_down(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_hot_reset(pr));
	window_up(test, pr);
	window_end(test, pr);
}

static void hot_reset_that_does_nothing_is_noticed(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .ignore_reset = true };
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;
	u8 before, after;

	fixture_start(fx);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pci_read_config_byte(pdev, PCI_CACHE_LINE_SIZE, &before);
	fixture_set_faults(fx, &faults);
	pr = window_alloc(fx, 0);
	window_empty(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_hot_reset(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(pr, WINDOW_TIMEOUT_MS));
	KUNIT_EXPECT_EQ(test, -EIO, pci_reload_settle(pr, WINDOW_TIMEOUT_MS));
	window_expect_reason(test, pr, "was not reset");
	pci_read_config_byte(pdev, PCI_CACHE_LINE_SIZE, &after);
	KUNIT_EXPECT_EQ(test, before, after);
	pci_dev_put(pdev);

	/* Without another one the card is as good as before. */
	window_up(test, pr);
	window_end(test, pr);
}

/* Nothing below it could be reached, for good. */
static void port_that_forgets_its_registers_is_reminded(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .forget_port = true };
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u32 *saved;

	fx->ports[0].cmd_completed = true;
	fixture_start(fx);
	saved = fixture_save_port(fx, 0);
	fixture_set_faults(fx, &faults);
	pr = window_alloc(fx, 0);
	window_empty(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_hot_reset(pr));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

/* sysfs "reset", AER or VFIO do that, and look after the function alone. */
static void port_that_forgot_in_a_reset_by_others_is_reminded(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u32 *saved;

	fx->ports[0].hotplug = false;
	fixture_start(fx);
	saved = fixture_save_port(fx, 0);
	window_port_forgets(fx, 0);
	pr = window_alloc(fx, 0);
	window_empty(test, pr);
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	/* What it noted while nobody kept it quiet is no matter here. */
	fixture_expect_controls(fx, 0, saved);
	pci_reload_free(pr);
}

/* IDs that a card has while its configuration is not complete */
static const u32 link_transients[] = { 0x00000000, 0x0000ffff, 0xffff0000 };

static void link_transient_desc(const u32 *ids, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%08x", *ids);
}

KUNIT_ARRAY_PARAM(link_transient, link_transients, link_transient_desc);

static void card_is_waited_for_until_its_ids_are_complete(struct kunit *test)
{
	const u32 *ids = test->param_value;
	struct pcie_card_sim_faults faults = {
		.transient_ms = 400,
		.transient_vendor = *ids,
		.transient_device = *ids >> 16,
	};
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	pr = window_boot(fx);
	fixture_set_faults(fx, &faults);
	window_down(test, pr);
	window_up(test, pr);
	window_end(test, pr);
}

static struct kunit_case link_cases[] = {
	KUNIT_CASE_PARAM(card_has_100_ms_counted_by_the_speed,
			 link_speed_gen_params),
	KUNIT_CASE_PARAM(card_is_not_asked_within_100_ms, link_speed_gen_params),
	KUNIT_CASE(card_whose_link_nobody_reports_has_100_ms),
	KUNIT_CASE_PARAM(link_that_stays_down_is_waited_for_to_the_deadline,
			 link_reporting_gen_params),
	KUNIT_CASE_PARAM(link_that_ignores_link_disable_is_an_error,
			 link_reporting_gen_params),
	KUNIT_CASE_PARAM(link_that_is_disabled_may_take_its_time,
			 link_disable_gen_params),
	KUNIT_CASE_PARAM(drop_of_the_link_is_waited_for,
			 link_reporting_gen_params),
	KUNIT_CASE_PARAM(link_that_is_not_dropped_is_waited_for_to_the_deadline,
			 link_reporting_gen_params),
	KUNIT_CASE_PARAM(retry_helps_a_link_that_is_stuck,
			 link_reporting_gen_params),
	KUNIT_CASE(link_is_not_touched_with_functions_left),
	KUNIT_CASE(hot_reset_is_refused_for_a_card_that_it_hurts),
	KUNIT_CASE(hot_reset_that_does_nothing_is_noticed),
	KUNIT_CASE(port_that_forgets_its_registers_is_reminded),
	KUNIT_CASE(port_that_forgot_in_a_reset_by_others_is_reminded),
	KUNIT_CASE_PARAM(card_is_waited_for_until_its_ids_are_complete,
			 link_transient_gen_params),
	{}
};

struct kunit_suite pci_reload_link_suite = {
	.name = "pci_reload_link",
	.init = window_init,
	.exit = fixture_exit,
	.test_cases = link_cases,
};
