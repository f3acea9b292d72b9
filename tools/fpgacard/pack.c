// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packing image files.
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fc.h"
#include "image.h"

/**
 * struct fc_pack - what is packed
 * @back_end: the back end that the image is for
 * @name: what the card calls the image
 * @card: IDs of the card's control function
 * @payload: name of the file with the payload
 * @output: name of the file to be made
 * @target: the same, where that is a link: to what
 * @specs: the functions, as they are on the command line
 * @count: how many
 * @header: stands at the start of the file
 * @functions: follows it
 */
struct fc_pack {
	const char *back_end;
	const char *name;
	const char *card;
	const char *payload;
	const char *output;
	char target[PATH_MAX];
	const char *specs[FPGA_CARD_IMAGE_FUNCTIONS_MAX + 1];
	unsigned int count;
	struct fpga_card_image_header header;
	struct fpga_card_image_function functions[FPGA_CARD_IMAGE_FUNCTIONS_MAX];
};

enum {
	FC_BACK_END = 256,
	FC_IMAGE_NAME,
	FC_CARD,
	FC_FUNCTION,
};

static const struct argp_option fc_pack_options[] = {
	{ "back-end", FC_BACK_END, "NAME", 0, "The back end that the image is for", 0 },
	{ "name", FC_IMAGE_NAME, "NAME", 0, "What the card calls the image when it runs", 0 },
	{ "card", FC_CARD, "VENDOR:DEVICE", 0,
	  "IDs of the card's control function before the load; any for one that does not matter",
	  0 },
	{ "function", FC_FUNCTION, "FUNCTION", 0, "A function of the image, see below", 0 },
	{ 0 }
};

static const char fc_pack_doc[] =
	"Packs an image into a file that the card's region takes.\vA FUNCTION is DEVFN,VENDOR:DEVICE[,KEY=VALUE]... with the keys\n"
	"\n"
	"  sub=VENDOR:DEVICE   subsystem IDs; any for one that does not matter\n"
	"  class=HEX           class code, six hexadecimal digits\n"
	"  vfs=N               VFs that it can have (0)\n"
	"  leg=N               device number of the switch's downstream port above\n"
	"                      it, on a card with a switch\n"
	"  bar0=SIZE ... bar5=SIZE\n"
	"                      size in bytes, or with K, M or G; a 64-bit BAR takes\n"
	"                      the place of its lower half\n"
	"\n"
	"Either all functions of the image (without VFs and bridges) are named,\n"
	"and are then compared with what the card has after the load, or none is.";

static error_t fc_take_file(struct fc_pack *pack, char *arg)
{
	if (!pack->payload)
		pack->payload = arg;
	else if (!pack->output)
		pack->output = arg;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static error_t fc_parse_pack(int key, char *arg, struct argp_state *state)
{
	struct fc_pack *pack = state->input;

	switch (key) {
	case FC_BACK_END:
		pack->back_end = arg;
		return 0;
	case FC_IMAGE_NAME:
		pack->name = arg;
		return 0;
	case FC_CARD:
		pack->card = arg;
		return 0;
	case FC_FUNCTION:
		if (pack->count <= FPGA_CARD_IMAGE_FUNCTIONS_MAX)
			pack->specs[pack->count++] = arg;
		return 0;
	case ARGP_KEY_ARG:
		return fc_take_file(pack, arg);
	case ARGP_KEY_END:
		if (!pack->output)
			argp_error(state, "PAYLOAD and OUTPUT are needed");
		else if (!pack->back_end || !pack->name)
			argp_error(state, "--back-end and --name are needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* A name, NUL padded to @size bytes */
static int fc_pack_name(const char *text, const char *what, uint8_t *field, size_t size)
{
	const char *p;

	if (!text[0])
		return fc_fail(FC_USAGE, "%s is empty", what);
	for (p = text; *p; p++) {
		if (*p <= ' ' || *p > '~' || *p == '/')
			return fc_fail(FC_USAGE,
				       "%s: '%s' has a character other than printable ASCII, or a space or slash",
				       what, text);
	}
	if ((size_t)(p - text) >= size)
		return fc_fail(FC_USAGE, "%s: '%s' is longer than %zu characters", what, text,
			       size - 1);
	memcpy(field, text, (size_t)(p - text));
	return FC_SUCCESS;
}

static int fc_pack_functions(struct fc_pack *pack)
{
	struct fpga_card_image_function *fn = pack->functions;
	unsigned int i, j;
	char place[8];
	int ret;

	if (pack->count > FPGA_CARD_IMAGE_FUNCTIONS_MAX)
		return fc_fail(FC_USAGE, "more than %d functions",
			       FPGA_CARD_IMAGE_FUNCTIONS_MAX);
	for (i = 0; i < pack->count; i++) {
		ret = fc_parse_function(pack->specs[i], &fn[i]);
		if (ret)
			return ret;
		for (j = 0; j < i; j++) {
			if (fn[j].leg != fn[i].leg || fn[j].devfn != fn[i].devfn)
				continue;
			fc_format_place(&fn[i], place, sizeof(place));
			return fc_fail(FC_USAGE, "--function: %s is described twice", place);
		}
	}
	return FC_SUCCESS;
}

static size_t fc_head_size(const struct fc_pack *pack)
{
	return sizeof(pack->header) + pack->count * sizeof(pack->functions[0]);
}

/* All but the payload's size and digest */
static int fc_pack_header(struct fc_pack *pack)
{
	struct fpga_card_image_header *header = &pack->header;
	uint16_t ids[2];
	int ret;

	ret = fc_pack_name(pack->back_end, "--back-end", header->back_end,
			   sizeof(header->back_end));
	if (!ret)
		ret = fc_pack_name(pack->name, "--name", header->name, sizeof(header->name));
	if (!ret)
		ret = fc_parse_ids(pack->card, "--card", true, ids);
	if (ret)
		return ret;
	memcpy(header->magic, FPGA_CARD_IMAGE_MAGIC, sizeof(header->magic));
	header->version = htole32(FPGA_CARD_IMAGE_VERSION);
	header->header_size = htole32((uint32_t)fc_head_size(pack));
	header->card_vendor = htole16(ids[0]);
	header->card_device = htole16(ids[1]);
	header->functions = htole16((uint16_t)pack->count);
	return FC_SUCCESS;
}

/* The payload is written behind the place of the header, which comes last. */
static int fc_fill(struct fc_pack *pack, int from, int to)
{
	size_t head = fc_head_size(pack);
	uint64_t size;
	int err;

	if (lseek(to, (off_t)head, SEEK_SET) < 0)
		return fc_fail_errno(errno, "%s", pack->output);
	err = fc_digest(from, to, &size, pack->header.digest);
	if (err > 0)
		return fc_fail_errno(err, "%s", pack->payload);
	if (err < 0)
		return fc_fail_errno(-err, "%s", pack->output);
	if (!size)
		return fc_fail(FC_BAD_FILE, "%s is empty", pack->payload);
	if (head + size > FC_FILE_MAX)
		return fc_fail(FC_BAD_FILE,
			       "%s is too large: the kernel reads no firmware file of 2 GiB or more",
			       pack->payload);
	pack->header.payload_size = htole64(size);
	if (pwrite(to, &pack->header, sizeof(pack->header), 0) != sizeof(pack->header) ||
	    pwrite(to, pack->functions, head - sizeof(pack->header),
		   sizeof(pack->header)) != (ssize_t)(head - sizeof(pack->header)))
		return fc_fail_errno(errno, "%s", pack->output);
	return FC_SUCCESS;
}

/* The mode that open() would have given it */
static mode_t fc_usual_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* What is there is replaced if it is a file, or a link to one: no device, say. */
static int fc_find_target(struct fc_pack *pack)
{
	struct stat st;

	if (lstat(pack->output, &st)) {
		fc_copy(pack->target, sizeof(pack->target), pack->output);
		return FC_SUCCESS;
	}
	if (!realpath(pack->output, pack->target) || stat(pack->target, &st))
		return fc_fail_errno(errno, "%s", pack->output);
	if (!S_ISREG(st.st_mode))
		return fc_fail(FC_ERROR, "%s is there, and is no file", pack->output);
	return FC_SUCCESS;
}

/* The file is there as a whole, or not at all. */
static int fc_write_pack(struct fc_pack *pack, int from)
{
	char part[PATH_MAX], *slash;
	int len, to, ret;

	ret = fc_find_target(pack);
	if (ret)
		return ret;
	slash = strrchr(pack->target, '/');
	len = snprintf(part, sizeof(part), "%.*s.fpgacard-XXXXXX",
		       slash ? (int)(slash - pack->target) + 1 : 0, pack->target);
	if (len >= (int)sizeof(part))
		return fc_fail_errno(ENAMETOOLONG, "%s", pack->output);
	to = mkstemp(part);
	if (to < 0)
		return fc_fail_errno(errno, "%s", pack->output);
	ret = fc_fill(pack, from, to);
	if (!ret && fchmod(to, fc_usual_mode()))
		ret = fc_fail_errno(errno, "%s", pack->output);
	if (close(to) && !ret)
		ret = fc_fail_errno(errno, "%s", pack->output);
	if (!ret && rename(part, pack->target))
		ret = fc_fail_errno(errno, "%s", pack->output);
	if (ret)
		unlink(part);
	return ret;
}

static int fc_pack(struct fc_pack *pack)
{
	int from, ret;

	ret = fc_pack_functions(pack);
	if (ret)
		return ret;
	from = open(pack->payload, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return fc_fail_errno(errno, "%s", pack->payload);
	ret = fc_pack_header(pack);
	if (!ret)
		ret = fc_write_pack(pack, from);
	close(from);
	return ret;
}

int fc_image_pack(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_pack_options,
		.parser = fc_parse_pack,
		.args_doc = "PAYLOAD OUTPUT",
		.doc = fc_pack_doc,
		.children = fc_plain_children,
	};
	static struct fc_pack pack = { .card = "any:any" };
	struct json_object *answer = NULL;
	int ret;

	ret = fc_parse(&argp, argc, argv, &pack);
	if (!ret)
		ret = fc_pack(&pack);
	if (fc_options.json) {
		answer = fc_object();
		fc_add_string(answer, "file", pack.output);
		if (!ret)
			fc_add_int(answer, "payload_size",
				   (int64_t)le64toh(pack.header.payload_size));
	}
	return fc_answer("image pack", answer, ret);
}
