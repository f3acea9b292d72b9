// SPDX-License-Identifier: GPL-2.0-only
/*
 * The calls into a back end: what it says when one fails, and that each begin() has its
 * end(). The one here has no control device, and a hot reset makes its card load; or it
 * is the driver of a function, and comes and goes with each load. One file, as a suite is
 * one object, and its cases share what is set up at its top.
 */

#include <linux/fpga/fpga-card.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "kunit/fixtures/load.h"
#include "kunit/fixtures/region-file.h"
#include "kunit/suites.h"

#define CALLS_TIMEOUT_MS	2000
#define CALLS_STAGED		"retimer"
#define CALLS_LOAD		"firmware_name"
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
 * @passes: it does not so many times
 * @err: what it returns
 * @reason: what it says; NULL for nothing
 * @runs: the image that runs; empty if that cannot be told
 * @asked: the image of the last trigger
 * @loads: what runs after the trigger; NULL for what is asked for
 * @triggered: the card was told to load
 * @sim: it is the simulator's card that loads, and says what runs
 * @open: begin() was called, and not yet end()
 * @begins: how often begin() returned 0
 * @ends: how often end() was called
 * @wrong: what was called that may not be called by then; NULL for nothing
 */
struct calls {
	struct fixture *fx;
	struct fpga_card *card;
	enum calls_op fails;
	unsigned int passes;
	int err;
	const char *reason;
	const char *runs;
	char asked[FPGA_CARD_NAME_MAX + 1];
	const char *loads;
	bool triggered;
	bool sim;
	bool open;
	unsigned int begins;
	unsigned int ends;
	const char *wrong;
};

static const struct fpga_card_image calls_images[] = {
	{ .name = FIXTURE_USER, .timeout_ms = CALLS_TIMEOUT_MS },
	{ .name = FIXTURE_FACTORY, .timeout_ms = CALLS_TIMEOUT_MS },
	{ .name = FIXTURE_WIDE, .timeout_ms = CALLS_TIMEOUT_MS },
	{ .name = CALLS_STAGED, .timeout_ms = CALLS_TIMEOUT_MS, .staged = true,
	  .auxiliary = true },
};

static int calls_answer(struct calls *be, enum calls_op op)
{
	if (be->fails != op)
		return 0;
	if (be->passes) {
		be->passes--;
		return 0;
	}
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
	struct calls *be = priv;
	int ret = calls_answer(be, CALLS_BEGIN);

	if (be->open)
		be->wrong = "begin";
	if (ret)
		return ret;
	be->open = true;
	be->begins++;
	return 0;
}

static void calls_end(void *priv)
{
	struct calls *be = priv;

	if (!be->open)
		be->wrong = "end";
	be->open = false;
	be->ends++;
}

static int calls_running(void *priv, char *name, size_t len)
{
	struct calls *be = priv;
	int ret = be->triggered ? calls_answer(be, CALLS_RUNNING) : 0;

	if (ret)
		return ret;
	if (be->sim)
		return pcie_card_sim_running(be->fx->sim, 0, name, len);
	if (!be->runs[0])
		return -ENODATA;
	strscpy(name, be->runs, len);
	return 0;
}

static int calls_stage(void *priv, struct fpga_card *card, const char *name,
		       const u8 *data, size_t len)
{
	struct calls *be = priv;

	if (!be->open)
		be->wrong = "stage";
	return calls_answer(be, CALLS_STAGE);
}

static int calls_trigger(void *priv, const char *name, bool staged)
{
	struct calls *be = priv;
	int ret = calls_answer(be, CALLS_TRIGGER);

	if (!be->open)
		be->wrong = "trigger";
	if (ret)
		return ret;
	be->triggered = true;
	if (be->sim)
		return pcie_card_sim_load(be->fx->sim, 0, name);
	/* @name is the request's, and goes with it. */
	strscpy(be->asked, name, sizeof(be->asked));
	if (strcmp(name, CALLS_STAGED))
		be->runs = be->loads ?: be->asked;
	return 0;
}

static const struct fpga_card_ops calls_ops = {
	.images = calls_get_images,
	.ready = calls_ready,
	.begin = calls_begin,
	.end = calls_end,
	.running = calls_running,
	.stage = calls_stage,
	.trigger = calls_trigger,
};

/* The fixture's own cards are not needed: nothing drives these functions. */
static struct calls *calls_start(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct calls *be = kunit_kzalloc(test, sizeof(*be), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, be);
	fixture_describe_undriven(fx);
	fx->config.n_ports = 1;
	fixture_start(fx);
	be->fx = fx;
	be->runs = FIXTURE_FACTORY;
	return be;
}

/* @info: what is not as with all of them here */
static struct fpga_card *calls_try_attach(struct calls *be,
					  const struct fpga_card_info *info)
{
	struct fpga_card_info all = *info;

	all.name = "kunit";
	all.port = fixture_port(be->fx, 0);
	all.start = FPGA_CARD_START_HOT_RESET;
	all.ops = &calls_ops;
	all.priv = be;
	all.card = &be->card;
	return fpga_card_attach(&all);
}

static void calls_attach_info(struct kunit *test, struct calls *be,
			      const struct fpga_card_info *info)
{
	struct fpga_card *card = calls_try_attach(be, info);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, card);
	KUNIT_ASSERT_PTR_EQ(test, card, be->card);
}

static void calls_attach(struct kunit *test, struct calls *be)
{
	static const struct fpga_card_info info;

	calls_attach_info(test, be, &info);
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
	static const struct fpga_card_info info;
	struct calls *be = calls_start(test);

	be->fails = CALLS_IMAGES;
	be->err = -EIO;
	be->reason = CALLS_REASON;
	KUNIT_EXPECT_PTR_EQ(test, calls_try_attach(be, &info),
			    (struct fpga_card *)ERR_PTR(-EIO));
	KUNIT_EXPECT_NULL(test, be->card);
	be->fails = CALLS_NONE;
	calls_attach(test, be);
	fpga_card_detach(be->card, be);
}

/* The driver of the function that a card is told to load through */
static struct calls *calls_bound;

static int calls_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = fixture_port(calls_bound->fx, 0),
		.control = &pdev->dev,
		.ops = &calls_ops,
		.priv = calls_bound,
		.card = &calls_bound->card,
	};

	return PTR_ERR_OR_ZERO(fpga_card_attach(&info));
}

static void calls_remove(struct pci_dev *pdev)
{
	fpga_card_detach(calls_bound->card, calls_bound);
}

static const struct pci_device_id calls_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0001) },
	{ PCI_DEVICE(0x1234, 0x0011) },
	{ PCI_DEVICE(0x1234, 0x0021) },
	{}
};

static struct pci_driver calls_driver = {
	.name = "fpga-card-kunit-calls",
	.id_table = calls_ids,
	.probe = calls_probe,
	.remove = calls_remove,
};

/**
 * struct calls_path - a way through a request
 * @what: for people
 * @file: the file of the region that is written
 * @image: what is written to it
 * @err: how it ends
 * @begins: how often begin() is to succeed
 * @control: the back end is the driver of a function
 * @fails: the operation that fails
 * @passes: it does not so many times
 * @loads: what runs after the trigger; NULL for what is asked for
 * @faults: what the simulator's card does wrong
 * @state: @act happens there; NULL for none
 * @act: what happens then
 */
struct calls_path {
	const char *what;
	const char *file;
	const char *image;
	int err;
	unsigned int begins;
	bool control;
	enum calls_op fails;
	unsigned int passes;
	const char *loads;
	struct pcie_card_sim_faults faults;
	const char *state;
	void (*act)(struct load_moment *moment);
};

static void calls_cancel(struct load_moment *moment)
{
	const struct calls *be = moment->data;

	WRITE_ONCE(be->card->serving.request->cancel, true);
}

static const struct calls_path calls_paths[] = {
	{ "a load", CALLS_LOAD, FIXTURE_USER, 0, 1 },
	{ "a check", "check", FIXTURE_USER, 0, 1 },
	{ "a recovery", "recover", "1", 0, 0 },
	{ "a name that is none", CALLS_LOAD, "nonsense", -ENOENT, 0 },
	{ "not ready", CALLS_LOAD, FIXTURE_USER, -EBUSY, 0,
	  .fails = CALLS_READY },
	{ "not begun", CALLS_LOAD, FIXTURE_USER, -EBUSY, 0,
	  .fails = CALLS_BEGIN },
	{ "a check, not begun", "check", FIXTURE_USER, -EBUSY, 0,
	  .fails = CALLS_BEGIN },
	{ "not staged", CALLS_LOAD, CALLS_STAGED, -EBUSY, 1,
	  .fails = CALLS_STAGE },
	{ "cancelled after staging", CALLS_LOAD, CALLS_STAGED, -EINTR, 1,
	  .state = "staging", .act = calls_cancel },
	{ "cancelled before the trigger", CALLS_LOAD, FIXTURE_USER, -EINTR, 1,
	  .state = "removing", .act = calls_cancel },
	{ "refused", CALLS_LOAD, FIXTURE_USER, -EBUSY, 1,
	  .fails = CALLS_TRIGGER },
	{ "does not say what runs", CALLS_LOAD, FIXTURE_USER, -EBUSY, 1,
	  .fails = CALLS_RUNNING },
	{ "rolled back", CALLS_LOAD, FIXTURE_USER, -EIO, 2,
	  .loads = FIXTURE_WIDE },
	{ "rollback not begun", CALLS_LOAD, FIXTURE_USER, -EIO, 1,
	  .loads = FIXTURE_WIDE, .fails = CALLS_BEGIN, .passes = 1 },
	{ "rollback refused", CALLS_LOAD, FIXTURE_USER, -EIO, 2,
	  .loads = FIXTURE_WIDE, .fails = CALLS_TRIGGER, .passes = 1 },
	{ "control: a load", CALLS_LOAD, FIXTURE_USER, 0, 1, true },
	{ "control: a check", "check", FIXTURE_USER, 0, 1, true },
	{ "control: refused", CALLS_LOAD, FIXTURE_USER, -EBUSY, 1, true,
	  .fails = CALLS_TRIGGER },
	{ "control: cancelled", CALLS_LOAD, FIXTURE_USER, -EINTR, 1, true,
	  .state = "removing", .act = calls_cancel },
	{ "control: rolled back", CALLS_LOAD, FIXTURE_USER, -EIO, 2, true,
	  .faults = { .wrong_image = FIXTURE_WIDE } },
	{ "control: nothing comes back", CALLS_LOAD, FIXTURE_USER,
	  -ETIMEDOUT, 1, true, .faults = { .never_return = true } },
};

static void calls_path_desc(const struct calls_path *path, char *desc)
{
	strscpy(desc, path->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(calls_path, calls_paths, calls_path_desc);

static void calls_expect_pairs(struct kunit *test, const struct calls *be,
			       unsigned int begins)
{
	KUNIT_EXPECT_EQ(test, be->begins, begins);
	KUNIT_EXPECT_EQ(test, be->ends, begins);
	KUNIT_EXPECT_FALSE(test, be->open);
	KUNIT_EXPECT_STREQ(test, be->wrong ?: "", "");
}

/* Attached as the path has it; returns the card with a reference. */
static struct fpga_card *calls_path_attach(struct kunit *test, struct calls *be,
					   const struct calls_path *path)
{
	be->sim = path->control;
	if (path->control) {
		calls_bound = be;
		fixture_add_driver(be->fx, &calls_driver);
	} else {
		calls_attach(test, be);
	}
	return fixture_card(be->fx, 0);
}

static void each_begin_has_its_end(struct kunit *test)
{
	const struct calls_path *path = test->param_value;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct calls *be;
	unsigned int i;

	fixture_slow_but(test, &calls_paths[0]);
	/* A class that none of the simulator's own drivers takes */
	for (i = 0; i < FIXTURE_IMAGES; i++)
		fx->images[i].fn[0].class = 0x110000;
	be = calls_start(test);
	card = calls_path_attach(test, be, path);
	fixture_set_faults(fx, &path->faults);
	be->fails = path->fails;
	be->passes = path->passes;
	be->err = -EBUSY;
	be->loads = path->loads;
	if (path->state) {
		struct load_moment moment = {
			.fx = fx, .state = path->state, .act = path->act,
			.data = be,
		};

		load_moment_start(&moment);
		KUNIT_EXPECT_EQ(test, path->err,
				region_file_write(card, path->file,
						  path->image));
		load_moment_stop(&moment);
	} else {
		KUNIT_EXPECT_EQ(test, path->err,
				region_file_write(card, path->file, path->image));
	}
	calls_expect_pairs(test, be, path->begins);
	if (path->control)
		fixture_remove_driver(fx, &calls_driver);
	else
		fpga_card_detach(be->card, be);
	calls_expect_pairs(test, be, path->begins);
	fpga_card_put(card);
}

/**
 * struct calls_break - a back end that goes in the middle of a load
 * @work: has it go
 * @be: the back end
 */
struct calls_break {
	struct work_struct work;
	struct calls *be;
};

static void calls_break_work(struct work_struct *work)
{
	struct calls_break *gone = container_of(work, struct calls_break, work);

	fpga_card_detach(gone->be->card, gone->be);
}

static void calls_break_start(struct load_moment *moment)
{
	struct calls_break *gone = (void *)moment->data;

	queue_work(system_unbound_wq, &gone->work);
}

static const char * const calls_break_states[] = {
	"staging", "opening", "removing", "settling", "verifying",
};

static void calls_break_desc(const char * const *state, char *desc)
{
	strscpy(desc, *state, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(calls_break, calls_break_states, calls_break_desc);

/* It is told so before it has gone, and not once more by the load's own end. */
static void a_back_end_that_goes_is_told_of_the_end(struct kunit *test)
{
	struct calls *be = calls_start(test);
	struct calls_break gone = { .be = be };
	struct load_moment moment = {
		.fx = be->fx,
		.state = *(const char * const *)test->param_value,
		.act = calls_break_start,
		.data = &gone,
	};
	struct fpga_card *card;

	fixture_slow(test);
	calls_attach(test, be);
	card = fixture_card(be->fx, 0);
	INIT_WORK_ONSTACK(&gone.work, calls_break_work);
	load_moment_start(&moment);
	/* Whether the load still had what it needed is a matter of who was first. */
	fpga_card_load(card, CALLS_STAGED);
	load_moment_stop(&moment);
	flush_work(&gone.work);
	destroy_work_on_stack(&gone.work);
	calls_expect_pairs(test, be, 1);

	/* The next one is not told of a load that it did not see begin. */
	calls_attach(test, be);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	calls_expect_pairs(test, be, 2);
	fpga_card_detach(be->card, be);
	fpga_card_put(card);
}

/* As long as the back end has said, longer or shorter than usual. */
static void a_back_end_has_the_time_that_it_asks_for(struct kunit *test)
{
	struct fpga_card_info info = { .attach_ms = 300 };
	struct calls *be = calls_start(test);
	struct calls_break gone = { .be = be };
	struct load_moment moment = {
		.fx = be->fx,
		.state = "settling",
		.act = calls_break_start,
		.data = &gone,
	};
	struct fpga_card *card;

	calls_attach_info(test, be, &info);
	card = fixture_card(be->fx, 0);
	INIT_WORK_ONSTACK(&gone.work, calls_break_work);
	load_moment_start(&moment);
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_load(card, FIXTURE_USER));
	load_moment_stop(&moment);
	flush_work(&gone.work);
	destroy_work_on_stack(&gone.work);
	load_expect_error(test, card, "no back end attached within 300 ms");

	info.attach_ms = FPGA_CARD_TIMEOUT_MAX_MS + 1;
	KUNIT_EXPECT_PTR_EQ(test, calls_try_attach(be, &info),
			    (struct fpga_card *)ERR_PTR(-EINVAL));
	fpga_card_put(card);
}

static struct kunit_case calls_cases[] = {
	KUNIT_CASE_PARAM(a_failure_is_told_in_the_back_ends_words,
			 calls_failure_gen_params),
	KUNIT_CASE(a_reason_is_that_of_its_operation),
	KUNIT_CASE(a_reason_may_be_any_text),
	KUNIT_CASE(images_that_are_not_known_have_a_reason),
	KUNIT_CASE_PARAM(each_begin_has_its_end, calls_path_gen_params),
	KUNIT_CASE_PARAM(a_back_end_that_goes_is_told_of_the_end,
			 calls_break_gen_params),
	KUNIT_CASE(a_back_end_has_the_time_that_it_asks_for),
	{}
};

struct kunit_suite fpga_card_calls_suite = {
	.name = "fpga_card_calls",
	.init = region_file_init,
	.exit = region_file_exit,
	.test_cases = calls_cases,
};
