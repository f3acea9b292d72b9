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

/* A driver that can have VFs, and the function that it is for */
#define DRAIN_VENDOR		0x1234
#define DRAIN_DEVICE		0x0007
#define DRAIN_CLASS		0x118000
#define DRAIN_VFS		2

/* What the kernel waits after it has disabled VFs (PCIe r6.0, sec 9.3.3.3.1), and longer */
#define DRAIN_VFS_OFF_MS	1000
#define DRAIN_VFS_MS		1300

/* What times may differ by */
#define DRAIN_SAME_US		30000

/**
 * struct drain - a back end that takes time to write an image
 * @fx: the host
 * @card: the card
 * @ops: its operations
 * @staging_ms: how long stage() takes
 * @err: what it returns
 * @vfs: how many VFs there are when it does
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
	unsigned int staging_ms;
	int err;
	int vfs;
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

/* Of the second function, which may be away */
static int drain_count_vfs(struct drain *dr)
{
	struct pci_dev *pf = fixture_function(dr->fx, 0, 1);
	int num = pf ? pci_num_vf(pf) : -1;

	pci_dev_put(pf);
	return num;
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
	if (fixture_wait(fpga_card_stage_cancelled(card), dr->staging_ms))
		return -EINTR;
	dr->vfs = drain_count_vfs(dr);
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
	dr->staging_ms = DRAIN_STAGING_MS;
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

static int drain_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return 0;
}

/* Whether the driver below refuses to enable VFs. One case runs at a time. */
static bool drain_refuses_vfs;

/* Unlike pci_sriov_configure_simple() it takes VFs away from guests. */
static int drain_configure_vfs(struct pci_dev *pdev, int num)
{
	if (num)
		return drain_refuses_vfs ? -EPERM : pci_enable_sriov(pdev, num);
	pci_disable_sriov(pdev);
	return 0;
}

static const struct pci_device_id drain_ids[] = {
	{ PCI_DEVICE(DRAIN_VENDOR, DRAIN_DEVICE) },
	{}
};

static struct pci_driver drain_driver = {
	.name = "fpga-card-kunit-drain",
	.id_table = drain_ids,
	.probe = drain_probe,
	.sriov_configure = drain_configure_vfs,
};

/* As drain_boot(), with VFs, and an image that takes longer to write than these to go */
static struct drain *drain_boot_vfs(struct kunit *test, unsigned int ms)
{
	struct fixture *fx = test->priv;
	struct pcie_card_sim_function *fn = &fx->images[0].fn[1];
	struct pci_dev *pf;
	struct drain *dr;

	fn->vendor = DRAIN_VENDOR;
	fn->device = DRAIN_DEVICE;
	fn->class = DRAIN_CLASS;
	fn->total_vfs = DRAIN_VFS;
	drain_refuses_vfs = false;
	fixture_add_driver(fx, &drain_driver);
	dr = drain_boot(test, ms, "1");
	dr->staging_ms = DRAIN_VFS_MS;
	pf = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	KUNIT_ASSERT_EQ(test, 0, fixture_enable_vfs(pf, DRAIN_VFS));
	pci_dev_put(pf);
	pcie_card_sim_log_clear(fx->sim);
	return dr;
}

/* Their second is none of the outage of the others then. */
static void vfs_go_while_the_image_is_staged(struct kunit *test)
{
	struct drain *dr = drain_boot_vfs(test, 0);

	mutex_lock(&dr->card->lock);
	dr->card->settings.restore = true;
	mutex_unlock(&dr->card->lock);
	drain_load(dr, 0, "success");
	KUNIT_EXPECT_EQ(test, dr->vfs, 0);
	KUNIT_EXPECT_LT(test, dr->record.steps_us[FPGA_CARD_REMOVING],
			DRAIN_VFS_OFF_MS * USEC_PER_MSEC);
	KUNIT_EXPECT_GE(test, dr->record.outage_us,
			dr->record.steps_us[FPGA_CARD_STAGING]);
	KUNIT_EXPECT_EQ(test, drain_count_vfs(dr), DRAIN_VFS);
	fpga_card_detach(dr->card, dr);
}

/* For as long as their users may take, they are left to them. */
static void vfs_stay_until_users_have_let_go(struct kunit *test)
{
	struct drain *dr = drain_boot_vfs(test, DRAIN_VFS_MS + DRAIN_SHORT_MS);

	drain_load(dr, 0, "success");
	KUNIT_EXPECT_EQ(test, dr->vfs, DRAIN_VFS);
	KUNIT_EXPECT_GE(test, dr->record.steps_us[FPGA_CARD_REMOVING],
			DRAIN_VFS_OFF_MS * USEC_PER_MSEC);
	fpga_card_detach(dr->card, dr);
}

static void vfs_come_back_if_the_card_does_not_take_the_image(struct kunit *test)
{
	struct drain *dr = drain_boot_vfs(test, 0);

	dr->err = -EIO;
	drain_load(dr, -EIO, "refused");
	load_expect_error(test, dr->card, "did not take");
	KUNIT_EXPECT_EQ(test, dr->vfs, 0);
	KUNIT_EXPECT_EQ(test, drain_count_vfs(dr), DRAIN_VFS);
	KUNIT_EXPECT_GE(test, dr->record.outage_us, DRAIN_VFS_OFF_MS * USEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(dr->fx, BIT(PCIE_CARD_SIM_LINK_DOWN), 0));
	fpga_card_detach(dr->card, dr);
}

/* The card is not as it was then. */
static void vfs_that_do_not_come_back_are_told(struct kunit *test)
{
	struct drain *dr = drain_boot_vfs(test, 0);

	dr->err = -EIO;
	drain_refuses_vfs = true;
	drain_load(dr, -EIO, "recovered");
	load_expect_error(test, dr->card, "did not take");
	load_expect_error(test, dr->card, "were not enabled again");
	KUNIT_EXPECT_EQ(test, drain_count_vfs(dr), 0);
	fpga_card_detach(dr->card, dr);
}

static void vfs_come_back_if_the_load_is_cancelled(struct kunit *test)
{
	struct drain *dr = drain_boot_vfs(test, 0);
	struct load_run run;

	load_run_start(&run, dr->card, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(test, fixture_wait(!drain_count_vfs(dr), FIXTURE_WAIT_MS));
	load_expect_state(test, dr->card, FPGA_CARD_STAGING);
	mutex_lock(&dr->card->lock);
	WRITE_ONCE(dr->card->serving.request->cancel, true);
	mutex_unlock(&dr->card->lock);
	KUNIT_EXPECT_EQ(test, -EINTR, load_run_end(&run));
	KUNIT_ASSERT_TRUE(test, fpga_card_history_get(dr->card, 0, &dr->record));
	KUNIT_EXPECT_EQ(test, dr->record.outcome, FPGA_CARD_CANCELLED);
	KUNIT_EXPECT_EQ(test, drain_count_vfs(dr), DRAIN_VFS);
	fpga_card_detach(dr->card, dr);
}

/* Whoever removes a port holds the rescan lock, and waits for nobody who wants it. */
static void port_goes_while_vfs_go(struct kunit *test)
{
	struct drain *dr = drain_boot_vfs(test, 0);
	struct load_run run;

	load_run_start(&run, dr->card, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(test, fixture_wait(!drain_count_vfs(dr), FIXTURE_WAIT_MS));
	pci_stop_and_remove_bus_device_locked(fixture_port(dr->fx, 0));
	KUNIT_EXPECT_EQ(test, -ENODEV, load_run_end(&run));
	KUNIT_EXPECT_FALSE(test, fpga_card_is_present(dr->card));
	fpga_card_detach(dr->card, dr);
}

/* Somebody who has not let go finds his VF as it was. */
static void vfs_of_a_user_stay(struct kunit *test)
{
	struct drain *dr = drain_boot_vfs(test, LOAD_FOREVER_MS);
	struct load_run run;
	struct pci_dev *pf, *vf;

	load_run_start(&run, dr->card, FIXTURE_USER);
	load_wait_state(test, dr->card, FPGA_CARD_STAGING, FIXTURE_WAIT_MS);
	pf = fixture_function(dr->fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	vf = fixture_vf(pf, 1);
	KUNIT_ASSERT_NOT_NULL(test, vf);
	pci_set_dev_assigned(vf);
	KUNIT_EXPECT_EQ(test, 0, region_file_write(dr->card, "drained", "1"));
	KUNIT_EXPECT_EQ(test, -EBUSY, load_run_end(&run));
	load_expect_error(test, dr->card, pci_name(vf));
	KUNIT_EXPECT_EQ(test, dr->vfs, DRAIN_VFS);
	KUNIT_EXPECT_EQ(test, drain_count_vfs(dr), DRAIN_VFS);
	KUNIT_EXPECT_TRUE(test, device_is_registered(&vf->dev));
	pci_clear_dev_assigned(vf);
	pci_dev_put(vf);
	pci_dev_put(pf);
	fixture_expect_untouched(dr->fx);
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
	KUNIT_CASE(vfs_go_while_the_image_is_staged),
	KUNIT_CASE(vfs_stay_until_users_have_let_go),
	KUNIT_CASE(vfs_come_back_if_the_card_does_not_take_the_image),
	KUNIT_CASE(vfs_that_do_not_come_back_are_told),
	KUNIT_CASE(vfs_come_back_if_the_load_is_cancelled),
	KUNIT_CASE(port_goes_while_vfs_go),
	KUNIT_CASE(vfs_of_a_user_stay),
	{}
};

struct kunit_suite fpga_card_drain_suite = {
	.name = "fpga_card_drain",
	.init = region_file_init,
	.exit = region_file_exit,
	.test_cases = drain_cases,
};
