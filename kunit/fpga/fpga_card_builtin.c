// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards without a control device: a hot reset, a power cycle of the slot or somebody
 * outside makes them load.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/load.h"
#include "kunit/fixtures/window.h"
#include "fpga/card.h"
#include "kunit/suites.h"

/* Below the second that a power cycle takes with the power off. */
#define BUILTIN_TIMEOUT_MS	500

/* For a deadline that is to pass. */
#define BUILTIN_SHORT_MS	100

#define BUILTIN_WAIT_MS		5000

static const struct fpga_card_image builtin_images[] = {
	{ .name = FIXTURE_FACTORY, .timeout_ms = BUILTIN_TIMEOUT_MS },
	{ .name = FIXTURE_USER, .timeout_ms = BUILTIN_TIMEOUT_MS },
};

static const struct fpga_card_image builtin_short_images[] = {
	{ .name = FIXTURE_USER, .timeout_ms = BUILTIN_SHORT_MS },
};

/* The back end refers to the port, so it goes first. */
static void builtin_remove(struct kunit *test,
			   struct fpga_card_builtin *builtin)
{
	KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
}

static struct fpga_card_builtin *
builtin_add_images(struct fixture *fx, enum fpga_card_method method,
		   const struct fpga_card_image *images, unsigned int count)
{
	struct fpga_card_builtin *builtin;

	builtin = fpga_card_builtin_add(fixture_port(fx, 0), method, images,
					count);
	KUNIT_ASSERT_FALSE_MSG(fx->test, IS_ERR(builtin), "error %ld",
			       PTR_ERR(builtin));
	pcie_card_sim_log_clear(fx->sim);
	return builtin;
}

static struct fpga_card_builtin *builtin_add(struct fixture *fx,
					     enum fpga_card_method method)
{
	return builtin_add_images(fx, method, builtin_images,
				  ARRAY_SIZE(builtin_images));
}

static void hot_reset_makes_the_card_load(struct kunit *test)
{
	char name[PCIE_CARD_SIM_NAME_LEN];
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	fixture_describe_reset(fx, FIXTURE_USER);
	fixture_start(fx);
	fixture_name(fx, 0, name);
	saved = fixture_save_port(fx, 0);
	builtin = builtin_add(fx, FPGA_CARD_HOT_RESET);
	card = fixture_card(fx, 0);
	KUNIT_EXPECT_STREQ(test, card->running, "");

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fixture_expect_image(fx, 0, FIXTURE_USER);
	fixture_expect_after_removal(fx, PCIE_CARD_SIM_RESET_BUS, name);
	KUNIT_EXPECT_STREQ(test, card->running, FIXTURE_USER);
	fixture_expect_port(fx, 0, saved);

	builtin_remove(test, builtin);
	fpga_card_put(card);
}

/* The deadline counts from power on, or it would have passed by then. */
static void power_cycle_makes_the_card_load(struct kunit *test)
{
	struct pcie_card_sim_event off, on;
	char name[PCIE_CARD_SIM_NAME_LEN];
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	fixture_slow(test);
	fx->ports[0].power_control = true;
	fixture_start(fx);
	fixture_name(fx, 0, name);
	saved = fixture_save_port(fx, 0);
	builtin = builtin_add(fx, FPGA_CARD_SLOT_POWER);
	card = fixture_card(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_set_boot_image(fx->sim, 0,
							      FIXTURE_USER));

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fixture_expect_image(fx, 0, FIXTURE_USER);
	fixture_expect_after_removal(fx, PCIE_CARD_SIM_LINK_DOWN, name);
	fixture_expect_port(fx, 0, saved);
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL,
					     0, &off));
	KUNIT_EXPECT_EQ(test, off.value, PCIE_CARD_SIM_BY_POWER);
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_UP, NULL,
					     off.seq, &on));
	/* PCIe r6.0, sec 6.7.1.8 */
	KUNIT_EXPECT_GE(test, on.usec - off.usec, 1000000);

	builtin_remove(test, builtin);
	fpga_card_put(card);
}

/* The card takes its time to begin; the old image trains no link meanwhile. */
static void load_from_outside_is_waited_for(struct kunit *test)
{
	struct pcie_card_sim_event event;
	char name[PCIE_CARD_SIM_NAME_LEN];
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct load_run run;
	struct fpga_card *card;
	u32 *saved;

	fixture_start(fx);
	fixture_name(fx, 0, name);
	saved = fixture_save_port(fx, 0);
	builtin = builtin_add(fx, FPGA_CARD_EXTERNAL);
	card = fixture_card(fx, 0);

	load_run_start(&run, card, FIXTURE_USER);
	load_wait_state(test, card, FPGA_CARD_LOADING, BUILTIN_WAIT_MS);
	msleep(50);
	/* Who comes by JTAG finds the link up, and no function left. */
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 0));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&run));

	fixture_expect_image(fx, 0, FIXTURE_USER);
	KUNIT_EXPECT_STREQ(test, card->running, FIXTURE_USER);
	fixture_expect_port(fx, 0, saved);
	/* It was the card that dropped the link, and pciehp did not hear. */
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL,
					     0, &event));
	KUNIT_EXPECT_EQ(test, event.value, PCIE_CARD_SIM_BY_CARD);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_IRQ, NULL, 0,
					      &event));

	builtin_remove(test, builtin);
	fpga_card_put(card);
}

static void load_that_nobody_does_is_given_up(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct load_run run;
	struct fpga_card *card;
	u32 *saved;

	fixture_start(fx);
	saved = fixture_save_port(fx, 0);
	builtin = builtin_add_images(fx, FPGA_CARD_EXTERNAL,
				     builtin_short_images, 1);
	card = fixture_card(fx, 0);
	strscpy(card->running, FIXTURE_FACTORY, sizeof(card->running));

	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, card->state, FPGA_CARD_FAILED);
	load_expect_error(test, card, "did not begin to load it within 100 ms");
	load_expect_error(test, card, "brought back by its link");
	load_expect_no_error(test, card, "cannot be told");
	KUNIT_EXPECT_STREQ(test, card->running, FIXTURE_FACTORY);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL,
					      0, &event));
	fixture_expect_image(fx, 0, FIXTURE_FACTORY);
	fixture_expect_port(fx, 0, saved);

	/* And the next one works. */
	load_run_start(&run, card, FIXTURE_USER);
	load_wait_state(test, card, FPGA_CARD_LOADING, BUILTIN_WAIT_MS);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&run));
	fixture_expect_image(fx, 0, FIXTURE_USER);

	builtin_remove(test, builtin);
	fpga_card_put(card);
}

/* Nobody could say that what ran before runs again. */
static void card_that_cannot_be_asked_is_not_rolled_back(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = PCIE_CARD_SIM_CURE_RETRAIN,
	};
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	fixture_describe_reset(fx, FIXTURE_USER);
	fixture_start(fx);
	builtin = builtin_add_images(fx, FPGA_CARD_HOT_RESET,
				     builtin_short_images, 1);
	card = fixture_card(fx, 0);
	strscpy(card->running, FIXTURE_USER, sizeof(card->running));
	fixture_set_faults(fx, &faults);

	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "brought back by a new link training");
	load_expect_error(test, card, "what it runs cannot be told");
	KUNIT_EXPECT_STREQ(test, card->running, "");
	fixture_expect_image(fx, 0, FIXTURE_USER);

	builtin_remove(test, builtin);
	fpga_card_put(card);
}

static int builtin_set_quirk(struct pci_dev *pdev, void *data)
{
	if (pdev->devfn == 1)
		pdev->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;
	return 0;
}

static void card_that_a_reset_hurts_is_not_reset(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_start(fx);
	pci_walk_bus(fixture_port(fx, 0)->subordinate, builtin_set_quirk, NULL);
	builtin = builtin_add(fx, FPGA_CARD_HOT_RESET);
	card = fixture_card(fx, 0);

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "a quirk that forbids a hot reset");
	fixture_expect_untouched(fx);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_RESET_BUS, NULL,
					      0, &event));

	builtin_remove(test, builtin);
	fpga_card_put(card);
}

static void back_end_does_not_go_during_a_load(struct kunit *test)
{
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct load_run run;
	struct fpga_card *card;

	fixture_start(fx);
	builtin = builtin_add(fx, FPGA_CARD_EXTERNAL);
	card = fixture_card(fx, 0);
	load_run_start(&run, card, FIXTURE_USER);
	load_wait_state(test, card, FPGA_CARD_LOADING, BUILTIN_WAIT_MS);
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_builtin_remove(builtin));
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&run));
	builtin_remove(test, builtin);

	/* Without it nothing happens. */
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "has no back end");
	fixture_expect_untouched(fx);
	fpga_card_put(card);
}

static void back_end_can_be_exchanged(struct kunit *test)
{
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_describe_reset(fx, FIXTURE_USER);
	fixture_start(fx);
	builtin = builtin_add_images(fx, FPGA_CARD_EXTERNAL,
				     builtin_short_images, 1);
	KUNIT_EXPECT_PTR_EQ(test, (struct fpga_card_builtin *)ERR_PTR(-EBUSY),
			    fpga_card_builtin_add(fixture_port(fx, 0),
						  FPGA_CARD_HOT_RESET,
						  builtin_images, 1));
	builtin_remove(test, builtin);

	builtin = builtin_add(fx, FPGA_CARD_HOT_RESET);
	card = fixture_card(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	builtin_remove(test, builtin);
	fpga_card_put(card);
}

static void back_end_outlives_the_port(struct kunit *test)
{
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_start(fx);
	builtin = builtin_add(fx, FPGA_CARD_EXTERNAL);
	card = fixture_card(fx, 0);
	fixture_stop(fx);
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_load(card, FIXTURE_USER));
	builtin_remove(test, builtin);
	fpga_card_put(card);
}

static void port_that_goes_ends_the_wait_for_the_outside(struct kunit *test)
{
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct load_run run;
	struct fpga_card *card;
	int ret;

	fixture_start(fx);
	builtin = builtin_add(fx, FPGA_CARD_EXTERNAL);
	card = fixture_card(fx, 0);
	load_run_start(&run, card, FIXTURE_USER);
	load_wait_state(test, card, FPGA_CARD_LOADING, BUILTIN_WAIT_MS);
	fixture_stop(fx);
	KUNIT_EXPECT_EQ(test, -ENODEV, load_run_end(&run));

	/* The asker is let go before the worker is done. */
	fixture_wait((ret = fpga_card_builtin_remove(builtin)) != -EBUSY,
		     BUILTIN_WAIT_MS);
	KUNIT_EXPECT_EQ(test, 0, ret);
	fpga_card_put(card);
}

/* Nothing is wrong with the card, and nothing is done to it. */
static void card_without_a_back_end_is_not_reset(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_builtin *builtin;
	struct pcie_card_sim_event event;
	struct fpga_card *card;
	struct pci_dev *port;

	fixture_slow(test);
	fx->ports[0].power_control = true;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	builtin = builtin_add(fx, FPGA_CARD_HOT_RESET);
	card = fixture_card(fx, 0);
	builtin_remove(test, builtin);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_bring_back(card));
	load_expect_error(test, card, "no back end attached");
	fixture_expect_image(fx, 0, FIXTURE_FACTORY);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_RESET_BUS, NULL, 0,
					      &event));
	KUNIT_EXPECT_FALSE(test, fixture_find_write(fx, port, pci_pcie_cap(port) +
						    PCI_EXP_SLTCTL,
						    PCI_EXP_SLTCTL_PCC,
						    PCI_EXP_SLTCTL_PWR_OFF, 0,
						    &event));
	fpga_card_put(card);
}

/*
 * As when it is pulled: it may come back with whatever it starts with. (What the
 * reset loads here nobody checks.)
 */
static void what_runs_is_forgotten_with_the_function(struct kunit *test)
{
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	fixture_describe_reset(fx, FIXTURE_WIDE);
	fixture_start(fx);
	builtin = builtin_add(fx, FPGA_CARD_HOT_RESET);
	card = fixture_card(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_STREQ(test, card->running, FIXTURE_USER);

	pdev = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pci_stop_and_remove_bus_device_locked(pdev);
	pci_dev_put(pdev);
	KUNIT_EXPECT_STREQ(test, card->running, FIXTURE_USER);

	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pci_stop_and_remove_bus_device_locked(pdev);
	pci_dev_put(pdev);
	KUNIT_EXPECT_STREQ(test, card->running, "");

	builtin_remove(test, builtin);
	fpga_card_put(card);
}

/* The recovery comes to the hot reset, which makes this card load. */
static void what_runs_is_forgotten_in_a_recovery_by_reset(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .bad_header = true };
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_describe_reset(fx, FIXTURE_USER);
	fixture_start(fx);
	builtin = builtin_add_images(fx, FPGA_CARD_HOT_RESET,
				     builtin_short_images, 1);
	card = fixture_card(fx, 0);
	strscpy(card->running, FIXTURE_FACTORY, sizeof(card->running));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_bring_back(card));
	KUNIT_EXPECT_STREQ(test, card->running, FIXTURE_FACTORY);

	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_bring_back(card));
	KUNIT_EXPECT_STREQ(test, card->running, "");

	builtin_remove(test, builtin);
	fpga_card_put(card);
}

static struct kunit_case builtin_cases[] = {
	KUNIT_CASE(hot_reset_makes_the_card_load),
	KUNIT_CASE(power_cycle_makes_the_card_load),
	KUNIT_CASE(load_from_outside_is_waited_for),
	KUNIT_CASE(load_that_nobody_does_is_given_up),
	KUNIT_CASE(card_that_cannot_be_asked_is_not_rolled_back),
	KUNIT_CASE(card_that_a_reset_hurts_is_not_reset),
	KUNIT_CASE(back_end_does_not_go_during_a_load),
	KUNIT_CASE(back_end_can_be_exchanged),
	KUNIT_CASE(back_end_outlives_the_port),
	KUNIT_CASE(port_that_goes_ends_the_wait_for_the_outside),
	KUNIT_CASE(card_without_a_back_end_is_not_reset),
	KUNIT_CASE(what_runs_is_forgotten_with_the_function),
	KUNIT_CASE(what_runs_is_forgotten_in_a_recovery_by_reset),
	{}
};

struct kunit_suite fpga_card_builtin_suite = {
	.name = "fpga_card_builtin",
	.init = window_init,
	.exit = fixture_exit,
	.test_cases = builtin_cases,
};
