// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory behind the BARs: RAM that was kept from the kernel at boot, or else a
 * hole in the physical address space, where nothing answers.
 */

#include <linux/align.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sizes.h>

#include "host.h"

/* Bus address of a window that is above 4 GiB for the CPU */
#define PCSIM_BUS_BASE		SZ_2G

/* For hosts with few and small cards */
#define PCSIM_MEM_LEAST		SZ_16M

static unsigned long long mem_base;
module_param(mem_base, ullong, 0444);
MODULE_PARM_DESC(mem_base, "start of reserved RAM to use for BARs");

static unsigned long long mem_size;
module_param(mem_size, ullong, 0444);
MODULE_PARM_DESC(mem_size, "size of reserved RAM to use for BARs");

static struct resource pcsim_pool = {
	.name = "pcie-card-sim",
	.flags = IORESOURCE_MEM,
};

/*
 * The pool is smaller than the reserved range: of two equal ranges the one
 * inserted later becomes the outer one, and PCI windows cannot be nested in
 * what the kernel holds as reserved then.
 */
int pcsim_mem_module_init(void)
{
	int ret;

	if (!mem_size)
		return 0;
	if (!PAGE_ALIGNED(mem_base) || !PAGE_ALIGNED(mem_size) ||
	    mem_size < SZ_4M || mem_base + mem_size < mem_base) {
		pr_err("pcie-card-sim: mem_base or mem_size is unusable\n");
		return -EINVAL;
	}
	if (region_intersects(mem_base, mem_size, IORESOURCE_SYSTEM_RAM,
			      IORES_DESC_NONE) != REGION_DISJOINT) {
		pr_err("pcie-card-sim: memory at %#llx is in use, keep it from the kernel with memmap= or a no-map node in reserved-memory\n",
		       mem_base);
		return -EBUSY;
	}

	pcsim_pool.start = mem_base + PAGE_SIZE;
	pcsim_pool.end = mem_base + mem_size - PAGE_SIZE - 1;
	ret = insert_resource(&iomem_resource, &pcsim_pool);
	if (ret)
		pr_err("pcie-card-sim: memory at %#llx is taken\n", mem_base);

	return ret;
}

void pcsim_mem_module_exit(void)
{
	if (mem_size)
		remove_resource(&pcsim_pool);
}

static void pcsim_bar_need(const struct pcie_card_sim_bar *bar,
			   unsigned int n, u64 need[2])
{
	if (!bar->io)
		need[bar->prefetch] += bar->size * n;
}

/* What the windows of the bridges above the functions of one leg take */
static u64 pcsim_leg_need(const struct pcsim_image *image, unsigned int leg)
{
	u64 need[2] = { };
	unsigned int i, j;

	for (i = 0; i < image->n_pfs; i++) {
		const struct pcie_card_sim_function *cfg = &image->pfs[i]->cfg;

		if (image->pfs[i]->leg != leg)
			continue;
		for (j = 0; j < PCI_STD_NUM_BARS; j++)
			pcsim_bar_need(&cfg->bar[j], 1, need);
		pcsim_bar_need(&cfg->vf_bar0, cfg->total_vfs, need);
	}

	return ALIGN(need[0], PCSIM_WINDOW_ALIGN) +
	       ALIGN(need[1], PCSIM_WINDOW_ALIGN);
}

static u64 pcsim_card_need(const struct pcsim_card *card)
{
	unsigned int i, leg;
	u64 need, most = 0;

	for (i = 0; i < card->n_images; i++) {
		need = 0;
		for (leg = 0; leg < PCIE_CARD_SIM_LEGS; leg++)
			need += pcsim_leg_need(&card->images[i], leg);
		most = max(most, need);
	}

	return most;
}

/*
 * Room for the largest image of each card, and once more for one of them, as
 * windows have to be aligned and move; but not so much that the next hosts get
 * nothing. Below a switch the kernel takes one granule for what a hot-plug port
 * does not need yet.
 */
static u64 pcsim_mem_want(const struct pcie_card_sim *sim)
{
	u64 need, all = 0, most = 0;
	unsigned int i;

	for (i = 0; i < sim->n_ports; i++) {
		need = pcsim_card_need(sim->ports[i]->card);
		if (sim->ports[i]->role == PCSIM_DOWN)
			need += PCSIM_WINDOW_ALIGN;
		most = max(most, need);
		all += need;
	}

	return max_t(u64, all + most, PCSIM_MEM_LEAST);
}

static int pcsim_mem_from_pool(struct pcie_card_sim *sim, u64 size)
{
	u64 want = size ?: pcsim_mem_want(sim);
	int ret;

	do {
		ret = allocate_resource(&pcsim_pool, &sim->mem, want, 0,
					~(resource_size_t)0, SZ_1M, NULL, NULL);
		want = ALIGN(want / 2, PCSIM_WINDOW_ALIGN);
	} while (ret && !size && want > PCSIM_WINDOW_ALIGN);
	if (ret)
		return ret;

	sim->mem_virt = ioremap(sim->mem.start, resource_size(&sim->mem));
	if (!sim->mem_virt) {
		release_resource(&sim->mem);
		return -ENOMEM;
	}
	memset_io(sim->mem_virt, 0, resource_size(&sim->mem));

	return 0;
}

/*
 * Below 4 GiB the platform's own host bridges have it all. Windows of PCI
 * bridges are 32 bits wide, so the bus addresses are others than the CPU's.
 */
static int pcsim_mem_from_hole(struct pcie_card_sim *sim, u64 size)
{
	int ret;

	if (size > SZ_1G)
		return -EINVAL;

	ret = allocate_resource(&iomem_resource, &sim->mem, size ?: SZ_256M,
				(resource_size_t)SZ_2G * 2,
				~(resource_size_t)0, SZ_256M, NULL, NULL);
	if (ret)
		return ret;

	sim->mem_offset = sim->mem.start - PCSIM_BUS_BASE;

	return 0;
}

int pcsim_mem_init(struct pcie_card_sim *sim, u64 size)
{
	if (!IS_ALIGNED(size, PCSIM_WINDOW_ALIGN))
		return -EINVAL;

	sim->mem.name = "pcie-card-sim host";
	sim->mem.flags = IORESOURCE_MEM;

	return mem_size ? pcsim_mem_from_pool(sim, size) :
			  pcsim_mem_from_hole(sim, size);
}

/* The bridge that has the window is gone. */
void pcsim_mem_exit(struct pcie_card_sim *sim)
{
	if (sim->mem_virt)
		iounmap(sim->mem_virt);
	if (sim->mem.parent)
		release_resource(&sim->mem);
}

/* The part of a bridge's window that is within the host's */
static bool pcsim_window(struct pcsim_port *port, bool pref, u64 *start,
			 u64 *end)
{
	struct pcie_card_sim *sim = port->sim;
	unsigned int reg = pref ? PCI_PREF_MEMORY_BASE : PCI_MEMORY_BASE;

	guard(pcsim)(sim);

	*start = (u64)(pcsim_get16(&port->fn, reg) & PCI_MEMORY_RANGE_MASK)
		 << 16;
	*end = (u64)(pcsim_get16(&port->fn, reg + 2) & PCI_MEMORY_RANGE_MASK)
	       << 16 | 0xfffff;
	if (pref) {
		*start |= (u64)pcsim_get32(&port->fn,
					   PCI_PREF_BASE_UPPER32) << 32;
		*end |= (u64)pcsim_get32(&port->fn,
					 PCI_PREF_LIMIT_UPPER32) << 32;
	}
	*start = max_t(u64, *start + sim->mem_offset, sim->mem.start);
	*end = min_t(u64, *end + sim->mem_offset, sim->mem.end);

	return *start < *end;
}

static void pcsim_fill(struct pcsim_port *port, unsigned int i, u8 byte)
{
	struct pcie_card_sim *sim = port->sim;

	memset_io(sim->mem_virt + (port->absent_start[i] - sim->mem.start),
		  byte, port->absent_end[i] - port->absent_start[i] + 1);
}

/**
 * pcsim_mem_follow() - have the memory below a port come or go
 * @port: the port
 * @up: the link is up, or about to be
 *
 * Memory of a card that is away reads all ones.
 */
void pcsim_mem_follow(struct pcsim_port *port, bool up)
{
	unsigned int i;

	if (!port->sim->mem_virt || !pcsim_port_has_card(port))
		return;

	for (i = 0; i < ARRAY_SIZE(port->absent); i++) {
		if (port->absent[i] != up)
			continue;

		if (up) {
			pcsim_fill(port, i, 0);
			port->absent[i] = false;
		} else if (pcsim_window(port, i, &port->absent_start[i],
					&port->absent_end[i])) {
			pcsim_fill(port, i, 0xff);
			port->absent[i] = true;
		}
	}
}

static u64 pcsim_bar0(const struct pcsim_fn *fn)
{
	u32 low = pcsim_get32(fn, PCI_BASE_ADDRESS_0);
	u64 addr = low & PCI_BASE_ADDRESS_MEM_MASK;

	if (low & PCI_BASE_ADDRESS_MEM_TYPE_64)
		addr |= (u64)pcsim_get32(fn, PCI_BASE_ADDRESS_1) << 32;

	return addr;
}

/**
 * pcsim_pf_bar0() - where the memory behind BAR 0 of a function is
 * @pf: the function
 *
 * Whether the function answers there or not.
 *
 * Return: the start of BAR 0 in the kernel's address space; NULL if there is no link, or
 * no memory behind its BARs.
 */
void __iomem *pcsim_pf_bar0(struct pcsim_pf *pf)
{
	struct pcsim_port *port = pf->fn.port;
	struct pcie_card_sim *sim = port->sim;
	u64 start;

	if (!sim->mem_virt || port->link != PCSIM_LINK_UP)
		return NULL;

	start = pcsim_bar0(&pf->fn) + sim->mem_offset;
	if (start < sim->mem.start ||
	    start + pf->cfg.bar[0].size - 1 > sim->mem.end)
		return NULL;

	return sim->mem_virt + (start - sim->mem.start);
}

/**
 * pcsim_pf_memory() - the memory behind BAR 0 of a function that answers there
 * @pf: the function
 *
 * Return: as pcsim_pf_bar0(), but NULL as well if the function's memory space is off.
 */
void __iomem *pcsim_pf_memory(struct pcsim_pf *pf)
{
	if (!(pcsim_get16(&pf->fn, PCI_COMMAND) & PCI_COMMAND_MEMORY))
		return NULL;

	return pcsim_pf_bar0(pf);
}
