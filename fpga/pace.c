// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a card takes to load an image, by what it took the last time: so that the window
 * looks often when the link is about to come up, and seldom before.
 */

#include <linux/minmax.h>
#include <linux/string.h>

#include "request.h"

/* The card begins to load now. */
void fpga_card_pace_begin(struct fpga_card_request *req)
{
	req->started = ktime_get();
}

/* The entry of an image; without one the entry to be used for it, if @claim, or NULL. */
static struct fpga_card_pace *fpga_card_pace_find(struct fpga_card *card,
						  const char *image, bool claim)
{
	struct fpga_card_pace *pace, *oldest = &card->paces[0];
	unsigned int i;

	for (i = 0; i < FPGA_CARD_PACES; i++) {
		pace = &card->paces[i];
		if (!strcmp(pace->image, image))
			return pace;
		if (pace->number < oldest->number)
			oldest = pace;
	}
	return claim ? oldest : NULL;
}

/* The link is about to be waited for. */
void fpga_card_pace_expect(struct fpga_card *card, struct fpga_card_request *req)
{
	const struct fpga_card_pace *pace = NULL;

	if (req->started && req->image[0])
		pace = fpga_card_pace_find(card, req->image, false);
	if (pace)
		pci_reload_expect_up(card->window,
				     ktime_add(req->started, pace->from),
				     ktime_add(req->started, pace->to));
	else
		pci_reload_expect_up(card->window, 0, 0);
}

/* It came up, and the image asked for runs. */
void fpga_card_pace_keep(struct fpga_card *card, struct fpga_card_request *req)
{
	struct fpga_card_pace *pace;
	ktime_t from, to;
	u64 last = 0;
	unsigned int i;

	if (!req->started || !req->image[0])
		return;
	for (i = 0; i < FPGA_CARD_PACES; i++)
		last = max(last, card->paces[i].number);
	pci_reload_came_up(card->window, &from, &to);
	pace = fpga_card_pace_find(card, req->image, true);
	strscpy(pace->image, req->image, sizeof(pace->image));
	pace->from = ktime_sub(from, req->started);
	pace->to = ktime_sub(to, req->started);
	pace->number = last + 1;
}
