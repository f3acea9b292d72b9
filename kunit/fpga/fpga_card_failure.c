// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads that cannot work: the card, the back end, the port or the user is to
 * blame, and afterwards everything is as it was or as it really is.
 */

#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define FAILURE_WAIT_MS		5000

struct failure_name {
	const char *what;
	const char *name;
	int err;
};

static const struct failure_name failure_names[] = {
	{ "unknown", "no-such-image", -ENOENT },
	{ "unknown below a directory", "vendor/no-such-image", -ENOENT },
	{ "empty", "", -EINVAL },
	{ "absolute", "/etc/passwd", -EINVAL },
	{ "up", "..", -EINVAL },
	{ "up and away", "../secret", -EINVAL },
	{ "up in the middle", "vendor/../../secret", -EINVAL },
	{ "up at the end", "vendor/..", -EINVAL },
	{ "control character", "user\001", -EINVAL },
	{ "two lines", "user\nfactory", -EINVAL },
	{ "Latin-1", "us\351r", -EINVAL },
};

static void failure_name_desc(const struct failure_name *name, char *desc)
{
	strscpy(desc, name->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(failure_name, failure_names, failure_name_desc);

static void bad_name_touches_nothing(struct kunit *test)
{
	const struct failure_name *name = test->param_value;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, name->err, fpga_card_load(card, name->name));
	fixture_expect_untouched(fx);
	load_expect_error(test, card, "");
	fpga_card_put(card);
}

static void name_beyond_the_limit_touches_nothing(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	char *name;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	name = kunit_kzalloc(test, 257, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, name);
	memset(name, 'x', 256);
	KUNIT_EXPECT_EQ(test, -EINVAL, fpga_card_load(card, name));
	fixture_expect_untouched(fx);
	load_expect_error(test, card, "too long");
	fpga_card_put(card);
}

static void busy_card_is_not_touched(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .busy = true };
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_USER));
	fixture_expect_untouched(fx);
	load_expect_error(test, card, "takes no request now");
	fpga_card_put(card);
}

/* The control function comes back with the driver that it lost. */
static void card_without_back_end_is_not_touched(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	device_release_driver(&pdev->dev);
	pcie_card_sim_log_clear(fx->sim);

	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_load(card, FIXTURE_USER));
	fixture_expect_untouched(fx);
	load_expect_error(test, card, "has no back end");

	KUNIT_EXPECT_EQ(test, 1, device_attach(&pdev->dev));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	pci_dev_put(pdev);
	fpga_card_put(card);
}

static void refused_trigger_brings_the_old_image_back(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .reject_trigger = true };
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	unsigned int count;
	u32 *saved;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	count = fixture_count(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_LT(test, fpga_card_load(card, FIXTURE_USER), 0);
	load_expect_error(test, card, "refused");
	load_expect_error(test, card, "brought back");
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), count);
	fixture_expect_port(fx, 0, saved);

	faults.reject_trigger = false;
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);
}

static void other_image_than_asked_for_is_told(struct kunit *test)
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
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);
	fixture_expect_port(fx, 0, saved);

	faults.wrong_image[0] = '\0';
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);
}

static u16 failure_link_control(struct fixture *fx)
{
	return fixture_exp(fixture_port(fx, 0), PCI_EXP_LNKCTL);
}

static bool failure_wait_for(struct fixture *fx, enum pcie_card_sim_what what,
			     u64 from)
{
	return fixture_wait(fixture_find(fx, what, NULL, from, NULL),
			    FAILURE_WAIT_MS);
}

/* The deadline ends it. */
static void card_that_does_not_return_is_given_up(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .never_return = true };
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	fx->images[1].timeout_ms = 100;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "did not bring its link up");
	load_expect_error(test, card, "could not be brought back");
	KUNIT_EXPECT_EQ(test, failure_link_control(fx) & PCI_EXP_LNKCTL_LD, 0);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "no card below");
	fpga_card_put(card);
}

/* Start a load of FIXTURE_USER elsewhere, and return when it was triggered. */
static void failure_start(struct fixture *fx, struct load_run *run,
			  struct fpga_card *card)
{
	load_run_start(run, card, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(fx->test,
			  failure_wait_for(fx, PCIE_CARD_SIM_TRIGGER, 0));
}

static void second_request_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_run run;
	struct fpga_card *card;

	fx->images[1].reload_ms = 300;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	failure_start(fx, &run, card);
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_FACTORY));
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&run));
	fpga_card_put(card);
}

static void port_that_goes_ends_the_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_run run;
	struct fpga_card *card;

	fx->images[1].reload_ms = 500;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	failure_start(fx, &run, card);
	fixture_stop(fx);
	KUNIT_EXPECT_EQ(test, -ENODEV, load_run_end(&run));
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);
}

static void failure_stop_interrupts(struct load_moment *moment)
{
	pcie_capability_clear_word(moment->port, PCI_EXP_SLTCTL,
				   PCI_EXP_SLTCTL_HPIE);
}

/* What the one before it has lost is not this one's to tell. */
static void load_that_is_refused_in_opening_tells_of_itself_alone(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_moment moment = {
		.fx = fx,
		.state = "opening",
		.act = failure_stop_interrupts,
	};
	struct fpga_card *card;
	struct pci_dev *pdev;

	fixture_slow(test);
	card = fixture_boot(fx, FIXTURE_WIDE);
	pdev = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_EXPECT_EQ(test, 0, fixture_enable_vfs(pdev, 2));
	pci_dev_put(pdev);
	mutex_lock(&card->lock);
	card->settings.restore = true;
	mutex_unlock(&card->lock);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));

	load_moment_start(&moment);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, fpga_card_load(card, FIXTURE_WIDE));
	load_moment_stop(&moment);
	load_expect_error(test, card, "pciehp_poll_mode");
	load_expect_no_error(test, card, "lost:");
	load_expect_state(test, card, FPGA_CARD_IDLE);
	load_expect_runs(fx, card, FIXTURE_USER);
	pcie_capability_set_word(fixture_port(fx, 0), PCI_EXP_SLTCTL,
				 PCI_EXP_SLTCTL_HPIE);
	fpga_card_put(card);
}

static struct kunit_case failure_cases[] = {
	KUNIT_CASE_PARAM(bad_name_touches_nothing, failure_name_gen_params),
	KUNIT_CASE(name_beyond_the_limit_touches_nothing),
	KUNIT_CASE(busy_card_is_not_touched),
	KUNIT_CASE(card_without_back_end_is_not_touched),
	KUNIT_CASE(refused_trigger_brings_the_old_image_back),
	KUNIT_CASE(other_image_than_asked_for_is_told),
	KUNIT_CASE(card_that_does_not_return_is_given_up),
	KUNIT_CASE(second_request_is_refused),
	KUNIT_CASE(port_that_goes_ends_the_load),
	KUNIT_CASE(load_that_is_refused_in_opening_tells_of_itself_alone),
	{}
};

struct kunit_suite fpga_card_failure_suite = {
	.name = "fpga_card_failure",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = failure_cases,
};
