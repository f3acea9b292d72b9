// SPDX-License-Identifier: GPL-2.0-only
/*
 * How soon an image may be asked once its link is up, as its functions said when it ran
 * last: of use for its next load, where the administrator wants that.
 *
 * Functions say it by Immediate Readiness and Readiness Time Reporting (PCIe r6.0, sec
 * 7.5.1.1.4 and 7.9.16), and software may keep it for as long as the device is the same.
 * An FPGA is another device with each image, so it is kept for an image, and only if the
 * card itself said that it is this one that runs. What remains is a card that comes up with
 * another image than the one asked for, which never said anything, and may be asked before
 * its 100 ms are over (sec 6.6.1). Most will answer with Request Retry Status, or not at
 * all, and are asked again after that time. But nothing says that they have to, and not
 * each host outlives a request without a completion. So it is off by default.
 */

#include <linux/pci.h>
#include <linux/string.h>

#include "request.h"
#include "trace.h"

static const char * const fpga_card_ready_names[] = {
	[PCI_RELOAD_READY_TIME] = "time",
	[PCI_RELOAD_READY_DRS] = "drs",
	[PCI_RELOAD_READY_SAID] = "remembered",
};

/* Files by their content, as two may have one name; images in flash have but that. */
static bool fpga_card_ready_is(const struct fpga_card_ready *ready,
			       const struct fpga_card_request *req)
{
	const struct fpga_card_image_header *header = req->view.header;

	if (ready->is_file != !!header || strcmp(ready->image, req->image))
		return false;
	return !header || !memcmp(ready->digest, header->digest, sizeof(ready->digest));
}

static struct fpga_card_ready *fpga_card_ready_find(struct fpga_card *card,
						    const struct fpga_card_request *req)
{
	unsigned int i;

	lockdep_assert_held(&card->lock);

	for (i = 0; i < FPGA_CARD_READY_IMAGES; i++) {
		if (fpga_card_ready_is(&card->readiness.images[i], req))
			return &card->readiness.images[i];
	}
	return NULL;
}

/*
 * Whether what is known of the request's image is known for sure. The image of a reset that
 * the card does by itself is not, nor is that of a load that repairs another. An image that
 * may have changed in flash meanwhile is not the one that spoke.
 */
static bool fpga_card_ready_counts(struct fpga_card *card,
				   const struct fpga_card_request *req)
{
	lockdep_assert_held(&card->lock);

	return card->settings.remember_readiness && !card->images_stale &&
	       (req->job == FPGA_CARD_LOAD || req->job == FPGA_CARD_ACTIVATE) &&
	       !req->auxiliary && req->image[0];
}

/* Before the link of the request's image is waited for. */
void fpga_card_ready_expect(struct fpga_card *card, const struct fpga_card_request *req)
{
	const struct fpga_card_ready *ready = NULL;
	int ms;

	mutex_lock(&card->lock);
	if (fpga_card_ready_counts(card, req))
		ready = fpga_card_ready_find(card, req);
	ms = ready ? ready->ms : FPGA_CARD_READY_UNKNOWN;
	mutex_unlock(&card->lock);
	pci_reload_set_ready_ms(card->window, ms);
}

static struct fpga_card_ready *fpga_card_ready_add(struct fpga_card *card,
						   const struct fpga_card_request *req)
{
	struct fpga_card_readiness *readiness = &card->readiness;
	struct fpga_card_ready *ready;

	ready = &readiness->images[readiness->next++ % FPGA_CARD_READY_IMAGES];
	strscpy(ready->image, req->image, sizeof(ready->image));
	ready->is_file = !!req->view.header;
	if (ready->is_file)
		memcpy(ready->digest, req->view.header->digest, sizeof(ready->digest));
	return ready;
}

/* The card answered, or not: who promised more than that is not believed any more. */
void fpga_card_ready_settled(struct fpga_card *card, const struct fpga_card_request *req)
{
	struct pci_reload_first_read first;
	struct fpga_card_ready *ready;

	if (!pci_reload_get_first_read(card->window, &first))
		return;
	trace_fpga_card_first_read(card->id, card->port, fpga_card_ready_names[first.by],
				   first.answered, first.us);
	if (first.by != PCI_RELOAD_READY_SAID || first.answered)
		return;
	pci_warn(card->port, "FPGA card: \"%s\" did not answer as soon as it had said, and is given the usual time from now on\n",
		 req->name);
	mutex_lock(&card->lock);
	ready = fpga_card_ready_find(card, req);
	if (ready)
		ready->ms = FPGA_CARD_READY_UNKNOWN;
	mutex_unlock(&card->lock);
}

/* The card says that it runs the request's image, whose functions are there. */
void fpga_card_ready_learn(struct fpga_card *card, const struct fpga_card_request *req)
{
	struct fpga_card_ready *ready;
	bool counts;
	int ms;

	mutex_lock(&card->lock);
	counts = fpga_card_ready_counts(card, req) && !req->believed &&
		 !fpga_card_ready_find(card, req);
	mutex_unlock(&card->lock);
	if (!counts)
		return;
	ms = pci_reload_read_ready_ms(card->window);
	if (ms < 0)
		return;
	mutex_lock(&card->lock);
	/* The image may have changed meanwhile. */
	if (fpga_card_ready_counts(card, req)) {
		ready = fpga_card_ready_add(card, req);
		ready->ms = ms;
	}
	mutex_unlock(&card->lock);
}

/* An image in flash is another now, or none. */
void fpga_card_ready_forget_locked(struct fpga_card *card, const char *image)
{
	struct fpga_card_ready *ready;
	unsigned int i;

	lockdep_assert_held(&card->lock);

	for (i = 0; i < FPGA_CARD_READY_IMAGES; i++) {
		ready = &card->readiness.images[i];
		if (!ready->is_file && !strcmp(ready->image, image))
			memset(ready, 0, sizeof(*ready));
	}
}

/* Any image may be another, or the card. */
void fpga_card_ready_forget_all_locked(struct fpga_card *card)
{
	lockdep_assert_held(&card->lock);

	memset(&card->readiness, 0, sizeof(card->readiness));
}
