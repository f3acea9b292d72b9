// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFs that go while an image is brought into place, where the user wants that.
 */

#include <linux/delay.h>
#include <linux/pci.h>

#include "kunit/fixtures/drain.h"
#include "kunit/fixtures/region-file.h"
#include "kunit/suites.h"

/* A driver that can have VFs, and the function that it is for */
#define RELEASE_VENDOR		0x1234
#define RELEASE_DEVICE		0x0007
#define RELEASE_VF_DEVICE	0x0008
#define RELEASE_CLASS		0x118000
#define RELEASE_VFS		2

/*
 * What the kernel waits after it has disabled VFs (PCIe r6.0, sec 9.3.3.3.1), and longer:
 * what it takes to write the image
 */
#define RELEASE_OFF_MS		1000
#define RELEASE_STAGING_MS	1300

/*
 * How long a driver may take to let its VFs go, and how long one does. In between the image
 * is in place, or afterwards.
 */
#define RELEASE_PATIENCE_MS	2000
#define RELEASE_HANG_MS		6000

/* Until all is over that comes after that */
#define RELEASE_END_MS		20000

static int release_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return 0;
}

/* What the driver below does with VFs: refuse, or hang once. One case runs at a time. */
static bool release_refuses;
static bool release_hangs;

/* Whose load is cancelled as the driver of a VF is unbound, or NULL */
static struct fpga_card *release_cancels;

static void release_cancel(struct fpga_card *card)
{
	mutex_lock(&card->lock);
	WRITE_ONCE(card->serving.request->cancel, true);
	mutex_unlock(&card->lock);
}

static void release_remove(struct pci_dev *pdev)
{
	if (pdev->is_virtfn && release_cancels)
		release_cancel(release_cancels);
}

/* Unlike pci_sriov_configure_simple() it takes VFs away from guests. */
static int release_configure_vfs(struct pci_dev *pdev, int num)
{
	if (num)
		return release_refuses ? -EPERM : pci_enable_sriov(pdev, num);
	if (release_hangs)
		msleep(RELEASE_HANG_MS);
	release_hangs = false;
	pci_disable_sriov(pdev);
	return 0;
}

static const struct pci_device_id release_ids[] = {
	{ PCI_DEVICE(RELEASE_VENDOR, RELEASE_DEVICE) },
	{ PCI_DEVICE(RELEASE_VENDOR, RELEASE_VF_DEVICE) },
	{}
};

static struct pci_driver release_driver = {
	.name = "fpga-card-kunit-release",
	.id_table = release_ids,
	.probe = release_probe,
	.remove = release_remove,
	.sriov_configure = release_configure_vfs,
};

/* That cannot enable VFs, unless it does so in probe() */
static struct pci_driver release_mute_driver = {
	.name = "fpga-card-kunit-mute",
	.id_table = release_ids,
	.probe = release_probe,
};

/*
 * As drain_boot(), with VFs, and an image that takes longer to write than these to go. All
 * have that driver.
 */
static struct drain *release_boot_with(struct kunit *test, unsigned int ms,
				       struct pci_driver *drv)
{
	struct fixture *fx = test->priv;
	struct pcie_card_sim_function *fn = &fx->images[0].fn[1];
	struct pci_dev *pf;
	struct drain *dr;

	fn->vendor = RELEASE_VENDOR;
	fn->device = RELEASE_DEVICE;
	fn->class = RELEASE_CLASS;
	fn->total_vfs = RELEASE_VFS;
	fn->vf_device = RELEASE_VF_DEVICE;
	release_refuses = false;
	release_hangs = false;
	release_cancels = NULL;
	fixture_add_driver(fx, drv);
	dr = drain_boot(test, ms, "1");
	dr->staging_ms = RELEASE_STAGING_MS;
	pf = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	KUNIT_ASSERT_EQ(test, 0, fixture_enable_vfs(pf, RELEASE_VFS));
	pci_dev_put(pf);
	pcie_card_sim_log_clear(fx->sim);
	return dr;
}

static struct drain *release_boot(struct kunit *test, unsigned int ms)
{
	return release_boot_with(test, ms, &release_driver);
}

/* All VFs are there, with their driver. */
static void release_expect_vfs(struct drain *dr)
{
	struct kunit *test = dr->fx->test;
	struct pci_dev *pf, *vf;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, drain_count_vfs(dr), RELEASE_VFS);
	pf = fixture_function(dr->fx, 0, 1);
	for (i = 0; i < RELEASE_VFS; i++) {
		vf = fixture_vf(pf, i);
		KUNIT_ASSERT_NOT_NULL(test, vf);
		KUNIT_EXPECT_NOT_NULL_MSG(test, vf->dev.driver, "%s", pci_name(vf));
		pci_dev_put(vf);
	}
	pci_dev_put(pf);
}

/* Their second is none of the outage of the others then. */
static void vfs_go_while_the_image_is_staged(struct kunit *test)
{
	struct drain *dr;

	fixture_slow(test);
	dr = release_boot(test, 0);
	mutex_lock(&dr->card->lock);
	dr->card->settings.restore = true;
	mutex_unlock(&dr->card->lock);
	drain_load(dr, 0, "success");
	KUNIT_EXPECT_EQ(test, dr->vfs, 0);
	KUNIT_EXPECT_LT(test, dr->record.steps_us[FPGA_CARD_REMOVING],
			RELEASE_OFF_MS * USEC_PER_MSEC);
	KUNIT_EXPECT_GE(test, dr->record.outage_us,
			dr->record.steps_us[FPGA_CARD_STAGING]);
	KUNIT_EXPECT_EQ(test, drain_count_vfs(dr), RELEASE_VFS);
	fpga_card_detach(dr->card, dr);
}

/* For as long as their users may take, they are left to them. */
static void vfs_stay_until_users_have_let_go(struct kunit *test)
{
	struct drain *dr;

	fixture_slow(test);
	dr = release_boot(test, RELEASE_STAGING_MS + DRAIN_SHORT_MS);
	drain_load(dr, 0, "success");
	KUNIT_EXPECT_EQ(test, dr->vfs, RELEASE_VFS);
	KUNIT_EXPECT_GE(test, dr->record.steps_us[FPGA_CARD_REMOVING],
			RELEASE_OFF_MS * USEC_PER_MSEC);
	fpga_card_detach(dr->card, dr);
}

static void vfs_come_back_if_the_card_does_not_take_the_image(struct kunit *test)
{
	struct drain *dr;

	fixture_slow(test);
	dr = release_boot(test, 0);
	dr->err = -EIO;
	drain_load(dr, -EIO, "refused");
	load_expect_error(test, dr->card, "did not take");
	KUNIT_EXPECT_EQ(test, dr->vfs, 0);
	KUNIT_EXPECT_EQ(test, drain_count_vfs(dr), RELEASE_VFS);
	KUNIT_EXPECT_GE(test, dr->record.outage_us, RELEASE_OFF_MS * USEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(dr->fx, BIT(PCIE_CARD_SIM_LINK_DOWN), 0));
	fpga_card_detach(dr->card, dr);
}

/* The card is not as it was then. */
static void vfs_that_do_not_come_back_are_told(struct kunit *test)
{
	struct drain *dr;

	fixture_slow(test);
	dr = release_boot(test, 0);
	dr->err = -EIO;
	release_refuses = true;
	drain_load(dr, -EIO, "recovered");
	load_expect_error(test, dr->card, "did not take");
	load_expect_error(test, dr->card, "were not enabled again");
	load_expect_state(test, dr->card, FPGA_CARD_FAILED);
	KUNIT_EXPECT_EQ(test, drain_count_vfs(dr), 0);
	fpga_card_detach(dr->card, dr);
}

static void vfs_come_back_if_the_load_is_cancelled(struct kunit *test)
{
	struct drain *dr;
	struct load_run run;

	fixture_slow(test);
	dr = release_boot(test, 0);
	load_run_start(&run, dr->card, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(test, fixture_wait(!drain_count_vfs(dr), FIXTURE_WAIT_MS));
	load_expect_state(test, dr->card, FPGA_CARD_STAGING);
	release_cancel(dr->card);
	KUNIT_EXPECT_EQ(test, -EINTR, load_run_end(&run));
	KUNIT_ASSERT_TRUE(test, fpga_card_history_get(dr->card, 0, &dr->record));
	KUNIT_EXPECT_EQ(test, dr->record.outcome, FPGA_CARD_CANCELLED);
	release_expect_vfs(dr);
	fpga_card_detach(dr->card, dr);
}

/* Before the VFs themselves go. */
static void vfs_get_their_drivers_back_if_the_load_is_cancelled(struct kunit *test)
{
	struct drain *dr = release_boot(test, 0);

	release_cancels = dr->card;
	drain_load(dr, -EINTR, "cancelled");
	release_cancels = NULL;
	release_expect_vfs(dr);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(dr->fx, BIT(PCIE_CARD_SIM_DEV_DEL), 0));
	fpga_card_detach(dr->card, dr);
}

/* The kernel could disable them, and nobody would enable them. */
static void vfs_that_could_not_come_back_stay(struct kunit *test)
{
	struct drain *dr;

	fixture_slow(test);
	dr = release_boot_with(test, 0, &release_mute_driver);
	dr->err = -EIO;
	drain_load(dr, -EIO, "refused");
	KUNIT_EXPECT_EQ(test, dr->vfs, RELEASE_VFS);
	KUNIT_EXPECT_EQ(test, dr->record.outage_us, 0);
	release_expect_vfs(dr);
	fixture_expect_untouched(dr->fx);
	fpga_card_detach(dr->card, dr);
}

/* They were to be enabled again, for which somebody else's lock is needed. */
static void lock_that_others_keep_as_vfs_come_back_is_told(struct kunit *test)
{
	struct load_run run;
	struct drain *dr;

	fixture_slow(test);
	dr = release_boot(test, 0);
	dr->card->driver_ms = RELEASE_PATIENCE_MS;
	dr->err = -EIO;
	load_run_start(&run, dr->card, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(test, fixture_wait(!drain_count_vfs(dr), FIXTURE_WAIT_MS));
	/* The kernel may still wait, with that lock. */
	pci_lock_rescan_remove();
	KUNIT_EXPECT_TRUE(test, fixture_wait(!work_busy(&run.work), RELEASE_HANG_MS));
	pci_unlock_rescan_remove();
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, load_run_end(&run));
	load_expect_error(test, dr->card, "did not give a lock");
	KUNIT_EXPECT_TRUE(test, fixture_wait(!READ_ONCE(dr->card->serving.request),
					     RELEASE_END_MS));
	release_expect_vfs(dr);
	fpga_card_detach(dr->card, dr);
}

/* Whoever removes a port holds the rescan lock, and waits for nobody who wants it. */
static void port_goes_while_vfs_go(struct kunit *test)
{
	struct drain *dr;
	struct load_run run;

	fixture_slow(test);
	dr = release_boot(test, 0);
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
	struct drain *dr = release_boot(test, LOAD_FOREVER_MS);
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
	KUNIT_EXPECT_EQ(test, dr->vfs, RELEASE_VFS);
	KUNIT_EXPECT_EQ(test, drain_count_vfs(dr), RELEASE_VFS);
	KUNIT_EXPECT_TRUE(test, device_is_registered(&vf->dev));
	pci_clear_dev_assigned(vf);
	pci_dev_put(vf);
	pci_dev_put(pf);
	fixture_expect_untouched(dr->fx);
	fpga_card_detach(dr->card, dr);
}

static const unsigned int release_hang_staging_ms[] = {
	RELEASE_STAGING_MS, RELEASE_HANG_MS + RELEASE_STAGING_MS,
};

static void release_hang_desc(const unsigned int *ms, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u ms", *ms);
}

KUNIT_ARRAY_PARAM(release_hang_staging_ms, release_hang_staging_ms, release_hang_desc);

/*
 * The asker hears of it in time, whether the worker waits for the card or for the driver.
 * When that returns the card is as it was.
 */
static void driver_that_keeps_its_vfs_meanwhile_is_named(struct kunit *test)
{
	const unsigned int *staging_ms = test->param_value;
	struct drain *dr;
	ktime_t begin;

	fixture_slow(test);
	dr = release_boot(test, 0);
	dr->card->driver_ms = RELEASE_PATIENCE_MS;
	dr->staging_ms = *staging_ms;
	release_hangs = true;
	begin = ktime_get();
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(dr->card, FIXTURE_USER));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), begin), RELEASE_HANG_MS);
	load_expect_error(test, dr->card, "its sriov_configure() within 2 s");
	KUNIT_EXPECT_TRUE(test, fixture_wait(!READ_ONCE(dr->card->serving.request),
					     RELEASE_END_MS));
	KUNIT_EXPECT_FALSE(test, release_hangs);
	release_expect_vfs(dr);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(dr->fx, BIT(PCIE_CARD_SIM_LINK_DOWN), 0));
	dr->staging_ms = RELEASE_STAGING_MS;
	drain_load(dr, 0, "success");
	fpga_card_detach(dr->card, dr);
}

static struct kunit_case release_cases[] = {
	KUNIT_CASE(vfs_go_while_the_image_is_staged),
	KUNIT_CASE(vfs_stay_until_users_have_let_go),
	KUNIT_CASE(vfs_come_back_if_the_card_does_not_take_the_image),
	KUNIT_CASE(vfs_that_do_not_come_back_are_told),
	KUNIT_CASE(vfs_come_back_if_the_load_is_cancelled),
	KUNIT_CASE(vfs_get_their_drivers_back_if_the_load_is_cancelled),
	KUNIT_CASE(vfs_that_could_not_come_back_stay),
	KUNIT_CASE(port_goes_while_vfs_go),
	KUNIT_CASE(vfs_of_a_user_stay),
	KUNIT_CASE_PARAM(driver_that_keeps_its_vfs_meanwhile_is_named,
			 release_hang_staging_ms_gen_params),
	KUNIT_CASE(lock_that_others_keep_as_vfs_come_back_is_told),
	{}
};

struct kunit_suite fpga_card_release_suite = {
	.name = "fpga_card_release",
	.init = region_file_init,
	.exit = region_file_exit,
	.test_cases = release_cases,
};
