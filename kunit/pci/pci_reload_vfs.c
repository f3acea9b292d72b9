// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFs of several PFs, which go and come at once. One file, as a suite is one object, and
 * its cases share what is set up at its top.
 */

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/workqueue.h>

#include "compat/pci.h"
#include "compat/sriov.h"
#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

#define VFS_PFS		PCIE_CARD_SIM_FUNCTIONS
#define VFS_EACH	3

/*
 * What the kernel waits for each PF (PCIe r6.0, sec 9.3.3.3.1), unless it can be told that
 * there will be a reset.
 */
#define VFS_OFF_MS	1000
#define VFS_LEAST_MS	(PCI_COMPAT_EXPECTS_RESET ? 0 : VFS_OFF_MS)
#define VFS_ON_MS	100

/* Longer than PFs are waited for that somebody has locked for a moment. */
#define VFS_LOCKED_MS	300

#define VFS_OVERRIDE	"fpga-card-kunit-override"

/* Each function of the last image is a PF. */
static int vfs_init(struct kunit *test)
{
	struct fixture *fx;
	unsigned int i;
	int ret;

	if (pci_compat_sriov_lock() == PCI_COMPAT_SRIOV_UNKNOWN)
		kunit_skip(test, "it is not known who takes the rescan lock");
	ret = cycle_init(test);
	if (ret)
		return ret;
	fx = test->priv;
	for (i = 0; i < VFS_PFS; i++) {
		fx->images[2].fn[i] = fx->images[2].fn[1];
		fx->images[2].fn[i].device = 0x0100 + i;
		fx->images[2].fn[i].total_vfs = VFS_EACH;
	}
	return 0;
}

/* The first @pfs functions get @num VFs each. */
static void vfs_enable(struct fixture *fx, unsigned int pfs, unsigned int num)
{
	struct pci_dev *pf;
	unsigned int i;

	for (i = 0; i < pfs; i++) {
		pf = cycle_function(fx, i);
		cycle_enable_vfs(fx, pf, num);
		pci_dev_put(pf);
	}
}

static void vfs_boot(struct fixture *fx, unsigned int pfs)
{
	cycle_boot(fx, FIXTURE_WIDE);
	vfs_enable(fx, pfs, VFS_EACH);
}

/* The number of VFs of all PFs */
static unsigned int vfs_count(struct fixture *fx)
{
	unsigned int i, num = 0;
	struct pci_dev *pf;

	for (i = 0; i < VFS_PFS; i++) {
		pf = cycle_function(fx, i);
		num += pci_num_vf(pf);
		pci_dev_put(pf);
	}
	return num;
}

static s64 vfs_remove_ms(struct fixture *fx, struct pci_reload *pr)
{
	ktime_t begin = ktime_get();

	KUNIT_EXPECT_EQ_MSG(fx->test, 0, pci_reload_remove_functions(pr, NULL),
			    "%s", pci_reload_reason(pr));
	return ktime_ms_delta(ktime_get(), begin);
}

static const unsigned int vfs_pfs[] = { 2, VFS_PFS };

static void vfs_pfs_desc(const unsigned int *pfs, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u PFs", *pfs);
}

KUNIT_ARRAY_PARAM(vfs_pfs, vfs_pfs, vfs_pfs_desc);

static void several_pfs_take_little_longer_than_one(struct kunit *test)
{
	const unsigned int *pfs = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	s64 one, all;

	fixture_slow_but(test, &vfs_pfs[1]);
	vfs_boot(fx, 1);
	pr = window_open(fx);
	one = vfs_remove_ms(fx, pr);
	cycle_load(fx, pr, FIXTURE_WIDE);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));

	vfs_enable(fx, *pfs, VFS_EACH);
	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	all = vfs_remove_ms(fx, pr);
	kunit_info(test, "%u PFs: %lld ms, one: %lld ms\n", *pfs, all, one);
	KUNIT_EXPECT_GE(test, one, VFS_LEAST_MS);
	KUNIT_EXPECT_GE(test, all, VFS_LEAST_MS);
	KUNIT_EXPECT_LT(test, all, PCI_COMPAT_EXPECTS_RESET ?
			VFS_OFF_MS / 2 : one + one / 5);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	window_end(test, pr);
}

/**
 * struct vfs_span - when the VFs of a PF went
 * @name: their names
 * @first: sequence number of the first removal
 * @last: that of the last one
 */
struct vfs_span {
	char name[VFS_EACH][PCIE_CARD_SIM_NAME_LEN];
	u64 first;
	u64 last;
};

static void vfs_name(struct fixture *fx, unsigned int fn, struct vfs_span *span)
{
	struct pci_dev *pf = cycle_function(fx, fn), *vf;
	unsigned int i;

	for (i = 0; i < VFS_EACH; i++) {
		vf = fixture_vf(pf, i);
		KUNIT_ASSERT_NOT_NULL(fx->test, vf);
		strscpy(span->name[i], pci_name(vf), sizeof(span->name[i]));
		pci_dev_put(vf);
	}
	pci_dev_put(pf);
}

static void vfs_look_up(struct fixture *fx, struct vfs_span *span)
{
	unsigned int i;
	u64 seq;

	span->first = U64_MAX;
	for (i = 0; i < VFS_EACH; i++) {
		seq = cycle_event(fx, PCIE_CARD_SIM_DEV_DEL, span->name[i]);
		span->first = min(span->first, seq);
		span->last = max(span->last, seq);
	}
}

/*
 * Lists of the PCI core are changed for one PF at a time, though all are waited for
 * together.
 */
static void vfs_of_a_pf_go_without_those_of_others_between(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct vfs_span *span;
	unsigned int i, j;

	fixture_slow(test);
	span = kunit_kcalloc(test, VFS_PFS, sizeof(*span), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, span);
	vfs_boot(fx, VFS_PFS);
	for (i = 0; i < VFS_PFS; i++)
		vfs_name(fx, i, &span[i]);
	pr = window_open(fx);
	KUNIT_EXPECT_LT(test, vfs_remove_ms(fx, pr), 2 * VFS_OFF_MS);
	for (i = 0; i < VFS_PFS; i++) {
		vfs_look_up(fx, &span[i]);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_TRUE_MSG(test,
					      span[i].last < span[j].first ||
					      span[j].last < span[i].first,
					      "functions %u and %u", j, i);
	}
	window_end(test, pr);
}

static int vfs_refuse(struct pci_dev *pdev, int num_vfs)
{
	if (PCI_FUNC(pdev->devfn) == 1)
		return -EPERM;
	return pci_sriov_configure_simple(pdev, num_vfs);
}

static int vfs_keep(struct pci_dev *pdev, int num_vfs)
{
	if (PCI_FUNC(pdev->devfn) == 1)
		return 0;
	return pci_sriov_configure_simple(pdev, num_vfs);
}

/**
 * struct vfs_keeper - a driver that does not let go of the VFs of one PF
 * @name: of the case
 * @sriov: what it does
 * @err: what the step returns
 */
struct vfs_keeper {
	const char *name;
	int (*sriov)(struct pci_dev *pdev, int num_vfs);
	int err;
};

static const struct vfs_keeper vfs_keepers[] = {
	{ "driver refuses", vfs_refuse, -EPERM },
	{ "driver does not do what it says", vfs_keep, -EBUSY },
};

static void vfs_keeper_desc(const struct vfs_keeper *keeper, char *desc)
{
	strscpy(desc, keeper->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(vfs_keeper, vfs_keepers, vfs_keeper_desc);

static void pf_among_others_that_keeps_its_vfs_is_named(struct kunit *test)
{
	const struct vfs_keeper *keeper = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;

	fixture_slow_but(test, &vfs_keepers[1]);
	vfs_boot(fx, 3);
	cycle_hooks.sriov = keeper->sriov;
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, keeper->err,
			pci_reload_remove_functions(pr, NULL));
	pf = cycle_function(fx, 1);
	window_expect_reason(test, pr, pci_name(pf));
	window_expect_reason(test, pr, "does not let go");
	KUNIT_EXPECT_EQ(test, pci_num_vf(pf), VFS_EACH);
	KUNIT_EXPECT_EQ(test, vfs_count(fx), VFS_EACH);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), VFS_PFS + VFS_EACH);
	cycle_hooks.sriov = NULL;
	fixture_disable_vfs(pf);
	pci_dev_put(pf);
	window_end(test, pr);
}

static struct completion vfs_locked;

/* As while a driver is bound that takes its time */
static void vfs_lock(struct work_struct *work)
{
	struct pci_dev *pf = cycle_hooks.data;

	device_lock(&pf->dev);
	complete(&vfs_locked);
	msleep(VFS_LOCKED_MS);
	device_unlock(&pf->dev);
}

static DECLARE_WORK(vfs_lock_work, vfs_lock);

static void pf_that_is_locked_goes_after_the_others(struct kunit *test)
{
	char locked[PCIE_CARD_SIM_NAME_LEN], other[PCIE_CARD_SIM_NAME_LEN];
	struct fixture *fx = test->priv;
	struct pci_dev *pf[3], *vf;
	struct pci_reload *pr;
	unsigned int i;
	s64 ms;

	fixture_slow(test);
	vfs_boot(fx, 3);
	for (i = 0; i < 3; i++)
		pf[i] = cycle_function(fx, i);
	vf = fixture_vf(pf[2], 0);
	strscpy(locked, pci_name(vf), sizeof(locked));
	pci_dev_put(vf);
	vf = fixture_vf(pf[0], VFS_EACH - 1);
	strscpy(other, pci_name(vf), sizeof(other));
	pci_dev_put(vf);

	/* Some kernels have driver_override, which is read then, under that lock. */
	pr = window_open(fx);
	cycle_hooks.data = pf[2];
	init_completion(&vfs_locked);
	queue_work(system_unbound_wq, &vfs_lock_work);
	wait_for_completion(&vfs_locked);
	ms = vfs_remove_ms(fx, pr);
	KUNIT_EXPECT_GE(test, ms, 2 * VFS_LEAST_MS);
	KUNIT_EXPECT_LT(test, ms, 3 * VFS_OFF_MS);
	flush_work(&vfs_lock_work);
	KUNIT_EXPECT_GT(test, cycle_event(fx, PCIE_CARD_SIM_DEV_DEL, locked),
			cycle_event(fx, PCIE_CARD_SIM_DEV_DEL, other));
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, pci_num_vf(pf[i]), 0);
		pci_dev_put(pf[i]);
	}
	window_end(test, pr);
}

static atomic_t vfs_asked;

static int vfs_count_asked(struct pci_dev *pdev, int num_vfs)
{
	atomic_inc(&vfs_asked);
	return pci_sriov_configure_simple(pdev, num_vfs);
}

static void pf_without_a_driver_gives_them_up_with_others(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;

	fixture_slow(test);
	cycle_boot(fx, FIXTURE_WIDE);
	pf = cycle_function(fx, 1);
	device_release_driver(&pf->dev);
	vfs_enable(fx, 3, VFS_EACH);
	atomic_set(&vfs_asked, 0);
	cycle_hooks.sriov = vfs_count_asked;
	pr = window_open(fx);
	KUNIT_EXPECT_LT(test, vfs_remove_ms(fx, pr), 2 * VFS_OFF_MS);
	KUNIT_EXPECT_EQ(test, atomic_read(&vfs_asked), 2);
	KUNIT_EXPECT_EQ(test, pci_num_vf(pf), 0);
	KUNIT_EXPECT_EQ(test, kref_read(&pf->dev.kobj.kref), 1);
	pci_dev_put(pf);
	window_end(test, pr);
}

static struct pci_reload *vfs_pr;

static int vfs_lose_port(struct pci_dev *pdev, int num_vfs)
{
	pci_reload_port_gone(vfs_pr);
	return pci_sriov_configure_simple(pdev, num_vfs);
}

/* What has begun ends, and nothing else begins. */
static void port_that_goes_meanwhile_ends_the_step(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fixture_slow(test);
	vfs_boot(fx, 3);
	vfs_pr = window_open(fx);
	cycle_hooks.sriov = vfs_lose_port;
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_remove_functions(vfs_pr, NULL));
	KUNIT_EXPECT_EQ(test, vfs_count(fx), 0);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), VFS_PFS);
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_close(vfs_pr));
	pci_reload_free(vfs_pr);
}

/* In a recovery, with a card that does not answer. */
static void vfs_of_a_lost_card_go_at_once(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	ktime_t begin;

	fixture_slow(test);
	vfs_boot(fx, 4);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_set_present(fx->sim, 0, false));
	begin = ktime_get();
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_rest(pr));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), begin),
			2 * VFS_OFF_MS);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	window_end(test, pr);
}

#define VFS_PATIENCE_MS	2000
#define VFS_HANG_MS	5000

static int vfs_hang(struct pci_dev *pdev, int num_vfs)
{
	if (PCI_FUNC(pdev->devfn) == 1)
		msleep(VFS_HANG_MS);
	return pci_sriov_configure_simple(pdev, num_vfs);
}

static void driver_among_others_that_does_not_return_is_named(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;

	fixture_slow(test);
	vfs_boot(fx, 3);
	pf = cycle_function(fx, 1);
	cycle_hooks.sriov = vfs_hang;
	pr = window_alloc(fx, 0);
	pci_reload_set_patience(pr, VFS_PATIENCE_MS);
	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(window_owner.stuck, pci_name(pf)),
				  "\"%s\"", window_owner.stuck);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(window_owner.stuck,
					       "its sriov_configure() within 2 s"),
				  "\"%s\"", window_owner.stuck);
	pci_dev_put(pf);
	window_end(test, pr);
}

/* The kernel was told of a reset that does not come. */
static void card_that_is_not_reset_has_its_second(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	ktime_t begin;

	if (!PCI_COMPAT_EXPECTS_RESET)
		kunit_skip(test, "the kernel itself waits");
	vfs_boot(fx, 2);
	pr = window_open(fx);
	begin = ktime_get();
	vfs_remove_ms(fx, pr);
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), begin), VFS_OFF_MS / 2);
	cycle_load(fx, pr, NULL);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), begin), VFS_OFF_MS);
	window_end(test, pr);
}

/* A whole reload, but for the VFs. */
static struct pci_reload *vfs_reload(struct fixture *fx)
{
	struct pci_reload *pr = window_open(fx);

	pci_reload_set_restore(pr, true);
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_remove_functions(pr, NULL));
	cycle_load(fx, pr, FIXTURE_WIDE);
	return pr;
}

static s64 vfs_restore_ms(struct fixture *fx, struct pci_reload *pr)
{
	ktime_t begin = ktime_get();

	KUNIT_EXPECT_EQ_MSG(fx->test, 0, pci_reload_restore_settings(pr), "%s",
			    pci_reload_reason(pr));
	return ktime_ms_delta(ktime_get(), begin);
}

static void vfs_of_several_pfs_come_back_at_once(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	s64 ms;

	vfs_boot(fx, VFS_PFS);
	pr = vfs_reload(fx);
	ms = vfs_restore_ms(fx, pr);
	kunit_info(test, "%u PFs: %lld ms\n", VFS_PFS, ms);
	KUNIT_EXPECT_GE(test, ms, VFS_ON_MS);
	KUNIT_EXPECT_LT(test, ms, VFS_PFS * VFS_ON_MS / 2);
	KUNIT_EXPECT_EQ(test, vfs_count(fx), VFS_PFS * VFS_EACH);
	window_end(test, pr);
}

/*
 * The second has VFs on the next bus: the PCI core makes it, for one PF at a time. Where it
 * takes the rescan lock for that by itself, they may come at once all the same.
 */
static void pf_with_vfs_on_another_bus_gets_them(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pf[2], *vf;
	struct pci_reload *pr;
	unsigned int i;

	fixture_slow(test);
	fx->images[2].fn[0].total_vfs = 250;
	vfs_boot(fx, 2);
	pr = vfs_reload(fx);
	KUNIT_EXPECT_GE(test, vfs_restore_ms(fx, pr),
			pci_compat_sriov_lock() == PCI_COMPAT_SRIOV_AROUND ?
			2 * VFS_ON_MS : VFS_ON_MS);
	KUNIT_EXPECT_EQ(test, vfs_count(fx), 2 * VFS_EACH);
	for (i = 0; i < 2; i++) {
		pf[i] = cycle_function(fx, i);
		vf = fixture_vf(pf[i], VFS_EACH - 1);
		KUNIT_ASSERT_NOT_NULL(test, vf);
		KUNIT_EXPECT_EQ(test, vf->bus->number, pf[i]->bus->number + i);
		pci_dev_put(vf);
	}
	window_end(test, pr);
	/* A bus of VFs alone has no bridge, and does not go with the host. */
	for (i = 0; i < 2; i++) {
		fixture_disable_vfs(pf[i]);
		pci_dev_put(pf[i]);
	}
}

/* The last VF of each PF, and the first one of the last: the others have none. */
static bool vfs_is_special(unsigned int pf, unsigned int vf)
{
	return vf == VFS_EACH - 1 || (pf == 2 && !vf);
}

static void vfs_get_their_own_override_back(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pf, *vf;
	struct pci_reload *pr;
	unsigned int i, j;
	char *name;

	fixture_slow(test);
	vfs_boot(fx, 3);
	for (i = 0; i < 3 * VFS_EACH; i++) {
		if (!vfs_is_special(i / VFS_EACH, i % VFS_EACH))
			continue;
		pf = cycle_function(fx, i / VFS_EACH);
		vf = fixture_vf(pf, i % VFS_EACH);
		KUNIT_ASSERT_NOT_NULL(test, vf);
		KUNIT_EXPECT_EQ(test, 0, pci_compat_set_override(vf, VFS_OVERRIDE));
		pci_dev_put(vf);
		pci_dev_put(pf);
	}
	pr = vfs_reload(fx);
	vfs_restore_ms(fx, pr);
	for (i = 0; i < 3; i++) {
		pf = cycle_function(fx, i);
		for (j = 0; j < VFS_EACH; j++) {
			vf = fixture_vf(pf, j);
			KUNIT_ASSERT_NOT_NULL(test, vf);
			name = NULL;
			KUNIT_EXPECT_EQ(test, 0, pci_compat_get_override(vf, &name));
			KUNIT_EXPECT_EQ_MSG(test, !!name, vfs_is_special(i, j),
					    "%s", pci_name(vf));
			kfree(name);
			pci_dev_put(vf);
		}
		pci_dev_put(pf);
	}
	window_end(test, pr);
}

/* The others get theirs all the same. */
static void pf_that_gets_no_vfs_among_others_is_told(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;

	fixture_slow(test);
	vfs_boot(fx, 3);
	pr = vfs_reload(fx);
	pf = cycle_function(fx, 1);
	cycle_hooks.sriov = vfs_refuse;
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_restore_settings(pr));
	window_expect_reason(test, pr, pci_name(pf));
	window_expect_reason(test, pr, "its driver failed");
	KUNIT_EXPECT_EQ(test, pci_num_vf(pf), 0);
	KUNIT_EXPECT_EQ(test, vfs_count(fx), 2 * VFS_EACH);
	pci_dev_put(pf);
	window_end(test, pr);
}

static struct kunit_case vfs_cases[] = {
	KUNIT_CASE_PARAM(several_pfs_take_little_longer_than_one,
			 vfs_pfs_gen_params),
	KUNIT_CASE(vfs_of_a_pf_go_without_those_of_others_between),
	KUNIT_CASE_PARAM(pf_among_others_that_keeps_its_vfs_is_named,
			 vfs_keeper_gen_params),
	KUNIT_CASE(pf_that_is_locked_goes_after_the_others),
	KUNIT_CASE(pf_without_a_driver_gives_them_up_with_others),
	KUNIT_CASE(port_that_goes_meanwhile_ends_the_step),
	KUNIT_CASE(vfs_of_a_lost_card_go_at_once),
	KUNIT_CASE(driver_among_others_that_does_not_return_is_named),
	KUNIT_CASE(card_that_is_not_reset_has_its_second),
	KUNIT_CASE(vfs_of_several_pfs_come_back_at_once),
	KUNIT_CASE(pf_with_vfs_on_another_bus_gets_them),
	KUNIT_CASE(vfs_get_their_own_override_back),
	KUNIT_CASE(pf_that_gets_no_vfs_among_others_is_told),
	{}
};

struct kunit_suite pci_reload_vfs_suite = {
	.name = "pci_reload_vfs",
	.suite_init = cycle_suite_init,
	.suite_exit = cycle_suite_exit,
	.init = vfs_init,
	.exit = cycle_exit,
	.test_cases = vfs_cases,
};
