// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sentences for users of devlink. Netlink takes no copy of one, and reads it when the
 * operation is over and the locks of devlink are dropped. So they are kept here.
 */

#include <linux/atomic.h>
#include <linux/netlink.h>
#include <linux/string.h>
#include <net/genetlink.h>

#include "devlink.h"

/* More than there are operations that can end at once, on any machine with cards. */
#define FPGA_CARD_SENTENCES	64

static char fpga_card_sentences[FPGA_CARD_SENTENCES][FPGA_CARD_FRONT_TEXT_MAX];
static atomic_t fpga_card_sentence;

/* @extack may be NULL. */
void fpga_card_devlink_say(struct netlink_ext_ack *extack, const char *sentence)
{
	unsigned int i;

	if (!extack || !sentence[0])
		return;
	i = (unsigned int)atomic_inc_return(&fpga_card_sentence) % FPGA_CARD_SENTENCES;
	strscpy(fpga_card_sentences[i], sentence, sizeof(fpga_card_sentences[i]));
	extack->_msg = fpga_card_sentences[i];
}

/*
 * No sentence is read any more when this returns, if none is said any more. Generic
 * netlink answers a request with a lock held for reading, which unregistering a family
 * takes for writing. One that was never registered will do.
 */
void fpga_card_devlink_await_said(void)
{
	static const struct genl_family none;

	genl_unregister_family(&none);
}
