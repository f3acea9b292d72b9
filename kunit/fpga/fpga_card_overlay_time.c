// SPDX-License-Identifier: GPL-2.0-only
/*
 * The times that an overlay gives the card: until its functions are removed, until
 * its link is up, until it answers.
 */

#include <linux/delay.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"
#include "kunit/fixtures/tree.h"

/* Far from each other, for machines that are slow. */
#define DEADLINES_SHORT_US	50000
#define DEADLINES_RRS_MS	900
#define DEADLINES_LONG_US	20000000
#define DEADLINES_SLOW_MS	400

static int deadlines_suite_init(struct kunit_suite *suite)
{
	int ret = cycle_suite_init(suite);

	if (ret)
		return ret;
	ret = tree_suite_init(suite);
	if (ret)
		cycle_suite_exit(suite);
	return ret;
}

static void deadlines_suite_exit(struct kunit_suite *suite)
{
	tree_suite_exit(suite);
	cycle_suite_exit(suite);
}

/* The second function of the first image has a driver that does what we want. */
static int deadlines_init(struct kunit *test)
{
	int ret = tree_init(test);

	if (ret)
		return ret;
	memset(&cycle_hooks, 0, sizeof(cycle_hooks));
	tree_of(test)->fx->images[0].fn[1].class = CYCLE_CLASS;
	return 0;
}

static int deadlines_begin(struct tree *tree,
			   const struct fpga_card_overlay_info *times)
{
	struct fpga_card_overlay_info info = *times;

	info.firmware_name = FIXTURE_USER;
	return fpga_card_overlay_begin(tree->np, "case", &info, &tree->ov,
				       tree->why, sizeof(tree->why));
}

static void deadlines_slow_remove(struct pci_dev *pdev)
{
	msleep(DEADLINES_SLOW_MS);
}

static void removal_that_takes_longer_than_freeze_ends_the_load(struct kunit *test)
{
	struct fpga_card_overlay_info times = { .freeze_us = DEADLINES_SHORT_US };
	struct tree *tree = tree_of(test);
	struct pcie_card_sim_event event;
	u32 *saved;

	tree_start(tree);
	saved = fixture_save_port(tree->fx, 0);
	pcie_card_sim_log_clear(tree->fx->sim);
	cycle_hooks.remove = deadlines_slow_remove;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, deadlines_begin(tree, &times));
	cycle_hooks.remove = NULL;
	tree_expect_why(tree, "were not removed within the 50000 us");
	KUNIT_EXPECT_FALSE(test, fixture_find(tree->fx, PCIE_CARD_SIM_TRIGGER,
					      NULL, 0, &event));
	KUNIT_EXPECT_NULL(test, tree->card->of.overlay);
	fixture_expect_image(tree->fx, 0, FIXTURE_FACTORY);
	fixture_expect_port(tree->fx, 0, saved);
}

static void removal_within_freeze_is_no_failure(struct kunit *test)
{
	struct fpga_card_overlay_info times = { .freeze_us = DEADLINES_LONG_US };
	struct tree *tree = tree_of(test);

	tree_start(tree);
	cycle_hooks.remove = deadlines_slow_remove;
	KUNIT_EXPECT_EQ_MSG(test, 0, deadlines_begin(tree, &times), "%s",
			    tree->why);
	cycle_hooks.remove = NULL;
	fixture_expect_image(tree->fx, 0, FIXTURE_USER);
}

/* Freeze is for the removal: a load may take longer than that. */
static void freeze_does_not_bound_the_load(struct kunit *test)
{
	struct fpga_card_overlay_info times = { .freeze_us = 1000000 };
	struct tree *tree = tree_of(test);

	fixture_slow(test);
	tree->fx->images[1].reload_ms = 1500;
	tree_start(tree);
	KUNIT_EXPECT_EQ_MSG(test, 0, deadlines_begin(tree, &times), "%s",
			    tree->why);
	fixture_expect_image(tree->fx, 0, FIXTURE_USER);
}

/* However late somebody looks. */
static const struct pcie_card_sim_faults deadlines_stuck = {
	.never_return = true,
	.cure = PCIE_CARD_SIM_CURE_RETRAIN,
};

/* The fixture's deadline for all images is 2000 ms. */
static void complete_is_the_deadline_of_the_load(struct kunit *test)
{
	struct fpga_card_overlay_info times = { .complete_us = DEADLINES_SHORT_US };
	struct tree *tree = tree_of(test);

	fixture_slow(test);
	tree_start(tree);
	fixture_set_faults(tree->fx, &deadlines_stuck);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, deadlines_begin(tree, &times));
	tree_expect_why(tree, "did not bring its link up within 50 ms");
	KUNIT_EXPECT_NULL(test, tree->card->of.overlay);
}

static void complete_may_be_longer_than_the_image_says(struct kunit *test)
{
	struct fpga_card_overlay_info times = { .complete_us = DEADLINES_LONG_US };
	struct tree *tree = tree_of(test);

	tree->fx->images[1].reload_ms = DEADLINES_SLOW_MS;
	tree->fx->images[1].timeout_ms = DEADLINES_SHORT_US / 1000;
	tree_start(tree);
	/* A deadline of the administrator's for the card counts less, too. */
	tree->card->settings.timeout_ms = 1;
	KUNIT_EXPECT_EQ_MSG(test, 0, deadlines_begin(tree, &times), "%s",
			    tree->why);
}

static void complete_is_rounded_up(struct kunit *test)
{
	struct fpga_card_overlay_info times = { .complete_us = 1 };
	struct tree *tree = tree_of(test);

	fixture_slow(test);
	tree_start(tree);
	fixture_set_faults(tree->fx, &deadlines_stuck);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, deadlines_begin(tree, &times));
	tree_expect_why(tree, "within 1 ms");
}

static void card_that_answers_later_than_unfreeze_fails(struct kunit *test)
{
	struct fpga_card_overlay_info times = { .unfreeze_us = DEADLINES_SHORT_US };
	struct pcie_card_sim_faults faults = { .rrs_ms = DEADLINES_RRS_MS };
	struct tree *tree = tree_of(test);

	fixture_slow(test);
	tree_start(tree);
	fixture_set_faults(tree->fx, &faults);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, deadlines_begin(tree, &times));
	tree_expect_why(tree, "still asks to be tried later after 150 ms");
	/* Without a bound of the overlay's it is what the specification says. */
	times.unfreeze_us = 0;
	KUNIT_EXPECT_EQ_MSG(test, 0, deadlines_begin(tree, &times), "%s",
			    tree->why);
}

static struct kunit_case deadlines_cases[] = {
	KUNIT_CASE(removal_that_takes_longer_than_freeze_ends_the_load),
	KUNIT_CASE(removal_within_freeze_is_no_failure),
	KUNIT_CASE(freeze_does_not_bound_the_load),
	KUNIT_CASE(complete_is_the_deadline_of_the_load),
	KUNIT_CASE(complete_may_be_longer_than_the_image_says),
	KUNIT_CASE(complete_is_rounded_up),
	KUNIT_CASE(card_that_answers_later_than_unfreeze_fails),
	{}
};

struct kunit_suite fpga_card_overlay_time_suite = {
	.name = "fpga_card_overlay_time",
	.suite_init = deadlines_suite_init,
	.suite_exit = deadlines_suite_exit,
	.init = deadlines_init,
	.exit = tree_exit,
	.test_cases = deadlines_cases,
};
