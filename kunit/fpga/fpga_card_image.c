// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parser of image files: takes the good ones, refuses each bad one.
 */

#include <linux/fpga/fpga-card-image.h>

#include "kunit/suites.h"

#define IMAGE_FUNCTIONS	2
#define IMAGE_PAYLOAD	16

/* A file that is good until a case changes it. */
struct image_file {
	struct fpga_card_image_header header;
	struct fpga_card_image_function fn[IMAGE_FUNCTIONS];
	u8 payload[IMAGE_PAYLOAD];
} __packed;

static void image_describe(struct image_file *file)
{
	unsigned int i;

	memset(file, 0, sizeof(*file));
	memcpy(file->header.magic, FPGA_CARD_IMAGE_MAGIC,
	       sizeof(file->header.magic));
	file->header.version = cpu_to_le32(FPGA_CARD_IMAGE_VERSION);
	file->header.header_size =
		cpu_to_le32(offsetof(struct image_file, payload));
	file->header.payload_size = cpu_to_le64(IMAGE_PAYLOAD);
	strscpy(file->header.back_end, "test", sizeof(file->header.back_end));
	strscpy(file->header.name, "image", sizeof(file->header.name));
	file->header.functions = cpu_to_le16(IMAGE_FUNCTIONS);
	for (i = 0; i < IMAGE_FUNCTIONS; i++) {
		file->fn[i].leg = 0xff;
		file->fn[i].devfn = i;
		file->fn[i].bar[0] = cpu_to_le64(0x1000);
	}
}

static int image_init(struct kunit *test)
{
	struct image_file *file;

	file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);
	if (!file)
		return -ENOMEM;
	image_describe(file);
	test->priv = file;
	return 0;
}

static void good_file_is_taken_apart(struct kunit *test)
{
	struct image_file *file = test->priv;
	struct fpga_card_image_view view;
	const char *why;

	KUNIT_ASSERT_EQ(test, 0, fpga_card_image_parse(file, sizeof(*file),
						       &view, &why));
	KUNIT_EXPECT_NULL(test, why);
	KUNIT_EXPECT_PTR_EQ(test, (void *)view.header, (void *)file);
	KUNIT_EXPECT_EQ(test, view.nfunctions, IMAGE_FUNCTIONS);
	KUNIT_EXPECT_PTR_EQ(test, (void *)view.functions, (void *)file->fn);
	KUNIT_EXPECT_PTR_EQ(test, (void *)view.payload, (void *)file->payload);
	KUNIT_EXPECT_EQ(test, view.payload_size, (u64)IMAGE_PAYLOAD);
}

static void truncated_file_is_refused_at_each_length(struct kunit *test)
{
	struct image_file *file = test->priv;
	struct fpga_card_image_view view;
	const char *why;
	size_t len;

	for (len = 0; len < sizeof(*file); len++) {
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    fpga_card_image_parse(file, len, &view, &why),
				    "length %zu", len);
		KUNIT_EXPECT_NOT_NULL(test, why);
	}
}

struct image_damage {
	const char *what;
	size_t offset;
	u8 value;
};

static const struct image_damage image_damages[] = {
	{ "magic", offsetof(struct image_file, header.magic), 'X' },
	{ "last byte of magic", offsetof(struct image_file, header.magic) + 7, 0 },
	{ "version", offsetof(struct image_file, header.version), 2 },
	{ "header size", offsetof(struct image_file, header.header_size), 1 },
	{ "header size of 4 GiB",
	  offsetof(struct image_file, header.header_size) + 3, 0xff },
	{ "payload size", offsetof(struct image_file, header.payload_size), 17 },
	{ "no payload", offsetof(struct image_file, header.payload_size), 0 },
	{ "payload size of 16 EiB",
	  offsetof(struct image_file, header.payload_size) + 7, 0xff },
	{ "empty back end", offsetof(struct image_file, header.back_end), 0 },
	{ "back end with a slash",
	  offsetof(struct image_file, header.back_end), '/' },
	{ "back end with something behind its end",
	  offsetof(struct image_file, header.back_end) + 31, 'x' },
	{ "empty name", offsetof(struct image_file, header.name), 0 },
	{ "name with a control character",
	  offsetof(struct image_file, header.name), '\n' },
	{ "name with something behind its end",
	  offsetof(struct image_file, header.name) + 63, 'x' },
	{ "more functions than there are",
	  offsetof(struct image_file, header.functions), 3 },
	{ "too many functions",
	  offsetof(struct image_file, header.functions) + 1, 0xff },
	{ "flags", offsetof(struct image_file, header.flags), 1 },
	{ "BAR size", offsetof(struct image_file, fn[0].bar), 1 },
	{ "class beyond 24 bits",
	  offsetof(struct image_file, fn[0].class) + 3, 1 },
	{ "leg that no switch has", offsetof(struct image_file, fn[0].leg), 0x20 },
	{ "function twice", offsetof(struct image_file, fn[1].devfn), 0 },
};

static void image_damage_desc(const struct image_damage *damage, char *desc)
{
	strscpy(desc, damage->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(image_damage, image_damages, image_damage_desc);

static void damaged_header_is_refused(struct kunit *test)
{
	const struct image_damage *damage = test->param_value;
	struct image_file *file = test->priv;
	struct fpga_card_image_view view;
	const char *why;

	((u8 *)file)[damage->offset] = damage->value;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			fpga_card_image_parse(file, sizeof(*file), &view, &why));
	KUNIT_EXPECT_NOT_NULL(test, why);
}

static void file_without_functions_is_taken(struct kunit *test)
{
	struct image_file *file = test->priv;
	struct fpga_card_image_view view;
	size_t len = sizeof(*file) - sizeof(file->fn);
	const char *why;

	file->header.functions = 0;
	file->header.header_size = cpu_to_le32(sizeof(file->header));
	memmove(file->fn, file->payload, IMAGE_PAYLOAD);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_image_parse(file, len, &view, &why));
	KUNIT_EXPECT_EQ(test, view.nfunctions, 0);
}

static struct kunit_case fpga_card_image_cases[] = {
	KUNIT_CASE(good_file_is_taken_apart),
	KUNIT_CASE(file_without_functions_is_taken),
	KUNIT_CASE(truncated_file_is_refused_at_each_length),
	KUNIT_CASE_PARAM(damaged_header_is_refused, image_damage_gen_params),
	{}
};

struct kunit_suite fpga_card_image_suite = {
	.name = "fpga_card_image",
	.init = image_init,
	.test_cases = fpga_card_image_cases,
};
