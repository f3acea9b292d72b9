// SPDX-License-Identifier: GPL-2.0-only
/*
 * User space lets go of a card while an image is brought into place, where the user wants
 * that. The back end here takes time to write its image; a hot reset makes its card load.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "kunit/fixtures/load.h"
#include "kunit/fixtures/region-file.h"
#include "kunit/suites.h"

#define DRAIN_TIMEOUT_MS	2000

/* How long it takes to write the image, and user space at most, before or after that */
#define DRAIN_STAGING_MS	400
#define DRAIN_SHORT_MS		200
#define DRAIN_LONG_MS		700

/* What times may differ by */
#define DRAIN_SAME_US		30000

/**
 * struct drain - a back end that takes time to write an image
 * @fx: the host
 * @card: the card
 * @ops: its operations
 * @err: what stage() returns
 * @unstages: how often unstage() was called
 * @told: users had been told of the outage when stage() began
 * @work: user space, which writes 1 to "drained" while stage() runs. Not stage() itself: a
 *	file of the region's is written outside of the back end's lock
 * @drained: what that returned
 * @has_let_go: it has returned
 * @lets_go: somebody does that
 * @record: the last request
 */
struct drain {
	struct fixture *fx;
	struct fpga_card *card;
	struct fpga_card_ops ops;
	int err;
	unsigned int unstages;
	bool told;
	struct work_struct work;
	int drained;
	bool has_let_go;
	bool lets_go;
	struct fpga_card_record record;
};

static const struct fpga_card_image drain_images[] = {
	{ .name = FIXTURE_USER, .timeout_ms = DRAIN_TIMEOUT_MS, .staged = true },
	{ .name = FIXTURE_WIDE, .timeout_ms = DRAIN_TIMEOUT_MS },
};

static int drain_get_images(void *priv, struct fpga_card_image *images, unsigned int max)
{
	memcpy(images, drain_images, sizeof(drain_images));
	return ARRAY_SIZE(drain_images);
}

static void drain_let_go(struct work_struct *work)
{
	struct drain *dr = container_of(work, struct drain, work);

	dr->drained = region_file_write(dr->card, "drained", "1");
	/* Pairs with drain_stage(): @drained is there then. */
	smp_store_release(&dr->has_let_go, true);
}

static bool drain_is_let_go(const struct drain *dr)
{
	/* Pairs with drain_let_go(). */
	return smp_load_acquire(&dr->has_let_go);
}

static int drain_stage(void *priv, struct fpga_card *card, const char *name,
		       const u8 *data, size_t len)
{
	struct drain *dr = priv;

	dr->told = card->serving.request->told;
	if (dr->lets_go) {
		schedule_work(&dr->work);
		KUNIT_EXPECT_TRUE(dr->fx->test,
				  fixture_wait(drain_is_let_go(dr), FIXTURE_WAIT_MS));
	}
	if (fixture_wait(fpga_card_stage_cancelled(card), DRAIN_STAGING_MS))
		return -EINTR;
	return dr->err;
}

static void drain_unstage(void *priv)
{
	((struct drain *)priv)->unstages++;
}

static int drain_trigger(void *priv, const char *name, bool staged)
{
	return 0;
}

/* @overlap: as a user writes it to the attribute */
static struct drain *drain_boot(struct kunit *test, unsigned int ms, const char *overlap)
{
	struct drain *dr = kunit_kzalloc(test, sizeof(*dr), GFP_KERNEL);
	struct fixture *fx = test->priv;
	struct fpga_card_info info = {
		.name = "kunit",
		.start = FPGA_CARD_START_HOT_RESET,
		.priv = dr,
	};

	KUNIT_ASSERT_NOT_NULL(test, dr);
	fixture_describe_undriven(fx);
	fx->config.n_ports = 1;
	fixture_start(fx);
	dr->fx = fx;
	dr->ops = (struct fpga_card_ops) {
		.images = drain_get_images,
		.stage = drain_stage,
		.unstage = drain_unstage,
		.trigger = drain_trigger,
	};
	INIT_WORK(&dr->work, drain_let_go);
	info.ops = &dr->ops;
	info.port = fixture_port(fx, 0);
	dr->card = fpga_card_attach(&info);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dr->card);
	region_file_expect(test, dr->card, "overlap", "0");
	KUNIT_ASSERT_EQ(test, 0, region_file_write(dr->card, "overlap", overlap));
	region_file_expect(test, dr->card, "overlap", overlap);
	mutex_lock(&dr->card->lock);
	dr->card->settings.drain_ms = ms;
	mutex_unlock(&dr->card->lock);
	pcie_card_sim_log_clear(fx->sim);
	return dr;
}

static void drain_load(struct drain *dr, int err, const char *outcome)
{
	struct kunit *test = dr->fx->test;

	KUNIT_EXPECT_EQ(test, err, fpga_card_load(dr->card, FIXTURE_USER));
	KUNIT_ASSERT_TRUE(test, fpga_card_history_get(dr->card, 0, &dr->record));
	KUNIT_EXPECT_STREQ(test, fpga_card_outcome_name(dr->record.outcome), outcome);
}

/* How long users were waited for beyond what else was done */
static void drain_expect_waited(struct drain *dr, unsigned int ms)
{
	s64 us = (s64)dr->record.steps_us[FPGA_CARD_DRAINING] - ms * USEC_PER_MSEC;

	KUNIT_EXPECT_LE(dr->fx->test, abs(us), DRAIN_SAME_US);
	KUNIT_EXPECT_GE(dr->fx->test, dr->record.steps_us[FPGA_CARD_STAGING],
			DRAIN_STAGING_MS * USEC_PER_MSEC);
}

static void users_are_told_when_the_image_is_in_place(struct kunit *test)
{
	struct drain *dr = drain_boot(test, DRAIN_SHORT_MS, "0");

	drain_load(dr, 0, "success");
	KUNIT_EXPECT_FALSE(test, dr->told);
	drain_expect_waited(dr, DRAIN_SHORT_MS);
	fpga_card_detach(dr->card, dr);
}

static void users_let_go_while_the_image_is_staged(struct kunit *test)
{
	struct drain *dr = drain_boot(test, DRAIN_SHORT_MS, "1");

	drain_load(dr, 0, "success");
	KUNIT_EXPECT_TRUE(test, dr->told);
	drain_expect_waited(dr, 0);
	fpga_card_detach(dr->card, dr);
}

static void users_have_the_rest_of_their_time_after_it(struct kunit *test)
{
	struct drain *dr = drain_boot(test, DRAIN_LONG_MS, "1");

	drain_load(dr, 0, "success");
	drain_expect_waited(dr, DRAIN_LONG_MS - DRAIN_STAGING_MS);
	fpga_card_detach(dr->card, dr);
}

static void users_say_meanwhile_that_they_have_let_go(struct kunit *test)
{
	struct drain *dr = drain_boot(test, LOAD_FOREVER_MS, "1");

	dr->lets_go = true;
	drain_load(dr, 0, "success");
	KUNIT_EXPECT_EQ(test, dr->drained, 0);
	drain_expect_waited(dr, 0);
	KUNIT_EXPECT_EQ(test, -EBUSY, region_file_write(dr->card, "drained", "1"));
	fpga_card_detach(dr->card, dr);
}

static void users_cannot_say_so_before_they_are_told(struct kunit *test)
{
	struct drain *dr = drain_boot(test, DRAIN_SHORT_MS, "0");

	dr->lets_go = true;
	drain_load(dr, 0, "success");
	KUNIT_EXPECT_EQ(test, dr->drained, -EBUSY);
	drain_expect_waited(dr, DRAIN_SHORT_MS);
	fpga_card_detach(dr->card, dr);
}

static void card_that_does_not_take_the_image_stays(struct kunit *test)
{
	struct drain *dr = drain_boot(test, DRAIN_LONG_MS, "1");

	dr->err = -EIO;
	drain_load(dr, -EIO, "refused");
	KUNIT_EXPECT_TRUE(test, dr->told);
	load_expect_error(test, dr->card, "did not take");
	fixture_expect_untouched(dr->fx);
	/* Nobody is waited for, as there will be no outage. */
	KUNIT_EXPECT_EQ(test, dr->record.steps_us[FPGA_CARD_DRAINING], 0);
	fpga_card_detach(dr->card, dr);
}

/* Whoever came meanwhile is found, also if users had no time. */
static void user_who_comes_while_the_image_is_staged_is_found(struct kunit *test)
{
	struct drain *dr = drain_boot(test, 0, "1");
	struct load_run run;
	struct pci_dev *pdev;

	load_run_start(&run, dr->card, FIXTURE_USER);
	load_wait_state(test, dr->card, FPGA_CARD_STAGING, FIXTURE_WAIT_MS);
	pdev = pci_get_slot(fixture_port(dr->fx, 0)->subordinate, PCI_DEVFN(0, 0));
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	/* As when a guest gets the function */
	pci_set_dev_assigned(pdev);
	KUNIT_EXPECT_EQ(test, -EBUSY, load_run_end(&run));
	pci_clear_dev_assigned(pdev);
	pci_dev_put(pdev);
	fixture_expect_untouched(dr->fx);
	KUNIT_EXPECT_EQ(test, dr->unstages, 1);
	fpga_card_detach(dr->card, dr);
}

static void load_is_cancelled_while_users_let_go_and_it_is_staged(struct kunit *test)
{
	struct drain *dr = drain_boot(test, LOAD_FOREVER_MS, "1");
	struct load_run run;

	load_run_start(&run, dr->card, FIXTURE_USER);
	load_wait_state(test, dr->card, FPGA_CARD_STAGING, FIXTURE_WAIT_MS);
	mutex_lock(&dr->card->lock);
	WRITE_ONCE(dr->card->serving.request->cancel, true);
	mutex_unlock(&dr->card->lock);
	KUNIT_EXPECT_EQ(test, -EINTR, load_run_end(&run));
	fixture_expect_untouched(dr->fx);
	KUNIT_ASSERT_TRUE(test, fpga_card_history_get(dr->card, 0, &dr->record));
	KUNIT_EXPECT_EQ(test, dr->record.outcome, FPGA_CARD_CANCELLED);
	fpga_card_detach(dr->card, dr);
}

static struct kunit_case drain_cases[] = {
	KUNIT_CASE(users_are_told_when_the_image_is_in_place),
	KUNIT_CASE(users_let_go_while_the_image_is_staged),
	KUNIT_CASE(users_have_the_rest_of_their_time_after_it),
	KUNIT_CASE(users_say_meanwhile_that_they_have_let_go),
	KUNIT_CASE(users_cannot_say_so_before_they_are_told),
	KUNIT_CASE(card_that_does_not_take_the_image_stays),
	KUNIT_CASE(user_who_comes_while_the_image_is_staged_is_found),
	KUNIT_CASE(load_is_cancelled_while_users_let_go_and_it_is_staged),
	{}
};

struct kunit_suite fpga_card_drain_suite = {
	.name = "fpga_card_drain",
	.init = region_file_init,
	.exit = region_file_exit,
	.test_cases = drain_cases,
};
