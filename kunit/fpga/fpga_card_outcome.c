// SPDX-License-Identifier: GPL-2.0-only
/*
 * What programs are told of a request: one outcome, its errno, times, counters, history.
 */

#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define OUTCOME_DRAIN_MS	300

/* Longer than a case lasts. */
#define OUTCOME_DRAIN_LONG_MS	600000

static void outcome_last(struct kunit *test, struct fpga_card *card,
			 struct fpga_card_record *record)
{
	KUNIT_ASSERT_TRUE(test, fpga_card_history_get(card, 0, record));
}

static void outcome_expect_counters(struct kunit *test, struct fpga_card *card,
				    unsigned int loads, unsigned int failures,
				    unsigned int recoveries)
{
	KUNIT_EXPECT_EQ(test, READ_ONCE(card->history.loads), loads);
	KUNIT_EXPECT_EQ(test, READ_ONCE(card->history.failures), failures);
	KUNIT_EXPECT_EQ(test, READ_ONCE(card->history.recoveries), recoveries);
}

/**
 * struct outcome_way - a load, and how it ends
 * @what: for people
 * @name: the image
 * @faults: what the card does wrong
 * @cancel_in: state in which whoever asked goes away; NULL if he stays
 * @err: what he gets
 * @outcome: what programs are told
 * @touched: the load touched the card
 * @failures: it counts as a failure
 * @recoveries: how often the card is brought back in it
 * @present: there are functions afterwards
 */
struct outcome_way {
	const char *what;
	const char *name;
	struct pcie_card_sim_faults faults;
	const char *cancel_in;
	int err;
	enum fpga_card_outcome outcome;
	bool touched;
	unsigned int failures;
	unsigned int recoveries;
	bool present;
};

static const struct outcome_way outcome_ways[] = {
	{ "success", FIXTURE_USER, {}, NULL,
	  0, FPGA_CARD_SUCCESS, true, 0, 0, true },
	{ "degraded", FIXTURE_USER, { .degraded_speed = 2500, .degraded_width = 1 },
	  NULL, 0, FPGA_CARD_DEGRADED, true, 0, 0, true },
	{ "refused for its name", "../user", {}, NULL,
	  -EINVAL, FPGA_CARD_REFUSED, false, 0, 0, true },
	{ "refused for its image", "no-such-image", {}, NULL,
	  -ENOENT, FPGA_CARD_REFUSED, false, 0, 0, true },
	{ "refused by the card", FIXTURE_USER, { .busy = true }, NULL,
	  -EBUSY, FPGA_CARD_REFUSED, false, 0, 0, true },
	{ "cancelled before the window", FIXTURE_USER, {}, "opening",
	  -EINTR, FPGA_CARD_CANCELLED, false, 0, 0, true },
	{ "cancelled in the window", FIXTURE_USER, {}, "removing",
	  -EINTR, FPGA_CARD_CANCELLED, true, 0, 1, true },
	{ "rejected", FIXTURE_USER, { .reject_trigger = true }, NULL,
	  -EIO, FPGA_CARD_ROLLED_BACK, true, 1, 1, true },
	{ "another image", FIXTURE_USER, { .wrong_image = FIXTURE_WIDE }, NULL,
	  -EIO, FPGA_CARD_RECOVERED, true, 1, 0, true },
	{ "lost", FIXTURE_USER, { .bad_header = true }, NULL,
	  -ENODEV, FPGA_CARD_LOST, true, 1, 0, false },
};

static void outcome_way_desc(const struct outcome_way *way, char *desc)
{
	strscpy(desc, way->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(outcome_way, outcome_ways, outcome_way_desc);

static void outcome_cancel(struct load_moment *moment)
{
	struct fpga_card *card = (struct fpga_card *)moment->data;

	/* Whoever changes the state holds the lock. */
	WRITE_ONCE(card->serving.request->cancel, true);
}

static void each_end_has_its_outcome(struct kunit *test)
{
	const struct outcome_way *way = test->param_value;
	struct fpga_card_record *record;
	struct fixture *fx = test->priv;
	struct load_moment moment = {
		.fx = fx,
		.state = way->cancel_in,
		.act = outcome_cancel,
	};
	struct fpga_card *card;

	record = kunit_kzalloc(test, sizeof(*record), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, record);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_FALSE(test, fpga_card_history_get(card, 0, record));
	fixture_set_faults(fx, &way->faults);
	moment.data = card;
	if (way->cancel_in)
		load_moment_start(&moment);
	KUNIT_EXPECT_EQ(test, way->err, fpga_card_load(card, way->name));
	if (way->cancel_in)
		load_moment_stop(&moment);

	outcome_last(test, card, record);
	KUNIT_EXPECT_STREQ(test, fpga_card_outcome_name(record->outcome),
			   fpga_card_outcome_name(way->outcome));
	KUNIT_EXPECT_EQ(test, record->error, way->err);
	KUNIT_EXPECT_EQ(test, record->number, 1);
	KUNIT_EXPECT_STREQ(test, fpga_card_record_request(record), "load");
	outcome_expect_counters(test, card, way->touched, way->failures,
				way->recoveries);
	KUNIT_EXPECT_EQ(test, fpga_card_is_present(card), way->present);
	KUNIT_EXPECT_EQ(test, !!record->outage_us, way->touched);
	KUNIT_EXPECT_LE(test, record->outage_us, record->duration_us);
	fpga_card_put(card);
}

/* The name that was refused is not one that a line could have. */
static void what_a_request_was_about_is_told(struct kunit *test)
{
	struct fpga_card_record *record;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	record = kunit_kzalloc(test, sizeof(*record), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, record);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	outcome_last(test, card, record);
	KUNIT_EXPECT_STREQ(test, record->name, FIXTURE_USER);
	KUNIT_EXPECT_STREQ(test, record->previous, FIXTURE_FACTORY);
	KUNIT_EXPECT_GT(test, record->before.speed, 0);
	KUNIT_EXPECT_GT(test, record->after.width, 0);
	/* The card begins with the trigger. */
	KUNIT_EXPECT_GE(test, record->steps_us[FPGA_CARD_TRIGGERING] +
			record->steps_us[FPGA_CARD_LINK_DOWN] +
			record->steps_us[FPGA_CARD_REMOVING_RESERVED] +
			record->steps_us[FPGA_CARD_LOADING],
			(fx->images[1].reload_ms - 1) * USEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, record->steps_us[FPGA_CARD_IDLE], 0);
	KUNIT_EXPECT_GT(test, record->steps_us[FPGA_CARD_CLOSING], 0);

	KUNIT_EXPECT_EQ(test, -EINVAL, fpga_card_load(card, "two\nlines"));
	outcome_last(test, card, record);
	KUNIT_EXPECT_STREQ(test, record->name, "");

	KUNIT_EXPECT_EQ(test, 0, fpga_card_bring_back(card));
	outcome_last(test, card, record);
	KUNIT_EXPECT_STREQ(test, fpga_card_record_request(record), "recover");
	KUNIT_EXPECT_EQ(test, record->outcome, FPGA_CARD_RECOVERED);
	KUNIT_EXPECT_GT(test, record->outage_us, 0);
	outcome_expect_counters(test, card, 1, 0, 1);
	fpga_card_put(card);
}

/* The link has less after a load than before: both are told. */
static void link_before_and_after_is_told(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .degraded_speed = 2500 };
	struct fpga_card_record *record;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	record = kunit_kzalloc(test, sizeof(*record), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, record);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	outcome_last(test, card, record);
	KUNIT_EXPECT_EQ(test, record->outcome, FPGA_CARD_DEGRADED);
	KUNIT_EXPECT_GT(test, record->before.speed, record->after.speed);
	KUNIT_EXPECT_EQ(test, record->after.speed, PCI_EXP_LNKSTA_CLS_2_5GB);
	KUNIT_EXPECT_EQ(test, record->before.width, record->after.width);
	fpga_card_put(card);
}

static void last_requests_are_remembered(struct kunit *test)
{
	struct fpga_card_record *record;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	unsigned int i;

	record = kunit_kzalloc(test, sizeof(*record), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, record);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	for (i = 0; i < FPGA_CARD_HISTORY + 3; i++)
		KUNIT_EXPECT_EQ(test, -ENOENT, fpga_card_load(card, "no-such-image"));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	for (i = 0; i < FPGA_CARD_HISTORY; i++) {
		KUNIT_ASSERT_TRUE(test, fpga_card_history_get(card, i, record));
		KUNIT_EXPECT_EQ(test, record->number, FPGA_CARD_HISTORY + 4 - i);
		KUNIT_EXPECT_EQ(test, record->outcome,
				i ? FPGA_CARD_REFUSED : FPGA_CARD_SUCCESS);
	}
	KUNIT_EXPECT_FALSE(test, fpga_card_history_get(card, i, record));
	fpga_card_put(card);
}

static void outcome_set_drain(struct fpga_card *card, unsigned int ms)
{
	mutex_lock(&card->lock);
	card->settings.drain_ms = ms;
	mutex_unlock(&card->lock);
}

static void user_space_has_time_before_an_outage(struct kunit *test)
{
	struct fpga_card_record *record;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	record = kunit_kzalloc(test, sizeof(*record), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, record);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	outcome_set_drain(card, OUTCOME_DRAIN_MS);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	outcome_last(test, card, record);
	KUNIT_EXPECT_GE(test, record->steps_us[FPGA_CARD_DRAINING],
			(OUTCOME_DRAIN_MS - 10) * USEC_PER_MSEC);
	KUNIT_EXPECT_LE(test, record->outage_us + record->steps_us[FPGA_CARD_DRAINING],
			record->duration_us);
	fpga_card_put(card);
}

/* As a write to "drained" */
static void outcome_drained(struct fpga_card *card)
{
	mutex_lock(&card->lock);
	if (card->serving.request)
		WRITE_ONCE(card->serving.request->drained, true);
	mutex_unlock(&card->lock);
	wake_up_all(&card->wait);
}

static void outage_begins_when_user_space_has_let_go(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_run run;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	outcome_set_drain(card, OUTCOME_DRAIN_LONG_MS);
	load_run_start(&run, card, FIXTURE_USER);
	load_wait_state(test, card, FPGA_CARD_DRAINING, FIXTURE_WAIT_MS);
	KUNIT_EXPECT_TRUE(test, fixture_has_functions(fx, 0, FIXTURE_FACTORY));
	outcome_drained(card);
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&run));
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

/* Nothing is touched, and the drain does not go on for its full time. */
static void drain_is_cancelled(struct kunit *test)
{
	struct fpga_card_record *record;
	struct fixture *fx = test->priv;
	struct load_run run;
	struct fpga_card *card;

	record = kunit_kzalloc(test, sizeof(*record), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, record);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	outcome_set_drain(card, OUTCOME_DRAIN_LONG_MS);
	load_run_start(&run, card, FIXTURE_USER);
	load_wait_state(test, card, FPGA_CARD_DRAINING, FIXTURE_WAIT_MS);
	mutex_lock(&card->lock);
	WRITE_ONCE(card->serving.request->cancel, true);
	mutex_unlock(&card->lock);
	wake_up_all(&card->wait);
	KUNIT_EXPECT_EQ(test, -EINTR, load_run_end(&run));
	fixture_expect_untouched(fx);
	outcome_last(test, card, record);
	KUNIT_EXPECT_EQ(test, record->outcome, FPGA_CARD_CANCELLED);
	KUNIT_EXPECT_EQ(test, record->outage_us, 0);
	fpga_card_put(card);
}

/* Whoever removes a port holds the rescan lock, and does not wait for a drain. */
static void port_goes_while_user_space_lets_go(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_run run;
	struct pci_dev *port;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	outcome_set_drain(card, OUTCOME_DRAIN_LONG_MS);
	load_run_start(&run, card, FIXTURE_USER);
	load_wait_state(test, card, FPGA_CARD_DRAINING, FIXTURE_WAIT_MS);
	port = fixture_port(fx, 0);
	pci_stop_and_remove_bus_device_locked(port);
	KUNIT_EXPECT_EQ(test, -ENODEV, load_run_end(&run));
	KUNIT_EXPECT_FALSE(test, fpga_card_is_present(card));
	fpga_card_put(card);
}

static struct kunit_case outcome_cases[] = {
	KUNIT_CASE_PARAM(each_end_has_its_outcome, outcome_way_gen_params),
	KUNIT_CASE(what_a_request_was_about_is_told),
	KUNIT_CASE(link_before_and_after_is_told),
	KUNIT_CASE(last_requests_are_remembered),
	KUNIT_CASE(user_space_has_time_before_an_outage),
	KUNIT_CASE(outage_begins_when_user_space_has_let_go),
	KUNIT_CASE(drain_is_cancelled),
	KUNIT_CASE(port_goes_while_user_space_lets_go),
	{}
};

struct kunit_suite fpga_card_outcome_suite = {
	.name = "fpga_card_outcome",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = outcome_cases,
};
