// SPDX-License-Identifier: GPL-2.0-only
/*
 * Front ends in modules of their own: what they hear, see and ask, without one. The back
 * end here takes files, and a hot reset makes its card load.
 */

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/firmware.h>
#include <linux/fpga/fpga-card.h>
#include <linux/string.h>

#include "fpga/front.h"
#include "kunit/fixtures/image-file.h"
#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define FRONT_TIMEOUT_MS	2000
#define FRONT_PAYLOAD		64
#define FRONT_STEPS		5

/* Long enough for whoever asked to hear of each step. */
#define FRONT_STEP_MS		40

/**
 * struct front - a back end that takes files, and somebody who asks
 * @fx: the host
 * @card: the card
 * @ops: the operations of the back end
 * @trigger: what trigger() returns
 * @fw: an image file
 * @given: the memory that it is in
 * @taken: it was taken over
 * @in_place: stage() was given that memory, and no copy of it
 * @got: the payload that stage() was given
 * @told: how often progress() was called
 * @percent: with what, the last time
 * @asker: who asks
 * @front: a front end
 * @heard: how often it was told that something has changed
 */
struct front {
	struct fixture *fx;
	struct fpga_card *card;
	struct fpga_card_ops ops;
	int trigger;
	const struct firmware *fw;
	const void *given;
	bool taken;
	bool in_place;
	u8 got[FRONT_PAYLOAD];
	unsigned int told;
	unsigned int percent;
	struct fpga_card_asker asker;
	struct fpga_card_front front;
	atomic_t heard;
};

static int front_images(void *priv, struct fpga_card_image *images, unsigned int max)
{
	return 0;
}

static int front_stage(void *priv, struct fpga_card *card, const char *name,
		       const u8 *data, size_t len)
{
	struct front *fr = priv;
	unsigned int i;

	for (i = 0; i < FRONT_STEPS; i++) {
		fpga_card_stage_progress(card, i, FRONT_STEPS);
		msleep(FRONT_STEP_MS);
	}
	memcpy(fr->got, data, min(len, sizeof(fr->got)));
	fr->in_place = data == fr->given + image_file_payload();
	return 0;
}

static int front_trigger(void *priv, const char *name, bool staged)
{
	return ((struct front *)priv)->trigger;
}

static void front_progress(void *priv, unsigned int percent)
{
	struct front *fr = priv;

	KUNIT_EXPECT_GT(fr->fx->test, percent, fr->percent);
	fr->told++;
	fr->percent = percent;
}

static void front_changed(struct fpga_card_front *front)
{
	atomic_inc(&container_of(front, struct front, front)->heard);
}

static struct front *front_start(struct kunit *test)
{
	struct front *fr = kunit_kzalloc(test, sizeof(*fr), GFP_KERNEL);
	struct fixture *fx = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, fr);
	fixture_describe_undriven(fx);
	fx->config.n_ports = 1;
	fixture_start(fx);
	fr->fx = fx;
	fr->ops = (struct fpga_card_ops) {
		.images = front_images,
		.stage = front_stage,
		.trigger = front_trigger,
	};
	fr->asker.progress = front_progress;
	fr->asker.priv = fr;
	fr->front.changed = front_changed;
	return fr;
}

static void front_attach(struct kunit *test, struct front *fr)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = fixture_port(fr->fx, 0),
		.start = FPGA_CARD_START_HOT_RESET,
		.ops = &fr->ops,
		.priv = fr,
		.stage_timeout_ms = FRONT_TIMEOUT_MS,
	};

	fr->card = fpga_card_attach(&info);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fr->card);
	pcie_card_sim_log_clear(fr->fx->sim);
}

static struct front *front_boot(struct kunit *test)
{
	struct front *fr = front_start(test);

	front_attach(test, fr);
	return fr;
}

/* What nobody has taken over is freed here. */
static int front_give(struct front *fr, size_t damage)
{
	int ret;

	fr->fw = image_file_make(fr->fx->test, "given", FRONT_PAYLOAD, damage);
	fr->given = fr->fw->data;
	ret = fpga_card_front_stage(fr->card, &fr->fw, &fr->asker);
	fr->taken = !fr->fw;
	release_firmware(fr->fw);
	return ret;
}

static void content_of_a_file_is_staged(struct kunit *test)
{
	struct front *fr = front_boot(test);
	u8 want[FRONT_PAYLOAD];
	unsigned int i;

	for (i = 0; i < sizeof(want); i++)
		want[i] = i;
	KUNIT_EXPECT_EQ(test, 0, front_give(fr, IMAGE_FILE_WHOLE));
	KUNIT_EXPECT_TRUE(test, fr->taken);
	KUNIT_EXPECT_TRUE(test, fr->in_place);
	KUNIT_EXPECT_STREQ(test, fr->asker.why, "");
	KUNIT_EXPECT_FALSE(test, fr->asker.touched);
	KUNIT_EXPECT_GT(test, fr->told, 1);
	KUNIT_EXPECT_EQ(test, memcmp(fr->got, want, sizeof(want)), 0);
	mutex_lock(&fr->card->lock);
	KUNIT_EXPECT_STREQ(test, fr->card->staged ? fr->card->staged->name : "", "given");
	mutex_unlock(&fr->card->lock);
	fixture_expect_untouched(fr->fx);
	fpga_card_detach(fr->card, fr);
}

static void content_that_is_damaged_is_refused(struct kunit *test)
{
	struct front *fr = front_boot(test);

	KUNIT_EXPECT_EQ(test, -EBADMSG, front_give(fr, image_file_payload()));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fr->asker.why, "does not match its digest"));
	KUNIT_EXPECT_TRUE(test, fr->taken);
	KUNIT_EXPECT_EQ(test, -EINVAL, front_give(fr, 0));
	KUNIT_EXPECT_FALSE(test, fr->taken);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fr->asker.why, "no FPGA card image"));
	KUNIT_EXPECT_EQ(test, fr->told, 0);
	fixture_expect_untouched(fr->fx);
	fpga_card_detach(fr->card, fr);
}

static void asker_is_told_whether_the_card_was_touched(struct kunit *test)
{
	struct front *fr = front_boot(test);

	KUNIT_EXPECT_EQ(test, -ENODATA, fpga_card_front_activate(fr->card, &fr->asker));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fr->asker.why, "nothing is staged"));
	KUNIT_EXPECT_FALSE(test, fr->asker.touched);
	KUNIT_EXPECT_EQ(test, 0, front_give(fr, IMAGE_FILE_WHOLE));
	fr->trigger = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_front_activate(fr->card, &fr->asker));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fr->asker.why, "refused to load"));
	KUNIT_EXPECT_TRUE(test, fr->asker.touched);
	fpga_card_detach(fr->card, fr);
}

/* Also that a card is found once only, and not when its port is gone. */
static void front_end_hears_of_cards(struct kunit *test)
{
	struct front *fr = front_start(test);
	struct fpga_card_status *status;
	struct fpga_card *card;
	int after = -1;

	status = kunit_kzalloc(test, sizeof(*status), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, status);
	fpga_card_front_register(&fr->front);
	front_attach(test, fr);
	KUNIT_EXPECT_GT(test, atomic_xchg(&fr->heard, 0), 0);

	card = fpga_card_front_next(&after);
	KUNIT_EXPECT_PTR_EQ(test, card, fr->card);
	KUNIT_EXPECT_NULL(test, fpga_card_front_next(&after));
	KUNIT_EXPECT_FALSE(test, fpga_card_front_is_gone(card));
	fpga_card_front_status(card, status);
	KUNIT_EXPECT_STREQ(test, status->back_end, "kunit");
	KUNIT_EXPECT_TRUE(test, status->takes_files);
	KUNIT_EXPECT_STREQ(test, status->state, "idle");
	KUNIT_EXPECT_STREQ(test, status->outcome, "none");

	fpga_card_detach(fr->card, fr);
	fixture_stop(fr->fx);
	KUNIT_EXPECT_GT(test, atomic_read(&fr->heard), 0);
	KUNIT_EXPECT_TRUE(test, fpga_card_front_is_gone(card));
	after = -1;
	KUNIT_EXPECT_NULL(test, fpga_card_front_next(&after));
	fpga_card_front_unregister(&fr->front);
	fpga_card_put(card);
}

static struct kunit_case front_cases[] = {
	KUNIT_CASE(content_of_a_file_is_staged),
	KUNIT_CASE(content_that_is_damaged_is_refused),
	KUNIT_CASE(asker_is_told_whether_the_card_was_touched),
	KUNIT_CASE(front_end_hears_of_cards),
	{}
};

struct kunit_suite fpga_card_front_suite = {
	.name = "fpga_card_front",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = front_cases,
};
