/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulated card for the suites, and questions about what happened to it.
 */
#ifndef _FPGA_CARD_KUNIT_FIXTURE_H
#define _FPGA_CARD_KUNIT_FIXTURE_H

#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/workqueue.h>

#include "sim/pcie-card-sim.h"

struct fpga_card;

#define FIXTURE_PORTS_MAX	PCIE_CARD_SIM_PORTS
#define FIXTURE_IMAGES		3
#define FIXTURE_CONFIG_DWORDS	(4096 / 4)

/* Image names of the standard card. */
#define FIXTURE_FACTORY		"factory"
#define FIXTURE_USER		"user"
#define FIXTURE_WIDE		"wide"

/**
 * struct fixture - a simulated host
 *
 * Made by fixture_init(), or fixture_alloc(), with a configuration that a case
 * may change before it calls fixture_start().
 *
 * @test: the test
 * @sim: the host, NULL until fixture_start()
 * @config: its configuration
 * @ports: its ports
 * @images: the images of all cards
 */
struct fixture {
	struct kunit *test;
	struct pcie_card_sim *sim;
	struct pcie_card_sim_config config;
	struct pcie_card_sim_port ports[FIXTURE_PORTS_MAX];
	struct pcie_card_sim_image images[FIXTURE_IMAGES];
};

/**
 * struct fixture_load - a load that runs elsewhere
 * @work: runs it
 * @card: the card
 * @name: the image
 * @on_stack: this is on the stack of whoever started it
 * @result: what fpga_card_load() returned
 */
struct fixture_load {
	struct work_struct work;
	struct fpga_card *card;
	const char *name;
	bool on_stack;
	int result;
};

void fixture_load_start(struct fixture_load *load, struct fpga_card *card,
			const char *name);
int fixture_load_end(struct fixture_load *load);

void fixture_set_reporting(struct pcie_card_sim_port *port, bool reports);
void fixture_slow(struct kunit *test);
void fixture_slow_but(struct kunit *test, const void *param);
struct fixture *fixture_alloc(struct kunit *test);
int fixture_init(struct kunit *test);
void fixture_exit(struct kunit *test);
void fixture_start(struct fixture *fx);
void fixture_stop(struct fixture *fx);

void fixture_add_driver(struct fixture *fx, struct pci_driver *drv);
void fixture_remove_driver(struct fixture *fx, struct pci_driver *drv);

struct pci_dev *fixture_port(struct fixture *fx, unsigned int port);
struct pci_dev *fixture_function(struct fixture *fx, unsigned int port,
				 unsigned int fn);
struct pci_dev *fixture_bind(struct fixture *fx, unsigned int port,
			     unsigned int fn, struct pci_driver *drv);
struct pci_dev *fixture_vf(struct pci_dev *pf, unsigned int id);
int fixture_enable_vfs(struct pci_dev *pf, int num);
void fixture_disable_vfs(struct pci_dev *pf);
struct fpga_card *fixture_card(struct fixture *fx, unsigned int port);
unsigned int fixture_count(struct fixture *fx, unsigned int port);
u32 *fixture_save_config(struct fixture *fx, struct pci_dev *pdev);
void fixture_expect_config(struct fixture *fx, struct pci_dev *pdev,
			   const u32 *saved);
u32 *fixture_save_port(struct fixture *fx, unsigned int port);
void fixture_expect_port(struct fixture *fx, unsigned int port, const u32 *saved);
void fixture_expect_image(struct fixture *fx, unsigned int port,
			  const char *name);
void fixture_expect_decoded(struct fixture *fx, unsigned int port);
void fixture_set_faults(struct fixture *fx,
			const struct pcie_card_sim_faults *faults);

bool fixture_find(struct fixture *fx, enum pcie_card_sim_what what,
		  const char *name, u64 from, struct pcie_card_sim_event *event);
bool fixture_find_bits(struct fixture *fx, enum pcie_card_sim_what what,
		       u32 bits, u64 from, struct pcie_card_sim_event *event);
bool fixture_find_write(struct fixture *fx, struct pci_dev *pdev, int reg,
			u32 bits, u32 value, u64 from,
			struct pcie_card_sim_event *event);

#endif /* _FPGA_CARD_KUNIT_FIXTURE_H */
