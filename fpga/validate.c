// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a request can be served. All that is checked here is checked before anything
 * is touched.
 */

#include <linux/cpumask.h>
#include <linux/firmware.h>
#include <linux/pci.h>

#include "request.h"

/* Whether the file is for this card. */
static int fpga_card_check_target(struct fpga_card *card,
				  struct fpga_card_request *req,
				  struct pci_dev *pdev)
{
	const struct fpga_card_image_header *header = req->view.header;
	u16 vendor = le16_to_cpu(header->card_vendor);
	u16 device = le16_to_cpu(header->card_device);
	bool match;

	mutex_lock(&card->back_end.lock);
	match = card->back_end.info.name &&
		!strncmp(header->back_end, card->back_end.info.name,
			 sizeof(header->back_end));
	mutex_unlock(&card->back_end.lock);
	if (!match)
		return fpga_card_fail(card, -EINVAL,
				      "the file \"%s\" is for cards with the back end %.32s",
				      req->name, header->back_end);
	if ((vendor != FPGA_CARD_IMAGE_ANY && vendor != pdev->vendor) ||
	    (device != FPGA_CARD_IMAGE_ANY && device != pdev->device))
		return fpga_card_fail(card, -EINVAL,
				      "the file \"%s\" is for card %04x:%04x, not for %04x:%04x",
				      req->name, vendor, device, pdev->vendor,
				      pdev->device);
	return 0;
}

/* The name is none of the images', and a file it cannot be. */
static int fpga_card_refuse_file(struct fpga_card *card,
				 struct fpga_card_request *req)
{
	int ret;

	mutex_lock(&card->back_end.lock);
	ret = fpga_card_fail(card, -ENOENT,
			     "the card below %s has no image \"%s\" in flash, and takes no files%s%s",
			     pci_name(card->port), req->name,
			     card->back_end.info.no_files ? ": " : "",
			     card->back_end.info.no_files ?: "");
	mutex_unlock(&card->back_end.lock);
	return ret;
}

static int fpga_card_get_file(struct fpga_card *card, struct fpga_card_request *req)
{
	int ret;

	if (req->fw)
		return 0;
	/*
	 * Without a device, for which the kernel would read the file again before each
	 * system sleep and keep it in memory, and without a fall-back to a helper, for
	 * which it would wait a minute.
	 */
	ret = request_firmware_direct(&req->fw, req->name, NULL);
	if (ret) {
		req->fw = NULL;
		return fpga_card_fail(card, ret,
				      "\"%s\" is neither an image in the flash of the card below %s, nor a file below the firmware path that can be read",
				      req->name, pci_name(card->port));
	}
	return 0;
}

/*
 * Whether the digest may be taken while the file is written: what the back end writes it can
 * take back, nothing is lost by that which was staged before, there is a processor for it,
 * and nobody is told of an outage meanwhile.
 */
static bool fpga_card_may_verify_later(struct fpga_card *card,
				       const struct fpga_card_request *req)
{
	bool may;

	mutex_lock(&card->back_end.lock);
	may = card->back_end.info.stage_unverified;
	mutex_unlock(&card->back_end.lock);
	mutex_lock(&card->lock);
	may &= !card->staged || !card->staged->written;
	mutex_unlock(&card->lock);
	return may && !req->overlap && req->job != FPGA_CARD_CHECK &&
	       (card->processors ?: num_online_cpus()) > 1;
}

static int fpga_card_validate_file(struct fpga_card *card,
				   struct fpga_card_request *req,
				   struct pci_dev *pdev)
{
	unsigned int timeout_ms, hold_ms;
	const char *why;
	bool stages;
	bool decrypts;
	int ret;

	mutex_lock(&card->back_end.lock);
	stages = card->back_end.info.ops && card->back_end.info.ops->stage;
	decrypts = card->back_end.info.encrypted;
	timeout_ms = card->back_end.info.stage_timeout_ms;
	hold_ms = card->back_end.info.stage_hold_ms;
	mutex_unlock(&card->back_end.lock);
	if (req->options.encrypted && !decrypts)
		return fpga_card_fail(card, -EOPNOTSUPP,
				      "the card below %s takes no encrypted images",
				      pci_name(card->port));
	if (!stages || !timeout_ms)
		return fpga_card_refuse_file(card, req);

	ret = fpga_card_get_file(card, req);
	if (ret)
		return ret;
	ret = fpga_card_image_parse(req->fw->data, req->fw->size, &req->view,
				    &why);
	if (ret)
		return fpga_card_fail(card, ret, "\"%s\": %s", req->name, why);
	req->unverified = fpga_card_may_verify_later(card, req);
	if (!req->unverified)
		ret = fpga_card_digest_check(card, req);
	if (ret)
		return ret;
	ret = fpga_card_check_target(card, req, pdev);
	if (ret)
		return ret;

	strscpy(req->image, req->view.header->name, sizeof(req->image));
	if (!req->timeout_ms)
		req->timeout_ms = timeout_ms;
	req->hold_ms = hold_ms;
	req->stages = true;
	return 0;
}

static int fpga_card_validate_flash(struct fpga_card *card,
				    struct fpga_card_request *req,
				    const struct fpga_card_image *desc)
{
	if (desc->invalid)
		return fpga_card_fail(card, -EBADMSG,
				      "the image \"%s\" in the flash of the card below %s is damaged, or was not written as a whole: write it to the flash again",
				      req->name, pci_name(card->port));
	if (req->options.encrypted)
		return fpga_card_fail(card, -EOPNOTSUPP,
				      "\"%s\" is an image in the card's flash, not an encrypted file",
				      req->name);
	if (req->options.overlay && desc->auxiliary)
		return fpga_card_fail(card, -EINVAL,
				      "\"%s\" is no image of the FPGA, so there is nothing that an overlay could describe",
				      req->name);
	strscpy(req->image, desc->name, sizeof(req->image));
	if (!req->timeout_ms)
		req->timeout_ms = desc->timeout_ms;
	req->hold_ms = desc->hold_ms;
	req->stages = desc->staged;
	req->auxiliary = desc->auxiliary;
	return 0;
}

static int fpga_card_validate_image(struct fpga_card *card,
				    struct fpga_card_request *req,
				    struct pci_dev *pdev)
{
	struct fpga_card_image desc;

	if (req->fw || fpga_card_images_find(card, req->name, &desc))
		return fpga_card_validate_file(card, req, pdev);
	return fpga_card_validate_flash(card, req, &desc);
}

/* The file itself is not needed any more. */
static int fpga_card_validate_staged_file(struct fpga_card *card,
					  struct fpga_card_request *req,
					  struct pci_dev *pdev)
{
	struct fpga_card_image_view *view = &req->view;
	int ret;

	view->header = (const void *)req->waiting->header;
	view->header_size = req->waiting->header_size;
	view->nfunctions = le16_to_cpu(view->header->functions);
	view->functions = (const void *)(view->header + 1);
	ret = fpga_card_check_target(card, req, pdev);
	if (ret)
		return ret;

	strscpy(req->image, req->waiting->image, sizeof(req->image));
	mutex_lock(&card->back_end.lock);
	if (!req->timeout_ms)
		req->timeout_ms = card->back_end.info.stage_timeout_ms;
	req->hold_ms = card->back_end.info.stage_hold_ms;
	mutex_unlock(&card->back_end.lock);
	return 0;
}

/* What was staged was an image when it was; it has to be there still. */
static int fpga_card_validate_staged(struct fpga_card *card,
				     struct fpga_card_request *req,
				     struct pci_dev *pdev)
{
	struct fpga_card_image desc;
	int ret;

	if (req->waiting->written &&
	    fpga_card_call_lost_staged(card, req->waiting->image)) {
		fpga_card_forget_staged(card);
		return fpga_card_fail(card, -ENODATA,
				      "the card below %s has lost \"%s\", which was staged: stage it again",
				      pci_name(card->port), req->name);
	}
	req->staged = req->waiting->written;
	if (req->waiting->header_size)
		return fpga_card_validate_staged_file(card, req, pdev);
	if (fpga_card_images_find(card, req->name, &desc))
		return fpga_card_fail(card, -ENOENT,
				      "\"%s\", which was staged, is not in the flash of the card below %s any more",
				      req->name, pci_name(card->port));
	ret = fpga_card_validate_flash(card, req, &desc);
	req->stages &= !req->staged;
	return ret;
}

/*
 * Whether the request can be served. Leaves the reason in last_error if not.
 */
int fpga_card_request_validate(struct fpga_card *card,
			       struct fpga_card_request *req)
{
	bool outage = req->job != FPGA_CARD_STAGE;
	struct pci_dev *pdev;
	int ret;

	ret = outage ? pci_reload_preflight(card->window) : 0;
	if (ret)
		return fpga_card_window_failed(card, ret);
	ret = fpga_card_call_ready(card);
	if (ret)
		return ret;
	ret = fpga_card_check_start(card);
	if (ret)
		return ret;
	ret = fpga_card_get_target(card, &req->target, &pdev);
	if (ret)
		return ret;

	if (req->target && req->waiting)
		ret = fpga_card_validate_staged(card, req, req->target);
	else if (req->target)
		ret = fpga_card_validate_image(card, req, req->target);
	else
		ret = fpga_card_fail(card, -ENODEV, "there is no card below %s",
				     pci_name(card->port));
	if (!ret)
		ret = fpga_card_check_port(card, pdev);
	if (!ret && outage)
		ret = fpga_card_check_users(card, req);
	if (!ret)
		ret = fpga_card_call_begin(card, req);
	pci_dev_put(pdev);
	return ret;
}
