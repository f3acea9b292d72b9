// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards that do not come back, or do not answer: what it takes to find that out
 * is seconds, so all kinds of ports do it at once.
 */

#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define STUCK_HOSTS		2
#define STUCK_PORTS		(FIXTURE_KINDS / STUCK_HOSTS)

#define STUCK_WINDOW		SZ_16M

/* Room for all that is written while eight cards are recovered. */
#define STUCK_LOG_SIZE		65536

/* Deadline of a load that is to make it, with all others at the same time. */
#define STUCK_PLENTY_MS		3000

/* Deadline of a load that is to miss it, but not before the card is stuck. */
#define STUCK_TIMEOUT_MS	1000

/**
 * struct stuck - cards below ports of all kinds
 * @hosts: the hosts
 * @all: the loads
 */
struct stuck {
	struct fixture *hosts[STUCK_HOSTS];
	struct load *all[FIXTURE_KINDS];
};

/* A suite's init() has no other place for it; only one case runs at a time. */
static struct stuck *stuck_now;

static int stuck_init(struct kunit *test)
{
	struct stuck *stuck = kunit_kzalloc(test, sizeof(*stuck), GFP_KERNEL);
	struct fixture *fx;
	unsigned int i, j;

	if (!stuck)
		return -ENOMEM;
	for (i = 0; i < STUCK_HOSTS; i++) {
		fx = fixture_alloc(test);
		if (!fx)
			return -ENOMEM;
		fx->config.n_ports = STUCK_PORTS;
		fx->config.window = STUCK_WINDOW;
		fx->config.log_size = STUCK_LOG_SIZE;
		for (j = 0; j < STUCK_PORTS; j++)
			load_describe(fx, j, &fixture_kinds[i * STUCK_PORTS + j]);
		stuck->hosts[i] = fx;
	}
	test->priv = stuck;
	stuck_now = stuck;
	return 0;
}

static void stuck_exit(struct kunit *test)
{
	unsigned int i;

	for (i = 0; stuck_now && i < STUCK_HOSTS; i++)
		fixture_stop(stuck_now->hosts[i]);
	stuck_now = NULL;
}

static void stuck_set_timeout(struct stuck *stuck, unsigned int image,
			      unsigned int timeout_ms)
{
	unsigned int i;

	for (i = 0; i < STUCK_HOSTS; i++)
		stuck->hosts[i]->images[image].timeout_ms = timeout_ms;
}

static void stuck_boot(struct stuck *stuck,
		       const struct pcie_card_sim_faults *faults)
{
	unsigned int i;

	for (i = 0; i < STUCK_HOSTS; i++)
		fixture_start(stuck->hosts[i]);
	for (i = 0; i < FIXTURE_KINDS; i++) {
		stuck->all[i] = load_watch(stuck->hosts[i / STUCK_PORTS],
					   i % STUCK_PORTS);
		load_set_faults(stuck->all[i], faults);
	}
}

static void stuck_start(struct stuck *stuck, const char *name)
{
	unsigned int i;

	for (i = 0; i < FIXTURE_KINDS; i++)
		load_start(stuck->all[i], name);
}

static void stuck_work_again(struct stuck *stuck)
{
	unsigned int i;

	for (i = 0; i < FIXTURE_KINDS; i++)
		load_try_again(stuck->all[i]);
	for (i = 0; i < FIXTURE_KINDS; i++)
		load_expect_again(stuck->all[i]);
}

/* Request Retry Status for longer than a card may give it. */
static void cards_do_not_answer_in_settling(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .rrs_ms = LOAD_FOREVER_MS };
	struct stuck *stuck = test->priv;
	struct load *load;
	unsigned int i;

	fixture_slow(test);
	stuck_set_timeout(stuck, 1, STUCK_PLENTY_MS);
	stuck_boot(stuck, &faults);
	for (i = 0; i < FIXTURE_KINDS; i++)
		load_mend_at(stuck->all[i], "recovering");
	stuck_start(stuck, FIXTURE_USER);
	for (i = 0; i < FIXTURE_KINDS; i++) {
		load = stuck->all[i];
		load_end(load, -ETIMEDOUT, "settling", "tried later");
		load_expect_error(test, load->card, "brought back by its link");
		load_expect_error(test, load->card, LOAD_ROLLED_BACK);
		load_expect_runs(load->fx, load->card, FIXTURE_FACTORY);
	}
	stuck_work_again(stuck);
}

/**
 * struct stuck_cure - a means by which stuck cards come back
 * @cure: for the simulator
 * @name: for users
 * @then: what the user is told of the image
 */
struct stuck_cure {
	enum pcie_card_sim_cure cure;
	const char *name;
	const char *then;
};

/* Switched on anew a card starts with the image for that. */
static const struct stuck_cure stuck_cures[] = {
	{ PCIE_CARD_SIM_CURE_RETRAIN, "a new link training", LOAD_ROLLED_BACK },
	{ PCIE_CARD_SIM_CURE_RESET, "a hot reset", LOAD_ROLLED_BACK },
	{ PCIE_CARD_SIM_CURE_POWER, "a power cycle", "runs \"factory\" again" },
};

static void stuck_cure_desc(const struct stuck_cure *cure, char *desc)
{
	strscpy(desc, cure->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(stuck_cure, stuck_cures, stuck_cure_desc);

static void stuck_give_power_control(struct stuck *stuck)
{
	unsigned int i, j;

	for (i = 0; i < STUCK_HOSTS; i++) {
		for (j = 0; j < STUCK_PORTS; j++) {
			stuck->hosts[i]->ports[j].slot = true;
			stuck->hosts[i]->ports[j].power_control = true;
		}
	}
}

/*
 * Only now, with the link disabled, does the card begin with what was triggered:
 * what the load does to the link is nothing that helps. When it comes to the load of
 * the image that ran before, if it does, the card is well again. Not earlier: to get
 * stuck may take as long as the simulator has to wait for the processor.
 */
static void stuck_begin(struct load_moment *moment)
{
	struct load *load = load_of(moment);
	bool again = load->faults.cure != PCIE_CARD_SIM_CURE_POWER;

	load->faults.trigger_delay_ms = 0;
	load_moment_faults(moment);
	if (again)
		load_mend_at(load, "opening");
}

static void stuck_cards_are_helped_in_loading(struct kunit *test)
{
	const struct stuck_cure *cure = test->param_value;
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = cure->cure,
		.trigger_delay_ms = LOAD_FOREVER_MS,
	};
	struct stuck *stuck = test->priv;
	struct load *load;
	unsigned int i;

	fixture_slow_but(test, &stuck_cures[0]);
	stuck_set_timeout(stuck, 1, STUCK_TIMEOUT_MS);
	if (cure->cure == PCIE_CARD_SIM_CURE_POWER)
		stuck_give_power_control(stuck);
	stuck_boot(stuck, &faults);
	for (i = 0; i < FIXTURE_KINDS; i++) {
		stuck->all[i]->faults = faults;
		load_act_at(stuck->all[i], "loading", stuck_begin);
	}
	stuck_start(stuck, FIXTURE_USER);
	for (i = 0; i < FIXTURE_KINDS; i++) {
		load = stuck->all[i];
		load_end(load, -ETIMEDOUT, "loading", "did not bring its link up");
		load_expect_error(test, load->card, "brought back by");
		load_expect_error(test, load->card, cure->name);
		load_expect_error(test, load->card, cure->then);
		load_expect_runs(load->fx, load->card, FIXTURE_FACTORY);
	}
	stuck_work_again(stuck);
}

static void cards_that_nothing_helps_are_given_up_in_loading(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .never_return = true };
	struct stuck *stuck = test->priv;
	struct load *load;
	unsigned int i;

	fixture_slow(test);
	for (i = 0; i < FIXTURE_IMAGES; i++)
		stuck_set_timeout(stuck, i, LOAD_TIMEOUT_MS);
	stuck_boot(stuck, &faults);
	stuck_start(stuck, FIXTURE_USER);
	for (i = 0; i < FIXTURE_KINDS; i++) {
		load = stuck->all[i];
		load_end(load, -ETIMEDOUT, "loading", "could not be brought back");
		KUNIT_EXPECT_EQ(test, fixture_count(load->fx, load->number), 0);
		KUNIT_EXPECT_FALSE(test, pcie_card_sim_link_up(load->fx->sim,
							       load->number));
	}

	/* Somebody mended them, and the next load begins with having them back. */
	faults.never_return = false;
	faults.cure = PCIE_CARD_SIM_CURE_RETRAIN;
	for (i = 0; i < FIXTURE_KINDS; i++) {
		load_set_faults(stuck->all[i], &faults);
		stuck->all[i]->card->settings.timeout_ms = LOAD_FOREVER_MS;
	}
	stuck_start(stuck, FIXTURE_FACTORY);
	for (i = 0; i < FIXTURE_KINDS; i++) {
		load = stuck->all[i];
		KUNIT_EXPECT_EQ(test, 0, load_run_end(&load->run));
		load_expect_runs(load->fx, load->card, FIXTURE_FACTORY);
		load_expect_registers(load);
	}
	stuck_work_again(stuck);
}

static struct kunit_case stuck_cases[] = {
	KUNIT_CASE(cards_do_not_answer_in_settling),
	KUNIT_CASE_PARAM(stuck_cards_are_helped_in_loading,
			 stuck_cure_gen_params),
	KUNIT_CASE(cards_that_nothing_helps_are_given_up_in_loading),
	{}
};

struct kunit_suite fpga_card_stuck_suite = {
	.name = "fpga_card_stuck",
	.init = stuck_init,
	.exit = stuck_exit,
	.test_cases = stuck_cases,
};
