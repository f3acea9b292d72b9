// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulator's log: that it says when it has not all that it is asked for.
 */

#include "kunit/fixtures/fixture.h"
#include "kunit/suites.h"

#define SIM_LOG_SIZE	64

/* A host with a small log, which this suite makes run over. */
static int sim_log_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;

	if (ret)
		return ret;
	fx->images[0].fn[0].bmc = false;
	fx->ports[0].hotplug = false;
	fx->config.log_size = SIM_LOG_SIZE;
	test->priv = pcie_card_sim_create(&fx->config);
	return PTR_ERR_OR_ZERO(test->priv);
}

static void sim_log_exit(struct kunit *test)
{
	if (!IS_ERR_OR_NULL(test->priv))
		pcie_card_sim_destroy(test->priv);
}

static void sim_log_write(struct pcie_card_sim *sim, unsigned int n)
{
	struct pci_dev *port = pcie_card_sim_port_dev(sim, 0);

	while (n--)
		pci_write_config_byte(port, PCI_CACHE_LINE_SIZE, 0);
	pci_dev_put(port);
}

static unsigned int sim_log_look(struct pcie_card_sim *sim, u64 from)
{
	struct pcie_card_sim_match match = {
		.from_seq = from,
		.what = BIT(PCIE_CARD_SIM_CFG_WRITE),
		.port = -1,
		.reg = PCI_CACHE_LINE_SIZE,
		.devfn = -1,
	};

	return pcie_card_sim_log_count(sim, &match);
}

static void log_that_is_whole_misses_nothing(struct kunit *test)
{
	struct pcie_card_sim *sim = test->priv;
	u64 from;

	/* To find the host took more writes than there is room for. */
	pcie_card_sim_log_clear(sim);
	from = pcie_card_sim_log_seq(sim);
	sim_log_write(sim, SIM_LOG_SIZE);
	KUNIT_EXPECT_EQ(test, pcie_card_sim_log_seq(sim), from + SIM_LOG_SIZE);
	KUNIT_EXPECT_EQ(test, sim_log_look(sim, 0), SIM_LOG_SIZE);
	KUNIT_EXPECT_FALSE(test, pcie_card_sim_log_missed(sim));
}

static void log_that_ran_over_tells_who_looks_too_far_back(struct kunit *test)
{
	struct pcie_card_sim *sim = test->priv;
	u64 from;

	pcie_card_sim_log_clear(sim);
	from = pcie_card_sim_log_seq(sim);
	sim_log_write(sim, SIM_LOG_SIZE + 1);
	KUNIT_EXPECT_EQ(test, sim_log_look(sim, from + 1), SIM_LOG_SIZE);
	KUNIT_EXPECT_FALSE(test, pcie_card_sim_log_missed(sim));
	KUNIT_EXPECT_EQ(test, sim_log_look(sim, from), SIM_LOG_SIZE);
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_log_missed(sim));
}

/* Whoever asked before got no answer that counts. */
static void clearing_does_not_make_it_good(struct kunit *test)
{
	struct pcie_card_sim *sim = test->priv;

	pcie_card_sim_log_clear(sim);
	sim_log_write(sim, SIM_LOG_SIZE + 1);
	sim_log_look(sim, 0);
	pcie_card_sim_log_clear(sim);
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_log_missed(sim));
}

static struct kunit_case sim_log_cases[] = {
	KUNIT_CASE(log_that_is_whole_misses_nothing),
	KUNIT_CASE(log_that_ran_over_tells_who_looks_too_far_back),
	KUNIT_CASE(clearing_does_not_make_it_good),
	{}
};

struct kunit_suite pcie_card_sim_log_suite = {
	.name = "pcie_card_sim_log",
	.init = sim_log_init,
	.exit = sim_log_exit,
	.test_cases = sim_log_cases,
};
