// SPDX-License-Identifier: GPL-2.0-only
/*
 * The digest of a file: taken while the back end writes the file, where that can be taken
 * back, and before it is written elsewhere. The back end here copies the file to the memory
 * behind BAR 0 of the card's first function.
 */

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/firmware.h>
#include <linux/fpga/fpga-card.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "fpga/front.h"
#include "kunit/fixtures/image-file.h"
#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define DIGEST_TIMEOUT_MS	2000

/* Longer than it takes to write it, for a digest that is not over by then */
#define DIGEST_LONG		SZ_2M

#define DIGEST_SHORT		64

/* For what is more */
#define DIGEST_MEASURED		SZ_8M

/* How much is written between two looks at whether to go on */
#define DIGEST_CHUNK		SZ_64K

/* How often what takes time is done, of which the shortest counts */
#define DIGEST_RUNS		2

/**
 * struct digest - a back end that takes files
 * @fx: the host
 * @card: the card
 * @ops: its operations
 * @bar: the memory of the card
 * @len: its size
 * @stages: how often stage() was called
 * @unstages: how often unstage() was
 * @err: what stage() returns
 * @waits: stage() does not return before it is told to end
 * @told: it was
 * @deaf: it does not care
 * @kills: at its end whoever asked is killed
 * @keeps: the card does not forget what it is told to
 * @in_place: what the card has
 * @asker: who asks
 * @record: the last request
 */
struct digest {
	struct fixture *fx;
	struct fpga_card *card;
	struct fpga_card_ops ops;
	void __iomem *bar;
	size_t len;
	unsigned int stages;
	unsigned int unstages;
	int err;
	bool waits;
	bool told;
	bool deaf;
	bool kills;
	bool keeps;
	bool in_place;
	struct fpga_card_asker asker;
	struct fpga_card_record record;
};

static int digest_images(void *priv, struct fpga_card_image *images, unsigned int max)
{
	return 0;
}

/* Whoever writes to a card has nothing to do but this. */
static void digest_copy(struct digest *dg, const u8 *data, size_t done, size_t step)
{
	memcpy_toio(dg->bar + done % dg->len, data + done, step);
}

static int digest_write(struct digest *dg, struct fpga_card *card, const u8 *data, size_t len)
{
	size_t done, step;

	for (done = 0; done < len; done += step) {
		dg->told = fpga_card_stage_cancelled(card);
		if (dg->told && !dg->deaf)
			return -EINTR;
		fpga_card_stage_progress(card, done, len);
		step = min_t(size_t, len - done, DIGEST_CHUNK);
		digest_copy(dg, data, done, step);
	}
	return 0;
}

static int digest_stage(void *priv, struct fpga_card *card, const char *name,
			const u8 *data, size_t len)
{
	struct digest *dg = priv;
	int ret;

	dg->stages++;
	ret = digest_write(dg, card, data, len);
	if (!ret && dg->waits)
		dg->told = fixture_wait(fpga_card_stage_cancelled(card), FIXTURE_WAIT_MS);
	if (dg->told && !dg->deaf)
		ret = -EINTR;
	if (dg->kills)
		WRITE_ONCE(card->serving.request->cancel, true);
	dg->in_place = !ret && !dg->err;
	return ret ?: dg->err;
}

static void digest_unstage(void *priv)
{
	struct digest *dg = priv;

	dg->unstages++;
	dg->in_place &= dg->keeps;
}

static bool digest_is_staged(void *priv, const char *name)
{
	return ((struct digest *)priv)->in_place;
}

static int digest_trigger(void *priv, const char *name, bool staged)
{
	return -EIO;
}

static struct fpga_card *digest_attach(struct digest *dg, bool unverified)
{
	struct fpga_card_info info = {
		.name = IMAGE_FILE_BACK_END,
		.port = fixture_port(dg->fx, 0),
		.start = FPGA_CARD_START_HOT_RESET,
		.ops = &dg->ops,
		.priv = dg,
		.stage_timeout_ms = DIGEST_TIMEOUT_MS,
		.stage_unverified = unverified,
	};

	return fpga_card_attach(&info);
}

static struct digest *digest_start(struct kunit *test)
{
	struct digest *dg = kunit_kzalloc(test, sizeof(*dg), GFP_KERNEL);
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	KUNIT_ASSERT_NOT_NULL(test, dg);
	fixture_describe_undriven(fx);
	fx->config.n_ports = 1;
	fixture_start(fx);
	dg->fx = fx;
	dg->ops = (struct fpga_card_ops) {
		.images = digest_images,
		.stage = digest_stage,
		.unstage = digest_unstage,
		.is_staged = digest_is_staged,
		.trigger = digest_trigger,
	};
	pdev = pci_get_slot(fixture_port(fx, 0)->subordinate, PCI_DEVFN(0, 0));
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	dg->len = pci_resource_len(pdev, 0);
	dg->bar = pci_iomap(pdev, 0, 0);
	pci_dev_put(pdev);
	KUNIT_ASSERT_TRUE(test, dg->bar);
	KUNIT_ASSERT_EQ(test, dg->len % DIGEST_CHUNK, 0);
	return dg;
}

/* @unverified: what the back end says of its stage(); there are two processors. */
static struct digest *digest_boot(struct kunit *test, bool unverified)
{
	struct digest *dg = digest_start(test);

	dg->card = digest_attach(dg, unverified);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dg->card);
	dg->card->processors = 2;
	pcie_card_sim_log_clear(dg->fx->sim);
	return dg;
}

static void digest_finish(struct digest *dg)
{
	fpga_card_detach(dg->card, dg);
	iounmap(dg->bar);
}

/* @damage: as for image_file_make() */
static int digest_stage_file(struct digest *dg, size_t size, size_t damage)
{
	const struct firmware *fw = image_file_make(dg->fx->test, "given", size, damage);
	int ret;

	ret = fpga_card_front_stage(dg->card, &fw, &dg->asker);
	release_firmware(fw);
	KUNIT_EXPECT_TRUE(dg->fx->test, fpga_card_history_get(dg->card, 0, &dg->record));
	return ret;
}

/* The first byte of the payload is a wrong one. */
static void digest_expect_damaged(struct digest *dg, size_t size)
{
	struct kunit *test = dg->fx->test;

	KUNIT_EXPECT_EQ(test, -EBADMSG, digest_stage_file(dg, size, image_file_payload()));
	KUNIT_EXPECT_STREQ(test, fpga_card_outcome_name(dg->record.outcome), "refused");
	load_expect_error(test, dg->card,
			  "the file \"given\" is damaged: its payload does not match its digest");
	fixture_expect_untouched(dg->fx);
}

static void digest_expect_staged(struct digest *dg, bool staged)
{
	struct fpga_card *card = dg->card;

	mutex_lock(&card->lock);
	KUNIT_EXPECT_EQ(dg->fx->test, !!card->staged, staged);
	KUNIT_EXPECT_EQ(dg->fx->test, card->staged_percent, staged ? 100 : 0);
	mutex_unlock(&card->lock);
}

/* By whatever the kernel has for it, in whatever pieces */
static void digest_is_that_of_the_library(struct kunit *test)
{
	static const size_t sizes[] = {
		1, 63, SZ_64K - 1, SZ_64K, SZ_64K + 1, 3 * SZ_64K + 17,
	};
	struct digest *dg = digest_boot(test, true);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		dg->card->processors = i % 2 + 1;
		KUNIT_EXPECT_EQ(test, 0,
				digest_stage_file(dg, sizes[i], IMAGE_FILE_WHOLE));
		digest_expect_staged(dg, true);
		KUNIT_EXPECT_EQ(test, 0, fpga_card_unstage(dg->card));
		/* Also the last byte counts. */
		KUNIT_EXPECT_EQ(test, -EBADMSG,
				digest_stage_file(dg, sizes[i],
						  image_file_payload() + sizes[i] - 1));
	}
	digest_finish(dg);
}

static void damaged_file_ends_its_writing(struct kunit *test)
{
	struct digest *dg = digest_boot(test, true);

	dg->waits = true;
	digest_expect_damaged(dg, DIGEST_SHORT);
	KUNIT_EXPECT_EQ(test, dg->stages, 1);
	KUNIT_EXPECT_TRUE(test, dg->told);
	/* stage() has failed, and cleaned up. */
	KUNIT_EXPECT_EQ(test, dg->unstages, 0);
	digest_expect_staged(dg, false);
	digest_finish(dg);
}

static void damaged_file_that_was_written_is_taken_back(struct kunit *test)
{
	struct digest *dg = digest_boot(test, true);

	dg->deaf = true;
	digest_expect_damaged(dg, DIGEST_LONG);
	KUNIT_EXPECT_EQ(test, dg->stages, 1);
	KUNIT_EXPECT_EQ(test, dg->unstages, 1);
	KUNIT_EXPECT_FALSE(test, dg->in_place);
	load_expect_no_error(test, dg->card, "did not forget");
	digest_expect_staged(dg, false);
	digest_finish(dg);
}

/* The card may have another image in place of the file: that is told, and not loaded. */
static void card_that_does_not_forget_a_damaged_file_is_told(struct kunit *test)
{
	struct digest *dg = digest_boot(test, true);

	dg->deaf = true;
	dg->keeps = true;
	digest_expect_damaged(dg, DIGEST_LONG);
	load_expect_error(test, dg->card, "did not forget it");
	digest_expect_staged(dg, false);
	KUNIT_EXPECT_EQ(test, -ENODATA, fpga_card_activate(dg->card));
	digest_finish(dg);
}

static void file_is_digested_before_it_is_written_where_it_stays(struct kunit *test)
{
	struct digest *dg = digest_boot(test, false);

	digest_expect_damaged(dg, DIGEST_SHORT);
	KUNIT_EXPECT_EQ(test, dg->stages, 0);
	digest_finish(dg);
}

static void file_is_digested_before_it_is_written_by_one_processor(struct kunit *test)
{
	struct digest *dg = digest_boot(test, true);

	dg->card->processors = 1;
	digest_expect_damaged(dg, DIGEST_SHORT);
	KUNIT_EXPECT_EQ(test, dg->stages, 0);
	digest_finish(dg);
}

/* To write a file over it would have it gone, whatever becomes of the file. */
static void what_is_staged_survives_a_damaged_file(struct kunit *test)
{
	struct digest *dg = digest_boot(test, true);

	KUNIT_EXPECT_EQ(test, 0, digest_stage_file(dg, DIGEST_SHORT, IMAGE_FILE_WHOLE));
	digest_expect_damaged(dg, DIGEST_SHORT);
	KUNIT_EXPECT_EQ(test, dg->stages, 1);
	KUNIT_EXPECT_EQ(test, dg->unstages, 0);
	digest_expect_staged(dg, true);
	digest_finish(dg);
}

/* The file is whole: that it was not found out is no reason to keep what was written. */
static void request_is_cancelled_while_the_digest_is_waited_for(struct kunit *test)
{
	struct digest *dg = digest_boot(test, true);

	dg->kills = true;
	KUNIT_EXPECT_EQ(test, -EINTR, digest_stage_file(dg, DIGEST_LONG, IMAGE_FILE_WHOLE));
	KUNIT_EXPECT_STREQ(test, fpga_card_outcome_name(dg->record.outcome), "cancelled");
	load_expect_error(test, dg->card, "cancelled");
	KUNIT_EXPECT_EQ(test, dg->stages, 1);
	KUNIT_EXPECT_EQ(test, dg->unstages, 1);
	digest_expect_staged(dg, false);
	digest_finish(dg);
}

/* Nobody waits for a digest that does not matter any more. */
static void failure_to_write_is_told_without_the_digest(struct kunit *test)
{
	struct digest *dg = digest_boot(test, true);

	dg->err = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO, digest_stage_file(dg, DIGEST_LONG, IMAGE_FILE_WHOLE));
	load_expect_error(test, dg->card, "did not take the file");
	KUNIT_EXPECT_EQ(test, dg->unstages, 0);
	digest_expect_staged(dg, false);
	digest_finish(dg);
}

static void back_end_that_cannot_take_back_is_refused(struct kunit *test)
{
	struct digest *dg = digest_start(test);

	dg->ops.unstage = NULL;
	KUNIT_EXPECT_PTR_EQ(test, digest_attach(dg, true),
			    (struct fpga_card *)ERR_PTR(-EINVAL));
	iounmap(dg->bar);
}

/* What a back end calls in its loop costs it nothing: users are told now and then. */
static void progress_takes_no_lock_but_to_tell(struct kunit *test)
{
	struct digest *dg = digest_boot(test, true);
	struct fpga_card *card = dg->card;
	unsigned long told;

	card->staged_told = jiffies;
	mutex_lock(&card->lock);
	fpga_card_stage_progress(card, 500, 1000);
	KUNIT_EXPECT_EQ(test, card->staged_percent, 50);
	fpga_card_stage_progress(card, 510, 1000);
	KUNIT_EXPECT_EQ(test, card->staged_percent, 51);
	told = card->staged_told;
	mutex_unlock(&card->lock);
	msleep(FPGA_CARD_PROGRESS_MS + 20);
	fpga_card_stage_progress(card, 519, 1000);
	KUNIT_EXPECT_EQ(test, card->staged_told, told);
	fpga_card_stage_progress(card, 520, 1000);
	KUNIT_EXPECT_TRUE(test, time_after(card->staged_told, told));
	digest_finish(dg);
}

/* The same file, to the same memory, with nothing around it */
static s64 digest_bare_us(struct digest *dg, const u8 *data, size_t len)
{
	ktime_t begin = ktime_get();
	size_t done;

	for (done = 0; done < len; done += DIGEST_CHUNK)
		digest_copy(dg, data, done, min_t(size_t, len - done, DIGEST_CHUNK));
	return ktime_us_delta(ktime_get(), begin);
}

/**
 * struct digest_times - what staging takes, in us; the shortest of some
 * @bare: the copy alone
 * @staging: in the state
 * @whole: in all, with the digest
 */
struct digest_times {
	s64 bare;
	s64 staging;
	s64 whole;
};

/* With so many processors; @fw is as long, or longer. */
static void digest_measure(struct digest *dg, const struct firmware *fw, size_t size,
			   unsigned int processors, struct digest_times *times)
{
	const u8 *data = fw->data + image_file_payload();
	unsigned int i;

	*times = (struct digest_times) { S64_MAX, S64_MAX, S64_MAX };
	dg->card->processors = processors;
	for (i = 0; i < DIGEST_RUNS; i++) {
		times->bare = min(times->bare, digest_bare_us(dg, data, size));
		KUNIT_EXPECT_EQ(dg->fx->test, 0,
				digest_stage_file(dg, size, IMAGE_FILE_WHOLE));
		times->staging = min_t(s64, times->staging,
				       dg->record.steps_us[FPGA_CARD_STAGING]);
		times->whole = min(times->whole, dg->record.duration_us);
		KUNIT_EXPECT_EQ(dg->fx->test, 0, fpga_card_unstage(dg->card));
	}
	kunit_info(dg->fx->test, "%zu bytes, %u processors: memcpy_toio %lld us, staging %lld us (%lld %%), with the digest %lld us\n",
		   size, processors, times->bare, times->staging,
		   div64_s64(times->staging * 100, times->bare), times->whole);
}

/*
 * What a request takes whatever is staged, such as to tell of a state, is in both times. With
 * two processors the digest may be taken at the same time, by the same processor.
 */
static void staging_takes_longer_by_the_copy_of_what_is_more(struct kunit *test)
{
	struct digest_times less, more;
	const struct firmware *fw;
	struct digest *dg;

	fixture_slow(test);
	fw = image_file_make(test, "bare", DIGEST_MEASURED, IMAGE_FILE_WHOLE);
	dg = digest_boot(test, true);
	digest_measure(dg, fw, DIGEST_LONG, 2, &less);
	digest_measure(dg, fw, DIGEST_LONG, 1, &less);
	digest_measure(dg, fw, DIGEST_MEASURED, 1, &more);
	release_firmware(fw);
	/* Of several processors the caches and what else they do would be compared. */
	if (num_online_cpus() == 1)
		KUNIT_EXPECT_LE(test, (more.staging - less.staging) * 10,
				(more.bare - less.bare) * 11);
	digest_finish(dg);
}

static struct kunit_case digest_cases[] = {
	KUNIT_CASE(digest_is_that_of_the_library),
	KUNIT_CASE(damaged_file_ends_its_writing),
	KUNIT_CASE(damaged_file_that_was_written_is_taken_back),
	KUNIT_CASE(card_that_does_not_forget_a_damaged_file_is_told),
	KUNIT_CASE(file_is_digested_before_it_is_written_where_it_stays),
	KUNIT_CASE(file_is_digested_before_it_is_written_by_one_processor),
	KUNIT_CASE(what_is_staged_survives_a_damaged_file),
	KUNIT_CASE(request_is_cancelled_while_the_digest_is_waited_for),
	KUNIT_CASE(failure_to_write_is_told_without_the_digest),
	KUNIT_CASE(back_end_that_cannot_take_back_is_refused),
	KUNIT_CASE(progress_takes_no_lock_but_to_tell),
	KUNIT_CASE(staging_takes_longer_by_the_copy_of_what_is_more),
	{}
};

struct kunit_suite fpga_card_digest_suite = {
	.name = "fpga_card_digest",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = digest_cases,
};
