// SPDX-License-Identifier: GPL-2.0-only
/*
 * The language of the attribute "sequence": from text to steps, and back for people.
 * Nothing here touches a card.
 */

#include <linux/align.h>
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "sequence.h"

/* What separates the words of a line */
#define FPGA_CARD_BLANKS	" \t\r"

/* Longest number: 64 bits in octal, with the terminating NUL */
#define FPGA_CARD_DIGITS	25

#define FPGA_CARD_ADDRESS	"address"

/**
 * struct fpga_card_parser - a text that is being read
 * @seq: what it has become so far
 * @fault: where to say what is wrong
 * @line: number of the line
 * @rest: what of the line was not read yet; NULL at its end
 */
struct fpga_card_parser {
	struct fpga_card_sequence *seq;
	struct fpga_card_fault *fault;
	unsigned int line;
	char *rest;
};

/* Says what is wrong, and returns @err. */
int fpga_card_fault(struct fpga_card_fault *fault, unsigned int line, int err,
		    const char *fmt, ...)
{
	va_list args;
	int n = 0;

	fault->line = line;
	if (line)
		n = scnprintf(fault->why, sizeof(fault->why), "line %u of the sequence: ",
			      line);
	va_start(args, fmt);
	vscnprintf(fault->why + n, sizeof(fault->why) - n, fmt, args);
	va_end(args);
	return err;
}

static int fpga_card_wrong(struct fpga_card_parser *parser, int err, const char *why)
{
	return fpga_card_fault(parser->fault, parser->line, err, "%s", why);
}

u64 fpga_card_width_mask(unsigned int width)
{
	return GENMASK_ULL(8 * width - 1, 0);
}

u64 fpga_card_value_of(const struct fpga_card_value *value, u64 address)
{
	if (!value->address)
		return value->bits;
	return (address >> value->right << value->left & value->mask) | value->bits;
}

static char *fpga_card_word(struct fpga_card_parser *parser)
{
	char *word;

	do {
		word = strsep(&parser->rest, FPGA_CARD_BLANKS);
	} while (word && !*word);
	return word;
}

static int fpga_card_read_number(struct fpga_card_parser *parser, u64 most,
				 const char *what, u64 *number)
{
	int ret = fpga_card_number(fpga_card_word(parser), number);

	if (!ret && *number > most)
		ret = -ERANGE;
	if (ret)
		fpga_card_fault(parser->fault, parser->line, ret, "%s is %s", what,
				ret == -ERANGE ? "out of its range" : "no number");
	return ret;
}

/* "OPERATOR NUMBER" at @pos, which it moves behind: 1 if there was one, 0 if not. */
static int fpga_card_term(const char **pos, const char *operator, u64 *number)
{
	char digits[FPGA_CARD_DIGITS];
	size_t len = strlen(operator);
	int ret;

	if (strncmp(*pos, operator, len))
		return 0;
	*pos += len;
	len = strcspn(*pos, "<>&|");
	if (len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, *pos, len);
	digits[len] = '\0';
	*pos += len;
	ret = fpga_card_number(digits, number);
	return ret ?: 1;
}

/* "address[>>N|<<N][&MASK][|BITS]", with @pos behind the word */
static int fpga_card_address(const char *pos, struct fpga_card_value *value)
{
	u64 right = 0, left = 0;
	int ret;

	value->address = true;
	value->mask = U64_MAX;
	ret = fpga_card_term(&pos, ">>", &right);
	if (!ret)
		ret = fpga_card_term(&pos, "<<", &left);
	if (ret >= 0)
		ret = fpga_card_term(&pos, "&", &value->mask);
	if (ret >= 0)
		ret = fpga_card_term(&pos, "|", &value->bits);
	if (ret < 0)
		return ret;
	if (*pos)
		return -EINVAL;
	if (right > 63 || left > 63)
		return -ERANGE;
	value->right = right;
	value->left = left;
	return 0;
}

static int fpga_card_read_value(struct fpga_card_parser *parser,
				struct fpga_card_step *step)
{
	const size_t len = strlen(FPGA_CARD_ADDRESS);
	char *word = fpga_card_word(parser);
	int ret;

	if (word && !strncmp(word, FPGA_CARD_ADDRESS, len))
		ret = fpga_card_address(word + len, &step->value);
	else
		ret = fpga_card_number(word, &step->value.bits);
	if (!ret && step->value.bits & ~fpga_card_width_mask(step->width))
		ret = -ERANGE;
	if (!ret && step->kind == FPGA_CARD_STEP_WAIT && step->value.bits & ~step->mask)
		return fpga_card_wrong(parser, -EINVAL,
				       "the value has bits that the mask does not have");
	if (ret)
		fpga_card_fault(parser->fault, parser->line, ret, "the value %s",
				ret == -ERANGE ? "does not fit" :
				"is neither a number nor made of the address");
	return ret;
}

/* "NUMBERus" or "NUMBERms" */
static int fpga_card_read_time(struct fpga_card_parser *parser,
			       struct fpga_card_step *step)
{
	char *word = fpga_card_word(parser);
	size_t len = word ? strlen(word) : 0;
	unsigned int unit = 0;
	int ret = -EINVAL;

	if (len > 2 && !strcmp(word + len - 2, "us"))
		unit = 1;
	else if (len > 2 && !strcmp(word + len - 2, "ms"))
		unit = USEC_PER_MSEC;
	if (unit) {
		word[len - 2] = '\0';
		ret = fpga_card_number(word, &step->us);
	}
	if (ret || !step->us)
		return fpga_card_wrong(parser, ret ?: -ERANGE,
				       "the time is no number of us or ms from 1 on");
	if (step->us > FPGA_CARD_SEQUENCE_US / unit)
		return fpga_card_wrong(parser, -ERANGE, "the time is longer than a minute");
	step->us *= unit;
	parser->seq->us += step->us;
	if (parser->seq->us > FPGA_CARD_SEQUENCE_US)
		return fpga_card_wrong(parser, -ERANGE,
				       "all times together are longer than a minute");
	return 0;
}

static int fpga_card_read_place(struct fpga_card_parser *parser,
				struct fpga_card_step *step)
{
	struct fpga_card_place *place = &step->place;
	int ret;

	ret = fpga_card_named_place(fpga_card_word(parser), place);
	if (ret == -ERANGE)
		return fpga_card_wrong(parser, ret,
				       "vendor, ID or revision of the capability is out of its range");
	if (ret)
		return fpga_card_wrong(parser, ret,
				       "the place is none of barN, config, vndr, vsec:VENDOR:ID[:REV], dvsec:VENDOR:ID[:REV]");
	if (place->kind != FPGA_CARD_PLACE_BAR && step->width > 4)
		return fpga_card_wrong(parser, -EINVAL,
				       "configuration space has no accesses of 64 bits");
	ret = fpga_card_read_number(parser, fpga_card_place_size(place) - step->width,
				    "the offset", &place->offset);
	if (ret)
		return ret;
	if (!IS_ALIGNED(place->offset, step->width))
		return fpga_card_wrong(parser, -EINVAL,
				       "the offset is no multiple of the width");
	if (step->kind == FPGA_CARD_STEP_WRITE &&
	    place->offset < fpga_card_place_header(place))
		return fpga_card_wrong(parser, -ERANGE,
				       "the header of configuration space, or of a capability, is not written");
	return 0;
}

static int fpga_card_read_access(struct fpga_card_parser *parser,
				 struct fpga_card_step *step)
{
	int ret;

	if (step->width == 8 && !IS_ENABLED(CONFIG_64BIT))
		return fpga_card_wrong(parser, -EOPNOTSUPP,
				       "this machine has no accesses of 64 bits");
	ret = fpga_card_read_place(parser, step);
	if (!ret && step->kind == FPGA_CARD_STEP_WAIT) {
		ret = fpga_card_read_number(parser, fpga_card_width_mask(step->width),
					    "the mask", &step->mask);
		if (!ret && !step->mask)
			ret = fpga_card_wrong(parser, -EINVAL, "the mask has no bits");
	}
	if (!ret)
		ret = fpga_card_read_value(parser, step);
	if (!ret && step->kind == FPGA_CARD_STEP_WAIT)
		ret = fpga_card_read_time(parser, step);
	return ret;
}

/* "write8" to "wait64": what stands behind @name is the width. */
static bool fpga_card_is_access(const char *word, const char *name,
				struct fpga_card_step *step)
{
	static const char * const widths[] = { "8", "16", "32", "64" };
	size_t len = strlen(name);
	int width;

	if (strncmp(word, name, len))
		return false;
	width = match_string(widths, ARRAY_SIZE(widths), word + len);
	if (width < 0)
		return false;
	step->width = 1 << width;
	return true;
}

static int fpga_card_read_step(struct fpga_card_parser *parser, const char *word)
{
	struct fpga_card_sequence *seq = parser->seq;
	struct fpga_card_step *step = &seq->steps[seq->count];
	int ret;

	step->line = parser->line;
	if (fpga_card_is_access(word, "write", step)) {
		step->kind = FPGA_CARD_STEP_WRITE;
		seq->last_write = seq->count;
		ret = fpga_card_read_access(parser, step);
	} else if (fpga_card_is_access(word, "wait", step)) {
		step->kind = FPGA_CARD_STEP_WAIT;
		ret = fpga_card_read_access(parser, step);
	} else if (!strcmp(word, "pause")) {
		step->kind = FPGA_CARD_STEP_PAUSE;
		ret = fpga_card_read_time(parser, step);
	} else {
		return fpga_card_wrong(parser, -EINVAL,
				       "there is no such step: writeN, waitN, pause, may-leave, hot-reset");
	}
	if (!ret)
		seq->count++;
	return ret;
}

static int fpga_card_read_line(struct fpga_card_parser *parser)
{
	struct fpga_card_sequence *seq = parser->seq;
	char *word = fpga_card_word(parser);
	int ret = 0;

	if (!word)
		return 0;
	if (seq->hot_reset)
		return fpga_card_wrong(parser, -EINVAL, "there is nothing behind hot-reset");
	if (!strcmp(word, "hot-reset")) {
		if (seq->leave != UINT_MAX)
			return fpga_card_wrong(parser, -EINVAL,
					       "a card that is reset must not leave before");
		seq->hot_reset = true;
	} else if (!strcmp(word, "may-leave")) {
		if (seq->leave != UINT_MAX)
			return fpga_card_wrong(parser, -EINVAL, "may-leave is there twice");
		seq->leave = seq->count;
	} else {
		ret = fpga_card_read_step(parser, word);
	}
	if (!ret && fpga_card_word(parser))
		ret = fpga_card_wrong(parser, -EINVAL, "there are words behind the step");
	return ret;
}

/* Each line of @text, which is changed on the way. */
static int fpga_card_read_text(struct fpga_card_parser *parser, char *text)
{
	struct fpga_card_sequence *seq = parser->seq;
	char *line;
	int ret;

	while ((line = strsep(&text, "\n"))) {
		parser->line++;
		line[strcspn(line, "#")] = '\0';
		parser->rest = line;
		ret = fpga_card_read_line(parser);
		if (ret)
			return ret;
	}
	parser->line = 0;
	if (!seq->count && !seq->hot_reset && seq->leave == UINT_MAX)
		return 0;
	if (!seq->count || seq->steps[seq->last_write].kind != FPGA_CARD_STEP_WRITE)
		return fpga_card_wrong(parser, -EINVAL, "the sequence writes nothing");
	if (seq->leave != UINT_MAX && seq->leave > seq->last_write)
		return fpga_card_wrong(parser, -EINVAL,
				       "the sequence writes nothing behind may-leave");
	seq->leave = min(seq->leave, seq->count);
	return 0;
}

static size_t fpga_card_count_lines(const char *text, size_t len)
{
	size_t i, n = 1;

	for (i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

/**
 * fpga_card_sequence_parse - steps of a text
 * @text: the text
 * @len: its length
 * @fault: what is wrong with it, if something is
 *
 * Context: may sleep.
 *
 * Return: the sequence, for fpga_card_sequence_free(); NULL if there is no step in it;
 * -EINVAL if a line is none, -ERANGE if a number is out of its range, -EOPNOTSUPP if the
 * machine cannot do it, -E2BIG if the text is too long, or -ENOMEM.
 */
struct fpga_card_sequence *fpga_card_sequence_parse(const char *text, size_t len,
						    struct fpga_card_fault *fault)
{
	struct fpga_card_parser parser = { .fault = fault };
	struct fpga_card_sequence *seq;
	char *copy;
	int ret;

	fpga_card_fault(fault, 0, 0, "no memory");
	if (len > FPGA_CARD_SEQUENCE_MAX)
		return ERR_PTR(fpga_card_fault(fault, 0, -E2BIG,
					       "the sequence has more than %d bytes",
					       FPGA_CARD_SEQUENCE_MAX));
	if (strnlen(text, len) != len)
		return ERR_PTR(fpga_card_fault(fault, 0, -EINVAL,
					       "a byte of the sequence is 0"));

	seq = kvzalloc(struct_size(seq, steps, fpga_card_count_lines(text, len)),
		       GFP_KERNEL);
	copy = kstrndup(text, len, GFP_KERNEL);
	if (!seq || !copy) {
		ret = -ENOMEM;
		goto err_free;
	}
	seq->text = kstrndup(text, len, GFP_KERNEL);
	if (!seq->text) {
		ret = -ENOMEM;
		goto err_free;
	}
	seq->leave = UINT_MAX;
	parser.seq = seq;
	ret = fpga_card_read_text(&parser, copy);
	if (ret || !seq->count)
		goto err_free;
	kfree(copy);
	return seq;

err_free:
	kfree(copy);
	fpga_card_sequence_free(seq);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(fpga_card_sequence_parse);

/* @seq may be NULL. */
void fpga_card_sequence_free(struct fpga_card_sequence *seq)
{
	if (seq)
		kfree(seq->text);
	kvfree(seq);
}
EXPORT_SYMBOL_GPL(fpga_card_sequence_free);

/* As it could be written, with the number that the value comes to. */
int fpga_card_step_print(const struct fpga_card_step *step, u64 address, char *buf,
			 size_t len)
{
	u64 value = fpga_card_value_of(&step->value, address);
	int n;

	if (step->kind == FPGA_CARD_STEP_PAUSE)
		return scnprintf(buf, len, "pause %lluus", step->us);
	n = scnprintf(buf, len, "%s%u ",
		      step->kind == FPGA_CARD_STEP_WRITE ? "write" : "wait",
		      8 * step->width);
	n += fpga_card_place_print(&step->place, buf + n, len - n);
	if (step->kind == FPGA_CARD_STEP_WAIT)
		n += scnprintf(buf + n, len - n, " %#llx", step->mask);
	n += scnprintf(buf + n, len - n, " %#llx", value);
	if (step->kind == FPGA_CARD_STEP_WAIT)
		n += scnprintf(buf + n, len - n, " %lluus", step->us);
	return n;
}
EXPORT_SYMBOL_GPL(fpga_card_step_print);
