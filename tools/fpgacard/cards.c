// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which cards there are, and which one is meant.
 */

#include <ctype.h>
#include <errno.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "fc.h"

/* Regions of other drivers have no firmware_name. */
static bool fc_is_card(struct udev_device *region)
{
	struct udev_device *card = udev_device_get_parent(region);
	const char *name = card ? udev_device_get_sysname(card) : NULL;
	char line[FC_NAME];

	return name && !strncmp(name, "fpga-card.", strlen("fpga-card.")) &&
	       udev_device_get_parent(card) &&
	       fc_read_line(udev_device_get_syspath(region), "firmware_name", line,
			    sizeof(line)) != -ENOENT;
}

/* False if it has just gone, or is none. */
static bool fc_fill_card(struct udev *udev, const char *path, struct fc_card *card)
{
	struct udev_device *region = udev_device_new_from_syspath(udev, path);
	struct udev_device *device, *port;
	bool found;

	if (!region && errno == ENOMEM)
		fc_no_memory();
	found = region && fc_is_card(region);
	if (found) {
		device = udev_device_get_parent(region);
		port = udev_device_get_parent(device);
		fc_copy(card->region, sizeof(card->region),
			udev_device_get_sysname(region));
		fc_copy(card->device, sizeof(card->device),
			udev_device_get_sysname(device));
		fc_copy(card->port, sizeof(card->port), udev_device_get_sysname(port));
		fc_copy(card->path, sizeof(card->path), path);
		fc_copy(card->port_path, sizeof(card->port_path),
			udev_device_get_syspath(port));
		card->serial[0] = '\0';
	}
	udev_device_unref(region);
	return found;
}

static int fc_compare_cards(const void *a, const void *b)
{
	return strverscmp(((const struct fc_card *)a)->port,
			  ((const struct fc_card *)b)->port);
}

static void fc_collect(struct udev *udev, struct udev_enumerate *regions,
		       struct fc_cards *cards)
{
	struct udev_list_entry *entry;
	struct fc_card card, *list;

	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(regions)) {
		if (!fc_fill_card(udev, udev_list_entry_get_name(entry), &card))
			continue;
		list = realloc(cards->list, (cards->count + 1) * sizeof(*list));
		if (!list)
			fc_no_memory();
		cards->list = list;
		list[cards->count++] = card;
	}
}

/* Returns an exit code. */
int fc_cards_find(struct fc_cards *cards)
{
	struct udev_enumerate *regions = NULL;
	struct udev *udev = udev_new();
	size_t i;
	int ret;

	cards->list = NULL;
	cards->count = 0;
	if (udev)
		regions = udev_enumerate_new(udev);
	if (!regions)
		fc_no_memory();
	ret = udev_enumerate_add_match_subsystem(regions, "fpga_region");
	if (ret >= 0)
		ret = udev_enumerate_scan_devices(regions);
	if (ret < 0) {
		ret = fc_fail_errno(-ret, "cannot look for cards");
	} else {
		fc_collect(udev, regions, cards);
		ret = FC_SUCCESS;
	}
	udev_enumerate_unref(regions);
	udev_unref(udev);
	if (cards->count)
		qsort(cards->list, cards->count, sizeof(*cards->list),
		      fc_compare_cards);
	for (i = 0; i < cards->count; i++)
		fc_find_serial(&cards->list[i]);
	return ret;
}

void fc_cards_free(struct fc_cards *cards)
{
	free(cards->list);
}

/* As devlink and uevents write it, or as lspci does */
static bool fc_is_serial(const struct fc_card *card, const char *text)
{
	char digits[17];
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '-')
			continue;
		if (!isxdigit((unsigned char)*text) || n == sizeof(digits) - 1)
			return false;
		digits[n++] = *text;
	}
	digits[n] = '\0';
	return n && !strcasecmp(digits, card->serial);
}

static bool fc_is_named(const struct fc_card *card, const char *text)
{
	char bdf[FC_WORD];

	if (!strcmp(text, card->region) || !strcmp(text, card->device) ||
	    fc_is_serial(card, text))
		return true;
	fc_full_bdf(text, bdf, sizeof(bdf));
	return !strcasecmp(bdf, card->port) || fc_has_function(card, bdf);
}

/* The card that @text names; of cards below each other the one that is nearer */
static const struct fc_card *fc_match(const struct fc_cards *cards, const char *text,
				      unsigned int *matches)
{
	const struct fc_card *card = NULL;
	size_t i;

	*matches = 0;
	for (i = 0; i < cards->count; i++) {
		if (!fc_is_named(&cards->list[i], text))
			continue;
		if (card && !strncmp(cards->list[i].port_path, card->port_path,
				     strlen(cards->list[i].port_path)))
			continue;
		if (!card || strncmp(card->port_path, cards->list[i].port_path,
				     strlen(card->port_path)))
			++*matches;
		card = &cards->list[i];
	}
	return card;
}

static int fc_choose_among(const struct fc_cards *cards, struct fc_card *card)
{
	const char *text = fc_options.card;
	const struct fc_card *found;
	unsigned int matches;

	if (!cards->count)
		return fc_fail(FC_NO_CARD, access("/sys/module/fpga_card", F_OK) ?
			       "there is no card: the module fpga-card is not loaded" :
			       "there is no card: no back end is attached to one");
	if (!text && cards->count > 1)
		return fc_fail(FC_WHICH_CARD,
			       "there are %zu cards: choose one with --card; fpgacard list shows them",
			       cards->count);
	found = text ? fc_match(cards, text, &matches) : &cards->list[0];
	if (!found)
		return fc_fail(FC_NO_CARD,
			       "there is no card \"%s\": fpgacard list shows those there are",
			       text);
	if (text && matches > 1)
		return fc_fail(FC_WHICH_CARD, "several cards are \"%s\"", text);
	*card = *found;
	return FC_SUCCESS;
}

/* The card that the command line is about. Returns an exit code. */
int fc_choose(struct fc_card *card)
{
	struct fc_cards cards;
	int ret = fc_cards_find(&cards);

	if (!ret)
		ret = fc_choose_among(&cards, card);
	fc_cards_free(&cards);
	return ret;
}

void fc_add_card(struct json_object *to, const struct fc_card *card)
{
	struct json_object *object = fc_object();

	fc_add_string(object, "region", card->region);
	fc_add_string(object, "device", card->device);
	fc_add_string(object, "port", card->port);
	fc_add_name(object, "serial", card->serial);
	fc_add(to, "card", object);
}
