// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's reset methods, in the kernel's own order: what a reset did is
 * read from the card, which records each reset it gets.
 */

#include <linux/pci.h>

#include "fixture.h"
#include "suites.h"

#define RESET_DEVICE_FIRST	0x0f10

/* Kinds of resets that a card can see, as bits of a log match. */
#define RESET_EVENTS	(BIT(PCIE_CARD_SIM_RESET_FLR) | \
			 BIT(PCIE_CARD_SIM_RESET_AF) | \
			 BIT(PCIE_CARD_SIM_RESET_PM) | \
			 BIT(PCIE_CARD_SIM_RESET_BUS))

/* One case runs at a time. */
static struct fixture *reset_fixture;
static unsigned int reset_prepared_at, reset_done_at;

static unsigned int reset_events_so_far(struct fixture *fx, unsigned long what)
{
	struct pcie_card_sim_match match = {
		.what = what,
		.port = -1,
		.reg = -1,
		.devfn = -1,
	};

	return pcie_card_sim_log_count(fx->sim, &match);
}

static void reset_prepare(struct pci_dev *pdev)
{
	reset_prepared_at = 1 + reset_events_so_far(reset_fixture, RESET_EVENTS);
}

static void reset_done(struct pci_dev *pdev)
{
	reset_done_at = 1 + reset_events_so_far(reset_fixture, RESET_EVENTS);
}

static const struct pci_error_handlers reset_handlers = {
	.reset_prepare = reset_prepare,
	.reset_done = reset_done,
};

static int reset_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return 0;
}

static const struct pci_device_id reset_ids[] = {
	{ PCI_DEVICE(0x1234, RESET_DEVICE_FIRST) },
	{}
};

static struct pci_driver reset_driver = {
	.name = "fpga-card-kunit-reset",
	.id_table = reset_ids,
	.probe = reset_probe,
	.err_handler = &reset_handlers,
};

static int reset_suite_init(struct kunit_suite *suite)
{
	return pci_register_driver(&reset_driver);
}

static void reset_suite_exit(struct kunit_suite *suite)
{
	pci_unregister_driver(&reset_driver);
}

/* A card of one or two functions without any way to be reset. */
static int reset_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct pcie_card_sim_function *fn;
	struct fixture *fx = test->priv;
	unsigned int i;

	if (ret)
		return ret;
	for (i = 0; i < 3; i++) {
		fn = &fx->images[2].fn[i];
		fn->flr = false;
		fn->af = false;
		fn->pm = false;
		fn->bmc = false;
	}
	fx->images[2].fn[0].device = RESET_DEVICE_FIRST;
	strscpy(fx->ports[0].card.boot_image, FIXTURE_WIDE,
		sizeof(fx->ports[0].card.boot_image));
	reset_fixture = fx;
	reset_prepared_at = 0;
	reset_done_at = 0;
	return 0;
}

static struct pci_dev *reset_boot(struct fixture *fx, bool alone)
{
	struct pci_dev *pdev;

	if (alone) {
		memset(&fx->images[2].fn[1], 0, sizeof(fx->images[2].fn[1]));
		memset(&fx->images[2].fn[2], 0, sizeof(fx->images[2].fn[2]));
	}
	fixture_start(fx);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	pcie_card_sim_log_clear(fx->sim);
	return pdev;
}

struct reset_capabilities {
	bool flr;
	bool af;
	bool pm;
	bool alone;
	enum pcie_card_sim_what expected;
};

/* PCIE_CARD_SIM_WHATS: no method, so -ENOTTY and no reset. */
static const struct reset_capabilities reset_capabilities[] = {
	{ 0, 0, 0, 0, PCIE_CARD_SIM_WHATS },
	{ 0, 0, 0, 1, PCIE_CARD_SIM_RESET_BUS },
	{ 0, 0, 1, 0, PCIE_CARD_SIM_RESET_PM },
	{ 0, 0, 1, 1, PCIE_CARD_SIM_RESET_PM },
	{ 0, 1, 0, 0, PCIE_CARD_SIM_RESET_AF },
	{ 0, 1, 0, 1, PCIE_CARD_SIM_RESET_AF },
	{ 0, 1, 1, 0, PCIE_CARD_SIM_RESET_AF },
	{ 0, 1, 1, 1, PCIE_CARD_SIM_RESET_AF },
	{ 1, 0, 0, 0, PCIE_CARD_SIM_RESET_FLR },
	{ 1, 0, 0, 1, PCIE_CARD_SIM_RESET_FLR },
	{ 1, 0, 1, 0, PCIE_CARD_SIM_RESET_FLR },
	{ 1, 0, 1, 1, PCIE_CARD_SIM_RESET_FLR },
	{ 1, 1, 0, 0, PCIE_CARD_SIM_RESET_FLR },
	{ 1, 1, 0, 1, PCIE_CARD_SIM_RESET_FLR },
	{ 1, 1, 1, 0, PCIE_CARD_SIM_RESET_FLR },
	{ 1, 1, 1, 1, PCIE_CARD_SIM_RESET_FLR },
};

static void reset_capabilities_desc(const struct reset_capabilities *caps,
				    char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s%s%s%s",
		 caps->flr ? "flr, " : "", caps->af ? "af_flr, " : "",
		 caps->pm ? "pm, " : "",
		 caps->alone ? "bus" : "bus shared with siblings");
}

KUNIT_ARRAY_PARAM(reset_capabilities, reset_capabilities,
		  reset_capabilities_desc);

static void first_method_the_function_has_is_used(struct kunit *test)
{
	const struct reset_capabilities *caps = test->param_value;
	struct fixture *fx = test->priv;
	bool any = caps->expected != PCIE_CARD_SIM_WHATS;
	struct pcie_card_sim_function *fn = &fx->images[2].fn[0];
	struct pci_dev *pdev;

	fn->flr = caps->flr;
	fn->af = caps->af;
	fn->pm = caps->pm;
	pdev = reset_boot(fx, caps->alone);

	KUNIT_EXPECT_EQ(test, any ? 0 : -ENOTTY, pci_reset_function(pdev));
	KUNIT_EXPECT_EQ(test, reset_events_so_far(fx, RESET_EVENTS), any);
	if (any)
		KUNIT_EXPECT_EQ(test,
				reset_events_so_far(fx, BIT(caps->expected)), 1);
	pci_dev_put(pdev);
}

/* What a write to reset_method does: put the methods in another order. */
static void order_of_methods_can_be_changed(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pcie_card_sim_function *fn = &fx->images[2].fn[0];
	struct pci_dev *pdev;

	fn->flr = true;
	fn->af = true;
	fn->pm = true;
	pdev = reset_boot(fx, false);
	/* flr, af_flr, pm */
	KUNIT_ASSERT_NE(test, pdev->reset_methods[2], 0);
	swap(pdev->reset_methods[0], pdev->reset_methods[2]);
	KUNIT_EXPECT_EQ(test, 0, pci_reset_function(pdev));
	KUNIT_EXPECT_EQ(test, reset_events_so_far(fx, RESET_EVENTS), 1);
	KUNIT_EXPECT_EQ(test,
			reset_events_so_far(fx, BIT(PCIE_CARD_SIM_RESET_PM)), 1);
	pci_dev_put(pdev);
}

static void disabled_methods_are_not_used(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	fx->images[2].fn[0].flr = true;
	fx->images[2].fn[0].af = true;
	pdev = reset_boot(fx, true);
	memset(pdev->reset_methods, 0, sizeof(pdev->reset_methods));
	KUNIT_EXPECT_EQ(test, -ENOTTY, pci_reset_function(pdev));
	KUNIT_EXPECT_EQ(test, reset_events_so_far(fx, RESET_EVENTS), 0);
	pci_dev_put(pdev);
}

/* FLR on a function without it says -ENOTTY; the next in the list is used. */
static void method_that_does_not_apply_falls_through(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev, *sibling;

	fx->images[2].fn[0].af = true;
	fx->images[2].fn[1].flr = true;
	pdev = reset_boot(fx, false);
	sibling = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, sibling);
	KUNIT_ASSERT_NE(test, pdev->reset_methods[0], 0);
	KUNIT_ASSERT_NE(test, pdev->reset_methods[0], sibling->reset_methods[0]);
	pdev->reset_methods[1] = pdev->reset_methods[0];
	pdev->reset_methods[0] = sibling->reset_methods[0];

	KUNIT_EXPECT_EQ(test, 0, pci_reset_function(pdev));
	KUNIT_EXPECT_EQ(test, reset_events_so_far(fx, RESET_EVENTS), 1);
	KUNIT_EXPECT_EQ(test,
			reset_events_so_far(fx, BIT(PCIE_CARD_SIM_RESET_AF)), 1);
	pci_dev_put(sibling);
	pci_dev_put(pdev);
}

/* A reset through the power state fails outside D0; bus is not tried then. */
static void method_that_fails_ends_the_search(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	fx->images[2].fn[0].pm = true;
	pdev = reset_boot(fx, true);
	/* pm, bus */
	KUNIT_ASSERT_NE(test, pdev->reset_methods[1], 0);
	device_lock(&pdev->dev);
	pci_set_power_state(pdev, PCI_D3hot);
	KUNIT_EXPECT_EQ(test, -EINVAL, __pci_reset_function_locked(pdev));
	KUNIT_EXPECT_EQ(test,
			reset_events_so_far(fx, BIT(PCIE_CARD_SIM_RESET_BUS)), 0);
	pci_set_power_state(pdev, PCI_D0);
	device_unlock(&pdev->dev);
	pci_dev_put(pdev);
}

static void driver_is_told_before_and_after(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	fx->images[2].fn[0].flr = true;
	pdev = reset_boot(fx, false);
	device_release_driver(&pdev->dev);
	KUNIT_ASSERT_EQ(test, 0, device_driver_attach(&reset_driver.driver,
						      &pdev->dev));
	KUNIT_EXPECT_EQ(test, 0, pci_reset_function(pdev));
	/* One more than the resets the card had seen at that moment. */
	KUNIT_EXPECT_EQ(test, reset_prepared_at, 1);
	KUNIT_EXPECT_EQ(test, reset_done_at, 2);
	pci_dev_put(pdev);
}

/* Boot with the four VFs of function 1. */
static struct pci_dev *reset_boot_vfs(struct fixture *fx)
{
	struct pci_dev *pdev, *pf;

	fx->images[2].fn[1].flr = true;
	pdev = reset_boot(fx, false);
	pci_dev_put(pdev);
	pf = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(fx->test, pf);
	pci_lock_rescan_remove();
	KUNIT_EXPECT_EQ(fx->test, 0, pci_enable_sriov(pf, 4));
	pci_unlock_rescan_remove();
	pcie_card_sim_log_clear(fx->sim);
	return pf;
}

static void reset_end_vfs(struct pci_dev *pf)
{
	pci_lock_rescan_remove();
	pci_disable_sriov(pf);
	pci_unlock_rescan_remove();
	pci_dev_put(pf);
}

static u16 reset_command(struct pci_dev *pdev)
{
	u16 command;

	pci_read_config_word(pdev, PCI_COMMAND, &command);
	return command;
}

static void reset_of_a_pf_takes_its_vfs_along(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pf, *vf;

	pf = reset_boot_vfs(fx);
	vf = fixture_vf(pf, 2);
	KUNIT_ASSERT_NOT_NULL(test, vf);
	pci_write_config_word(vf, PCI_COMMAND, PCI_COMMAND_MASTER);
	KUNIT_EXPECT_EQ(test, reset_command(vf), PCI_COMMAND_MASTER);

	KUNIT_EXPECT_EQ(test, 0, pci_reset_function(pf));
	KUNIT_EXPECT_EQ(test, reset_command(vf), 0);
	pci_dev_put(vf);
	reset_end_vfs(pf);
}

static void reset_of_a_vf_leaves_the_others_alone(struct kunit *test)
{
	struct pcie_card_sim_event event = {};
	struct fixture *fx = test->priv;
	struct pci_dev *pf, *vf, *sibling;

	pf = reset_boot_vfs(fx);
	vf = fixture_vf(pf, 1);
	sibling = fixture_vf(pf, 2);
	KUNIT_ASSERT_NOT_NULL(test, vf);
	KUNIT_ASSERT_NOT_NULL(test, sibling);
	pci_write_config_word(sibling, PCI_COMMAND, PCI_COMMAND_MASTER);
	pcie_card_sim_log_clear(fx->sim);

	KUNIT_EXPECT_EQ(test, 0, pci_reset_function(vf));
	KUNIT_EXPECT_EQ(test, reset_events_so_far(fx, RESET_EVENTS), 1);
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_RESET_FLR, NULL,
					     0, &event));
	KUNIT_EXPECT_EQ(test, event.devfn, vf->devfn);
	KUNIT_EXPECT_EQ(test, event.bus, vf->bus->number);
	KUNIT_EXPECT_EQ(test, reset_command(sibling), PCI_COMMAND_MASTER);
	pci_dev_put(sibling);
	pci_dev_put(vf);
	reset_end_vfs(pf);
}

static struct kunit_case reset_cases[] = {
	KUNIT_CASE_PARAM(first_method_the_function_has_is_used,
			 reset_capabilities_gen_params),
	KUNIT_CASE(order_of_methods_can_be_changed),
	KUNIT_CASE(disabled_methods_are_not_used),
	KUNIT_CASE(method_that_does_not_apply_falls_through),
	KUNIT_CASE(method_that_fails_ends_the_search),
	KUNIT_CASE(driver_is_told_before_and_after),
	KUNIT_CASE(reset_of_a_pf_takes_its_vfs_along),
	KUNIT_CASE(reset_of_a_vf_leaves_the_others_alone),
	{}
};

struct kunit_suite pci_reset_method_suite = {
	.name = "pci_reset_method",
	.suite_init = reset_suite_init,
	.suite_exit = reset_suite_exit,
	.init = reset_init,
	.exit = fixture_exit,
	.test_cases = reset_cases,
};
