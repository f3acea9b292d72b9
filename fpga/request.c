// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests: how long they live, and which card they are for.
 */

#include <linux/firmware.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "request.h"

static void fpga_card_request_free(struct kref *ref)
{
	struct fpga_card_request *req;

	req = container_of(ref, struct fpga_card_request, ref);
	pci_dev_put(req->target);
	release_firmware(req->fw);
	fpga_card_staged_free(req->waiting);
	kfree(req);
}

void fpga_card_request_put(struct fpga_card_request *req)
{
	kref_put(&req->ref, fpga_card_request_free);
}

struct fpga_card_request *fpga_card_request_alloc(enum fpga_card_job job)
{
	struct fpga_card_request *req = kzalloc(sizeof(*req), GFP_KERNEL);

	if (req) {
		kref_init(&req->ref);
		req->job = job;
	}
	return req;
}

/* @header: NULL for an image in flash */
struct fpga_card_staged *fpga_card_staged_alloc(const char *name, const char *image,
						const void *header, size_t size)
{
	struct fpga_card_staged *staged;

	staged = kzalloc(struct_size(staged, header, size), GFP_KERNEL);
	if (!staged)
		return NULL;
	strscpy(staged->name, name, sizeof(staged->name));
	strscpy(staged->image, image, sizeof(staged->image));
	staged->header_size = size;
	if (size)
		memcpy(staged->header, header, size);
	return staged;
}

void fpga_card_staged_free(struct fpga_card_staged *staged)
{
	kfree(staged);
}

/* A file that was handed in may be needed longer than who asked waits. */
void fpga_card_request_take_file(struct fpga_card_request *req)
{
	if (!req->options.fw)
		return;
	req->fw = *req->options.fw;
	*req->options.fw = NULL;
	req->options.fw = NULL;
}

/* The function that stands for the card when a file names one. */
static struct pci_dev *fpga_card_target(struct fpga_card *card,
					struct pci_dev *control)
{
	return control ? pci_dev_get(control) :
			 pci_get_slot(card->port->subordinate, PCI_DEVFN(0, 0));
}

/* What stands for the card now; fails if its back end is gone. */
int fpga_card_get_target(struct fpga_card *card, struct pci_dev **target,
			 struct pci_dev **pdev)
{
	struct device *control;
	int ret;

	ret = fpga_card_get_control(card, pdev, &control);
	if (ret)
		return ret;
	*target = fpga_card_target(card, *pdev);
	put_device(control);
	return 0;
}

/* Remember which card the request is for. */
int fpga_card_request_set_target(struct fpga_card *card,
				 struct fpga_card_request *req)
{
	struct pci_dev *pdev;
	int ret;

	ret = fpga_card_get_target(card, &req->target, &pdev);
	if (!ret)
		pci_dev_put(pdev);
	return ret;
}

/* Whether that one is still there; to be asked once. */
bool fpga_card_request_target_stays(struct fpga_card *card,
				    struct fpga_card_request *req)
{
	struct pci_dev *target = NULL, *pdev = NULL;
	bool same;

	if (!req->target)
		return true;
	same = !fpga_card_get_target(card, &target, &pdev) &&
	       target == req->target;
	pci_dev_put(pdev);
	pci_dev_put(target);
	pci_dev_put(req->target);
	req->target = NULL;
	return same;
}
