// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands that a window gives to a slot, above all for its power.
 */

#include <linux/delay.h>
#include <linux/workqueue.h>

#include "kunit/suites.h"
#include "kunit/fixtures/window.h"

#define POWER_WAIT_MS	5000

/* Least time that a slot is off (PCIe r6.0, sec 6.7.1.8). */
#define POWER_OFF_MS	1000

/* Less than one command that is waited for in vain takes. */
#define POWER_SOON_MS	500

static u16 power_reg(struct fixture *fx, int reg)
{
	return fixture_exp(fixture_port(fx, 0), reg);
}

static const bool power_kinds[] = { false, true };

static void power_kind_desc(const bool *hotplug, char *desc)
{
	strscpy(desc, *hotplug ? "hot-plug, pciehp bound" : "no hot-plug",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(power_kind, power_kinds, power_kind_desc);

/* A host whose slots take 5 ms for each command, and have power control. */
static struct pci_reload *power_boot(struct fixture *fx, bool hotplug)
{
	fx->ports[0].hotplug = hotplug;
	fx->ports[0].power_control = true;
	fx->ports[0].cmd_completed = true;
	fixture_start(fx);
	/* What the hot-plug driver commands when it binds is over. */
	msleep(100);
	pcie_card_sim_log_clear(fx->sim);
	return window_alloc(fx, 0);
}

/* The writes by which the power was switched off and on. */
static void power_expect_cycle(struct fixture *fx,
			       struct pcie_card_sim_event *off,
			      struct pcie_card_sim_event *on)
{
	struct pci_dev *port = fixture_port(fx, 0);
	int sltctl = pci_pcie_cap(port) + PCI_EXP_SLTCTL;

	KUNIT_ASSERT_TRUE_MSG(fx->test,
			      fixture_find_write(fx, port, sltctl,
						 PCI_EXP_SLTCTL_PCC,
						 PCI_EXP_SLTCTL_PWR_OFF, 0, off),
			      "the power was never switched off");
	KUNIT_ASSERT_TRUE_MSG(fx->test,
			      fixture_find_write(fx, port, sltctl,
						 PCI_EXP_SLTCTL_PCC,
						 PCI_EXP_SLTCTL_PWR_ON,
						 off->seq, on),
			      "the power was not switched on again");
}

static void power_expect_no_collision(struct fixture *fx)
{
	struct pcie_card_sim_event event;

	KUNIT_EXPECT_FALSE(fx->test, fixture_find(fx, PCIE_CARD_SIM_SLOT_BUSY,
						  NULL, 0, &event));
}

static void command_waits_for_the_one_before(struct kunit *test)
{
	const bool *hotplug = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u32 *saved;

	pr = power_boot(fx, *hotplug);
	saved = fixture_save_port(fx, 0);
	/* At once, which leaves no time for a command to complete by chance. */
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	msleep(50);
	power_expect_no_collision(fx);
	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

static void power_cycle_starts_the_card_anew(struct kunit *test)
{
	const bool *hotplug = test->param_value;
	struct pcie_card_sim_event off, on;
	char name[PCIE_CARD_SIM_NAME_LEN];
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u32 *saved;

	fixture_slow_but(test, &power_kinds[1]);
	pr = power_boot(fx, *hotplug);
	saved = fixture_save_port(fx, 0);
	pcie_card_sim_set_boot_image(fx->sim, 0, FIXTURE_WIDE);

	window_empty(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_power_cycle(pr));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	pcie_card_sim_running(fx->sim, 0, name, sizeof(name));
	KUNIT_EXPECT_STREQ(test, name, FIXTURE_WIDE);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);

	power_expect_cycle(fx, &off, &on);
	KUNIT_EXPECT_GE(test, on.usec - off.usec, 1000 * POWER_OFF_MS);
	msleep(50);
	power_expect_no_collision(fx);
	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

/* Off is what it has to be without power (PCIe r6.0, sec 6.7.1.1). */
static void power_indicator_goes_with_the_power(struct kunit *test)
{
	const bool *hotplug = test->param_value;
	const u16 mask = PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_PIC;
	struct pcie_card_sim_event off, on;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *port;
	u32 *saved;
	int sltctl;

	fixture_slow_but(test, &power_kinds[1]);
	fx->ports[0].button = true;
	pr = power_boot(fx, *hotplug);
	port = fixture_port(fx, 0);
	sltctl = pci_pcie_cap(port) + PCI_EXP_SLTCTL;
	saved = fixture_save_port(fx, 0);
	KUNIT_ASSERT_EQ(test, power_reg(fx, PCI_EXP_SLTCTL) & mask,
			PCI_EXP_SLTCTL_PWR_IND_ON);

	window_empty(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_power_cycle(pr));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_ASSERT_TRUE(test, fixture_find_write(fx, port, sltctl, mask, mask,
						   0, &off));
	KUNIT_EXPECT_TRUE(test, fixture_find_write(fx, port, sltctl, mask,
						   PCI_EXP_SLTCTL_PWR_IND_ON,
						   off.seq + 1, &on));
	msleep(50);
	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

/**
 * struct power_presser - presses the button as soon as the slot is off
 * @work: in which it does
 * @fx: whose slot it is
 */
struct power_presser {
	struct work_struct work;
	struct fixture *fx;
};

static void power_press(struct work_struct *work)
{
	struct power_presser *presser = container_of(work, struct power_presser,
						    work);
	struct fixture *fx = presser->fx;

	fixture_wait(power_reg(fx, PCI_EXP_SLTCTL) & PCI_EXP_SLTCTL_PCC,
		     POWER_WAIT_MS);
	pcie_card_sim_press_button(fx->sim, 0);
}

/* The hot-plug driver begins to blink when it has heard of the button. */
static void power_expect_unheard(struct fixture *fx, u64 from)
{
	struct pci_dev *port = fixture_port(fx, 0);
	struct pcie_card_sim_event event;

	KUNIT_EXPECT_FALSE(fx->test,
			   fixture_find_write(fx, port, pci_pcie_cap(port) +
					      PCI_EXP_SLTCTL,
					      PCI_EXP_SLTCTL_PIC,
					      PCI_EXP_SLTCTL_PWR_IND_BLINK,
					      from, &event));
	KUNIT_EXPECT_EQ(fx->test, power_reg(fx, PCI_EXP_SLTSTA) &
			PCI_EXP_SLTSTA_ABP, 0);
}

/* The wish is granted: afterwards it would mean the opposite. */
static void press_while_the_slot_is_off_is_for_power(struct kunit *test)
{
	const bool *hotplug = test->param_value;
	struct power_presser presser = { .fx = test->priv };
	struct pcie_card_sim_event off, press, on;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u32 *saved;

	fixture_slow_but(test, &power_kinds[1]);
	fx->ports[0].button = true;
	pr = power_boot(fx, *hotplug);
	saved = fixture_save_port(fx, 0);
	window_empty(test, pr);
	INIT_WORK_ONSTACK(&presser.work, power_press);
	queue_work(system_unbound_wq, &presser.work);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_power_cycle(pr));
	flush_work(&presser.work);
	destroy_work_on_stack(&presser.work);
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	/* Commands are completed meanwhile, too, which is a slot event as well. */
	power_expect_cycle(fx, &off, &on);
	KUNIT_ASSERT_TRUE(test, fixture_find_bits(fx, PCIE_CARD_SIM_SLOT_EVENT,
						  PCI_EXP_SLTSTA_ABP, off.seq,
						  &press));
	KUNIT_EXPECT_LT(test, press.seq, on.seq);
	/* pciehp would have its indicator blink by now. */
	msleep(50);
	power_expect_unheard(fx, press.seq);
	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

/* Nobody has answered that one yet. */
static void press_from_before_the_power_went_is_kept(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fixture_slow(test);
	fx->ports[0].button = true;
	pr = power_boot(fx, false);
	window_empty(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_press_button(fx->sim, 0));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_power_cycle(pr));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_NE(test, power_reg(fx, PCI_EXP_SLTSTA) & PCI_EXP_SLTSTA_ABP,
			0);
	pci_reload_free(pr);
}

static void power_cycle_needs_a_power_controller(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	pr = window_boot(fx);
	window_empty(test, pr);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, pci_reload_power_cycle(pr));
	window_expect_reason(test, pr, "cannot switch its power");
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 0));
	window_up(test, pr);
	window_end(test, pr);
}

static void power_of_a_slot_of_the_firmware_is_left_alone(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_host_bridge *host;
	struct pci_reload *pr;

	fx->ports[0].power_control = true;
	fixture_start(fx);
	host = pci_find_host_bridge(fixture_port(fx, 0)->bus);
	host->native_pcie_hotplug = 0;
	pr = window_alloc(fx, 0);
	window_empty(test, pr);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, pci_reload_power_cycle(pr));
	window_expect_reason(test, pr, "belongs to the firmware");
	KUNIT_EXPECT_EQ(test, 0, power_reg(fx, PCI_EXP_SLTCTL) & PCI_EXP_SLTCTL_PCC);
	window_up(test, pr);
	window_end(test, pr);
}

static void power_cycle_leaves_functions_no_power_to_lose(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fx->ports[0].power_control = true;
	pr = window_boot(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_power_cycle(pr));
	window_expect_reason(test, pr, "functions left");
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 0));
	window_end(test, pr);
}

static int power_cycle(struct pci_reload *pr, unsigned int unused)
{
	return pci_reload_power_cycle(pr);
}

/* While the power is off; it comes back even so, and at once. */
static void power_cycle_can_be_cancelled(struct kunit *test)
{
	struct pcie_card_sim_event off, on;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fx->ports[0].power_control = true;
	pr = window_boot(fx);
	window_empty(test, pr);
	pcie_card_sim_log_clear(fx->sim);
	window_expect_cancelled(test, pr, POWER_OFF_MS,
				power_cycle);
	power_expect_cycle(fx, &off, &on);
	KUNIT_EXPECT_GE(test, on.usec - off.usec,
			1000 * WINDOW_CANCEL_MS / 2);
	KUNIT_EXPECT_LT(test, on.usec - off.usec, 1000 * POWER_OFF_MS);
	KUNIT_EXPECT_EQ(test, power_reg(fx, PCI_EXP_SLTCTL) & PCI_EXP_SLTCTL_PCC,
			0);
	window_up(test, pr);
	window_end(test, pr);
}

/* Intel's erratum CF118: what is never completed would take its second each time. */
static void slot_that_completes_few_commands_is_not_waited_for(struct kunit *test)
{
	struct pcie_card_sim_event off, on;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	ktime_t begin;

	fixture_slow(test);
	fx->ports[0].cmd_lazy = true;
	pr = power_boot(fx, true);
	fixture_port(fx, 0)->broken_cmd_compl = 1;
	begin = ktime_get();
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), begin), POWER_SOON_MS);

	/* What it does complete is waited for, as always. */
	window_empty(test, pr);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_power_cycle(pr));
	power_expect_cycle(fx, &off, &on);
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	power_expect_no_collision(fx);
	pci_reload_free(pr);
}

/* That of a disk in a VMD domain, say: it blinks for somebody who looks for it. */
static void indicator_that_is_the_users_is_left_alone(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *port;

	fixture_slow(test);
	fx->ports[0].button = true;
	pr = power_boot(fx, false);
	port = fixture_port(fx, 0);
	port->hotplug_user_indicators = 1;
	pcie_capability_clear_and_set_word(port, PCI_EXP_SLTCTL,
					   PCI_EXP_SLTCTL_PIC,
					   PCI_EXP_SLTCTL_PWR_IND_BLINK);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_preflight(pr));
	window_empty(test, pr);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_power_cycle(pr));
	window_up(test, pr);
	KUNIT_EXPECT_FALSE(test,
			   fixture_find_write(fx, port, pci_pcie_cap(port) +
					      PCI_EXP_SLTCTL, PCI_EXP_SLTCTL_PIC,
					      PCI_EXP_SLTCTL_PWR_IND_OFF, 0,
					      &event));
	KUNIT_EXPECT_EQ(test, power_reg(fx, PCI_EXP_SLTCTL) & PCI_EXP_SLTCTL_PIC,
			PCI_EXP_SLTCTL_PWR_IND_BLINK);
	window_end(test, pr);
}

static struct kunit_case power_cases[] = {
	KUNIT_CASE_PARAM(command_waits_for_the_one_before, power_kind_gen_params),
	KUNIT_CASE_PARAM(power_cycle_starts_the_card_anew, power_kind_gen_params),
	KUNIT_CASE_PARAM(power_indicator_goes_with_the_power,
			 power_kind_gen_params),
	KUNIT_CASE_PARAM(press_while_the_slot_is_off_is_for_power,
			 power_kind_gen_params),
	KUNIT_CASE(press_from_before_the_power_went_is_kept),
	KUNIT_CASE(power_cycle_needs_a_power_controller),
	KUNIT_CASE(power_of_a_slot_of_the_firmware_is_left_alone),
	KUNIT_CASE(power_cycle_leaves_functions_no_power_to_lose),
	KUNIT_CASE(power_cycle_can_be_cancelled),
	KUNIT_CASE(slot_that_completes_few_commands_is_not_waited_for),
	KUNIT_CASE(indicator_that_is_the_users_is_left_alone),
	{}
};

struct kunit_suite pci_reload_power_suite = {
	.name = "pci_reload_power",
	.init = window_init,
	.exit = fixture_exit,
	.test_cases = power_cases,
};
