// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards that are pulled or exchanged, and slots whose attention button is pressed, in each
 * state of a load: afterwards there is what is really there, and whoever was in charge of
 * the slot is so again. One file, as a suite is one object, and its cases share what is
 * set up at its top.
 *
 * Here pciehp really removes cards, which it does with its locks in an order
 * that lockdep reports (6.12); so this suite comes last.
 */

#include <linux/fpga/fpga-card.h>
#include <linux/jiffies.h>
#include <linux/pci.h>
#include <linux/pci_hotplug.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define UNPLUG_TIMEOUT_MS	500
#define UNPLUG_RELOAD_MS	30

/*
 * All that a load may take: the image's deadline, and for each means to have
 * the card back 1 s for the link; for a reset the deadline again.
 */
#define UNPLUG_LOAD_MS		(2 * UNPLUG_TIMEOUT_MS + 4 * 1000)

/* What comes on top: the simulator, pciehp, and machines that are slow. */
#define UNPLUG_SLOW_MS		4000

#define UNPLUG_SERIAL		1
#define UNPLUG_OTHER_SERIAL	2

static int unplug_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;
	unsigned int i;

	if (ret)
		return ret;
	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].timeout_ms = UNPLUG_TIMEOUT_MS;
		fx->images[i].reload_ms = UNPLUG_RELOAD_MS;
	}
	fx->ports[0].card.serial = UNPLUG_SERIAL;
	return 0;
}

/* The states of a load in which there is something to disturb. */
static const char * const unplug_states[] = {
	"opening", "removing", "unbinding", "triggering", "link-down",
	"removing-reserved", "loading", "settling", "enumerating", "verifying",
	"closing",
};

/* What is tried in one state alone is so while the card is away. */
#define UNPLUG_AWAY		5

static void unplug_state_desc(const char * const *state, char *desc)
{
	strscpy(desc, *state, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(unplug_state, unplug_states, unplug_state_desc);

static void unplug_pull(struct load_moment *moment)
{
	pcie_card_sim_set_present(moment->fx->sim, 0, false);
}

static void unplug_exchange(struct load_moment *moment)
{
	pcie_card_sim_replace(moment->fx->sim, 0, FIXTURE_WIDE,
			      UNPLUG_OTHER_SERIAL);
}

static void unplug_press(struct load_moment *moment)
{
	pcie_card_sim_press_button(moment->fx->sim, 0);
}

/* A load during which something happens in a state. */
static int unplug_load(struct fixture *fx, struct fpga_card *card,
		       const char *state,
		       void (*act)(struct load_moment *moment))
{
	struct load_moment moment = {
		.fx = fx,
		.state = state,
		.act = act,
	};
	unsigned long start = jiffies;
	int ret;

	load_moment_start(&moment);
	ret = fpga_card_load(card, FIXTURE_USER);
	load_moment_stop(&moment);
	KUNIT_EXPECT_GT_MSG(fx->test, moment.seen, 0, "never %s", state);
	KUNIT_EXPECT_LT(fx->test, jiffies_to_msecs(jiffies - start),
			UNPLUG_LOAD_MS + UNPLUG_SLOW_MS);
	return ret;
}

/* Functions go with the card and come with it, and it can be loaded. */
static void unplug_expect_in_charge(struct fixture *fx, struct fpga_card *card,
				    bool present)
{
	if (present) {
		pcie_card_sim_set_present(fx->sim, 0, false);
		KUNIT_EXPECT_TRUE_MSG(fx->test,
				      fixture_wait_functions(fx, 0, NULL),
				      "functions stay when the card is pulled");
	}
	pcie_card_sim_set_boot_image(fx->sim, 0, FIXTURE_FACTORY);
	pcie_card_sim_set_present(fx->sim, 0, true);
	KUNIT_EXPECT_TRUE_MSG(fx->test,
			      fixture_wait_functions(fx, 0, FIXTURE_FACTORY),
			      "no functions when the card is plugged in");
	KUNIT_EXPECT_EQ(fx->test, 0, fpga_card_load(card, FIXTURE_USER));
	load_expect_runs(fx, card, FIXTURE_USER);
}

/* When the card went, if its link was up at that time; the last event if not. */
static void unplug_find_removal(struct fixture *fx,
				struct pcie_card_sim_event *event)
{
	KUNIT_ASSERT_TRUE(fx->test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN,
						 NULL, 0, event));
	while (event->value != PCIE_CARD_SIM_BY_REMOVAL &&
	       fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL, event->seq + 1,
			    event))
		;
}

/* Drivers were told, and keep off. */
static void unplug_expect_kept_off(struct fixture *fx)
{
	struct pcie_card_sim_match match = {
		.what = BIT(PCIE_CARD_SIM_CFG_WRITE),
		.port = -1,
		.reg = -1,
		.devfn = -1,
	};
	struct pcie_card_sim_event event;

	unplug_find_removal(fx, &event);
	match.from_seq = event.seq;
	while (pcie_card_sim_log_find(fx->sim, &match, &event)) {
		KUNIT_EXPECT_EQ_MSG(fx->test, event.bus,
				    fixture_port(fx, 0)->bus->number,
				    "write to register %#x of the card",
				    event.reg);
		match.from_seq = event.seq + 1;
	}
}

static void pulled_card_is_gone(struct kunit *test)
{
	const char * const *state = test->param_value;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	fixture_slow_but(test, &unplug_states[UNPLUG_AWAY]);
	/* Every other slot can switch its power; for the others it takes longer. */
	fx->ports[0].power_control = (state - unplug_states) & 1;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	KUNIT_EXPECT_LT(test, unplug_load(fx, card, *state, unplug_pull), 0);
	KUNIT_EXPECT_TRUE(test, fixture_wait_functions(fx, 0, NULL));
	unplug_expect_kept_off(fx);
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_load(card, FIXTURE_USER));
	fixture_expect_controls(fx, 0, saved);
	unplug_expect_in_charge(fx, card, false);
	fpga_card_put(card);
}

static void exchanged_card_is_the_new_one(struct kunit *test)
{
	const char * const *state = test->param_value;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	fixture_slow_but(test, &unplug_states[UNPLUG_AWAY]);
	/* Without pins for it nobody knows that it is another one. */
	fx->ports[0].power_control = true;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	KUNIT_EXPECT_LT(test, unplug_load(fx, card, *state, unplug_exchange),
			0);
	KUNIT_EXPECT_TRUE(test, fixture_wait_functions(fx, 0, FIXTURE_WIDE));
	load_expect_runs(fx, card, FIXTURE_WIDE);
	fixture_expect_controls(fx, 0, saved);
	unplug_expect_in_charge(fx, card, true);
	fpga_card_put(card);
}

static u16 unplug_indicator(struct fixture *fx)
{
	return fixture_exp(fixture_port(fx, 0), PCI_EXP_SLTCTL) &
	       PCI_EXP_SLTCTL_PIC;
}

static bool unplug_wait_indicator(struct fixture *fx, u16 indicator)
{
	return fixture_wait(unplug_indicator(fx) == indicator, FIXTURE_WAIT_MS);
}

static struct fpga_card *unplug_boot_with_button(struct fixture *fx)
{
	fx->ports[0].button = true;
	fx->ports[0].cmd_completed = true;
	return fixture_boot(fx, FIXTURE_FACTORY);
}

/* A press before the window opens is a reason to leave the card alone. */
static void pressed_button_is_heard(struct kunit *test)
{
	const char * const *state = test->param_value;
	struct fixture *fx = test->priv;
	bool early = !strcmp(*state, "opening");
	struct fpga_card *card;

	fixture_slow_but(test, &unplug_states[UNPLUG_AWAY]);
	card = unplug_boot_with_button(fx);
	KUNIT_ASSERT_TRUE(test, unplug_wait_indicator(fx,
						      PCI_EXP_SLTCTL_PWR_IND_ON));
	KUNIT_EXPECT_EQ(test, early ? -EBUSY : 0,
			unplug_load(fx, card, *state, unplug_press));
	KUNIT_EXPECT_TRUE(test,
			  unplug_wait_indicator(fx,
						PCI_EXP_SLTCTL_PWR_IND_BLINK));
	load_expect_runs(fx, card, early ? FIXTURE_FACTORY : FIXTURE_USER);

	/* As long as it blinks, no other load; another press calls it off. */
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_WIDE));
	pcie_card_sim_press_button(fx->sim, 0);
	KUNIT_EXPECT_TRUE(test,
			  unplug_wait_indicator(fx, PCI_EXP_SLTCTL_PWR_IND_ON));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_WIDE));
	load_expect_runs(fx, card, FIXTURE_WIDE);
	fpga_card_put(card);
}

/* As a write to the slot's "attention" in sysfs does. */
static int unplug_set_attention(struct fixture *fx, u8 value)
{
	struct pci_bus *bus = fixture_port(fx, 0)->subordinate;
	struct hotplug_slot *slot;

	slot = list_first_entry(&bus->slots, struct pci_slot, list)->hotplug;
	return slot->ops->set_attention_status(slot, value);
}

/* pciehp believes of the slot what it sees when it gives a command. */
static void pciehp_may_give_a_command_meanwhile(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_run run;
	struct fpga_card *card;

	fixture_slow(test);
	fx->images[1].reload_ms = UNPLUG_TIMEOUT_MS / 2;
	card = unplug_boot_with_button(fx);
	load_run_start(&run, card, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(test,
			  fixture_wait(fixture_count_events(fx, BIT(PCIE_CARD_SIM_TRIGGER), 0),
				       FIXTURE_WAIT_MS));
	KUNIT_EXPECT_EQ(test, 0, unplug_set_attention(fx, 1));
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&run));

	pcie_card_sim_press_button(fx->sim, 0);
	KUNIT_EXPECT_TRUE(test,
			  unplug_wait_indicator(fx,
						PCI_EXP_SLTCTL_PWR_IND_BLINK));
	pcie_card_sim_press_button(fx->sim, 0);
	KUNIT_EXPECT_TRUE(test,
			  unplug_wait_indicator(fx, PCI_EXP_SLTCTL_PWR_IND_ON));
	fpga_card_put(card);
}

/* Five seconds to change one's mind (PCIe r6.0, sec 6.7.1.5), and as many back. */
static void slot_is_switched_off_and_on_by_its_button(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	fx->ports[0].power_control = true;
	card = unplug_boot_with_button(fx);
	KUNIT_EXPECT_EQ(test, 0, unplug_load(fx, card, "loading", unplug_press));
	KUNIT_EXPECT_TRUE(test, fixture_wait_functions(fx, 0, NULL));
	KUNIT_EXPECT_TRUE(test, unplug_wait_indicator(fx,
						      PCI_EXP_SLTCTL_PWR_IND_OFF));
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "is switched off");
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_bring_back(card));
	load_expect_error(test, card, "is switched off");

	pcie_card_sim_press_button(fx->sim, 0);
	KUNIT_EXPECT_TRUE(test, fixture_wait_functions(fx, 0, FIXTURE_FACTORY));
	KUNIT_EXPECT_TRUE(test, unplug_wait_indicator(fx,
						      PCI_EXP_SLTCTL_PWR_IND_ON));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

/* One of each kind: before the link is touched, while it is down, and after. */
static const char * const unplug_few_states[] = {
	"triggering", "loading", "closing",
};

KUNIT_ARRAY_PARAM(unplug_few, unplug_few_states, unplug_state_desc);

/* Where presence does not go with the link, nobody waits for a pulled card. */
static void pulled_card_is_not_waited_for(struct kunit *test)
{
	const char * const *state = test->param_value;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	unsigned long start;
	u32 *saved;

	fixture_slow_but(test, &unplug_few_states[1]);
	fx->ports[0].power_control = true;
	fx->images[1].timeout_ms = UNPLUG_LOAD_MS + UNPLUG_SLOW_MS;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	start = jiffies;
	KUNIT_EXPECT_EQ(test, -ENODEV,
			unplug_load(fx, card, *state, unplug_pull));
	KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start),
			UNPLUG_SLOW_MS / 2);
	KUNIT_EXPECT_TRUE(test, fixture_wait_functions(fx, 0, NULL));
	fixture_expect_controls(fx, 0, saved);
	unplug_expect_in_charge(fx, card, false);
	fpga_card_put(card);
}

/* Nobody looks after such a port but a load does. */
static struct fpga_card *unplug_boot_plain(struct fixture *fx)
{
	fx->ports[0].slot = false;
	fx->ports[0].hotplug = false;
	return fixture_boot(fx, FIXTURE_FACTORY);
}

static void nothing_stale_is_left_of_a_card_below_a_plain_port(struct kunit *test)
{
	const char * const *state = test->param_value;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	fixture_slow(test);
	card = unplug_boot_plain(fx);
	saved = fixture_save_port(fx, 0);
	KUNIT_EXPECT_LT(test, unplug_load(fx, card, *state, unplug_pull), 0);
	KUNIT_EXPECT_TRUE(test, fixture_has_functions(fx, 0, NULL));
	load_expect_state(test, card, FPGA_CARD_FAILED);
	fixture_expect_controls(fx, 0, saved);

	/* The next load looks whether there is one again. */
	pcie_card_sim_set_present(fx->sim, 0, true);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

/* What the kernel knows, and has known since it came, is the card that is there. */
static void unplug_expect_card(struct fixture *fx, u64 serial)
{
	struct pci_dev *pdev = fixture_function(fx, 0, 0);
	struct pcie_card_sim_event event;

	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	KUNIT_EXPECT_EQ(fx->test, pci_get_dsn(pdev), serial);
	unplug_find_removal(fx, &event);
	KUNIT_EXPECT_TRUE_MSG(fx->test,
			      fixture_find(fx, PCIE_CARD_SIM_DEV_ADD,
					   pci_name(pdev), event.seq, &event),
			      "%s is that of the old card", pci_name(pdev));
	pci_dev_put(pdev);
}

/*
 * Without a slot nobody sees the exchange but by what it does to the functions. If
 * the load was triggered by then, the image from before it is loaded again.
 */
static void exchanged_card_below_a_plain_port_is_the_new_one(struct kunit *test)
{
	const char * const *state = test->param_value;
	struct fixture *fx = test->priv;
	bool triggered = strcmp(*state, "triggering");
	struct fpga_card *card;
	u32 *saved;

	card = unplug_boot_plain(fx);
	saved = fixture_save_port(fx, 0);
	KUNIT_EXPECT_LT(test, unplug_load(fx, card, *state, unplug_exchange),
			0);
	unplug_expect_card(fx, UNPLUG_OTHER_SERIAL);
	load_expect_runs(fx, card,
			 triggered ? FIXTURE_FACTORY : FIXTURE_WIDE);
	load_expect_state(test, card, FPGA_CARD_FAILED);
	fixture_expect_controls(fx, 0, saved);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

/* So that hotplug_driver_hears_nothing() can fail. */
static void load_without_a_window_is_an_unplug(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	KUNIT_EXPECT_TRUE(test, fixture_wait_functions(fx, 0, FIXTURE_USER));
	KUNIT_EXPECT_GT(test, fixture_count_events(fx, BIT(PCIE_CARD_SIM_IRQ), 0), 0);
	KUNIT_EXPECT_GT(test, fixture_count_events(fx, BIT(PCIE_CARD_SIM_DEV_DEL), 0), 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
	fpga_card_put(card);
}

static void card_that_did_not_return_works_when_powered_anew(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .never_return = true };
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_TRUE(test, fixture_has_functions(fx, 0, NULL));

	faults.never_return = false;
	fixture_set_faults(fx, &faults);
	unplug_expect_in_charge(fx, card, true);
	fpga_card_put(card);
}

static const u8 unplug_ways[] = {
	PCIE_CARD_SIM_INBAND, PCIE_CARD_SIM_PIN_AND_INBAND,
};

static void unplug_way_desc(const u8 *way, char *desc)
{
	strscpy(desc, *way == PCIE_CARD_SIM_INBAND ? "in-band" : "either",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(unplug_way, unplug_ways, unplug_way_desc);

/* And clears what it has dealt with. */
static void pciehp_sees_that_presence_changed(struct kunit *test)
{
	const u8 *way = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	struct fpga_card *card;
	u16 sta;

	fx->ports[0].inband = *way;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	pcie_card_sim_log_clear(fx->sim);
	pcie_card_sim_set_present(fx->sim, 0, false);
	KUNIT_EXPECT_TRUE(test, fixture_wait_functions(fx, 0, NULL));
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_IRQ, NULL, 0,
					     &event));
	KUNIT_EXPECT_NE(test, event.value & PCI_EXP_SLTSTA_PDC, 0);
	pcie_capability_read_word(fixture_port(fx, 0), PCI_EXP_SLTSTA, &sta);
	KUNIT_EXPECT_EQ(test, sta & (PCI_EXP_SLTSTA_PDS | PCI_EXP_SLTSTA_PDC),
			0);
	unplug_expect_in_charge(fx, card, false);
	fpga_card_put(card);
}

static struct kunit_case unplug_cases[] = {
	KUNIT_CASE(load_without_a_window_is_an_unplug),
	KUNIT_CASE(card_that_did_not_return_works_when_powered_anew),
	KUNIT_CASE_PARAM(pulled_card_is_gone, unplug_state_gen_params),
	KUNIT_CASE_PARAM(exchanged_card_is_the_new_one, unplug_state_gen_params),
	KUNIT_CASE_PARAM(pressed_button_is_heard, unplug_state_gen_params),
	KUNIT_CASE(pciehp_may_give_a_command_meanwhile),
	KUNIT_CASE_PARAM(pciehp_sees_that_presence_changed,
			 unplug_way_gen_params),
	KUNIT_CASE(slot_is_switched_off_and_on_by_its_button),
	KUNIT_CASE_PARAM(pulled_card_is_not_waited_for, unplug_few_gen_params),
	KUNIT_CASE_PARAM(nothing_stale_is_left_of_a_card_below_a_plain_port,
			 unplug_few_gen_params),
	KUNIT_CASE_PARAM(exchanged_card_below_a_plain_port_is_the_new_one,
			 unplug_few_gen_params),
	{}
};

struct kunit_suite fpga_card_unplug_suite = {
	.name = "fpga_card_unplug",
	.init = unplug_init,
	.exit = fixture_exit,
	.test_cases = unplug_cases,
};
