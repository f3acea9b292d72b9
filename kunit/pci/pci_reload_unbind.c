// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drivers of several functions that are unbound at once, and what keeps its order then. One
 * file, as a suite is one object, and its cases share what is set up at its top.
 */

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/workqueue.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

/* How long a remove() takes, and what one of them may last in all. */
#define UNBIND_MS		300
#define UNBIND_ONCE_MS		550

#define UNBIND_WAIT_MS		2000

/* What the window tells its owner after; a driver that takes more, and one less. */
#define UNBIND_PATIENCE_MS	2000
#define UNBIND_SLOW_MS		1500
#define UNBIND_STUCK_MS		6000

static void unbind_slowly(struct pci_dev *pdev)
{
	msleep(UNBIND_MS);
}

/* An image with @count functions, of which the second has @vfs VFs. */
static void unbind_boot(struct fixture *fx, unsigned int count, unsigned int vfs)
{
	struct pcie_card_sim_function *fn = fx->images[2].fn;
	unsigned int i;

	for (i = 3; i < count; i++) {
		fn[i] = fn[2];
		fn[i].device += i;
	}
	for (i = count; i < PCIE_CARD_SIM_FUNCTIONS; i++)
		fn[i].vendor = 0;
	fn[1].total_vfs = max_t(unsigned int, vfs, 4);
	cycle_boot(fx, FIXTURE_WIDE);
	KUNIT_ASSERT_EQ(fx->test, fixture_count(fx, 0), count);
}

/* VFs have the driver of their PF. */
static void unbind_bind_vf(struct fixture *fx, struct pci_dev *pf, unsigned int i)
{
	struct pci_dev *vf = fixture_vf(pf, i);

	KUNIT_ASSERT_NOT_NULL(fx->test, vf);
	KUNIT_EXPECT_NOT_NULL_MSG(fx->test, vf->dev.driver, "%s", pci_name(vf));
	pci_dev_put(vf);
}

/**
 * struct unbind_many - what is unbound
 * @functions: number of functions
 * @vfs: VFs of the second
 */
struct unbind_many {
	unsigned int functions;
	unsigned int vfs;
};

static const struct unbind_many unbind_manys[] = {
	{ 1, 0 }, { 4, 0 }, { 8, 0 }, { 3, 8 },
};

static void unbind_many_desc(const struct unbind_many *many, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u functions, %u VFs",
		 many->functions, many->vfs);
}

KUNIT_ARRAY_PARAM(unbind_many, unbind_manys, unbind_many_desc);

/* VFs first, and then their PF with the others; the kernel waits for 1 s between. */
static void drivers_that_take_long_do_so_together(struct kunit *test)
{
	const struct unbind_many *many = test->param_value;
	unsigned int once = many->vfs ? 2 : 1, i;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;
	ktime_t start;
	s64 ms;

	fixture_slow_but(test, &unbind_manys[0]);
	unbind_boot(fx, many->functions, many->vfs);
	if (many->vfs) {
		pf = cycle_function(fx, 1);
		cycle_enable_vfs(fx, pf, many->vfs);
		for (i = 0; i < many->vfs; i++)
			unbind_bind_vf(fx, pf, i);
		pci_dev_put(pf);
	}
	cycle_hooks.remove = unbind_slowly;
	pr = window_open(fx);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	ms = ktime_ms_delta(ktime_get(), start) - (many->vfs ? 1000 : 0);
	kunit_info(test, "%lld ms\n", ms);
	KUNIT_EXPECT_GE(test, ms, once * UNBIND_MS);
	KUNIT_EXPECT_LT(test, ms, once * UNBIND_ONCE_MS);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	window_end(test, pr);
}

static void unbind_slowly_by_number(struct pci_dev *pdev)
{
	msleep(50 * PCI_FUNC(pdev->devfn));
}

/* Whoever is done last. */
static void functions_go_in_order_all_the_same(struct kunit *test)
{
	char name[4][PCIE_CARD_SIM_NAME_LEN];
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;
	unsigned int i;

	unbind_boot(fx, 4, 0);
	for (i = 0; i < 4; i++) {
		pdev = cycle_function(fx, i);
		strscpy(name[i], pci_name(pdev), sizeof(name[i]));
		pci_dev_put(pdev);
	}
	cycle_hooks.remove = unbind_slowly_by_number;
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	for (i = 1; i < 4; i++) {
		KUNIT_EXPECT_LT(test, cycle_event(fx, PCIE_CARD_SIM_DEV_DEL, name[i]),
				cycle_event(fx, PCIE_CARD_SIM_DEV_DEL, name[i - 1]));
		KUNIT_EXPECT_GT(test,
				cycle_event(fx, PCIE_CARD_SIM_DEV_UNBIND, name[i]),
				cycle_event(fx, PCIE_CARD_SIM_DEV_UNBIND, name[i - 1]));
	}
	window_end(test, pr);
}

static struct task_struct *unbind_task;

static void unbind_note_task(struct pci_dev *pdev)
{
	unbind_task = current;
}

static void function_alone_needs_nobody_else(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	unbind_boot(fx, 1, 0);
	unbind_task = NULL;
	cycle_hooks.remove = unbind_note_task;
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_PTR_EQ(test, unbind_task, current);
	window_end(test, pr);
}

static bool unbind_was_master;

/* Function 0 is slow; the others have long lost their drivers when it returns. */
static void unbind_look_at_others(struct pci_dev *pdev)
{
	struct pci_dev *other;
	unsigned int fn;
	u16 command;

	if (PCI_FUNC(pdev->devfn))
		return;
	msleep(UNBIND_MS);
	for (fn = 1; fn < 4; fn++) {
		other = pci_get_slot(pdev->bus, PCI_DEVFN(0, fn));
		if (!other)
			continue;
		pci_read_config_word(other, PCI_COMMAND, &command);
		unbind_was_master |= command & PCI_COMMAND_MASTER || other->dev.driver;
		pci_dev_put(other);
	}
}

static void function_without_a_driver_moves_nothing(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	unbind_boot(fx, 4, 0);
	unbind_was_master = false;
	cycle_hooks.remove = unbind_look_at_others;
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_FALSE(test, unbind_was_master);
	window_end(test, pr);
}

/* Function 3 is the supplier of function 1, which takes long. */
static void unbind_consumer_slowly(struct pci_dev *pdev)
{
	if (PCI_FUNC(pdev->devfn) == 1)
		msleep(UNBIND_MS);
}

static void consumer_is_unbound_before_its_supplier(struct kunit *test)
{
	char consumer_name[PCIE_CARD_SIM_NAME_LEN], supplier_name[PCIE_CARD_SIM_NAME_LEN];
	struct pci_dev *consumer, *supplier;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	unbind_boot(fx, 4, 0);
	consumer = cycle_function(fx, 1);
	supplier = cycle_function(fx, 3);
	strscpy(consumer_name, pci_name(consumer), sizeof(consumer_name));
	strscpy(supplier_name, pci_name(supplier), sizeof(supplier_name));
	KUNIT_ASSERT_NOT_NULL(test, device_link_add(&consumer->dev, &supplier->dev, 0));
	pci_dev_put(consumer);
	pci_dev_put(supplier);
	cycle_hooks.remove = unbind_consumer_slowly;
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_LT(test,
			cycle_event(fx, PCIE_CARD_SIM_DEV_UNBIND, consumer_name),
			cycle_event(fx, PCIE_CARD_SIM_DEV_UNBIND, supplier_name));
	window_end(test, pr);
}

/**
 * struct unbind_other - somebody who does something during a remove()
 * @work: does it
 * @pdev: the function whose driver is being removed
 * @begun: remove() has begun
 * @done: it was done
 * @in_time: @done came while remove() was waiting for it
 */
struct unbind_other {
	struct work_struct work;
	struct pci_dev *pdev;
	struct completion begun;
	struct completion done;
	bool in_time;
};

static struct unbind_other unbind_other;

/* Of function 2, or of a VF, once. */
static void unbind_wait_for_other(struct pci_dev *pdev)
{
	struct unbind_other *other = &unbind_other;

	if (other->pdev ? pdev != other->pdev : !pdev->is_virtfn)
		return;
	cycle_hooks.remove = NULL;
	complete(&other->begun);
	other->in_time =
		wait_for_completion_timeout(&other->done,
					    msecs_to_jiffies(UNBIND_WAIT_MS));
}

static void unbind_start(work_func_t fn, struct pci_dev *pdev)
{
	struct unbind_other *other = &unbind_other;

	memset(other, 0, sizeof(*other));
	init_completion(&other->begun);
	init_completion(&other->done);
	INIT_WORK(&other->work, fn);
	other->pdev = pdev;
	cycle_hooks.remove = unbind_wait_for_other;
	queue_work(system_unbound_wq, &other->work);
}

static void unbind_rescan(struct work_struct *work)
{
	struct unbind_other *other = &unbind_other;

	wait_for_completion(&other->begun);
	pci_lock_rescan_remove();
	pci_unlock_rescan_remove();
	complete(&other->done);
}

/* Kernels have the rescan lock while the PF's driver has them disabled. */
static void slow_driver_of_a_vf_delays_nobody_else(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;

	fixture_slow(test);
	unbind_boot(fx, 3, 0);
	pf = cycle_function(fx, 1);
	cycle_enable_vfs(fx, pf, 1);
	unbind_bind_vf(fx, pf, 0);
	pci_dev_put(pf);
	pr = window_open(fx);
	unbind_start(unbind_rescan, NULL);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	flush_work(&unbind_other.work);
	KUNIT_EXPECT_TRUE(test, unbind_other.in_time);
	window_end(test, pr);
}

static bool unbind_untold;

static void unbind_look_whether_told(struct pci_dev *pdev)
{
	unbind_untold |= !pci_dev_is_disconnected(pdev);
}

/* Before the first of them is called, which is one of a VF. */
static void each_driver_hears_that_the_card_is_gone(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pf;

	fixture_slow(test);
	unbind_boot(fx, 3, 0);
	pf = cycle_function(fx, 1);
	cycle_enable_vfs(fx, pf, 2);
	unbind_bind_vf(fx, pf, 0);
	pci_dev_put(pf);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_set_present(fx->sim, 0, false));
	unbind_untold = false;
	cycle_hooks.remove = unbind_look_whether_told;
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_FALSE(test, unbind_untold);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	window_end(test, pr);
}

static unsigned int unbind_probes;

static void unbind_count_probes(struct pci_dev *pdev)
{
	unbind_probes++;
}

/* Function 3, which has lost its driver at once, has it again before the others have. */
static void unbind_bind_again(struct work_struct *work)
{
	struct unbind_other *other = &unbind_other;
	struct pci_dev *pdev;

	wait_for_completion(&other->begun);
	msleep(UNBIND_MS / 2);
	pdev = pci_get_slot(other->pdev->bus, PCI_DEVFN(0, 3));
	if (device_attach(&pdev->dev) < 0)
		pci_warn(pdev, "was not bound again\n");
	pci_dev_put(pdev);
	complete(&other->done);
}

static void function_that_is_bound_again_goes_too(struct kunit *test)
{
	const unsigned long unbinds = BIT(PCIE_CARD_SIM_DEV_UNBIND);
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;

	unbind_boot(fx, 4, 0);
	pdev = cycle_function(fx, 2);
	unbind_probes = 0;
	cycle_hooks.probe = unbind_count_probes;
	pr = window_open(fx);
	pcie_card_sim_log_clear(fx->sim);
	unbind_start(unbind_bind_again, pdev);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	flush_work(&unbind_other.work);
	KUNIT_EXPECT_TRUE(test, unbind_other.in_time);
	KUNIT_EXPECT_EQ(test, unbind_probes, 1);
	KUNIT_EXPECT_EQ(test, cycle_count_events(fx, unbinds, -1), 5);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	pci_dev_put(pdev);
	window_end(test, pr);
}

/* As a driver of one card with several functions may do. */
static void unbind_remove_sibling(struct pci_dev *pdev)
{
	struct pci_dev *sibling;

	if (PCI_FUNC(pdev->devfn) != 2) {
		msleep(UNBIND_MS);
		return;
	}
	pci_lock_rescan_remove();
	sibling = pci_get_slot(pdev->bus, PCI_DEVFN(0, 1));
	if (sibling)
		pci_stop_and_remove_bus_device(sibling);
	pci_unlock_rescan_remove();
	pci_dev_put(sibling);
}

static void driver_may_remove_a_sibling(struct kunit *test)
{
	const unsigned long removed = BIT(PCIE_CARD_SIM_DEV_DEL);
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	unbind_boot(fx, 4, 0);
	cycle_hooks.remove = unbind_remove_sibling;
	pr = window_open(fx);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, cycle_count_events(fx, removed, -1), 4);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	window_end(test, pr);
}

/* Function 1 hangs; the others return shortly before that is too long. */
static void unbind_hang(struct pci_dev *pdev)
{
	msleep(PCI_FUNC(pdev->devfn) == 1 ? UNBIND_STUCK_MS : UNBIND_SLOW_MS);
}

/* Within its patience, and a look each second, whatever others do meanwhile. */
static void driver_that_does_not_return_is_named_in_time(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;
	ktime_t start;

	fixture_slow(test);
	unbind_boot(fx, 4, 0);
	pdev = cycle_function(fx, 1);
	cycle_hooks.remove = unbind_hang;
	pr = window_alloc(fx, 0);
	pci_reload_set_patience(pr, UNBIND_PATIENCE_MS);
	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(window_owner.stuck, pci_name(pdev)),
				  "\"%s\"", window_owner.stuck);
	KUNIT_EXPECT_LT(test, ktime_ms_delta(window_owner.stuck_at, start),
			UNBIND_PATIENCE_MS + 1200);
	pci_dev_put(pdev);
	window_end(test, pr);
}

/* The same with the drivers as they were. */
static void cancelled_request_unbinds_nobody(struct kunit *test)
{
	const unsigned long unbinds = BIT(PCIE_CARD_SIM_DEV_UNBIND);
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	unbind_boot(fx, 4, 0);
	pr = window_open(fx);
	window_owner.cancelled = true;
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, -EINTR, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, -EINTR, pci_reload_remove_rest(pr));
	KUNIT_EXPECT_EQ(test, cycle_count_events(fx, unbinds, -1), 0);
	window_owner.cancelled = false;
	window_end(test, pr);
}

static struct kunit_case unbind_cases[] = {
	KUNIT_CASE_PARAM(drivers_that_take_long_do_so_together,
			 unbind_many_gen_params),
	KUNIT_CASE(functions_go_in_order_all_the_same),
	KUNIT_CASE(function_alone_needs_nobody_else),
	KUNIT_CASE(function_without_a_driver_moves_nothing),
	KUNIT_CASE(consumer_is_unbound_before_its_supplier),
	KUNIT_CASE(slow_driver_of_a_vf_delays_nobody_else),
	KUNIT_CASE(each_driver_hears_that_the_card_is_gone),
	KUNIT_CASE(function_that_is_bound_again_goes_too),
	KUNIT_CASE(driver_may_remove_a_sibling),
	KUNIT_CASE(driver_that_does_not_return_is_named_in_time),
	KUNIT_CASE(cancelled_request_unbinds_nobody),
	{}
};

struct kunit_suite pci_reload_unbind_suite = {
	.name = "pci_reload_unbind",
	.suite_init = cycle_suite_init,
	.suite_exit = cycle_suite_exit,
	.init = cycle_init,
	.exit = cycle_exit,
	.test_cases = unbind_cases,
};
