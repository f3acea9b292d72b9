// SPDX-License-Identifier: GPL-2.0-only
/*
 * Images that are brought into place without an outage, and activated later. The back end
 * here writes its images to the card first; a hot reset makes its card load. Files are
 * staged end to end, where there are some. One file, as all of it is about one back end.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>
#include <linux/string.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define STAGE_TIMEOUT_MS	2000

/* How long staging takes where that is looked at, and what times may differ by. */
#define STAGE_SOME_MS		500
#define STAGE_SAME_US		20000

/* Beside other work, in real time, a load takes longer, and never less. */
#define STAGE_TRIES		8

/* Longer than a case lasts. */
#define STAGE_LONG_MS		600000

/**
 * struct stage - a back end that stages
 * @fx: the host
 * @card: the card
 * @ops: its operations
 * @stages: how often stage() was called
 * @unstages: how often unstage() was
 * @staging_ms: how long stage() takes, unless it is told to end
 * @err: what stage() returns
 * @forgets: the card does not keep what it took
 * @ready: what ready() returns
 * @trigger: what trigger() returns
 * @in_place: what the card has
 * @staged: what trigger() was told of the image
 * @percent: what users saw in the middle of stage()
 * @functions: how many functions there were in stage()
 * @begun: begin() was called, and end() not yet
 */
struct stage {
	struct fixture *fx;
	struct fpga_card *card;
	struct fpga_card_ops ops;
	unsigned int stages;
	unsigned int unstages;
	unsigned int staging_ms;
	int err;
	bool forgets;
	int ready;
	int trigger;
	bool in_place;
	bool staged;
	unsigned int percent;
	unsigned int functions;
	bool begun;
};

static const struct fpga_card_image stage_images[] = {
	{ .name = FIXTURE_USER, .timeout_ms = STAGE_TIMEOUT_MS, .staged = true },
	{ .name = FIXTURE_WIDE, .timeout_ms = STAGE_TIMEOUT_MS },
};

static int stage_get_images(void *priv, struct fpga_card_image *images,
			    unsigned int max)
{
	memcpy(images, stage_images, sizeof(stage_images));
	return ARRAY_SIZE(stage_images);
}

static int stage_is_ready(void *priv)
{
	return ((struct stage *)priv)->ready;
}

static int stage_begin(void *priv, const char *name)
{
	struct stage *st = priv;

	KUNIT_EXPECT_FALSE(st->fx->test, st->begun);
	st->begun = true;
	return 0;
}

static void stage_end(void *priv)
{
	struct stage *st = priv;

	KUNIT_EXPECT_TRUE(st->fx->test, st->begun);
	st->begun = false;
}

static int stage_stage(void *priv, struct fpga_card *card, const char *name,
		       const u8 *data, size_t len)
{
	struct stage *st = priv;
	ktime_t end = ktime_add_ms(ktime_get(), st->staging_ms);

	st->stages++;
	st->in_place = false;
	st->functions = fixture_count(st->fx, 0);
	fpga_card_stage_progress(card, 1, 3);
	st->percent = READ_ONCE(card->staged_percent);
	while (ktime_before(ktime_get(), end)) {
		if (fpga_card_stage_cancelled(card))
			return -EINTR;
		msleep(20);
	}
	st->in_place = !st->err && !st->forgets;
	return st->err;
}

static void stage_unstage(void *priv)
{
	struct stage *st = priv;

	st->unstages++;
	st->in_place = false;
}

static bool stage_is_staged(void *priv, const char *name)
{
	struct stage *st = priv;

	KUNIT_EXPECT_STREQ(st->fx->test, name, FIXTURE_USER);
	return st->in_place;
}

static int stage_trigger(void *priv, const char *name, bool staged)
{
	struct stage *st = priv;

	st->staged = staged;
	return st->trigger;
}

/* @tells: the back end can tell whether the card still has what was staged. */
static struct stage *stage_start(struct kunit *test, bool tells)
{
	struct stage *st = kunit_kzalloc(test, sizeof(*st), GFP_KERNEL);
	struct fixture *fx = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, st);
	fixture_describe_undriven(fx);
	fx->config.n_ports = 1;
	fixture_start(fx);
	st->fx = fx;
	st->ops = (struct fpga_card_ops) {
		.images = stage_get_images,
		.ready = stage_is_ready,
		.begin = stage_begin,
		.end = stage_end,
		.stage = stage_stage,
		.unstage = stage_unstage,
		.is_staged = tells ? stage_is_staged : NULL,
		.trigger = stage_trigger,
	};
	return st;
}

static void stage_attach(struct kunit *test, struct stage *st)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = fixture_port(st->fx, 0),
		.start = FPGA_CARD_START_HOT_RESET,
		.ops = &st->ops,
		.priv = st,
	};

	st->card = fpga_card_attach(&info);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, st->card);
	pcie_card_sim_log_clear(st->fx->sim);
}

static struct stage *stage_boot(struct kunit *test, bool tells)
{
	struct stage *st = stage_start(test, tells);

	stage_attach(test, st);
	return st;
}

static void stage_expect_staged(struct kunit *test, struct fpga_card *card,
				const char *name)
{
	fpga_card_refresh_staged(card);
	mutex_lock(&card->lock);
	KUNIT_EXPECT_STREQ(test, card->staged ? card->staged->name : "", name);
	KUNIT_EXPECT_EQ(test, card->staged_percent, name[0] ? 100 : 0);
	mutex_unlock(&card->lock);
}

static void image_is_staged_without_an_outage(struct kunit *test)
{
	struct stage *st = stage_boot(test, true);

	stage_expect_staged(test, st->card, "");
	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, st->stages, 1);
	KUNIT_EXPECT_GT(test, st->functions, 0);
	KUNIT_EXPECT_EQ(test, st->percent, 33);
	KUNIT_EXPECT_FALSE(test, st->begun);
	fixture_expect_untouched(st->fx);
	stage_expect_staged(test, st->card, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, st->card->state, FPGA_CARD_IDLE);
	fpga_card_detach(st->card, st);
}

static void staged_image_is_activated(struct kunit *test)
{
	struct fpga_card_record *record;
	struct stage *st = stage_boot(test, true);

	record = kunit_kzalloc(test, sizeof(*record), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, record);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_activate(st->card));
	KUNIT_EXPECT_EQ(test, st->stages, 1);
	KUNIT_EXPECT_TRUE(test, st->staged);
	KUNIT_EXPECT_FALSE(test, st->begun);
	stage_expect_staged(test, st->card, "");
	KUNIT_ASSERT_TRUE(test, fpga_card_history_get(st->card, 0, record));
	KUNIT_EXPECT_STREQ(test, fpga_card_record_request(record), "activate");
	KUNIT_EXPECT_STREQ(test, record->name, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, record->steps_us[FPGA_CARD_STAGING], 0);
	KUNIT_EXPECT_EQ(test, st->card->history.loads, 1);
	/* It was used up. */
	KUNIT_EXPECT_EQ(test, -ENODATA, fpga_card_activate(st->card));
	fpga_card_detach(st->card, st);
}

/**
 * struct stage_cost - what loads took, the least of some, in us
 * @whole: a load with all in one
 * @whole_outage: of that, the card's outage
 * @staged: the staging of the same image beforehand
 * @activated: its activation
 * @activated_outage: of that, the card's outage
 */
struct stage_cost {
	s64 whole;
	s64 whole_outage;
	s64 staged;
	s64 activated;
	s64 activated_outage;
};

/* The same load with all in one, and with the staging beforehand */
static void stage_measure(struct stage *st, struct fpga_card_record *record,
			  struct stage_cost *least)
{
	struct kunit *test = st->fx->test;

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(st->card, FIXTURE_USER));
	KUNIT_ASSERT_TRUE(test, fpga_card_history_get(st->card, 0, record));
	least->whole = min_t(s64, least->whole, record->duration_us);
	least->whole_outage = min_t(s64, least->whole_outage, record->outage_us);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(st->card, FIXTURE_WIDE));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_USER));
	KUNIT_ASSERT_TRUE(test, fpga_card_history_get(st->card, 0, record));
	KUNIT_EXPECT_GE(test, record->steps_us[FPGA_CARD_STAGING],
			STAGE_SOME_MS * USEC_PER_MSEC);
	least->staged = min_t(s64, least->staged, record->duration_us);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_activate(st->card));
	KUNIT_ASSERT_TRUE(test, fpga_card_history_get(st->card, 0, record));
	least->activated = min_t(s64, least->activated, record->duration_us);
	least->activated_outage = min_t(s64, least->activated_outage, record->outage_us);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(st->card, FIXTURE_WIDE));
}

static bool stage_is_saved(const struct stage_cost *cost)
{
	s64 saved = cost->whole - cost->activated;

	return saved >= STAGE_SOME_MS * USEC_PER_MSEC &&
	       abs(saved - cost->staged) <= STAGE_SAME_US &&
	       abs(cost->whole_outage - cost->activated_outage) <= STAGE_SAME_US;
}

static void staging_beforehand_is_what_an_activation_saves(struct kunit *test)
{
	struct stage_cost least = { S64_MAX, S64_MAX, S64_MAX, S64_MAX, S64_MAX };
	struct stage *st;
	struct fpga_card_record *record;
	unsigned int i;

	fixture_slow(test);
	st = stage_boot(test, true);
	record = kunit_kzalloc(test, sizeof(*record), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, record);
	st->staging_ms = STAGE_SOME_MS;
	for (i = 0; i < STAGE_TRIES; i++) {
		stage_measure(st, record, &least);
		if (stage_is_saved(&least))
			break;
	}
	KUNIT_EXPECT_TRUE_MSG(test, stage_is_saved(&least),
			      "%lld us or %lld and %lld us, outage %lld or %lld us",
			      least.whole, least.staged, least.activated,
			      least.whole_outage, least.activated_outage);
	fpga_card_detach(st->card, st);
}

static void image_in_flash_needs_no_writing(struct kunit *test)
{
	struct stage *st = stage_boot(test, true);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_WIDE));
	KUNIT_EXPECT_EQ(test, st->stages, 0);
	stage_expect_staged(test, st->card, FIXTURE_WIDE);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_activate(st->card));
	KUNIT_EXPECT_FALSE(test, st->staged);
	fpga_card_detach(st->card, st);
}

static void nothing_staged_is_no_data(struct kunit *test)
{
	struct stage *st = stage_boot(test, true);

	KUNIT_EXPECT_EQ(test, -ENODATA, fpga_card_activate(st->card));
	load_expect_error(test, st->card, "nothing is staged");
	fixture_expect_untouched(st->fx);
	fpga_card_detach(st->card, st);
}

static void what_is_no_image_is_not_staged(struct kunit *test)
{
	struct stage *st = stage_boot(test, true);

	KUNIT_EXPECT_EQ(test, -ENOENT, fpga_card_stage(st->card, "no-such-image"));
	KUNIT_EXPECT_EQ(test, -EINVAL, fpga_card_stage(st->card, "../user"));
	st->err = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_stage(st->card, FIXTURE_USER));
	load_expect_error(test, st->card, "did not take");
	stage_expect_staged(test, st->card, "");
	fpga_card_detach(st->card, st);
}

/* The back end says that it wrote the image, and the card does not have it. */
static void what_was_staged_is_looked_at(struct kunit *test)
{
	struct stage *st = stage_boot(test, true);

	st->forgets = true;
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_stage(st->card, FIXTURE_USER));
	load_expect_error(test, st->card, "does not have it");
	stage_expect_staged(test, st->card, "");
	fpga_card_detach(st->card, st);
}

static void staged_image_survives_a_refused_activation(struct kunit *test)
{
	struct stage *st = stage_boot(test, true);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_USER));
	st->ready = -EBUSY;
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_activate(st->card));
	stage_expect_staged(test, st->card, FIXTURE_USER);
	st->ready = 0;
	/* The card itself says no, when the functions are gone. */
	st->trigger = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_activate(st->card));
	stage_expect_staged(test, st->card, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, st->unstages, 0);
	st->trigger = 0;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_activate(st->card));
	KUNIT_EXPECT_TRUE(test, st->staged);
	fpga_card_detach(st->card, st);
}

static void card_that_lost_what_was_staged_is_noticed(struct kunit *test)
{
	struct stage *st = stage_boot(test, true);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_USER));
	st->in_place = false;
	KUNIT_EXPECT_EQ(test, -ENODATA, fpga_card_activate(st->card));
	load_expect_error(test, st->card, "has lost \"user\", which was staged");
	fixture_expect_untouched(st->fx);
	stage_expect_staged(test, st->card, "");

	/* Who looks sees it, too. */
	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_USER));
	st->in_place = false;
	stage_expect_staged(test, st->card, "");
	fpga_card_detach(st->card, st);
}

static void back_end_that_cannot_tell_is_believed_until_it_goes(struct kunit *test)
{
	struct stage *st = stage_boot(test, false);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_USER));
	stage_expect_staged(test, st->card, FIXTURE_USER);
	fpga_card_detach(st->card, st);
	stage_attach(test, st);
	stage_expect_staged(test, st->card, "");
	/* What is in flash is in flash. */
	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_WIDE));
	fpga_card_detach(st->card, st);
	stage_attach(test, st);
	stage_expect_staged(test, st->card, FIXTURE_WIDE);
	fpga_card_detach(st->card, st);
}

static void back_end_that_can_tell_is_asked_when_it_is_back(struct kunit *test)
{
	struct stage *st = stage_boot(test, true);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_USER));
	fpga_card_detach(st->card, st);
	stage_attach(test, st);
	stage_expect_staged(test, st->card, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_activate(st->card));
	KUNIT_EXPECT_TRUE(test, st->staged);
	fpga_card_detach(st->card, st);
}

static void load_ends_what_was_staged(struct kunit *test)
{
	struct stage *st = stage_boot(test, true);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(st->card, FIXTURE_WIDE));
	KUNIT_EXPECT_FALSE(test, st->staged);
	stage_expect_staged(test, st->card, "");
	fpga_card_detach(st->card, st);
}

static void stage_work(struct work_struct *work)
{
	struct load_run *run = container_of(work, struct load_run, work);

	run->result = fpga_card_stage(run->card, run->name);
}

/* A second request is refused meanwhile, and the first one ends soon. */
static void staging_is_cancelled(struct kunit *test)
{
	struct stage *st = stage_boot(test, true);
	struct load_run run = { .card = st->card, .name = FIXTURE_USER };

	st->staging_ms = STAGE_LONG_MS;
	run.on_stack = true;
	INIT_WORK_ONSTACK(&run.work, stage_work);
	queue_work(system_unbound_wq, &run.work);
	load_wait_state(test, st->card, FPGA_CARD_STAGING, FIXTURE_WAIT_MS);
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_stage(st->card, FIXTURE_WIDE));
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_activate(st->card));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_unstage(st->card));
	KUNIT_EXPECT_EQ(test, -EINTR, load_run_end(&run));
	load_expect_error(test, st->card, "cancelled");
	stage_expect_staged(test, st->card, "");
	KUNIT_EXPECT_FALSE(test, st->begun);
	fpga_card_detach(st->card, st);
}

static void what_is_staged_is_forgotten_on_request(struct kunit *test)
{
	struct stage *st = stage_boot(test, true);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_unstage(st->card));
	KUNIT_EXPECT_EQ(test, st->unstages, 1);
	stage_expect_staged(test, st->card, "");
	KUNIT_EXPECT_EQ(test, -ENODATA, fpga_card_activate(st->card));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_unstage(st->card));
	KUNIT_EXPECT_EQ(test, st->unstages, 1);
	fpga_card_detach(st->card, st);
}

static void staging_does_not_use_up_force(struct kunit *test)
{
	struct stage *st = stage_boot(test, true);

	mutex_lock(&st->card->lock);
	st->card->settings.force = true;
	mutex_unlock(&st->card->lock);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_stage(st->card, FIXTURE_USER));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(st->card->settings.force));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_activate(st->card));
	KUNIT_EXPECT_FALSE(test, READ_ONCE(st->card->settings.force));
	fpga_card_detach(st->card, st);
}

static struct kunit_case stage_cases[] = {
	KUNIT_CASE(image_is_staged_without_an_outage),
	KUNIT_CASE(staged_image_is_activated),
	KUNIT_CASE(staging_beforehand_is_what_an_activation_saves),
	KUNIT_CASE(image_in_flash_needs_no_writing),
	KUNIT_CASE(nothing_staged_is_no_data),
	KUNIT_CASE(what_is_no_image_is_not_staged),
	KUNIT_CASE(what_was_staged_is_looked_at),
	KUNIT_CASE(staged_image_survives_a_refused_activation),
	KUNIT_CASE(card_that_lost_what_was_staged_is_noticed),
	KUNIT_CASE(back_end_that_cannot_tell_is_believed_until_it_goes),
	KUNIT_CASE(back_end_that_can_tell_is_asked_when_it_is_back),
	KUNIT_CASE(load_ends_what_was_staged),
	KUNIT_CASE(staging_is_cancelled),
	KUNIT_CASE(what_is_staged_is_forgotten_on_request),
	KUNIT_CASE(staging_does_not_use_up_force),
	{}
};

struct kunit_suite fpga_card_stage_suite = {
	.name = "fpga_card_stage",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = stage_cases,
};
