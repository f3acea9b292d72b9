// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whole loads through a card's region: what happens in which order, and what is
 * there afterwards.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>
#include <linux/notifier.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

/*
 * A card that takes long, how much later that is noticed at least if nothing is known,
 * and at most if it is.
 */
#define RELOAD_LONG_MS		3000
#define RELOAD_COARSE_US	10000
#define RELOAD_FINE_US		4000
/* In real time the host may have other work between two looks. */
#define RELOAD_TRIES		4

static u16 reload_device_id(struct fixture *fx, unsigned int fn)
{
	struct pci_dev *pdev = fixture_function(fx, 0, fn);
	u16 device = pdev ? pdev->device : 0;

	pci_dev_put(pdev);
	return device;
}

static void new_image_is_enumerated(struct kunit *test)
{
	struct fixture *fx = test->priv;
	char name[PCIE_CARD_SIM_NAME_LEN];
	struct fpga_card *card;
	struct pci_dev *pdev;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 2);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));

	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_EXPECT_EQ(test, pdev->device, 0x0011);
	KUNIT_EXPECT_EQ(test, pci_resource_len(pdev, 0), SZ_128K);
	KUNIT_EXPECT_NOT_NULL(test, pdev->dev.driver);
	pci_dev_put(pdev);
	pcie_card_sim_running(fx->sim, 0, name, sizeof(name));
	KUNIT_EXPECT_STREQ(test, name, FIXTURE_USER);
	fixture_expect_decoded(fx, 0);
	fpga_card_put(card);
}

static void function_without_a_class_is_a_warning(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fx->images[2].fn[2].class = PCIE_CARD_SIM_CLASS_ZERO;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_WIDE));
	load_expect_error(test, card, "has class 000000");
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);
	fpga_card_put(card);
}

static void image_may_have_more_functions(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_WIDE));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);
	KUNIT_EXPECT_EQ(test, reload_device_id(fx, 2), 0x0024);
	fpga_card_put(card);
}

static void running_image_can_be_loaded_again(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_TRIGGER,
					     FIXTURE_FACTORY, 0, &event));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 2);
	fpga_card_put(card);
}

static void port_is_bit_identical_after_a_reload(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fixture_expect_port(fx, 0, saved);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
	fixture_expect_port(fx, 0, saved);
	fpga_card_put(card);
}

/**
 * struct reload_names - devices of the card before the load
 * @pf0: the control function
 * @pf1: another function
 * @control: the device that takes the trigger
 * @sensor: its sibling
 */
struct reload_names {
	char pf0[PCIE_CARD_SIM_NAME_LEN];
	char pf1[PCIE_CARD_SIM_NAME_LEN];
	char control[PCIE_CARD_SIM_NAME_LEN];
	char sensor[PCIE_CARD_SIM_NAME_LEN];
};

static int reload_name_child(struct device *dev, void *data)
{
	struct reload_names *names = data;

	if (strstarts(dev_name(dev), "sim-bmc-ctrl"))
		strscpy(names->control, dev_name(dev), sizeof(names->control));
	if (strstarts(dev_name(dev), "sim-bmc-sensor"))
		strscpy(names->sensor, dev_name(dev), sizeof(names->sensor));
	return 0;
}

static void reload_get_names(struct fixture *fx, struct reload_names *names)
{
	struct pci_dev *pf0 = fixture_function(fx, 0, 0);
	struct pci_dev *pf1 = fixture_function(fx, 0, 1);

	KUNIT_ASSERT_NOT_NULL(fx->test, pf0);
	KUNIT_ASSERT_NOT_NULL(fx->test, pf1);
	strscpy(names->pf0, pci_name(pf0), sizeof(names->pf0));
	strscpy(names->pf1, pci_name(pf1), sizeof(names->pf1));
	names->control[0] = '\0';
	names->sensor[0] = '\0';
	device_for_each_child(&pf0->dev, names, reload_name_child);
	pci_dev_put(pf1);
	pci_dev_put(pf0);
	KUNIT_ASSERT_TRUE(fx->test, names->control[0]);
	KUNIT_ASSERT_TRUE(fx->test, names->sensor[0]);
}

/* Each event has to come after the one before. */
static u64 reload_next(struct fixture *fx, enum pcie_card_sim_what what,
		       const char *name, u64 from)
{
	struct pcie_card_sim_event event = { .seq = from };

	KUNIT_EXPECT_TRUE_MSG(fx->test,
			      fixture_find(fx, what, name, from, &event),
			      "no \"%s\" of %s behind event %llu",
			      pcie_card_sim_what_str(what), name ?: "anything",
			      from);
	return event.seq;
}

static u64 reload_next_write(struct fixture *fx, int reg, u32 bits, u32 value,
			     u64 from)
{
	struct pcie_card_sim_event event = { .seq = from };

	KUNIT_EXPECT_TRUE_MSG(fx->test,
			      fixture_find_write(fx, fixture_port(fx, 0), reg,
						 bits, value, from, &event),
			      "no write of %#x to register %#x of the port behind event %llu",
			      value, reg, from);
	return event.seq;
}

static void steps_come_in_order(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *port;
	struct reload_names names;
	struct fpga_card *card;
	int sltctl, lnkctl, mask;
	u64 at = 0;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	port = fixture_port(fx, 0);
	sltctl = pci_pcie_cap(port) + PCI_EXP_SLTCTL;
	lnkctl = pci_pcie_cap(port) + PCI_EXP_LNKCTL;
	mask = pci_find_ext_capability(port, PCI_EXT_CAP_ID_ERR) +
	       PCI_ERR_UNCOR_MASK;
	reload_get_names(fx, &names);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_ASSERT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));

	/* Slot events off, errors masked. */
	at = reload_next_write(fx, sltctl, PCI_EXP_SLTCTL_DLLSCE, 0, at);
	at = reload_next_write(fx, mask, PCI_ERR_UNC_SURPDN, PCI_ERR_UNC_SURPDN,
			       at);
	/* The other functions, then the control function's other children. */
	at = reload_next(fx, PCIE_CARD_SIM_DEV_DEL, names.pf1, at);
	at = reload_next(fx, PCIE_CARD_SIM_DEV_UNBIND, names.sensor, at);
	/* The trigger, and the link. */
	at = reload_next(fx, PCIE_CARD_SIM_TRIGGER, FIXTURE_USER, at);
	at = reload_next_write(fx, lnkctl, PCI_EXP_LNKCTL_LD, PCI_EXP_LNKCTL_LD,
			       at);
	/* Only now what was reserved. */
	at = reload_next(fx, PCIE_CARD_SIM_DEV_UNBIND, names.control, at);
	at = reload_next(fx, PCIE_CARD_SIM_DEV_DEL, names.pf0, at);
	/* And back. */
	at = reload_next_write(fx, lnkctl, PCI_EXP_LNKCTL_LD, 0, at);
	at = reload_next(fx, PCIE_CARD_SIM_LINK_UP, NULL, at);
	at = reload_next(fx, PCIE_CARD_SIM_DEV_ADD, names.pf0, at);
	at = reload_next_write(fx, mask, PCI_ERR_UNC_SURPDN, 0, at);
	reload_next_write(fx, sltctl, PCI_EXP_SLTCTL_DLLSCE,
			  PCI_EXP_SLTCTL_DLLSCE, at);
	fpga_card_put(card);
}

static void control_device_stays_until_the_trigger(struct kunit *test)
{
	struct pcie_card_sim_event trigger, event;
	struct fixture *fx = test->priv;
	struct reload_names names;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_WIDE);
	reload_get_names(fx, &names);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_ASSERT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));

	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_TRIGGER, NULL, 0,
					     &trigger));
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_UNBIND,
					     names.control, 0, &event));
	KUNIT_EXPECT_GT(test, event.seq, trigger.seq);
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_UNBIND,
					     names.pf0, 0, &event));
	KUNIT_EXPECT_GT(test, event.seq, trigger.seq);
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_UNBIND,
					     names.sensor, 0, &event));
	KUNIT_EXPECT_LT(test, event.seq, trigger.seq);
	fpga_card_put(card);
}

/* Drivers that are removed with the link down were told, and keep off. */
/* Deadline of an image, and how much longer it takes to remove its functions. */
#define RELOAD_SHORT_MS		60
#define RELOAD_REMOVAL_MS	300

/**
 * struct reload_delay - makes the removal of a function last
 * @nb: called when a driver is about to be unbound
 * @pdev: the function
 * @done: it took its time
 */
struct reload_delay {
	struct notifier_block nb;
	struct pci_dev *pdev;
	bool done;
};

static int reload_delay(struct notifier_block *nb, unsigned long action,
			void *dev)
{
	struct reload_delay *delay = container_of(nb, struct reload_delay, nb);

	if (action != BUS_NOTIFY_UNBIND_DRIVER || dev != &delay->pdev->dev)
		return NOTIFY_DONE;
	msleep(RELOAD_REMOVAL_MS);
	delay->done = true;
	return NOTIFY_OK;
}

/* The image is there long before, but the link is disabled until the end of that. */
static void deadline_is_not_for_what_the_kernel_does(struct kunit *test)
{
	struct reload_delay delay = { .nb.notifier_call = reload_delay };
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fx->images[1].timeout_ms = RELOAD_SHORT_MS;
	fx->images[1].reload_ms = 1;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	delay.pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, delay.pdev);
	KUNIT_ASSERT_EQ(test, 0, bus_register_notifier(&pci_bus_type, &delay.nb));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	bus_unregister_notifier(&pci_bus_type, &delay.nb);
	KUNIT_EXPECT_TRUE(test, delay.done);
	pci_dev_put(delay.pdev);
	fixture_expect_image(fx, 0, FIXTURE_USER);
	fpga_card_put(card);
}

static void card_that_is_gone_is_not_touched(struct kunit *test)
{
	struct pcie_card_sim_event down, up, event;
	struct pcie_card_sim_match match = {
		.what = BIT(PCIE_CARD_SIM_CFG_WRITE),
		.port = -1,
		.reg = -1,
		.devfn = -1,
	};
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_ASSERT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);

	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL,
					     0, &down));
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_UP, NULL,
					     down.seq, &up));
	match.from_seq = down.seq;
	while (pcie_card_sim_log_find(fx->sim, &match, &event) &&
	       event.seq < up.seq) {
		KUNIT_EXPECT_EQ_MSG(test, event.bus,
				    fixture_port(fx, 0)->bus->number,
				    "write to register %#x of the card",
				    event.reg);
		match.from_seq = event.seq + 1;
	}
}

/* pciehp is bound, and sees nothing: it would have removed the card itself. */
static void hotplug_driver_hears_nothing(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_ASSERT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_SLOT_EVENT, NULL,
					     0, &event));
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_IRQ, NULL, 0,
					      &event));
	fpga_card_put(card);
}

static const bool reload_hotplug[] = { false, true };

static void reload_hotplug_desc(const bool *hotplug, char *desc)
{
	strscpy(desc, *hotplug ? "hot-plug port" : "plain port",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(reload_hotplug, reload_hotplug, reload_hotplug_desc);

static void card_with_a_switch_is_reloaded(struct kunit *test)
{
	const bool *hotplug = test->param_value;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow_but(test, &reload_hotplug[1]);
	fx->ports[0].hotplug = *hotplug;
	fx->ports[0].slot = *hotplug;
	fx->ports[0].card.has_switch = true;
	fx->images[0].fn[1].leg = 1;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
	fpga_card_put(card);
}

static void reload_leaves_the_neighbour_alone(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *before, *after;
	struct fpga_card *card;

	fx->config.n_ports = 2;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	before = fixture_function(fx, 1, 0);
	KUNIT_ASSERT_NOT_NULL(test, before);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	after = fixture_function(fx, 1, 0);
	KUNIT_EXPECT_PTR_EQ(test, after, before);
	pci_dev_put(after);
	pci_dev_put(before);
	fpga_card_put(card);
}

static void cards_reload_at_the_same_time(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_run run[2];
	struct fpga_card *card[2];
	unsigned int i;

	fx->config.n_ports = 2;
	fixture_start(fx);
	for (i = 0; i < 2; i++) {
		card[i] = fixture_card(fx, i);
		load_run_start(&run[i], card[i], FIXTURE_USER);
	}
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, 0, load_run_end(&run[i]));
		KUNIT_EXPECT_EQ(test, fixture_count(fx, i), 1);
		fpga_card_put(card[i]);
	}
}

/* Between which looks the link came up, in us. */
static s64 reload_up_span(struct fpga_card *card)
{
	ktime_t from, to;

	pci_reload_came_up(card->window, &from, &to);
	return ktime_us_delta(to, from);
}

/* An image at its second load, and not by what another takes. */
static void card_is_expected_when_it_came_last_time(struct kunit *test)
{
	s64 span = RELOAD_FINE_US + FIXTURE_TIMER_US;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	unsigned int i;

	fixture_slow(test);
	fx->images[1].reload_ms = RELOAD_LONG_MS;
	fx->images[1].timeout_ms = 2 * RELOAD_LONG_MS;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_GT(test, reload_up_span(card), RELOAD_COARSE_US);
	for (i = 0; i < RELOAD_TRIES && span >= RELOAD_FINE_US + FIXTURE_TIMER_US; i++) {
		KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
		KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
		span = reload_up_span(card);
	}
	KUNIT_EXPECT_LT(test, span, RELOAD_FINE_US + FIXTURE_TIMER_US);
	fpga_card_put(card);
}

/* It is not known then whose time that was. */
static void time_of_a_load_that_failed_is_no_guide(struct kunit *test)
{
	const struct pcie_card_sim_faults faults = { .wrong_image = FIXTURE_WIDE };
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	unsigned int i;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(card, FIXTURE_USER));
	for (i = 0; i < FPGA_CARD_PACES; i++)
		KUNIT_EXPECT_STRNEQ(test, card->paces[i].image, FIXTURE_USER);
	fpga_card_put(card);
}

static struct kunit_case reload_cases[] = {
	KUNIT_CASE(new_image_is_enumerated),
	KUNIT_CASE(function_without_a_class_is_a_warning),
	KUNIT_CASE(image_may_have_more_functions),
	KUNIT_CASE(running_image_can_be_loaded_again),
	KUNIT_CASE(port_is_bit_identical_after_a_reload),
	KUNIT_CASE(steps_come_in_order),
	KUNIT_CASE(control_device_stays_until_the_trigger),
	KUNIT_CASE(deadline_is_not_for_what_the_kernel_does),
	KUNIT_CASE(card_that_is_gone_is_not_touched),
	KUNIT_CASE(hotplug_driver_hears_nothing),
	KUNIT_CASE_PARAM(card_with_a_switch_is_reloaded,
			 reload_hotplug_gen_params),
	KUNIT_CASE(reload_leaves_the_neighbour_alone),
	KUNIT_CASE(cards_reload_at_the_same_time),
	KUNIT_CASE(card_is_expected_when_it_came_last_time),
	KUNIT_CASE(time_of_a_load_that_failed_is_no_guide),
	{}
};

struct kunit_suite fpga_card_reload_suite = {
	.name = "fpga_card_reload",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = reload_cases,
};
