// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parser of the image container: a pure function of the bytes it is given.
 */

#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fpga/fpga-card-image.h>
#include <linux/string.h>

/* A name in a field of @size bytes: not empty, NUL padded to the end. */
static bool fpga_card_image_name_ok(const __u8 *name, size_t size)
{
	size_t i, len = 0;

	while (len < size && name[len])
		len++;
	if (!len || len == size)
		return false;
	for (i = 0; i < len; i++) {
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
			return false;
	}
	for (; i < size; i++) {
		if (name[i])
			return false;
	}
	return true;
}

static const char *
fpga_card_image_check_functions(const struct fpga_card_image_view *view)
{
	const struct fpga_card_image_function *fn;
	unsigned int i, j;
	__u64 size;

	for (i = 0; i < view->nfunctions; i++) {
		fn = &view->functions[i];
		if (le16_to_cpu(fn->vendor) == FPGA_CARD_IMAGE_ANY)
			return "a function has no vendor";
		if (fn->leg > FPGA_CARD_IMAGE_LEG_MAX &&
		    fn->leg != FPGA_CARD_IMAGE_LEG_NONE)
			return "a function is behind a leg that no switch has";
		if (le32_to_cpu(fn->class) > FPGA_CARD_IMAGE_CLASS_MAX &&
		    le32_to_cpu(fn->class) != FPGA_CARD_IMAGE_CLASS_ANY)
			return "a function has a class of more than 24 bits";
		for (j = 0; j < FPGA_CARD_IMAGE_BARS; j++) {
			size = le64_to_cpu(fn->bar[j]);
			if (size & (size - 1))
				return "a BAR size is not a power of two";
		}
		for (j = 0; j < i; j++) {
			if (view->functions[j].leg == fn->leg &&
			    view->functions[j].devfn == fn->devfn)
				return "a function is described twice";
		}
	}
	return NULL;
}

static const char *fpga_card_image_check(const void *data, size_t size,
					 struct fpga_card_image_view *view)
{
	const struct fpga_card_image_header *header = data;
	size_t want;

	if (size < sizeof(*header))
		return "the file is shorter than an image header";
	if (memcmp(header->magic, FPGA_CARD_IMAGE_MAGIC, sizeof(header->magic)))
		return "the file is no FPGA card image";
	if (le32_to_cpu(header->version) != FPGA_CARD_IMAGE_VERSION)
		return "the image has a format version that is not supported";
	if (header->flags)
		return "the image has flags that are not supported";

	view->nfunctions = le16_to_cpu(header->functions);
	if (view->nfunctions > FPGA_CARD_IMAGE_FUNCTIONS_MAX)
		return "the image describes too many functions";
	want = sizeof(*header) +
	       view->nfunctions * sizeof(struct fpga_card_image_function);
	view->header_size = le32_to_cpu(header->header_size);
	if (view->header_size != want || want > size)
		return "the image's header size is wrong";
	view->payload_size = le64_to_cpu(header->payload_size);
	if (!view->payload_size || view->payload_size != size - want)
		return "the image's payload size is not that of the file";
	if (!fpga_card_image_name_ok(header->back_end, sizeof(header->back_end)) ||
	    !fpga_card_image_name_ok(header->name, sizeof(header->name)))
		return "a name in the image's header is malformed";

	view->header = header;
	view->functions = data + sizeof(*header);
	view->payload = data + want;
	return fpga_card_image_check_functions(view);
}

/**
 * fpga_card_image_parse - take an image container apart
 * @data: the file, with no alignment asked for
 * @size: its size in bytes
 * @view: filled in; points into @data
 * @why: on failure a clause that says what is wrong
 *
 * Does not compute the digest of the payload.
 *
 * Context: any.
 *
 * Return: 0, or -EINVAL with @view undefined.
 */
int fpga_card_image_parse(const void *data, size_t size,
			  struct fpga_card_image_view *view, const char **why)
{
	*why = fpga_card_image_check(data, size, view);
	return *why ? -EINVAL : 0;
}
EXPORT_SYMBOL_GPL(fpga_card_image_parse);
