// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices that an overlay brings: how long they are there, and what comes of a driver
 * that does not return.
 */

#include <linux/delay.h>
#include <linux/ktime.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/fixtures/load.h"
#include "kunit/suites.h"
#include "kunit/fixtures/tree.h"

/* Of an image that takes its time, so that something can be done meanwhile. */
#define DEVICE_RELOAD_MS	500

/* How long a driver may take, how long one does, and for the worker to end then. */
#define DEVICE_PATIENCE_MS	2000
#define DEVICE_PROBE_MS	6000
#define DEVICE_END_MS		20000

static void device_probe_slowly(struct pci_dev *pdev)
{
	msleep(DEVICE_PROBE_MS);
}

/* As soon as what is being served is over. */
static void device_load_at_last(struct tree *tree, const char *image)
{
	ktime_t begin = ktime_get();
	int ret;

	do {
		msleep(20);
		ret = fpga_card_load(tree->card, image);
	} while (ret == -EBUSY &&
		 ktime_ms_delta(ktime_get(), begin) < DEVICE_END_MS);
	KUNIT_EXPECT_EQ(tree->fx->test, 0, ret);
}

/* The image is loaded all the same, and nothing is claimed for an overlay. */
static void overlay_does_not_wait_for_a_driver_that_does_not_return(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	ktime_t begin;

	fixture_slow(test);
	tree->fx->images[2].fn[1].class = CYCLE_CLASS;
	cycle_hooks = (struct cycle_hooks) { .probe = device_probe_slowly };
	cycle_add_driver(tree->fx);
	tree_start(tree);
	tree->card->driver_ms = DEVICE_PATIENCE_MS;
	begin = ktime_get();
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tree_begin(tree, FIXTURE_WIDE));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), begin), DEVICE_PROBE_MS);
	tree_expect_why(tree, "a driver does not return");
	KUNIT_EXPECT_NULL(test, tree->card->of.overlay);
	KUNIT_EXPECT_EQ(test, -EBUSY, tree_begin(tree, FIXTURE_WIDE));
	cycle_hooks.probe = NULL;
	device_load_at_last(tree, FIXTURE_WIDE);
	fixture_expect_image(tree->fx, 0, FIXTURE_WIDE);
	tree_enter(tree, FIXTURE_WIDE);
	tree_leave(tree);
}

static const char * const device_operations[] = { "remove()", "probe()" };

static void device_operation_desc(const char * const *operation, char *desc)
{
	strscpy(desc, *operation, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(device_operation, device_operations, device_operation_desc);

static void device_be_slow_once(struct platform_device *pdev)
{
	tree_hooks.remove = NULL;
	tree_hooks.probe = NULL;
	msleep(DEVICE_PROBE_MS);
}

static void load_does_not_wait_for_a_driver_of_the_overlay(struct kunit *test)
{
	const char *operation = *(const char * const *)test->param_value;
	struct tree *tree = tree_of(test);

	fixture_slow(test);
	tree_start(tree);
	tree->card->driver_ms = DEVICE_PATIENCE_MS;
	tree_enter(tree, FIXTURE_USER);
	if (operation == device_operations[0])
		tree_hooks.remove = device_be_slow_once;
	else
		tree_hooks.probe = device_be_slow_once;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(tree->card, FIXTURE_USER));
	load_expect_error(test, tree->card, operation);
	/* The load was given up in the first case only. */
	KUNIT_EXPECT_TRUE(test, fixture_wait(!READ_ONCE(tree->card->serving.request),
					     DEVICE_END_MS));
	if (operation == device_operations[0])
		load_expect_error(test, tree->card, operation);
	load_expect_no_error(test, tree->card, "when that is over");
	device_load_at_last(tree, FIXTURE_USER);
	tree_expect_children(tree, TREE_CHILDREN);
	tree_leave(tree);
}

static void devices_go_before_a_load_and_come_back_after_it(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	tree_watch(tree);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_USER));
	tree_unwatch(tree);
	tree_expect_children(tree, TREE_CHILDREN);
	tree_leave(tree);
}

static void devices_go_before_a_recovery_and_come_back_after_it(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	tree_watch(tree);
	/* The image is not loaded once more, so it is not in the log. */
	tree_hooks.probe = NULL;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_bring_back(tree->card));
	tree_unwatch(tree);
	tree_expect_children(tree, TREE_CHILDREN);
	tree_leave(tree);
}

static void devices_stay_away_from_another_image(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .wrong_image = FIXTURE_WIDE };
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	fixture_set_faults(tree->fx, &faults);
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(tree->card, FIXTURE_USER));
	tree_expect_children(tree, 0);
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_overlay_applied(tree->ov, tree->why,
							      sizeof(tree->why)));
	tree_expect_why(tree, "does not run \"user\" any more");
	tree_expect_children(tree, 0);

	faults.wrong_image[0] = '\0';
	fixture_set_faults(tree->fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(tree->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_overlay_applied(tree->ov, tree->why,
							   sizeof(tree->why)));
	tree_expect_children(tree, TREE_CHILDREN);
	tree_leave(tree);
}

/* A driver whose functions the child stands for has them no more. */
static void devices_go_with_functions_and_come_back_with_them(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	struct pci_dev *pdev;

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	pdev = fixture_function(tree->fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pci_stop_and_remove_bus_device_locked(pdev);
	pci_dev_put(pdev);
	tree_expect_children(tree, 0);

	pci_lock_rescan_remove();
	pci_rescan_bus(fixture_port(tree->fx, 0)->subordinate);
	pci_unlock_rescan_remove();
	fpga_card_overlay_sync();
	tree_wait_children(tree, TREE_CHILDREN);
	tree_leave(tree);
}

static void devices_of_an_overlay_applied_during_a_load_come_at_its_end(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	struct load_run run;

	fixture_slow(test);
	tree->fx->images[1].reload_ms = DEVICE_RELOAD_MS;
	tree_start(tree);
	KUNIT_ASSERT_EQ(test, 0, tree_begin(tree, FIXTURE_USER));
	KUNIT_ASSERT_EQ(test, 0, tree_apply(tree, FIXTURE_USER));
	load_run_start(&run, tree->card, FIXTURE_USER);
	load_wait_state(test, tree->card, FPGA_CARD_LOADING, TREE_WAIT_MS);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_overlay_applied(tree->ov, tree->why,
							   sizeof(tree->why)));
	tree_expect_children(tree, 0);
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&run));
	tree_expect_children(tree, TREE_CHILDREN);
	tree_leave(tree);
}

static void devices_go_with_the_port(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	tree_start(tree);
	tree_enter(tree, FIXTURE_USER);
	fixture_stop(tree->fx);
	tree_expect_children(tree, 0);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			fpga_card_overlay_applied(tree->ov, tree->why,
						  sizeof(tree->why)));
	tree_expect_children(tree, 0);

	/* The next card finds the overlay in its way. */
	fixture_start(tree->fx);
	fpga_card_overlay_sync();
	KUNIT_EXPECT_FALSE(test, tree_has_card(tree, TREE_PATH, NULL));
	tree_expect_why(tree, "names an image already");
	tree_leave(tree);
	KUNIT_EXPECT_TRUE(test, tree_has_card(tree, TREE_PATH, NULL));
}

static struct kunit_case device_cases[] = {
	KUNIT_CASE(overlay_does_not_wait_for_a_driver_that_does_not_return),
	KUNIT_CASE_PARAM(load_does_not_wait_for_a_driver_of_the_overlay,
			 device_operation_gen_params),
	KUNIT_CASE(devices_go_before_a_load_and_come_back_after_it),
	KUNIT_CASE(devices_go_before_a_recovery_and_come_back_after_it),
	KUNIT_CASE(devices_stay_away_from_another_image),
	KUNIT_CASE(devices_go_with_functions_and_come_back_with_them),
	KUNIT_CASE(devices_of_an_overlay_applied_during_a_load_come_at_its_end),
	KUNIT_CASE(devices_go_with_the_port),
	{}
};

struct kunit_suite fpga_card_overlay_device_suite = {
	.name = "fpga_card_overlay_device",
	.suite_init = tree_suite_init,
	.suite_exit = tree_suite_exit,
	.init = tree_init,
	.exit = tree_exit,
	.test_cases = device_cases,
};
