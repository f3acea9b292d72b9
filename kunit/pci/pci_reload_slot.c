// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows on ports with a slot: whether it may be used, its events, and a card that is
 * exchanged.
 */

#include "kunit/suites.h"
#include "kunit/fixtures/window.h"

#define SLOT_WAIT_MS	5000

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
