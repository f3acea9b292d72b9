// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is done to a function before it is removed, by what the card saw. One file, as a
 * suite is one object, and its cases share what is set up at its top.
 */

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/workqueue.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

/* Kinds of resets that a card can see. */
#define QUIESCE_RESETS	(BIT(PCIE_CARD_SIM_RESET_FLR) | \
			 BIT(PCIE_CARD_SIM_RESET_AF) | \
			 BIT(PCIE_CARD_SIM_RESET_PM) | \
			 BIT(PCIE_CARD_SIM_RESET_BUS))

#define QUIESCE_WAIT_MS	2000

/* Sequence number of the write that switches bus mastering off. */
static u64 quiesce_stopped(struct fixture *fx, struct pci_dev *pdev)
{
	struct pcie_card_sim_event event = {};

	KUNIT_EXPECT_TRUE_MSG(fx->test,
			      fixture_find_write(fx, pdev, PCI_COMMAND,
						 PCI_COMMAND_MASTER, 0, 0,
						 &event),
			      "%s goes on as bus master", pci_name(pdev));
	return event.seq;
}

static bool quiesce_is_master(struct pci_dev *pdev)
{
	u16 command;

	pci_read_config_word(pdev, PCI_COMMAND, &command);
	return command & PCI_COMMAND_MASTER;
}

static void bus_mastering_ends_between_unbinding_and_removal(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *keep, *pdev[2];
	struct pci_reload *pr;
	unsigned int i;

	cycle_boot(fx, FIXTURE_WIDE);
	keep = cycle_function(fx, 0);
	for (i = 0; i < 2; i++) {
		pdev[i] = cycle_function(fx, 1 + i);
		KUNIT_EXPECT_TRUE(test, quiesce_is_master(pdev[i]));
	}
	pcie_card_sim_log_clear(fx->sim);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, keep));

	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_LT(test, cycle_event(fx, PCIE_CARD_SIM_DEV_UNBIND,
						  pci_name(pdev[i])),
				quiesce_stopped(fx, pdev[i]));
		KUNIT_EXPECT_LT(test, quiesce_stopped(fx, pdev[i]),
				cycle_event(fx, PCIE_CARD_SIM_DEV_DEL,
					    pci_name(pdev[i])));
		pci_dev_put(pdev[i]);
	}
	KUNIT_EXPECT_TRUE(test, quiesce_is_master(keep));
	KUNIT_EXPECT_EQ(test, 0, cycle_count_events(fx, QUIESCE_RESETS, -1));
	pci_dev_put(keep);
	window_end(test, pr);
}

static u32 quiesce_traffic(struct pci_bus *bus, unsigned int devfn, u16 vsec)
{
	u32 count = 0;

	pci_bus_read_config_dword(bus, devfn, vsec + PCIE_CARD_SIM_TRAFFIC,
				  &count);
	return count;
}

/* The card goes on running, with a function that the kernel has forgotten. */
static void removed_function_moves_nothing(struct kunit *test)
{
	struct pci_dev *keep, *pdev;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_bus *bus;
	u32 before, kept;
	u16 vsec, vsec0;

	cycle_boot(fx, FIXTURE_WIDE);
	keep = cycle_function(fx, 0);
	pdev = cycle_function(fx, 1);
	bus = pdev->bus;
	vsec = pci_find_vsec_capability(pdev, pdev->vendor, PCIE_CARD_SIM_VSEC);
	vsec0 = pci_find_vsec_capability(keep, keep->vendor, PCIE_CARD_SIM_VSEC);
	KUNIT_ASSERT_NE(test, vsec, 0);
	KUNIT_ASSERT_NE(test, vsec0, 0);
	pci_dev_put(pdev);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, keep));

	before = quiesce_traffic(bus, PCI_DEVFN(0, 1), vsec);
	kept = quiesce_traffic(bus, PCI_DEVFN(0, 0), vsec0);
	msleep(20);
	KUNIT_EXPECT_EQ(test, before,
			quiesce_traffic(bus, PCI_DEVFN(0, 1), vsec));
	KUNIT_EXPECT_LT(test, kept,
			quiesce_traffic(bus, PCI_DEVFN(0, 0), vsec0));
	pci_dev_put(keep);
	window_end(test, pr);
}

struct quiesce_method {
	const char *name;
	bool flr;
	bool af;
	bool pm;
	enum pcie_card_sim_what expected;
};

/* PCIE_CARD_SIM_WHATS: there is no way to reset it alone. */
static const struct quiesce_method quiesce_methods[] = {
	{ "none", .expected = PCIE_CARD_SIM_WHATS },
	{ "flr", .flr = true, .expected = PCIE_CARD_SIM_RESET_FLR },
	{ "af_flr", .af = true, .expected = PCIE_CARD_SIM_RESET_AF },
	{ "pm", .pm = true, .expected = PCIE_CARD_SIM_RESET_PM },
	{ "flr before pm", .flr = true, .pm = true,
	  .expected = PCIE_CARD_SIM_RESET_FLR },
};

static void quiesce_method_desc(const struct quiesce_method *method, char *desc)
{
	strscpy(desc, method->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(quiesce_method, quiesce_methods, quiesce_method_desc);

static void quiesce_set_method(struct fixture *fx,
			       const struct quiesce_method *method)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		fx->images[2].fn[i].flr = method->flr;
		fx->images[2].fn[i].af = method->af;
		fx->images[2].fn[i].pm = method->pm;
	}
}

static const struct quiesce_method quiesce_flr = { .flr = true };

/* Each function that goes, before it goes; not the one that is kept. */
static void reset_policy_uses_the_functions_method(struct kunit *test)
{
	const struct quiesce_method *method = test->param_value;
	struct fixture *fx = test->priv;
	bool any = method->expected != PCIE_CARD_SIM_WHATS;
	char name[PCIE_CARD_SIM_NAME_LEN];
	struct pcie_card_sim_event event;
	struct pci_reload *pr;
	struct pci_dev *keep;
	unsigned long what;

	quiesce_set_method(fx, method);
	cycle_boot(fx, FIXTURE_WIDE);
	keep = cycle_function(fx, 0);
	snprintf(name, sizeof(name), "%04x:%02x:00.2",
		 pci_domain_nr(keep->bus), keep->bus->number);
	pcie_card_sim_log_clear(fx->sim);
	pr = window_open(fx);
	pci_reload_set_quiesce(pr, PCI_RELOAD_QUIESCE_RESET);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, keep));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);

	KUNIT_EXPECT_EQ(test, any ? 2 : 0,
			cycle_count_events(fx, QUIESCE_RESETS, -1));
	KUNIT_EXPECT_EQ(test, 0, cycle_count_events(fx, QUIESCE_RESETS, 0));
	if (any) {
		what = BIT(method->expected);
		KUNIT_EXPECT_EQ(test, 2, cycle_count_events(fx, what, -1));
		KUNIT_EXPECT_TRUE(test, fixture_find(fx, method->expected, NULL,
						     0, &event));
		KUNIT_EXPECT_EQ(test, event.devfn, PCI_DEVFN(0, 2));
		KUNIT_EXPECT_LT(test, event.seq,
				cycle_event(fx, PCIE_CARD_SIM_DEV_DEL, name));
		KUNIT_EXPECT_GT(test, event.seq,
				cycle_event(fx, PCIE_CARD_SIM_DEV_UNBIND, name));
	}
	pci_dev_put(keep);
	window_end(test, pr);
}

/* What an empty reset_method leaves. */
static void function_whose_methods_are_disabled_is_not_reset(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *keep, *pdev;
	struct pci_reload *pr;

	quiesce_set_method(fx, &quiesce_flr);
	cycle_boot(fx, FIXTURE_WIDE);
	keep = cycle_function(fx, 0);
	pdev = cycle_function(fx, 2);
	memset(pdev->reset_methods, 0, sizeof(pdev->reset_methods));
	pcie_card_sim_log_clear(fx->sim);
	pr = window_open(fx);
	pci_reload_set_quiesce(pr, PCI_RELOAD_QUIESCE_RESET);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, keep));
	KUNIT_EXPECT_EQ(test, 0, cycle_count_events(fx, QUIESCE_RESETS,
						    PCI_DEVFN(0, 2)));
	KUNIT_EXPECT_EQ(test, 1, cycle_count_events(fx, QUIESCE_RESETS,
						    PCI_DEVFN(0, 1)));
	pci_dev_put(pdev);
	pci_dev_put(keep);
	window_end(test, pr);
}

/* The last one on the bus has the bus to itself. */
static void last_function_may_be_reset_through_its_bus(struct kunit *test)
{
	const unsigned long bus = BIT(PCIE_CARD_SIM_RESET_BUS);
	static const struct quiesce_method none;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	quiesce_set_method(fx, &none);
	cycle_boot(fx, FIXTURE_WIDE);
	pcie_card_sim_log_clear(fx->sim);
	pr = window_open(fx);
	pci_reload_set_quiesce(pr, PCI_RELOAD_QUIESCE_RESET);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, 1, cycle_count_events(fx, QUIESCE_RESETS, -1));
	KUNIT_EXPECT_EQ(test, 1, cycle_count_events(fx, bus, -1));
	cycle_load(fx, pr, FIXTURE_USER);
	window_end(test, pr);
}

/* Bus resets of a switch's ports count as resets of these. */
static void bridges_are_not_reset(struct kunit *test)
{
	const unsigned long flr = BIT(PCIE_CARD_SIM_RESET_FLR);
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fx->ports[0].card.has_switch = true;
	fx->images[2].fn[1].leg = 1;
	fx->images[2].fn[2].leg = 2;
	quiesce_set_method(fx, &quiesce_flr);
	cycle_boot(fx, FIXTURE_WIDE);
	pcie_card_sim_log_clear(fx->sim);
	pr = window_open(fx);
	pci_reload_set_quiesce(pr, PCI_RELOAD_QUIESCE_RESET);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, 3, cycle_count_events(fx, QUIESCE_RESETS, -1));
	KUNIT_EXPECT_EQ(test, 3, cycle_count_events(fx, flr, -1));
	window_end(test, pr);
}

static void vfs_are_reset_with_their_pf_only(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *keep, *pf;
	struct pci_reload *pr;

	fixture_slow(test);
	quiesce_set_method(fx, &quiesce_flr);
	cycle_boot(fx, FIXTURE_WIDE);
	keep = cycle_function(fx, 0);
	pf = cycle_function(fx, 1);
	cycle_enable_vfs(fx, pf, 4);
	pci_dev_put(pf);
	pcie_card_sim_log_clear(fx->sim);
	pr = window_open(fx);
	pci_reload_set_quiesce(pr, PCI_RELOAD_QUIESCE_RESET);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, keep));
	KUNIT_EXPECT_EQ(test, 2, cycle_count_events(fx, QUIESCE_RESETS, -1));
	pci_dev_put(keep);
	window_end(test, pr);
}

/* Function 2 cannot be had back from D3hot, so a reset through it fails. */
static void quiesce_read_no_power(struct pci_bus *bus, unsigned int devfn,
				  int where, int size, u32 *val)
{
	struct pci_dev *pdev = cycle_hooks.data;

	if (devfn == pdev->devfn && where == pdev->pm_cap + PCI_PM_CTRL)
		*val |= (__force u32)PCI_D3hot;
}

static void reset_that_fails_does_not_keep_the_function(struct kunit *test)
{
	static const struct quiesce_method pm = { .pm = true };
	struct fixture *fx = test->priv;
	struct pci_dev *keep, *pdev;
	struct pci_reload *pr;

	quiesce_set_method(fx, &pm);
	cycle_boot(fx, FIXTURE_WIDE);
	keep = cycle_function(fx, 0);
	pdev = cycle_function(fx, 2);
	device_release_driver(&pdev->dev);
	pci_set_power_state(pdev, PCI_D3hot);
	pr = window_open(fx);
	cycle_hooks.data = pdev;
	cycle_hooks.read = quiesce_read_no_power;
	cycle_hook_reads(fx, 0);
	KUNIT_EXPECT_EQ(test, -EINVAL, pci_reset_function(pdev));
	pcie_card_sim_log_clear(fx->sim);
	pci_reload_set_quiesce(pr, PCI_RELOAD_QUIESCE_RESET);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, keep));
	cycle_hooks.read = NULL;

	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	KUNIT_EXPECT_EQ(test, 0, cycle_count_events(fx, QUIESCE_RESETS,
						    PCI_DEVFN(0, 2)));
	KUNIT_EXPECT_EQ(test, 1, cycle_count_events(fx, QUIESCE_RESETS,
						    PCI_DEVFN(0, 1)));
	pci_dev_put(pdev);
	pci_dev_put(keep);
	window_end(test, pr);
}

/* In a recovery: no time for resets, but nothing is to write to memory. */
static void rest_is_stopped_but_not_reset(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;

	quiesce_set_method(fx, &quiesce_flr);
	cycle_boot(fx, FIXTURE_WIDE);
	pdev = cycle_function(fx, 0);
	pcie_card_sim_log_clear(fx->sim);
	pr = window_open(fx);
	pci_reload_set_quiesce(pr, PCI_RELOAD_QUIESCE_RESET);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_rest(pr));
	KUNIT_EXPECT_EQ(test, 0, cycle_count_events(fx, QUIESCE_RESETS, -1));
	KUNIT_EXPECT_LT(test, quiesce_stopped(fx, pdev),
			cycle_event(fx, PCIE_CARD_SIM_DEV_DEL, pci_name(pdev)));
	pci_dev_put(pdev);
	window_end(test, pr);
}

static bool quiesce_was_told;

static void quiesce_look(struct pci_dev *pdev)
{
	quiesce_was_told = pci_dev_is_disconnected(pdev);
}

/* The driver knows before it is asked to go, and nobody else accesses it. */
static void function_without_a_link_is_not_accessed(struct kunit *test)
{
	struct pcie_card_sim_match match = {
		.what = BIT(PCIE_CARD_SIM_CFG_WRITE),
		.port = -1,
		.reg = -1,
		.devfn = 0,
	};
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	struct pci_reload *pr;
	struct pci_dev *keep;
	bool accessed = false;

	quiesce_set_method(fx, &quiesce_flr);
	cycle_boot(fx, FIXTURE_WIDE);
	keep = cycle_function(fx, 0);
	pr = window_open(fx);
	pci_reload_set_quiesce(pr, PCI_RELOAD_QUIESCE_RESET);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, keep));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_link_disable(pr));
	pcie_card_sim_log_clear(fx->sim);
	quiesce_was_told = false;
	cycle_hooks.remove = quiesce_look;
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_rest(pr));
	KUNIT_EXPECT_TRUE(test, quiesce_was_told);
	while (pcie_card_sim_log_find(fx->sim, &match, &event)) {
		accessed |= event.bus == keep->bus->number;
		match.from_seq = event.seq + 1;
	}
	KUNIT_EXPECT_FALSE(test, accessed);
	KUNIT_EXPECT_EQ(test, 0, cycle_count_events(fx, QUIESCE_RESETS, -1));
	pci_dev_put(keep);
	window_end(test, pr);
}

/**
 * struct quiesce_other - somebody who does something during a remove()
 * @work: does it
 * @pdev: the function whose driver is being removed
 * @begun: remove() has begun
 * @done: it was done, or is about to be
 * @in_time: @done came while remove() was waiting for it
 */
struct quiesce_other {
	struct work_struct work;
	struct pci_dev *pdev;
	struct completion begun;
	struct completion done;
	bool in_time;
};

static struct quiesce_other quiesce_other;

/* A remove() that takes its time, once: of function 2, which goes with others. */
static void quiesce_slow_remove(struct pci_dev *pdev)
{
	struct quiesce_other *other = &quiesce_other;

	if (pdev->devfn != PCI_DEVFN(0, 2))
		return;
	cycle_hooks.remove = NULL;
	other->pdev = pdev;
	complete(&other->begun);
	other->in_time =
		wait_for_completion_timeout(&other->done,
					    msecs_to_jiffies(QUIESCE_WAIT_MS));
}

static void quiesce_start(work_func_t fn)
{
	struct quiesce_other *other = &quiesce_other;

	memset(other, 0, sizeof(*other));
	init_completion(&other->begun);
	init_completion(&other->done);
	INIT_WORK(&other->work, fn);
	cycle_hooks.remove = quiesce_slow_remove;
	queue_work(system_unbound_wq, &other->work);
}

static void quiesce_rescan(struct work_struct *work)
{
	struct quiesce_other *other = &quiesce_other;

	wait_for_completion(&other->begun);
	pci_lock_rescan_remove();
	pci_unlock_rescan_remove();
	complete(&other->done);
}

static void slow_remove_delays_nobody_else(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *keep;

	cycle_boot(fx, FIXTURE_WIDE);
	keep = cycle_function(fx, 0);
	pr = window_open(fx);
	quiesce_start(quiesce_rescan);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, keep));
	flush_work(&quiesce_other.work);
	KUNIT_EXPECT_TRUE(test, quiesce_other.in_time);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	pci_dev_put(keep);
	window_end(test, pr);
}

/* The lock is had before remove() goes on, and waits for it then. */
static void quiesce_remove(struct work_struct *work)
{
	struct quiesce_other *other = &quiesce_other;

	wait_for_completion(&other->begun);
	pci_lock_rescan_remove();
	complete(&other->done);
	pci_stop_and_remove_bus_device(other->pdev);
	pci_unlock_rescan_remove();
}

static void function_that_others_remove_meanwhile_is_gone(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *keep;

	cycle_boot(fx, FIXTURE_WIDE);
	keep = cycle_function(fx, 0);
	pr = window_open(fx);
	pci_reload_set_quiesce(pr, PCI_RELOAD_QUIESCE_RESET);
	quiesce_start(quiesce_remove);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, keep));
	flush_work(&quiesce_other.work);
	KUNIT_EXPECT_TRUE(test, quiesce_other.in_time);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	pci_dev_put(keep);
	window_end(test, pr);
}

static unsigned int quiesce_probes;

static void quiesce_count_probes(struct pci_dev *pdev)
{
	quiesce_probes++;
}

/* Waits for remove() to end, and has the removal wait for itself. */
static void quiesce_bind(struct work_struct *work)
{
	struct quiesce_other *other = &quiesce_other;
	struct pci_dev *pdev;

	wait_for_completion(&other->begun);
	pci_lock_rescan_remove();
	pdev = pci_dev_get(other->pdev);
	complete(&other->done);
	if (device_attach(&pdev->dev) < 0)
		pci_warn(pdev, "was not bound again\n");
	pci_unlock_rescan_remove();
	pci_dev_put(pdev);
}

static void function_that_is_bound_again_is_quiesced_again(struct kunit *test)
{
	struct pcie_card_sim_event event = {};
	struct fixture *fx = test->priv;
	struct pci_dev *keep, *pdev;
	struct pci_reload *pr;

	quiesce_set_method(fx, &quiesce_flr);
	cycle_boot(fx, FIXTURE_WIDE);
	keep = cycle_function(fx, 0);
	pdev = cycle_function(fx, 2);
	pr = window_open(fx);
	pci_reload_set_quiesce(pr, PCI_RELOAD_QUIESCE_RESET);
	quiesce_probes = 0;
	cycle_hooks.probe = quiesce_count_probes;
	quiesce_start(quiesce_bind);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, keep));
	flush_work(&quiesce_other.work);
	KUNIT_EXPECT_EQ(test, quiesce_probes, 1);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	/* The last word is that it is off. */
	while (fixture_find_write(fx, pdev, PCI_COMMAND, PCI_COMMAND_MASTER,
				  PCI_COMMAND_MASTER, event.seq + 1, &event))
		;
	KUNIT_EXPECT_TRUE(test, fixture_find_write(fx, pdev, PCI_COMMAND,
						   PCI_COMMAND_MASTER, 0,
						   event.seq, &event));
	pci_dev_put(pdev);
	pci_dev_put(keep);
	window_end(test, pr);
}

static struct kunit_case quiesce_cases[] = {
	KUNIT_CASE(bus_mastering_ends_between_unbinding_and_removal),
	KUNIT_CASE(removed_function_moves_nothing),
	KUNIT_CASE_PARAM(reset_policy_uses_the_functions_method,
			 quiesce_method_gen_params),
	KUNIT_CASE(function_whose_methods_are_disabled_is_not_reset),
	KUNIT_CASE(last_function_may_be_reset_through_its_bus),
	KUNIT_CASE(bridges_are_not_reset),
	KUNIT_CASE(vfs_are_reset_with_their_pf_only),
	KUNIT_CASE(reset_that_fails_does_not_keep_the_function),
	KUNIT_CASE(rest_is_stopped_but_not_reset),
	KUNIT_CASE(function_without_a_link_is_not_accessed),
	KUNIT_CASE(slow_remove_delays_nobody_else),
	KUNIT_CASE(function_that_others_remove_meanwhile_is_gone),
	KUNIT_CASE(function_that_is_bound_again_is_quiesced_again),
	{}
};

struct kunit_suite pci_reload_quiesce_suite = {
	.name = "pci_reload_quiesce",
	.suite_init = cycle_suite_init,
	.suite_exit = cycle_suite_exit,
	.init = cycle_init,
	.exit = cycle_exit,
	.test_cases = quiesce_cases,
};
