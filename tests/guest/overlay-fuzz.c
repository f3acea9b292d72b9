// SPDX-License-Identifier: GPL-2.0-only
/*
 * overlay-fuzz DIRECTORY SEED MUTATED TRUNCATED BLOB...: writes damaged overlays to the
 * loader's DIRECTORY. Each has to end as applied or as an error with a sentence, and to go
 * with rmdir. Ends at the first that does not, with the blob in /tmp/overlay-fuzz.dtbo.
 * The same arguments make the same blobs. One file, as it is one program.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOB_MAX	65536
#define SEEDS_MAX	64
#define TOKENS_MAX	2048
#define HEADER_FIELDS	10

/* How often a blob without damage has to be applied in between. */
#define CHECK_EVERY	500
#define TELL_EVERY	500

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum { BEGIN_NODE = 1, END_NODE, PROP, NOP, END = 9 };

/* Fields of the header, by their place. */
enum { TOTAL = 1, OFF_STRUCT, OFF_STRINGS, SIZE_STRINGS = 8, SIZE_STRUCT };

struct blob {
	unsigned char data[BLOB_MAX];
	size_t len;
};

struct token {
	size_t at;
	size_t len;
	unsigned int tag;
};

static struct blob seeds[SEEDS_MAX];
static unsigned int n_seeds;
static struct blob cur;
static struct token tokens[TOKENS_MAX];
static unsigned int n_tokens;
static char item[PATH_MAX - 16];
static unsigned long long prng;

static void die(const char *what, const char *detail)
{
	fprintf(stderr, "overlay-fuzz: %s: %s\n", what, detail);
	exit(2);
}

/* xorshift64* */
static unsigned int rnd(unsigned int below)
{
	prng ^= prng >> 12;
	prng ^= prng << 25;
	prng ^= prng >> 27;
	return below ? ((prng * 0x2545f4914f6cdd1dULL) >> 33) % below : 0;
}

static unsigned int get(const struct blob *b, size_t at)
{
	return (unsigned int)b->data[at] << 24 | b->data[at + 1] << 16 |
	       b->data[at + 2] << 8 | b->data[at + 3];
}

static void put(struct blob *b, size_t at, unsigned int value)
{
	if (at + 4 > b->len)
		return;
	b->data[at] = value >> 24;
	b->data[at + 1] = value >> 16;
	b->data[at + 2] = value >> 8;
	b->data[at + 3] = value;
}

static unsigned int field(const struct blob *b, unsigned int i)
{
	return get(b, 4 * i);
}

/* Numbers at which something may go wrong. */
static unsigned int odd_number(unsigned int near)
{
	static const unsigned int odd[] = {
		0, 1, 3, 4, 16, 63, 64, 0x7fffffff, 0x80000000, 0xdeadbeef,
		0xfffffffc, 0xfffffffe, 0xffffffff,
	};
	unsigned int n = COUNT(odd);

	switch (rnd(3)) {
	case 0:
		return odd[rnd(n)];
	case 1:
		return near + rnd(17) - 8;
	default:
		return rnd(0x7fffffff);
	}
}

/* The tokens of the blob, which is as its compiler made it. */
static void find_tokens(const struct blob *b)
{
	size_t at = field(b, OFF_STRUCT), end = at + field(b, SIZE_STRUCT);
	size_t len;

	n_tokens = 0;
	while (at < end && n_tokens < TOKENS_MAX) {
		struct token *t = &tokens[n_tokens++];

		t->at = at;
		t->tag = get(b, at);
		len = 4;
		if (t->tag == BEGIN_NODE)
			len += (strlen((char *)b->data + at + 4) + 4) & ~3UL;
		else if (t->tag == PROP)
			len += 8 + ((get(b, at + 4) + 3) & ~3UL);
		t->len = len;
		at += len;
	}
}

/* A token of that tag, but not the first (the root) or last; or NULL */
static struct token *some_token(unsigned int tag)
{
	unsigned int i, n = 0, pick;

	for (i = 1; i < n_tokens; i++)
		n += tokens[i].tag == tag;
	if (!n)
		return NULL;
	pick = rnd(n);
	for (i = 1; i < n_tokens; i++) {
		if (tokens[i].tag == tag && !pick--)
			return &tokens[i];
	}
	return NULL;
}

/* A node with all that is in it, or a property. */
static size_t whole(const struct token *t)
{
	unsigned int depth = 0;
	size_t from = t->at;

	if (t->tag != BEGIN_NODE)
		return t->len;
	for (; t < tokens + n_tokens; t++) {
		depth += t->tag == BEGIN_NODE;
		depth -= t->tag == END_NODE;
		if (!depth)
			return t->at + t->len - from;
	}
	return 0;
}

/* Replaces bytes of the structure block, and lets the header know. */
static void replace(size_t at, size_t gone, const void *bytes, size_t len)
{
	static unsigned char copy[BLOB_MAX];
	int diff = (int)len - (int)gone;

	if (cur.len + len > BLOB_MAX || at + gone > cur.len)
		return;
	if (len)
		memcpy(copy, bytes, len);
	memmove(cur.data + at + len, cur.data + at + gone,
		cur.len - at - gone);
	memcpy(cur.data + at, copy, len);
	cur.len += diff;
	put(&cur, 4 * SIZE_STRUCT, field(&cur, SIZE_STRUCT) + diff);
	put(&cur, 4 * TOTAL, field(&cur, TOTAL) + diff);
	if (field(&cur, OFF_STRINGS) > at)
		put(&cur, 4 * OFF_STRINGS, field(&cur, OFF_STRINGS) + diff);
}

static void flip_bits(void)
{
	unsigned int n = 1 + rnd(4);

	while (n--)
		cur.data[rnd(cur.len)] ^= 1 << rnd(8);
}

static void set_bytes(void)
{
	static const unsigned char odd[] = { 0, 0xff, 0x7f, '/', '@', ':', '\n' };
	unsigned int n = 1 + rnd(4);

	while (n--)
		cur.data[rnd(cur.len)] = rnd(2) ? odd[rnd(sizeof(odd))] : rnd(256);
}

/* The beginning of one and the end of another. */
static void splice(void)
{
	const struct blob *other = &seeds[rnd(n_seeds)];
	size_t at = rnd(cur.len), from = rnd(other->len);
	size_t len = other->len - from;

	if (at + len > BLOB_MAX)
		len = BLOB_MAX - at;
	memcpy(cur.data + at, other->data + from, len);
	cur.len = at + len;
	if (cur.len >= 40 && rnd(2))
		put(&cur, 4 * TOTAL, cur.len);
}

/* A node or property of another, with the names at other places, maybe. */
static void graft(void)
{
	const struct blob *other = &seeds[rnd(n_seeds)];
	static unsigned char piece[BLOB_MAX];
	struct token *t;
	size_t len;

	find_tokens(other);
	t = some_token(rnd(2) ? BEGIN_NODE : PROP);
	if (!t)
		return;
	len = whole(t);
	memcpy(piece, other->data + t->at, len);
	find_tokens(&cur);
	t = &tokens[1 + rnd(n_tokens - 1)];
	replace(t->at, 0, piece, len);
}

static void change_token(void)
{
	static const unsigned int tags[] = { BEGIN_NODE, END_NODE, PROP, NOP, END };
	struct token *t = &tokens[rnd(n_tokens)];

	put(&cur, t->at, rnd(4) ? tags[rnd(5)] : odd_number(t->tag));
}

static void change_length(void)
{
	struct token *t = some_token(PROP);

	if (t)
		put(&cur, t->at + 4, odd_number(get(&cur, t->at + 4)));
}

static void change_name_offset(void)
{
	struct token *t = some_token(PROP), *other = some_token(PROP);

	if (t)
		put(&cur, t->at + 8, rnd(2) ? get(&cur, other->at + 8) :
		    odd_number(get(&cur, t->at + 8)));
}

static void change_header(void)
{
	unsigned int i = rnd(HEADER_FIELDS);

	put(&cur, 4 * i, odd_number(field(&cur, i)));
}

static void change_value(void)
{
	struct token *t = some_token(PROP);
	unsigned int len = t ? get(&cur, t->at + 4) : 0;
	size_t at;

	if (!len)
		return;
	at = t->at + 12;
	switch (rnd(4)) {
	case 0:
		cur.data[at + len - 1] = rnd(2) ? 'x' : 0;
		break;
	case 1:
		if (len >= 4)
			put(&cur, at + 4 * rnd(len / 4),
			    odd_number(get(&cur, at)));
		break;
	case 2:
		cur.data[at + rnd(len)] = ":/@0a-"[rnd(6)];
		break;
	default:
		/* longer or shorter, and properly so */
		if (rnd(2)) {
			put(&cur, t->at + 4, len + 4);
			replace(at + ((len + 3) & ~3U), 0, "abcd", 4);
		} else if (len > 4) {
			put(&cur, t->at + 4, len - 4);
			replace(at + ((len + 3) & ~3U) - 4, 4, NULL, 0);
		}
	}
}

static void change_node_name(void)
{
	static const char * const names[] = {
		"", ".", "..", "@", "a@", "a/b", "__overlay__", "__symbols__",
		"__fixups__", "__local_fixups__", "__overlay__@1",
		"__local_fixups__@0", "fragment@0", "FRAGMENT@0", "clock-image",
		"CLOCK-IMAGE", "name", "phandle", "a\nb", "\377",
	};
	char name[256] = "";
	struct token *t = some_token(BEGIN_NODE);
	size_t len;

	if (!t)
		return;
	switch (rnd(4)) {
	case 0:
		memset(name, 'a' + rnd(26), 20 + rnd(200));
		break;
	case 1:
		cur.data[t->at + 4 + rnd(t->len - 4)] = rnd(256);
		return;
	default:
		snprintf(name, sizeof(name), "%s", names[rnd(COUNT(names))]);
	}
	len = (strlen(name) + 4) & ~3UL;
	replace(t->at + 4, t->len - 4, name, len);
}

static void duplicate(void)
{
	struct token *t = some_token(rnd(3) ? BEGIN_NODE : PROP);
	struct token *to = &tokens[1 + rnd(n_tokens - 1)];

	if (!t)
		return;
	replace(rnd(2) ? t->at : to->at, 0, cur.data + t->at, whole(t));
}

static void delete(void)
{
	struct token *t = some_token(rnd(2) ? BEGIN_NODE : PROP);

	if (t)
		replace(t->at, whole(t), NULL, 0);
}

/* A node in itself, in itself, in itself. */
static void nest(void)
{
	static const unsigned char begin[] = { 0, 0, 0, BEGIN_NODE, 'n', 0, 0, 0 };
	static const unsigned char end[] = { 0, 0, 0, END_NODE };
	struct token *t = some_token(END_NODE);
	unsigned int i, n = 40 + rnd(60);
	size_t at = t->at;

	for (i = 0; i < n; i++)
		replace(at, 0, end, sizeof(end));
	for (i = 0; i < n; i++)
		replace(at, 0, begin, sizeof(begin));
}

static void cut(void)
{
	cur.len = rnd(cur.len);
}

static void cut_and_say_so(void)
{
	cur.len = rnd(cur.len);
	put(&cur, 4 * TOTAL, cur.len);
}

static void cut_structure(void)
{
	struct token *t = &tokens[rnd(n_tokens)];
	size_t end = field(&cur, OFF_STRUCT) + field(&cur, SIZE_STRUCT);
	size_t at = rnd(2) ? t->at : t->at + rnd(t->len);

	replace(at, end - at, NULL, 0);
}

static void cut_strings(void)
{
	unsigned int len = field(&cur, SIZE_STRINGS), gone = 1 + rnd(len);

	cur.len -= gone;
	put(&cur, 4 * SIZE_STRINGS, len - gone);
	put(&cur, 4 * TOTAL, cur.len);
}

static void cut_value(void)
{
	struct token *t = some_token(PROP);
	unsigned int len = t ? get(&cur, t->at + 4) : 0, left;

	if (!len)
		return;
	left = rnd(len);
	put(&cur, t->at + 4, left);
	replace(t->at + 12 + ((left + 3) & ~3U),
		((len + 3) & ~3U) - ((left + 3) & ~3U), NULL, 0);
}

struct kind {
	const char *name;
	void (*damage)(void);
	unsigned int refused;
	unsigned int applied;
};

static struct kind mutations[] = {
	{ .name = "bits", .damage = flip_bits },
	{ .name = "bytes", .damage = set_bytes },
	{ .name = "splice", .damage = splice },
	{ .name = "graft", .damage = graft },
	{ .name = "token", .damage = change_token },
	{ .name = "length", .damage = change_length },
	{ .name = "name-offset", .damage = change_name_offset },
	{ .name = "header", .damage = change_header },
	{ .name = "value", .damage = change_value },
	{ .name = "node-name", .damage = change_node_name },
	{ .name = "duplicate", .damage = duplicate },
	{ .name = "delete", .damage = delete },
	{ .name = "nest", .damage = nest },
};

static struct kind cuts[] = {
	{ .name = "cut", .damage = cut },
	{ .name = "cut-total", .damage = cut_and_say_so },
	{ .name = "cut-structure", .damage = cut_structure },
	{ .name = "cut-strings", .damage = cut_strings },
	{ .name = "cut-value", .damage = cut_value },
};

static void give_up(const char *what, const char *status)
{
	int fd = open("/tmp/overlay-fuzz.dtbo", O_WRONLY | O_CREAT | O_TRUNC,
		      0644);

	if (fd >= 0 && write(fd, cur.data, cur.len) != (ssize_t)cur.len)
		fprintf(stderr, "overlay-fuzz: the blob could not be kept\n");
	printf("impossible: %s: '%s' (%s)\n", what, status, strerror(errno));
	exit(1);
}

static void read_status(char *status, size_t len)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/status", item);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, status, len - 1);
	if (n < 0)
		give_up("status cannot be read", "");
	close(fd);
	while (n && status[n - 1] == '\n')
		n--;
	status[n] = '\0';
}

/* Whether the loader applied what is in cur. */
static int try_it(void)
{
	char status[4096], path[PATH_MAX];
	int fd, applied;

	if (mkdir(item, 0755))
		give_up("mkdir", "");
	snprintf(path, sizeof(path), "%s/dtbo", item);
	fd = open(path, O_WRONLY);
	if (fd < 0 || (cur.len && write(fd, cur.data, cur.len) != (ssize_t)cur.len))
		give_up("write", "");
	close(fd);
	read_status(status, sizeof(status));
	applied = !strcmp(status, "applied");
	if (!applied && cur.len &&
	    (strncmp(status, "error: ", 7) || strlen(status) < 12))
		give_up("status", status);
	if (!cur.len && strcmp(status, "unapplied"))
		give_up("status of nothing", status);
	if (getenv("OVERLAY_FUZZ_VERBOSE"))
		printf("%s\n", status);
	if (rmdir(item))
		give_up("rmdir", status);
	return applied;
}

static void check_seed(unsigned int i)
{
	cur = seeds[i % n_seeds];
	if (!try_it())
		give_up("an overlay without damage is not applied", "");
}

static void damage(struct kind *kind)
{
	cur = seeds[rnd(n_seeds)];
	find_tokens(&cur);
	kind->damage();
	if (try_it())
		kind->applied++;
	else
		kind->refused++;
}

/* For who waits: where the results go there is room for it, if anywhere. */
static void tell(unsigned int i, unsigned int count)
{
	static time_t begin;
	time_t now = time(NULL);

	if (!i)
		begin = now;
	else if (i % TELL_EVERY == 0)
		dprintf(3, "# fuzz: %u of %u after %ld s\n", i, count,
			(long)(now - begin));
}

static void run(struct kind *kinds, size_t n_kinds, unsigned int count)
{
	unsigned int i, refused = 0, applied = 0;

	for (i = 0; i < count; i++) {
		tell(i, count);
		if (i % CHECK_EVERY == 0)
			check_seed(i / CHECK_EVERY);
		damage(&kinds[rnd(n_kinds)]);
	}
	for (i = 0; i < n_kinds; i++) {
		printf("%s: %u refused, %u applied\n", kinds[i].name,
		       kinds[i].refused, kinds[i].applied);
		refused += kinds[i].refused;
		applied += kinds[i].applied;
	}
	printf("sum: %u refused, %u applied\n", refused, applied);
}

static void read_seed(const char *name)
{
	struct blob *b = &seeds[n_seeds];
	int fd = open(name, O_RDONLY);
	ssize_t n;

	if (fd < 0 || n_seeds == SEEDS_MAX)
		die(name, strerror(errno));
	n = read(fd, b->data, BLOB_MAX);
	close(fd);
	if (n < 40 || field(b, TOTAL) != (unsigned int)n)
		die(name, "is no compiled overlay");
	b->len = n;
	n_seeds++;
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 6)
		die("usage", "DIRECTORY SEED MUTATED TRUNCATED BLOB...");
	snprintf(item, sizeof(item), "%s/fuzz", argv[1]);
	prng = strtoull(argv[2], NULL, 0) * 2 + 1;
	for (i = 5; i < argc; i++)
		read_seed(argv[i]);
	run(mutations, COUNT(mutations), strtoul(argv[3], NULL, 0));
	run(cuts, COUNT(cuts), strtoul(argv[4], NULL, 0));
	return 0;
}
