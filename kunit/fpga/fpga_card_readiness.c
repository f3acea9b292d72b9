// SPDX-License-Identifier: GPL-2.0-only
/*
 * How soon an image is asked at its next load: what is remembered of it, for whom, and
 * when that is forgotten. The back end has no control device, but for one case: a hot reset
 * makes its card load.
 */

#include <linux/firmware.h>
#include <linux/fpga/fpga-card.h>
#include <linux/string.h>

#include "fpga/front.h"
#include "fpga/request.h"
#include "fpga/trace.h"
#include "kunit/fixtures/image-file.h"
#include "kunit/fixtures/load.h"
#include "kunit/fixtures/region-file.h"
#include "kunit/suites.h"

#define READINESS_TIMEOUT_MS	2000
/* Of an image file, at least */
#define READINESS_PAYLOAD	4096

/* From the link's coming up to the first request, where that is soon */
#define READINESS_SOON_US	(20 * USEC_PER_MSEC)

/**
 * struct readiness - a back end whose card says how soon it may be asked
 * @fx: the host
 * @card: the card
 * @port: the port above
 * @driven: it comes and goes with a driver of the card's, and has the simulator load
 * @version: that of the first image in flash
 * @runs: what the card runs
 * @err: what it says instead when it is asked for that; 0 for @runs
 * @by: why the card was asked when it was, the last time
 * @answered: it did
 * @us: when that was
 * @asked: how often it was asked
 */
struct readiness {
	struct fixture *fx;
	struct fpga_card *card;
	struct pci_dev *port;
	bool driven;
	const char *version;
	char runs[FPGA_CARD_NAME_MAX + 1];
	int err;
	char by[16];
	bool answered;
	s64 us;
	unsigned int asked;
};

static int readiness_images(void *priv, struct fpga_card_image *images,
			    unsigned int max)
{
	struct readiness *be = priv;

	strscpy(images[0].name, FIXTURE_USER, sizeof(images[0].name));
	strscpy(images[0].version, be->version, sizeof(images[0].version));
	images[0].timeout_ms = READINESS_TIMEOUT_MS;
	strscpy(images[1].name, FIXTURE_WIDE, sizeof(images[1].name));
	images[1].timeout_ms = READINESS_TIMEOUT_MS;
	return 2;
}

static int readiness_running(void *priv, char *name, size_t len)
{
	struct readiness *be = priv;

	strscpy(name, be->runs, len);
	return be->err;
}

static int readiness_stage(void *priv, struct fpga_card *card, const char *name,
			   const u8 *data, size_t len)
{
	return 0;
}

static int readiness_trigger(void *priv, const char *name, bool staged)
{
	struct readiness *be = priv;

	strscpy(be->runs, name, sizeof(be->runs));
	return be->driven ? pcie_card_sim_load(be->fx->sim, 0, name) : 0;
}

static const struct fpga_card_ops readiness_ops = {
	.images = readiness_images,
	.running = readiness_running,
	.stage = readiness_stage,
	.trigger = readiness_trigger,
};

static void readiness_see(void *data, int card, struct pci_dev *port, const char *by,
			  bool answered, s64 us)
{
	struct readiness *be = data;

	if (port != be->port)
		return;
	strscpy(be->by, by, sizeof(be->by));
	be->answered = answered;
	be->us = us;
	be->asked++;
}

static void readiness_attach(struct readiness *be)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = be->port,
		.start = FPGA_CARD_START_HOT_RESET,
		.ops = &readiness_ops,
		.priv = be,
		.stage_timeout_ms = READINESS_TIMEOUT_MS,
	};

	be->card = fpga_card_attach(&info);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(be->fx->test, be->card);
}

/* All functions of the card's images have Immediate Readiness. */
static void readiness_describe(struct fixture *fx)
{
	unsigned int i, j;

	fixture_describe_undriven(fx);
	for (i = 0; i < FIXTURE_IMAGES; i++) {
		for (j = 0; j < PCIE_CARD_SIM_FUNCTIONS; j++)
			fx->images[i].fn[j].immediate_readiness = true;
	}
}

static struct readiness *readiness_start(struct kunit *test)
{
	struct readiness *be = kunit_kzalloc(test, sizeof(*be), GFP_KERNEL);
	struct fixture *fx = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, be);
	fixture_start(fx);
	be->fx = fx;
	be->port = fixture_port(fx, 0);
	be->version = "1";
	readiness_attach(be);
	KUNIT_ASSERT_EQ(test, 0,
			register_trace_fpga_card_first_read(readiness_see, be));
	return be;
}

static struct readiness *readiness_boot(struct kunit *test)
{
	struct readiness *be;

	readiness_describe(test->priv);
	be = readiness_start(test);
	KUNIT_EXPECT_EQ(test, 0, region_file_write(be->card, "remember_readiness", "1"));
	return be;
}

static void readiness_stop(struct readiness *be)
{
	unregister_trace_fpga_card_first_read(readiness_see, be);
	tracepoint_synchronize_unregister();
	fpga_card_detach(be->card, be);
}

/* The load was one in which the card was asked once, for that reason. */
static void readiness_expect(struct readiness *be, int err, const char *by)
{
	struct kunit *test = be->fx->test;

	KUNIT_EXPECT_EQ_MSG(test, err, 0, "%s", be->card->last_error);
	KUNIT_EXPECT_EQ(test, be->asked, 1);
	KUNIT_EXPECT_STREQ(test, be->by, by);
	if (strcmp(by, "time"))
		KUNIT_EXPECT_LT(test, be->us, READINESS_SOON_US);
}

static void readiness_load(struct readiness *be, const char *name, const char *by)
{
	struct kunit *test = be->fx->test;
	u64 from = pcie_card_sim_log_seq(be->fx->sim);

	be->asked = 0;
	readiness_expect(be, fpga_card_load(be->card, name), by);
	KUNIT_EXPECT_TRUE(test, be->answered);
	KUNIT_EXPECT_FALSE(test, fixture_find(be->fx, PCIE_CARD_SIM_EARLY_REQUEST, NULL,
					      from, NULL));
}

static void image_is_asked_as_soon_as_it_has_said(struct kunit *test)
{
	struct readiness *be = readiness_boot(test);

	readiness_load(be, FIXTURE_USER, "time");
	readiness_load(be, FIXTURE_USER, "remembered");
	/* Another image may need another time. */
	readiness_load(be, FIXTURE_WIDE, "time");
	readiness_load(be, FIXTURE_WIDE, "remembered");
	readiness_load(be, FIXTURE_USER, "remembered");
	readiness_stop(be);
}

static void nothing_is_remembered_unless_that_is_wanted(struct kunit *test)
{
	struct readiness *be;

	readiness_describe(test->priv);
	be = readiness_start(test);
	region_file_expect(test, be->card, "remember_readiness", "0");
	readiness_load(be, FIXTURE_USER, "time");
	readiness_load(be, FIXTURE_USER, "time");
	readiness_stop(be);
}

/* What it ran before that load was perhaps something else. */
static void card_that_cannot_tell_what_it_runs_is_not_remembered(struct kunit *test)
{
	struct readiness *be = readiness_boot(test);

	be->err = -ENODATA;
	readiness_load(be, FIXTURE_USER, "time");
	readiness_load(be, FIXTURE_USER, "time");
	readiness_stop(be);
}

/* Ways in which the image behind a name may become another */

static void readiness_flash_changed(struct readiness *be)
{
	KUNIT_EXPECT_EQ(be->fx->test, 0, fpga_card_images_changed(be->card, be));
}

static void readiness_back_end_changed(struct readiness *be)
{
	fpga_card_detach(be->card, be);
	readiness_attach(be);
}

static void readiness_wanted_anew(struct readiness *be)
{
	KUNIT_EXPECT_EQ(be->fx->test, 0,
			region_file_write(be->card, "remember_readiness", "1"));
}

/**
 * struct readiness_change - what makes a card forget
 * @name: for people
 * @make: it happens
 */
struct readiness_change {
	const char *name;
	void (*make)(struct readiness *be);
};

static const struct readiness_change readiness_changes[] = {
	{ "the flash changed", readiness_flash_changed },
	{ "the back end came anew", readiness_back_end_changed },
	{ "it was switched on anew", readiness_wanted_anew },
};

static void readiness_change_desc(const struct readiness_change *change, char *desc)
{
	strscpy(desc, change->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(readiness_change, readiness_changes, readiness_change_desc);

static void image_that_may_be_another_has_its_usual_time(struct kunit *test)
{
	const struct readiness_change *change = test->param_value;
	struct readiness *be = readiness_boot(test);

	readiness_load(be, FIXTURE_USER, "time");
	readiness_load(be, FIXTURE_USER, "remembered");
	change->make(be);
	readiness_load(be, FIXTURE_USER, "time");
	readiness_load(be, FIXTURE_USER, "remembered");
	readiness_stop(be);
}

/* A driver whose back end goes with its function, in each load too */

static struct readiness *readiness_driven;

static int readiness_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = readiness_driven->port,
		.control = &pdev->dev,
		.ops = &readiness_ops,
		.priv = readiness_driven,
		.stage_timeout_ms = READINESS_TIMEOUT_MS,
	};
	struct fpga_card *card;

	card = fpga_card_attach(&info);
	if (IS_ERR(card))
		return PTR_ERR(card);
	readiness_driven->card = card;
	return 0;
}

static void readiness_remove(struct pci_dev *pdev)
{
	fpga_card_detach(readiness_driven->card, readiness_driven);
}

static const struct pci_device_id readiness_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0001) },
	{ PCI_DEVICE(0x1234, 0x0011) },
	{ PCI_DEVICE(0x1234, 0x0021) },
	{}
};

static struct pci_driver readiness_driver = {
	.name = "fpga-card-kunit-readiness",
	.id_table = readiness_ids,
	.probe = readiness_probe,
	.remove = readiness_remove,
};

/* It is read when the back end attaches: in the load of another image, too. */
static void image_with_another_version_has_its_usual_time(struct kunit *test)
{
	struct readiness *be = kunit_kzalloc(test, sizeof(*be), GFP_KERNEL);
	struct fixture *fx = test->priv;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, be);
	readiness_describe(fx);
	/* A class that none of the simulator's own drivers takes. */
	for (i = 0; i < FIXTURE_IMAGES; i++)
		fx->images[i].fn[0].class = 0x110000;
	fixture_start(fx);
	be->fx = fx;
	be->port = fixture_port(fx, 0);
	be->driven = true;
	be->version = "1";
	readiness_driven = be;
	fixture_add_driver(fx, &readiness_driver);
	KUNIT_ASSERT_NOT_NULL(test, be->card);
	KUNIT_ASSERT_EQ(test, 0,
			register_trace_fpga_card_first_read(readiness_see, be));
	KUNIT_EXPECT_EQ(test, 0, region_file_write(be->card, "remember_readiness", "1"));
	readiness_load(be, FIXTURE_USER, "time");
	readiness_load(be, FIXTURE_WIDE, "time");
	readiness_load(be, FIXTURE_USER, "remembered");
	be->version = "2";
	readiness_load(be, FIXTURE_WIDE, "remembered");
	readiness_load(be, FIXTURE_USER, "time");
	readiness_load(be, FIXTURE_WIDE, "remembered");
	unregister_trace_fpga_card_first_read(readiness_see, be);
	tracepoint_synchronize_unregister();
	fixture_remove_driver(fx, &readiness_driver);
}

/* Files with another @content have other digests. */
static void readiness_load_file(struct readiness *be, char content, const char *by)
{
	struct fpga_card_asker asker = {};
	const struct firmware *fw;

	fw = image_file_make(be->fx->test, FIXTURE_USER, READINESS_PAYLOAD + content,
			     IMAGE_FILE_WHOLE);
	be->asked = 0;
	KUNIT_EXPECT_EQ(be->fx->test, 0, fpga_card_front_stage(be->card, &fw, &asker));
	release_firmware(fw);
	readiness_expect(be, fpga_card_front_activate(be->card, &asker), by);
}

/* Of one name with each other, and with an image in flash */
static void files_are_known_by_their_content(struct kunit *test)
{
	struct readiness *be = readiness_boot(test);

	readiness_load(be, FIXTURE_USER, "time");
	readiness_load_file(be, 'a', "time");
	readiness_load_file(be, 'a', "remembered");
	readiness_load_file(be, 'b', "time");
	readiness_load_file(be, 'b', "remembered");
	readiness_load_file(be, 'a', "remembered");
	readiness_load(be, FIXTURE_USER, "remembered");
	readiness_stop(be);
}

/* As many as are remembered, and one more: the oldest is not any more. */
static void oldest_is_forgotten_first(struct kunit *test)
{
	struct readiness *be = readiness_boot(test);
	char content;

	fixture_slow(test);
	readiness_load_file(be, 'A', "time");
	readiness_load_file(be, 'A', "remembered");
	for (content = 'B'; content <= 'A' + FPGA_CARD_READY_IMAGES; content++)
		readiness_load_file(be, content, "time");
	readiness_load_file(be, 'B', "remembered");
	readiness_load_file(be, 'A', "time");
	readiness_stop(be);
}

/* It is loaded all the same, and has its usual time until it may be another image. */
static void image_that_does_not_keep_its_word_is_not_believed_again(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .rrs_ms = 150 };
	struct readiness *be = readiness_boot(test);

	readiness_load(be, FIXTURE_USER, "time");
	fixture_set_faults(be->fx, &faults);
	be->asked = 0;
	readiness_expect(be, fpga_card_load(be->card, FIXTURE_USER), "remembered");
	KUNIT_EXPECT_FALSE(test, be->answered);
	faults.rrs_ms = 0;
	fixture_set_faults(be->fx, &faults);
	readiness_load(be, FIXTURE_USER, "time");
	readiness_load(be, FIXTURE_USER, "time");
	readiness_flash_changed(be);
	readiness_load(be, FIXTURE_USER, "time");
	readiness_load(be, FIXTURE_USER, "remembered");
	readiness_stop(be);
}

/* Which nobody has to switch on, as the card that is up now has sent it. */
static void message_needs_no_memory(struct kunit *test)
{
	struct pcie_card_sim_event event = {};
	struct fixture *fx = test->priv;
	struct readiness *be;
	u64 from;

	fixture_describe_undriven(fx);
	fx->ports[0].drs = true;
	fx->images[0].drs = true;
	fx->images[0].drs_ms = 5;
	be = readiness_start(test);
	from = pcie_card_sim_log_seq(fx->sim);
	readiness_load(be, FIXTURE_USER, "drs");
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_FIRST_REQUEST, NULL, from,
					     &event));
	KUNIT_EXPECT_LT(test, event.value, READINESS_SOON_US);
	readiness_stop(be);
}

static struct kunit_case readiness_cases[] = {
	KUNIT_CASE(image_is_asked_as_soon_as_it_has_said),
	KUNIT_CASE(nothing_is_remembered_unless_that_is_wanted),
	KUNIT_CASE(card_that_cannot_tell_what_it_runs_is_not_remembered),
	KUNIT_CASE_PARAM(image_that_may_be_another_has_its_usual_time,
			 readiness_change_gen_params),
	KUNIT_CASE(image_with_another_version_has_its_usual_time),
	KUNIT_CASE(files_are_known_by_their_content),
	KUNIT_CASE(oldest_is_forgotten_first),
	KUNIT_CASE(image_that_does_not_keep_its_word_is_not_believed_again),
	KUNIT_CASE(message_needs_no_memory),
	{}
};

struct kunit_suite fpga_card_readiness_suite = {
	.name = "fpga_card_readiness",
	.init = region_file_init,
	.exit = region_file_exit,
	.test_cases = readiness_cases,
};
