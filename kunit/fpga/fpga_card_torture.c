// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random walks: images, ports, cards that do things wrong, and strangers who do
 * something in the middle of a load. Whatever the outcome is, it has to be true, and
 * a plain load has to work afterwards.
 *
 * A walk has a host of its own; what happens in it is decided by the seed and the
 * number of the walk. The suite ends with a table of faults and outcomes.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"
#include "kunit/fixtures/torture.h"

#define TORTURE_TIMEOUT_MS	1500

/* For whoever is in charge of the slot to see what a stranger has done to it. */
#define TORTURE_SETTLE_MS	10000

/* From the loss of a link until the kernel has dealt with that. */
#define TORTURE_FLAP_MS		500

static unsigned int torture_loads = 1;
module_param_named(torture, torture_loads, uint, 0444);
MODULE_PARM_DESC(torture, "loads in each of the random walks (default: 1)");

static unsigned long torture_seed = 1;
module_param_named(seed, torture_seed, ulong, 0444);
MODULE_PARM_DESC(seed, "what the random walks begin with (default: 1)");

/* A case in which somebody waits for more than 60 s is taken for one that hangs. */
static const u8 torture_walks[64];

static void torture_walk_desc(const u8 *walk, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed %lu, walk %td", torture_seed,
		 walk - torture_walks);
}

KUNIT_ARRAY_PARAM(torture_walk, torture_walks, torture_walk_desc);

static unsigned int torture_table[TORTURE_FAULTS][FPGA_CARD_OUTCOMES];

/**
 * struct torture - a walk
 * @fx: the host
 * @card: its card
 * @rnd: decides what happens
 * @stranger: who does something in the load
 * @fault: what the card does wrong
 * @second: what else
 * @faults: the two as the simulator knows them
 * @saved: the port's registers, after the host was made
 * @before: the image that ran before the load
 * @image: the one that is loaded
 * @after: the one that runs then
 * @step: number of the load
 * @record: what is told of a load
 * @disturbed: something happened to the link while no window was open, and what a port
 *	notes of that is the kernel's
 */
struct torture {
	struct fixture *fx;
	struct fpga_card *card;
	struct rnd_state rnd;
	struct torture_stranger stranger;
	enum torture_fault fault;
	enum torture_fault second;
	struct pcie_card_sim_faults faults;
	u32 *saved;
	char before[PCIE_CARD_SIM_NAME_LEN];
	const char *image;
	char after[PCIE_CARD_SIM_NAME_LEN];
	unsigned int step;
	struct fpga_card_record record;
	bool disturbed;
};

static u32 torture_below(struct torture *t, u32 ceil)
{
	return prandom_u32_state(&t->rnd) % ceil;
}

static bool torture_one_in(struct torture *t, u32 n)
{
	return !torture_below(t, n);
}

static const char *torture_image(struct torture *t)
{
	static const char * const names[] = {
		FIXTURE_FACTORY, FIXTURE_USER, FIXTURE_WIDE,
	};

	return names[torture_below(t, ARRAY_SIZE(names))];
}

/* What is said of a step that fails: enough to find it again. */
#define TORTURE_EXPECT(t, condition, fmt, ...) do {			\
	const struct torture *__t = (t);				\
	KUNIT_EXPECT_TRUE_MSG(__t->fx->test, condition,			\
			      "load %u, \"%s\" after \"%s\", %s and %s, %s in %s: " fmt, \
			      __t->step, __t->image, __t->before,	\
			      torture_fault_name(__t->fault),		\
			      torture_fault_name(__t->second),		\
			      torture_stranger_name(&__t->stranger),	\
			      __t->stranger.state, ##__VA_ARGS__);	\
} while (0)

/* Only ports that the specification knows. */
static void torture_describe_port(struct torture *t)
{
	struct pcie_card_sim_port *port = &t->fx->ports[0];

	port->slot = torture_below(t, 4);
	port->hotplug = port->slot && torture_below(t, 3);
	fixture_set_reporting(port, port->hotplug || torture_below(t, 2));
	port->aer = torture_below(t, 4);
	port->dpc = port->aer && torture_below(t, 2);
	port->power_control = port->slot && torture_below(t, 2);
	if (port->slot && !port->power_control)
		port->inband = torture_below(t, PCIE_CARD_SIM_PIN_AND_INBAND + 1);
	port->button = port->slot && torture_one_in(t, 4);
	port->cmd_completed = port->slot && torture_one_in(t, 4);
	port->sw = torture_one_in(t, 4);
	port->disable_ms = torture_one_in(t, 4) ? 20 : 0;
}

static void torture_describe_images(struct torture *t)
{
	static const unsigned int hold[] = { 0, 50, 200 };
	static const unsigned int reload[] = { 10, 60, 300 };
	struct pcie_card_sim_image *image;
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++) {
		image = &t->fx->images[i];
		image->timeout_ms = TORTURE_TIMEOUT_MS;
		image->hold_ms = hold[torture_below(t, ARRAY_SIZE(hold))];
		image->reload_ms = reload[torture_below(t, ARRAY_SIZE(reload))];
		image->own_serial = torture_one_in(t, 2);
		image->serial = i + 1;
	}
	/* Behind the host's switch there is no room for it. */
	if (torture_one_in(t, 3) && !t->fx->ports[0].sw)
		t->fx->images[2].fn[1].bar[0].size = SZ_4M;
	if (torture_one_in(t, 6))
		t->fx->images[2].fn[2].class = PCIE_CARD_SIM_CLASS_ZERO;
}

static void torture_boot(struct torture *t)
{
	struct fixture *fx = t->fx;

	torture_describe_port(t);
	torture_describe_images(t);
	fixture_describe_boot(fx, 0, torture_image(t));
	fx->config.log_size = 64;
	fixture_start(fx);
	t->card = fixture_card(fx, 0);
	t->saved = fixture_save_port(fx, 0);
}

static void torture_running(struct torture *t, char *name)
{
	name[0] = '\0';
	pcie_card_sim_running(t->fx->sim, 0, name, PCIE_CARD_SIM_NAME_LEN);
}

/* Whether the region, and the functions, say what the card runs. */
static bool torture_is_true(struct torture *t)
{
	char running[PCIE_CARD_SIM_NAME_LEN];
	bool same;

	torture_running(t, running);
	mutex_lock(&t->card->lock);
	same = !strcmp(t->card->running, running);
	mutex_unlock(&t->card->lock);
	return same && fixture_has_functions(t->fx, 0, running);
}

/*
 * What programs are told became of the load. One that was not served, as a stranger's was,
 * has no record.
 */
static enum fpga_card_outcome torture_outcome(struct torture *t, u64 served, int ret)
{
	struct fpga_card_record *record = &t->record;
	unsigned int ago;

	for (ago = 0; fpga_card_history_get(t->card, ago, record); ago++) {
		if (record->number > served && record->error == ret &&
		    !strcmp(record->name, t->image))
			return record->outcome;
	}
	TORTURE_EXPECT(t, ret == -EBUSY, "error %d, and no record of the load", ret);
	return FPGA_CARD_REFUSED;
}

/*
 * What was said has to be so. Who lost the card has to have had no means left; and of
 * what a stranger took away meanwhile only he knows.
 */
static void torture_check(struct torture *t, int ret, const char *error,
			  enum fpga_card_outcome outcome)
{
	const char *running = t->after;
	bool alone = !t->stranger.takes;

	switch (outcome) {
	case FPGA_CARD_SUCCESS:
	case FPGA_CARD_DEGRADED:
		/* Nothing runs: it went in the very moment of success. */
		TORTURE_EXPECT(t, !strcmp(running, t->image) ||
			       (t->stranger.loaded &&
				!strcmp(running, FIXTURE_FACTORY)) ||
			       (!alone && !running[0]),
			       "false success: it runs \"%s\" (%s)", running, error);
		if (alone)
			TORTURE_EXPECT(t, torture_is_true(t),
				       "false success: other functions, or another name");
		TORTURE_EXPECT(t, !ret && (outcome == FPGA_CARD_SUCCESS || error[0]),
			       "degraded, and no sentence says how");
		if (alone && outcome == FPGA_CARD_SUCCESS && !error[0])
			fixture_expect_decoded(t->fx, 0);
		break;
	case FPGA_CARD_REFUSED:
	case FPGA_CARD_CANCELLED:
	case FPGA_CARD_ROLLED_BACK:
		if (alone)
			TORTURE_EXPECT(t, !strcmp(running, t->before),
				       "it runs \"%s\" after error %d (%s)",
				       running, ret, error);
		fallthrough;
	case FPGA_CARD_RECOVERED:
		if (alone)
			TORTURE_EXPECT(t, torture_is_true(t),
				       "other functions, or another name, after error %d (%s)",
				       ret, error);
		break;
	default:
		TORTURE_EXPECT(t, !alone || !fixture_count(t->fx, 0),
			       "lost, and there are functions: error %d (%s)", ret, error);
		TORTURE_EXPECT(t, !alone ||
			       !torture_can_be_saved(&t->faults, &t->fx->ports[0]),
			       "the card was lost, and could have been saved: error %d (%s)",
			       ret, error);
		break;
	}
	TORTURE_EXPECT(t, !ret || error[0] || ret == -EBUSY || !alone,
		       "error %d without a sentence", ret);
}

/* What a person does with a card that nothing else helps. */
static void torture_reseat(struct torture *t)
{
	t->disturbed = true;
	pcie_card_sim_set_present(t->fx->sim, 0, false);
	msleep(100);
	pcie_card_sim_set_present(t->fx->sim, 0, true);
}

/* As somebody would who is asked to help: once more, with a rescan, with "recover". */
static int torture_try(struct torture *t, const char *image)
{
	unsigned long end = jiffies + msecs_to_jiffies(TORTURE_SETTLE_MS);
	int ret;

	for (;;) {
		ret = fpga_card_load(t->card, image);
		if (!ret || time_after(jiffies, end))
			return ret;
		if (!READ_ONCE(t->card->attached))
			torture_help(t->fx);
		/* It may have lost its registers with its link. */
		if (!READ_ONCE(t->card->attached))
			fpga_card_bring_back(t->card);
		msleep(100);
	}
}

/* The next load, with all well again, says whether anything was left behind. */
static void torture_load_plainly(struct torture *t)
{
	const char *image = torture_image(t);
	char error[FPGA_CARD_ERROR_MAX];
	int ret = torture_try(t, image);

	fpga_card_last_error(t->card, error, sizeof(error));
	TORTURE_EXPECT(t, !ret, "then a plain load of \"%s\" fails: error %d (%s)",
		       image, ret, error);
	if (ret)
		return;
	TORTURE_EXPECT(t, torture_is_true(t),
		       "then a plain load of \"%s\" is no success", image);
	/* A function without a class has no addresses. */
	if (!error[0])
		fixture_expect_decoded(t->fx, 0);
	if (t->disturbed)
		fixture_expect_controls(t->fx, 0, t->saved);
	else
		fixture_expect_port(t->fx, 0, t->saved);
}

static void torture_step(struct torture *t)
{
	static const struct pcie_card_sim_faults none;
	char error[FPGA_CARD_ERROR_MAX];
	enum fpga_card_outcome outcome;
	u64 served;
	int ret;

	torture_running(t, t->before);
	t->image = torture_image(t);
	t->fault = torture_below(t, TORTURE_FAULTS);
	t->second = torture_one_in(t, 3) ? torture_below(t, TORTURE_FAULTS) :
					   TORTURE_NO_FAULT;
	memset(&t->faults, 0, sizeof(t->faults));
	torture_set_fault(&t->faults, t->fault, &t->rnd, t->image);
	torture_set_fault(&t->faults, t->second, &t->rnd, t->image);
	fixture_set_faults(t->fx, &t->faults);

	torture_stranger_start(&t->stranger, t->fx, t->card, &t->faults, &t->rnd);
	served = READ_ONCE(t->card->history.count);
	ret = fpga_card_load(t->card, t->image);
	torture_stranger_stop(&t->stranger);
	t->disturbed |= t->stranger.disturbs;
	fpga_card_last_error(t->card, error, sizeof(error));
	torture_running(t, t->after);
	outcome = torture_outcome(t, served, ret);
	if (torture_link_may_go(&t->faults)) {
		/* What comes after the end of the load is the kernel's to see to. */
		t->stranger.takes = true;
		t->disturbed = true;
		fixture_set_faults(t->fx, &none);
		msleep(t->faults.lose_link_ms + TORTURE_FLAP_MS);
	}
	kunit_info(t->fx->test, "load %u: \"%s\", %s and %s, %s in %s: %d\n", t->step,
		   t->image, torture_fault_name(t->fault),
		   torture_fault_name(t->second),
		   torture_stranger_name(&t->stranger), t->stranger.state, ret);
	torture_table[t->fault][outcome]++;
	if (t->second != t->fault && t->second)
		torture_table[t->second][outcome]++;
	torture_check(t, ret, error, outcome);

	fixture_set_faults(t->fx, &none);
	if (outcome == FPGA_CARD_LOST)
		torture_reseat(t);
	torture_load_plainly(t);
}

static void outcome_is_true_and_the_next_load_works(struct kunit *test)
{
	unsigned int walk = (const u8 *)test->param_value - torture_walks;
	struct torture *t;

	fixture_slow_but(test, torture_walks);
	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->fx = test->priv;
	prandom_seed_state(&t->rnd, torture_seed * ARRAY_SIZE(torture_walks) + walk);
	torture_boot(t);
	for (t->step = 0; t->step < torture_loads; t->step++)
		torture_step(t);
	fpga_card_put(t->card);
}

static void torture_tell(struct kunit_suite *suite)
{
	const unsigned int *n;
	unsigned int i;

	pr_info("torture: fault: success, degraded, refused, cancelled, rolled back, recovered, lost\n");
	for (i = 0; i < TORTURE_FAULTS; i++) {
		n = torture_table[i];
		pr_info("torture: %s: %u %u %u %u %u %u %u\n",
			torture_fault_name(i), n[1], n[2], n[3], n[4], n[5],
			n[6], n[7]);
	}
}

static struct kunit_case torture_cases[] = {
	KUNIT_CASE_PARAM(outcome_is_true_and_the_next_load_works,
			 torture_walk_gen_params),
	{}
};

struct kunit_suite fpga_card_torture_suite = {
	.name = "fpga_card_torture",
	.suite_exit = torture_tell,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = torture_cases,
};
