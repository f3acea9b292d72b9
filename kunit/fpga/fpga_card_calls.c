// SPDX-License-Identifier: GPL-2.0-only
/*
 * The calls into a back end: what it says when one fails, and that each begin() has its
 * end(). The one here has no control device: a hot reset makes its card load.
 */

#include <linux/fpga/fpga-card.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define CALLS_TIMEOUT_MS	2000
#define CALLS_STAGED		"retimer"
#define CALLS_REASON		"its flash is being updated"

/**
 * enum calls_op - an operation that is to fail
 * @CALLS_NONE: none
 * @CALLS_IMAGES: images()
 * @CALLS_READY: ready()
 * @CALLS_BEGIN: begin()
 * @CALLS_STAGE: stage()
 * @CALLS_TRIGGER: trigger()
 * @CALLS_RUNNING: running(), from the trigger on
 */
enum calls_op {
	CALLS_NONE,
	CALLS_IMAGES,
	CALLS_READY,
	CALLS_BEGIN,
	CALLS_STAGE,
	CALLS_TRIGGER,
	CALLS_RUNNING,
};

/**
 * struct calls - a back end whose operations fail as they are told to
 * @fx: the host
 * @card: the card, as fpga_card_attach() tells it
 * @fails: the operation that fails
 * @err: what it returns
 * @reason: what it says; NULL for nothing
 * @runs: the image that runs; empty if that cannot be told
 * @loads: what runs after the trigger; NULL for what is asked for
 * @triggered: the card was told to load
 */
struct calls {
	struct fixture *fx;
	struct fpga_card *card;
	enum calls_op fails;
	int err;
	const char *reason;
	const char *runs;
	const char *loads;
	bool triggered;
};

static const struct fpga_card_image calls_images[] = {
	{ .name = FIXTURE_USER, .timeout_ms = CALLS_TIMEOUT_MS },
	{ .name = FIXTURE_FACTORY, .timeout_ms = CALLS_TIMEOUT_MS },
	{ .name = CALLS_STAGED, .timeout_ms = CALLS_TIMEOUT_MS, .staged = true,
	  .auxiliary = true },
};

static int calls_answer(struct calls *be, enum calls_op op)
{
	if (be->fails != op)
		return 0;
	if (be->reason)
		fpga_card_reason(be->card, "%s", be->reason);
	return be->err;
}

static int calls_get_images(void *priv, struct fpga_card_image *images,
			    unsigned int max)
{
	memcpy(images, calls_images, sizeof(calls_images));
	return calls_answer(priv, CALLS_IMAGES) ?: ARRAY_SIZE(calls_images);
}

static int calls_ready(void *priv)
{
	return calls_answer(priv, CALLS_READY);
}

static int calls_begin(void *priv, const char *name)
{
	return calls_answer(priv, CALLS_BEGIN);
}

static int calls_running(void *priv, char *name, size_t len)
{
	struct calls *be = priv;
	int ret = be->triggered ? calls_answer(be, CALLS_RUNNING) : 0;

	if (ret)
		return ret;
	if (!be->runs[0])
		return -ENODATA;
	strscpy(name, be->runs, len);
	return 0;
}

static int calls_stage(void *priv, struct fpga_card *card, const char *name,
		       const u8 *data, size_t len)
{
	return calls_answer(priv, CALLS_STAGE);
}

static int calls_trigger(void *priv, const char *name, bool staged)
{
	struct calls *be = priv;
	int ret = calls_answer(be, CALLS_TRIGGER);

	if (ret)
		return ret;
	be->triggered = true;
	if (strcmp(name, CALLS_STAGED))
		be->runs = be->loads ?: name;
	return 0;
}

static const struct fpga_card_ops calls_ops = {
	.images = calls_get_images,
	.ready = calls_ready,
	.begin = calls_begin,
	.running = calls_running,
	.stage = calls_stage,
	.trigger = calls_trigger,
};

/* The fixture's own cards are not needed: nothing drives these functions. */
static struct calls *calls_start(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct calls *be = kunit_kzalloc(test, sizeof(*be), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, be);
	for (i = 0; i < FIXTURE_IMAGES; i++)
		fx->images[i].fn[0].bmc = false;
	fx->config.n_ports = 1;
	fixture_start(fx);
	be->fx = fx;
	be->runs = FIXTURE_FACTORY;
	return be;
}

static struct fpga_card *calls_try_attach(struct calls *be)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = fixture_port(be->fx, 0),
		.start = FPGA_CARD_START_HOT_RESET,
		.ops = &calls_ops,
		.priv = be,
		.card = &be->card,
	};

	return fpga_card_attach(&info);
}

static void calls_attach(struct kunit *test, struct calls *be)
{
	struct fpga_card *card = calls_try_attach(be);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, card);
	KUNIT_ASSERT_PTR_EQ(test, card, be->card);
}

/**
 * struct calls_failure - an operation that fails, and what users read of it
 * @op: the operation
 * @what: its name
 * @image: what is to be loaded
 * @before: what the sentence says before the reason
 * @number: what it says if there is no reason
 */
struct calls_failure {
	enum calls_op op;
	const char *what;
	const char *image;
	const char *before;
	const char *number;
};

static const struct calls_failure calls_failures[] = {
	{ CALLS_READY, "ready", FIXTURE_USER, "takes no request now: ",
	  "kunit reports error -16" },
	{ CALLS_BEGIN, "begin", FIXTURE_USER, "does not load \"user\" now: ",
	  "kunit reports error -16" },
	{ CALLS_STAGE, "stage", CALLS_STAGED, "did not take \"retimer\": ",
	  "error -16; it goes on" },
	{ CALLS_TRIGGER, "trigger", FIXTURE_USER,
	  "refused to load \"user\": ", "error -16; it goes on" },
	{ CALLS_RUNNING, "running", FIXTURE_USER,
	  "came back, but does not say what it runs: ", "error -16" },
};

static void calls_failure_desc(const struct calls_failure *failure, char *desc)
{
	strscpy(desc, failure->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(calls_failure, calls_failures, calls_failure_desc);

static void calls_expect_failure(struct kunit *test, struct calls *be,
				 const struct calls_failure *failure,
				 const char *reason)
{
	char part[128];

	be->reason = reason;
	be->triggered = false;
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(be->card, failure->image));
	scnprintf(part, sizeof(part), "%s%s", failure->before,
		  reason ?: failure->number);
	load_expect_error(test, be->card, part);
	if (reason)
		load_expect_no_error(test, be->card, "error -16");
}

/* The second failure shows that the reason of the first one is forgotten. */
static void a_failure_is_told_in_the_back_ends_words(struct kunit *test)
{
	struct calls *be = calls_start(test);

	calls_attach(test, be);
	be->fails = ((const struct calls_failure *)test->param_value)->op;
	be->err = -EBUSY;
	calls_expect_failure(test, be, test->param_value, CALLS_REASON);
	calls_expect_failure(test, be, test->param_value, NULL);
	fpga_card_detach(be->card, be);
}

/* Of another operation, too. */
static void a_reason_is_that_of_its_operation(struct kunit *test)
{
	struct calls *be = calls_start(test);

	calls_attach(test, be);
	be->err = -EBUSY;
	be->fails = CALLS_TRIGGER;
	calls_expect_failure(test, be, &calls_failures[3], CALLS_REASON);
	be->fails = CALLS_READY;
	calls_expect_failure(test, be, &calls_failures[0], NULL);
	load_expect_no_error(test, be->card, CALLS_REASON);
	fpga_card_detach(be->card, be);
}

/* A reason is cut, and what it has of a format is not looked at. */
static void a_reason_may_be_any_text(struct kunit *test)
{
	struct calls *be = calls_start(test);
	char *reason = kunit_kzalloc(test, 2 * FPGA_CARD_REASON_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, reason);
	memset(reason, 'x', 2 * FPGA_CARD_REASON_MAX - 1);
	memcpy(reason, "%s%n%s", 6);
	calls_attach(test, be);
	be->fails = CALLS_BEGIN;
	be->err = -EIO;
	be->reason = reason;
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(be->card, FIXTURE_USER));
	load_expect_error(test, be->card, "now: %s%n%sxxx");
	KUNIT_EXPECT_EQ(test, FPGA_CARD_REASON_MAX,
			strlen(strstr(be->card->last_error, "now: ") + 5));
	fpga_card_detach(be->card, be);
}

/* There is nobody to be told but the kernel's log. */
static void images_that_are_not_known_have_a_reason(struct kunit *test)
{
	struct calls *be = calls_start(test);

	be->fails = CALLS_IMAGES;
	be->err = -EIO;
	be->reason = CALLS_REASON;
	KUNIT_EXPECT_PTR_EQ(test, calls_try_attach(be),
			    (struct fpga_card *)ERR_PTR(-EIO));
	KUNIT_EXPECT_NULL(test, be->card);
	be->fails = CALLS_NONE;
	calls_attach(test, be);
	fpga_card_detach(be->card, be);
}

static struct kunit_case calls_cases[] = {
	KUNIT_CASE_PARAM(a_failure_is_told_in_the_back_ends_words,
			 calls_failure_gen_params),
	KUNIT_CASE(a_reason_is_that_of_its_operation),
	KUNIT_CASE(a_reason_may_be_any_text),
	KUNIT_CASE(images_that_are_not_known_have_a_reason),
	{}
};

struct kunit_suite fpga_card_calls_suite = {
	.name = "fpga_card_calls",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = calls_cases,
};
