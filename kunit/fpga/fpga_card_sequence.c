// SPDX-License-Identifier: GPL-2.0-only
/*
 * The language of sequences: which texts are taken, as what, and which are not.
 */

#include <linux/string.h>

#include "fpga/sequence.h"
#include "kunit/suites.h"

#define SEQUENCE_WRITE	"write32 bar0 0x100 0x1\n"

/**
 * struct sequence_good - a text that is a sequence
 * @text: the text
 * @count: number of its steps
 * @last_write: number of the last one that writes
 * @leave: from which one on the card may leave
 * @us: all times
 * @step: the last step as it is printed, with the address 0x12345678
 * @hot_reset: the card loads at a hot reset then
 */
struct sequence_good {
	const char *text;
	unsigned int count;
	unsigned int last_write;
	unsigned int leave;
	u64 us;
	const char *step;
	bool hot_reset;
};

static const struct sequence_good sequence_goods[] = {
	{ "write8 bar0 0 1", 1, 0, 1, 0, "write8 bar0 0x0 0x1" },
	{ "write16 bar5 0x2 0xffff\n", 1, 0, 1, 0, "write16 bar5 0x2 0xffff" },
	{ "write64 bar2 0x123456780 0xffffffffffffffff", 1, 0, 1, 0,
	  "write64 bar2 0x123456780 0xffffffffffffffff" },
	{ "\n# nothing\n \t\n\twrite32\tbar1  8 010 # eight\r\n", 1, 0, 1, 0,
	  "write32 bar1 0x8 0x8" },
	{ "write8 config 0x40 0xff", 1, 0, 1, 0, "write8 config 0x40 0xff" },
	{ "write32 config 0xffc 0", 1, 0, 1, 0, "write32 config 0xffc 0x0" },
	{ "write8 vndr 3 1", 1, 0, 1, 0, "write8 vndr 0x3 0x1" },
	{ "write32 vsec:0x1234:0x42 8 1", 1, 0, 1, 0,
	  "write32 vsec:0x1234:0x0042 0x8 0x1" },
	{ "write32 vsec:0x1234:66:15 8 1", 1, 0, 1, 0,
	  "write32 vsec:0x1234:0x0042:15 0x8 0x1" },
	{ "write16 dvsec:0x1234:1:0 10 1", 1, 0, 1, 0,
	  "write16 dvsec:0x1234:0x0001:0 0xa 0x1" },
	{ "write32 bar0 0 address", 1, 0, 1, 0, "write32 bar0 0x0 0x12345678" },
	{ "write32 bar0 0 address>>8", 1, 0, 1, 0, "write32 bar0 0x0 0x123456" },
	{ "write64 bar0 0 address<<32", 1, 0, 1, 0,
	  "write64 bar0 0x0 0x1234567800000000" },
	{ "write32 bar0 0 address&0xff", 1, 0, 1, 0, "write32 bar0 0x0 0x78" },
	{ "write32 bar0 0 address|0x80000000", 1, 0, 1, 0, "write32 bar0 0x0 0x92345678" },
	{ "write32 bar0 0 address>>4&0xff00|0x2", 1, 0, 1, 0, "write32 bar0 0x0 0x4502" },
	{ SEQUENCE_WRITE "wait32 config 0 0xffff 0x1234 1ms", 2, 0, 2, 1000,
	  "wait32 config 0x0 0xffff 0x1234 1000us" },
	{ SEQUENCE_WRITE "wait8 bar0 1 0x80 0x80 60000ms", 2, 0, 2, 60000000,
	  "wait8 bar0 0x1 0x80 0x80 60000000us" },
	{ "pause 7us\n" SEQUENCE_WRITE "pause 59ms", 3, 1, 3, 59007, "pause 59000us" },
	{ "pause 1us\nmay-leave\n" SEQUENCE_WRITE, 2, 1, 1, 1, "write32 bar0 0x100 0x1" },
	{ SEQUENCE_WRITE SEQUENCE_WRITE "hot-reset\n# over\n", 2, 1, 2, 0,
	  "write32 bar0 0x100 0x1", true },
};

static void sequence_good_desc(const struct sequence_good *good, char *desc)
{
	strscpy(desc, good->step, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sequence_good, sequence_goods, sequence_good_desc);

static struct fpga_card_sequence *sequence_parse(struct kunit *test, const char *text)
{
	struct fpga_card_fault fault;
	struct fpga_card_sequence *seq;

	seq = fpga_card_sequence_parse(text, strlen(text), &fault);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(seq), "line %u: %s: error %ld", fault.line,
			       fault.why, PTR_ERR(seq));
	return seq;
}

/* What is printed is a step, and the same one but for its value. */
static void text_with_steps_is_taken(struct kunit *test)
{
	const struct sequence_good *good = test->param_value;
	struct fpga_card_sequence *seq, *again;
	char line[128];

	if (!IS_ENABLED(CONFIG_64BIT) && strstr(good->text, "64 bar"))
		kunit_skip(test, "this machine has no accesses of 64 bits");
	seq = sequence_parse(test, good->text);
	KUNIT_ASSERT_NOT_NULL(test, seq);
	KUNIT_EXPECT_STREQ(test, seq->text, good->text);
	KUNIT_ASSERT_EQ(test, seq->count, good->count);
	KUNIT_EXPECT_EQ(test, seq->last_write, good->last_write);
	KUNIT_EXPECT_EQ(test, seq->leave, good->leave);
	KUNIT_EXPECT_EQ(test, seq->us, good->us);
	KUNIT_EXPECT_EQ(test, seq->hot_reset, good->hot_reset);
	fpga_card_step_print(&seq->steps[good->count - 1], 0x12345678, line, sizeof(line));
	KUNIT_EXPECT_STREQ(test, line, good->step);
	fpga_card_sequence_free(seq);

	strlcat(line, "\n" SEQUENCE_WRITE, sizeof(line));
	again = sequence_parse(test, line);
	fpga_card_step_print(&again->steps[0], 0, line, sizeof(line));
	KUNIT_EXPECT_STREQ(test, line, good->step);
	fpga_card_sequence_free(again);
}

static const char * const sequence_empties[] = {
	"", "\n", "\n\n", "# write32 bar0 0x100 0x1\n", " \t\r\n#\n",
};

static void text_without_steps_is_none(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sequence_empties); i++)
		KUNIT_EXPECT_NULL(test, sequence_parse(test, sequence_empties[i]));
}

/**
 * struct sequence_bad - a text that is no sequence
 * @text: the text
 * @err: the error
 * @line: in which line
 * @why: what is said of it
 */
struct sequence_bad {
	const char *text;
	int err;
	unsigned int line;
	const char *why;
};

static const struct sequence_bad sequence_bads[] = {
	{ "write", -EINVAL, 1, "no such step" },
	{ "write24 bar0 0 1", -EINVAL, 1, "no such step" },
	{ "\n\nread32 bar0 0", -EINVAL, 3, "no such step" },
	{ SEQUENCE_WRITE "write32", -EINVAL, 2, "the place is none" },
	{ "write32 bar6 0 1", -EINVAL, 1, "the place is none" },
	{ "write32 bar 0 1", -EINVAL, 1, "the place is none" },
	{ "write32 bar00 0 1", -EINVAL, 1, "the place is none" },
	{ "write32 io 0 1", -EINVAL, 1, "the place is none" },
	{ "write32 vsec 8 1", -EINVAL, 1, "the place is none" },
	{ "write32 vsec:1 8 1", -EINVAL, 1, "the place is none" },
	{ "write32 vsec:1:2:3:4 8 1", -EINVAL, 1, "the place is none" },
	{ "write32 ssec:1:2 8 1", -EINVAL, 1, "the place is none" },
	{ "write32 vsec:0x10000:1 8 1", -ERANGE, 1, "out of its range" },
	{ "write32 vsec:1:2:16 8 1", -ERANGE, 1, "out of its range" },
	{ "write32 bar0", -EINVAL, 1, "the offset is no number" },
	{ "write32 bar0 x 1", -EINVAL, 1, "the offset is no number" },
	{ "write32 bar0 -4 1", -EINVAL, 1, "the offset is no number" },
	{ "write32 bar0 +4 1", -EINVAL, 1, "the offset is no number" },
	{ "write32 bar0 0x10000000000000000 1", -ERANGE, 1, "the offset is out of its range" },
	{ "write32 bar0 0x8000000000000000 1", -ERANGE, 1, "the offset is out of its range" },
	{ "write32 bar0 2 1", -EINVAL, 1, "no multiple of the width" },
	{ "write16 bar0 1 1", -EINVAL, 1, "no multiple of the width" },
	{ "write32 config 0x1000 1", -ERANGE, 1, "the offset is out of its range" },
	{ "write16 vndr 0xc0 1", -ERANGE, 1, "the offset is out of its range" },
	{ "write16 config 4 6", -ERANGE, 1, "is not written" },
	{ "write32 config 0x3c 6", -ERANGE, 1, "is not written" },
	{ "write8 vndr 2 1", -ERANGE, 1, "is not written" },
	{ "write32 vsec:1:2 4 1", -ERANGE, 1, "is not written" },
	{ "write16 dvsec:1:2 8 1", -ERANGE, 1, "is not written" },
	{ "write64 config 0x40 1", -EINVAL, 1, "no accesses of 64 bits" },
	{ "write32 bar0 0", -EINVAL, 1, "the value is neither" },
	{ "write32 bar0 0 one", -EINVAL, 1, "the value is neither" },
	{ "write32 bar0 0 addr", -EINVAL, 1, "the value is neither" },
	{ "write32 bar0 0 address>8", -EINVAL, 1, "the value is neither" },
	{ "write32 bar0 0 address>>", -EINVAL, 1, "the value is neither" },
	{ "write32 bar0 0 address&1>>8", -EINVAL, 1, "the value is neither" },
	{ "write32 bar0 0 address|1|2", -EINVAL, 1, "the value is neither" },
	{ "write32 bar0 0 addresses", -EINVAL, 1, "the value is neither" },
	{ "write32 bar0 0 address>>64", -ERANGE, 1, "the value does not fit" },
	{ "write32 bar0 0 address|0x100000000", -ERANGE, 1, "the value does not fit" },
	{ "write8 bar0 0 0x100", -ERANGE, 1, "the value does not fit" },
	{ "write16 bar0 0 65536", -ERANGE, 1, "the value does not fit" },
	{ "write32 bar0 0 1 2", -EINVAL, 1, "words behind the step" },
	{ "wait32 bar0 0 1 1", -EINVAL, 1, "the time is no number" },
	{ "wait32 bar0 0 x 1 1ms", -EINVAL, 1, "the mask is no number" },
	{ "wait8 bar0 0 0x100 1 1ms", -ERANGE, 1, "the mask is out of its range" },
	{ "wait32 bar0 0 0 0 1ms", -EINVAL, 1, "the mask has no bits" },
	{ "wait32 bar0 0 1 2 1ms", -EINVAL, 1, "the mask does not have" },
	{ "wait32 bar0 0 1 1 1", -EINVAL, 1, "the time is no number" },
	{ "wait32 bar0 0 1 1 1s", -EINVAL, 1, "the time is no number" },
	{ "pause", -EINVAL, 1, "the time is no number" },
	{ "pause ms", -EINVAL, 1, "the time is no number" },
	{ "pause 0ms", -ERANGE, 1, "the time is no number" },
	{ "pause 60001ms", -ERANGE, 1, "longer than a minute" },
	{ "pause 0x2000000000000ms", -ERANGE, 1, "longer than a minute" },
	{ "pause 30000ms\npause 30000ms\npause 1us", -ERANGE, 3, "all times together" },
	{ "pause 1ms", -EINVAL, 0, "the sequence writes nothing" },
	{ "wait32 bar0 0 1 1 1ms", -EINVAL, 0, "the sequence writes nothing" },
	{ "hot-reset", -EINVAL, 0, "the sequence writes nothing" },
	{ "may-leave", -EINVAL, 0, "the sequence writes nothing" },
	{ SEQUENCE_WRITE "may-leave\npause 1ms", -EINVAL, 0, "behind may-leave" },
	{ "may-leave\nmay-leave\n" SEQUENCE_WRITE, -EINVAL, 2, "there twice" },
	{ "may-leave\n" SEQUENCE_WRITE "hot-reset", -EINVAL, 3, "must not leave" },
	{ SEQUENCE_WRITE "hot-reset\n" SEQUENCE_WRITE, -EINVAL, 3, "behind hot-reset" },
	{ SEQUENCE_WRITE "hot-reset now", -EINVAL, 2, "words behind the step" },
};

static void sequence_bad_desc(const struct sequence_bad *bad, char *desc)
{
	strscpy(desc, bad->text, KUNIT_PARAM_DESC_SIZE);
	strreplace(desc, '\n', ';');
}

KUNIT_ARRAY_PARAM(sequence_bad, sequence_bads, sequence_bad_desc);

static void text_that_is_wrong_is_refused(struct kunit *test)
{
	const struct sequence_bad *bad = test->param_value;
	struct fpga_card_fault fault;
	struct fpga_card_sequence *seq;

	seq = fpga_card_sequence_parse(bad->text, strlen(bad->text), &fault);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(seq), bad->err);
	KUNIT_EXPECT_EQ(test, fault.line, bad->line);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(fault.why, bad->why), "\"%s\", not \"%s\"",
			      fault.why, bad->why);
	if (!IS_ERR(seq))
		fpga_card_sequence_free(seq);
}

static void text_is_no_longer_than_a_page(struct kunit *test)
{
	char *text = kunit_kzalloc(test, FPGA_CARD_SEQUENCE_MAX + 2, GFP_KERNEL);
	const size_t len = strlen(SEQUENCE_WRITE);
	struct fpga_card_fault fault;
	struct fpga_card_sequence *seq;

	KUNIT_ASSERT_NOT_NULL(test, text);
	memset(text, '\n', FPGA_CARD_SEQUENCE_MAX + 1);
	memcpy(text, SEQUENCE_WRITE, len);
	seq = fpga_card_sequence_parse(text, FPGA_CARD_SEQUENCE_MAX, &fault);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(seq));
	KUNIT_EXPECT_EQ(test, strlen(seq->text), FPGA_CARD_SEQUENCE_MAX);
	fpga_card_sequence_free(seq);
	seq = fpga_card_sequence_parse(text, FPGA_CARD_SEQUENCE_MAX + 1, &fault);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(seq), -E2BIG);

	text[len] = '\0';
	seq = fpga_card_sequence_parse(text, len + 2, &fault);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(seq), -EINVAL);
}

static struct kunit_case sequence_cases[] = {
	KUNIT_CASE_PARAM(text_with_steps_is_taken, sequence_good_gen_params),
	KUNIT_CASE(text_without_steps_is_none),
	KUNIT_CASE_PARAM(text_that_is_wrong_is_refused, sequence_bad_gen_params),
	KUNIT_CASE(text_is_no_longer_than_a_page),
	{}
};

struct kunit_suite fpga_card_sequence_suite = {
	.name = "fpga_card_sequence",
	.test_cases = sequence_cases,
};
