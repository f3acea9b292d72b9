// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFs that are given up ahead of a window: they come back with it, or without one.
 */

#include <linux/ktime.h>

#include "compat/pci.h"
#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

#define RELEASE_VFS		3
#define RELEASE_OVERRIDE	"fpga-card-kunit-override"
#define RELEASE_TEXT_LEN	128

/* What the kernel waits after VFs were disabled (PCIe r6.0, sec 9.3.3.3.1). */
#define RELEASE_OFF_MS		1000

/* The second function has VFs, and one of them a driver_override. */
static struct pci_reload *release_boot(struct fixture *fx)
{
	struct kunit *test = fx->test;
	struct pci_dev *pf, *vf;

	cycle_boot(fx, FIXTURE_WIDE);
	pf = cycle_function(fx, 1);
	cycle_enable_vfs(fx, pf, RELEASE_VFS);
	vf = fixture_vf(pf, 1);
	KUNIT_ASSERT_NOT_NULL(test, vf);
	KUNIT_EXPECT_EQ(test, 0, pci_compat_set_override(vf, RELEASE_OVERRIDE));
	pci_dev_put(vf);
	pci_dev_put(pf);
	return window_alloc(fx, 0);
}

static void release_expect_vfs(struct fixture *fx, int num)
{
	struct pci_dev *pf = cycle_function(fx, 1);

	KUNIT_EXPECT_EQ(fx->test, pci_num_vf(pf), num);
	pci_dev_put(pf);
}

/* All of them, and the one that had an override has it. */
static void release_expect_whole(struct fixture *fx)
{
	struct kunit *test = fx->test;
	struct pci_dev *pf = cycle_function(fx, 1), *vf;
	char *name;
	int i;

	release_expect_vfs(fx, RELEASE_VFS);
	for (i = 0; i < RELEASE_VFS; i++) {
		vf = fixture_vf(pf, i);
		KUNIT_ASSERT_NOT_NULL(test, vf);
		name = NULL;
		KUNIT_EXPECT_EQ(test, 0, pci_compat_get_override(vf, &name));
		KUNIT_EXPECT_EQ(test, !!name, i == 1);
		kfree(name);
		pci_dev_put(vf);
	}
	pci_dev_put(pf);
}

/* All of them, each with its driver; one with an override had it before. */
static void release_expect_bound(struct fixture *fx)
{
	struct pci_dev *pf = cycle_function(fx, 1), *vf;
	unsigned int i;

	release_expect_vfs(fx, RELEASE_VFS);
	for (i = 0; i < RELEASE_VFS; i += 2) {
		vf = fixture_vf(pf, i);
		KUNIT_ASSERT_NOT_NULL(fx->test, vf);
		KUNIT_EXPECT_NOT_NULL_MSG(fx->test, vf->dev.driver, "%s", pci_name(vf));
		pci_dev_put(vf);
	}
	pci_dev_put(pf);
}

/* Nothing was done. */
static void release_fails(struct fixture *fx, struct pci_reload *pr, int err)
{
	bool begun = true;

	KUNIT_EXPECT_EQ(fx->test, err, pci_reload_release_vfs(pr, &begun));
	KUNIT_EXPECT_FALSE(fx->test, begun);
	release_expect_bound(fx);
}

static void release_vfs(struct fixture *fx, struct pci_reload *pr)
{
	bool begun = false;

	KUNIT_EXPECT_TRUE(fx->test, pci_reload_has_vfs(pr));
	release_expect_bound(fx);
	KUNIT_ASSERT_EQ_MSG(fx->test, 0, pci_reload_release_vfs(pr, &begun), "%s",
			    pci_reload_reason(pr));
	KUNIT_EXPECT_TRUE(fx->test, begun);
	KUNIT_EXPECT_FALSE(fx->test, pci_reload_is_open(pr));
	KUNIT_EXPECT_FALSE(fx->test, pci_reload_has_vfs(pr));
	release_expect_vfs(fx, 0);
}

static void vfs_come_back_without_a_window(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fixture_slow(test);
	pr = release_boot(fx);
	release_vfs(fx, pr);
	KUNIT_EXPECT_EQ_MSG(test, 0, pci_reload_return_vfs(pr), "%s",
			    pci_reload_reason(pr));
	release_expect_whole(fx);
	window_end(test, pr);
}

/* They are returned after a window that did nothing, as well. */
static void vfs_come_back_after_a_window(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr = release_boot(fx);

	release_vfs(fx, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_return_vfs(pr));
	release_expect_whole(fx);
	window_end(test, pr);
}

/* The second was before the window, and is not once more in it. */
static void window_restores_vfs_that_went_before_it(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	char lost[RELEASE_TEXT_LEN];
	ktime_t begin;

	fixture_slow(test);
	pr = release_boot(fx);
	release_vfs(fx, pr);
	begin = ktime_get();
	pci_reload_set_restore(pr, true);
	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), begin), RELEASE_OFF_MS);
	cycle_load(fx, pr, FIXTURE_WIDE);
	KUNIT_EXPECT_EQ(test, RELEASE_VFS, pci_reload_lost(pr, lost, sizeof(lost)));
	KUNIT_EXPECT_EQ_MSG(test, 0, pci_reload_restore_settings(pr), "%s",
			    pci_reload_reason(pr));
	release_expect_whole(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_lost(pr, lost, sizeof(lost)));
	window_end(test, pr);
}

/* What was given up once is no matter of the windows after the next one. */
static void window_after_that_knows_nothing_of_it(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	char lost[RELEASE_TEXT_LEN];

	fixture_slow(test);
	pr = release_boot(fx);
	release_vfs(fx, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, RELEASE_VFS, pci_reload_lost(pr, lost, sizeof(lost)));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_lost(pr, lost, sizeof(lost)));
	window_end(test, pr);
}

static void open_window_releases_nothing(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr = release_boot(fx);

	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	release_fails(fx, pr, -EBUSY);
	release_expect_whole(fx);
	window_end(test, pr);
}

/* By its driver they could not be enabled again. */
static void vfs_of_a_pf_without_a_driver_stay(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;

	fixture_slow(test);
	pr = release_boot(fx);
	pf = cycle_function(fx, 1);
	device_release_driver(&pf->dev);
	release_fails(fx, pr, -EOPNOTSUPP);
	fixture_disable_vfs(pf);
	pci_dev_put(pf);
	window_end(test, pr);
}

/* Nobody calls drivers for it who has not told them. */
static void vfs_of_a_card_without_a_link_stay(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fixture_slow(test);
	pr = release_boot(fx);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_set_present(fx->sim, 0, false));
	release_fails(fx, pr, -ENODEV);
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_return_vfs(pr));
	window_end(test, pr);
}

static int release_refuse(struct pci_dev *pdev, int num_vfs)
{
	return -EPERM;
}

/* Their own drivers were unbound by then. */
static void driver_that_keeps_its_vfs_is_told(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr = release_boot(fx);
	bool begun = false;

	cycle_hooks.sriov = release_refuse;
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_release_vfs(pr, &begun));
	KUNIT_EXPECT_TRUE(test, begun);
	window_expect_reason(test, pr, "does not let go of its VFs");
	release_expect_bound(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_return_vfs(pr));
	release_expect_whole(fx);
	cycle_hooks.sriov = NULL;
	window_end(test, pr);
}

static void driver_that_does_not_take_them_back_is_told(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fixture_slow(test);
	pr = release_boot(fx);
	release_vfs(fx, pr);
	cycle_hooks.sriov = release_refuse;
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_return_vfs(pr));
	window_expect_reason(test, pr, "were not enabled again");
	cycle_hooks.sriov = NULL;
	window_end(test, pr);
}

static struct kunit_case release_cases[] = {
	KUNIT_CASE(vfs_come_back_without_a_window),
	KUNIT_CASE(vfs_come_back_after_a_window),
	KUNIT_CASE(window_restores_vfs_that_went_before_it),
	KUNIT_CASE(window_after_that_knows_nothing_of_it),
	KUNIT_CASE(open_window_releases_nothing),
	KUNIT_CASE(vfs_of_a_pf_without_a_driver_stay),
	KUNIT_CASE(vfs_of_a_card_without_a_link_stay),
	KUNIT_CASE(driver_that_keeps_its_vfs_is_told),
	KUNIT_CASE(driver_that_does_not_take_them_back_is_told),
	{}
};

struct kunit_suite pci_reload_release_suite = {
	.name = "pci_reload_release",
	.suite_init = cycle_suite_init,
	.suite_exit = cycle_suite_exit,
	.init = cycle_init,
	.exit = cycle_exit,
	.test_cases = release_cases,
};
