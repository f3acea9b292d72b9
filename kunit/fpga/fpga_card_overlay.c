// SPDX-License-Identifier: GPL-2.0-only
/*
 * Image overlays: what an overlay has loaded, which are refused, and what else is refused
 * while one is there.
 */

#include <linux/workqueue.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"
#include "kunit/fixtures/tree.h"

#define OVERLAY_CYCLES		100

/* Of an image that takes its time, so that something can be done meanwhile. */
#define OVERLAY_RELOAD_MS	500

static void image_is_loaded_and_then_its_devices_come(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	fixture_expect_image(tree->fx, 0, FIXTURE_USER);
	tree_leave(tree);
	/* The card goes on with what it has. */
	fixture_expect_image(tree->fx, 0, FIXTURE_USER);
	tree_expect_children(tree, 0);
	KUNIT_EXPECT_NULL(test, tree->card->of.overlay);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_FACTORY));
	tree_expect_children(tree, 0);
}

static const char * const overlay_images[] = {
	FIXTURE_FACTORY, FIXTURE_USER, FIXTURE_WIDE,
};

static void overlay_image_desc(const char * const *image, char *desc)
{
	strscpy(desc, *image, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(overlay_image, overlay_images, overlay_image_desc);

static void overlay_loads_what_the_name_alone_loads(struct kunit *test)
{
	const char *image = *(const char * const *)test->param_value;
	struct tree *tree = tree_of(test);

	tree_start(tree);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, image));
	fixture_expect_image(tree->fx, 0, image);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_FACTORY));
	KUNIT_EXPECT_EQ(test, 0, tree_begin(tree, image));
	fixture_expect_image(tree->fx, 0, image);
	KUNIT_EXPECT_STREQ(test, tree->card->loaded, image);
}

/**
 * struct overlay_rule - an overlay that is refused
 * @name: what about it
 * @info: what it says
 * @err: how it is refused
 * @part: part of the sentence
 */
struct overlay_rule {
	const char *name;
	struct fpga_card_overlay_info info;
	int err;
	const char *part;
};

static const struct overlay_rule overlay_rules[] = {
	{ "no image", {}, -EINVAL, "names no image" },
	{ "two images", { .firmware_name = FIXTURE_USER, .external = true },
	  -EINVAL, "exclude each other" },
	{ "partial", { .firmware_name = FIXTURE_USER, .partial = true },
	  -EOPNOTSUPP, "loaded as a whole" },
	{ "encrypted external", { .external = true, .encrypted = true },
	  -EOPNOTSUPP, "external-fpga-config names none" },
	{ "encrypted in flash",
	  { .firmware_name = FIXTURE_USER, .encrypted = true },
	  -EOPNOTSUPP, "not an encrypted file" },
	{ "encrypted file", { .firmware_name = "file", .encrypted = true },
	  -EOPNOTSUPP, "takes no encrypted images" },
	{ "image that is nowhere", { .firmware_name = "nowhere" },
	  -ENOENT, "nowhere" },
	{ "empty name", { .firmware_name = "" }, -EINVAL, "is empty" },
	{ "name that leaves the firmware path",
	  { .firmware_name = "../file" }, -EINVAL, "may not leave" },
	{ "too long a deadline",
	  { .firmware_name = FIXTURE_USER, .complete_us = U32_MAX },
	  -EINVAL, "longer than an hour" },
};

static void overlay_rule_desc(const struct overlay_rule *rule, char *desc)
{
	strscpy(desc, rule->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(overlay_rule, overlay_rules, overlay_rule_desc);

static void overlay_that_breaks_a_rule_touches_nothing(struct kunit *test)
{
	const struct overlay_rule *rule = test->param_value;
	struct tree *tree = tree_of(test);

	tree_start(tree);
	KUNIT_EXPECT_EQ(test, rule->err,
			fpga_card_overlay_begin(tree->np, "case", &rule->info,
						&tree->ov, tree->why,
						sizeof(tree->why)));
	KUNIT_EXPECT_NULL(test, tree->ov);
	tree_expect_why(tree, rule->part);
	tree_expect_untouched(tree);
	KUNIT_EXPECT_EQ(test, 0, tree_begin(tree, FIXTURE_USER));
}

static void second_overlay_is_refused_and_told_of_the_first(struct kunit *test)
{
	struct fpga_card_overlay_info info = { .firmware_name = FIXTURE_USER };
	struct tree *tree = tree_of(test);
	struct fpga_card_overlay *second;

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	pcie_card_sim_log_clear(tree->fx->sim);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			fpga_card_overlay_begin(tree->np, "second", &info,
						&second, tree->why,
						sizeof(tree->why)));
	KUNIT_EXPECT_NULL(test, second);
	tree_expect_why(tree, "occupied by the overlay \"case\"");
	tree_expect_children(tree, TREE_CHILDREN);
	KUNIT_EXPECT_PTR_EQ(test, tree->card->of.overlay, tree->ov);
	tree_leave(tree);
}

/**
 * struct overlay_rival - one of two that begin at once
 * @work: does
 * @np: where
 * @ov: the claim
 * @result: of fpga_card_overlay_begin()
 */
struct overlay_rival {
	struct work_struct work;
	struct device_node *np;
	struct fpga_card_overlay *ov;
	int result;
};

static void overlay_rival_run(struct work_struct *work)
{
	struct fpga_card_overlay_info info = { .firmware_name = FIXTURE_USER };
	struct overlay_rival *rival;
	char why[64];

	rival = container_of(work, struct overlay_rival, work);
	rival->result = fpga_card_overlay_begin(rival->np, "rival", &info,
						&rival->ov, why, sizeof(why));
}

static void one_of_two_overlays_at_once_wins(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	struct overlay_rival *rivals;
	unsigned int i, won = 0;

	tree_start(tree);
	rivals = kunit_kcalloc(test, 2, sizeof(*rivals), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rivals);
	for (i = 0; i < 2; i++) {
		rivals[i].np = tree->np;
		INIT_WORK(&rivals[i].work, overlay_rival_run);
		queue_work(system_unbound_wq, &rivals[i].work);
	}
	for (i = 0; i < 2; i++) {
		flush_work(&rivals[i].work);
		if (rivals[i].result)
			KUNIT_EXPECT_EQ(test, -EBUSY, rivals[i].result);
		won += !rivals[i].result;
	}
	KUNIT_EXPECT_EQ(test, won, 1);
	for (i = 0; i < 2; i++) {
		if (rivals[i].ov)
			fpga_card_overlay_end(rivals[i].ov);
	}
	KUNIT_EXPECT_NULL(test, tree->card->of.overlay);
}

static void other_image_is_refused_while_the_overlay_is_there(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	pcie_card_sim_log_clear(tree->fx->sim);
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(tree->card, FIXTURE_WIDE));
	load_expect_error(test, tree->card,
			  "occupied by the overlay \"case\", which is for \"user\"");
	tree_expect_children(tree, TREE_CHILDREN);
	KUNIT_EXPECT_EQ(test, tree->card->state, FPGA_CARD_IDLE);
	tree_leave(tree);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_WIDE));
}

static void overlay_for_the_image_that_is_there_loads_nothing(struct kunit *test)
{
	struct fpga_card_overlay_info info = { .external = true };
	struct tree *tree = tree_of(test);

	tree_start(tree);
	KUNIT_ASSERT_EQ(test, 0,
			fpga_card_overlay_begin(tree->np, "case", &info,
						&tree->ov, tree->why,
						sizeof(tree->why)));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_overlay_applied(tree->ov, tree->why,
							   sizeof(tree->why)));
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(tree->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_FACTORY));
	fpga_card_overlay_end(tree->ov);
	tree->ov = NULL;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_USER));
}

static void failed_load_leaves_nothing_claimed(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .reject_trigger = true };
	struct tree *tree = tree_of(test);

	tree_start(tree);
	fixture_set_faults(tree->fx, &faults);
	KUNIT_EXPECT_NE(test, 0, tree_begin(tree, FIXTURE_USER));
	tree_expect_why(tree, "refused to load");
	KUNIT_EXPECT_NULL(test, tree->ov);
	KUNIT_EXPECT_NULL(test, tree->card->of.overlay);
	faults.reject_trigger = false;
	fixture_set_faults(tree->fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_WIDE));
	tree_enter(tree, FIXTURE_USER);
	tree_leave(tree);
}

static void overlay_slow_user(struct tree *tree)
{
	tree->fx->images[1].reload_ms = OVERLAY_RELOAD_MS;
}

static void overlay_is_not_removed_during_a_load(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	struct load_run run;

	fixture_slow(test);
	overlay_slow_user(tree);
	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	load_run_start(&run, tree->card, FIXTURE_USER);
	load_wait_state(test, tree->card, FPGA_CARD_LOADING, TREE_WAIT_MS);
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_overlay_removing(tree->ov));
	/* Who does not ask is told by the kernel. */
	KUNIT_EXPECT_EQ(test, -EBUSY, tree_remove(tree));
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&run));
	tree_expect_children(tree, TREE_CHILDREN);
	tree_leave(tree);
}

static void overlay_that_is_being_removed_lets_nothing_be_loaded(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_overlay_removing(tree->ov));
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(tree->card, FIXTURE_USER));
	tree_expect_children(tree, 0);
	/* The removal came to nothing. */
	KUNIT_EXPECT_EQ(test, 0, fpga_card_overlay_applied(tree->ov, tree->why,
							   sizeof(tree->why)));
	tree_expect_children(tree, TREE_CHILDREN);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_USER));
	tree_leave(tree);
}

static void port_that_goes_ends_the_beginning(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	struct overlay_rival *rival;

	overlay_slow_user(tree);
	tree_start(tree);
	rival = kunit_kzalloc(test, sizeof(*rival), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rival);
	rival->np = tree->np;
	INIT_WORK(&rival->work, overlay_rival_run);
	queue_work(system_unbound_wq, &rival->work);
	load_wait_state(test, tree->card, FPGA_CARD_LOADING, TREE_WAIT_MS);
	fixture_stop(tree->fx);
	flush_work(&rival->work);
	KUNIT_EXPECT_EQ(test, -ENODEV, rival->result);
	KUNIT_EXPECT_NULL(test, rival->ov);
	KUNIT_EXPECT_NULL(test, tree->card->of.overlay);
}

static void overlays_leave_no_references(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	unsigned int i, refs;

	fixture_slow(test);
	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	tree_leave(tree);
	fpga_card_overlay_sync();
	refs = tree_refs(tree);
	for (i = 0; i < OVERLAY_CYCLES; i++) {
		tree_enter(tree, i % 2 ? FIXTURE_USER : FIXTURE_WIDE);
		tree_leave(tree);
	}
	fpga_card_overlay_sync();
	KUNIT_EXPECT_EQ(test, refs, tree_refs(tree));
}

static struct kunit_case overlay_cases[] = {
	KUNIT_CASE(image_is_loaded_and_then_its_devices_come),
	KUNIT_CASE_PARAM(overlay_loads_what_the_name_alone_loads,
			 overlay_image_gen_params),
	KUNIT_CASE_PARAM(overlay_that_breaks_a_rule_touches_nothing,
			 overlay_rule_gen_params),
	KUNIT_CASE(second_overlay_is_refused_and_told_of_the_first),
	KUNIT_CASE(one_of_two_overlays_at_once_wins),
	KUNIT_CASE(other_image_is_refused_while_the_overlay_is_there),
	KUNIT_CASE(overlay_for_the_image_that_is_there_loads_nothing),
	KUNIT_CASE(failed_load_leaves_nothing_claimed),
	KUNIT_CASE(overlay_is_not_removed_during_a_load),
	KUNIT_CASE(overlay_that_is_being_removed_lets_nothing_be_loaded),
	KUNIT_CASE(port_that_goes_ends_the_beginning),
	KUNIT_CASE(overlays_leave_no_references),
	{}
};

struct kunit_suite fpga_card_overlay_suite = {
	.name = "fpga_card_overlay",
	.suite_init = tree_suite_init,
	.suite_exit = tree_suite_exit,
	.init = tree_init,
	.exit = tree_exit,
	.test_cases = overlay_cases,
};
