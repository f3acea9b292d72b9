// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulator by itself: switches of the host, errors, several hosts.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/fixture.h"
#include "kunit/suites.h"

/* Longer than a simulated card takes for anything that is waited for. */
#define SIM_PORTS_WAIT_MS	2000

#define SIM_PORTS_DOMAINS	3

/* Fatal by default */
#define SIM_PORTS_FATAL		PCI_ERR_UNC_MALF_TLP

static int sim_ports_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;
	unsigned int i;

	for (i = 0; !ret && i < FIXTURE_PORTS_MAX; i++) {
		fx->ports[i].hotplug = false;
		fx->ports[i].dpc = false;
	}
	return ret;
}

static u32 sim_ports_correctable(struct pci_dev *port)
{
	int aer = pci_find_ext_capability(port, PCI_EXT_CAP_ID_ERR);
	u32 sta;

	pci_read_config_dword(port, aer + PCI_ERR_COR_STATUS, &sta);
	return sta;
}

/* Not referenced, as fixture_port() */
static struct pci_dev *sim_ports_above(struct fixture *fx, unsigned int port,
				       unsigned int level)
{
	struct pci_dev *pdev = pcie_card_sim_above(fx->sim, port, level);

	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	pci_dev_put(pdev);
	return pdev;
}

/* Two ports of one switch, one of another, one of the root complex */
static void sim_ports_start_switches(struct fixture *fx)
{
	fx->config.n_ports = 4;
	fx->ports[0].sw = 1;
	fx->ports[1].sw = 3;
	fx->ports[2].sw = 1;
	fixture_start(fx);
}

static void switches_of_a_host_are_found(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;
	unsigned int i;

	sim_ports_start_switches(fx);
	for (i = 0; i < 3; i++) {
		pdev = fixture_port(fx, i);
		KUNIT_EXPECT_EQ(test, pdev->device,
				PCIE_CARD_SIM_DEVICE_HOST_DOWNSTREAM);
		KUNIT_EXPECT_EQ(test, pci_pcie_type(pdev),
				PCI_EXP_TYPE_DOWNSTREAM);
		KUNIT_EXPECT_PTR_EQ(test, sim_ports_above(fx, i, 0), pdev);
		pdev = sim_ports_above(fx, i, 1);
		KUNIT_EXPECT_EQ(test, pdev->device,
				PCIE_CARD_SIM_DEVICE_HOST_UPSTREAM);
		KUNIT_EXPECT_EQ(test, pci_pcie_type(pdev),
				PCI_EXP_TYPE_UPSTREAM);
		pdev = sim_ports_above(fx, i, 2);
		KUNIT_EXPECT_EQ(test, pci_pcie_type(pdev),
				PCI_EXP_TYPE_ROOT_PORT);
		KUNIT_EXPECT_NULL(test, pcie_card_sim_above(fx->sim, i, 3));
		KUNIT_EXPECT_EQ(test, fixture_count(fx, i), 2);
	}
	KUNIT_EXPECT_PTR_EQ(test, sim_ports_above(fx, 0, 2),
			    sim_ports_above(fx, 2, 2));
	KUNIT_EXPECT_PTR_NE(test, sim_ports_above(fx, 0, 2),
			    sim_ports_above(fx, 1, 2));
	KUNIT_EXPECT_PTR_NE(test, fixture_port(fx, 0), fixture_port(fx, 2));

	KUNIT_EXPECT_EQ(test, pci_pcie_type(fixture_port(fx, 3)),
			PCI_EXP_TYPE_ROOT_PORT);
	KUNIT_EXPECT_NULL(test, pcie_card_sim_above(fx->sim, 3, 1));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 3), 2);
}

static void number_of_a_switch_has_a_limit(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fx->ports[0].sw = PCIE_CARD_SIM_SWITCHES + 1;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    pcie_card_sim_create(&fx->config));
}

static void card_below_a_switch_loads(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	fx->ports[0].hotplug = true;
	fx->ports[0].power_control = true;
	fx->ports[0].button = true;
	fx->ports[0].cmd_completed = true;
	fx->ports[0].dpc = true;
	sim_ports_start_switches(fx);
	card = fixture_card(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 2), 2);
	fpga_card_put(card);
}

static void sim_ports_hold(struct pci_dev *bridge, bool hold)
{
	u16 ctl;

	pci_read_config_word(bridge, PCI_BRIDGE_CONTROL, &ctl);
	ctl &= ~PCI_BRIDGE_CTL_BUS_RESET;
	if (hold)
		ctl |= PCI_BRIDGE_CTL_BUS_RESET;
	pci_write_config_word(bridge, PCI_BRIDGE_CONTROL, ctl);
}

/* Parameter: how far above the port */
static const unsigned int sim_ports_levels[] = { 1, 2 };

static void sim_ports_level_desc(const unsigned int *level, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u above the port", *level);
}

KUNIT_ARRAY_PARAM(sim_ports_level, sim_ports_levels, sim_ports_level_desc);

static void reset_above_resets_all_that_is_below(struct kunit *test)
{
	const unsigned int *level = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_dev *bridge, *port;
	u16 sec;

	sim_ports_start_switches(fx);
	bridge = sim_ports_above(fx, 0, *level);
	port = fixture_port(fx, 0);
	pci_save_state(port);
	pci_save_state(sim_ports_above(fx, 0, 1));

	sim_ports_hold(bridge, true);
	KUNIT_EXPECT_FALSE(test, pcie_card_sim_link_up(fx->sim, 0));
	KUNIT_EXPECT_FALSE(test, pcie_card_sim_link_up(fx->sim, 2));
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 1));
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 3));
	pci_read_config_word(port, PCI_PRIMARY_BUS, &sec);
	KUNIT_EXPECT_EQ(test, sec, 0xffff);
	sim_ports_hold(bridge, false);
	KUNIT_EXPECT_TRUE(test,
			  fixture_wait_link(fx, 0, true, SIM_PORTS_WAIT_MS));
	KUNIT_EXPECT_TRUE(test,
			  fixture_wait_link(fx, 2, true, SIM_PORTS_WAIT_MS));

	if (*level == 2) {
		msleep(20);
		pci_restore_state(sim_ports_above(fx, 0, 1));
	}
	pci_read_config_word(port, PCI_PRIMARY_BUS, &sec);
	KUNIT_EXPECT_EQ(test, sec, 0);
	pci_restore_state(port);
	pci_restore_state(fixture_port(fx, 2));
}

/* Errors */

struct sim_ports_gate {
	const char *desc;
	unsigned int level;
	int reg;
	bool pcie;
	u16 bit;
	bool passes;
};

/* The kernel has reporting enabled in Device Control, and SERR in no Command. */
static const struct sim_ports_gate sim_ports_gates[] = {
	{ "nothing", 0, 0, false, 0, true },
	{ "the port's bridge control", 0, PCI_BRIDGE_CONTROL, false,
	  PCI_BRIDGE_CTL_SERR, true },
	{ "the port's device control", 0, PCI_EXP_DEVCTL, true,
	  PCI_EXP_DEVCTL_FERE, false },
	{ "upstream bridge control", 1, PCI_BRIDGE_CONTROL, false,
	  PCI_BRIDGE_CTL_SERR, false },
	{ "upstream device control", 1, PCI_EXP_DEVCTL, true,
	  PCI_EXP_DEVCTL_FERE, false },
	{ "root bridge control", 2, PCI_BRIDGE_CONTROL, false,
	  PCI_BRIDGE_CTL_SERR, false },
	{ "root device control", 2, PCI_EXP_DEVCTL, true,
	  PCI_EXP_DEVCTL_FERE, false },
	{ "root non-fatal reporting", 2, PCI_EXP_DEVCTL, true,
	  PCI_EXP_DEVCTL_NFERE, true },
};

static void sim_ports_gate_desc(const struct sim_ports_gate *gate, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "without %s", gate->desc);
}

KUNIT_ARRAY_PARAM(sim_ports_gate, sim_ports_gates, sim_ports_gate_desc);

static void sim_ports_clear(struct pci_dev *pdev,
			    const struct sim_ports_gate *gate)
{
	int reg = gate->reg + (gate->pcie ? pci_pcie_cap(pdev) : 0);
	u16 val;

	if (!gate->bit)
		return;
	pci_read_config_word(pdev, reg, &val);
	pci_write_config_word(pdev, reg, val & ~gate->bit);
}

/* Nobody but the test shall look at root errors. */
static int sim_ports_quiet_root(struct pci_dev *root)
{
	int aer = pci_find_ext_capability(root, PCI_EXT_CAP_ID_ERR);

	pci_write_config_dword(root, aer + PCI_ERR_ROOT_COMMAND, 0);
	return aer;
}

static void error_reaches_the_root_port_if_all_let_it_pass(struct kunit *test)
{
	const struct sim_ports_gate *gate = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	struct pci_dev *port, *root;
	u32 sta, src;
	bool stops;
	int aer;

	sim_ports_start_switches(fx);
	port = fixture_port(fx, 2);
	root = sim_ports_above(fx, 2, 2);
	aer = sim_ports_quiet_root(root);
	pcie_capability_write_word(root, PCI_EXP_RTCTL, PCI_EXP_RTCTL_SEFEE);
	sim_ports_clear(sim_ports_above(fx, 2, gate->level), gate);

	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_port_error(fx->sim, 2, SIM_PORTS_FATAL));
	pci_read_config_dword(root, aer + PCI_ERR_ROOT_STATUS, &sta);
	pci_read_config_dword(root, aer + PCI_ERR_ROOT_ERR_SRC, &src);
	if (gate->passes) {
		KUNIT_EXPECT_EQ(test, sta, PCI_ERR_ROOT_UNCOR_RCV |
				PCI_ERR_ROOT_FIRST_FATAL |
				PCI_ERR_ROOT_FATAL_RCV);
		KUNIT_EXPECT_EQ(test, src >> 16, pci_dev_id(port));
	} else {
		KUNIT_EXPECT_EQ(test, sta, 0);
	}
	stops = fixture_find(fx, PCIE_CARD_SIM_SYSTEM_ERROR, NULL, 0, &event);
	KUNIT_EXPECT_EQ(test, stops, gate->passes);

	/* Logged where it was found in any case. */
	aer = pci_find_ext_capability(port, PCI_EXT_CAP_ID_ERR);
	pci_read_config_dword(port, aer + PCI_ERR_UNCOR_STATUS, &sta);
	KUNIT_EXPECT_EQ(test, sta, SIM_PORTS_FATAL);
}

static void error_of_a_port_reaches_the_aer_driver(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	struct pci_dev *port;

	sim_ports_start_switches(fx);
	port = fixture_port(fx, 0);
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_port_correctable(fx->sim, 0,
						       PCI_ERR_COR_RCVR));
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_IRQ, NULL, 0,
					     &event));
	KUNIT_EXPECT_EQ(test, event.devfn, sim_ports_above(fx, 0, 2)->devfn);
	KUNIT_EXPECT_TRUE(test, fixture_wait(!sim_ports_correctable(port),
					     SIM_PORTS_WAIT_MS));
}

static void masked_correctable_error_is_not_sent(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *port;
	u32 sta, src;
	int aer;

	fixture_start(fx);
	port = fixture_port(fx, 0);
	aer = sim_ports_quiet_root(port);
	pci_write_config_dword(port, aer + PCI_ERR_COR_MASK, PCI_ERR_COR_RCVR);
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_port_correctable(fx->sim, 0,
						       PCI_ERR_COR_RCVR));
	pci_read_config_dword(port, aer + PCI_ERR_COR_STATUS, &sta);
	KUNIT_EXPECT_EQ(test, sta, PCI_ERR_COR_RCVR);
	pci_read_config_dword(port, aer + PCI_ERR_ROOT_STATUS, &sta);
	KUNIT_EXPECT_EQ(test, sta, 0);

	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_port_correctable(fx->sim, 0,
						       PCI_ERR_COR_BAD_TLP));
	pci_read_config_dword(port, aer + PCI_ERR_ROOT_STATUS, &sta);
	KUNIT_EXPECT_EQ(test, sta, PCI_ERR_ROOT_COR_RCV);
	pci_read_config_dword(port, aer + PCI_ERR_ROOT_ERR_SRC, &src);
	KUNIT_EXPECT_EQ(test, src & 0xffff, pci_dev_id(port));
}

/* RP PIO */

/* A read from a function that is not there */
static void sim_ports_read_absent(struct pci_dev *port)
{
	u32 val;

	pci_bus_read_config_dword(port->subordinate, PCI_DEVFN(0, 7),
				  PCI_VENDOR_ID, &val);
}

static void rp_pio_error_is_contained_if_it_is_not_masked(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *port;
	u16 sta;
	u32 val;
	int dpc;

	fx->ports[0].dpc = true;
	fx->ports[0].rp_pio = true;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	dpc = pci_find_ext_capability(port, PCI_EXT_CAP_ID_DPC);
	/* Nobody but the test shall look at what is contained. */
	pci_write_config_word(port, dpc + PCI_EXP_DPC_CTL,
			      PCI_EXP_DPC_CTL_EN_FATAL);
	pci_write_config_dword(port, dpc + PCI_EXP_DPC_RP_PIO_STATUS, ~0);
	pci_write_config_dword(port, dpc + PCI_EXP_DPC_RP_PIO_SEVERITY, ~0);
	pci_read_config_dword(port, dpc + PCI_EXP_DPC_RP_PIO_SEVERITY, &val);
	KUNIT_EXPECT_EQ(test, val, 0x00070707);

	sim_ports_read_absent(port);
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 0));
	pci_read_config_dword(port, dpc + PCI_EXP_DPC_RP_PIO_STATUS, &val);
	KUNIT_EXPECT_EQ(test, val, 1);

	pci_write_config_dword(port, dpc + PCI_EXP_DPC_RP_PIO_MASK, 0);
	sim_ports_read_absent(port);
	KUNIT_EXPECT_FALSE(test, pcie_card_sim_link_up(fx->sim, 0));
	pci_read_config_word(port, dpc + PCI_EXP_DPC_STATUS, &sta);
	KUNIT_EXPECT_EQ(test, sta & (PCI_EXP_DPC_STATUS_TRIGGER |
				     PCI_EXP_DPC_STATUS_TRIGGER_RSN |
				     PCI_EXP_DPC_STATUS_TRIGGER_RSN_EXT),
			PCI_EXP_DPC_STATUS_TRIGGER |
			PCI_EXP_DPC_STATUS_TRIGGER_RSN);

	pci_write_config_dword(port, dpc + PCI_EXP_DPC_RP_PIO_MASK, ~0);
	pci_write_config_word(port, dpc + PCI_EXP_DPC_STATUS,
			      PCI_EXP_DPC_STATUS_TRIGGER |
			      PCI_EXP_DPC_STATUS_INTERRUPT);
	KUNIT_EXPECT_TRUE(test,
			  fixture_wait_link(fx, 0, true, SIM_PORTS_WAIT_MS));
}

static void rp_pio_is_for_root_ports(struct kunit *test)
{
	struct fixture *fx = test->priv;
	unsigned int i;
	u16 cap;
	int dpc;

	for (i = 0; i < 4; i++) {
		fx->ports[i].dpc = true;
		fx->ports[i].rp_pio = i != 1;
	}
	sim_ports_start_switches(fx);
	for (i = 0; i < 4; i++) {
		dpc = pci_find_ext_capability(fixture_port(fx, i),
					      PCI_EXT_CAP_ID_DPC);
		pci_read_config_word(fixture_port(fx, i),
				     dpc + PCI_EXP_DPC_CAP, &cap);
		KUNIT_EXPECT_EQ(test, !!(cap & PCI_EXP_DPC_CAP_RP_EXT), i == 3);
	}
}

/* Hosts */

static unsigned int sim_ports_unassigned(struct pci_dev *port)
{
	struct pci_dev *pdev;
	unsigned int n = 0;
	struct resource *res;

	list_for_each_entry(pdev, &port->subordinate->devices, bus_list) {
		res = &pdev->resource[0];
		if (res->flags && !res->parent)
			n++;
	}
	return n;
}

static void hosts_at_once_have_room_for_their_cards(struct kunit *test)
{
	static const unsigned int n_ports[SIM_PORTS_DOMAINS] = { 15, 15, 2 };
	struct pcie_card_sim *sims[SIM_PORTS_DOMAINS] = { };
	struct fixture *fx = test->priv;
	struct pcie_card_sim_port *ports;
	unsigned int i, j;

	ports = kunit_kcalloc(test, 15, sizeof(*ports), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ports);
	fx->images[0].fn[0].bar[0].size = SZ_512K;
	for (i = 0; i < 15; i++) {
		ports[i] = fx->ports[0];
		ports[i].hotplug = true;
		ports[i].sw = i < 8 ? 0 : 1;
	}
	fx->config.ports = ports;
	for (i = 0; i < SIM_PORTS_DOMAINS; i++) {
		fx->config.n_ports = n_ports[i];
		fixture_start(fx);
		sims[i] = fx->sim;
		for (j = 0; j < n_ports[i]; j++) {
			KUNIT_EXPECT_EQ(test, fixture_count(fx, j), 2);
			KUNIT_EXPECT_EQ(test, 0,
					sim_ports_unassigned(fixture_port(fx, j)));
		}
	}
	fx->sim = NULL;
	for (i = 0; i < SIM_PORTS_DOMAINS; i++)
		pcie_card_sim_destroy(sims[i]);
}

static struct kunit_case sim_ports_cases[] = {
	KUNIT_CASE(switches_of_a_host_are_found),
	KUNIT_CASE(number_of_a_switch_has_a_limit),
	KUNIT_CASE(card_below_a_switch_loads),
	KUNIT_CASE_PARAM(reset_above_resets_all_that_is_below,
			 sim_ports_level_gen_params),
	KUNIT_CASE_PARAM(error_reaches_the_root_port_if_all_let_it_pass,
			 sim_ports_gate_gen_params),
	KUNIT_CASE(error_of_a_port_reaches_the_aer_driver),
	KUNIT_CASE(masked_correctable_error_is_not_sent),
	KUNIT_CASE(rp_pio_error_is_contained_if_it_is_not_masked),
	KUNIT_CASE(rp_pio_is_for_root_ports),
	KUNIT_CASE(hosts_at_once_have_room_for_their_cards),
	{}
};

struct kunit_suite pcie_card_sim_ports_suite = {
	.name = "pcie_card_sim_ports",
	.init = sim_ports_init,
	.exit = fixture_exit,
	.test_cases = sim_ports_cases,
};
