// SPDX-License-Identifier: GPL-2.0-only
/*
 * Back ends that announce that their card resets itself: one that stays, and one that goes
 * with the card's functions.
 */

#include <linux/fpga/fpga-card.h>
#include <linux/pci.h>
#include <linux/workqueue.h>

#include "kunit/fixtures/announce.h"
#include "kunit/suites.h"

static const struct fpga_card_image announce_images[] = {
	{ .name = FIXTURE_USER, .timeout_ms = ANNOUNCE_DEADLINE_MS },
};

/* A card without a control device, whose back end stays. */
static struct fpga_card_builtin *announce_builtin(struct fixture *fx,
						  struct fpga_card **card)
{
	struct fpga_card_builtin *builtin;

	fixture_describe_undriven(fx);
	fixture_start(fx);
	builtin = fpga_card_builtin_add(fixture_port(fx, 0), FPGA_CARD_EXTERNAL,
					announce_images, 1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(fx->test, builtin);
	*card = fixture_card(fx, 0);
	pcie_card_sim_log_clear(fx->sim);
	return builtin;
}

static void one_request_at_a_time(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_builtin *builtin;
	struct load_run load;
	struct fpga_card *card;

	builtin = announce_builtin(fx, &card);
	load_run_start(&load, card, FIXTURE_USER);
	load_wait_state(test, card, FPGA_CARD_LOADING, ANNOUNCE_WAIT_MS);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			announce_begin(card, ANNOUNCE_DEADLINE_MS));
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&load));

	KUNIT_EXPECT_EQ(test, 0, announce_begin(card, ANNOUNCE_DEADLINE_MS));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			announce_begin(card, ANNOUNCE_DEADLINE_MS));
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_bring_back(card));
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_builtin_remove(builtin));
	announce_self_reset(fx, NULL);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
	fpga_card_put(card);
}

/* All functions are gone then, and what comes back nobody can tell. */
static void back_end_may_stay(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_builtin *builtin;
	struct fpga_card *card;

	builtin = announce_builtin(fx, &card);
	strscpy(card->running, FIXTURE_USER, sizeof(card->running));
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, ANNOUNCE_DEADLINE_MS));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	KUNIT_EXPECT_GT(test, announce_left(card), 0);
	load_wait_state(test, card, FPGA_CARD_AWAITING_RESET,
			ANNOUNCE_WAIT_MS);
	announce_self_reset(fx, FIXTURE_WIDE);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_TRUE(test, fixture_has_functions(fx, 0, FIXTURE_WIDE));
	KUNIT_EXPECT_STREQ(test, card->running, "");
	announce_expect_quiet(fx);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
	fpga_card_put(card);
}

static void reset_that_is_called_off_leaves_all_as_it_was(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_builtin *builtin;
	struct fpga_card *card;

	builtin = announce_builtin(fx, &card);
	strscpy(card->running, FIXTURE_FACTORY, sizeof(card->running));
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, FPGA_CARD_TIMEOUT_MAX_MS));
	/* A stranger has no say. */
	fpga_card_reset_end(card, fx, -EIO);
	msleep(100);
	KUNIT_EXPECT_GT(test, announce_left(card), 0);
	fpga_card_reset_end(card, builtin, -EIO);
	announce_wait(fx, card, FPGA_CARD_FAILED);
	load_expect_error(test, card, "was called off: error -5");
	KUNIT_EXPECT_TRUE(test, fixture_has_functions(fx, 0, FIXTURE_FACTORY));
	KUNIT_EXPECT_STREQ(test, card->running, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_LINK_DOWN), 0));
	/* There is none any more. */
	fpga_card_reset_end(card, builtin, -EIO);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
	fpga_card_put(card);
}

static void back_end_may_say_that_it_is_over(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_builtin *builtin;
	struct fpga_card *card;

	builtin = announce_builtin(fx, &card);
	strscpy(card->running, FIXTURE_FACTORY, sizeof(card->running));
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, FPGA_CARD_TIMEOUT_MAX_MS));
	fpga_card_reset_end(card, builtin, 0);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_STREQ(test, card->last_error, "");
	KUNIT_EXPECT_TRUE(test, fixture_has_functions(fx, 0, FIXTURE_FACTORY));
	/* Who says so was not seen doing it. */
	KUNIT_EXPECT_STREQ(test, card->running, "");
	KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
	fpga_card_put(card);
}

static void port_that_goes_ends_the_wait(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_builtin *builtin;
	struct fpga_card *card;

	builtin = announce_builtin(fx, &card);
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, FPGA_CARD_TIMEOUT_MAX_MS));
	load_wait_state(test, card, FPGA_CARD_AWAITING_RESET,
			ANNOUNCE_WAIT_MS);
	fixture_stop(fx);
	KUNIT_EXPECT_TRUE(test, fixture_wait(!READ_ONCE(card->serving.request),
					     ANNOUNCE_WAIT_MS));
	KUNIT_EXPECT_EQ(test, -ENODEV, announce_begin(card, 1));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
	fpga_card_put(card);
}

/**
 * struct announce_driver - a driver of the control function that announces a reset
 * @fx: the host
 * @card: the card; NULL while the driver is not bound
 * @work: announces it, and has the card begin if that is accepted
 * @result: what the answer was
 * @asks: @work has begun
 */
struct announce_driver {
	struct fixture *fx;
	struct fpga_card *card;
	struct work_struct work;
	int result;
	bool asks;
};

static struct announce_driver announce_driver;

static int announce_driver_images(void *priv, struct fpga_card_image *images,
				  unsigned int max)
{
	images[0] = announce_images[0];
	return 1;
}

static int announce_driver_running(void *priv, char *name, size_t len)
{
	struct announce_driver *drv = priv;

	/* While the host is made nobody can be asked. */
	if (!drv->fx->sim)
		return -ENODATA;
	return pcie_card_sim_running(drv->fx->sim, 0, name, len);
}

static int announce_driver_trigger(void *priv, const char *name, bool staged)
{
	return -EIO;
}

static const struct fpga_card_ops announce_driver_ops = {
	.images = announce_driver_images,
	.running = announce_driver_running,
	.trigger = announce_driver_trigger,
};

static void announce_driver_work(struct work_struct *work)
{
	struct announce_driver *drv;

	drv = container_of(work, struct announce_driver, work);
	WRITE_ONCE(drv->asks, true);
	drv->result = fpga_card_reset_begin(drv->card, drv, ANNOUNCE_DEADLINE_MS);
	if (!drv->result)
		pcie_card_sim_self_reset(drv->fx->sim, 0, 20, FIXTURE_USER);
}

static int announce_driver_probe(struct pci_dev *pdev,
				 const struct pci_device_id *id)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = pci_upstream_bridge(pdev),
		.control = &pdev->dev,
		.ops = &announce_driver_ops,
		.priv = &announce_driver,
	};
	struct fpga_card *card = fpga_card_attach(&info);

	announce_driver.card = card;
	return PTR_ERR_OR_ZERO(card);
}

/* The function cannot go before whoever announces has his answer. */
static void announce_driver_remove(struct pci_dev *pdev)
{
	fpga_card_detach(announce_driver.card, &announce_driver);
	flush_work(&announce_driver.work);
}

static const struct pci_device_id announce_driver_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0001) },
	{ PCI_DEVICE(0x1234, 0x0011) },
	{}
};

static struct pci_driver announce_pci_driver = {
	.name = "fpga-card-kunit-announce",
	.id_table = announce_driver_ids,
	.probe = announce_driver_probe,
	.remove = announce_driver_remove,
};

static struct fpga_card *announce_boot_driver(struct fixture *fx)
{
	unsigned int i;

	announce_driver = (struct announce_driver) { .fx = fx, .result = 1 };
	INIT_WORK(&announce_driver.work, announce_driver_work);
	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].fn[0].bmc = false;
		fx->images[i].fn[0].class = 0xff0000;
	}
	fixture_add_driver(fx, &announce_pci_driver);
	return fixture_boot(fx, FIXTURE_FACTORY);
}

static void driver_has_its_answer_before_it_goes(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = announce_boot_driver(fx);

	queue_work(system_unbound_wq, &announce_driver.work);
	flush_work(&announce_driver.work);
	KUNIT_EXPECT_EQ(test, 0, announce_driver.result);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	load_expect_runs(fx, card, FIXTURE_USER);
	KUNIT_EXPECT_STREQ(test, card->last_error, "");
	announce_expect_quiet(fx);
	fpga_card_put(card);
}

static void driver_may_go_before_it_has_an_answer(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;
	ktime_t start;

	fixture_add_driver(fx, &announce_slow_driver);
	card = announce_boot_driver(fx);
	reinit_completion(&announce_slow_go);
	announce_slow_ms = ANNOUNCE_WAIT_MS;
	pci_dev_put(fixture_bind(fx, 0, 1, &announce_slow_driver));

	queue_work(system_unbound_wq, &announce_driver.work);
	load_wait_state(test, card, FPGA_CARD_REMOVING, ANNOUNCE_WAIT_MS);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	start = ktime_get();
	device_release_driver(&pdev->dev);
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start),
			ANNOUNCE_WAIT_MS / 4);
	KUNIT_EXPECT_EQ(test, -ENODEV, announce_driver.result);
	pci_dev_put(pdev);
	complete_all(&announce_slow_go);

	/* The functions are back, and with them the driver. */
	announce_wait(fx, card, FPGA_CARD_FAILED);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 2);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_LINK_DOWN), 0));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(card->attached));
	fpga_card_put(card);
}

static struct kunit_case announce_back_end_cases[] = {
	KUNIT_CASE(one_request_at_a_time),
	KUNIT_CASE(back_end_may_stay),
	KUNIT_CASE(reset_that_is_called_off_leaves_all_as_it_was),
	KUNIT_CASE(back_end_may_say_that_it_is_over),
	KUNIT_CASE(port_that_goes_ends_the_wait),
	KUNIT_CASE(driver_has_its_answer_before_it_goes),
	KUNIT_CASE(driver_may_go_before_it_has_an_answer),
	{}
};

struct kunit_suite fpga_card_announce_back_end_suite = {
	.name = "fpga_card_announce_back_end",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = announce_back_end_cases,
};
