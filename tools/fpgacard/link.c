// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links to the regions of cards, by names that stay. udev has the links made anew when a
 * region comes, changes or goes: whoever comes last sees all of them, in whatever order
 * its helpers run.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fc.h"

#define FC_LINKS_DIR "/run/fpgacard"

/* While a link is made it has this name, which none of them has. */
#define FC_NEW_LINK ".new"

/**
 * struct fc_links - a directory of links
 * @dir: the directory
 * @name: its name
 * @cards: all cards
 * @answer: what links there are
 * @key: the name of a card there, or NULL if it has none
 */
struct fc_links {
	int dir;
	const char *name;
	const struct fc_cards *cards;
	struct json_object *answer;
	const char *(*key)(const struct fc_card *card);
};

static const char *fc_by_serial(const struct fc_card *card)
{
	return card->serial[0] ? card->serial : NULL;
}

static const char *fc_by_port(const struct fc_card *card)
{
	return card->port;
}

/* What is a name in a directory, and in a shell */
static bool fc_is_plain(const char *name)
{
	static const char plain[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.:-";

	return name[0] && name[0] != '.' && !name[strspn(name, plain)];
}

/* Of a name that two cards have there is no link: it would be one or the other. */
static const struct fc_card *fc_only(const struct fc_links *links, const char *name)
{
	const struct fc_card *found = NULL;
	const char *key;
	size_t i;

	for (i = 0; i < links->cards->count; i++) {
		key = links->key(&links->cards->list[i]);
		if (!key || strcmp(key, name))
			continue;
		if (found)
			return NULL;
		found = &links->cards->list[i];
	}
	return found;
}

/* The card that a link leads to, or NULL */
static const struct fc_card *fc_linked(const struct fc_links *links, const char *name)
{
	char path[PATH_MAX];
	ssize_t n = readlinkat(links->dir, name, path, sizeof(path) - 1);
	size_t i;

	path[n > 0 ? n : 0] = '\0';
	for (i = 0; i < links->cards->count; i++) {
		if (!strcmp(links->cards->list[i].path, path))
			return &links->cards->list[i];
	}
	return NULL;
}

/* Returns 0 or a negative errno. */
static int fc_make_link(const struct fc_links *links, const char *name,
			const struct fc_card *card)
{
	if (fc_linked(links, name) == card)
		return 0;
	if (unlinkat(links->dir, FC_NEW_LINK, 0) && errno != ENOENT)
		return -errno;
	if (symlinkat(card->path, links->dir, FC_NEW_LINK) ||
	    renameat(links->dir, FC_NEW_LINK, links->dir, name))
		return -errno;
	return 0;
}

/*
 * A card that is away has no serial number to be read. Its link stays, until it is there
 * again with another one.
 */
static bool fc_keeps(const struct fc_links *links, const char *name)
{
	const struct fc_card *card = fc_linked(links, name);

	if (!card || !fc_is_plain(name))
		return false;
	return links->key(card) ? fc_only(links, name) == card : true;
}

static int fc_drop_stale(const struct fc_links *links)
{
	struct dirent *entry;
	DIR *dir;
	int fd, ret = 0;

	fd = openat(links->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		ret = -errno;
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (!ret && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    fc_keeps(links, entry->d_name))
			continue;
		if (unlinkat(links->dir, entry->d_name, 0) && errno != ENOENT)
			ret = -errno;
	}
	closedir(dir);
	return ret;
}

static int fc_make_all(const struct fc_links *links)
{
	struct json_object *made;
	const struct fc_card *card;
	const char *name;
	int ret = 0;
	size_t i;

	for (i = 0; !ret && i < links->cards->count; i++) {
		card = &links->cards->list[i];
		name = links->key(card);
		if (!name || !fc_is_plain(name) || fc_only(links, name) != card)
			continue;
		ret = fc_make_link(links, name, card);
		made = fc_object();
		fc_add_string(made, "by", links->name);
		fc_add_string(made, "name", name);
		fc_add_string(made, "region", card->region);
		fc_append(links->answer, made);
	}
	return ret;
}

/* A directory that may be there. Returns a descriptor or a negative errno. */
static int fc_open_dir(int at, const char *name)
{
	int fd;

	if (mkdirat(at, name, 0755) && errno != EEXIST)
		return -errno;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int fc_link_by(int at, const char *name, const char *(*key)(const struct fc_card *card),
		      const struct fc_cards *cards, struct json_object *answer)
{
	struct fc_links links = {
		.name = name, .cards = cards, .answer = answer, .key = key,
	};
	int ret;

	links.dir = fc_open_dir(at, name);
	if (links.dir < 0)
		return links.dir;
	ret = fc_make_all(&links);
	if (!ret)
		ret = fc_drop_stale(&links);
	close(links.dir);
	return ret;
}

/* The cards are looked for once nobody else makes links. Returns an exit code. */
static int fc_link_cards(int dir, const char *path, struct json_object *answer)
{
	struct fc_cards cards;
	int ret;

	/* A kernel without locks is a small one, with nobody to run several of this. */
	if (flock(dir, LOCK_EX) && (errno == EINTR || errno == ENOLCK))
		return fc_fail_errno(errno, "%s", path);
	ret = fc_cards_find(&cards);
	if (ret) {
		fc_cards_free(&cards);
		return ret;
	}
	ret = fc_link_by(dir, "by-port", fc_by_port, &cards, answer);
	if (!ret)
		ret = fc_link_by(dir, "by-serial", fc_by_serial, &cards, answer);
	fc_cards_free(&cards);
	return ret ? fc_fail_errno(-ret, "%s", path) : FC_SUCCESS;
}

static const struct argp_option fc_link_options[] = {
	{ "directory", 'd', "DIR", 0, "Make them there, and not in " FC_LINKS_DIR, 0 },
	{ 0 }
};

static error_t fc_parse_link(int key, char *arg, struct argp_state *state)
{
	const char **dir = state->input;

	if (key == ARGP_KEY_INIT)
		return 0;
	if (key != 'd')
		return ARGP_ERR_UNKNOWN;
	*dir = arg;
	return 0;
}

int fc_link(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_link_options,
		.parser = fc_parse_link,
		.doc = "Makes links to the regions of all cards, in by-serial/ and by-port/.",
		.children = fc_plain_children,
	};
	const char *path = FC_LINKS_DIR;
	struct json_object *answer, *made;
	int dir, ret;

	ret = fc_parse(&argp, argc, argv, &path);
	if (ret)
		return fc_answer("link", NULL, ret);
	answer = fc_object();
	made = fc_array();
	fc_add(answer, "links", made);
	dir = fc_open_dir(AT_FDCWD, path);
	if (dir < 0) {
		ret = fc_fail_errno(-dir, "%s", path);
	} else {
		ret = fc_link_cards(dir, path, made);
		close(dir);
	}
	return fc_answer("link", answer, ret);
}
