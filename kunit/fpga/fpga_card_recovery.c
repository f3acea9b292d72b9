// SPDX-License-Identifier: GPL-2.0-only
/*
 * The means by which a card is brought back, after a load that failed and on request.
 */

#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define RECOVER_GIVEN_UP	"the card could not be brought back"
#define RECOVER_NO_CARD		"there is no card below"

static unsigned int recover_resets(struct fixture *fx)
{
	return fixture_count_events(fx, BIT(PCIE_CARD_SIM_RESET_BUS), 0);
}

static bool recover_was_powered_off(struct fixture *fx)
{
	struct pci_dev *port = fixture_port(fx, 0);
	struct pcie_card_sim_event event;

	return fixture_find_write(fx, port,
				  pci_pcie_cap(port) + PCI_EXP_SLTCTL,
				  PCI_EXP_SLTCTL_PCC, PCI_EXP_SLTCTL_PWR_OFF, 0,
				  &event);
}

/**
 * struct recover_means - what helps a card
 * @what: for people
 * @cure: what it takes
 * @power_control: the slot can switch its power
 * @by: the means that is told to have helped
 * @reset: there was a hot reset
 */
struct recover_means {
	const char *what;
	enum pcie_card_sim_cure cure;
	bool power_control;
	const char *by;
	bool reset;
};

static const struct recover_means recover_means[] = {
	{ "training", PCIE_CARD_SIM_CURE_RETRAIN, true,
	  "by a new link training", false },
	{ "reset", PCIE_CARD_SIM_CURE_RESET, true, "by a hot reset", true },
	{ "reset, no power control", PCIE_CARD_SIM_CURE_RESET, false,
	  "by a hot reset", true },
	{ "power", PCIE_CARD_SIM_CURE_POWER, true, "by a power cycle", true },
};

static void recover_means_desc(const struct recover_means *means, char *desc)
{
	strscpy(desc, means->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(recover_means, recover_means, recover_means_desc);

/* The first means that helps is the last one that is tried. */
static void card_is_brought_back_by_what_helps(struct kunit *test)
{
	const struct recover_means *means = test->param_value;
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = means->cure,
	};
	struct pcie_card_sim_faults then = { .cure = means->cure };
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	fixture_slow_but(test, &recover_means[1]);
	fx->ports[0].power_control = means->power_control;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_ASSERT_EQ(test, 0, pcie_card_sim_set_boot_image(fx->sim, 0,
							      FIXTURE_WIDE));
	saved = fixture_save_port(fx, 0);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			load_with_faults(fx, card, &faults, "recovering", &then));
	load_expect_error(test, card, "did not bring its link up within 400 ms");
	load_expect_error(test, card, means->by);
	KUNIT_EXPECT_EQ(test, means->reset, recover_resets(fx) > 0);
	KUNIT_EXPECT_EQ(test, means->cure == PCIE_CARD_SIM_CURE_POWER,
			recover_was_powered_off(fx));

	load_expect_error(test, card, LOAD_ROLLED_BACK);
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	load_expect_state(test, card, FPGA_CARD_FAILED);
	fixture_expect_port(fx, 0, saved);
	fpga_card_put(card);
}

static void card_that_only_takes_longer_is_waited_for(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	fx->images[1].reload_ms = LOAD_SHORT_MS + 400;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "by its link");
	KUNIT_EXPECT_EQ(test, 0, recover_resets(fx));
	load_expect_error(test, card, LOAD_ROLLED_BACK);
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	fpga_card_put(card);
}

/* Whatever is not possible is told, and the rest is tried. */
static void card_that_nothing_helps_is_given_up(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .never_return = true };
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	fixture_slow(test);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, RECOVER_GIVEN_UP);
	load_expect_error(test, card, "a power cycle is not possible");
	load_expect_no_error(test, card, "brought back by");
	load_expect_state(test, card, FPGA_CARD_FAILED);
	KUNIT_EXPECT_GT(test, recover_resets(fx), 0);
	KUNIT_EXPECT_TRUE(test, fixture_has_functions(fx, 0, NULL));
	fixture_expect_controls(fx, 0, saved);
	fpga_card_put(card);
}

static void card_that_a_reset_hurts_is_not_reset(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = PCIE_CARD_SIM_CURE_RESET,
	};
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	fixture_slow(test);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	pdev = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pdev->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;
	pci_dev_put(pdev);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "a hot reset is not possible");
	load_expect_error(test, card, RECOVER_GIVEN_UP);
	KUNIT_EXPECT_EQ(test, 0, recover_resets(fx));
	fpga_card_put(card);
}

/* On request */

static void healthy_card_is_brought_back(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_bring_back(card));
	KUNIT_EXPECT_GT(test, fixture_count_events(fx, BIT(PCIE_CARD_SIM_DEV_DEL), 0), 0);
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	load_expect_state(test, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_IRQ), 0));
	fixture_expect_port(fx, 0, saved);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);
}

/* A card that was given up, and would come back with a reset now. */
static struct fpga_card *recover_given_up(struct fixture *fx)
{
	struct pcie_card_sim_faults faults = { .never_return = true };
	struct fpga_card *card;

	fixture_slow(fx->test);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(fx->test, -ETIMEDOUT,
			fpga_card_load(card, FIXTURE_USER));
	load_expect_error(fx->test, card, RECOVER_GIVEN_UP);
	faults.never_return = false;
	faults.cure = PCIE_CARD_SIM_CURE_RESET;
	fixture_set_faults(fx, &faults);
	return card;
}

static void card_that_was_given_up_is_brought_back_on_request(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = recover_given_up(fx);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_bring_back(card));
	load_expect_error(test, card, "by a hot reset");
	load_expect_runs(fx, card, FIXTURE_USER);
	load_expect_state(test, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
	fpga_card_put(card);
}

static void next_load_brings_the_card_back_first(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = recover_given_up(fx);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_WIDE));
	load_expect_runs(fx, card, FIXTURE_WIDE);
	load_expect_state(test, card, FPGA_CARD_IDLE);
	load_expect_no_error(test, card, "brought back");
	fpga_card_put(card);
}

/* Its slot says that it is empty as long as the link is down. */
static void card_in_an_in_band_slot_is_brought_back(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fx->ports[0].inband = PCIE_CARD_SIM_INBAND;
	card = recover_given_up(fx);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_bring_back(card));
	load_expect_runs(fx, card, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	fpga_card_put(card);
}

static void load_in_an_in_band_slot_is_tried_again(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fx->ports[0].inband = PCIE_CARD_SIM_INBAND;
	card = recover_given_up(fx);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_WIDE));
	load_expect_runs(fx, card, FIXTURE_WIDE);
	fpga_card_put(card);
}

static void card_that_nothing_helps_fails_again(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .never_return = true };
	struct fixture *fx = test->priv;
	struct fpga_card *card = recover_given_up(fx);
	u32 *saved = fixture_save_port(fx, 0);

	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, RECOVER_NO_CARD);
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_bring_back(card));
	load_expect_error(test, card, RECOVER_NO_CARD);
	load_expect_state(test, card, FPGA_CARD_FAILED);
	fixture_expect_controls(fx, 0, saved);

	/* But it is not given up for good. */
	faults.cure = PCIE_CARD_SIM_CURE_RETRAIN;
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_bring_back(card));
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

static void card_is_not_brought_back_while_it_loads(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_run run;
	struct fpga_card *card;

	fx->images[1].timeout_ms = 2000;
	fx->images[1].reload_ms = 300;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	load_run_start(&run, card, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(test,
			  fixture_wait(fixture_count_events(fx, BIT(PCIE_CARD_SIM_TRIGGER), 0),
				       FIXTURE_WAIT_MS));
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_bring_back(card));
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&run));
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

/* What VFIO's drivers do as long as somebody has the function open. */
static int recover_vfio_probe(struct pci_dev *pdev,
			      const struct pci_device_id *id)
{
	return pci_enable_device(pdev);
}

static void recover_vfio_remove(struct pci_dev *pdev)
{
	pci_disable_device(pdev);
}

static const struct pci_device_id recover_vfio_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0004) },
	{}
};

static struct pci_driver recover_vfio_driver = {
	.name = "vfio-fpga-card-kunit",
	.id_table = recover_vfio_ids,
	.probe = recover_vfio_probe,
	.remove = recover_vfio_remove,
};

static void card_is_not_brought_back_while_it_is_used(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fx->images[0].fn[1].device = 0x0004;
	fx->images[0].fn[1].class = 0x110000;
	fixture_add_driver(fx, &recover_vfio_driver);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_bring_back(card));
	load_expect_error(test, card, recover_vfio_driver.name);
	load_expect_state(test, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_DEV_UNBIND), 0));
	fixture_remove_driver(fx, &recover_vfio_driver);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_bring_back(card));
	fpga_card_put(card);
}

static void port_that_goes_ends_the_recovery(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .never_return = true };
	struct fixture *fx = test->priv;
	struct load_run run;
	struct fpga_card *card;

	fixture_slow(test);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	load_run_start(&run, card, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(test, fixture_wait(recover_resets(fx), FIXTURE_WAIT_MS));
	fixture_stop(fx);
	KUNIT_EXPECT_EQ(test, -ENODEV, load_run_end(&run));
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_bring_back(card));
	fpga_card_put(card);
}

static struct kunit_case recover_cases[] = {
	KUNIT_CASE_PARAM(card_is_brought_back_by_what_helps,
			 recover_means_gen_params),
	KUNIT_CASE(card_that_only_takes_longer_is_waited_for),
	KUNIT_CASE(card_that_nothing_helps_is_given_up),
	KUNIT_CASE(card_that_a_reset_hurts_is_not_reset),
	KUNIT_CASE(healthy_card_is_brought_back),
	KUNIT_CASE(card_that_was_given_up_is_brought_back_on_request),
	KUNIT_CASE(next_load_brings_the_card_back_first),
	KUNIT_CASE(card_in_an_in_band_slot_is_brought_back),
	KUNIT_CASE(load_in_an_in_band_slot_is_tried_again),
	KUNIT_CASE(card_that_nothing_helps_fails_again),
	KUNIT_CASE(card_is_not_brought_back_while_it_loads),
	KUNIT_CASE(card_is_not_brought_back_while_it_is_used),
	KUNIT_CASE(port_that_goes_ends_the_recovery),
	{}
};

struct kunit_suite fpga_card_recovery_suite = {
	.name = "fpga_card_recovery",
	.init = load_init_short,
	.exit = fixture_exit,
	.test_cases = recover_cases,
};
