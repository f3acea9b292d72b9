// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards that go on with their old image for a while after the trigger.
 */

#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define BEGIN_DELAY_MS	300

static void old_image_is_not_taken_for_the_new_one(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = BEGIN_DELAY_MS,
	};
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_expect_runs(fx, card, FIXTURE_USER);
	/* It did come up once more, or this shows nothing. */
	KUNIT_EXPECT_GT(test, load_added_meanwhile(fx), 0);
	fixture_expect_port(fx, 0, saved);
	fpga_card_put(card);
}

/**
 * struct begin_drop - when the old image goes, after it came up once more
 * @what: for people
 * @state: what the load is at
 * @plain: the port has no slot
 */
struct begin_drop {
	const char *what;
	const char *state;
	bool plain;
};

static const struct begin_drop begin_drops[] = {
	{ "settling", "settling", false },
	{ "enumerating", "enumerating", false },
	{ "verifying", "verifying", false },
	{ "settling, plain port", "settling", true },
	{ "enumerating, plain port", "enumerating", true },
	{ "verifying, plain port", "verifying", true },
};

static void begin_drop_desc(const struct begin_drop *drop, char *desc)
{
	strscpy(desc, drop->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(begin_drop, begin_drops, begin_drop_desc);

/* It begins to load when the delay is over, which is now. */
static void old_image_may_go_while_it_is_looked_at(struct kunit *test)
{
	const struct begin_drop *drop = test->param_value;
	static const struct pcie_card_sim_faults now;
	struct pcie_card_sim_faults later = {
		.trigger_delay_ms = 60 * 1000,
	};
	struct fixture *fx = test->priv;
	struct load_moment moment = {
		.fx = fx,
		.state = drop->state,
		.act = load_moment_faults,
		.data = &now,
	};
	struct fpga_card *card;

	fixture_slow_but(test, &begin_drops[1]);
	/* So long that nobody sees it come in time by chance. */
	fx->images[1].reload_ms = BEGIN_DELAY_MS;
	fx->ports[0].slot = !drop->plain;
	fx->ports[0].hotplug = !drop->plain;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &later);
	load_moment_start(&moment);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_moment_stop(&moment);
	KUNIT_EXPECT_GT(test, moment.seen, 1);
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

static void begin_drop_link(struct load_moment *moment)
{
	pcie_card_sim_drop_link(moment->fx->sim, 0);
}

/* It works in the end, but nobody would like to have it so in a server. */
static void link_that_goes_down_again_is_told(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_moment moment = {
		.fx = fx,
		.state = "verifying",
		.act = begin_drop_link,
	};
	ktime_t start = ktime_get();
	struct fpga_card *card;

	fx->images[1].hold_ms = 10;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	load_moment_start(&moment);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_moment_stop(&moment);
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start),
			FIXTURE_TIMEOUT_MS);
	KUNIT_EXPECT_EQ(test, moment.seen, 2);
	load_expect_error(test, card, "went down again");
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

static void old_image_is_not_seen_while_the_link_is_held(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = BEGIN_DELAY_MS,
	};
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fx->images[1].hold_ms = 2 * BEGIN_DELAY_MS;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_expect_runs(fx, card, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, 0, load_added_meanwhile(fx));
	fpga_card_put(card);
}

static void card_that_does_not_begin_is_given_up(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = 60 * 1000,
	};
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;
	u32 *saved;
	u8 line;

	fx->images[1].timeout_ms = 500;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "did not begin to load it within 500 ms");
	load_expect_error(test, card, "brought back by its link");
	load_expect_error(test, card, "runs \"factory\" again");
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	load_expect_state(test, card, FPGA_CARD_FAILED);
	fixture_expect_port(fx, 0, saved);
	/* The mark by which it would have been seen to begin is gone. */
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pci_read_config_byte(pdev, PCI_CACHE_LINE_SIZE, &line);
	KUNIT_EXPECT_EQ(test, line, 0);
	pci_dev_put(pdev);

	/* It has yet to do what it was told. */
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_WIDE));
	fpga_card_put(card);
}

static struct kunit_case begin_cases[] = {
	KUNIT_CASE(old_image_is_not_taken_for_the_new_one),
	KUNIT_CASE_PARAM(old_image_may_go_while_it_is_looked_at,
			 begin_drop_gen_params),
	KUNIT_CASE(link_that_goes_down_again_is_told),
	KUNIT_CASE(old_image_is_not_seen_while_the_link_is_held),
	KUNIT_CASE(card_that_does_not_begin_is_given_up),
	{}
};

struct kunit_suite fpga_card_begin_suite = {
	.name = "fpga_card_begin",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = begin_cases,
};
