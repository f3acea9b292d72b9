// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who goes when: functions below the port. One file, as a suite is one object, and its
 * cases share what is set up at its top.
 */

#include <linux/completion.h>
#include <linux/workqueue.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

/* Sequence number of a function's removal. */
static u64 teardown_removed(struct fixture *fx, const char *name)
{
	return cycle_event(fx, PCIE_CARD_SIM_DEV_DEL, name);
}

static void functions_go_from_the_highest_number(struct kunit *test)
{
	struct fixture *fx = test->priv;
	char name[3][PCIE_CARD_SIM_NAME_LEN];
	struct pci_reload *pr;
	struct pci_dev *pdev;
	unsigned int i;

	cycle_boot(fx, FIXTURE_WIDE);
	for (i = 0; i < 3; i++) {
		pdev = cycle_function(fx, i);
		strscpy(name[i], pci_name(pdev), sizeof(name[i]));
		pci_dev_put(pdev);
	}
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	KUNIT_EXPECT_LT(test, teardown_removed(fx, name[2]),
			teardown_removed(fx, name[1]));
	KUNIT_EXPECT_LT(test, teardown_removed(fx, name[1]),
			teardown_removed(fx, name[0]));
	cycle_load(fx, pr, NULL);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);
	window_end(test, pr);
}

static void kept_function_stays_alone(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev, *left;
	struct pci_reload *pr;

	cycle_boot(fx, FIXTURE_WIDE);
	pdev = cycle_function(fx, 0);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, pdev));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	left = fixture_function(fx, 0, 0);
	KUNIT_EXPECT_PTR_EQ(test, left, pdev);
	KUNIT_EXPECT_NOT_NULL(test, pdev->dev.driver);
	pci_dev_put(left);
	pci_dev_put(pdev);
	window_end(test, pr);
}

static void function_elsewhere_is_not_kept(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	unsigned int count;
	struct pci_dev *pdev;

	fx->config.n_ports = 2;
	cycle_boot(fx, FIXTURE_WIDE);
	count = fixture_count(fx, 0);
	pdev = fixture_function(fx, 1, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, -EINVAL, pci_reload_remove_functions(pr, pdev));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), count);
	pci_dev_put(pdev);
	window_end(test, pr);
}

/* VFs that a driver has enabled, and VFs that nobody owns. */
static const bool teardown_vf_owners[] = { false, true };

static void teardown_vf_owner_desc(const bool *bound, char *desc)
{
	strscpy(desc, *bound ? "PF with a driver" : "PF without a driver",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(teardown_vf_owner, teardown_vf_owners, teardown_vf_owner_desc);

static unsigned int teardown_asked;

static int teardown_count_asked(struct pci_dev *pdev, int num_vfs)
{
	teardown_asked += !num_vfs;
	return pci_sriov_configure_simple(pdev, num_vfs);
}

static void vfs_go_before_any_pf(struct kunit *test)
{
	const bool *bound = test->param_value;
	char vf_name[4][PCIE_CARD_SIM_NAME_LEN];
	char name[PCIE_CARD_SIM_NAME_LEN];
	struct fixture *fx = test->priv;
	struct pci_dev *pf, *vf, *other;
	struct pci_reload *pr;
	u64 last_vf = 0;
	int i;

	fixture_slow_but(test, &teardown_vf_owners[1]);
	cycle_boot(fx, FIXTURE_WIDE);
	pf = cycle_function(fx, 1);
	other = cycle_function(fx, 2);
	if (!*bound)
		device_release_driver(&pf->dev);
	cycle_enable_vfs(fx, pf, 4);
	KUNIT_ASSERT_EQ(test, fixture_count(fx, 0), 7);
	for (i = 0; i < 4; i++) {
		vf = fixture_vf(pf, i);
		KUNIT_ASSERT_NOT_NULL(test, vf);
		strscpy(vf_name[i], pci_name(vf), sizeof(vf_name[i]));
		pci_dev_put(vf);
	}

	teardown_asked = 0;
	cycle_hooks.sriov = teardown_count_asked;
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, teardown_asked, *bound);
	for (i = 0; i < 4; i++)
		last_vf = max(last_vf, teardown_removed(fx, vf_name[i]));
	strscpy(name, pci_name(pf), sizeof(name));
	KUNIT_EXPECT_LT(test, last_vf, teardown_removed(fx, name));
	strscpy(name, pci_name(other), sizeof(name));
	KUNIT_EXPECT_LT(test, last_vf, teardown_removed(fx, name));
	pci_dev_put(other);
	pci_dev_put(pf);
	window_end(test, pr);
}

static int teardown_keep_vfs(struct pci_dev *pdev, int num_vfs)
{
	return 0;
}

static int teardown_refuse(struct pci_dev *pdev, int num_vfs)
{
	return -EPERM;
}

struct teardown_keeper {
	const char *name;
	int (*sriov)(struct pci_dev *pdev, int num_vfs);
	int err;
};

static const struct teardown_keeper teardown_keepers[] = {
	{ "driver refuses", teardown_refuse, -EPERM },
	{ "driver does not do what it says", teardown_keep_vfs, -EBUSY },
};

static void teardown_keeper_desc(const struct teardown_keeper *keeper,
				 char *desc)
{
	strscpy(desc, keeper->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(teardown_keeper, teardown_keepers, teardown_keeper_desc);

/* Nothing else has gone by then. */
static void pf_that_keeps_its_vfs_is_named(struct kunit *test)
{
	const struct teardown_keeper *keeper = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;

	fixture_slow_but(test, &teardown_keepers[1]);
	cycle_boot(fx, FIXTURE_WIDE);
	pf = cycle_function(fx, 1);
	cycle_enable_vfs(fx, pf, 2);
	cycle_hooks.sriov = keeper->sriov;
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, keeper->err,
			pci_reload_remove_functions(pr, NULL));
	window_expect_reason(test, pr, pci_name(pf));
	window_expect_reason(test, pr, "does not let go");
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 5);
	cycle_hooks.sriov = NULL;
	fixture_disable_vfs(pf);
	pci_dev_put(pf);
	window_end(test, pr);
}

/*
 * In a recovery nobody has asked them to go. Their PF's driver leaves them, and
 * the PCI core would not survive that, nor let go of the PF if they went
 * without it.
 */
static void vfs_that_are_left_go_with_their_pf(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;

	cycle_boot(fx, FIXTURE_WIDE);
	pf = cycle_function(fx, 1);
	cycle_enable_vfs(fx, pf, 4);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_rest(pr));
	KUNIT_EXPECT_EQ(test, pci_num_vf(pf), 0);
	KUNIT_EXPECT_EQ(test, kref_read(&pf->dev.kobj.kref), 1);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	pci_dev_put(pf);
	window_end(test, pr);
}

static struct completion teardown_locked, teardown_unlock;

/* As while it is being probed. */
static void teardown_lock(struct work_struct *work)
{
	struct pci_dev *pf = cycle_hooks.data;

	device_lock(&pf->dev);
	complete(&teardown_locked);
	wait_for_completion_timeout(&teardown_unlock, msecs_to_jiffies(100));
	device_unlock(&pf->dev);
}

/* And if that does not end. */
static void teardown_keep_lock(struct work_struct *work)
{
	struct pci_dev *pf = cycle_hooks.data;

	device_lock(&pf->dev);
	complete(&teardown_locked);
	wait_for_completion(&teardown_unlock);
	device_unlock(&pf->dev);
}

static struct work_struct teardown_lock_work;

/* Boot with VFs, and with their PF locked by somebody else. */
static struct pci_dev *teardown_boot_locked(struct fixture *fx, work_func_t lock)
{
	struct pci_dev *pf;

	cycle_boot(fx, FIXTURE_WIDE);
	pf = cycle_function(fx, 1);
	cycle_enable_vfs(fx, pf, 1);
	cycle_hooks.data = pf;
	init_completion(&teardown_locked);
	init_completion(&teardown_unlock);
	INIT_WORK(&teardown_lock_work, lock);
	queue_work(system_unbound_wq, &teardown_lock_work);
	wait_for_completion(&teardown_locked);
	return pf;
}

static void pf_that_is_locked_is_waited_for(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;

	fixture_slow(test);
	pf = teardown_boot_locked(fx, teardown_lock);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	flush_work(&teardown_lock_work);
	KUNIT_EXPECT_EQ(test, pci_num_vf(pf), 0);
	pci_dev_put(pf);
	window_end(test, pr);
}

/* With nothing changed: this takes 10 s. */
static void pf_that_stays_locked_is_given_up(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;

	fixture_slow(test);
	pf = teardown_boot_locked(fx, teardown_keep_lock);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, -EBUSY, pci_reload_remove_functions(pr, NULL));
	window_expect_reason(test, pr, pci_name(pf));
	window_expect_reason(test, pr, "is busy");
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 4);
	complete(&teardown_unlock);
	flush_work(&teardown_lock_work);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	pci_dev_put(pf);
	window_end(test, pr);
}

/* As a write to sriov_numvfs does: the rescan lock inside the PF's own. */
static void teardown_lock_both(struct work_struct *work)
{
	struct pci_dev *pf = cycle_hooks.data;

	device_lock(&pf->dev);
	complete(&teardown_locked);
	wait_for_completion_timeout(&teardown_unlock, msecs_to_jiffies(100));
	pci_lock_rescan_remove();
	pci_unlock_rescan_remove();
	device_unlock(&pf->dev);
}

static void pf_whose_vfs_somebody_sets_is_waited_for(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;

	fixture_slow(test);
	pf = teardown_boot_locked(fx, teardown_lock_both);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_rest(pr));
	flush_work(&teardown_lock_work);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	pci_dev_put(pf);
	window_end(test, pr);
}

static int teardown_count_bridges(struct pci_dev *pdev, void *data)
{
	unsigned int *bridges = data;

	if (pci_is_bridge(pdev))
		(*bridges)++;
	return 0;
}

static int teardown_find_endpoint(struct pci_dev *pdev, void *data)
{
	struct pci_dev **found = data;

	if (!pci_is_bridge(pdev) && !*found)
		*found = pci_dev_get(pdev);
	return 0;
}

static struct pci_dev *teardown_boot_switch(struct fixture *fx)
{
	struct pci_dev *pdev = NULL;

	fx->ports[0].card.has_switch = true;
	fx->images[2].fn[1].leg = 1;
	fx->images[2].fn[2].leg = 2;
	cycle_boot(fx, FIXTURE_WIDE);
	pci_walk_bus(fixture_port(fx, 0)->subordinate, teardown_find_endpoint,
		     &pdev);
	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	return pdev;
}

static void bridges_above_the_kept_function_stay(struct kunit *test)
{
	struct fixture *fx = test->priv;
	unsigned int bridges = 0;
	struct pci_reload *pr;
	struct pci_dev *pdev;

	pdev = teardown_boot_switch(fx);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, pdev));
	pci_walk_bus(fixture_port(fx, 0)->subordinate, teardown_count_bridges,
		     &bridges);
	/* The switch's upstream port, and the one leg that leads to it. */
	KUNIT_EXPECT_EQ(test, bridges, 2);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);
	pci_dev_put(pdev);
	cycle_load(fx, pr, NULL);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 7);
	window_end(test, pr);
}

static void function_goes_before_the_bridges_above_it(struct kunit *test)
{
	char name[3][PCIE_CARD_SIM_NAME_LEN];
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev, *up;
	unsigned int i;

	pdev = teardown_boot_switch(fx);
	for (i = 0, up = pdev; i < 3; i++, up = pci_upstream_bridge(up))
		strscpy(name[i], pci_name(up), sizeof(name[i]));
	KUNIT_EXPECT_PTR_EQ(test, up, fixture_port(fx, 0));
	pci_dev_put(pdev);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_LT(test, teardown_removed(fx, name[0]),
			teardown_removed(fx, name[1]));
	KUNIT_EXPECT_LT(test, teardown_removed(fx, name[1]),
			teardown_removed(fx, name[2]));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	window_end(test, pr);
}

static void vfs_behind_a_switch_go_first(struct kunit *test)
{
	char vf_name[PCIE_CARD_SIM_NAME_LEN];
	struct fixture *fx = test->priv;
	struct pci_dev *pdev, *pf, *vf;
	struct pci_reload *pr;

	pdev = teardown_boot_switch(fx);
	pf = pci_get_device(0x1234, 0x0022, NULL);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	cycle_enable_vfs(fx, pf, 1);
	vf = fixture_vf(pf, 0);
	KUNIT_ASSERT_NOT_NULL(test, vf);
	strscpy(vf_name, pci_name(vf), sizeof(vf_name));
	pci_dev_put(vf);
	pci_dev_put(pf);
	/* Function 2 has the highest bus number. */
	pf = pci_get_device(0x1234, 0x0024, NULL);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, pdev));
	KUNIT_EXPECT_LT(test, teardown_removed(fx, vf_name),
			teardown_removed(fx, pci_name(pf)));
	pci_dev_put(pf);
	pci_dev_put(pdev);
	window_end(test, pr);
}

/* Somebody rescans when function 2 is gone and function 1 is going. */
static void teardown_rescan(struct pci_dev *pdev)
{
	if (pdev->devfn != PCI_DEVFN(0, 1))
		return;
	cycle_hooks.remove = NULL;
	pci_lock_rescan_remove();
	pci_rescan_bus(pdev->bus);
	pci_unlock_rescan_remove();
}

static void function_that_appears_meanwhile_goes_too(struct kunit *test)
{
	const unsigned long added = BIT(PCIE_CARD_SIM_DEV_ADD);
	struct pci_dev *keep, *pdev;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	cycle_boot(fx, FIXTURE_WIDE);
	keep = cycle_function(fx, 0);
	/* Function 1 has the last driver, which is unbound when it is its turn. */
	pdev = cycle_function(fx, 2);
	device_release_driver(&pdev->dev);
	pci_dev_put(pdev);
	pr = window_open(fx);
	pcie_card_sim_log_clear(fx->sim);
	cycle_hooks.remove = teardown_rescan;
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, keep));
	KUNIT_EXPECT_EQ(test, 1, cycle_count_events(fx, added, -1));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	pci_dev_put(keep);
	window_end(test, pr);
}

static void teardown_cancel(struct pci_dev *pdev)
{
	window_owner.cancelled = true;
}

static void cancelled_request_removes_no_more(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	cycle_boot(fx, FIXTURE_WIDE);
	pr = window_open(fx);
	cycle_hooks.remove = teardown_cancel;
	KUNIT_EXPECT_EQ(test, -EINTR, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);
	window_owner.cancelled = false;
	cycle_hooks.remove = NULL;
	cycle_load(fx, pr, NULL);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);
	window_end(test, pr);
}

static struct pci_reload *teardown_pr;

static void teardown_lose_port(struct pci_dev *pdev)
{
	pci_reload_port_gone(teardown_pr);
}

static const bool teardown_rest[] = { false, true };

static void teardown_rest_desc(const bool *rest, char *desc)
{
	strscpy(desc, *rest ? "recovery" : "before the trigger",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(teardown_rest, teardown_rest, teardown_rest_desc);

/* Whoever removes the port removes what is below it. */
static void lost_port_ends_the_removal(struct kunit *test)
{
	const bool *rest = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	cycle_boot(fx, FIXTURE_WIDE);
	pr = window_open(fx);
	teardown_pr = pr;
	cycle_hooks.remove = teardown_lose_port;
	KUNIT_EXPECT_EQ(test, -ENODEV, *rest ? pci_reload_remove_rest(pr) :
			pci_reload_remove_functions(pr, NULL));
	window_expect_reason(test, pr, "was removed");
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_close(pr));
	pci_reload_free(pr);
}

static struct kunit_case teardown_cases[] = {
	KUNIT_CASE(functions_go_from_the_highest_number),
	KUNIT_CASE(kept_function_stays_alone),
	KUNIT_CASE(function_elsewhere_is_not_kept),
	KUNIT_CASE_PARAM(vfs_go_before_any_pf, teardown_vf_owner_gen_params),
	KUNIT_CASE_PARAM(pf_that_keeps_its_vfs_is_named,
			 teardown_keeper_gen_params),
	KUNIT_CASE(vfs_that_are_left_go_with_their_pf),
	KUNIT_CASE(pf_that_is_locked_is_waited_for),
	KUNIT_CASE(pf_whose_vfs_somebody_sets_is_waited_for),
	KUNIT_CASE(pf_that_stays_locked_is_given_up),
	KUNIT_CASE(bridges_above_the_kept_function_stay),
	KUNIT_CASE(function_goes_before_the_bridges_above_it),
	KUNIT_CASE(vfs_behind_a_switch_go_first),
	KUNIT_CASE(function_that_appears_meanwhile_goes_too),
	KUNIT_CASE(cancelled_request_removes_no_more),
	KUNIT_CASE_PARAM(lost_port_ends_the_removal, teardown_rest_gen_params),
	{}
};

struct kunit_suite pci_reload_teardown_suite = {
	.name = "pci_reload_teardown",
	.suite_init = cycle_suite_init,
	.suite_exit = cycle_suite_exit,
	.init = cycle_init,
	.exit = cycle_exit,
	.test_cases = teardown_cases,
};
