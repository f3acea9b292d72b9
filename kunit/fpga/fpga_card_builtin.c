// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards without a control device: a hot reset, a power cycle of the slot or somebody
 * outside makes them load. One file, as a suite is one object, and its cases share what is
 * set up at its top.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/load.h"
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

/* The functions have no management controller, so no driver that attaches. */
static int builtin_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;
	unsigned int i;

	for (i = 0; !ret && i < FIXTURE_IMAGES; i++)
		fx->images[i].fn[0].bmc = false;
	return ret;
}

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

static void builtin_expect_refused(struct fixture *fx, int err,
				   enum fpga_card_method method,
				   const struct fpga_card_image *images,
				   unsigned int count)
{
	struct fpga_card_builtin *builtin;

	builtin = fpga_card_builtin_add(fixture_port(fx, 0), method, images,
					count);
	KUNIT_EXPECT_EQ(fx->test, err, PTR_ERR_OR_ZERO(builtin));
	if (!IS_ERR(builtin))
		fpga_card_builtin_remove(builtin);
}

/* What the card runs, as it says itself, and the functions that the host has. */
static void builtin_expect_runs(struct fixture *fx, const char *image,
				u16 device, unsigned int functions)
{
	struct pci_dev *pdev = fixture_function(fx, 0, 0);
	char name[PCIE_CARD_SIM_NAME_LEN] = "";

	pcie_card_sim_running(fx->sim, 0, name, sizeof(name));
	KUNIT_EXPECT_STREQ(fx->test, name, image);
	KUNIT_EXPECT_EQ(fx->test, fixture_count(fx, 0), functions);
	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	KUNIT_EXPECT_EQ(fx->test, pdev->device, device);
	pci_dev_put(pdev);
}

/* @what came after the function of that name had been removed. */
static void builtin_expect_after_removal(struct fixture *fx,
					 enum pcie_card_sim_what what,
					 const char *function)
{
	struct pcie_card_sim_event removal, event;

	KUNIT_ASSERT_TRUE(fx->test, fixture_find(fx, PCIE_CARD_SIM_DEV_DEL,
						 function, 0, &removal));
	KUNIT_ASSERT_TRUE(fx->test, fixture_find(fx, what, NULL, 0, &event));
	KUNIT_EXPECT_GT(fx->test, event.seq, removal.seq);
}

static void builtin_name(struct fixture *fx, char *name)
{
	struct pci_dev *pdev = fixture_function(fx, 0, 0);

	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	strscpy(name, pci_name(pdev), PCIE_CARD_SIM_NAME_LEN);
	pci_dev_put(pdev);
}

static void hot_reset_makes_the_card_load(struct kunit *test)
{
	char name[PCIE_CARD_SIM_NAME_LEN];
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	strscpy(fx->ports[0].card.reset_image, FIXTURE_USER,
		sizeof(fx->ports[0].card.reset_image));
	fixture_start(fx);
	builtin_name(fx, name);
	saved = fixture_save_port(fx, 0);
	builtin = builtin_add(fx, FPGA_CARD_HOT_RESET);
	card = fixture_card(fx, 0);
	KUNIT_EXPECT_STREQ(test, card->running, "");

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	builtin_expect_runs(fx, FIXTURE_USER, 0x0011, 1);
	builtin_expect_after_removal(fx, PCIE_CARD_SIM_RESET_BUS, name);
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

	fx->ports[0].power_control = true;
	fixture_start(fx);
	builtin_name(fx, name);
	saved = fixture_save_port(fx, 0);
	builtin = builtin_add(fx, FPGA_CARD_SLOT_POWER);
	card = fixture_card(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_set_boot_image(fx->sim, 0,
							      FIXTURE_USER));

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	builtin_expect_runs(fx, FIXTURE_USER, 0x0011, 1);
	builtin_expect_after_removal(fx, PCIE_CARD_SIM_LINK_DOWN, name);
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
	builtin_name(fx, name);
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

	builtin_expect_runs(fx, FIXTURE_USER, 0x0011, 1);
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
	builtin_expect_runs(fx, FIXTURE_FACTORY, 0x0001, 2);
	fixture_expect_port(fx, 0, saved);

	/* And the next one works. */
	load_run_start(&run, card, FIXTURE_USER);
	load_wait_state(test, card, FPGA_CARD_LOADING, BUILTIN_WAIT_MS);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&run));
	builtin_expect_runs(fx, FIXTURE_USER, 0x0011, 1);

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

	strscpy(fx->ports[0].card.reset_image, FIXTURE_USER,
		sizeof(fx->ports[0].card.reset_image));
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
	builtin_expect_runs(fx, FIXTURE_USER, 0x0011, 1);

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

static void slot_without_power_control_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fixture_start(fx);
	builtin_expect_refused(fx, -EOPNOTSUPP, FPGA_CARD_SLOT_POWER,
			       builtin_images, ARRAY_SIZE(builtin_images));
	/* Nothing of it is left. */
	KUNIT_EXPECT_NULL(test, fpga_card_find(fixture_port(fx, 0)));
}

static void card_that_has_a_back_end_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fx->images[0].fn[0].bmc = true;
	fx->images[1].fn[0].bmc = true;
	fixture_start(fx);
	builtin_expect_refused(fx, -EBUSY, FPGA_CARD_EXTERNAL, builtin_images,
			       ARRAY_SIZE(builtin_images));
	card = fixture_card(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);
}

static void port_that_takes_no_card_is_refused(struct kunit *test)
{
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	fixture_start(fx);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	builtin = fpga_card_builtin_add(pdev, FPGA_CARD_EXTERNAL,
					builtin_images, 1);
	KUNIT_EXPECT_EQ(test, -ENODEV, PTR_ERR_OR_ZERO(builtin));
	pci_dev_put(pdev);
}

struct builtin_bad {
	const char *what;
	unsigned int method;
	unsigned int count;
	struct fpga_card_image images[2];
};

static const struct builtin_bad builtin_bads[] = {
	{ "method", FPGA_CARD_EXTERNAL + 1, 1, { { "a", 1 } } },
	{ "no image", FPGA_CARD_EXTERNAL, 0, { { "a", 1 } } },
	{ "no deadline", FPGA_CARD_EXTERNAL, 2, { { "a", 1 }, { "b", 0 } } },
	{ "no name", FPGA_CARD_EXTERNAL, 1, { { "", 1 } } },
	{ "path as a name", FPGA_CARD_EXTERNAL, 1, { { "a/b", 1 } } },
	{ "name twice", FPGA_CARD_EXTERNAL, 2, { { "a", 1 }, { "a", 2 } } },
};

static void builtin_bad_desc(const struct builtin_bad *bad, char *desc)
{
	strscpy(desc, bad->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(builtin_bad, builtin_bads, builtin_bad_desc);

static void description_without_sense_is_refused(struct kunit *test)
{
	const struct builtin_bad *bad = test->param_value;
	struct fixture *fx = test->priv;

	fixture_start(fx);
	builtin_expect_refused(fx, -EINVAL, bad->method, bad->images,
			       bad->count);
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

	strscpy(fx->ports[0].card.reset_image, FIXTURE_USER,
		sizeof(fx->ports[0].card.reset_image));
	fixture_start(fx);
	builtin = builtin_add_images(fx, FPGA_CARD_EXTERNAL,
				     builtin_short_images, 1);
	builtin_expect_refused(fx, -EBUSY, FPGA_CARD_HOT_RESET, builtin_images,
			       ARRAY_SIZE(builtin_images));
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

/*
 * As when it is pulled: it may come back with whatever it starts with. (What the
 * reset loads here nobody checks.)
 */
/* Nothing is wrong with the card, and nothing is done to it. */
static void card_without_a_back_end_is_not_reset(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_builtin *builtin;
	struct pcie_card_sim_event event;
	struct fpga_card *card;
	struct pci_dev *port;

	fx->ports[0].power_control = true;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	builtin = builtin_add(fx, FPGA_CARD_HOT_RESET);
	card = fixture_card(fx, 0);
	builtin_remove(test, builtin);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_bring_back(card));
	load_expect_error(test, card, "no back end attached");
	builtin_expect_runs(fx, FIXTURE_FACTORY, 0x0001, 2);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_RESET_BUS, NULL, 0,
					      &event));
	KUNIT_EXPECT_FALSE(test, fixture_find_write(fx, port, pci_pcie_cap(port) +
						    PCI_EXP_SLTCTL,
						    PCI_EXP_SLTCTL_PCC,
						    PCI_EXP_SLTCTL_PWR_OFF, 0,
						    &event));
	fpga_card_put(card);
}

static void what_runs_is_forgotten_with_the_function(struct kunit *test)
{
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	strscpy(fx->ports[0].card.reset_image, FIXTURE_WIDE,
		sizeof(fx->ports[0].card.reset_image));
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

	strscpy(fx->ports[0].card.reset_image, FIXTURE_USER,
		sizeof(fx->ports[0].card.reset_image));
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

/*
 * A driver that tells the card what to load, which the card then does when it
 * is reset.
 */
static struct fpga_card *builtin_driver_card;
static unsigned int builtin_driver_triggers;

static int builtin_driver_images(void *priv, struct fpga_card_image *images,
				 unsigned int max)
{
	images[0] = builtin_images[1];
	return 1;
}

static int builtin_driver_trigger(void *priv, const char *name, bool staged)
{
	builtin_driver_triggers++;
	return 0;
}

static const struct fpga_card_ops builtin_driver_ops = {
	.images = builtin_driver_images,
	.trigger = builtin_driver_trigger,
};

static int builtin_driver_probe(struct pci_dev *pdev,
				const struct pci_device_id *id)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = pci_upstream_bridge(pdev),
		.control = &pdev->dev,
		.start = FPGA_CARD_START_HOT_RESET,
		.ops = &builtin_driver_ops,
	};

	builtin_driver_card = fpga_card_attach(&info);
	return PTR_ERR_OR_ZERO(builtin_driver_card);
}

static void builtin_driver_remove(struct pci_dev *pdev)
{
	fpga_card_detach(builtin_driver_card, NULL);
}

/* Before the load, and after it; no other class than the driver of its own. */
static const struct pci_device_id builtin_driver_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0001) },
	{ PCI_DEVICE(0x1234, 0x0011) },
	{}
};

static struct pci_driver builtin_driver = {
	.name = "fpga-card-kunit-reset",
	.id_table = builtin_driver_ids,
	.probe = builtin_driver_probe,
	.remove = builtin_driver_remove,
};

static void driver_can_leave_the_start_to_a_reset(struct kunit *test)
{
	struct pcie_card_sim_event event;
	char name[PCIE_CARD_SIM_NAME_LEN];
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	builtin_driver_triggers = 0;
	fx->images[0].fn[0].class = 0xff0000;
	fx->images[1].fn[0].class = 0xff0000;
	strscpy(fx->ports[0].card.reset_image, FIXTURE_USER,
		sizeof(fx->ports[0].card.reset_image));
	fixture_add_driver(fx, &builtin_driver);
	fixture_start(fx);
	builtin_name(fx, name);
	pcie_card_sim_log_clear(fx->sim);
	card = fixture_card(fx, 0);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, builtin_driver_triggers, 1);
	builtin_expect_runs(fx, FIXTURE_USER, 0x0011, 1);
	builtin_expect_after_removal(fx, PCIE_CARD_SIM_RESET_BUS, name);
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL,
					     0, &event));
	KUNIT_EXPECT_EQ(test, event.value, PCIE_CARD_SIM_BY_RESET);

	fpga_card_put(card);
}

static struct kunit_case builtin_cases[] = {
	KUNIT_CASE(hot_reset_makes_the_card_load),
	KUNIT_CASE(power_cycle_makes_the_card_load),
	KUNIT_CASE(load_from_outside_is_waited_for),
	KUNIT_CASE(load_that_nobody_does_is_given_up),
	KUNIT_CASE(card_that_cannot_be_asked_is_not_rolled_back),
	KUNIT_CASE(card_that_a_reset_hurts_is_not_reset),
	KUNIT_CASE(slot_without_power_control_is_refused),
	KUNIT_CASE(card_that_has_a_back_end_is_refused),
	KUNIT_CASE(port_that_takes_no_card_is_refused),
	KUNIT_CASE_PARAM(description_without_sense_is_refused,
			 builtin_bad_gen_params),
	KUNIT_CASE(back_end_does_not_go_during_a_load),
	KUNIT_CASE(back_end_can_be_exchanged),
	KUNIT_CASE(back_end_outlives_the_port),
	KUNIT_CASE(port_that_goes_ends_the_wait_for_the_outside),
	KUNIT_CASE(card_without_a_back_end_is_not_reset),
	KUNIT_CASE(what_runs_is_forgotten_with_the_function),
	KUNIT_CASE(what_runs_is_forgotten_in_a_recovery_by_reset),
	KUNIT_CASE(driver_can_leave_the_start_to_a_reset),
	{}
};

struct kunit_suite fpga_card_builtin_suite = {
	.name = "fpga_card_builtin",
	.init = builtin_init,
	.exit = fixture_exit,
	.test_cases = builtin_cases,
};
