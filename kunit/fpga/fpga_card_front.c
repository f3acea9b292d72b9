// SPDX-License-Identifier: GPL-2.0-only
/*
 * Front ends in modules of their own: what they hear, see and ask, without one. The back
 * end here takes files, and a hot reset makes its card load.
 */

#include <crypto/sha2.h>
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>
#include <linux/fpga/fpga-card-image.h>
#include <linux/string.h>

#include "fpga/front.h"
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
 * @file: an image file
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
	struct {
		struct fpga_card_image_header header;
		u8 payload[FRONT_PAYLOAD];
	} file;
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
	return 0;
}

static int front_trigger(void *priv, const char *name, bool staged)
{
	return ((struct front *)priv)->trigger;
}

/* Whoever asked is done with the file: its memory is somebody else's. */
static void front_progress(void *priv, unsigned int percent)
{
	struct front *fr = priv;

	KUNIT_EXPECT_GT(fr->fx->test, percent, fr->percent);
	fr->told++;
	fr->percent = percent;
	memset(&fr->file, 0xff, sizeof(fr->file));
}

static void front_changed(struct fpga_card_front *front)
{
	atomic_inc(&container_of(front, struct front, front)->heard);
}

static void front_make_file(struct front *fr)
{
	struct fpga_card_image_header *header = &fr->file.header;

	memcpy(header->magic, FPGA_CARD_IMAGE_MAGIC, sizeof(header->magic));
	header->version = cpu_to_le32(FPGA_CARD_IMAGE_VERSION);
	header->header_size = cpu_to_le32(sizeof(*header));
	header->payload_size = cpu_to_le64(sizeof(fr->file.payload));
	strscpy(header->back_end, "kunit", sizeof(header->back_end));
	strscpy(header->name, "given", sizeof(header->name));
	header->card_vendor = cpu_to_le16(FPGA_CARD_IMAGE_ANY);
	header->card_device = cpu_to_le16(FPGA_CARD_IMAGE_ANY);
	memset(fr->file.payload, 'p', sizeof(fr->file.payload));
	sha256(fr->file.payload, sizeof(fr->file.payload), header->digest);
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
	front_make_file(fr);
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

static int front_give(struct front *fr)
{
	return fpga_card_front_stage(fr->card, &fr->file, sizeof(fr->file), &fr->asker);
}

static void content_of_a_file_is_staged(struct kunit *test)
{
	struct front *fr = front_boot(test);
	u8 want[FRONT_PAYLOAD];

	memset(want, 'p', sizeof(want));
	KUNIT_EXPECT_EQ(test, 0, front_give(fr));
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

	fr->file.payload[0]++;
	KUNIT_EXPECT_EQ(test, -EBADMSG, front_give(fr));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fr->asker.why, "does not match its digest"));
	fr->file.header.magic[0]++;
	KUNIT_EXPECT_EQ(test, -EINVAL, front_give(fr));
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
	KUNIT_EXPECT_EQ(test, 0, front_give(fr));
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
