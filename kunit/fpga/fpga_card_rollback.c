// SPDX-License-Identifier: GPL-2.0-only
/*
 * The image that ran before: it is loaded again after a load that failed, unless there is
 * a reason not to, and the user is told.
 */

#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

static unsigned int rollback_triggers(struct fixture *fx, const char *image)
{
	struct pcie_card_sim_match match = {
		.what = BIT(PCIE_CARD_SIM_TRIGGER),
		.port = -1,
		.name = image,
		.reg = -1,
		.devfn = -1,
	};

	return pcie_card_sim_log_count(fx->sim, &match);
}

static void image_before_a_wrong_one_is_loaded_again(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .wrong_image = FIXTURE_WIDE };
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	KUNIT_EXPECT_EQ(test, -EIO,
			load_with_faults(fx, card, &faults, "closing", NULL));
	load_expect_error(test, card, "runs \"wide\" instead of \"user\"");
	load_expect_error(test, card, LOAD_ROLLED_BACK);
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	load_expect_state(test, card, FPGA_CARD_FAILED);
	fixture_expect_port(fx, 0, saved);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_expect_no_error(test, card, "again");
	fpga_card_put(card);
}

static void image_that_runs_anyway_is_not_loaded_again(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .wrong_image = FIXTURE_FACTORY };
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(card, FIXTURE_USER));
	load_expect_no_error(test, card, "loaded again");
	KUNIT_EXPECT_EQ(test, 1, rollback_triggers(fx, NULL));
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	fpga_card_put(card);
}

static void image_after_a_power_cycle_is_left_if_it_ran_before(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .never_return = true };
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	fx->ports[0].power_control = true;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "by a power cycle");
	load_expect_error(test, card, "runs \"factory\" again");
	KUNIT_EXPECT_EQ(test, 1, rollback_triggers(fx, NULL));
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	fpga_card_put(card);
}

/* It came as a file, of which nothing is kept. */
static void image_that_is_not_in_flash_is_not_loaded_again(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .wrong_image = FIXTURE_WIDE };
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fx->images[0].file_only = true;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card,
			  "\"factory\", which ran before, is not in its flash");
	KUNIT_EXPECT_EQ(test, 1, rollback_triggers(fx, NULL));
	load_expect_runs(fx, card, FIXTURE_WIDE);
	fpga_card_put(card);
}

static void rollback_exchange(struct load_moment *moment)
{
	pcie_card_sim_replace(moment->fx->sim, 0, moment->data, 2);
}

static void image_of_one_card_is_not_loaded_into_another(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_moment moment = {
		.fx = fx,
		.state = "loading",
		.act = rollback_exchange,
		.data = FIXTURE_WIDE,
	};
	struct fpga_card *card;

	fx->ports[0].power_control = true;
	fx->ports[0].card.serial = 1;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	load_moment_start(&moment);
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(card, FIXTURE_USER));
	load_moment_stop(&moment);
	load_expect_error(test, card, "another card is in the slot now");
	KUNIT_EXPECT_EQ(test, 1, rollback_triggers(fx, NULL));
	load_expect_runs(fx, card, FIXTURE_WIDE);
	fpga_card_put(card);
}

/* Presence goes with the link, and each image has a serial number of its own. */
static void card_in_an_in_band_slot_is_not_taken_for_another(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .wrong_image = FIXTURE_WIDE };
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	unsigned int i;

	fx->ports[0].inband = PCIE_CARD_SIM_INBAND;
	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].own_serial = true;
		fx->images[i].serial = i + 1;
	}
	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, -EIO,
			load_with_faults(fx, card, &faults, "closing", NULL));
	load_expect_no_error(test, card, "another card");
	load_expect_error(test, card, LOAD_ROLLED_BACK);
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	fpga_card_put(card);
}

static void previous_image_that_does_not_load_is_told(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .wrong_image = FIXTURE_WIDE };
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "runs \"wide\" instead of \"user\"");
	load_expect_error(test, card,
			  "\"factory\", which ran before, could not be loaded again");
	/* Once is enough. */
	KUNIT_EXPECT_EQ(test, 1, rollback_triggers(fx, FIXTURE_FACTORY));
	load_expect_runs(fx, card, FIXTURE_WIDE);
	fixture_expect_port(fx, 0, saved);
	fpga_card_put(card);
}

/* Every load leaves the card stuck; each time a new training helps. */
static void previous_image_may_need_help_as_well(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = PCIE_CARD_SIM_CURE_RETRAIN,
	};
	struct fixture *fx = test->priv;
	struct load_hold hold;
	struct fpga_card *card;

	fixture_slow(test);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	load_hold_start(&hold, fx, &faults, true);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	load_hold_stop(&hold);
	load_expect_error(test, card, LOAD_ROLLED_BACK);
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	fpga_card_put(card);
}

/* Here, too, the user's deadline counts and not the image's. */
static void previous_image_has_the_time_that_the_user_gives(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .wrong_image = FIXTURE_WIDE };
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	fx->images[0].reload_ms = LOAD_SHORT_MS + 4000;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	mutex_lock(&card->lock);
	card->settings.timeout_ms = LOAD_SHORT_MS + 6000;
	mutex_unlock(&card->lock);
	KUNIT_EXPECT_EQ(test, -EIO,
			load_with_faults(fx, card, &faults, "closing", NULL));
	load_expect_error(test, card, LOAD_ROLLED_BACK);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_RESET_BUS), 0));
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	fpga_card_put(card);
}

static struct kunit_case rollback_cases[] = {
	KUNIT_CASE(image_before_a_wrong_one_is_loaded_again),
	KUNIT_CASE(image_that_runs_anyway_is_not_loaded_again),
	KUNIT_CASE(image_after_a_power_cycle_is_left_if_it_ran_before),
	KUNIT_CASE(image_that_is_not_in_flash_is_not_loaded_again),
	KUNIT_CASE(image_of_one_card_is_not_loaded_into_another),
	KUNIT_CASE(card_in_an_in_band_slot_is_not_taken_for_another),
	KUNIT_CASE(previous_image_that_does_not_load_is_told),
	KUNIT_CASE(previous_image_may_need_help_as_well),
	KUNIT_CASE(previous_image_has_the_time_that_the_user_gives),
	{}
};

struct kunit_suite fpga_card_rollback_suite = {
	.name = "fpga_card_rollback",
	.init = load_init_short,
	.exit = fixture_exit,
	.test_cases = rollback_cases,
};
