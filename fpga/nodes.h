/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nodes of regions: for nodes.c, which finds them, and of.c, which does what they ask
 * for.
 */
#ifndef _FPGA_CARD_NODES_H
#define _FPGA_CARD_NODES_H

#include "overlay.h"

/**
 * struct fpga_card_node - a node that stands for a card's region
 *
 * @np and @card are under fpga_card_nodes_lock, the rest is the work's.
 *
 * @entry: in the list of nodes; added and removed by the work, with the lock
 * @np: the node; referenced, and with it those above, NULL once it has gone from
 *	the tree
 * @card: its card; referenced, NULL if there is none
 * @path: of the node, for users
 * @bad: there is something wrong with it, for ever
 * @told: that, or what else keeps it from having a card, was told
 * @missed: that its port is not there was told
 * @port: the port that it means; referenced, NULL if that is not there
 * @makes: the card is there because of the node
 * @method: how it is made to load then
 * @images: and what
 * @count: number of @images
 * @builtin: the card that was made
 * @builtin_port: its port; only compared
 */
struct fpga_card_node {
	struct list_head entry;
	struct device_node *np;
	struct fpga_card *card;
	char *path;
	bool bad;
	bool told;
	bool missed;
	struct pci_dev *port;
	bool makes;
	enum fpga_card_method method;
	struct fpga_card_image *images;
	unsigned int count;
	struct fpga_card_builtin *builtin;
	struct pci_dev *builtin_port;
};

extern struct mutex fpga_card_nodes_lock; /* see &struct fpga_card_node */
extern struct list_head fpga_card_nodes;

__printf(2, 3)
void fpga_card_node_tell(struct fpga_card_node *node, const char *fmt, ...);
void fpga_card_node_put(struct device_node *np);
void fpga_card_node_free(struct fpga_card_node *node);
struct fpga_card_node *fpga_card_node_find(const struct device_node *np);
void fpga_card_nodes_scan(void);
void fpga_card_node_set_card(struct fpga_card_node *node,
			     struct fpga_card *card);
bool fpga_card_node_forget(struct fpga_card_node *node);

#endif /* _FPGA_CARD_NODES_H */
