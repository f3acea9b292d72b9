// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards that reset themselves while an overlay describes their image.
 */

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"
#include "kunit/fixtures/tree.h"

#define OVERLAID_DEADLINE_MS	3000

/* For all that a reset takes, with the means to have the card back. */
#define OVERLAID_WAIT_MS	20000

static int overlaid_begin(struct tree *tree)
{
	void *priv;

	mutex_lock(&tree->card->back_end.lock);
	priv = tree->card->back_end.info.priv;
	mutex_unlock(&tree->card->back_end.lock);
	return fpga_card_reset_begin(tree->card, priv, OVERLAID_DEADLINE_MS);
}

static void overlaid_reset(struct tree *tree, const char *image)
{
	struct kunit *test = tree->fx->test;

	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_self_reset(tree->fx->sim, 0, 0, image));
	KUNIT_EXPECT_TRUE(test,
			  fixture_wait(!READ_ONCE(tree->card->serving.request),
				       OVERLAID_WAIT_MS));
	load_expect_state(test, tree->card, FPGA_CARD_IDLE);
}

static void devices_go_before_a_reset_and_come_back_after_it(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	KUNIT_ASSERT_EQ(test, 0, overlaid_begin(tree));
	tree_expect_children(tree, 0);
	overlaid_reset(tree, NULL);
	tree_expect_children(tree, TREE_CHILDREN);
	tree_leave(tree);
}

/* It was not refused, as nobody could know. */
static void devices_stay_away_from_what_comes_instead(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	KUNIT_ASSERT_EQ(test, 0, overlaid_begin(tree));
	overlaid_reset(tree, FIXTURE_WIDE);
	fixture_expect_image(tree->fx, 0, FIXTURE_WIDE);
	tree_expect_children(tree, 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_USER));
	tree_expect_children(tree, TREE_CHILDREN);
	tree_leave(tree);
}

static void devices_are_there_again_after_a_refusal(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			fpga_card_reset_begin(tree->card, test,
					      OVERLAID_DEADLINE_MS));
	tree_expect_children(tree, TREE_CHILDREN);
	tree_leave(tree);
}

static void overlay_is_not_removed_while_a_reset_is_announced(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	KUNIT_ASSERT_EQ(test, 0, overlaid_begin(tree));
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_overlay_removing(tree->ov));
	KUNIT_EXPECT_EQ(test, -EBUSY, tree_remove(tree));
	overlaid_reset(tree, NULL);
	tree_expect_children(tree, TREE_CHILDREN);
	tree_leave(tree);
}

static void overlay_that_is_being_removed_refuses_a_reset(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_overlay_removing(tree->ov));
	KUNIT_EXPECT_EQ(test, -EBUSY, overlaid_begin(tree));
	tree_leave(tree);
}

static struct kunit_case overlaid_cases[] = {
	KUNIT_CASE(devices_go_before_a_reset_and_come_back_after_it),
	KUNIT_CASE(devices_stay_away_from_what_comes_instead),
	KUNIT_CASE(devices_are_there_again_after_a_refusal),
	KUNIT_CASE(overlay_is_not_removed_while_a_reset_is_announced),
	KUNIT_CASE(overlay_that_is_being_removed_refuses_a_reset),
	{}
};

struct kunit_suite fpga_card_announce_overlay_suite = {
	.name = "fpga_card_announce_overlay",
	.suite_init = tree_suite_init,
	.suite_exit = tree_suite_exit,
	.init = tree_init,
	.exit = tree_exit,
	.test_cases = overlaid_cases,
};
