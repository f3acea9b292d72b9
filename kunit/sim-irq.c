// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulator by itself: what keeps DPC waiting.
 */

#include <linux/delay.h>

#include "fixture.h"
#include "suites.h"

/* Longer than a driver takes for anything that is waited for. */
#define SIM_IRQ_WAIT_MS		5000

/* Fatal by default */
#define SIM_IRQ_FATAL		PCI_ERR_UNC_MALF_TLP

#define SIM_IRQ_BUSY_MS		300

/* Ports of the host: one with AER and DPC, and one with pciehp */
#define SIM_IRQ_ERRORS		0
#define SIM_IRQ_HOTPLUG		1

static int sim_irq_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;
	unsigned int i;

	if (ret)
		return ret;
	for (i = 0; i < FIXTURE_IMAGES; i++)
		fx->images[i].fn[0].bmc = false;
	fx->config.n_ports = 2;
	fx->ports[SIM_IRQ_ERRORS].hotplug = false;
	fx->ports[SIM_IRQ_ERRORS].rp_pio = true;
	fx->ports[SIM_IRQ_HOTPLUG].dpc = false;
	fx->ports[SIM_IRQ_HOTPLUG].cmd_completed = true;
	return 0;
}

static u16 sim_irq_dpc_status(struct pci_dev *port)
{
	int dpc = pci_find_ext_capability(port, PCI_EXT_CAP_ID_DPC);
	u16 sta;

	pci_read_config_word(port, dpc + PCI_EXP_DPC_STATUS, &sta);
	return sta;
}

static bool sim_irq_dpc_within(struct pci_dev *port, u16 bit, bool set)
{
	unsigned long end = jiffies + msecs_to_jiffies(SIM_IRQ_WAIT_MS);

	while (!!(sim_irq_dpc_status(port) & bit) != set) {
		if (time_after(jiffies, end))
			return false;
		usleep_range(500, 1000);
	}
	return true;
}

/* RP Busy */

static const bool sim_irq_rp_pio[] = { false, true };

static void sim_irq_rp_pio_desc(const bool *rp_pio, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s extensions for root ports",
		 *rp_pio ? "with" : "without");
}

KUNIT_ARRAY_PARAM(sim_irq_rp_pio, sim_irq_rp_pio, sim_irq_rp_pio_desc);

static void dpc_is_not_released_while_the_root_port_is_busy(struct kunit *test)
{
	const bool *rp_pio = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	struct pci_dev *port;
	bool busy;
	int dpc;

	fx->ports[0].rp_pio = *rp_pio;
	fx->ports[0].rp_busy_ms = SIM_IRQ_BUSY_MS;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	dpc = pci_find_ext_capability(port, PCI_EXT_CAP_ID_DPC);
	/* Nobody but the test shall look at what is contained. */
	pci_write_config_word(port, dpc + PCI_EXP_DPC_CTL,
			      PCI_EXP_DPC_CTL_EN_FATAL);
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_port_error(fx->sim, 0, SIM_IRQ_FATAL));
	busy = sim_irq_dpc_status(port) & PCI_EXP_DPC_RP_BUSY;
	KUNIT_EXPECT_EQ(test, busy, *rp_pio);

	pci_write_config_word(port, dpc + PCI_EXP_DPC_STATUS,
			      PCI_EXP_DPC_STATUS_TRIGGER);
	KUNIT_EXPECT_EQ(test, !!(sim_irq_dpc_status(port) &
				 PCI_EXP_DPC_STATUS_TRIGGER), *rp_pio);
	KUNIT_EXPECT_EQ(test, fixture_find(fx, PCIE_CARD_SIM_DPC_BUSY, NULL, 0,
					   &event), *rp_pio);
	KUNIT_EXPECT_TRUE(test, sim_irq_dpc_within(port, PCI_EXP_DPC_RP_BUSY,
						   false));
	pci_write_config_word(port, dpc + PCI_EXP_DPC_STATUS,
			      PCI_EXP_DPC_STATUS_TRIGGER);
	KUNIT_EXPECT_EQ(test, sim_irq_dpc_status(port) &
			PCI_EXP_DPC_STATUS_TRIGGER, 0);
}

/* The first write by which the DPC driver clears the trigger */
static bool sim_irq_released(struct fixture *fx, struct pci_dev *port,
			     struct pcie_card_sim_event *event)
{
	int dpc = pci_find_ext_capability(port, PCI_EXT_CAP_ID_DPC);

	return fixture_find_write(fx, port, dpc + PCI_EXP_DPC_STATUS,
				  PCI_EXP_DPC_STATUS_TRIGGER,
				  PCI_EXP_DPC_STATUS_TRIGGER, 0, event);
}

static void dpc_driver_waits_while_the_root_port_is_busy(struct kunit *test)
{
	struct pcie_card_sim_event error, release, event;
	struct fixture *fx = test->priv;
	struct pci_dev *port;

	fx->ports[0].rp_busy_ms = SIM_IRQ_BUSY_MS;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_port_error(fx->sim, 0, SIM_IRQ_FATAL));
	KUNIT_EXPECT_TRUE(test,
			  sim_irq_dpc_within(port, PCI_EXP_DPC_STATUS_TRIGGER,
					     false));
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_ERROR, NULL, 0,
					     &error));
	KUNIT_ASSERT_TRUE(test, sim_irq_released(fx, port, &release));
	KUNIT_EXPECT_GE(test, release.usec - error.usec,
			SIM_IRQ_BUSY_MS * 1000);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_DPC_BUSY, NULL,
					      0, &event));
}

static struct kunit_case sim_irq_cases[] = {
	KUNIT_CASE_PARAM(dpc_is_not_released_while_the_root_port_is_busy,
			 sim_irq_rp_pio_gen_params),
	KUNIT_CASE(dpc_driver_waits_while_the_root_port_is_busy),
	{}
};

struct kunit_suite pcie_card_sim_irq_suite = {
	.name = "pcie_card_sim_irq",
	.init = sim_irq_init,
	.exit = fixture_exit,
	.test_cases = sim_irq_cases,
};
