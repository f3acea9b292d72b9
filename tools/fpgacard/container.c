// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking at image files: the kernel's parser, and the digest that the kernel computes.
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fc.h"
#include "image.h"

/* What stands before the payload, at most */
#define FC_HEAD_MAX	(sizeof(struct fpga_card_image_header) + \
			 FPGA_CARD_IMAGE_FUNCTIONS_MAX * \
			 sizeof(struct fpga_card_image_function))

#define FC_CHUNK	65536

static bool fc_write_all(int fd, const uint8_t *data, size_t size)
{
	ssize_t n;

	while (size) {
		n = write(fd, data, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		size -= (size_t)n;
	}
	return true;
}

/*
 * The digest of what is left to be read, and its size; a copy goes to @to unless that is
 * negative. Returns 0, or an errno: a negative one is about the copy.
 */
int fc_digest(int fd, int to, uint64_t *size, uint8_t *digest)
{
	static uint8_t chunk[FC_CHUNK];
	struct sha256_ctx ctx;
	ssize_t n;

	sha256_init(&ctx);
	*size = 0;
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		sha256_update(&ctx, (size_t)n, chunk);
		*size += (uint64_t)n;
		if (to >= 0 && !fc_write_all(to, chunk, (size_t)n))
			return -errno;
	}
	sha256_digest(&ctx, FC_DIGEST, digest);
	return 0;
}

/* All before the payload. The parser looks at no more, so no more has to be in memory. */
static int fc_read_head(int fd, uint8_t *head, size_t *have)
{
	ssize_t n;

	for (*have = 0; *have < FC_HEAD_MAX; *have += (size_t)n) {
		n = pread(fd, head + *have, FC_HEAD_MAX - *have, (off_t)*have);
		if (n < 0)
			return errno;
		if (!n)
			break;
	}
	return 0;
}

/* Returns an exit code; @view points into @head, but for the payload. */
static int fc_verify_fd(int fd, const char *path, uint8_t *head,
			struct fpga_card_image_view *view)
{
	uint8_t digest[FC_DIGEST];
	struct stat st;
	const char *why;
	uint64_t size;
	size_t have;
	int err;

	if (fstat(fd, &st))
		return fc_fail_errno(errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return fc_fail(FC_BAD_FILE, "%s: is no regular file", path);
	err = fc_read_head(fd, head, &have);
	if (err)
		return fc_fail_errno(err, "%s", path);
	if (fpga_card_image_parse(head, (size_t)st.st_size, view, &why))
		return fc_fail(FC_BAD_FILE, "%s: %s", path, why);
	if (lseek(fd, (off_t)view->header_size, SEEK_SET) < 0)
		return fc_fail_errno(errno, "%s", path);
	err = fc_digest(fd, -1, &size, digest);
	if (err)
		return fc_fail_errno(err, "%s", path);
	if (memcmp(digest, view->header->digest, FC_DIGEST))
		return fc_fail(FC_BAD_FILE, "%s: damaged: its payload does not match its digest",
			       path);
	return FC_SUCCESS;
}

static int fc_verify_path(const char *path, uint8_t *head, struct fpga_card_image_view *view)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return fc_fail_errno(errno, "%s", path);
	ret = fc_verify_fd(fd, path, head, view);
	close(fd);
	return ret;
}

static void fc_format_digest(const uint8_t *digest, char *text)
{
	size_t i;

	for (i = 0; i < FC_DIGEST; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

static void fc_print_view(const struct fpga_card_image_view *view)
{
	const struct fpga_card_image_header *header = view->header;
	char text[FC_SPEC], digest[2 * FC_DIGEST + 1];
	unsigned int i;

	printf("name      %s\n", (const char *)header->name);
	printf("back end  %s\n", (const char *)header->back_end);
	fc_format_ids(le16toh(header->card_vendor), le16toh(header->card_device), text,
		      sizeof(text));
	printf("card      %s\n", text);
	for (i = 0; i < view->nfunctions; i++) {
		fc_format_function(&view->functions[i], text, sizeof(text));
		printf("function  %s\n", text);
	}
	fc_format_digest(header->digest, digest);
	printf("payload   %llu bytes from %u, SHA-256 %s\n",
	       (unsigned long long)view->payload_size, view->header_size, digest);
}

static void fc_add_id_text(struct json_object *to, const char *key, uint16_t id)
{
	char text[8] = "";

	if (id != FPGA_CARD_IMAGE_ANY)
		snprintf(text, sizeof(text), "%04x", id);
	fc_add_name(to, key, text);
}

static struct json_object *fc_json_function(const struct fpga_card_image_function *fn)
{
	struct json_object *object = fc_object(), *bars = fc_object();
	char text[FC_SPEC];
	unsigned int i;

	fc_format_place(fn, text, sizeof(text));
	fc_add_string(object, "place", text);
	fc_add(object, "leg", NULL);
	if (fn->leg != FPGA_CARD_IMAGE_LEG_NONE)
		fc_add_int(object, "leg", fn->leg);
	fc_add_id_text(object, "vendor", le16toh(fn->vendor));
	fc_add_id_text(object, "device", le16toh(fn->device));
	fc_add_id_text(object, "subsystem_vendor", le16toh(fn->subsystem_vendor));
	fc_add_id_text(object, "subsystem_device", le16toh(fn->subsystem_device));
	text[0] = '\0';
	if (le32toh(fn->class) != FPGA_CARD_IMAGE_CLASS_ANY)
		snprintf(text, sizeof(text), "%06x", le32toh(fn->class));
	fc_add_name(object, "class", text);
	fc_add_int(object, "vfs", le16toh(fn->total_vfs));
	fc_add(object, "bars", bars);
	for (i = 0; i < FPGA_CARD_IMAGE_BARS; i++) {
		snprintf(text, sizeof(text), "%u", i);
		/* The largest is 2^63, which JSON in C has no signed number for. */
		if (fn->bar[i] && le64toh(fn->bar[i]) <= INT64_MAX)
			fc_add_int(bars, text, (int64_t)le64toh(fn->bar[i]));
	}
	fc_format_function(fn, text, sizeof(text));
	fc_add_string(object, "text", text);
	return object;
}

static struct json_object *fc_json_view(const struct fpga_card_image_view *view)
{
	const struct fpga_card_image_header *header = view->header;
	struct json_object *object = fc_object(), *functions = fc_array();
	char digest[2 * FC_DIGEST + 1];
	unsigned int i;

	fc_add_string(object, "name", (const char *)header->name);
	fc_add_string(object, "back_end", (const char *)header->back_end);
	fc_add_id_text(object, "vendor", le16toh(header->card_vendor));
	fc_add_id_text(object, "device", le16toh(header->card_device));
	fc_add(object, "functions", functions);
	for (i = 0; i < view->nfunctions; i++)
		fc_append(functions, fc_json_function(&view->functions[i]));
	fc_add_int(object, "header_size", view->header_size);
	fc_add_int(object, "payload_size", (int64_t)view->payload_size);
	fc_format_digest(header->digest, digest);
	fc_add_string(object, "sha256", digest);
	return object;
}

static error_t fc_parse_file(int key, char *arg, struct argp_state *state)
{
	const char **file = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		return 0;
	case ARGP_KEY_ARG:
		if (*file)
			return ARGP_ERR_UNKNOWN;
		*file = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a file is missing");
		return ARGP_ERR_UNKNOWN;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int fc_image_show(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = fc_parse_file,
		.args_doc = "FILE",
		.doc = "Verifies an image file, and shows what it says.",
		.children = fc_plain_children,
	};
	static uint8_t head[FC_HEAD_MAX];
	struct json_object *answer = NULL;
	struct fpga_card_image_view view;
	const char *file = NULL;
	int ret;

	ret = fc_parse(&argp, argc, argv, &file);
	if (!ret)
		ret = fc_verify_path(file, head, &view);
	if (ret)
		return fc_answer("image show", NULL, ret);
	if (fc_options.json) {
		answer = fc_json_view(&view);
		fc_add_string(answer, "file", file);
	} else {
		fc_print_view(&view);
	}
	return fc_answer("image show", answer, ret);
}

int fc_image_verify(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = fc_parse_file,
		.args_doc = "FILE",
		.doc = "Tells whether the kernel would take an image file.",
		.children = fc_plain_children,
	};
	static uint8_t head[FC_HEAD_MAX];
	struct fpga_card_image_view view;
	struct json_object *answer = NULL;
	const char *file = NULL;
	int ret;

	ret = fc_parse(&argp, argc, argv, &file);
	if (!ret)
		ret = fc_verify_path(file, head, &view);
	if (!ret && !fc_options.json)
		printf("%s: good\n", file);
	if (fc_options.json) {
		answer = fc_object();
		fc_add_string(answer, "file", file ? file : "");
	}
	return fc_answer("image verify", answer, ret);
}
