// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that describe cards: libinih takes them apart, what is in them is looked at here.
 */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach.h"

/* A list of writes has some hundred bytes. */
#define FC_FILE_MAX	65536

/* libinih cuts longer names of sections, and does not tell. */
#define FC_SECTION_MAX	48

#define FC_IMAGE_SECTION "image "

/**
 * struct fc_conf - a file that is read
 * @file: the file
 * @card: what it says
 * @line: the line that was read last
 * @empty: the line of a section in which there was nothing yet, or 0
 * @bad: the line that the sentence is about, or 0
 * @code: the exit code of that
 */
struct fc_conf {
	FILE *file;
	struct fc_described *card;
	int line;
	int empty;
	int bad;
	int code;
};

/* Returns an exit code. No file that blocks, and no directory */
static int fc_open(const char *path, FILE **file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat stat;

	if (fd < 0)
		return fc_fail_errno(errno, "%s", path);
	if (fstat(fd, &stat) || !S_ISREG(stat.st_mode)) {
		close(fd);
		return fc_fail(FC_USAGE, "%s: this is no regular file", path);
	}
	*file = fdopen(fd, "r");
	if (!*file)
		fc_no_memory();
	return FC_SUCCESS;
}

/* The whole of a text, for the caller to free. Returns an exit code. */
int fc_read_file(const char *path, char **text)
{
	char *buf;
	size_t len;
	FILE *file;
	int ret;

	ret = fc_open(path, &file);
	if (ret)
		return ret;
	buf = malloc(FC_FILE_MAX + 1);
	if (!buf)
		fc_no_memory();
	len = fread(buf, 1, FC_FILE_MAX + 1, file);
	if (ferror(file))
		ret = fc_fail_errno(errno, "%s", path);
	else if (len > FC_FILE_MAX)
		ret = fc_fail(FC_USAGE, "%s: there are more than %d bytes", path, FC_FILE_MAX);
	else if (!len || memchr(buf, '\0', len))
		ret = fc_fail(FC_USAGE, "%s: this is no text", path);
	fclose(file);
	if (ret) {
		free(buf);
		return ret;
	}
	buf[len] = '\0';
	*text = buf;
	return FC_SUCCESS;
}

/* The first one counts. */
static void fc_conf_bad(struct fc_conf *conf, int line, int code)
{
	if (conf->bad)
		return;
	conf->bad = line;
	conf->code = code;
}

/* A section without keys would go unnoticed. */
static void fc_conf_section(struct fc_conf *conf, int line)
{
	if (conf->empty && !conf->bad)
		fc_conf_bad(conf, conf->empty, fc_fail(FC_USAGE, "nothing is in this section"));
	conf->empty = line;
}

/*
 * For libinih. White space at the beginning of a line is taken away, as it would make it
 * a part of the one before.
 */
static char *fc_conf_line(char *buf, int size, void *stream)
{
	struct fc_conf *conf = stream;
	size_t len, blank;

	if (conf->bad || !fgets(buf, size, conf->file))
		return NULL;
	conf->line++;
	len = strlen(buf);
	if (!len || (buf[len - 1] != '\n' && !feof(conf->file))) {
		fc_conf_bad(conf, conf->line, fc_fail(FC_USAGE, "the line is too long"));
		return NULL;
	}
	blank = strspn(buf, " \t");
	memmove(buf, buf + blank, len + 1 - blank);
	if (buf[0] == '[')
		fc_conf_section(conf, conf->line);
	return buf;
}

static int fc_conf_take(struct fc_conf *conf, const char *section, const char *key,
			const char *value)
{
	struct fc_image_spec *image;
	const char *name;
	int ret;

	if (!strcmp(section, "card"))
		return fc_described_key(conf->card, key, value);
	if (strlen(section) > FC_SECTION_MAX)
		return fc_fail(FC_USAGE, "the name of the section is too long");
	if (strncmp(section, FC_IMAGE_SECTION, strlen(FC_IMAGE_SECTION)))
		return fc_fail(FC_USAGE,
			       "%s%s%s: the sections are [card] and [image NAME]",
			       section[0] ? "[" : "outside of sections", section,
			       section[0] ? "]" : "");
	name = section + strlen(FC_IMAGE_SECTION);
	ret = fc_described_image(conf->card, name + strspn(name, " \t"), &image);
	return ret ? ret : fc_image_key(image, key, value);
}

/* For libinih: 0 is for a bad line. */
static int fc_conf_key(void *user, const char *section, const char *key, const char *value)
{
	struct fc_conf *conf = user;
	int code;

	if (conf->bad)
		return 1;
	conf->empty = 0;
	code = fc_conf_take(conf, section, key, value);
	if (code)
		fc_conf_bad(conf, conf->line, code);
	return !code;
}

static int fc_conf_parse(struct fc_conf *conf, const char *path)
{
	int bad = ini_parse_stream(fc_conf_line, conf, fc_conf_key, conf);

	if (bad < 0 || (ferror(conf->file) && errno == ENOMEM))
		fc_no_memory();
	if (ferror(conf->file))
		return fc_fail_errno(errno, "%s", path);
	if (bad > 0 && (!conf->bad || bad < conf->bad))
		return fc_fail(FC_USAGE, "%s:%d: this is neither a section nor KEY = VALUE",
			       path, bad);
	fc_conf_section(conf, 0);
	if (conf->bad)
		return fc_fail_in(conf->code, "%s:%d", path, conf->bad);
	return FC_SUCCESS;
}

/* @card is to be freed whatever the exit code is that this returns. */
int fc_read_conf(const char *path, struct fc_described *card)
{
	struct fc_conf conf = { .card = card };
	int ret = fc_open(path, &conf.file);

	if (ret)
		return ret;
	ret = fc_conf_parse(&conf, path);
	fclose(conf.file);
	if (ret)
		return ret;
	ret = fc_described_whole(card);
	return ret ? fc_fail_in(ret, "%s", path) : FC_SUCCESS;
}

static int fc_is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), end = strlen(".conf");

	return entry->d_name[0] != '.' && len > end &&
	       !strcmp(entry->d_name + len - end, ".conf");
}

/*
 * Calls @each for each of them, in order, until it returns other than 0, which is returned
 * then. A directory that is not there has none.
 */
int fc_each_conf(const char *dir, int (*each)(const char *path, void *data), void *data)
{
	struct dirent **entries;
	char path[PATH_MAX];
	int i, n, ret = 0;

	n = scandir(dir, &entries, fc_is_conf, alphasort);
	if (n < 0 && errno == ENOENT)
		return FC_SUCCESS;
	if (n < 0)
		return fc_fail_errno(errno, "%s", dir);
	for (i = 0; i < n; i++) {
		if (!ret && !fc_path(path, dir, entries[i]->d_name))
			ret = each(path, data);
		free(entries[i]);
	}
	free(entries);
	return ret;
}
