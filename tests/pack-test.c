// SPDX-License-Identifier: GPL-2.0-only
/*
 * Feeds the kernel's parser of image containers, compiled for user space, with
 * a good file and with what is left of it after damage of all kinds. Memory
 * errors are for the sanitizers to find.
 *
 *   pack-test dump FILE           prints what the parser sees in FILE
 *   pack-test damage FILE FLIPS   damages copies of FILE; one line per case
 */

#include <asm/byteorder.h>
#include <errno.h>
#include <linux/fpga/fpga-card-image.h>
#include <linux/types.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof(*(a)))

#define HEADER_AT(member)	offsetof(struct fpga_card_image_header, member)
#define FN_AT(n, member)	(sizeof(struct fpga_card_image_header) + \
				 (n) * sizeof(struct fpga_card_image_function) + \
				 offsetof(struct fpga_card_image_function, member))

static unsigned char *good;
static size_t good_size;
static unsigned int touched;
static bool case_failed;

/* Notes why the case that runs has failed; the first few times. */
static __printf(1, 2) void complain(const char *fmt, ...)
{
	static int complaints;
	va_list args;

	case_failed = true;
	if (complaints++ > 20)
		return;
	printf("# ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

static void end_case(const char *name)
{
	if (case_failed)
		printf("not ");
	printf("ok - %s\n", name);
	case_failed = false;
}

static void *allocate(size_t size)
{
	void *p = malloc(size);

	if (!p)
		exit(2);
	return p;
}

/* If a view reaches out of the file, this does too. */
static void touch(const void *data, size_t size)
{
	const unsigned char *p = data;

	while (size--)
		touched += *p++;
}

static void check_view(const unsigned char *file, size_t size,
		       const struct fpga_card_image_view *view)
{
	const unsigned char *functions = (const void *)view->functions;

	if (view->header_size + view->payload_size != size ||
	    view->payload != file + view->header_size ||
	    (const void *)view->header != file ||
	    functions != file + sizeof(*view->header))
		complain("accepted with a view that is not of the file");
	touch(view->functions, view->nfunctions * sizeof(*view->functions));
	touch(view->payload, view->payload_size);
}

/*
 * Parse a file in a block of memory of exactly its size, at an odd address.
 * Returns whether it was accepted.
 */
static bool accepts(const unsigned char *data, size_t size)
{
	struct fpga_card_image_view view;
	unsigned char *block = allocate(size + 1);
	const char *why = "unset";
	int ret;

	memcpy(block + 1, data, size);
	ret = fpga_card_image_parse(block + 1, size, &view, &why);
	if (!ret) {
		if (why)
			complain("accepted, but for \"%s\"", why);
		check_view(block + 1, size, &view);
	} else if (ret != -EINVAL || !why || !strcmp(why, "unset")) {
		complain("refused with %d and no reason", ret);
	}
	free(block);
	return !ret;
}

static void put(unsigned char *at, size_t size, unsigned long long value)
{
	for (; size; size--, value >>= 8)
		*at++ = value;
}

/* Whether the good file is accepted with @value at @offset. */
static bool accepts_with(size_t offset, size_t size, unsigned long long value)
{
	unsigned char *data = allocate(good_size);
	bool ret;

	memcpy(data, good, good_size);
	put(data + offset, size, value);
	ret = accepts(data, good_size);
	free(data);
	return ret;
}

static const struct {
	const char *name;
	size_t offset, size;
	unsigned long long value;
} wrong[] = {
	{ "magic", HEADER_AT(magic), 8, 0 },
	{ "magic's last byte", HEADER_AT(magic) + 7, 1, 'd' },
	{ "version 0", HEADER_AT(version), 4, 0 },
	{ "version 2", HEADER_AT(version), 4, 2 },
	{ "big-endian version", HEADER_AT(version), 4, 0x01000000 },
	{ "header size 0", HEADER_AT(header_size), 4, 0 },
	{ "largest header size", HEADER_AT(header_size), 4, 0xffffffff },
	{ "payload size 0", HEADER_AT(payload_size), 8, 0 },
	{ "largest payload size", HEADER_AT(payload_size), 8, ~0ULL },
	{ "empty back end", HEADER_AT(back_end), 1, 0 },
	{ "bytes behind the back end", HEADER_AT(back_end) + 31, 1, 'x' },
	{ "slash in back end", HEADER_AT(back_end), 1, '/' },
	{ "empty name", HEADER_AT(name), 1, 0 },
	{ "bytes behind the name", HEADER_AT(name) + 63, 1, 'x' },
	{ "slash in name", HEADER_AT(name), 1, '/' },
	{ "space in name", HEADER_AT(name), 1, ' ' },
	{ "control character in name", HEADER_AT(name), 1, '\n' },
	{ "byte above ASCII in name", HEADER_AT(name), 1, 0xe4 },
	{ "no functions", HEADER_AT(functions), 2, 0 },
	{ "more functions than there are", HEADER_AT(functions), 2, 3 },
	{ "fewer functions than there are", HEADER_AT(functions), 2, 1 },
	{ "largest number of functions", HEADER_AT(functions), 2, 0xffff },
	{ "flags", HEADER_AT(flags), 2, 1 },
	{ "last flag", HEADER_AT(flags), 2, 0x8000 },
	{ "odd BAR size", FN_AT(0, bar[0]), 8, 0x30000 },
	{ "largest BAR size", FN_AT(1, bar[5]), 8, ~0ULL },
};

/* What the parser leaves to others, or what has no wrong value. */
static const struct {
	const char *name;
	size_t offset, size;
	unsigned long long value;
} fine[] = {
	{ "card's vendor", HEADER_AT(card_vendor), 2, 0x1234 },
	{ "card's device", HEADER_AT(card_device), 2, 0x1234 },
	{ "digest", HEADER_AT(digest), 8, 0 },
	{ "VFs", FN_AT(0, total_vfs), 2, 0xffff },
	{ "no BAR", FN_AT(0, bar[0]), 8, 0 },
	{ "greatest BAR size", FN_AT(0, bar[0]), 8, 1ULL << 63 },
};

static void good_file(void)
{
	if (!accepts(good, good_size))
		complain("refused");
	end_case("a good file is accepted");
}

static void truncated(void)
{
	size_t size;

	for (size = 0; size < good_size; size++) {
		if (accepts(good, size))
			complain("accepted with %zu of %zu bytes", size, good_size);
	}
	end_case("each truncation is refused");
}

static void extended(void)
{
	unsigned char *data = allocate(good_size + 64);
	size_t more;

	memset(data, 0, good_size + 64);
	memcpy(data, good, good_size);
	for (more = 1; more <= 64; more++) {
		if (accepts(data, good_size + more))
			complain("accepted with %zu bytes more", more);
	}
	free(data);
	end_case("bytes behind the payload are refused");
}

static void each_field(void)
{
	char name[80];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (accepts_with(wrong[i].offset, wrong[i].size, wrong[i].value))
			complain("accepted");
		snprintf(name, sizeof(name), "refused: %s", wrong[i].name);
		end_case(name);
	}
	for (i = 0; i < ARRAY_SIZE(fine); i++) {
		if (!accepts_with(fine[i].offset, fine[i].size, fine[i].value))
			complain("refused: %s", fine[i].name);
	}
	end_case("values that the parser leaves to others are accepted");
}

/* Names that fill their fields, with no NUL. */
static void unterminated(size_t offset, size_t size, const char *name)
{
	unsigned char *data = allocate(good_size);

	memcpy(data, good, good_size);
	memset(data + offset, 'x', size - 1);
	if (!accepts(data, good_size))
		complain("refused with %zu characters", size - 1);
	data[offset + size - 1] = 'x';
	if (accepts(data, good_size))
		complain("accepted");
	free(data);
	end_case(name);
}

/* More functions than there is file, and sizes that add up if they wrap. */
static void wrapping(void)
{
	unsigned char *data = allocate(good_size);
	unsigned int n;
	size_t header;

	memcpy(data, good, good_size);
	for (n = 1; n <= FPGA_CARD_IMAGE_FUNCTIONS_MAX; n++) {
		header = FN_AT(n, leg);
		if (header < good_size)
			continue;
		put(data + HEADER_AT(functions), 2, n);
		put(data + HEADER_AT(header_size), 4, header);
		put(data + HEADER_AT(payload_size), 8,
		    (unsigned long long)good_size - header);
		if (accepts(data, good_size))
			complain("accepted with %u functions", n);
	}
	free(data);
	end_case("sizes that wrap are refused");
}

/* A file that is right but for one function too many, and one that is right. */
static void too_many(void)
{
	size_t one = sizeof(struct fpga_card_image_function);
	unsigned int n, i;
	unsigned char *data;
	size_t header;
	bool fits;

	for (n = FPGA_CARD_IMAGE_FUNCTIONS_MAX;
	     n <= FPGA_CARD_IMAGE_FUNCTIONS_MAX + 1; n++) {
		header = FN_AT(n, leg);
		data = allocate(header + 1);
		memcpy(data, good, FN_AT(0, leg));
		for (i = 0; i < n; i++) {
			memcpy(data + FN_AT(i, leg), good + FN_AT(0, leg), one);
			data[FN_AT(i, devfn)] = i;
		}
		data[header] = 0;
		put(data + HEADER_AT(functions), 2, n);
		put(data + HEADER_AT(header_size), 4, header);
		put(data + HEADER_AT(payload_size), 8, 1);
		fits = n <= FPGA_CARD_IMAGE_FUNCTIONS_MAX;
		if (accepts(data, header + 1) != fits)
			complain("wrong with %u functions", n);
		free(data);
	}
	end_case("64 functions are accepted, 65 are refused");
}

/* Two functions at one place. */
static void doubled(void)
{
	unsigned char *data = allocate(good_size);

	memcpy(data, good, good_size);
	memcpy(data + FN_AT(1, leg), data + FN_AT(0, leg),
	       sizeof(struct fpga_card_image_function));
	if (accepts(data, good_size))
		complain("accepted");
	free(data);
	end_case("a function described twice is refused");
}

/* No bit of the fields that hold the file together may be wrong. */
static void each_bit(void)
{
	size_t byte;
	int bit;

	for (byte = 0; byte < sizeof(struct fpga_card_image_header); byte++) {
		if ((byte >= HEADER_AT(back_end) && byte < HEADER_AT(functions)) ||
		    byte >= HEADER_AT(digest))
			continue;
		for (bit = 0; bit < 8; bit++) {
			if (accepts_with(byte, 1, good[byte] ^ (1 << bit)))
				complain("accepted with bit %d of byte %zu changed",
					 bit, byte);
		}
	}
	end_case("each wrong bit in magic, version, sizes, count and flags is refused");
}

/* xorshift64: the same sequence everywhere */
static unsigned long long next_random(void)
{
	static unsigned long long x = 0x9e3779b97f4a7c15ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static void random_flips(unsigned long flips)
{
	size_t header = FN_AT(0, leg) + 2 * sizeof(struct fpga_card_image_function);
	unsigned long i, accepted = 0, refused = 0;
	unsigned char *data = allocate(good_size);
	unsigned int n;
	size_t size;

	for (i = 0; i < flips; i++) {
		memcpy(data, good, good_size);
		for (n = next_random() % 4 + 1; n; n--)
			data[next_random() % header] ^= 1 << (next_random() % 8);
		size = good_size;
		/* A few are cut off as well. */
		if (next_random() % 8 == 0)
			size = next_random() % (good_size + 1);
		if (accepts(data, size))
			accepted++;
		else
			refused++;
	}
	free(data);
	printf("# %lu accepted, %lu refused\n", accepted, refused);
	if (!refused || !accepted)
		complain("the flips are not what they should be");
	end_case("random damage never leads out of the file");
}

static void only_random(void)
{
	unsigned char data[4096];
	size_t i, size;
	int n;

	for (n = 0; n < 2000; n++) {
		for (i = 0; i < sizeof(data); i++)
			data[i] = next_random() >> 32;
		/* Half of them begin well. */
		if (n & 1)
			memcpy(data, good, HEADER_AT(header_size));
		size = next_random() % (sizeof(data) + 1);
		if (accepts(data, size))
			complain("accepted %zu bytes of noise", size);
	}
	end_case("noise is refused");
}

static int dump(void)
{
	const struct fpga_card_image_function *fn;
	struct fpga_card_image_view view;
	const char *why;
	unsigned int i, j;

	if (fpga_card_image_parse(good, good_size, &view, &why)) {
		printf("refused: %s\n", why);
		return 1;
	}
	printf("%s %s %04x:%04x header %u payload %llu\n",
	       (const char *)view.header->name,
	       (const char *)view.header->back_end,
	       le16_to_cpu(view.header->card_vendor),
	       le16_to_cpu(view.header->card_device),
	       view.header_size, (unsigned long long)view.payload_size);
	for (i = 0; i < view.nfunctions; i++) {
		fn = &view.functions[i];
		printf("%02x %02x %u %04x:%04x %04x:%04x %08x", fn->leg,
		       fn->devfn, le16_to_cpu(fn->total_vfs),
		       le16_to_cpu(fn->vendor), le16_to_cpu(fn->device),
		       le16_to_cpu(fn->subsystem_vendor),
		       le16_to_cpu(fn->subsystem_device),
		       le32_to_cpu(fn->class));
		for (j = 0; j < FPGA_CARD_IMAGE_BARS; j++)
			printf(" %llx", (unsigned long long)le64_to_cpu(fn->bar[j]));
		printf("\n");
	}
	return 0;
}

static void read_good(const char *path)
{
	FILE *f = fopen(path, "rb");

	good = allocate(1 << 20);
	if (f)
		good_size = fread(good, 1, 1 << 20, f);
	if (!good_size) {
		fprintf(stderr, "pack-test: cannot read %s\n", path);
		exit(2);
	}
	fclose(f);
}

int main(int argc, char **argv)
{
	int ret = 0;

	if (argc < 3)
		return 2;
	read_good(argv[2]);
	if (!strcmp(argv[1], "dump")) {
		ret = dump();
	} else if (argc > 3) {
		good_file();
		truncated();
		extended();
		each_field();
		unterminated(HEADER_AT(back_end), 32, "unterminated back end is refused");
		unterminated(HEADER_AT(name), 64, "unterminated name is refused");
		wrapping();
		too_many();
		doubled();
		each_bit();
		random_flips(strtoul(argv[3], NULL, 0));
		only_random();
		printf("# sum of all bytes seen: %u\nend\n", touched);
	}
	free(good);
	return ret;
}
