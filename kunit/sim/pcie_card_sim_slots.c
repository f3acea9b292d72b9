// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulator by itself: which ports there can be, and their slots.
 */

#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/fixture.h"
#include "kunit/suites.h"

/* Longer than a simulated card takes for anything that is waited for. */
#define SIM_SLOTS_WAIT_MS	2000

/* Ports that there cannot be, and their neighbours */

struct sim_slots_port {
	const char *desc;
	bool hotplug;
	bool link_active_reporting;
	unsigned int sw;
	unsigned int max_speed;
	int err;
	bool power_control;
	u8 inband;
};

static const struct sim_slots_port sim_slots_ports[] = {
	{ "hot-plug, link active reporting", true, true, 0, 0, 0 },
	{ "hot-plug", true, false, 0, 5000, -EINVAL },
	{ "hot-plug, below a switch", true, false, 1, 5000, -EINVAL },
	{ "plain", false, false, 0, 0, -EINVAL },
	{ "plain, 2.5 GT/s", false, false, 0, 2500, 0 },
	{ "plain, 5 GT/s", false, false, 0, 5000, 0 },
	{ "plain, 8 GT/s", false, false, 0, 8000, -EINVAL },
	{ "plain, 16 GT/s", false, false, 0, 16000, -EINVAL },
	{ "plain, 5 GT/s, below a switch", false, false, 1, 5000, 0 },
	{ "plain, 8 GT/s, below a switch", false, false, 1, 8000, -EINVAL },
	{ "plain, 8 GT/s, link active reporting", false, true, 0, 8000, 0 },
	{ "power control, by a pin", true, true, 0, 0, 0, true },
	{ "power control, in-band", true, true, 0, 0, -EINVAL, true,
	  PCIE_CARD_SIM_INBAND },
	{ "power control, by either", true, true, 0, 0, 0, true,
	  PCIE_CARD_SIM_PIN_AND_INBAND },
	{ "no such way to detect a card", true, true, 0, 0, -EINVAL, false,
	  PCIE_CARD_SIM_PIN_AND_INBAND + 1 },
};

static void sim_slots_port_desc(const struct sim_slots_port *port, char *desc)
{
	strscpy(desc, port->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sim_slots_port, sim_slots_ports, sim_slots_port_desc);

/* Wherever it is in the host */
static void port_that_cannot_be_is_refused(struct kunit *test)
{
	const struct sim_slots_port *port = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim *sim;

	fx->config.n_ports = 2;
	fx->ports[1].sw = port->sw;
	fx->ports[1].hotplug = port->hotplug;
	fx->ports[1].link_active_reporting = port->link_active_reporting;
	fx->ports[1].max_speed = port->max_speed;
	fx->ports[1].power_control = port->power_control;
	fx->ports[1].inband = port->inband;
	if (!port->err) {
		fixture_start(fx);
		return;
	}
	sim = pcie_card_sim_create(&fx->config);
	KUNIT_EXPECT_PTR_EQ(test, sim, ERR_PTR(port->err));
	if (!IS_ERR_OR_NULL(sim))
		pcie_card_sim_destroy(sim);
}

/* Presence */

static const u8 sim_slots_ways[] = {
	PCIE_CARD_SIM_PIN, PCIE_CARD_SIM_INBAND, PCIE_CARD_SIM_PIN_AND_INBAND,
};

static void sim_slots_way_desc(const u8 *way, char *desc)
{
	static const char * const names[] = { "pin", "in-band", "either" };

	strscpy(desc, names[*way], KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sim_slots_way, sim_slots_ways, sim_slots_way_desc);

static void sim_slots_wait_link(struct fixture *fx, bool up)
{
	KUNIT_EXPECT_TRUE(fx->test,
			  fixture_wait_link(fx, 0, up, SIM_SLOTS_WAIT_MS));
}

/* Presence, and whether it changed since this was asked */
static void sim_slots_expect(struct fixture *fx, bool present, bool changed)
{
	struct pci_dev *port = fixture_port(fx, 0);
	u16 sta;

	pcie_capability_read_word(port, PCI_EXP_SLTSTA, &sta);
	KUNIT_EXPECT_EQ(fx->test, !!(sta & PCI_EXP_SLTSTA_PDS), present);
	KUNIT_EXPECT_EQ(fx->test, !!(sta & PCI_EXP_SLTSTA_PDC), changed);
	pcie_capability_write_word(port, PCI_EXP_SLTSTA, sta);
	pcie_capability_read_word(port, PCI_EXP_SLTSTA, &sta);
	KUNIT_EXPECT_EQ(fx->test, sta & PCI_EXP_SLTSTA_PDC, 0);
}

static void presence_follows_the_link_if_nothing_else_tells(struct kunit *test)
{
	const u8 *way = test->param_value;
	bool follows = *way == PCIE_CARD_SIM_INBAND;
	struct fixture *fx = test->priv;
	struct pci_dev *port;

	fixture_slow_but(test, &sim_slots_ways[1]);
	fx->ports[0].hotplug = false;
	fx->ports[0].inband = *way;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	sim_slots_expect(fx, true, false);

	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	sim_slots_wait_link(fx, false);
	sim_slots_expect(fx, !follows, follows);
	pcie_capability_clear_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	sim_slots_wait_link(fx, true);
	sim_slots_expect(fx, true, follows);

	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_set_present(fx->sim, 0, false));
	sim_slots_expect(fx, false, true);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_set_present(fx->sim, 0, true));
	sim_slots_wait_link(fx, true);
	sim_slots_expect(fx, true, true);
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_replace(fx->sim, 0, FIXTURE_USER, 0));
	sim_slots_wait_link(fx, true);
	sim_slots_expect(fx, true, true);
}

/*
 * By hand: pciehp would, but pcie_capability_read_dword() has no Slot
 * Capabilities 2 for it to read (6.1 to 7.3).
 */
static void in_band_detection_can_be_disabled_if_there_is_a_pin(struct kunit *test)
{
	const u8 *way = test->param_value;
	bool either = *way == PCIE_CARD_SIM_PIN_AND_INBAND;
	struct fixture *fx = test->priv;
	struct pci_dev *port;
	u16 ctl;
	u32 cap;

	fx->ports[0].hotplug = false;
	fx->ports[0].inband = *way;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	pci_read_config_dword(port, pci_pcie_cap(port) + PCI_EXP_SLTCAP2, &cap);
	KUNIT_EXPECT_EQ(test, cap, either ? PCI_EXP_SLTCAP2_IBPD : 0);
	pcie_capability_set_word(port, PCI_EXP_SLTCTL,
				 PCI_EXP_SLTCTL_IBPD_DISABLE);
	pcie_capability_read_word(port, PCI_EXP_SLTCTL, &ctl);
	KUNIT_EXPECT_EQ(test, !!(ctl & PCI_EXP_SLTCTL_IBPD_DISABLE), either);
	sim_slots_expect(fx, true, false);
}

/* While it loads there is no card, for all that an in-band slot can tell. */
static void card_loads_however_it_is_detected(struct kunit *test)
{
	const u8 *way = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	bool changed = false;
	struct fpga_card *card;
	u32 *saved;
	u64 seq = 0;

	fx->ports[0].inband = *way;
	fixture_start(fx);
	card = fixture_card(fx, 0);
	saved = fixture_save_port(fx, 0);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fixture_expect_image(fx, 0, FIXTURE_USER);
	fixture_expect_port(fx, 0, saved);
	while (fixture_find(fx, PCIE_CARD_SIM_SLOT_EVENT, NULL, seq, &event)) {
		changed |= event.value & PCI_EXP_SLTSTA_PDC;
		seq = event.seq + 1;
	}
	KUNIT_EXPECT_EQ(test, changed, *way == PCIE_CARD_SIM_INBAND);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_IRQ, NULL, 0,
					      &event));
	fpga_card_put(card);
}

/* Hot resets */

/**
 * struct sim_slots_reset - what a hot reset leaves of the registers
 * @desc: for people
 * @faults: what goes wrong
 * @resets: the card is reset
 * @sticky: what is sticky survives in the card
 * @port: the port's own registers survive
 */
struct sim_slots_reset {
	const char *desc;
	struct pcie_card_sim_faults faults;
	bool resets;
	bool sticky;
	bool port;
};

static const struct sim_slots_reset sim_slots_resets[] = {
	{ "nothing goes wrong", { }, true, true, true },
	{ "the port ignores it", { .ignore_reset = true }, false, true, true },
	{ "the port forgets", { .forget_port = true }, true, true, false },
	{ "the card forgets", { .forget_card = true }, true, false, true },
	{ "both forget", { .forget_port = true, .forget_card = true },
	  true, false, false },
};

static void sim_slots_reset_desc(const struct sim_slots_reset *reset,
				 char *desc)
{
	strscpy(desc, reset->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sim_slots_reset, sim_slots_resets, sim_slots_reset_desc);

/* Correctable Error Mask is sticky, Bus Master Enable is not. */
static void sim_slots_mark(struct pci_dev *pdev)
{
	int aer = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_ERR);

	pci_write_config_word(pdev, PCI_COMMAND, PCI_COMMAND_MASTER);
	pci_write_config_dword(pdev, aer + PCI_ERR_COR_MASK, PCI_ERR_COR_RCVR);
}

static void sim_slots_expect_marks(struct kunit *test, struct pci_dev *pdev,
				   bool master, bool mask)
{
	int aer = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_ERR);
	u32 val;
	u16 cmd;

	pci_read_config_word(pdev, PCI_COMMAND, &cmd);
	KUNIT_EXPECT_EQ(test, !!(cmd & PCI_COMMAND_MASTER), master);
	pci_read_config_dword(pdev, aer + PCI_ERR_COR_MASK, &val);
	KUNIT_EXPECT_EQ(test, val == PCI_ERR_COR_RCVR, mask);
}

static void sim_slots_hot_reset(struct pci_dev *port)
{
	u16 ctl;

	pci_read_config_word(port, PCI_BRIDGE_CONTROL, &ctl);
	pci_write_config_word(port, PCI_BRIDGE_CONTROL,
			      ctl | PCI_BRIDGE_CTL_BUS_RESET);
	pci_read_config_word(port, PCI_BRIDGE_CONTROL, &ctl);
	pci_write_config_word(port, PCI_BRIDGE_CONTROL,
			      ctl & ~PCI_BRIDGE_CTL_BUS_RESET);
}

static void hot_reset_leaves_what_it_leaves(struct kunit *test)
{
	const struct sim_slots_reset *reset = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_dev *port, *pdev;
	struct pcie_card_sim_event event;

	fx->images[0].fn[0].bmc = false;
	fx->ports[0].hotplug = false;
	fixture_start(fx);
	fixture_set_faults(fx, &reset->faults);
	port = fixture_port(fx, 0);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	sim_slots_mark(port);
	sim_slots_mark(pdev);
	pci_save_state(port);
	pcie_card_sim_log_clear(fx->sim);

	sim_slots_hot_reset(port);
	sim_slots_wait_link(fx, true);
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_RESET_BUS, NULL,
					     0, &event));
	KUNIT_EXPECT_EQ(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL, 0,
					   &event), reset->resets);
	sim_slots_expect_marks(test, port, reset->port, reset->port);
	/* Behind a port that has forgotten its bus numbers nobody answers. */
	if (!reset->port)
		pci_restore_state(port);
	sim_slots_expect_marks(test, pdev, !reset->resets, reset->sticky);
	pci_dev_put(pdev);
}

static struct kunit_case sim_slots_cases[] = {
	KUNIT_CASE_PARAM(port_that_cannot_be_is_refused,
			 sim_slots_port_gen_params),
	KUNIT_CASE_PARAM(presence_follows_the_link_if_nothing_else_tells,
			 sim_slots_way_gen_params),
	KUNIT_CASE_PARAM(in_band_detection_can_be_disabled_if_there_is_a_pin,
			 sim_slots_way_gen_params),
	KUNIT_CASE_PARAM(card_loads_however_it_is_detected,
			 sim_slots_way_gen_params),
	KUNIT_CASE_PARAM(hot_reset_leaves_what_it_leaves,
			 sim_slots_reset_gen_params),
	{}
};

struct kunit_suite pcie_card_sim_slots_suite = {
	.name = "pcie_card_sim_slots",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = sim_slots_cases,
};
