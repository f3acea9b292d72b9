// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether an image could be loaded, and what that would mean, without touching
 * anything.
 */

#include <linux/pci.h>
#include <linux/slab.h>

#include "request.h"

static int fpga_card_answer(struct fpga_card *card,
			    struct fpga_card_request *req, char *buf,
			    size_t len, int err)
{
	int n = 0;

	if (err)
		n += scnprintf(buf, len, "no: %s\n", req->error);
	else
		n += scnprintf(buf, len, "yes: %s \"%s\" can be loaded\n",
			       req->fw ? "file" : "image", req->name);
	n += scnprintf(buf + n, len - n, "port: %s\n", pci_name(card->port));
	if (!err)
		n += scnprintf(buf + n, len - n, "deadline: %u ms\n",
			       req->timeout_ms);
	n += fpga_card_list_users(card, buf + n, len - n);
	if (!err)
		n += fpga_card_describe_trigger(card, req->image, buf + n, len - n);
	n += pci_reload_describe(card->window, buf + n, len - n);
	return n;
}

/* Leaves the answer in @card->serving.answer; returns what a load would start with. */
int fpga_card_check(struct fpga_card *card, struct fpga_card_request *req)
{
	char *answer, *old;
	int ret;

	answer = kzalloc(FPGA_CARD_ANSWER_MAX, GFP_KERNEL);
	if (!answer)
		return -ENOMEM;

	/* What is wrong with the name was seen when the request was made. */
	ret = req->refused ?: fpga_card_request_validate(card, req);
	fpga_card_answer(card, req, answer, FPGA_CARD_ANSWER_MAX, ret);

	mutex_lock(&card->lock);
	old = card->serving.answer;
	card->serving.answer = answer;
	mutex_unlock(&card->lock);
	kfree(old);
	return ret;
}
