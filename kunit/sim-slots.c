// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulator by itself: which ports there can be, and their slots.
 */

#include "fixture.h"
#include "suites.h"

/* Ports that there cannot be, and their neighbours */

struct sim_slots_port {
	const char *desc;
	bool hotplug;
	bool link_active_reporting;
	unsigned int sw;
	unsigned int max_speed;
	int err;
};

static const struct sim_slots_port sim_slots_ports[] = {
	{ "hot-plug, link active reporting", true, true, 0, 0, 0 },
	{ "hot-plug", true, false, 0, 5000, -EINVAL },
	{ "hot-plug, below a switch", true, false, 1, 5000, -EINVAL },
	{ "plain", false, false, 0, 0, -EINVAL },
	{ "plain, 2.5 GT/s", false, false, 0, 2500, 0 },
	{ "plain, 5 GT/s", false, false, 0, 5000, 0 },
	{ "plain, 8 GT/s", false, false, 0, 8000, -EINVAL },
	{ "plain, 16 GT/s", false, false, 0, 16000, -EINVAL },
	{ "plain, 5 GT/s, below a switch", false, false, 1, 5000, 0 },
	{ "plain, 8 GT/s, below a switch", false, false, 1, 8000, -EINVAL },
	{ "plain, 8 GT/s, link active reporting", false, true, 0, 8000, 0 },
};

static void sim_slots_port_desc(const struct sim_slots_port *port, char *desc)
{
	strscpy(desc, port->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sim_slots_port, sim_slots_ports, sim_slots_port_desc);

/* Wherever it is in the host */
static void port_that_cannot_be_is_refused(struct kunit *test)
{
	const struct sim_slots_port *port = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim *sim;

	fx->config.n_ports = 2;
	fx->ports[1].sw = port->sw;
	fx->ports[1].hotplug = port->hotplug;
	fx->ports[1].link_active_reporting = port->link_active_reporting;
	fx->ports[1].max_speed = port->max_speed;
	if (!port->err) {
		fixture_start(fx);
		return;
	}
	sim = pcie_card_sim_create(&fx->config);
	KUNIT_EXPECT_PTR_EQ(test, sim, ERR_PTR(port->err));
	if (!IS_ERR_OR_NULL(sim))
		pcie_card_sim_destroy(sim);
}

static struct kunit_case sim_slots_cases[] = {
	KUNIT_CASE_PARAM(port_that_cannot_be_is_refused,
			 sim_slots_port_gen_params),
	{}
};

struct kunit_suite pcie_card_sim_slots_suite = {
	.name = "pcie_card_sim_slots",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = sim_slots_cases,
};
