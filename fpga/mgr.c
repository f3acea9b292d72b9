// SPDX-License-Identifier: GPL-2.0-only
/*
 * The FPGA manager of a card: hands the image to the card and has it loaded.
 */

#include <linux/fpga/fpga-mgr.h>

#include "request.h"

/*
 * The manager serves its card's region only: a load from anywhere else would
 * find the functions in place and the port unprepared.
 */
static struct fpga_card_request *
fpga_card_mgr_request(struct fpga_manager *mgr, struct fpga_image_info *info)
{
	struct fpga_card *card = mgr->priv;
	struct fpga_card_request *req;

	mutex_lock(&card->lock);
	req = card->serving.request;
	mutex_unlock(&card->lock);
	return req && &req->info == info ? req : NULL;
}

/*
 * An image in flash comes as its name, one from a file as the file; both were
 * validated before anything was touched.
 */
static int fpga_card_mgr_parse_header(struct fpga_manager *mgr,
				      struct fpga_image_info *info,
				      const char *buf, size_t count)
{
	struct fpga_card_request *req = fpga_card_mgr_request(mgr, info);

	if (!req)
		return -EPERM;
	if (req->fw) {
		info->header_size = req->view.header_size;
		info->data_size = req->view.payload_size;
	} else {
		info->header_size = 0;
		info->data_size = count;
	}
	return 0;
}

static int fpga_card_mgr_write_init(struct fpga_manager *mgr,
				    struct fpga_image_info *info,
				    const char *buf, size_t count)
{
	return fpga_card_mgr_request(mgr, info) ? 0 : -EPERM;
}

/* The payload was staged while the old image was running: no downtime. */
static int fpga_card_mgr_write(struct fpga_manager *mgr, const char *buf,
			       size_t count)
{
	return 0;
}

static int fpga_card_mgr_write_complete(struct fpga_manager *mgr,
					struct fpga_image_info *info)
{
	if (!fpga_card_mgr_request(mgr, info))
		return -EPERM;
	return fpga_card_load_image(mgr->priv);
}

static const struct fpga_manager_ops fpga_card_mgr_ops = {
	.skip_header = true,
	.parse_header = fpga_card_mgr_parse_header,
	.write_init = fpga_card_mgr_write_init,
	.write = fpga_card_mgr_write,
	.write_complete = fpga_card_mgr_write_complete,
};

int fpga_card_mgr_register(struct fpga_card *card)
{
	struct fpga_manager *mgr;

	mgr = fpga_mgr_register(&card->dev, dev_name(&card->dev),
				&fpga_card_mgr_ops, card);
	if (IS_ERR(mgr))
		return PTR_ERR(mgr);
	/* Not fpga_mgr_get(), which would keep this module loaded. */
	get_device(&mgr->dev);
	card->mgr = mgr;
	return 0;
}

void fpga_card_mgr_unregister(struct fpga_card *card)
{
	fpga_mgr_unregister(card->mgr);
}
