// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulator by itself: what the other suites take for granted. One file, as a suite is
 * one object, and its cases share what is set up at its top.
 */

#include <linux/delay.h>

#include "kunit/fixtures/fixture.h"
#include "kunit/suites.h"

/* Longer than a simulated card takes for anything that is waited for. */
#define SIM_WAIT_MS	2000

/* Longer than it takes to come back, for what must not happen. */
#define SIM_NEVER_MS	100

#define SIM_SERIAL	0x1122334455667788ULL

/*
 * How long functions are left to be bus masters, and how much of that is to be
 * seen: the clock that they count with is not the one that sleeps end by.
 */
#define SIM_TRAFFIC_MS	20
#define SIM_TRAFFIC	(SIM_TRAFFIC_MS / 2)

/* No driver has anything to do with the card, and pciehp not with the slot. */
static int sim_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;
	unsigned int i;

	for (i = 0; !ret && i < FIXTURE_IMAGES; i++)
		fx->images[i].fn[0].bmc = false;
	for (i = 0; !ret && i < FIXTURE_PORTS_MAX; i++)
		fx->ports[i].hotplug = false;
	return ret;
}

static unsigned int sim_events(struct fixture *fx, unsigned long what)
{
	struct pcie_card_sim_match match = {
		.what = what,
		.port = -1,
		.reg = -1,
		.devfn = -1,
	};

	return pcie_card_sim_log_count(fx->sim, &match);
}

static bool sim_event_within(struct fixture *fx, enum pcie_card_sim_what what,
			     u32 bits, unsigned int ms)
{
	struct pcie_card_sim_event event;

	return fixture_wait(fixture_find_bits(fx, what, bits, 0, &event), ms);
}

/* The power indicator is set so; @from is behind that afterwards. */
static bool sim_indicator_within(struct fixture *fx, u16 indicator, u64 *from,
				 unsigned int ms)
{
	struct pci_dev *port = fixture_port(fx, 0);
	int reg = pci_pcie_cap(port) + PCI_EXP_SLTCTL;
	struct pcie_card_sim_event event;

	if (!fixture_wait(fixture_find_write(fx, port, reg, PCI_EXP_SLTCTL_PIC,
					     indicator, *from, &event), ms))
		return false;
	*from = event.seq + 1;
	return true;
}

static void sim_expect_running(struct fixture *fx, unsigned int port,
			       const char *name)
{
	char running[PCIE_CARD_SIM_NAME_LEN];

	KUNIT_ASSERT_EQ(fx->test, 0,
			pcie_card_sim_running(fx->sim, port, running,
					      sizeof(running)));
	KUNIT_EXPECT_STREQ(fx->test, running, name);
}

static u16 sim_slot_status(struct fixture *fx)
{
	return fixture_exp(fixture_port(fx, 0), PCI_EXP_SLTSTA);
}

/* Cures */

static void sim_do_retrain(struct pci_dev *port)
{
	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	pcie_capability_clear_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
}

static void sim_do_reset(struct pci_dev *port)
{
	u16 ctl;

	pci_read_config_word(port, PCI_BRIDGE_CONTROL, &ctl);
	pci_write_config_word(port, PCI_BRIDGE_CONTROL,
			      ctl | PCI_BRIDGE_CTL_BUS_RESET);
	pci_write_config_word(port, PCI_BRIDGE_CONTROL, ctl);
}

static void sim_do_power(struct pci_dev *port)
{
	pcie_capability_set_word(port, PCI_EXP_SLTCTL, PCI_EXP_SLTCTL_PCC);
	pcie_capability_clear_word(port, PCI_EXP_SLTCTL, PCI_EXP_SLTCTL_PCC);
}

struct sim_cure {
	const char *desc;
	enum pcie_card_sim_cure cure;
	void (*act)(struct pci_dev *port);
	const char *then;
};

static const struct sim_cure sim_cures[] = {
	{ "power, retrained", PCIE_CARD_SIM_CURE_POWER, sim_do_retrain, NULL },
	{ "power, reset", PCIE_CARD_SIM_CURE_POWER, sim_do_reset, NULL },
	{ "power, powered", PCIE_CARD_SIM_CURE_POWER, sim_do_power,
	  FIXTURE_FACTORY },
	{ "reset, retrained", PCIE_CARD_SIM_CURE_RESET, sim_do_retrain, NULL },
	{ "reset, reset", PCIE_CARD_SIM_CURE_RESET, sim_do_reset,
	  FIXTURE_USER },
	{ "reset, powered", PCIE_CARD_SIM_CURE_RESET, sim_do_power,
	  FIXTURE_FACTORY },
	{ "retrain, retrained", PCIE_CARD_SIM_CURE_RETRAIN, sim_do_retrain,
	  FIXTURE_USER },
	{ "retrain, reset", PCIE_CARD_SIM_CURE_RETRAIN, sim_do_reset,
	  FIXTURE_USER },
	{ "retrain, powered", PCIE_CARD_SIM_CURE_RETRAIN, sim_do_power,
	  FIXTURE_FACTORY },
};

static void sim_cure_desc(const struct sim_cure *cure, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "by %s", cure->desc);
}

KUNIT_ARRAY_PARAM(sim_cure, sim_cures, sim_cure_desc);

static void card_that_does_not_return_has_its_cure(struct kunit *test)
{
	const struct sim_cure *cure = test->param_value;
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = cure->cure,
	};
	struct fixture *fx = test->priv;

	fixture_slow_but(test, &sim_cures[4]);
	fx->ports[0].power_control = true;
	fixture_start(fx);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	KUNIT_EXPECT_FALSE(test, pcie_card_sim_link_up(fx->sim, 0));
	KUNIT_EXPECT_FALSE(test, fixture_wait_link(fx, 0, true, SIM_NEVER_MS));

	cure->act(fixture_port(fx, 0));
	if (!cure->then) {
		KUNIT_EXPECT_FALSE(test,
				   fixture_wait_link(fx, 0, true, SIM_NEVER_MS));
		return;
	}
	KUNIT_EXPECT_TRUE(test, fixture_wait_link(fx, 0, true, SIM_WAIT_MS));
	sim_expect_running(fx, 0, cure->then);
}

static void disabling_the_link_before_the_card_is_stuck_is_no_cure(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = PCIE_CARD_SIM_CURE_RETRAIN,
	};
	struct fixture *fx = test->priv;
	struct pci_dev *port;

	fixture_start(fx);
	port = fixture_port(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	msleep(2 * fx->images[1].reload_ms);
	pcie_capability_clear_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	KUNIT_EXPECT_FALSE(test, fixture_wait_link(fx, 0, true, SIM_NEVER_MS));
}

/* Other faults */

static void card_that_ignores_link_disable_stays_active(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .ignore_disable = true };
	struct fixture *fx = test->priv;
	struct pci_dev *port;
	u16 sta;

	fixture_start(fx);
	port = fixture_port(fx, 0);
	fixture_set_faults(fx, &faults);
	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	pcie_capability_read_word(port, PCI_EXP_LNKSTA, &sta);
	KUNIT_EXPECT_TRUE(test, sta & PCI_EXP_LNKSTA_DLLLA);
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 0));

	faults.ignore_disable = false;
	fixture_set_faults(fx, &faults);
	pcie_capability_read_word(port, PCI_EXP_LNKSTA, &sta);
	KUNIT_EXPECT_FALSE(test, sta & PCI_EXP_LNKSTA_DLLLA);
	KUNIT_EXPECT_FALSE(test, pcie_card_sim_link_up(fx->sim, 0));
}

static void sim_rescan(struct fixture *fx)
{
	struct pci_bus *bus = fixture_port(fx, 0)->subordinate;
	struct pci_dev *pdev, *next;

	pci_lock_rescan_remove();
	list_for_each_entry_safe_reverse(pdev, next, &bus->devices, bus_list)
		pci_stop_and_remove_bus_device(pdev);
	pci_rescan_bus(bus);
	pci_unlock_rescan_remove();
}

static void functions_with_a_bad_header_are_not_seen(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .bad_header = true };
	struct fixture *fx = test->priv;
	u32 val;
	u8 type;

	fixture_start(fx);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 2);
	fixture_set_faults(fx, &faults);
	sim_rescan(fx);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);

	pci_bus_read_config_byte(fixture_port(fx, 0)->subordinate, 0,
				 PCI_HEADER_TYPE, &type);
	KUNIT_EXPECT_EQ(test, type, 0x7f);
	pci_bus_read_config_dword(fixture_port(fx, 0)->subordinate, 0,
				  PCI_CACHE_LINE_SIZE, &val);
	KUNIT_EXPECT_EQ(test, val & 0xffff0000, 0x7f0000);
	pci_bus_read_config_dword(fixture_port(fx, 0)->subordinate, 0,
				  PCI_VENDOR_ID, &val);
	KUNIT_EXPECT_EQ(test, val, 0x00011234);
}

/* Slots */

static u64 sim_serial(struct fixture *fx)
{
	struct pci_dev *pdev = fixture_function(fx, 0, 0);
	u64 serial;

	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	serial = pci_get_dsn(pdev);
	pci_dev_put(pdev);
	return serial;
}

static void replaced_card_is_another_one(struct kunit *test)
{
	const u16 events = PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_DLLSC;
	struct fixture *fx = test->priv;

	fx->ports[0].card.serial = SIM_SERIAL;
	fixture_start(fx);
	KUNIT_EXPECT_EQ(test, sim_serial(fx), SIM_SERIAL);
	KUNIT_EXPECT_EQ(test, sim_slot_status(fx) & events, 0);

	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_replace(fx->sim, 0, FIXTURE_USER,
					      SIM_SERIAL + 1));
	KUNIT_EXPECT_FALSE(test, pcie_card_sim_link_up(fx->sim, 0));
	KUNIT_EXPECT_EQ(test, sim_slot_status(fx) & events, events);
	KUNIT_EXPECT_TRUE(test, sim_slot_status(fx) & PCI_EXP_SLTSTA_PDS);
	KUNIT_EXPECT_TRUE(test, fixture_wait_link(fx, 0, true, SIM_WAIT_MS));
	sim_expect_running(fx, 0, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, sim_serial(fx), SIM_SERIAL + 1);
}

static void replaced_card_may_have_no_serial_number(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fixture_slow(test);
	fixture_start(fx);
	KUNIT_EXPECT_EQ(test, sim_serial(fx), 0);
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_replace(fx->sim, 0, FIXTURE_FACTORY,
					      SIM_SERIAL));
	KUNIT_EXPECT_TRUE(test, fixture_wait_link(fx, 0, true, SIM_WAIT_MS));
	KUNIT_EXPECT_EQ(test, sim_serial(fx), SIM_SERIAL);
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_replace(fx->sim, 0, FIXTURE_FACTORY, 0));
	KUNIT_EXPECT_TRUE(test, fixture_wait_link(fx, 0, true, SIM_WAIT_MS));
	KUNIT_EXPECT_EQ(test, sim_serial(fx), 0);
}

static void replacing_ends_a_load(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fixture_start(fx);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_WIDE));
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_replace(fx->sim, 0, FIXTURE_USER, 0));
	msleep(2 * fx->images[2].reload_ms);
	sim_expect_running(fx, 0, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, -ENOENT,
			pcie_card_sim_replace(fx->sim, 0, "none", 0));
}

static void button_is_seen_in_slot_status(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fx->ports[0].button = true;
	fx->config.n_ports = 2;
	fixture_start(fx);
	KUNIT_EXPECT_FALSE(test, sim_slot_status(fx) & PCI_EXP_SLTSTA_ABP);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_press_button(fx->sim, 0));
	KUNIT_EXPECT_TRUE(test, sim_slot_status(fx) & PCI_EXP_SLTSTA_ABP);
	pcie_capability_write_word(fixture_port(fx, 0), PCI_EXP_SLTSTA,
				   PCI_EXP_SLTSTA_ABP);
	KUNIT_EXPECT_FALSE(test, sim_slot_status(fx) & PCI_EXP_SLTSTA_ABP);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			pcie_card_sim_press_button(fx->sim, 1));
}

/* Parameter: the switch of the host that the port is of, 0 for a root port */
static const unsigned int sim_switches[] = { 0, 1 };

static void sim_switch_desc(const unsigned int *sw, char *desc)
{
	strscpy(desc, *sw ? "of a switch" : "of the root complex",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sim_switch, sim_switches, sim_switch_desc);

/* Pressing it again while pciehp waits, its indicator blinking, takes it back. */
static void pciehp_hears_the_button(struct kunit *test)
{
	const unsigned int *sw = test->param_value;
	struct fixture *fx = test->priv;
	u64 from = 0;

	fixture_slow_but(test, &sim_switches[0]);
	fx->ports[0].sw = *sw;
	fx->ports[0].hotplug = true;
	fx->ports[0].power_control = true;
	fx->ports[0].button = true;
	fx->ports[0].cmd_completed = true;
	fixture_start(fx);
	pcie_card_sim_log_clear(fx->sim);

	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_press_button(fx->sim, 0));
	KUNIT_ASSERT_TRUE(test, sim_indicator_within(fx,
						     PCI_EXP_SLTCTL_PWR_IND_BLINK,
						     &from, SIM_WAIT_MS));

	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_press_button(fx->sim, 0));
	KUNIT_EXPECT_TRUE(test, sim_indicator_within(fx,
						     PCI_EXP_SLTCTL_PWR_IND_ON,
						     &from, SIM_WAIT_MS));
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 0));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 2);

	KUNIT_EXPECT_TRUE(test, sim_event_within(fx, PCIE_CARD_SIM_SLOT_EVENT,
						 PCI_EXP_SLTSTA_CC,
						 SIM_WAIT_MS));
	KUNIT_EXPECT_EQ(test, sim_events(fx, BIT(PCIE_CARD_SIM_SLOT_BUSY)), 0);
}

static void command_completes_after_its_time(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event write, done;
	struct pci_dev *port;

	fx->ports[0].power_control = true;
	fx->ports[0].cmd_completed = true;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	pcie_card_sim_log_clear(fx->sim);

	pcie_capability_write_word(port, PCI_EXP_SLTCTL, 0);
	KUNIT_EXPECT_TRUE(test, sim_event_within(fx, PCIE_CARD_SIM_SLOT_EVENT,
						 PCI_EXP_SLTSTA_CC,
						 SIM_WAIT_MS));
	KUNIT_EXPECT_TRUE(test, sim_slot_status(fx) & PCI_EXP_SLTSTA_CC);
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_CFG_WRITE, NULL,
					     0, &write));
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_SLOT_EVENT, NULL,
					     0, &done));
	KUNIT_EXPECT_GE(test, done.usec - write.usec, 5000);
	KUNIT_EXPECT_EQ(test, sim_events(fx, BIT(PCIE_CARD_SIM_SLOT_BUSY)), 0);
}

static void command_during_a_command_is_recorded(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	struct pci_dev *port;

	fx->ports[0].power_control = true;
	fx->ports[0].cmd_completed = true;
	fixture_start(fx);
	port = fixture_port(fx, 0);

	pcie_capability_write_word(port, PCI_EXP_SLTCTL, 0);
	KUNIT_EXPECT_EQ(test, sim_events(fx, BIT(PCIE_CARD_SIM_SLOT_BUSY)), 0);
	pcie_capability_write_word(port, PCI_EXP_SLTCTL, PCI_EXP_SLTCTL_CCIE);
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_SLOT_BUSY, NULL,
					     0, &event));
	KUNIT_EXPECT_EQ(test, event.value, PCI_EXP_SLTCTL_CCIE);
}

/* Functions */

static u32 sim_traffic(struct pci_dev *pdev)
{
	u16 pos = pci_find_vsec_capability(pdev, pdev->vendor,
					   PCIE_CARD_SIM_VSEC);
	u32 val;

	pci_read_config_dword(pdev, pos + PCIE_CARD_SIM_TRAFFIC, &val);
	return val;
}

/* Two PFs of an image, and two VFs of the second one, all bus masters */
struct sim_functions {
	struct pci_dev *pf[2];
	struct pci_dev *vf[2];
};

static void sim_functions_init(struct fixture *fx, struct sim_functions *fns)
{
	unsigned int i;

	fixture_describe_boot(fx, 0, FIXTURE_WIDE);
	fixture_start(fx);
	for (i = 0; i < 2; i++) {
		fns->pf[i] = fixture_function(fx, 0, i);
		KUNIT_ASSERT_NOT_NULL(fx->test, fns->pf[i]);
	}
	KUNIT_ASSERT_EQ(fx->test, 0, fixture_enable_vfs(fns->pf[1], 2));
	for (i = 0; i < 2; i++) {
		fns->vf[i] = fixture_vf(fns->pf[1], i);
		KUNIT_ASSERT_NOT_NULL(fx->test, fns->vf[i]);
		pci_set_master(fns->pf[i]);
		pci_set_master(fns->vf[i]);
	}
	msleep(SIM_TRAFFIC_MS);
}

static void sim_functions_exit(struct sim_functions *fns)
{
	unsigned int i;

	fixture_disable_vfs(fns->pf[1]);
	for (i = 0; i < 2; i++) {
		pci_dev_put(fns->pf[i]);
		pci_dev_put(fns->vf[i]);
	}
}

static void traffic_is_counted_for_bus_masters(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct sim_functions fns;
	u32 before, after;

	fixture_slow(test);
	sim_functions_init(fx, &fns);
	before = sim_traffic(fns.pf[0]);
	KUNIT_EXPECT_GE(test, before, SIM_TRAFFIC);
	KUNIT_EXPECT_GE(test, sim_traffic(fns.vf[0]), SIM_TRAFFIC);
	msleep(SIM_TRAFFIC_MS);
	KUNIT_EXPECT_GE(test, sim_traffic(fns.pf[0]), before + SIM_TRAFFIC);

	pci_clear_master(fns.pf[0]);
	before = sim_traffic(fns.pf[0]);
	msleep(SIM_TRAFFIC_MS);
	after = sim_traffic(fns.pf[0]);
	KUNIT_EXPECT_EQ(test, before, after);
	pci_set_master(fns.pf[0]);
	msleep(SIM_TRAFFIC_MS);
	KUNIT_EXPECT_GE(test, sim_traffic(fns.pf[0]), after + SIM_TRAFFIC);
	sim_functions_exit(&fns);
}

static void sim_flr(struct pci_dev *pdev)
{
	pcie_capability_set_word(pdev, PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_BCR_FLR);
}

static void reset_of_a_vf_leaves_the_others(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct sim_functions fns;
	u16 cmd;

	fixture_slow(test);
	sim_functions_init(fx, &fns);
	sim_flr(fns.vf[0]);
	KUNIT_EXPECT_EQ(test, sim_traffic(fns.vf[0]), 0);
	KUNIT_EXPECT_GE(test, sim_traffic(fns.vf[1]), SIM_TRAFFIC);
	KUNIT_EXPECT_GE(test, sim_traffic(fns.pf[0]), SIM_TRAFFIC);
	KUNIT_EXPECT_GE(test, sim_traffic(fns.pf[1]), SIM_TRAFFIC);
	pci_read_config_word(fns.vf[0], PCI_COMMAND, &cmd);
	KUNIT_EXPECT_FALSE(test, cmd & PCI_COMMAND_MASTER);
	pci_read_config_word(fns.vf[1], PCI_COMMAND, &cmd);
	KUNIT_EXPECT_TRUE(test, cmd & PCI_COMMAND_MASTER);
	sim_functions_exit(&fns);
}

static void reset_of_a_pf_takes_its_vfs(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct sim_functions fns;
	u32 id;

	fixture_slow(test);
	sim_functions_init(fx, &fns);
	pci_save_state(fns.pf[1]);
	sim_flr(fns.pf[1]);
	KUNIT_EXPECT_EQ(test, sim_traffic(fns.pf[1]), 0);
	KUNIT_EXPECT_GE(test, sim_traffic(fns.pf[0]), SIM_TRAFFIC);
	pci_read_config_dword(fns.vf[0], PCI_COMMAND, &id);
	KUNIT_EXPECT_EQ(test, id, ~0U);

	pci_restore_state(fns.pf[1]);
	pci_read_config_dword(fns.vf[0], PCI_COMMAND, &id);
	KUNIT_EXPECT_NE(test, id, ~0U);
	KUNIT_EXPECT_EQ(test, sim_traffic(fns.vf[0]), 0);
	sim_functions_exit(&fns);
}

static void reset_of_a_pf_leaves_the_vfs_of_others(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct sim_functions fns;

	fixture_slow(test);
	sim_functions_init(fx, &fns);
	sim_flr(fns.pf[0]);
	KUNIT_EXPECT_EQ(test, sim_traffic(fns.pf[0]), 0);
	KUNIT_EXPECT_GE(test, sim_traffic(fns.pf[1]), SIM_TRAFFIC);
	KUNIT_EXPECT_GE(test, sim_traffic(fns.vf[0]), SIM_TRAFFIC);
	sim_functions_exit(&fns);
}

static void bus_reset_loads_the_image_for_it(struct kunit *test)
{
	struct fixture *fx = test->priv;

	strscpy(fx->ports[0].card.reset_image, FIXTURE_USER,
		sizeof(fx->ports[0].card.reset_image));
	fixture_start(fx);
	sim_do_reset(fixture_port(fx, 0));
	KUNIT_EXPECT_FALSE(test, fixture_wait_link(fx, 0, true,
						   fx->images[1].reload_ms / 2));
	KUNIT_EXPECT_TRUE(test, fixture_wait_link(fx, 0, true, SIM_WAIT_MS));
	sim_expect_running(fx, 0, FIXTURE_USER);
}

static void bus_reset_keeps_the_image_without_one_for_it(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fixture_start(fx);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_WIDE));
	KUNIT_EXPECT_TRUE(test, fixture_wait_link(fx, 0, true, SIM_WAIT_MS));
	sim_do_reset(fixture_port(fx, 0));
	KUNIT_EXPECT_TRUE(test, fixture_wait_link(fx, 0, true, SIM_WAIT_MS));
	sim_expect_running(fx, 0, FIXTURE_WIDE);
}

static struct kunit_case sim_cases[] = {
	KUNIT_CASE_PARAM(card_that_does_not_return_has_its_cure,
			 sim_cure_gen_params),
	KUNIT_CASE(disabling_the_link_before_the_card_is_stuck_is_no_cure),
	KUNIT_CASE(card_that_ignores_link_disable_stays_active),
	KUNIT_CASE(functions_with_a_bad_header_are_not_seen),
	KUNIT_CASE(replaced_card_is_another_one),
	KUNIT_CASE(replaced_card_may_have_no_serial_number),
	KUNIT_CASE(replacing_ends_a_load),
	KUNIT_CASE(button_is_seen_in_slot_status),
	KUNIT_CASE_PARAM(pciehp_hears_the_button, sim_switch_gen_params),
	KUNIT_CASE(command_completes_after_its_time),
	KUNIT_CASE(command_during_a_command_is_recorded),
	KUNIT_CASE(traffic_is_counted_for_bus_masters),
	KUNIT_CASE(reset_of_a_vf_leaves_the_others),
	KUNIT_CASE(reset_of_a_pf_takes_its_vfs),
	KUNIT_CASE(reset_of_a_pf_leaves_the_vfs_of_others),
	KUNIT_CASE(bus_reset_loads_the_image_for_it),
	KUNIT_CASE(bus_reset_keeps_the_image_without_one_for_it),
	{}
};

struct kunit_suite pcie_card_sim_suite = {
	.name = "pcie_card_sim",
	.init = sim_init,
	.exit = fixture_exit,
	.test_cases = sim_cases,
};
