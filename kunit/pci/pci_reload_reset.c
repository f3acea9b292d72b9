// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets that a reload does, by all combinations of what functions and ports can:
 * those of functions before their removal, and the hot reset of the card. What they
 * were is read from the configuration writes, as for the kernel's own.
 */

#include <linux/bits.h>
#include <linux/fpga/fpga-card.h>
#include <linux/pci-reload.h>

#include "fpga/card.h"
#include "kunit/fixtures/reset.h"
#include "kunit/suites.h"

#define QUIESCE_TIMEOUT_MS	2000

/*
 * Software keeps the bus in reset for at least 1 ms, the Trst of conventional PCI,
 * to which PCIe r6.0, sec 7.5.1.3.13 refers.
 */
#define QUIESCE_TRST_US		1000

/* All without the platform's, to whose device a function that goes may not be tied. */
static unsigned int quiesce_sets[BIT(RESET_BYS - 1)];

static int quiesce_reset_suite_init(struct kunit_suite *suite)
{
	unsigned int i, low = BIT(RESET_BY_ACPI) - 1;

	for (i = 0; i < ARRAY_SIZE(quiesce_sets); i++)
		quiesce_sets[i] = (i & low) | (i & ~low) << 1;
	return reset_tools_init();
}

static void quiesce_reset_suite_exit(struct kunit_suite *suite)
{
	reset_tools_exit();
}

KUNIT_ARRAY_PARAM(quiesce_set, quiesce_sets, reset_set_desc);

static struct pci_reload *quiesce_open(struct fixture *fx)
{
	struct pci_reload *pr;

	pr = pci_reload_alloc(fixture_port(fx, 0), NULL, NULL);
	KUNIT_ASSERT_FALSE_MSG(fx->test, IS_ERR(pr), "error %ld", PTR_ERR(pr));
	KUNIT_ASSERT_EQ(fx->test, 0, pci_reload_open(pr));
	return pr;
}

static void quiesce_close(struct fixture *fx, struct pci_reload *pr)
{
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_close(pr));
	pci_reload_free(pr);
}

/* The card goes on running, so it can be asked. */
static void quiesce_expect_no_master(struct fixture *fx)
{
	struct pci_bus *bus = fixture_port(fx, 0)->subordinate;
	u16 command = 0;

	pci_bus_read_config_word(bus, PCI_DEVFN(0, 0), PCI_COMMAND, &command);
	KUNIT_EXPECT_EQ_MSG(fx->test, command & PCI_COMMAND_MASTER, 0,
			    "a function that was removed is a bus master");
}

static void quiesce_remove(struct fixture *fx, struct pci_dev *pdev,
			   enum pci_reload_quiesce policy, const char *wanted)
{
	struct pci_dev *keep = fixture_function(fx, 0, 1);
	struct pci_reload *pr = quiesce_open(fx);

	pci_set_master(pdev);
	pci_reload_set_quiesce(pr, policy);
	reset_trace_start(fx, pdev);
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_remove_functions(pr, keep));
	KUNIT_EXPECT_STREQ(fx->test, reset_trace_end(fx), wanted);
	quiesce_expect_no_master(fx);
	pci_dev_put(keep);
	quiesce_close(fx, pr);
}

/* Without its driver, and before it goes; by the same method as ever. */
static void function_is_reset_by_its_first_method(struct kunit *test)
{
	unsigned int set = *(unsigned int *)test->param_value;
	struct fixture *fx = test->priv;
	struct pci_dev *pdev = reset_boot(fx, set);
	const char *trace = reset_set_trace(fx, reset_first(set));
	char wanted[128];

	snprintf(wanted, sizeof(wanted), "unbind %s%sdel", trace,
		 trace[0] ? " " : "");
	quiesce_remove(fx, pdev, PCI_RELOAD_QUIESCE_RESET, wanted);
	pci_dev_put(pdev);
}

static void function_is_not_reset_unless_asked_for(struct kunit *test)
{
	unsigned int set = *(unsigned int *)test->param_value;
	struct fixture *fx = test->priv;
	struct pci_dev *pdev = reset_boot(fx, set);

	quiesce_remove(fx, pdev, PCI_RELOAD_QUIESCE_NONE, "unbind del");
	pci_dev_put(pdev);
}

/* What the user wrote to the file counts, also if that is nothing. */
static void order_that_was_set_counts(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	pdev = reset_boot(fx, BIT(RESET_BY_FLR) | BIT(RESET_BY_AF) |
			      BIT(RESET_BY_PM));
	KUNIT_EXPECT_EQ(test, 0,
			reset_file_write(pdev, "reset_method", "pm flr\n"));
	quiesce_remove(fx, pdev, PCI_RELOAD_QUIESCE_RESET,
		       "unbind d3hot d0 reset-pm del");
	pci_dev_put(pdev);
}

/**
 * struct quiesce_policy - what the user asked of the region, for which functions
 * @name: for people
 * @quiesce: what he asked for
 * @set: methods of the function
 * @wanted: what becomes of it
 */
struct quiesce_policy {
	const char *name;
	enum pci_reload_quiesce quiesce;
	unsigned int set;
	const char *wanted;
};

static const struct quiesce_policy quiesce_policies[] = {
	{ "none, flr", PCI_RELOAD_QUIESCE_NONE, BIT(RESET_BY_FLR),
	  "unbind del" },
	{ "none, pm", PCI_RELOAD_QUIESCE_NONE, BIT(RESET_BY_PM), "unbind del" },
	{ "reset, no method", PCI_RELOAD_QUIESCE_RESET, 0, "unbind del" },
	{ "reset, flr", PCI_RELOAD_QUIESCE_RESET, BIT(RESET_BY_FLR),
	  "unbind flr reset-flr del" },
	{ "reset, af_flr", PCI_RELOAD_QUIESCE_RESET, BIT(RESET_BY_AF),
	  "unbind af_flr reset-af del" },
	{ "reset, pm", PCI_RELOAD_QUIESCE_RESET, BIT(RESET_BY_PM),
	  "unbind d3hot d0 reset-pm del" },
	{ "reset, all", PCI_RELOAD_QUIESCE_RESET,
	  BIT(RESET_BY_FLR) | BIT(RESET_BY_AF) | BIT(RESET_BY_PM),
	  "unbind flr reset-flr del" },
};

static void quiesce_policy_desc(const struct quiesce_policy *policy, char *desc)
{
	strscpy(desc, policy->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(quiesce_policy, quiesce_policies, quiesce_policy_desc);

/* A whole load; function 0 is the one that takes the trigger. */
static void policy_of_the_region_reaches_the_functions(struct kunit *test)
{
	const struct quiesce_policy *policy = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim_function *fn = fx->images[0].fn;
	struct fpga_card *card;
	struct pci_dev *pdev;

	fn[1] = fn[0];
	fn[1].flr = policy->set & BIT(RESET_BY_FLR);
	fn[1].af = policy->set & BIT(RESET_BY_AF);
	fn[1].pm = policy->set & BIT(RESET_BY_PM);
	fn[0] = fx->images[1].fn[0];
	fixture_start(fx);
	card = fixture_card(fx, 0);
	pdev = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pdev->imm_ready = 1;
	card->settings.quiesce = policy->quiesce;
	reset_trace_start(fx, pdev);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_STREQ(test, reset_trace_end(fx), policy->wanted);
	fixture_expect_image(fx, 0, FIXTURE_USER);
	pci_dev_put(pdev);
	fpga_card_put(card);
}

/**
 * struct quiesce_port - a port that resets its card
 * @name: for people
 * @slot: has a slot
 * @hotplug: that is hot-plug capable
 * @power_control: and can switch its power
 * @errors: has AER and DPC
 */
struct quiesce_port {
	const char *name;
	bool slot;
	bool hotplug;
	bool power_control;
	bool errors;
};

static const struct quiesce_port quiesce_ports[] = {
	{ "plain" },
	{ "AER and DPC", .errors = true },
	{ "slot with power control", .slot = true, .power_control = true },
	{ "hot-plug", .slot = true, .hotplug = true },
	{ "hot-plug, power control, AER and DPC", .slot = true, .hotplug = true,
	  .power_control = true, .errors = true },
};

static void quiesce_port_desc(const struct quiesce_port *port, char *desc)
{
	strscpy(desc, port->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(quiesce_port, quiesce_ports, quiesce_port_desc);

/* Two writes to Bridge Control, some time apart, and no other. */
static void quiesce_expect_hot_reset(struct fixture *fx)
{
	struct pci_dev *port = fixture_port(fx, 0);
	struct pcie_card_sim_event event, last = {};
	unsigned int n = 0;
	u64 from = 0;

	while (fixture_find_write(fx, port, -1, 0, 0, from, &event)) {
		KUNIT_EXPECT_EQ(fx->test, event.reg, PCI_BRIDGE_CONTROL);
		if (n++)
			KUNIT_EXPECT_GE(fx->test, event.usec - last.usec,
					QUIESCE_TRST_US);
		last = event;
		from = event.seq + 1;
	}
	KUNIT_EXPECT_EQ(fx->test, n, 2);
}

/* Whatever the functions can: it is the whole card that is to be reset. */
static void hot_reset_is_by_bridge_control(struct kunit *test)
{
	const struct quiesce_port *kind = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;
	u32 *saved;

	fx->ports[0].slot = kind->slot;
	fx->ports[0].hotplug = kind->hotplug;
	fx->ports[0].power_control = kind->power_control;
	fx->ports[0].aer = kind->errors;
	fx->ports[0].dpc = kind->errors;
	pdev = reset_boot(fx, BIT(RESET_BY_FLR) | BIT(RESET_BY_PM) |
			      BIT(RESET_BY_BUS));
	saved = fixture_save_port(fx, 0);
	pr = quiesce_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_rest(pr));
	reset_trace_start(fx, pdev);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_hot_reset(pr));
	quiesce_expect_hot_reset(fx);
	KUNIT_EXPECT_STREQ(test, reset_trace_end(fx), RESET_BUS_TRACE);

	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(pr, QUIESCE_TIMEOUT_MS));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_settle(pr, QUIESCE_TIMEOUT_MS));
	KUNIT_EXPECT_EQ(test, pci_reload_enumerate(pr), 1);
	quiesce_close(fx, pr);
	fixture_expect_port(fx, 0, saved);
	fixture_expect_decoded(fx, 0);
	pci_dev_put(pdev);
}

static struct kunit_case quiesce_reset_cases[] = {
	KUNIT_CASE_PARAM(function_is_reset_by_its_first_method,
			 quiesce_set_gen_params),
	KUNIT_CASE_PARAM(function_is_not_reset_unless_asked_for,
			 quiesce_set_gen_params),
	KUNIT_CASE(order_that_was_set_counts),
	KUNIT_CASE_PARAM(policy_of_the_region_reaches_the_functions,
			 quiesce_policy_gen_params),
	KUNIT_CASE_PARAM(hot_reset_is_by_bridge_control,
			 quiesce_port_gen_params),
	{}
};

struct kunit_suite pci_reload_reset_suite = {
	.name = "pci_reload_reset",
	.suite_init = quiesce_reset_suite_init,
	.suite_exit = quiesce_reset_suite_exit,
	.init = reset_init,
	.exit = reset_exit,
	.test_cases = quiesce_reset_cases,
};
