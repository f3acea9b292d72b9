// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows on ports with a slot: whether it may be used, its commands, its power, and a
 * card that is exchanged. One file, as a suite is one object, and its cases share what is
 * set up at its top.
 */

#include <linux/delay.h>
#include <linux/workqueue.h>

#include "kunit/suites.h"
#include "kunit/fixtures/window.h"

#define SLOT_WAIT_MS	5000

/* Least time that a slot is off (PCIe r6.0, sec 6.7.1.8). */
#define SLOT_OFF_MS	1000

/* Less than one command that is waited for in vain takes. */
#define SLOT_SOON_MS	500

#define SLOT_SERIAL	0x1122334455667788ULL

static u16 slot_reg(struct fixture *fx, int reg)
{
	return fixture_exp(fixture_port(fx, 0), reg);
}

static bool slot_wait_for(struct fixture *fx, u32 events)
{
	struct pcie_card_sim_event event;

	return fixture_wait(fixture_find_bits(fx, PCIE_CARD_SIM_SLOT_EVENT,
					      events, 0, &event), SLOT_WAIT_MS);
}

/* What pciehp does when it polls (pciehp_poll_mode): events without HPIE. */
static void slot_that_is_polled_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u32 *saved;

	fixture_start(fx);
	KUNIT_EXPECT_NE(test, slot_reg(fx, PCI_EXP_SLTCTL) &
			PCI_EXP_SLTCTL_HPIE, 0);
	pr = window_alloc(fx, 0);
	pcie_capability_clear_word(fixture_port(fx, 0), PCI_EXP_SLTCTL,
				   PCI_EXP_SLTCTL_HPIE);
	saved = fixture_save_port(fx, 0);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, pci_reload_preflight(pr));
	window_expect_reason(test, pr, "pciehp_poll_mode");
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, pci_reload_open(pr));
	KUNIT_EXPECT_FALSE(test, pci_reload_is_open(pr));
	fixture_expect_port(fx, 0, saved);

	pcie_capability_set_word(fixture_port(fx, 0), PCI_EXP_SLTCTL,
				 PCI_EXP_SLTCTL_HPIE);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	window_end(test, pr);
}

static void slot_that_is_off_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fx->ports[0].hotplug = false;
	fx->ports[0].power_control = true;
	pr = window_boot(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_preflight(pr));
	pcie_capability_set_word(fixture_port(fx, 0), PCI_EXP_SLTCTL,
				 PCI_EXP_SLTCTL_PCC);
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_preflight(pr));
	window_expect_reason(test, pr, "switched off");
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_open(pr));
	pci_reload_free(pr);
}

static void slot_that_is_empty_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fx->ports[0].inband = PCIE_CARD_SIM_PIN_AND_INBAND;
	fx->ports[0].card.present = false;
	fixture_start(fx);
	pcie_capability_set_word(fixture_port(fx, 0), PCI_EXP_SLTCTL,
				 PCI_EXP_SLTCTL_IBPD_DISABLE);
	pr = window_alloc(fx, 0);
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_preflight(pr));
	window_expect_reason(test, pr, "empty");
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_open(pr));
	pci_reload_free(pr);
}

/* Without pins there may be a card whose link is down. */
static void slot_that_sees_no_pins_may_have_a_card(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fx->ports[0].inband = PCIE_CARD_SIM_INBAND;
	fx->ports[0].card.present = false;
	pr = window_boot(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_preflight(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	window_end(test, pr);
}

static const bool slot_kinds[] = { false, true };

static void slot_kind_desc(const bool *hotplug, char *desc)
{
	strscpy(desc, *hotplug ? "hot-plug, pciehp bound" : "no hot-plug",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(slot_kind, slot_kinds, slot_kind_desc);

/* A host whose slots take 5 ms for each command, and have power control. */
static struct pci_reload *slot_boot(struct fixture *fx, bool hotplug)
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
static void slot_expect_power(struct fixture *fx,
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

static void slot_expect_no_collision(struct fixture *fx)
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

	pr = slot_boot(fx, *hotplug);
	saved = fixture_save_port(fx, 0);
	/* At once, which leaves no time for a command to complete by chance. */
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	msleep(50);
	slot_expect_no_collision(fx);
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

	fixture_slow_but(test, &slot_kinds[1]);
	pr = slot_boot(fx, *hotplug);
	saved = fixture_save_port(fx, 0);
	pcie_card_sim_set_boot_image(fx->sim, 0, FIXTURE_WIDE);

	window_empty(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_power_cycle(pr));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	pcie_card_sim_running(fx->sim, 0, name, sizeof(name));
	KUNIT_EXPECT_STREQ(test, name, FIXTURE_WIDE);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);

	slot_expect_power(fx, &off, &on);
	KUNIT_EXPECT_GE(test, on.usec - off.usec, 1000 * SLOT_OFF_MS);
	msleep(50);
	slot_expect_no_collision(fx);
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

	fixture_slow_but(test, &slot_kinds[1]);
	fx->ports[0].button = true;
	pr = slot_boot(fx, *hotplug);
	port = fixture_port(fx, 0);
	sltctl = pci_pcie_cap(port) + PCI_EXP_SLTCTL;
	saved = fixture_save_port(fx, 0);
	KUNIT_ASSERT_EQ(test, slot_reg(fx, PCI_EXP_SLTCTL) & mask,
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
 * struct slot_presser - presses the button as soon as the slot is off
 * @work: in which it does
 * @fx: whose slot it is
 */
struct slot_presser {
	struct work_struct work;
	struct fixture *fx;
};

static void slot_press(struct work_struct *work)
{
	struct slot_presser *presser = container_of(work, struct slot_presser,
						    work);
	struct fixture *fx = presser->fx;

	fixture_wait(slot_reg(fx, PCI_EXP_SLTCTL) & PCI_EXP_SLTCTL_PCC,
		     SLOT_WAIT_MS);
	pcie_card_sim_press_button(fx->sim, 0);
}

/* The hot-plug driver begins to blink when it has heard of the button. */
static void slot_expect_unheard(struct fixture *fx, u64 from)
{
	struct pci_dev *port = fixture_port(fx, 0);
	struct pcie_card_sim_event event;

	KUNIT_EXPECT_FALSE(fx->test,
			   fixture_find_write(fx, port, pci_pcie_cap(port) +
					      PCI_EXP_SLTCTL,
					      PCI_EXP_SLTCTL_PIC,
					      PCI_EXP_SLTCTL_PWR_IND_BLINK,
					      from, &event));
	KUNIT_EXPECT_EQ(fx->test, slot_reg(fx, PCI_EXP_SLTSTA) &
			PCI_EXP_SLTSTA_ABP, 0);
}

/* The wish is granted: afterwards it would mean the opposite. */
static void press_while_the_slot_is_off_is_for_power(struct kunit *test)
{
	const bool *hotplug = test->param_value;
	struct slot_presser presser = { .fx = test->priv };
	struct pcie_card_sim_event off, press, on;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u32 *saved;

	fixture_slow_but(test, &slot_kinds[1]);
	fx->ports[0].button = true;
	pr = slot_boot(fx, *hotplug);
	saved = fixture_save_port(fx, 0);
	window_empty(test, pr);
	INIT_WORK_ONSTACK(&presser.work, slot_press);
	queue_work(system_unbound_wq, &presser.work);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_power_cycle(pr));
	flush_work(&presser.work);
	destroy_work_on_stack(&presser.work);
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	/* Commands are completed meanwhile, too, which is a slot event as well. */
	slot_expect_power(fx, &off, &on);
	KUNIT_ASSERT_TRUE(test, fixture_find_bits(fx, PCIE_CARD_SIM_SLOT_EVENT,
						  PCI_EXP_SLTSTA_ABP, off.seq,
						  &press));
	KUNIT_EXPECT_LT(test, press.seq, on.seq);
	/* pciehp would have its indicator blink by now. */
	msleep(50);
	slot_expect_unheard(fx, press.seq);
	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

/* Nobody has answered that one yet. */
static void press_from_before_the_power_went_is_kept(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fx->ports[0].button = true;
	pr = slot_boot(fx, false);
	window_empty(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_press_button(fx->sim, 0));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_power_cycle(pr));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_NE(test, slot_reg(fx, PCI_EXP_SLTSTA) & PCI_EXP_SLTSTA_ABP,
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
	KUNIT_EXPECT_EQ(test, 0, slot_reg(fx, PCI_EXP_SLTCTL) & PCI_EXP_SLTCTL_PCC);
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

static int slot_power_cycle(struct pci_reload *pr, unsigned int unused)
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
	window_expect_cancelled(test, pr, SLOT_OFF_MS,
				slot_power_cycle);
	slot_expect_power(fx, &off, &on);
	KUNIT_EXPECT_GE(test, on.usec - off.usec,
			1000 * WINDOW_CANCEL_MS / 2);
	KUNIT_EXPECT_LT(test, on.usec - off.usec, 1000 * SLOT_OFF_MS);
	KUNIT_EXPECT_EQ(test, slot_reg(fx, PCI_EXP_SLTCTL) & PCI_EXP_SLTCTL_PCC,
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

	fx->ports[0].cmd_lazy = true;
	pr = slot_boot(fx, true);
	fixture_port(fx, 0)->broken_cmd_compl = 1;
	begin = ktime_get();
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), begin), SLOT_SOON_MS);

	/* What it does complete is waited for, as always. */
	window_empty(test, pr);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_power_cycle(pr));
	slot_expect_power(fx, &off, &on);
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	slot_expect_no_collision(fx);
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
	pr = slot_boot(fx, false);
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
	KUNIT_EXPECT_EQ(test, slot_reg(fx, PCI_EXP_SLTCTL) & PCI_EXP_SLTCTL_PIC,
			PCI_EXP_SLTCTL_PWR_IND_BLINK);
	window_end(test, pr);
}

/* A slot's events are for the card in it, and the reload is none of these. */
static void events_of_the_window_are_cleared(struct kunit *test)
{
	const bool *hotplug = test->param_value;
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u32 *saved;

	fx->ports[0].hotplug = *hotplug;
	fixture_start(fx);
	saved = fixture_save_port(fx, 0);
	pr = window_alloc(fx, 0);
	pcie_card_sim_log_clear(fx->sim);
	window_down(test, pr);
	KUNIT_EXPECT_NE(test, slot_reg(fx, PCI_EXP_SLTSTA) &
			PCI_EXP_SLTSTA_DLLSC, 0);
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	fixture_expect_port(fx, 0, saved);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_IRQ, NULL, 0,
					      &event));
	pci_reload_free(pr);
}

/* Whoever comes next may want to look at it: it is no doing of the reload's. */
static void event_from_before_the_link_went_down_is_kept(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fx->ports[0].hotplug = false;
	fx->ports[0].button = true;
	pr = window_boot(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_press_button(fx->sim, 0));
	KUNIT_EXPECT_TRUE(test, slot_wait_for(fx, PCI_EXP_SLTSTA_ABP));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_NE(test, slot_reg(fx, PCI_EXP_SLTSTA) & PCI_EXP_SLTSTA_ABP,
			0);
	pci_reload_free(pr);
}

enum slot_change {
	SLOT_STAYS,
	SLOT_RESEATED,
	SLOT_EXCHANGED,
	SLOT_EXCHANGED_UNSEEN,
};

/**
 * struct slot_exchange - what happens to the card in an open window
 * @name: for people
 * @change: what
 * @pins: the slot detects a card by pins
 * @serial: serial number of the card before, 0 for none
 * @replaced: whether it is to be taken for another card
 */
struct slot_exchange {
	const char *name;
	enum slot_change change;
	bool pins;
	u64 serial;
	bool replaced;
};

static const struct slot_exchange slot_exchanges[] = {
	{ "same card", SLOT_STAYS, true, SLOT_SERIAL, false },
	{ "same card, out and in", SLOT_RESEATED, true, SLOT_SERIAL, false },
	{ "another card", SLOT_EXCHANGED, true, SLOT_SERIAL, true },
	{ "another card, no pins", SLOT_EXCHANGED, false, SLOT_SERIAL, false },
	{ "cards without a number", SLOT_EXCHANGED, true, 0, true },
	{ "cards without a number, no pins", SLOT_EXCHANGED, false, 0, false },
};

static void slot_exchange_desc(const struct slot_exchange *x, char *desc)
{
	strscpy(desc, x->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(slot_exchange, slot_exchanges, slot_exchange_desc);

static void another_card_is_told_from_the_same(struct kunit *test)
{
	const struct slot_exchange *x = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim *sim;
	struct pci_reload *pr;

	fx->ports[0].power_control = x->pins;
	fx->ports[0].card.serial = x->serial;
	fixture_start(fx);
	sim = fx->sim;
	pr = window_alloc(fx, 0);
	window_down(test, pr);
	KUNIT_EXPECT_FALSE(test, pci_reload_replaced(pr));
	if (x->change == SLOT_RESEATED) {
		KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_set_present(sim, 0, false));
		KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_set_present(sim, 0, true));
	}
	if (x->change == SLOT_EXCHANGED)
		KUNIT_EXPECT_EQ(test, 0,
				pcie_card_sim_replace(sim, 0, FIXTURE_FACTORY,
						      x->serial ? x->serial + 1 :
								  0));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, x->replaced, pci_reload_replaced(pr));
	window_end(test, pr);
}

static struct kunit_case slot_cases[] = {
	KUNIT_CASE(slot_that_is_polled_is_refused),
	KUNIT_CASE(slot_that_is_off_is_refused),
	KUNIT_CASE(slot_that_is_empty_is_refused),
	KUNIT_CASE(slot_that_sees_no_pins_may_have_a_card),
	KUNIT_CASE_PARAM(command_waits_for_the_one_before, slot_kind_gen_params),
	KUNIT_CASE_PARAM(power_cycle_starts_the_card_anew, slot_kind_gen_params),
	KUNIT_CASE_PARAM(power_indicator_goes_with_the_power,
			 slot_kind_gen_params),
	KUNIT_CASE_PARAM(press_while_the_slot_is_off_is_for_power,
			 slot_kind_gen_params),
	KUNIT_CASE(press_from_before_the_power_went_is_kept),
	KUNIT_CASE(power_cycle_needs_a_power_controller),
	KUNIT_CASE(power_of_a_slot_of_the_firmware_is_left_alone),
	KUNIT_CASE(power_cycle_leaves_functions_no_power_to_lose),
	KUNIT_CASE(power_cycle_can_be_cancelled),
	KUNIT_CASE(slot_that_completes_few_commands_is_not_waited_for),
	KUNIT_CASE(indicator_that_is_the_users_is_left_alone),
	KUNIT_CASE_PARAM(events_of_the_window_are_cleared, slot_kind_gen_params),
	KUNIT_CASE(event_from_before_the_link_went_down_is_kept),
	KUNIT_CASE_PARAM(another_card_is_told_from_the_same,
			 slot_exchange_gen_params),
	{}
};

struct kunit_suite pci_reload_slot_suite = {
	.name = "pci_reload_slot",
	.init = window_init,
	.exit = fixture_exit,
	.test_cases = slot_cases,
};
