// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which port is a card's, and what is said of one that is shared.
 */

#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

/**
 * struct topology_owner - what a back end says of functions
 * @yes: devices that are the card's, by device ID; 0 ends the list
 * @asked: how often it was asked
 */
struct topology_owner {
	u16 yes[4];
	unsigned int asked;
};

/* A back end may look for neighbours, so no lock of the PCI core but one. */
static bool topology_owns(struct pci_dev *pdev, void *priv)
{
	struct topology_owner *owner = priv;
	unsigned int i;

	owner->asked++;
	pci_dev_put(pci_get_slot(pdev->bus, 0));
	for (i = 0; owner->yes[i]; i++) {
		if (pdev->device == owner->yes[i])
			return true;
	}
	return false;
}

static struct topology_owner topology_switch = {
	.yes = { PCIE_CARD_SIM_DEVICE_UPSTREAM,
		 PCIE_CARD_SIM_DEVICE_DOWNSTREAM, 0x0022 },
};

static int topology_first(struct pci_dev *pdev, void *data)
{
	struct pci_dev **found = data;

	if (pci_is_bridge(pdev))
		return 0;
	*found = pci_dev_get(pdev);
	return 1;
}

/* The first endpoint below a port, referenced. */
static struct pci_dev *topology_control(struct fixture *fx)
{
	struct pci_dev *pdev = NULL;

	pci_walk_bus(fixture_port(fx, 0)->subordinate, topology_first, &pdev);
	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	return pdev;
}

/* Function 0 on a leg of its own, functions 1 and 2 each on another. */
static struct pci_dev *topology_boot_switch(struct fixture *fx)
{
	unsigned int i;

	for (i = 0; i < FIXTURE_PORTS_MAX; i++)
		fx->ports[i].card.has_switch = true;
	fx->images[2].fn[1].leg = 1;
	fx->images[2].fn[2].leg = 2;
	cycle_boot(fx, FIXTURE_WIDE);
	return topology_control(fx);
}

static void topology_expect_port(struct kunit *test, struct pci_dev *control,
				 struct topology_owner *owner,
				 struct pci_dev *port)
{
	struct pci_dev *found;

	found = pci_reload_find_port(control, owner ? topology_owns : NULL,
				     owner);
	KUNIT_ASSERT_FALSE(test, IS_ERR(found));
	KUNIT_EXPECT_PTR_EQ_MSG(test, found, port, "found %s, not %s",
				pci_name(found), pci_name(port));
	pci_dev_put(found);
}

static void port_of_a_plain_card_is_right_above(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *control;

	cycle_boot(fx, FIXTURE_WIDE);
	control = topology_control(fx);
	topology_expect_port(test, control, NULL, fixture_port(fx, 0));
	topology_expect_port(test, control, &topology_switch,
			     fixture_port(fx, 0));
	pci_dev_put(control);
}

static void port_of_a_card_with_a_switch_is_above_it(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *control;

	control = topology_boot_switch(fx);
	topology_expect_port(test, control, &topology_switch,
			     fixture_port(fx, 0));
	pci_dev_put(control);
}

/* The same switch, were it not on the card. */
static void switch_of_others_is_not_climbed(struct kunit *test)
{
	struct topology_owner nobody = {};
	struct fixture *fx = test->priv;
	struct pci_dev *control;

	control = topology_boot_switch(fx);
	topology_expect_port(test, control, NULL, pci_upstream_bridge(control));
	topology_expect_port(test, control, &nobody,
			     pci_upstream_bridge(control));
	KUNIT_EXPECT_EQ(test, nobody.asked, 1);
	pci_dev_put(control);
}

static void port_of_a_vf_is_that_of_its_pf(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pf, *vf;

	cycle_boot(fx, FIXTURE_WIDE);
	pf = cycle_function(fx, 1);
	cycle_enable_vfs(fx, pf, 2);
	vf = fixture_vf(pf, 1);
	KUNIT_ASSERT_NOT_NULL(test, vf);
	topology_expect_port(test, vf, NULL, fixture_port(fx, 0));
	pci_dev_put(vf);
	pci_dev_put(pf);
}

/* A card below a switch of the host; the switch has another port. */
static void topology_host_switch(struct fixture *fx, unsigned int n_ports)
{
	unsigned int i;

	for (i = 0; i < n_ports; i++)
		fx->ports[i].sw = 1;
	fx->config.n_ports = n_ports;
}

static void port_may_be_one_of_a_switch_of_the_host(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *control;

	topology_host_switch(fx, 2);
	control = topology_boot_switch(fx);
	KUNIT_EXPECT_EQ(test, pci_pcie_type(fixture_port(fx, 0)),
			PCI_EXP_TYPE_DOWNSTREAM);
	topology_expect_port(test, control, &topology_switch,
			     fixture_port(fx, 0));
	pci_dev_put(control);
}

/* Switch behind switch, all of it the card's: up to the root port. */
static void each_switch_of_the_card_is_climbed(struct kunit *test)
{
	struct topology_owner all = {
		.yes = { PCIE_CARD_SIM_DEVICE_UPSTREAM,
			 PCIE_CARD_SIM_DEVICE_HOST_UPSTREAM },
	};
	struct fixture *fx = test->priv;
	struct pci_dev *control, *top;

	topology_host_switch(fx, 1);
	control = topology_boot_switch(fx);
	top = pcie_find_root_port(control);
	KUNIT_EXPECT_PTR_NE(test, top, fixture_port(fx, 0));
	topology_expect_port(test, control, &all, top);
	pci_dev_put(control);
}

static void integrated_endpoint_has_no_port(struct kunit *test)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev) {
		if (!pci_is_bridge(pdev) && pci_is_root_bus(pdev->bus))
			break;
	}
	if (!pdev)
		kunit_skip(test, "this machine has no such endpoint");
	KUNIT_EXPECT_EQ(test, -ENODEV,
			PTR_ERR(pci_reload_find_port(pdev, NULL, NULL)));
	pci_dev_put(pdev);
}

static void functions_beside_the_control_function_are_the_cards(struct kunit *test)
{
	struct topology_owner nobody = {};
	struct fixture *fx = test->priv;
	struct pci_dev *control, *pf;
	struct pci_reload *pr;

	cycle_boot(fx, FIXTURE_WIDE);
	control = cycle_function(fx, 0);
	pf = cycle_function(fx, 1);
	cycle_enable_vfs(fx, pf, 4);
	pr = window_alloc(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_check_port(pr, control, NULL, NULL));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_check_port(pr, control,
						       topology_owns, &nobody));
	KUNIT_EXPECT_EQ(test, nobody.asked, 0);
	pci_reload_free(pr);
	pci_dev_put(pf);
	pci_dev_put(control);
}

static void all_that_the_back_end_owns_is_the_cards(struct kunit *test)
{
	struct topology_owner owner = {
		.yes = { PCIE_CARD_SIM_DEVICE_DOWNSTREAM, 0x0022, 0x0024 },
	};
	struct fixture *fx = test->priv;
	struct pci_dev *control;
	struct pci_reload *pr;

	control = topology_boot_switch(fx);
	pr = window_alloc(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_check_port(pr, control,
						       topology_owns, &owner));
	pci_reload_free(pr);
	pci_dev_put(control);
}

/* On the card, but nobody says so. */
static void endpoint_that_nobody_owns_is_named(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *control;
	struct pci_reload *pr;

	control = topology_boot_switch(fx);
	pr = window_alloc(fx, 0);
	KUNIT_EXPECT_EQ(test, -EBUSY, pci_reload_check_port(pr, control,
							    topology_owns,
							    &topology_switch));
	window_expect_reason(test, pr, "(1234:0024)");
	window_expect_reason(test, pr, "have the back end say so");
	pci_reload_free(pr);
	pci_dev_put(control);
}

static void vfs_are_as_foreign_as_their_pf(struct kunit *test)
{
	struct topology_owner owner = {
		.yes = { PCIE_CARD_SIM_DEVICE_UPSTREAM,
			 PCIE_CARD_SIM_DEVICE_DOWNSTREAM, 0x0024 },
	};
	struct fixture *fx = test->priv;
	struct pci_dev *control, *pf;
	struct pci_reload *pr;

	control = topology_boot_switch(fx);
	pf = pci_get_device(0x1234, 0x0022, NULL);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	cycle_enable_vfs(fx, pf, 4);
	pr = window_alloc(fx, 0);
	KUNIT_EXPECT_EQ(test, -EBUSY, pci_reload_check_port(pr, control,
							    topology_owns,
							    &owner));
	window_expect_reason(test, pr, "(1234:0022)");
	owner.yes[0] = 0x0022;
	KUNIT_EXPECT_EQ(test, 0, pci_reload_check_port(pr, control,
						       topology_owns, &owner));
	pci_reload_free(pr);
	pci_dev_put(pf);
	pci_dev_put(control);
}

/* The administrator takes a port further up than there is reason for. */
static void shared_port_is_refused_for_a_nearer_one(struct kunit *test)
{
	struct topology_owner nobody = {};
	struct fixture *fx = test->priv;
	struct pci_dev *control;
	struct pci_reload *pr;

	control = topology_boot_switch(fx);
	pr = window_alloc(fx, 0);
	KUNIT_EXPECT_EQ(test, -EBUSY, pci_reload_check_port(pr, control,
							    topology_owns,
							    &nobody));
	window_expect_reason(test, pr, "use the port");
	window_expect_reason(test, pr, pci_name(pci_upstream_bridge(control)));
	pci_reload_free(pr);
	pci_dev_put(control);
}

/* Two cards below a switch of the host, and the root port above it. */
static void port_above_two_cards_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *control;
	struct pci_reload *pr;

	topology_host_switch(fx, 2);
	cycle_boot(fx, FIXTURE_WIDE);
	control = topology_control(fx);
	pr = pci_reload_alloc(pcie_find_root_port(control), NULL, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pr));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			pci_reload_check_port(pr, control, NULL, NULL));
	/* What is on the other card's bus. */
	window_expect_reason(test, pr, "(1234:");
	window_expect_reason(test, pr, pci_name(fixture_port(fx, 0)));
	pci_reload_free(pr);
	pci_dev_put(control);
}

/* A place for another card is a reason, too. */
static void empty_port_beside_the_card_is_named(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *control;
	struct pci_reload *pr;

	topology_host_switch(fx, 2);
	fx->ports[1].card.present = false;
	cycle_boot(fx, FIXTURE_WIDE);
	control = topology_control(fx);
	pr = pci_reload_alloc(pcie_find_root_port(control), NULL, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pr));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			pci_reload_check_port(pr, control, NULL, NULL));
	window_expect_reason(test, pr, pci_name(fixture_port(fx, 1)));
	pci_reload_free(pr);
	pci_dev_put(control);
}

static void port_that_does_not_lead_to_the_card_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *control;
	struct pci_reload *pr;

	fx->config.n_ports = 2;
	cycle_boot(fx, FIXTURE_WIDE);
	control = fixture_function(fx, 1, 0);
	KUNIT_ASSERT_NOT_NULL(test, control);
	pr = window_alloc(fx, 0);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			pci_reload_check_port(pr, control, NULL, NULL));
	window_expect_reason(test, pr, "is not below");
	pci_reload_free(pr);
	pci_dev_put(control);
}

static struct kunit_case topology_cases[] = {
	KUNIT_CASE(port_of_a_plain_card_is_right_above),
	KUNIT_CASE(port_of_a_card_with_a_switch_is_above_it),
	KUNIT_CASE(switch_of_others_is_not_climbed),
	KUNIT_CASE(port_of_a_vf_is_that_of_its_pf),
	KUNIT_CASE(port_may_be_one_of_a_switch_of_the_host),
	KUNIT_CASE(each_switch_of_the_card_is_climbed),
	KUNIT_CASE(integrated_endpoint_has_no_port),
	KUNIT_CASE(functions_beside_the_control_function_are_the_cards),
	KUNIT_CASE(all_that_the_back_end_owns_is_the_cards),
	KUNIT_CASE(endpoint_that_nobody_owns_is_named),
	KUNIT_CASE(vfs_are_as_foreign_as_their_pf),
	KUNIT_CASE(shared_port_is_refused_for_a_nearer_one),
	KUNIT_CASE(port_above_two_cards_is_refused),
	KUNIT_CASE(empty_port_beside_the_card_is_named),
	KUNIT_CASE(port_that_does_not_lead_to_the_card_is_refused),
	{}
};

struct kunit_suite pci_reload_port_suite = {
	.name = "pci_reload_port",
	.suite_init = cycle_suite_init,
	.suite_exit = cycle_suite_exit,
	.init = cycle_init,
	.exit = cycle_exit,
	.test_cases = topology_cases,
};
