// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an open window keeps quiet: the port, the bridges above it, and containment in
 * hardware that would keep the link down.
 */

#include "kunit/suites.h"
#include "kunit/fixtures/window.h"

#define CONTAIN_DEVCTL		(PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | \
				 PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE)
#define CONTAIN_RTCTL		(PCI_EXP_RTCTL_SECEE | PCI_EXP_RTCTL_SENFEE | \
				 PCI_EXP_RTCTL_SEFEE)

/* DPC Software Trigger, in DPC Control (PCIe r6.0, sec 7.9.14.3) */
#define CONTAIN_DPC_SW_TRIGGER	BIT(6)

/* A host whose errors would all be reported, and would stop the machine. */
static void contain_boot(struct fixture *fx, unsigned int port,
			 struct fixture_path *path)
{
	struct pci_dev *bridge;
	u16 cmd, ctl;

	fixture_start(fx);
	bridge = fixture_port(fx, port);
	for (; bridge; bridge = pci_upstream_bridge(bridge)) {
		pcie_capability_set_word(bridge, PCI_EXP_DEVCTL, CONTAIN_DEVCTL);
		if (pci_pcie_type(bridge) == PCI_EXP_TYPE_ROOT_PORT)
			pcie_capability_set_word(bridge, PCI_EXP_RTCTL,
						 CONTAIN_RTCTL);
		pci_read_config_word(bridge, PCI_COMMAND, &cmd);
		pci_write_config_word(bridge, PCI_COMMAND,
				      cmd | PCI_COMMAND_SERR);
		pci_read_config_word(bridge, PCI_BRIDGE_CONTROL, &ctl);
		pci_write_config_word(bridge, PCI_BRIDGE_CONTROL,
				      ctl | PCI_BRIDGE_CTL_SERR);
		fixture_write_ext(bridge, PCI_EXT_CAP_ID_ERR,
				  PCI_ERR_COR_MASK, 0);
	}
	fixture_save_path(fx, port, path);
	pcie_card_sim_log_clear(fx->sim);
}

/* Of its own, whoever it is. */
static void contain_expect_quiet(struct fixture *fx, struct pci_dev *bridge)
{
	struct kunit *test = fx->test;
	u32 mask;

	KUNIT_EXPECT_EQ(test, fixture_exp(bridge, PCI_EXP_DEVCTL) &
			CONTAIN_DEVCTL, 0);
	if (pci_pcie_type(bridge) == PCI_EXP_TYPE_ROOT_PORT)
		KUNIT_EXPECT_EQ(test, fixture_exp(bridge, PCI_EXP_RTCTL) &
				CONTAIN_RTCTL, 0);
	if (!pci_find_ext_capability(bridge, PCI_EXT_CAP_ID_ERR))
		return;
	mask = fixture_aer(bridge, PCI_ERR_UNCOR_MASK);
	KUNIT_EXPECT_NE(test, mask & PCI_ERR_UNC_COMP_TIME, 0);
	KUNIT_EXPECT_NE(test, mask & PCI_ERR_UNC_SURPDN, 0);
	mask = fixture_aer(bridge, PCI_ERR_COR_MASK);
	KUNIT_EXPECT_NE(test, mask & PCI_ERR_COR_RCVR, 0);
}

static void bridges_above_are_quiet_in_an_open_window(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fixture_path path;
	struct pci_reload *pr;
	struct pci_dev *root;
	unsigned int i;

	fx->ports[0].sw = 1;
	contain_boot(fx, 0, &path);
	KUNIT_ASSERT_EQ(test, path.n, FIXTURE_PATH_MAX);
	root = path.bridges[2];
	pr = window_open(fx);
	for (i = 0; i < path.n; i++)
		contain_expect_quiet(fx, path.bridges[i]);

	/* It has other ports below, whose errors it still has to report. */
	KUNIT_EXPECT_NE(test, fixture_aer(root, PCI_ERR_ROOT_COMMAND), 0);
	KUNIT_EXPECT_EQ(test, fixture_aer(root, PCI_ERR_ROOT_COMMAND),
			path.saved[2][(pci_find_ext_capability(root,
				       PCI_EXT_CAP_ID_ERR) +
				       PCI_ERR_ROOT_COMMAND) / 4]);
	for (i = 1; i < path.n; i++)
		KUNIT_EXPECT_EQ(test, fixture_save_config(fx, path.bridges[i])
				[PCI_INTERRUPT_LINE / 4],
				path.saved[i][PCI_INTERRUPT_LINE / 4]);

	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	fixture_expect_path(fx, &path);
	pci_reload_free(pr);
}

static void bridges_above_are_bit_identical_after_a_window(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct fixture_path path;
	struct pci_reload *pr;

	fx->ports[0].sw = 1;
	contain_boot(fx, 0, &path);
	pr = window_alloc(fx, 0);
	window_down(test, pr);
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	fixture_expect_path(fx, &path);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_SYSTEM_ERROR,
					      NULL, 0, &event));
	pci_reload_free(pr);
}

/* From the bridge that is nearest to the card to the root port, as opposed to. */
static void bridges_are_hardened_from_the_root_port_down(struct kunit *test)
{
	struct pcie_card_sim_event event[FIXTURE_PATH_MAX] = {};
	struct fixture *fx = test->priv;
	struct fixture_path path;
	struct pci_reload *pr;
	unsigned int i;
	u64 from;

	fx->ports[0].sw = 1;
	contain_boot(fx, 0, &path);
	pr = window_open(fx);
	for (i = 0; i < path.n; i++)
		KUNIT_EXPECT_TRUE(test,
				  fixture_find_write(fx, path.bridges[i],
						     pci_pcie_cap(path.bridges[i]) +
						     PCI_EXP_DEVCTL,
						     CONTAIN_DEVCTL, 0, 0,
						     &event[i]));
	KUNIT_EXPECT_LT(test, event[2].seq, event[1].seq);
	KUNIT_EXPECT_LT(test, event[1].seq, event[0].seq);

	from = event[0].seq;
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	for (i = 0; i < path.n; i++)
		KUNIT_EXPECT_TRUE(test,
				  fixture_find_write(fx, path.bridges[i],
						     pci_pcie_cap(path.bridges[i]) +
						     PCI_EXP_DEVCTL,
						     CONTAIN_DEVCTL,
						     CONTAIN_DEVCTL, from,
						     &event[i]));
	KUNIT_EXPECT_LT(test, event[0].seq, event[1].seq);
	KUNIT_EXPECT_LT(test, event[1].seq, event[2].seq);
	pci_reload_free(pr);
}

static const u32 contain_uncor[] = {
	PCI_ERR_UNC_SURPDN, PCI_ERR_UNC_COMP_TIME, PCI_ERR_UNC_COMP_ABORT,
	PCI_ERR_UNC_UNSUP, PCI_ERR_UNC_DLP,
};

static void contain_uncor_desc(const u32 *bit, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "uncorrectable error %#x", *bit);
}

KUNIT_ARRAY_PARAM(contain_uncor, contain_uncor, contain_uncor_desc);

/* Not even where it would stop the machine. */
static void error_below_a_switch_stops_no_machine(struct kunit *test)
{
	const u32 *bit = test->param_value;
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct fixture_path path;
	struct pci_reload *pr;

	fx->ports[0].sw = 1;
	contain_boot(fx, 0, &path);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_port_error(fx->sim, 0, *bit));
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_port_correctable(fx->sim, 0,
								PCI_ERR_COR_RCVR));
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_ERROR, NULL, 0,
					     &event));
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_SYSTEM_ERROR,
					      NULL, 0, &event));
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_IRQ, NULL, 0,
					      &event));
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 0));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	fixture_expect_path(fx, &path);
	pci_reload_free(pr);
}

/* So that the case above can fail. */
static void error_below_a_switch_stops_the_machine_else(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct fixture_path path;
	u16 dpc;

	fx->ports[0].sw = 1;
	contain_boot(fx, 0, &path);
	/* Nobody but the test shall look at it. */
	fixture_write_ext(path.bridges[2], PCI_EXT_CAP_ID_ERR,
			  PCI_ERR_ROOT_COMMAND, 0);
	dpc = pci_find_ext_capability(path.bridges[0], PCI_EXT_CAP_ID_DPC);
	pci_write_config_word(path.bridges[0], dpc + PCI_EXP_DPC_CTL, 0);
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_port_error(fx->sim, 0,
						 PCI_ERR_UNC_COMP_ABORT));
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_SYSTEM_ERROR,
					     NULL, 0, &event));
}

/* Somebody may want to know of it yet. */
static void error_from_before_a_window_is_kept(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fixture_path path;
	struct pci_reload *pr;
	struct pci_dev *port;
	u32 mask;

	contain_boot(fx, 0, &path);
	port = path.bridges[0];
	mask = fixture_aer(port, PCI_ERR_UNCOR_MASK);
	fixture_write_ext(port, PCI_EXT_CAP_ID_ERR, PCI_ERR_UNCOR_MASK, ~0);
	pcie_card_sim_port_error(fx->sim, 0, PCI_ERR_UNC_MALF_TLP);
	fixture_write_ext(port, PCI_EXT_CAP_ID_ERR, PCI_ERR_UNCOR_MASK, mask);
	fixture_save_path(fx, 0, &path);

	pr = window_open(fx);
	pcie_card_sim_port_error(fx->sim, 0, PCI_ERR_UNC_COMP_ABORT);
	KUNIT_EXPECT_EQ(test, fixture_aer(port, PCI_ERR_UNCOR_STATUS),
			PCI_ERR_UNC_MALF_TLP | PCI_ERR_UNC_COMP_ABORT);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_EQ(test, fixture_aer(port, PCI_ERR_UNCOR_STATUS),
			PCI_ERR_UNC_MALF_TLP);
	fixture_expect_path(fx, &path);
	pci_reload_free(pr);
}

/* Who resets the card in an open window has the port forget what keeps it quiet. */
static void port_that_forgot_in_an_open_window_is_quiet_again(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fixture_path path;
	struct pci_reload *pr;
	struct pci_dev *port;
	u32 quiet;

	contain_boot(fx, 0, &path);
	port = path.bridges[0];
	pr = window_alloc(fx, 0);
	window_empty(test, pr);
	quiet = fixture_aer(port, PCI_ERR_UNCOR_MASK);
	window_port_forgets(fx, 0);
	KUNIT_EXPECT_NE(test, fixture_aer(port, PCI_ERR_UNCOR_MASK), quiet);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_hot_reset(pr));
	KUNIT_EXPECT_EQ(test, fixture_aer(port, PCI_ERR_UNCOR_MASK), quiet);
	contain_expect_quiet(fx, port);
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	fixture_expect_path(fx, &path);
	pci_reload_free(pr);
}

/* What the PCI core saved of the port is what an error above has it restore. */
static void state_that_is_saved_of_a_port_is_not_that_of_the_window(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fixture_path path;
	struct pci_reload *pr;
	struct pci_dev *port;
	u32 mask;

	fx->ports[0].hotplug = false;
	contain_boot(fx, 0, &path);
	port = path.bridges[0];
	mask = fixture_aer(port, PCI_ERR_UNCOR_MASK);
	pr = window_alloc(fx, 0);
	window_empty(test, pr);
	window_port_forgets(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	pci_restore_state(port);
	KUNIT_EXPECT_EQ(test, fixture_aer(port, PCI_ERR_UNCOR_MASK), mask);
	KUNIT_EXPECT_EQ(test, fixture_exp(port, PCI_EXP_DEVCTL) &
			CONTAIN_DEVCTL, CONTAIN_DEVCTL);
	pci_reload_free(pr);
}

/* A driver of the port may have changed something that is not the window's. */
static void bits_that_others_change_are_kept(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fixture_path path;
	struct pci_reload *pr;
	struct pci_dev *port;
	u16 before;

	contain_boot(fx, 0, &path);
	port = path.bridges[0];
	before = fixture_exp(port, PCI_EXP_DEVCTL);
	pr = window_open(fx);
	pcie_capability_clear_and_set_word(port, PCI_EXP_DEVCTL,
					   PCI_EXP_DEVCTL_PAYLOAD,
					   PCI_EXP_DEVCTL_PAYLOAD_256B);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_EQ(test, fixture_exp(port, PCI_EXP_DEVCTL),
			(before & ~PCI_EXP_DEVCTL_PAYLOAD) |
			PCI_EXP_DEVCTL_PAYLOAD_256B);
	pci_reload_free(pr);
}

static void contain_read_absent(struct pci_dev *port)
{
	u32 val;

	pci_bus_read_config_dword(port->subordinate, PCI_DEVFN(0, 7),
				  PCI_VENDOR_ID, &val);
}

/* What the root port itself asks for, and does not get. */
static void rp_pio_is_masked_in_an_open_window(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct fixture_path path;
	struct pci_reload *pr;
	struct pci_dev *port;
	u16 dpc;

	fx->ports[0].rp_pio = true;
	contain_boot(fx, 0, &path);
	port = path.bridges[0];
	dpc = pci_find_ext_capability(port, PCI_EXT_CAP_ID_DPC);
	KUNIT_ASSERT_NE(test, dpc, 0);
	/* Nothing is masked, and each error would take the link down. */
	pci_write_config_dword(port, dpc + PCI_EXP_DPC_RP_PIO_STATUS, ~0);
	pci_write_config_dword(port, dpc + PCI_EXP_DPC_RP_PIO_SEVERITY, ~0);
	pci_write_config_dword(port, dpc + PCI_EXP_DPC_RP_PIO_SYSERROR, ~0);
	pci_write_config_dword(port, dpc + PCI_EXP_DPC_RP_PIO_MASK, 0);
	fixture_save_path(fx, 0, &path);
	pcie_card_sim_log_clear(fx->sim);

	pr = window_open(fx);
	contain_read_absent(port);
	KUNIT_EXPECT_NE(test, fixture_ext(port, PCI_EXT_CAP_ID_DPC,
					  PCI_EXP_DPC_RP_PIO_STATUS), 0);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_RP_PIO, NULL, 0,
					      &event));
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_SYSTEM_ERROR,
					      NULL, 0, &event));
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 0));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	fixture_expect_path(fx, &path);
	pci_reload_free(pr);
}

static void contain_trigger_dpc(struct pci_dev *port)
{
	u16 dpc = pci_find_ext_capability(port, PCI_EXT_CAP_ID_DPC);

	/* Nobody but the test shall look at it. */
	pci_write_config_word(port, dpc + PCI_EXP_DPC_CTL,
			      PCI_EXP_DPC_CTL_EN_FATAL | CONTAIN_DPC_SW_TRIGGER);
}

/* And an error that came before the window holds the link down. */
static void dpc_triggered_before_does_not_keep_the_link_down(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fixture_path path;
	struct pci_reload *pr;
	struct pci_dev *port;

	fx->ports[0].slot = false;
	fx->ports[0].hotplug = false;
	contain_boot(fx, 0, &path);
	port = path.bridges[0];
	contain_trigger_dpc(port);
	KUNIT_ASSERT_FALSE(test, pcie_card_sim_link_up(fx->sim, 0));

	pr = window_alloc(fx, 0);
	window_down(test, pr);
	KUNIT_EXPECT_NE(test, fixture_ext(port, PCI_EXT_CAP_ID_DPC,
					  PCI_EXP_DPC_STATUS) &
			PCI_EXP_DPC_STATUS_TRIGGER, 0);
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_EQ(test, fixture_ext(port, PCI_EXT_CAP_ID_DPC,
					  PCI_EXP_DPC_STATUS) &
			PCI_EXP_DPC_STATUS_TRIGGER, 0);
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 0));
	pci_reload_free(pr);
}

/* Each of two windows on a path, with the other one open. */
static void windows_on_one_path_are_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *above, *below;
	struct pci_dev *root;

	fx->ports[0].sw = 1;
	fixture_start(fx);
	root = pcie_card_sim_above(fx->sim, 0, 2);
	KUNIT_ASSERT_NOT_NULL(test, root);
	above = pci_reload_alloc(root, NULL, NULL);
	pci_dev_put(root);
	KUNIT_ASSERT_FALSE(test, IS_ERR(above));
	below = window_alloc(fx, 0);

	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(above));
	KUNIT_EXPECT_EQ(test, -EBUSY, pci_reload_open(below));
	window_expect_reason(test, below, "same path");
	window_expect_reason(test, below, pci_name(root));
	KUNIT_EXPECT_FALSE(test, pci_reload_is_open(below));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(above));

	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(below));
	KUNIT_EXPECT_EQ(test, -EBUSY, pci_reload_open(above));
	window_expect_reason(test, above, "same path");
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(below));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(above));
	window_end(test, above);
	pci_reload_free(below);
}

/* What they have in common stays quiet until the last is closed. */
static void windows_beside_each_other_are_not_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *first, *second;
	struct fixture_path path;

	fx->config.n_ports = 2;
	fx->ports[0].sw = 1;
	fx->ports[1].sw = 1;
	contain_boot(fx, 0, &path);
	first = window_alloc(fx, 0);
	second = window_alloc(fx, 1);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(first));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(second));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(first));
	fixture_expect_port(fx, 0, path.saved[0]);
	contain_expect_quiet(fx, path.bridges[1]);
	contain_expect_quiet(fx, path.bridges[2]);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(second));
	fixture_expect_path(fx, &path);
	pci_reload_free(first);
	pci_reload_free(second);
}

static struct kunit_case contain_cases[] = {
	KUNIT_CASE(bridges_above_are_quiet_in_an_open_window),
	KUNIT_CASE(bridges_above_are_bit_identical_after_a_window),
	KUNIT_CASE(bridges_are_hardened_from_the_root_port_down),
	KUNIT_CASE_PARAM(error_below_a_switch_stops_no_machine,
			 contain_uncor_gen_params),
	KUNIT_CASE(error_below_a_switch_stops_the_machine_else),
	KUNIT_CASE(error_from_before_a_window_is_kept),
	KUNIT_CASE(port_that_forgot_in_an_open_window_is_quiet_again),
	KUNIT_CASE(state_that_is_saved_of_a_port_is_not_that_of_the_window),
	KUNIT_CASE(bits_that_others_change_are_kept),
	KUNIT_CASE(rp_pio_is_masked_in_an_open_window),
	KUNIT_CASE(dpc_triggered_before_does_not_keep_the_link_down),
	KUNIT_CASE(windows_on_one_path_are_refused),
	KUNIT_CASE(windows_beside_each_other_are_not_refused),
	{}
};

struct kunit_suite pci_reload_contain_suite = {
	.name = "pci_reload_contain",
	.init = window_init,
	.exit = fixture_exit,
	.test_cases = contain_cases,
};
