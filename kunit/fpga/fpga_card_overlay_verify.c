// SPDX-License-Identifier: GPL-2.0-only
/*
 * Overlays that come into the device tree, or leave it, without anybody having told
 * in advance.
 */

#include "kunit/suites.h"
#include "kunit/fixtures/tree.h"

static void overlay_of_another_loader_needs_its_image_running(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	KUNIT_EXPECT_EQ(test, -EPERM, tree_apply(tree, FIXTURE_USER));
	tree_expect_untouched(tree);
	KUNIT_EXPECT_EQ(test, 0, tree_remove(tree));
	KUNIT_EXPECT_NULL(test, tree->card->of.overlay);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, tree_apply(tree, FIXTURE_USER));
	tree_wait_children(tree, TREE_CHILDREN);
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(tree->card, FIXTURE_WIDE));
	KUNIT_EXPECT_EQ(test, -EBUSY, tree_begin(tree, FIXTURE_USER));
	tree_expect_why(tree, "(of another loader)");
	tree_watch(tree);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_USER));
	tree_unwatch(tree);

	KUNIT_EXPECT_EQ(test, 0, tree_remove(tree));
	tree_expect_children(tree, 0);
	KUNIT_EXPECT_NULL(test, tree->card->of.overlay);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_WIDE));
}

static void overlay_of_another_loader_may_outlive_the_port(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	KUNIT_EXPECT_EQ(test, 0, tree_apply(tree, FIXTURE_FACTORY));
	tree_wait_children(tree, TREE_CHILDREN);
	fixture_stop(tree->fx);
	tree_expect_children(tree, 0);
	KUNIT_EXPECT_NULL(test, tree->card->of.overlay);
	fixture_start(tree->fx);
	KUNIT_EXPECT_EQ(test, 0, tree_remove(tree));
	KUNIT_EXPECT_TRUE(test, tree_has_card(tree, TREE_PATH, NULL));
}

static void overlay_that_was_not_begun_does_not_join_one_that_was(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	KUNIT_ASSERT_EQ(test, 0, tree_begin(tree, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, -EBUSY, tree_apply(tree, FIXTURE_WIDE));
	KUNIT_EXPECT_EQ(test, 0, tree_remove(tree));
	KUNIT_EXPECT_EQ(test, 0, tree_apply(tree, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_overlay_applied(tree->ov, tree->why,
							   sizeof(tree->why)));
	tree_leave(tree);
}

static void overlay_without_an_image_is_refused(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	KUNIT_EXPECT_EQ(test, -EINVAL, tree_apply(tree, NULL));
	KUNIT_EXPECT_EQ(test, 0, tree_remove(tree));
}

static void region_that_comes_with_an_image_is_refused(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	struct dtbo *fdt;

	tree_start(tree);
	fdt = tree_region(tree, TREE_PATH, "region-in", NULL);
	dtbo_string(fdt, "firmware-name", FIXTURE_USER);
	dtbo_node_end(fdt);
	dtbo_fragment_end(fdt);
	KUNIT_EXPECT_EQ(test, -EINVAL, dtbo_apply(fdt, &tree->image));
	KUNIT_EXPECT_EQ(test, 0, tree_remove(tree));
	tree_expect_untouched(tree);
}

/* The kernel's own notifier comes after ours, and finds nothing to do. */
static void devices_go_with_nodes_that_nobody_announced(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, 0, tree_remove(tree));
	tree_expect_children(tree, 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_overlay_removing(tree->ov));
	fpga_card_overlay_end(tree->ov);
	tree->ov = NULL;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_WIDE));
}

static struct kunit_case verify_cases[] = {
	KUNIT_CASE(overlay_of_another_loader_needs_its_image_running),
	KUNIT_CASE(overlay_of_another_loader_may_outlive_the_port),
	KUNIT_CASE(overlay_that_was_not_begun_does_not_join_one_that_was),
	KUNIT_CASE(overlay_without_an_image_is_refused),
	KUNIT_CASE(region_that_comes_with_an_image_is_refused),
	KUNIT_CASE(devices_go_with_nodes_that_nobody_announced),
	{}
};

struct kunit_suite fpga_card_overlay_verify_suite = {
	.name = "fpga_card_overlay_verify",
	.suite_init = tree_suite_init,
	.suite_exit = tree_suite_exit,
	.init = tree_init,
	.exit = tree_exit,
	.test_cases = verify_cases,
};
