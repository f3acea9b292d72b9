// SPDX-License-Identifier: GPL-2.0-only
/*
 * User space lets go of a card while an image is brought into place, where the user wants
 * that.
 */

#include "kunit/fixtures/drain.h"
#include "kunit/fixtures/region-file.h"
#include "kunit/suites.h"

/* What times may differ by */
#define DRAIN_SAME_US		30000

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
	unsigned int staging_ms;

	drain_load(dr, 0, "success");
	staging_ms = dr->record.steps_us[FPGA_CARD_STAGING] / USEC_PER_MSEC;
	KUNIT_ASSERT_LT(test, staging_ms, DRAIN_LONG_MS);
	drain_expect_waited(dr, DRAIN_LONG_MS - staging_ms);
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
