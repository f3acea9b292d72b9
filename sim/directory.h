/* SPDX-License-Identifier: GPL-2.0-only */
/* Simulated PCIe hosts as directories: what the files share. */
#ifndef _PCSIM_CONFIGFS_H
#define _PCSIM_CONFIGFS_H

#include <linux/configfs.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>

#include "pcie-card-sim.h"

/**
 * struct pcsim_cfs_host - directory of a host
 * @group: the directory
 * @lock: all that is in and below the directory
 * @ports: the ports, in the order in which they were made
 * @n_ports: number of elements of @ports
 * @of_path: path of its node in the device tree; NULL for none
 * @window: size of its memory window; 0 to have it chosen
 * @io_window: size of its I/O window; 0 for none
 * @sim: the host while it is live, else NULL
 */
struct pcsim_cfs_host {
	struct config_group group;
	struct mutex lock;	/* see above */
	struct list_head ports;
	unsigned int n_ports;
	char *of_path;
	u64 window;
	u32 io_window;
	struct pcie_card_sim *sim;
};

/**
 * struct pcsim_cfs_port - directory of a port and its card
 * @group: the directory
 * @card: its directory "card"
 * @faults_group: directory "faults" of the card
 * @images_group: directory "images" of the card
 * @node: in the list of the host
 * @host: the host
 * @index: number of the port while the host is live
 * @cfg: what the port and the card are like, without the images
 * @faults: what the card does wrong
 * @images: the images, in the order in which they were made
 * @n_images: number of elements of @images
 */
struct pcsim_cfs_port {
	struct config_group group;
	struct config_group card;
	struct config_group faults_group;
	struct config_group images_group;
	struct list_head node;
	struct pcsim_cfs_host *host;
	unsigned int index;
	struct pcie_card_sim_port cfg;
	struct pcie_card_sim_faults faults;
	struct list_head images;
	unsigned int n_images;
};

/**
 * struct pcsim_cfs_image - directory of an image
 * @group: the directory
 * @node: in the list of the port
 * @port: the port
 * @cfg: what the image is like, without the functions
 * @pfs: its functions
 */
struct pcsim_cfs_image {
	struct config_group group;
	struct list_head node;
	struct pcsim_cfs_port *port;
	struct pcie_card_sim_image cfg;
	struct pcsim_cfs_pf *pfs[PCIE_CARD_SIM_FUNCTIONS];
};

/**
 * struct pcsim_cfs_pf - directory of a physical function
 * @group: the directory
 * @image: the image
 * @number: function number
 * @cfg: what the function is like
 */
struct pcsim_cfs_pf {
	struct config_group group;
	struct pcsim_cfs_image *image;
	unsigned int number;
	struct pcie_card_sim_function cfg;
};

/**
 * struct pcsim_cfs_field - an unsigned number or bool in a description
 * @ptr: where it is
 * @size: its size
 */
struct pcsim_cfs_field {
	void *ptr;
	size_t size;
};

#define PCSIM_CFS_FIELD(_cfg, ...)					\
	((struct pcsim_cfs_field){ .ptr = &(_cfg)->__VA_ARGS__,		\
				   .size = sizeof((_cfg)->__VA_ARGS__) })

/*
 * An attribute for field _name of what pcsim_##_obj##_cfg() gives: a number
 * from 0 to _max, shown with _digits hexadecimal digits, or in decimal if that
 * is 0. It cannot be changed while the host is live.
 */
#define PCSIM_CFS_NUM(_obj, _name, _max, _digits)			\
static struct pcsim_cfs_field						\
pcsim_##_obj##_##_name##_field(struct config_item *item)		\
{									\
	return PCSIM_CFS_FIELD(pcsim_##_obj##_cfg(item), _name);	\
}									\
									\
static ssize_t pcsim_##_obj##_##_name##_show(struct config_item *item,	\
					     char *page)		\
{									\
	return pcsim_cfs_show(pcsim_##_obj##_##_name##_field(item),	\
			      _digits, page);				\
}									\
									\
static ssize_t pcsim_##_obj##_##_name##_store(struct config_item *item,	\
					      const char *page,		\
					      size_t count)		\
{									\
	return pcsim_cfs_store(pcsim_##_obj##_host(item),		\
			       pcsim_##_obj##_##_name##_field(item),	\
			       _max, page, count);			\
}									\
static struct configfs_attribute pcsim_##_obj##_attr_##_name = {	\
	.ca_name = __stringify(_name),					\
	.ca_mode = 0644,						\
	.ca_owner = THIS_MODULE,					\
	.show = pcsim_##_obj##_##_name##_show,				\
	.store = pcsim_##_obj##_##_name##_store,			\
}

int pcsim_cfs_num(const char *page, u64 max, u64 *val);
void pcsim_cfs_set(struct pcsim_cfs_field field, u64 val);
ssize_t pcsim_cfs_show(struct pcsim_cfs_field field, unsigned int digits,
		       char *page);
ssize_t pcsim_cfs_store(struct pcsim_cfs_host *host,
			struct pcsim_cfs_field field, u64 max,
			const char *page, size_t count);
int pcsim_cfs_name(const char *page, size_t count, char *name);

extern const struct config_item_type pcsim_images_type;
extern const struct config_item_type pcsim_faults_type;
struct pcsim_cfs_port *pcsim_cfs_port_alloc(struct pcsim_cfs_host *host,
					    const char *name);
void pcsim_cfs_card_init(struct pcsim_cfs_port *port);

#endif /* _PCSIM_CONFIGFS_H */
