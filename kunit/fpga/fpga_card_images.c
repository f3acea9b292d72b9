// SPDX-License-Identifier: GPL-2.0-only
/*
 * The images in a card's flash: what is known of them, and how that changes. The back end
 * has no control device: a hot reset makes its card load.
 */

#include <linux/fpga/fpga-card.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "kunit/fixtures/load.h"
#include "kunit/fixtures/region-file.h"
#include "kunit/suites.h"

#define IMAGES_TIMEOUT_MS	2000
#define IMAGES_MAX		4

/* For what has to happen soon */
#define IMAGES_WAIT_MS		5000

/**
 * struct images - a back end with images that change
 * @fx: the host
 * @card: the card, as fpga_card_attach() tells it
 * @list: its images
 * @count: number of them
 * @read: how often they were read
 * @err: what images() returns; 0 for the images
 * @runs: the image that runs
 * @asked: the image of the last trigger
 * @loads: what runs after the trigger; NULL for what is asked for
 * @staging: stage() runs
 * @stay: and goes on doing so
 */
struct images {
	struct fixture *fx;
	struct fpga_card *card;
	struct fpga_card_image list[IMAGES_MAX];
	unsigned int count;
	unsigned int read;
	int err;
	const char *runs;
	char asked[FPGA_CARD_NAME_MAX + 1];
	const char *loads;
	bool staging;
	bool stay;
};

static int images_get(void *priv, struct fpga_card_image *images,
		      unsigned int max)
{
	struct images *be = priv;

	be->read++;
	memcpy(images, be->list, be->count * sizeof(*images));
	return be->err ?: be->count;
}

static int images_running(void *priv, char *name, size_t len)
{
	struct images *be = priv;

	strscpy(name, be->runs, len);
	return 0;
}

static int images_stage(void *priv, struct fpga_card *card, const char *name,
			const u8 *data, size_t len)
{
	struct images *be = priv;

	WRITE_ONCE(be->staging, true);
	while (READ_ONCE(be->stay) && !fpga_card_stage_cancelled(card))
		msleep(20);
	WRITE_ONCE(be->staging, false);
	return 0;
}

static int images_trigger(void *priv, const char *name, bool staged)
{
	struct images *be = priv;

	/* @name is the request's, and goes with it. */
	strscpy(be->asked, name, sizeof(be->asked));
	be->runs = be->loads ?: be->asked;
	return 0;
}

static const struct fpga_card_ops images_ops = {
	.images = images_get,
	.running = images_running,
	.stage = images_stage,
	.trigger = images_trigger,
};

static struct fpga_card_image *images_add(struct images *be, const char *name)
{
	struct fpga_card_image *image = &be->list[be->count++];

	strscpy(image->name, name, sizeof(image->name));
	image->timeout_ms = IMAGES_TIMEOUT_MS;
	return image;
}

static struct images *images_start(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct images *be = kunit_kzalloc(test, sizeof(*be), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, be);
	fixture_describe_undriven(fx);
	fx->config.n_ports = 1;
	fixture_start(fx);
	be->fx = fx;
	be->runs = FIXTURE_FACTORY;
	images_add(be, FIXTURE_FACTORY);
	images_add(be, FIXTURE_USER);
	return be;
}

static void images_attach(struct kunit *test, struct images *be)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = fixture_port(be->fx, 0),
		.start = FPGA_CARD_START_HOT_RESET,
		.ops = &images_ops,
		.priv = be,
		.card = &be->card,
	};

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fpga_card_attach(&info));
}

static void details_are_shown(struct kunit *test)
{
	struct images *be = images_start(test);

	strscpy(be->list[1].version, "1.2-rc3", sizeof(be->list[1].version));
	strscpy(be->list[1].description, "for tests",
		sizeof(be->list[1].description));
	be->list[1].invalid = true;
	images_attach(test, be);
	region_file_expect(test, be->card, "images/factory/version", "");
	region_file_expect(test, be->card, "images/factory/description", "");
	region_file_expect(test, be->card, "images/factory/valid", "1");
	region_file_expect(test, be->card, "images/user/version", "1.2-rc3");
	region_file_expect(test, be->card, "images/user/description", "for tests");
	region_file_expect(test, be->card, "images/user/valid", "0");
	fpga_card_detach(be->card, be);
}

/* They come from a flash that may have anything in it. */
static void details_are_one_line_of_text(struct kunit *test)
{
	struct images *be = images_start(test);

	memset(be->list[1].version, 'v', sizeof(be->list[1].version));
	strscpy(be->list[1].description, "a\nb\033[2J\xe4",
		sizeof(be->list[1].description));
	images_attach(test, be);
	region_file_expect(test, be->card, "images/user/version",
			   "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv");
	region_file_expect(test, be->card, "images/user/description",
			   "a?b?[2J?");
	fpga_card_detach(be->card, be);
}

static void an_invalid_image_is_refused(struct kunit *test)
{
	struct images *be = images_start(test);

	be->list[1].invalid = true;
	images_attach(test, be);
	pcie_card_sim_log_clear(be->fx->sim);
	KUNIT_EXPECT_EQ(test, -EBADMSG, fpga_card_load(be->card, FIXTURE_USER));
	load_expect_error(test, be->card, "\"user\" in the flash of the card");
	load_expect_error(test, be->card, "is damaged");
	load_expect_state(test, be->card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_FALSE(test, fixture_find(be->fx, PCIE_CARD_SIM_DEV_DEL, NULL,
					      0, NULL));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(be->card, FIXTURE_FACTORY));
	fpga_card_detach(be->card, be);
}

/* What ran before runs from the FPGA, whatever became of its page. */
static void no_load_is_rolled_back_to_an_invalid_image(struct kunit *test)
{
	struct images *be = images_start(test);

	be->list[0].invalid = true;
	be->loads = "other";
	images_attach(test, be);
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(be->card, FIXTURE_USER));
	load_expect_error(test, be->card,
			  "\"factory\", which ran before, is not whole in its flash");
	fpga_card_detach(be->card, be);
}

static bool images_has(struct images *be, const char *name)
{
	char path[64], buf[8];

	scnprintf(path, sizeof(path), "images/%s/valid", name);
	return !region_file_read(be->card, path, buf, sizeof(buf));
}

static struct kobject *images_dir(struct kunit *test, struct images *be,
				  const char *name)
{
	struct fpga_card_entry *entry;
	struct kobject *found = NULL;

	mutex_lock(&be->card->back_end.lock);
	list_for_each_entry(entry, &be->card->back_end.images, node) {
		if (!strcmp(entry->desc.name, name))
			found = &entry->kobj;
	}
	mutex_unlock(&be->card->back_end.lock);
	KUNIT_EXPECT_NOT_NULL(test, found);
	return found;
}

/* "factory" is in another version, "user" is gone, "other" is new. */
static void images_change(struct images *be)
{
	be->count = 0;
	memset(be->list, 0, sizeof(be->list));
	strscpy(images_add(be, FIXTURE_FACTORY)->version, "2",
		sizeof(be->list[0].version));
	be->list[0].timeout_ms = IMAGES_TIMEOUT_MS + 1;
	images_add(be, "other")->staged = true;
}

static void images_expect_changed(struct kunit *test, struct images *be)
{
	region_file_expect(test, be->card, "images/factory/version", "2");
	region_file_expect(test, be->card, "images/factory/timeout_ms", "2001");
	KUNIT_EXPECT_FALSE(test, images_has(be, FIXTURE_USER));
	KUNIT_EXPECT_TRUE(test, images_has(be, "other"));
}

static void images_are_read_again(struct kunit *test)
{
	struct images *be = images_start(test);
	struct kobject *dir;

	images_attach(test, be);
	dir = images_dir(test, be, FIXTURE_FACTORY);
	images_change(be);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_images_changed(be->card, be));
	KUNIT_EXPECT_EQ(test, be->read, 2);
	images_expect_changed(test, be);
	/* Whoever has a file of it open goes on reading. */
	KUNIT_EXPECT_PTR_EQ(test, dir, images_dir(test, be, FIXTURE_FACTORY));
	KUNIT_EXPECT_EQ(test, -ENOENT, fpga_card_load(be->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(be->card, "other"));
	fpga_card_detach(be->card, be);
}

static void images_that_cannot_be_read_stay(struct kunit *test)
{
	struct images *be = images_start(test);

	images_attach(test, be);
	images_change(be);
	be->err = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_images_changed(be->card, be));
	KUNIT_EXPECT_TRUE(test, images_has(be, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(be->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, be->read, 2);
	fpga_card_detach(be->card, be);
}

static void only_the_back_end_that_is_attached_changes_images(struct kunit *test)
{
	struct images *be = images_start(test);
	struct fpga_card *card;

	images_attach(test, be);
	card = fixture_card(be->fx, 0);
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_images_changed(card, test));
	fpga_card_detach(card, be);
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_images_changed(card, be));
	KUNIT_EXPECT_EQ(test, be->read, 1);
	fpga_card_put(card);
}

/* Neither does the one who tells wait for stage(), nor does the load lose its image. */
static void images_of_a_card_that_loads_are_read_at_the_end(struct kunit *test)
{
	struct images *be = images_start(test);
	struct load_run load;

	be->list[1].staged = true;
	be->stay = true;
	images_attach(test, be);
	load_run_start(&load, be->card, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(test, fixture_wait(READ_ONCE(be->staging),
					     IMAGES_WAIT_MS));
	images_change(be);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_images_changed(be->card, be));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(be->staging));
	KUNIT_EXPECT_EQ(test, be->read, 1);
	KUNIT_EXPECT_TRUE(test, images_has(be, FIXTURE_USER));
	WRITE_ONCE(be->stay, false);
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&load));
	KUNIT_EXPECT_EQ(test, be->read, 2);
	images_expect_changed(test, be);
	fpga_card_detach(be->card, be);
}

static struct kunit_case images_cases[] = {
	KUNIT_CASE(details_are_shown),
	KUNIT_CASE(details_are_one_line_of_text),
	KUNIT_CASE(an_invalid_image_is_refused),
	KUNIT_CASE(no_load_is_rolled_back_to_an_invalid_image),
	KUNIT_CASE(images_are_read_again),
	KUNIT_CASE(images_that_cannot_be_read_stay),
	KUNIT_CASE(only_the_back_end_that_is_attached_changes_images),
	KUNIT_CASE(images_of_a_card_that_loads_are_read_at_the_end),
	{}
};

struct kunit_suite fpga_card_images_suite = {
	.name = "fpga_card_images",
	.init = region_file_init,
	.exit = region_file_exit,
	.test_cases = images_cases,
};
