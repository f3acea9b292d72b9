// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the drivers of the port do while a window is open, and a port that goes.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>
#include <linux/jiffies.h>
#include <linux/pci.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/fixtures/load.h"
#include "kunit/suites.h"
#include "kunit/fixtures/window.h"

/* Longer than the simulated card takes to train its link. */
#define DRIVERS_WAIT_MS		5000

#define DRIVERS_SLOT	(PCI_EXP_SLTCTL_PDCE | PCI_EXP_SLTCTL_DLLSCE)
#define DRIVERS_AER	(PCI_ERR_ROOT_CMD_COR_EN | PCI_ERR_ROOT_CMD_NONFATAL_EN | \
			 PCI_ERR_ROOT_CMD_FATAL_EN)

static u16 drivers_exp(struct pci_dev *port, int reg)
{
	u16 val = 0;

	pcie_capability_read_word(port, reg, &val);
	return val;
}

static u32 drivers_aer(struct pci_dev *port, int reg)
{
	u32 val = 0;

	pci_read_config_dword(port, pci_find_ext_capability(port,
							    PCI_EXT_CAP_ID_ERR) +
			      reg, &val);
	return val;
}

static void drivers_set_aer(struct pci_dev *port, u32 bits)
{
	u16 pos = pci_find_ext_capability(port, PCI_EXT_CAP_ID_ERR);

	pci_write_config_dword(port, pos + PCI_ERR_ROOT_COMMAND, bits);
}

/* As pciehp_reset_slot(), aer_root_reset() and pcie_pme_irq() do for a moment. */
static void drivers_switch(struct pci_dev *port, bool on)
{
	u16 slot = on ? DRIVERS_SLOT : 0;
	u16 pme = on ? PCI_EXP_RTCTL_PMEIE : 0;

	pcie_capability_clear_and_set_word(port, PCI_EXP_SLTCTL, DRIVERS_SLOT,
					   slot);
	pcie_capability_clear_and_set_word(port, PCI_EXP_RTCTL,
					   PCI_EXP_RTCTL_PMEIE, pme);
	drivers_set_aer(port, on ? DRIVERS_AER : 0);
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
	return drivers_exp(port, PCI_EXP_SLTCTL) & DRIVERS_SLOT ||
	       drivers_aer(port, PCI_ERR_ROOT_COMMAND) & DRIVERS_AER;
}

static void nothing_is_on_for_a_driver_that_was_unbound(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *port;
	u32 mask;

	fixture_start(fx);
	port = fixture_port(fx, 0);
	mask = drivers_aer(port, PCI_ERR_UNCOR_MASK);
	KUNIT_EXPECT_TRUE(test, drivers_are_heard(port));
	pr = window_alloc(fx, 0);
	window_down(test, pr);
	device_release_driver(&port->dev);
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_FALSE(test, drivers_are_heard(port));
	KUNIT_EXPECT_EQ(test, mask, drivers_aer(port, PCI_ERR_UNCOR_MASK));

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

static void drivers_wait_link(struct fixture *fx)
{
	KUNIT_EXPECT_TRUE(fx->test,
			  fixture_wait_link(fx, 0, true, DRIVERS_WAIT_MS));
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
	drivers_wait_link(fx);
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

/* By whoever writes 1 to its "remove", or uses OPAE's rsu. */
static void port_that_is_removed_in_a_load_is_as_it_was(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_bus *bus;
	struct fpga_card *card;
	struct load_run run;
	struct pci_dev *port;
	u32 mask;

	fx->images[1].reload_ms = 2000;
	fx->images[1].hold_ms = 1000;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	port = pci_dev_get(fixture_port(fx, 0));
	bus = port->bus;
	mask = drivers_aer(port, PCI_ERR_UNCOR_MASK);
	load_run_start(&run, card, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(test, fixture_wait(drivers_exp(port, PCI_EXP_LNKCTL) &
					     PCI_EXP_LNKCTL_LD, DRIVERS_WAIT_MS));
	KUNIT_EXPECT_NE(test, mask, drivers_aer(port, PCI_ERR_UNCOR_MASK));
	pci_stop_and_remove_bus_device_locked(port);
	KUNIT_EXPECT_EQ(test, -ENODEV, load_run_end(&run));
	KUNIT_EXPECT_EQ(test, 0, drivers_exp(port, PCI_EXP_LNKCTL) &
			PCI_EXP_LNKCTL_LD);
	KUNIT_EXPECT_EQ(test, mask, drivers_aer(port, PCI_ERR_UNCOR_MASK));
	KUNIT_EXPECT_FALSE(test, drivers_are_heard(port));
	pci_dev_put(port);
	fpga_card_put(card);

	drivers_wait_link(fx);
	pci_lock_rescan_remove();
	pci_rescan_bus(bus);
	pci_unlock_rescan_remove();
	KUNIT_EXPECT_TRUE(test, fixture_wait_functions(fx, 0, FIXTURE_USER));
	card = fixture_card(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	fpga_card_put(card);
}

/* Which is what an error of a bridge above has restored. */
static void saved_state_of_the_port_is_that_after_the_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *port;
	u32 *saved;

	fx->images[2].fn[1].bar[0].size = SZ_8M;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	port = fixture_port(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_WIDE));
	saved = fixture_save_port(fx, 0);
	pci_restore_state(port);
	fixture_expect_config(fx, port, saved);
	fixture_expect_decoded(fx, 0);
	pci_save_state(port);
	fpga_card_put(card);
}

/* Windows on a port whose card has no back end: see window_init(). */
static struct kunit_case drivers_window_cases[] = {
	KUNIT_CASE(interrupts_that_were_off_for_a_moment_are_on_again),
	KUNIT_CASE(slot_is_quiet_when_its_power_goes),
	KUNIT_CASE(slot_is_quiet_in_a_hot_reset),
	KUNIT_CASE(nothing_is_on_for_a_driver_that_was_unbound),
	KUNIT_CASE(port_may_be_bound_anew_in_a_window),
	KUNIT_CASE_PARAM(port_that_is_given_up_is_as_it_was,
			 drivers_step_gen_params),
	{}
};

/* A recovery from an error, which takes its time */

#define DRIVERS_DEVICE		0x0005
#define DRIVERS_RECOVERY_MS	500

static bool drivers_recovering, drivers_recovered, drivers_met;

static int drivers_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return 0;
}

static void drivers_remove(struct pci_dev *pdev)
{
}

/* The window is open. */
static void drivers_meet(struct load_moment *moment)
{
	drivers_met = READ_ONCE(drivers_recovering);
}

static pci_ers_result_t drivers_error_detected(struct pci_dev *pdev,
					       pci_channel_state_t state)
{
	WRITE_ONCE(drivers_recovering, true);
	msleep(DRIVERS_RECOVERY_MS);
	drivers_recovered = true;
	WRITE_ONCE(drivers_recovering, false);
	return PCI_ERS_RESULT_CAN_RECOVER;
}

static const struct pci_error_handlers drivers_handlers = {
	.error_detected = drivers_error_detected,
};

static const struct pci_device_id drivers_ids[] = {
	{ PCI_DEVICE(0x1234, DRIVERS_DEVICE) },
	{}
};

static struct pci_driver drivers_driver = {
	.name = "fpga-card-kunit-recovery",
	.id_table = drivers_ids,
	.probe = drivers_probe,
	.remove = drivers_remove,
	.err_handler = &drivers_handlers,
};

/* By AER: its thread is the root port's, with or without a slot. */
static void recovery_from_an_error_is_waited_for(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_moment moment = {
		.fx = fx,
		.state = "removing",
		.act = drivers_meet,
	};
	struct fpga_card *card;

	fx->ports[0].hotplug = false;
	fx->ports[0].dpc = false;
	fx->images[0].fn[1].device = DRIVERS_DEVICE;
	fx->images[0].fn[1].class = CYCLE_CLASS;
	drivers_recovering = false;
	drivers_recovered = false;
	drivers_met = false;
	fixture_add_driver(fx, &drivers_driver);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	/* Not fatal */
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_port_error(fx->sim, 0,
							  PCI_ERR_UNC_POISON_TLP));
	KUNIT_EXPECT_TRUE(test, fixture_wait(READ_ONCE(drivers_recovering),
					     DRIVERS_WAIT_MS));
	load_moment_start(&moment);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_moment_stop(&moment);
	KUNIT_EXPECT_EQ(test, 1, moment.seen);
	KUNIT_EXPECT_TRUE(test, drivers_recovered);
	KUNIT_EXPECT_FALSE(test, drivers_met);
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

/*
 * Loads of a card. The port that comes back has pciehp take its locks in an order that
 * lockdep reports (6.12), so these come last.
 */
static struct kunit_case drivers_card_cases[] = {
	KUNIT_CASE(port_that_is_removed_in_a_load_is_as_it_was),
	KUNIT_CASE(saved_state_of_the_port_is_that_after_the_load),
	KUNIT_CASE(recovery_from_an_error_is_waited_for),
	{}
};

struct kunit_suite pci_reload_drivers_suite = {
	.name = "pci_reload_drivers",
	.init = window_init,
	.exit = fixture_exit,
	.test_cases = drivers_window_cases,
};

struct kunit_suite fpga_card_port_suite = {
	.name = "fpga_card_port",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = drivers_card_cases,
};
