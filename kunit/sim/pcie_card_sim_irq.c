// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulator by itself: how ports interrupt, and what keeps DPC waiting.
 */

#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>
#include <linux/interrupt.h>
#include <linux/irq.h>

#include "kunit/fixtures/fixture.h"
#include "kunit/suites.h"

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

	if (ret)
		return ret;
	fixture_describe_undriven(fx);
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
	return fixture_wait(!!(sim_irq_dpc_status(port) & bit) == set,
			    SIM_IRQ_WAIT_MS);
}

static u32 sim_irq_aer(struct pci_dev *port, int reg)
{
	int aer = pci_find_ext_capability(port, PCI_EXT_CAP_ID_ERR);
	u32 val;

	pci_read_config_dword(port, aer + reg, &val);
	return val;
}

/* The AER driver clears what it has seen. */
static bool sim_irq_correctable_is_seen(struct pci_dev *port, unsigned int ms)
{
	return fixture_wait(!sim_irq_aer(port, PCI_ERR_COR_STATUS), ms);
}

/* Messages */

/**
 * struct sim_irq_messages - messages that a port has, and who has which
 * @msi: how many
 * @aer: number of the one for AER
 * @dpc: number of the one for DPC
 */
struct sim_irq_messages {
	u8 msi;
	unsigned int aer;
	unsigned int dpc;
};

static const struct sim_irq_messages sim_irq_messages[] = {
	{ 0, 0, 0 }, { 1, 0, 0 }, { 2, 1, 1 }, { 4, 1, 2 },
};

static void sim_irq_messages_desc(const struct sim_irq_messages *messages,
				  char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u messages", messages->msi);
}

KUNIT_ARRAY_PARAM(sim_irq_messages, sim_irq_messages, sim_irq_messages_desc);

static void sim_irq_boot(struct fixture *fx,
			 const struct sim_irq_messages *messages)
{
	unsigned int i;

	for (i = 0; i < fx->config.n_ports; i++)
		fx->ports[i].msi = messages->msi;
	fixture_start(fx);
}

/* An interrupt for conditions of which @bit is one came, by that message. */
static void sim_irq_expect(struct fixture *fx, unsigned int port, u32 bit,
			   const struct sim_irq_messages *messages,
			   unsigned int number)
{
	struct pcie_card_sim_match match = {
		.what = BIT(PCIE_CARD_SIM_IRQ),
		.port = port,
		.reg = -1,
		.devfn = -1,
	};
	struct pcie_card_sim_event event;

	while (pcie_card_sim_log_find(fx->sim, &match, &event)) {
		match.from_seq = event.seq + 1;
		if (!(event.value & bit))
			continue;
		KUNIT_EXPECT_EQ(fx->test, event.value >> 28,
				messages->msi ? number + 1 : 0);
		return;
	}
	KUNIT_FAIL(fx->test, "no interrupt for %#x", bit);
}

static void message_numbers_are_what_the_port_has(struct kunit *test)
{
	const struct sim_irq_messages *messages = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_dev *port;
	u16 flags, cap;
	int dpc;

	fixture_slow_but(test, &sim_irq_messages[3]);
	sim_irq_boot(fx, messages);
	port = fixture_port(fx, SIM_IRQ_ERRORS);
	KUNIT_EXPECT_EQ(test, pci_dev_msi_enabled(port), messages->msi != 0);
	pcie_capability_read_word(port, PCI_EXP_FLAGS, &flags);
	KUNIT_EXPECT_EQ(test, flags & PCI_EXP_FLAGS_IRQ, 0);
	KUNIT_EXPECT_EQ(test, FIELD_GET(PCI_ERR_ROOT_AER_IRQ,
					sim_irq_aer(port, PCI_ERR_ROOT_STATUS)),
			messages->aer);
	dpc = pci_find_ext_capability(port, PCI_EXT_CAP_ID_DPC);
	pci_read_config_word(port, dpc + PCI_EXP_DPC_CAP, &cap);
	KUNIT_EXPECT_EQ(test, cap & PCI_EXP_DPC_IRQ, messages->dpc);
	if (!messages->msi)
		return;

	/* The drivers are where the numbers say. */
	KUNIT_EXPECT_TRUE(test,
			  irq_has_action(pci_irq_vector(port, messages->aer)));
	KUNIT_EXPECT_TRUE(test,
			  irq_has_action(pci_irq_vector(port, messages->dpc)));
	KUNIT_EXPECT_EQ(test, pci_irq_vector(port, messages->aer) ==
			      pci_irq_vector(port, messages->dpc),
			messages->aer == messages->dpc);
}

/* pciehp waits for the end of its commands when it binds. */
static void pciehp_has_its_message(struct kunit *test)
{
	const struct sim_irq_messages *messages = test->param_value;
	struct fixture *fx = test->priv;
	u16 sta;

	sim_irq_boot(fx, messages);
	msleep(100);
	sim_irq_expect(fx, SIM_IRQ_HOTPLUG, PCI_EXP_SLTSTA_CC, messages, 0);
	pcie_capability_read_word(fixture_port(fx, SIM_IRQ_HOTPLUG),
				  PCI_EXP_SLTSTA, &sta);
	KUNIT_EXPECT_EQ(test, sta & PCI_EXP_SLTSTA_CC, 0);
}

static void aer_driver_has_its_message(struct kunit *test)
{
	const struct sim_irq_messages *messages = test->param_value;
	struct fixture *fx = test->priv;
	unsigned int i;

	fixture_slow_but(test, &sim_irq_messages[3]);
	sim_irq_boot(fx, messages);
	for (i = 0; i < fx->config.n_ports; i++) {
		KUNIT_EXPECT_EQ(test, 0,
				pcie_card_sim_port_correctable(fx->sim, i,
							       PCI_ERR_COR_RCVR));
		KUNIT_EXPECT_TRUE(test,
				  sim_irq_correctable_is_seen(fixture_port(fx, i),
							      SIM_IRQ_WAIT_MS));
		sim_irq_expect(fx, i, PCI_ERR_ROOT_COR_RCV << 16, messages,
			       messages->aer);
	}
}

static void dpc_driver_has_its_message(struct kunit *test)
{
	const struct sim_irq_messages *messages = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_dev *port;

	fixture_slow_but(test, &sim_irq_messages[3]);
	sim_irq_boot(fx, messages);
	port = fixture_port(fx, SIM_IRQ_ERRORS);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_port_error(fx->sim,
							  SIM_IRQ_ERRORS,
							  SIM_IRQ_FATAL));
	KUNIT_EXPECT_TRUE(test,
			  sim_irq_dpc_within(port, PCI_EXP_DPC_STATUS_TRIGGER,
					     false));
	sim_irq_expect(fx, SIM_IRQ_ERRORS, BIT(24), messages, messages->dpc);
}

/* It is in the registers where a message goes. */
static void message_goes_where_software_says(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *port;
	u32 addr;
	int pos;

	sim_irq_boot(fx, &sim_irq_messages[3]);
	port = fixture_port(fx, SIM_IRQ_ERRORS);
	pos = port->msi_cap + PCI_MSI_ADDRESS_LO;
	pci_read_config_dword(port, pos, &addr);
	pci_write_config_dword(port, pos, addr + 0x1000);
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_port_correctable(fx->sim, SIM_IRQ_ERRORS,
						       PCI_ERR_COR_RCVR));
	KUNIT_EXPECT_FALSE(test, sim_irq_correctable_is_seen(port, 50));

	/* There is no other one before that reason has gone. */
	pci_write_config_dword(port, pos, addr);
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_port_correctable(fx->sim, SIM_IRQ_ERRORS,
						       PCI_ERR_COR_RCVR));
	KUNIT_EXPECT_FALSE(test, sim_irq_correctable_is_seen(port, 50));
	pos = pci_find_ext_capability(port, PCI_EXT_CAP_ID_ERR);
	pci_write_config_dword(port, pos + PCI_ERR_ROOT_STATUS,
			       PCI_ERR_ROOT_COR_RCV |
			       PCI_ERR_ROOT_MULTI_COR_RCV);
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_port_correctable(fx->sim, SIM_IRQ_ERRORS,
						       PCI_ERR_COR_RCVR));
	KUNIT_EXPECT_TRUE(test,
			  sim_irq_correctable_is_seen(port, SIM_IRQ_WAIT_MS));
}

static void number_of_messages_is_a_power_of_two(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fx->ports[1].msi = 3;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    pcie_card_sim_create(&fx->config));
	fx->ports[1].msi = 8;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    pcie_card_sim_create(&fx->config));
}

/* Nobody hears of it, however it would be told. */
static void card_loads_however_its_port_interrupts(struct kunit *test)
{
	const struct sim_irq_messages *messages = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	struct fpga_card *card;
	u32 *saved;
	unsigned int i;

	fixture_slow_but(test, &sim_irq_messages[3]);
	for (i = 0; i < FIXTURE_IMAGES; i++)
		fx->images[i].fn[0].bmc = true;
	/* The end of a command is told: not of the last one of the window. */
	fx->ports[SIM_IRQ_HOTPLUG].cmd_completed = false;
	/* As part of a switch of the host too, whose root port has the AER. */
	fx->config.n_ports = 3;
	fx->ports[2].sw = 1;
	sim_irq_boot(fx, messages);
	for (i = 0; i < fx->config.n_ports; i++) {
		card = fixture_card(fx, i);
		msleep(100);
		saved = fixture_save_port(fx, i);
		pcie_card_sim_log_clear(fx->sim);
		KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
		fixture_expect_image(fx, i, FIXTURE_USER);
		msleep(50);
		fixture_expect_port(fx, i, saved);
		KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_IRQ,
						      NULL, 0, &event));
		fpga_card_put(card);
	}
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
	KUNIT_CASE_PARAM(message_numbers_are_what_the_port_has,
			 sim_irq_messages_gen_params),
	KUNIT_CASE_PARAM(pciehp_has_its_message, sim_irq_messages_gen_params),
	KUNIT_CASE_PARAM(aer_driver_has_its_message,
			 sim_irq_messages_gen_params),
	KUNIT_CASE_PARAM(dpc_driver_has_its_message,
			 sim_irq_messages_gen_params),
	KUNIT_CASE(message_goes_where_software_says),
	KUNIT_CASE(number_of_messages_is_a_power_of_two),
	KUNIT_CASE_PARAM(card_loads_however_its_port_interrupts,
			 sim_irq_messages_gen_params),
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
