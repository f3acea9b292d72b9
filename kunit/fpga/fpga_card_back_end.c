// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a back end is asked, and in which order. The one here has no control device: a hot
 * reset makes its card load. One file, as a suite is one object, and its cases share what
 * is set up at its top.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define BACKEND_CALLS		16
#define BACKEND_TIMEOUT_MS	2000
#define BACKEND_HINT		"use the other door"

/* Longer than what is not to wait for stage() takes, and than a case may. */
#define BACKEND_SOON_MS		1000
#define BACKEND_STAGING_MS	20000

/**
 * struct backend - a back end that notes what it is asked
 * @calls: names of the operations called, without those that only look
 * @n_calls: number of elements of @calls
 * @begin: what begin() returns
 * @stage: what stage() returns
 * @staging_ms: how long stage() takes, unless it is told to end
 * @staging: stage() runs
 * @trigger: what trigger() returns
 * @ready: what ready() returns
 * @running: what runs; empty if that cannot be told
 * @loads: becomes @running with the trigger
 * @data: stage() was called with data
 * @staged: trigger() was called with an image that was staged
 * @functions: how many functions there were in stage()
 * @stages: all images have to be staged
 * @fx: the host
 */
struct backend {
	const char *calls[BACKEND_CALLS];
	unsigned int n_calls;
	int begin;
	int stage;
	unsigned int staging_ms;
	bool staging;
	int trigger;
	int ready;
	const char *running;
	const char *loads;
	bool data;
	bool staged;
	unsigned int functions;
	bool stages;
	struct fixture *fx;
};

static const struct fpga_card_image backend_images[] = {
	{ .name = FIXTURE_USER, .timeout_ms = BACKEND_TIMEOUT_MS },
	{ .name = FIXTURE_FACTORY, .timeout_ms = BACKEND_TIMEOUT_MS },
	{ .name = "retimer", .timeout_ms = BACKEND_TIMEOUT_MS,
	  .staged = true, .auxiliary = true },
	{ .name = "firmware", .timeout_ms = BACKEND_TIMEOUT_MS, .auxiliary = true },
};

static void backend_note(struct backend *be, const char *call)
{
	if (be->n_calls < BACKEND_CALLS)
		be->calls[be->n_calls++] = call;
}

static int backend_get_images(void *priv, struct fpga_card_image *images,
			      unsigned int max)
{
	const struct backend *be = priv;
	unsigned int i;

	memcpy(images, backend_images, sizeof(backend_images));
	for (i = 0; i < ARRAY_SIZE(backend_images); i++)
		images[i].staged |= be->stages;
	return ARRAY_SIZE(backend_images);
}

static int backend_ready(void *priv)
{
	return ((struct backend *)priv)->ready;
}

static int backend_begin(void *priv, const char *name)
{
	struct backend *be = priv;

	backend_note(be, "begin");
	return be->begin;
}

static void backend_end(void *priv)
{
	backend_note(priv, "end");
}

static int backend_running(void *priv, char *name, size_t len)
{
	struct backend *be = priv;

	if (!be->running[0])
		return -ENODATA;
	strscpy(name, be->running, len);
	return 0;
}

static int backend_stage(void *priv, struct fpga_card *card, const char *name,
			 const u8 *data, size_t len)
{
	struct backend *be = priv;
	ktime_t end = ktime_add_ms(ktime_get(), be->staging_ms);
	int ret = be->stage;

	backend_note(be, "stage");
	be->data = data || len;
	be->functions = fixture_count(be->fx, 0);
	WRITE_ONCE(be->staging, true);
	while (ktime_before(ktime_get(), end)) {
		if (fpga_card_stage_cancelled(card)) {
			ret = -EINTR;
			break;
		}
		msleep(20);
	}
	WRITE_ONCE(be->staging, false);
	return ret;
}

static int backend_trigger(void *priv, const char *name, bool staged)
{
	struct backend *be = priv;

	backend_note(be, "trigger");
	be->staged = staged;
	if (!be->trigger && be->loads)
		be->running = be->loads;
	return be->trigger;
}

static const struct fpga_card_ops backend_ops = {
	.images = backend_get_images,
	.ready = backend_ready,
	.begin = backend_begin,
	.end = backend_end,
	.running = backend_running,
	.stage = backend_stage,
	.trigger = backend_trigger,
};

/* The fixture's own cards are not needed: nothing drives these functions. */
static struct backend *backend_start(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct backend *be = kunit_kzalloc(test, sizeof(*be), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, be);
	fixture_describe_undriven(fx);
	fx->config.n_ports = 1;
	fixture_start(fx);
	be->fx = fx;
	be->running = "";
	return be;
}

static struct fpga_card *backend_attach(struct kunit *test, struct backend *be)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = fixture_port(be->fx, 0),
		.start = FPGA_CARD_START_HOT_RESET,
		.ops = &backend_ops,
		.priv = be,
		.no_files = BACKEND_HINT,
	};
	struct fpga_card *card = fpga_card_attach(&info);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, card);
	return card;
}

/* Another back end is refused for the same card. */
static void backend_expect_refused(struct kunit *test, struct backend *be)
{
	struct fpga_card_info info = {
		.name = "another",
		.port = fixture_port(be->fx, 0),
		.ops = &backend_ops,
		.priv = be,
	};

	KUNIT_EXPECT_PTR_EQ(test, fpga_card_attach(&info),
			    (struct fpga_card *)ERR_PTR(-EBUSY));
}

static void backend_expect_calls(struct kunit *test, struct backend *be,
				 const char *wanted)
{
	char calls[128] = "";
	unsigned int i;
	size_t at = 0;

	for (i = 0; i < be->n_calls; i++)
		at += scnprintf(calls + at, sizeof(calls) - at, "%s%s",
				i ? " " : "", be->calls[i]);
	KUNIT_EXPECT_STREQ(test, calls, wanted);
	be->n_calls = 0;
}

static void backend_expect_running(struct kunit *test, struct fpga_card *card,
				   const char *name)
{
	mutex_lock(&card->lock);
	KUNIT_EXPECT_STREQ(test, card->running, name);
	mutex_unlock(&card->lock);
}

static void a_load_is_begun_and_ended(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);

	be->loads = FIXTURE_USER;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	backend_expect_calls(test, be, "begin trigger end");
	backend_expect_running(test, card, FIXTURE_USER);
	KUNIT_EXPECT_FALSE(test, be->staged);
	fpga_card_detach(card, be);
}

static void a_load_that_may_not_begin_touches_nothing(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);

	be->begin = -EBUSY;
	pcie_card_sim_log_clear(be->fx->sim);
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_USER));
	backend_expect_calls(test, be, "begin");
	load_expect_error(test, card, "does not load \"user\" now");
	KUNIT_EXPECT_FALSE(test, fixture_find(be->fx, PCIE_CARD_SIM_DEV_DEL, NULL,
					      0, NULL));
	KUNIT_EXPECT_EQ(test, FPGA_CARD_IDLE, card->state);
	fpga_card_detach(card, be);
}

static void what_is_not_asked_for_is_not_begun(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);

	KUNIT_EXPECT_EQ(test, -ENOENT, fpga_card_load(card, "nonsense"));
	be->ready = -EBUSY;
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_USER));
	backend_expect_calls(test, be, "");
	fpga_card_detach(card, be);
}

static void a_load_that_the_card_refuses_is_ended(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);

	be->trigger = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(card, FIXTURE_USER));
	backend_expect_calls(test, be, "begin trigger end");
	be->trigger = 0;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	backend_expect_calls(test, be, "begin trigger end");
	fpga_card_detach(card, be);
}

static void an_image_is_staged_before_anything_is_removed(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, "retimer"));
	backend_expect_calls(test, be, "begin stage trigger end");
	KUNIT_EXPECT_FALSE(test, be->data);
	KUNIT_EXPECT_TRUE(test, be->staged);
	KUNIT_EXPECT_EQ(test, be->functions, fixture_count(be->fx, 0));
	fpga_card_detach(card, be);
}

static void an_image_that_is_not_staged_touches_nothing(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);

	be->stage = -EEXIST;
	pcie_card_sim_log_clear(be->fx->sim);
	KUNIT_EXPECT_EQ(test, -EEXIST, fpga_card_load(card, "retimer"));
	backend_expect_calls(test, be, "begin stage end");
	load_expect_error(test, card, "did not take \"retimer\": error -17");
	KUNIT_EXPECT_FALSE(test, fixture_find(be->fx, PCIE_CARD_SIM_DEV_DEL, NULL,
					      0, NULL));
	fpga_card_detach(card, be);
}

/* A load whose staging takes longer than anybody waits */
static void backend_start_staging(struct backend *be, struct load_run *run,
				  struct fpga_card *card)
{
	be->staging_ms = BACKEND_STAGING_MS;
	load_run_start(run, card, "retimer");
	KUNIT_EXPECT_TRUE(be->fx->test, fixture_wait(READ_ONCE(be->staging),
						     BACKEND_STAGING_MS));
}

static void backend_expect_soon(struct kunit *test, ktime_t since)
{
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), since),
			BACKEND_SOON_MS);
}

/* The card is as it was, and takes the next one. */
static void staging_ends_with_whoever_asked_for_it(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);
	struct load_run run;
	ktime_t since;

	pcie_card_sim_log_clear(be->fx->sim);
	backend_start_staging(be, &run, card);
	since = ktime_get();
	WRITE_ONCE(card->serving.request->cancel, true);
	KUNIT_EXPECT_EQ(test, -EINTR, load_run_end(&run));
	backend_expect_soon(test, since);
	backend_expect_calls(test, be, "begin stage end");
	load_expect_error(test, card, "was cancelled");
	KUNIT_EXPECT_FALSE(test, fixture_find(be->fx, PCIE_CARD_SIM_DEV_DEL, NULL,
					      0, NULL));
	be->staging_ms = 0;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, "retimer"));
	fpga_card_detach(card, be);
}

/* It may be the rescan lock that whoever removes it holds. */
static void staging_ends_when_the_back_end_goes(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);
	struct load_run run;
	ktime_t since;

	get_device(&card->dev);
	backend_start_staging(be, &run, card);
	since = ktime_get();
	pci_lock_rescan_remove();
	fpga_card_detach(card, be);
	pci_unlock_rescan_remove();
	backend_expect_soon(test, since);
	KUNIT_EXPECT_EQ(test, -ENODEV, load_run_end(&run));
	backend_expect_calls(test, be, "begin stage end");
	load_expect_error(test, card, "was removed while \"retimer\" was written");

	be->staging_ms = 0;
	KUNIT_ASSERT_PTR_EQ(test, card, backend_attach(test, be));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, "retimer"));
	fpga_card_detach(card, be);
	fpga_card_put(card);
}

static void another_back_end_does_not_wait_for_staging(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);
	struct load_run run;
	ktime_t since;

	backend_start_staging(be, &run, card);
	since = ktime_get();
	backend_expect_refused(test, be);
	backend_expect_soon(test, since);
	WRITE_ONCE(card->serving.request->cancel, true);
	KUNIT_EXPECT_EQ(test, -EINTR, load_run_end(&run));
	fpga_card_detach(card, be);
}

/* With and without a card that can tell what it runs. */
static void an_image_beside_the_fpga_changes_no_name(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, "firmware"));
	backend_expect_running(test, card, "");
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	backend_expect_running(test, card, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, "firmware"));
	backend_expect_running(test, card, FIXTURE_USER);

	be->loads = "other";
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, "firmware"));
	backend_expect_running(test, card, "other");
	fpga_card_detach(card, be);
}

static void another_image_than_asked_for_is_an_error(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);

	be->running = "before";
	be->loads = "other";
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "runs \"other\" instead of \"user\"");
	fpga_card_detach(card, be);
}

/* The image before is loaded as part of it, and is a load of its own to the card. */
static void a_load_that_is_rolled_back_is_two_loads(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);

	be->loads = FIXTURE_FACTORY;
	KUNIT_ASSERT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
	be->n_calls = 0;
	be->loads = "other";
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(card, FIXTURE_USER));
	backend_expect_calls(test, be, "begin trigger end begin trigger end");
	fpga_card_detach(card, be);
}

static void an_image_that_is_loaded_again_is_staged_again(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card;

	be->stages = true;
	card = backend_attach(test, be);
	be->loads = FIXTURE_FACTORY;
	KUNIT_ASSERT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
	be->n_calls = 0;
	be->loads = "other";
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(card, FIXTURE_USER));
	backend_expect_calls(test, be,
			     "begin stage trigger end begin stage trigger end");
	KUNIT_EXPECT_TRUE(test, be->staged);
	fpga_card_detach(card, be);
}

/* The administrator's word on the port is that of the one that is attached. */
static void a_back_end_that_comes_too_late_changes_nothing(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);

	mutex_lock(&card->back_end.lock);
	card->back_end.port_chosen = true;
	mutex_unlock(&card->back_end.lock);
	backend_expect_refused(test, be);
	mutex_lock(&card->back_end.lock);
	KUNIT_EXPECT_TRUE(test, card->back_end.port_chosen);
	mutex_unlock(&card->back_end.lock);
	fpga_card_detach(card, be);
}

/**
 * struct backend_break - a back end that is away for a while
 * @work: takes it away and brings it back
 * @be: the back end
 * @card: its card
 */
struct backend_break {
	struct work_struct work;
	struct backend *be;
	struct fpga_card *card;
};

static void backend_break_work(struct work_struct *work)
{
	struct backend_break *away = container_of(work, struct backend_break,
						  work);

	fpga_card_detach(away->card, away->be);
	msleep(FPGA_CARD_ATTACH_MS + 1000);
	backend_attach(away->be->fx->test, away->be);
}

static void backend_break_start(struct load_moment *moment)
{
	struct backend_break *away = (void *)moment->data;

	queue_work(system_unbound_wq, &away->work);
}

/* As long as the user has said, if that is longer than usual. */
static void a_back_end_has_the_time_that_the_user_gives(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);
	struct backend_break away = { .be = be, .card = card };
	struct load_moment moment = {
		.fx = be->fx,
		.state = "settling",
		.act = backend_break_start,
		.data = &away,
	};

	fixture_slow(test);
	get_device(&card->dev);
	mutex_lock(&card->lock);
	card->settings.timeout_ms = 2 * FPGA_CARD_ATTACH_MS;
	mutex_unlock(&card->lock);
	be->loads = FIXTURE_USER;
	INIT_WORK_ONSTACK(&away.work, backend_break_work);
	load_moment_start(&moment);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_moment_stop(&moment);
	flush_work(&away.work);
	destroy_work_on_stack(&away.work);
	backend_expect_running(test, card, FIXTURE_USER);
	fpga_card_detach(card, be);
	fpga_card_put(card);
}

static void a_file_is_refused_with_a_hint(struct kunit *test)
{
	struct backend *be = backend_start(test);
	struct fpga_card *card = backend_attach(test, be);

	KUNIT_EXPECT_EQ(test, -ENOENT, fpga_card_load(card, "image.bin"));
	load_expect_error(test, card, "takes no files: " BACKEND_HINT);
	fpga_card_detach(card, be);
}

static struct kunit_case backend_cases[] = {
	KUNIT_CASE(a_load_is_begun_and_ended),
	KUNIT_CASE(a_load_that_may_not_begin_touches_nothing),
	KUNIT_CASE(what_is_not_asked_for_is_not_begun),
	KUNIT_CASE(a_load_that_the_card_refuses_is_ended),
	KUNIT_CASE(an_image_is_staged_before_anything_is_removed),
	KUNIT_CASE(an_image_that_is_not_staged_touches_nothing),
	KUNIT_CASE(staging_ends_with_whoever_asked_for_it),
	KUNIT_CASE(staging_ends_when_the_back_end_goes),
	KUNIT_CASE(another_back_end_does_not_wait_for_staging),
	KUNIT_CASE(an_image_beside_the_fpga_changes_no_name),
	KUNIT_CASE(another_image_than_asked_for_is_an_error),
	KUNIT_CASE(a_load_that_is_rolled_back_is_two_loads),
	KUNIT_CASE(an_image_that_is_loaded_again_is_staged_again),
	KUNIT_CASE(a_back_end_that_comes_too_late_changes_nothing),
	KUNIT_CASE(a_back_end_has_the_time_that_the_user_gives),
	KUNIT_CASE(a_file_is_refused_with_a_hint),
	{}
};

struct kunit_suite fpga_card_back_end_suite = {
	.name = "fpga_card_back_end",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = backend_cases,
};
