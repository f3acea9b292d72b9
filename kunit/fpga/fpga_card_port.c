// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads below a port that goes meanwhile, is restored after an error, or is where a
 * recovery from one goes on.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define PORT_SLOT	(PCI_EXP_SLTCTL_PDCE | PCI_EXP_SLTCTL_DLLSCE)
#define PORT_AER	(PCI_ERR_ROOT_CMD_COR_EN | PCI_ERR_ROOT_CMD_NONFATAL_EN | \
			 PCI_ERR_ROOT_CMD_FATAL_EN)

/* Something tells the kernel of the slot, or of errors. */
static bool port_is_heard(struct pci_dev *port)
{
	return fixture_exp(port, PCI_EXP_SLTCTL) & PORT_SLOT ||
	       fixture_aer(port, PCI_ERR_ROOT_COMMAND) & PORT_AER;
}

static bool port_link_is_disabled(struct pci_dev *port)
{
	return fixture_exp(port, PCI_EXP_LNKCTL) & PCI_EXP_LNKCTL_LD;
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

	fixture_slow(test);
	fx->images[1].reload_ms = 2000;
	fx->images[1].hold_ms = 1000;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	port = pci_dev_get(fixture_port(fx, 0));
	bus = port->bus;
	mask = fixture_aer(port, PCI_ERR_UNCOR_MASK);
	load_run_start(&run, card, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(test, fixture_wait(port_link_is_disabled(port),
					     FIXTURE_WAIT_MS));
	KUNIT_EXPECT_NE(test, mask, fixture_aer(port, PCI_ERR_UNCOR_MASK));
	pci_stop_and_remove_bus_device_locked(port);
	KUNIT_EXPECT_EQ(test, -ENODEV, load_run_end(&run));
	KUNIT_EXPECT_FALSE(test, port_link_is_disabled(port));
	KUNIT_EXPECT_EQ(test, mask, fixture_aer(port, PCI_ERR_UNCOR_MASK));
	KUNIT_EXPECT_FALSE(test, port_is_heard(port));
	pci_dev_put(port);
	fpga_card_put(card);

	KUNIT_EXPECT_TRUE(test, fixture_wait_link(fx, 0, true, FIXTURE_WAIT_MS));
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

/* A recovery from an error, which takes its time */

#define PORT_DEVICE		0x0005
#define PORT_RECOVERY_MS	500

static bool port_recovering, port_recovered, port_met;

static int port_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return 0;
}

static void port_remove(struct pci_dev *pdev)
{
}

/* The window is open. */
static void port_meet(struct load_moment *moment)
{
	port_met = READ_ONCE(port_recovering);
}

static pci_ers_result_t port_error_detected(struct pci_dev *pdev,
					    pci_channel_state_t state)
{
	WRITE_ONCE(port_recovering, true);
	msleep(PORT_RECOVERY_MS);
	port_recovered = true;
	WRITE_ONCE(port_recovering, false);
	return PCI_ERS_RESULT_CAN_RECOVER;
}

static const struct pci_error_handlers port_handlers = {
	.error_detected = port_error_detected,
};

static const struct pci_device_id port_ids[] = {
	{ PCI_DEVICE(0x1234, PORT_DEVICE) },
	{}
};

static struct pci_driver port_driver = {
	.name = "fpga-card-kunit-recovery",
	.id_table = port_ids,
	.probe = port_probe,
	.remove = port_remove,
	.err_handler = &port_handlers,
};

/* By AER: its thread is the root port's, with or without a slot. */
static void recovery_from_an_error_is_waited_for(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_moment moment = {
		.fx = fx,
		.state = "removing",
		.act = port_meet,
	};
	struct fpga_card *card;

	fx->ports[0].hotplug = false;
	fx->ports[0].dpc = false;
	fx->images[0].fn[1].device = PORT_DEVICE;
	fx->images[0].fn[1].class = CYCLE_CLASS;
	port_recovering = false;
	port_recovered = false;
	port_met = false;
	fixture_add_driver(fx, &port_driver);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	/* Not fatal */
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_port_error(fx->sim, 0,
							  PCI_ERR_UNC_POISON_TLP));
	KUNIT_EXPECT_TRUE(test, fixture_wait(READ_ONCE(port_recovering),
					     FIXTURE_WAIT_MS));
	load_moment_start(&moment);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_moment_stop(&moment);
	KUNIT_EXPECT_EQ(test, 1, moment.seen);
	KUNIT_EXPECT_TRUE(test, port_recovered);
	KUNIT_EXPECT_FALSE(test, port_met);
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

/*
 * The port that comes back has pciehp take its locks in an order that lockdep reports
 * (6.12), so these come last.
 */
static struct kunit_case port_cases[] = {
	KUNIT_CASE(port_that_is_removed_in_a_load_is_as_it_was),
	KUNIT_CASE(saved_state_of_the_port_is_that_after_the_load),
	KUNIT_CASE(recovery_from_an_error_is_waited_for),
	{}
};

struct kunit_suite fpga_card_port_suite = {
	.name = "fpga_card_port",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = port_cases,
};
