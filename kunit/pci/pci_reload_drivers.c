// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the drivers of the port do while a window is open, and a port that is given up.
 */

#include <linux/workqueue.h>

#include "kunit/suites.h"
#include "kunit/fixtures/window.h"

#define DRIVERS_SLOT	(PCI_EXP_SLTCTL_PDCE | PCI_EXP_SLTCTL_DLLSCE)
#define DRIVERS_AER	(PCI_ERR_ROOT_CMD_COR_EN | PCI_ERR_ROOT_CMD_NONFATAL_EN | \
			 PCI_ERR_ROOT_CMD_FATAL_EN)

/* As pciehp_reset_slot(), aer_root_reset() and pcie_pme_irq() do for a moment. */
static void drivers_switch(struct pci_dev *port, bool on)
{
	u16 slot = on ? DRIVERS_SLOT : 0;
	u16 pme = on ? PCI_EXP_RTCTL_PMEIE : 0;

	pcie_capability_clear_and_set_word(port, PCI_EXP_SLTCTL, DRIVERS_SLOT,
					   slot);
	pcie_capability_clear_and_set_word(port, PCI_EXP_RTCTL,
					   PCI_EXP_RTCTL_PMEIE, pme);
	fixture_write_ext(port, PCI_EXT_CAP_ID_ERR, PCI_ERR_ROOT_COMMAND,
			  on ? DRIVERS_AER : 0);
}

static unsigned int drivers_interrupts(struct fixture *fx)
{
	return fixture_count_events(fx, BIT(PCIE_CARD_SIM_IRQ), 0);
}

/* At the end, and quiet in between. */
static void interrupts_that_were_off_for_a_moment_are_on_again(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *port;
	u32 *saved;

	fixture_start(fx);
	port = fixture_port(fx, 0);
	drivers_switch(port, true);
	saved = fixture_save_port(fx, 0);
	pr = window_alloc(fx, 0);
	pcie_card_sim_log_clear(fx->sim);

	drivers_switch(port, false);
	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	drivers_switch(port, true);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	drivers_switch(port, true);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_link_disable(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_rest(pr));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, drivers_interrupts(fx));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

/* Before each thing that the slot would tell of. */
static void slot_is_quiet_when_its_power_goes(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fixture_slow(test);
	fx->ports[0].power_control = true;
	pr = window_boot(fx);
	window_empty(test, pr);
	pcie_card_sim_log_clear(fx->sim);
	drivers_switch(fixture_port(fx, 0), true);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_power_cycle(pr));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, drivers_interrupts(fx));
	window_end(test, pr);
}

static void slot_is_quiet_in_a_hot_reset(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	pr = window_boot(fx);
	window_empty(test, pr);
	pcie_card_sim_log_clear(fx->sim);
	drivers_switch(fixture_port(fx, 0), true);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_hot_reset(pr));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, drivers_interrupts(fx));
	window_end(test, pr);
}

static bool drivers_are_heard(struct pci_dev *port)
{
	return fixture_exp(port, PCI_EXP_SLTCTL) & DRIVERS_SLOT ||
	       fixture_aer(port, PCI_ERR_ROOT_COMMAND) & DRIVERS_AER;
}

static void nothing_is_on_for_a_driver_that_was_unbound(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *port;
	u32 mask;

	fixture_start(fx);
	port = fixture_port(fx, 0);
	mask = fixture_aer(port, PCI_ERR_UNCOR_MASK);
	KUNIT_EXPECT_TRUE(test, drivers_are_heard(port));
	pr = window_alloc(fx, 0);
	window_down(test, pr);
	device_release_driver(&port->dev);
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_FALSE(test, drivers_are_heard(port));
	KUNIT_EXPECT_EQ(test, mask, fixture_aer(port, PCI_ERR_UNCOR_MASK));

	KUNIT_EXPECT_EQ(test, 1, device_attach(&port->dev));
	KUNIT_EXPECT_TRUE(test, drivers_are_heard(port));
	pci_reload_free(pr);
}

/* Which looks at the slot by itself, and may be the one to find the card. */
static void port_may_be_bound_anew_in_a_window(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *port;
	unsigned int count;

	fixture_start(fx);
	port = fixture_port(fx, 0);
	count = fixture_count(fx, 0);
	pr = window_alloc(fx, 0);
	window_down(test, pr);
	device_release_driver(&port->dev);
	KUNIT_EXPECT_EQ(test, 1, device_attach(&port->dev));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_TRUE(test, drivers_are_heard(port));
	KUNIT_EXPECT_EQ(test, count, fixture_count(fx, 0));
	pci_reload_free(pr);
}

static const char * const drivers_steps[] = {
	"closed", "open", "functions removed", "link disabled", "no power",
};

static void drivers_step_desc(const char * const *step, char *desc)
{
	strscpy(desc, *step, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(drivers_step, drivers_steps, drivers_step_desc);

/**
 * struct drivers_gone - a port that is given up a while from now
 * @work: does it
 * @pr: the window
 */
struct drivers_gone {
	struct delayed_work work;
	struct pci_reload *pr;
};

static void drivers_gone_work(struct work_struct *work)
{
	struct drivers_gone *gone = container_of(work, struct drivers_gone,
						 work.work);

	pci_reload_port_gone(gone->pr);
}

/* In the second for which the power stays off. */
static void drivers_give_up_without_power(struct kunit *test,
					  struct pci_reload *pr)
{
	struct drivers_gone gone = { .pr = pr };

	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_rest(pr));
	INIT_DELAYED_WORK_ONSTACK(&gone.work, drivers_gone_work);
	queue_delayed_work(system_unbound_wq, &gone.work, msecs_to_jiffies(200));
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_power_cycle(pr));
	flush_delayed_work(&gone.work);
	destroy_delayed_work_on_stack(&gone.work);
}

/* As when it is removed, or the machine goes down. */
static void port_that_is_given_up_is_as_it_was(struct kunit *test)
{
	const char * const *step = test->param_value;
	unsigned int steps = step - drivers_steps;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u32 *saved;

	fixture_slow_but(test, &drivers_steps[3]);
	fx->ports[0].hotplug = false;
	fx->ports[0].power_control = true;
	fixture_start(fx);
	saved = fixture_save_port(fx, 0);
	pr = window_alloc(fx, 0);
	if (steps > 0)
		KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	if (steps > 1)
		KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	if (steps == 3)
		KUNIT_EXPECT_EQ(test, 0, pci_reload_link_disable(pr));
	if (steps == 4)
		drivers_give_up_without_power(test, pr);
	else
		pci_reload_port_gone(pr);
	KUNIT_EXPECT_TRUE(test, fixture_wait_link(fx, 0, true, WINDOW_TIMEOUT_MS));
	/* That is nothing that the window did. */
	pcie_capability_write_word(fixture_port(fx, 0), PCI_EXP_SLTSTA,
				   PCI_EXP_SLTSTA_DLLSC);
	fixture_expect_port(fx, 0, saved);

	KUNIT_EXPECT_EQ(test, -ENODEV, steps ? pci_reload_remove_rest(pr) :
					       pci_reload_preflight(pr));
	KUNIT_EXPECT_EQ(test, steps ? -ENODEV : 0, pci_reload_close(pr));
	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

static struct kunit_case drivers_cases[] = {
	KUNIT_CASE(interrupts_that_were_off_for_a_moment_are_on_again),
	KUNIT_CASE(slot_is_quiet_when_its_power_goes),
	KUNIT_CASE(slot_is_quiet_in_a_hot_reset),
	KUNIT_CASE(nothing_is_on_for_a_driver_that_was_unbound),
	KUNIT_CASE(port_may_be_bound_anew_in_a_window),
	KUNIT_CASE_PARAM(port_that_is_given_up_is_as_it_was,
			 drivers_step_gen_params),
	{}
};

struct kunit_suite pci_reload_drivers_suite = {
	.name = "pci_reload_drivers",
	.init = window_init,
	.exit = fixture_exit,
	.test_cases = drivers_cases,
};
