// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links that come back with another speed or width than they had.
 */

#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

/**
 * struct rate_change - what a link is before and after
 * @name: for the case
 * @port_width: lanes of the port
 * @speed: highest speed of the new image in MT/s, 0 for that of the old one
 * @width: likewise, lanes
 * @bad_speed: what the link comes up with, in MT/s; 0 for what it can
 * @bad_width: likewise, lanes
 * @bus_speed: what the bus has then
 * @says: part of what is told, NULL for nothing
 */
struct rate_change {
	const char *name;
	unsigned int port_width;
	unsigned int speed;
	unsigned int width;
	unsigned int bad_speed;
	unsigned int bad_width;
	enum pci_bus_speed bus_speed;
	const char *says;
};

static const struct rate_change rate_changes[] = {
	{ "as before", 8, .bus_speed = PCIE_SPEED_8_0GT },
	{ "slower", 8, .bad_speed = 2500, .bus_speed = PCIE_SPEED_2_5GT,
	  .says = "2.5 GT/s x8, where 8.0 GT/s x8" },
	{ "narrower", 8, .bad_width = 1, .bus_speed = PCIE_SPEED_8_0GT,
	  .says = "8.0 GT/s x1, where 8.0 GT/s x8" },
	{ "slower and narrower", 8, .bad_speed = 5000, .bad_width = 4,
	  .bus_speed = PCIE_SPEED_5_0GT,
	  .says = "5.0 GT/s x4, where 8.0 GT/s x8" },
	{ "image for less", 8, .speed = 2500, .width = 4,
	  .bus_speed = PCIE_SPEED_2_5GT },
	{ "slot for less", 4, .bus_speed = PCIE_SPEED_8_0GT },
};

static void rate_change_desc(const struct rate_change *change, char *desc)
{
	strscpy(desc, change->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rate_change, rate_changes, rate_change_desc);

/* From one image to another, with the link as the case wants it. */
static struct pci_reload *rate_reload(struct fixture *fx,
				      const struct pcie_card_sim_faults *faults)
{
	struct pci_reload *pr = window_open(fx);

	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_link_disable(pr));
	fixture_set_faults(fx, faults);
	cycle_load(fx, pr, FIXTURE_USER);
	return pr;
}

static void link_that_comes_back_with_less_is_told(struct kunit *test)
{
	const struct rate_change *change = test->param_value;
	struct pcie_card_sim_faults faults = {
		.degraded_speed = change->bad_speed,
		.degraded_width = change->bad_width,
	};
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	const char *said;

	fx->ports[0].max_width = change->port_width;
	fx->images[1].speed = change->speed;
	fx->images[1].width = change->width;
	cycle_boot(fx, FIXTURE_FACTORY);
	pr = rate_reload(fx, &faults);
	said = pci_reload_degraded(pr);
	if (change->says)
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(said, change->says), "%s",
					  said);
	else
		KUNIT_EXPECT_STREQ(test, said, "");
	KUNIT_EXPECT_EQ(test, change->bus_speed,
			fixture_port(fx, 0)->subordinate->cur_bus_speed);
	window_end(test, pr);
}

/* What was bad before the window is nobody's news. */
static void link_that_had_less_before_is_not_told(struct kunit *test)
{
	const struct pcie_card_sim_faults faults = { .degraded_width = 4 };
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	cycle_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_renegotiate(fx->sim, 0, false));
	pr = rate_reload(fx, &faults);
	KUNIT_EXPECT_STREQ(test, pci_reload_degraded(pr), "");
	window_end(test, pr);
}

static u16 rate_target(struct fixture *fx)
{
	return fixture_exp(fixture_port(fx, 0), PCI_EXP_LNKCTL2) &
	       PCI_EXP_LNKCTL2_TLS;
}

/* The next image may do better, and is tried as if nothing had been. */
static void link_that_trains_at_no_other_speed_comes_up_at_2_5(struct kunit *test)
{
	const struct pcie_card_sim_faults bad = { .train_slow = true };
	const struct pcie_card_sim_faults good = {};
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u16 target;

	fixture_slow(test);
	cycle_boot(fx, FIXTURE_FACTORY);
	target = rate_target(fx);
	pr = rate_reload(fx, &bad);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(pci_reload_degraded(pr),
					       "came up at 2.5 GT/s only"),
				  "%s", pci_reload_degraded(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_EXPECT_EQ(test, PCIE_SPEED_2_5GT,
			fixture_port(fx, 0)->subordinate->cur_bus_speed);

	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, rate_target(fx), target);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_link_disable(pr));
	fixture_set_faults(fx, &good);
	cycle_load(fx, pr, FIXTURE_FACTORY);
	KUNIT_EXPECT_STREQ(test, pci_reload_degraded(pr), "");
	KUNIT_EXPECT_EQ(test, PCIE_SPEED_8_0GT,
			fixture_port(fx, 0)->subordinate->cur_bus_speed);
	window_end(test, pr);
}

/*
 * Whose ends were not seen to try. A limit that does not help is lifted, so it shows in what
 * was written, and not in what the port has afterwards.
 */
static void link_that_stays_down_is_not_tried_at_2_5(struct kunit *test)
{
	const struct pcie_card_sim_faults faults = { .never_return = true };
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	struct pci_reload *pr;
	struct pci_dev *port;
	u16 target;
	int exp;

	cycle_boot(fx, FIXTURE_FACTORY);
	port = fixture_port(fx, 0);
	exp = pci_pcie_cap(port);
	target = rate_target(fx);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_link_disable(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_rest(pr));
	fixture_set_faults(fx, &faults);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			pci_reload_wait_link(pr, CYCLE_TIMEOUT_MS));
	KUNIT_EXPECT_FALSE(test, fixture_find_write(fx, port, exp + PCI_EXP_LNKCTL2,
						    PCI_EXP_LNKCTL2_TLS,
						    PCI_EXP_LNKCTL2_TLS_2_5GT, 0,
						    &event));
	KUNIT_EXPECT_FALSE(test, fixture_find_write(fx, port, exp + PCI_EXP_LNKCTL,
						    PCI_EXP_LNKCTL_RL,
						    PCI_EXP_LNKCTL_RL, 0, &event));
	KUNIT_EXPECT_EQ(test, rate_target(fx), target);
	window_end(test, pr);
}

static u16 rate_noted(struct fixture *fx)
{
	return fixture_exp(fixture_port(fx, 0), PCI_EXP_LNKSTA) &
	       (PCI_EXP_LNKSTA_LBMS | PCI_EXP_LNKSTA_LABS);
}

/* Kernels with a bandwidth controller take note, too, and clear it (from 6.13 on). */
static void rate_boot_unnoticed(struct fixture *fx)
{
	cycle_boot(fx, FIXTURE_FACTORY);
	pcie_capability_clear_word(fixture_port(fx, 0), PCI_EXP_LNKCTL,
				   PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE);
}

/* Of the two notes the one that the kernel's own retraining neither sets nor clears. */
static void notes_on_the_old_link_go_with_it(struct kunit *test)
{
	const struct pcie_card_sim_faults bad = { .degraded_width = 4 };
	const struct pcie_card_sim_faults good = {};
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	rate_boot_unnoticed(fx);
	fixture_set_faults(fx, &bad);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_renegotiate(fx->sim, 0, true));
	KUNIT_EXPECT_TRUE(test, rate_noted(fx) & PCI_EXP_LNKSTA_LABS);
	pr = rate_reload(fx, &good);
	window_end(test, pr);
	KUNIT_EXPECT_EQ(test, rate_noted(fx), 0);
}

static void notes_on_a_link_that_stays_stay(struct kunit *test)
{
	const struct pcie_card_sim_faults bad = { .degraded_width = 4 };
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	rate_boot_unnoticed(fx);
	fixture_set_faults(fx, &bad);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_renegotiate(fx->sim, 0, false));
	pr = window_open(fx);
	window_end(test, pr);
	KUNIT_EXPECT_EQ(test, rate_noted(fx), PCI_EXP_LNKSTA_LBMS);
}

static struct kunit_case rate_cases[] = {
	KUNIT_CASE_PARAM(link_that_comes_back_with_less_is_told,
			 rate_change_gen_params),
	KUNIT_CASE(link_that_had_less_before_is_not_told),
	KUNIT_CASE(link_that_trains_at_no_other_speed_comes_up_at_2_5),
	KUNIT_CASE(link_that_stays_down_is_not_tried_at_2_5),
	KUNIT_CASE(notes_on_the_old_link_go_with_it),
	KUNIT_CASE(notes_on_a_link_that_stays_stay),
	{}
};

struct kunit_suite pci_reload_rate_suite = {
	.name = "pci_reload_rate",
	.suite_init = cycle_suite_init,
	.suite_exit = cycle_suite_exit,
	.init = cycle_init,
	.exit = cycle_exit,
	.test_cases = rate_cases,
};
