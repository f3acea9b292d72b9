// SPDX-License-Identifier: GPL-2.0-only
/*
 * A simulated card for the suites, and questions about what happened to it.
 */

#include <kunit/resource.h>
#include <linux/fpga/fpga-card.h>
#include <linux/moduleparam.h>
#include <linux/sched/task_stack.h>

#include "fixture.h"

/* Long enough to be seen, short enough for hundreds of cases. */
#define FIXTURE_RELOAD_MS	30
#define FIXTURE_TIMEOUT_MS	2000

/* kunit.py ends a guest after 300 s, and asks for nothing but what is built in. */
#ifdef MODULE
static bool slow = true;
#else
static bool slow;
#endif
module_param(slow, bool, 0444);
MODULE_PARM_DESC(slow, "run the cases that wait for seconds as well (default: only as a module)");

/* For a case, or a parameter of one, that waits for seconds. */
void fixture_slow(struct kunit *test)
{
	if (!slow)
		kunit_skip(test, "takes long: fpga_card_kunit.slow=1 runs it");
}

/* For a case whose parameters differ little: all but one of them take long. */
void fixture_slow_but(struct kunit *test, const void *param)
{
	if (test->param_value != param)
		fixture_slow(test);
}

static struct pcie_card_sim_function fixture_bmc_function(u16 device)
{
	return (struct pcie_card_sim_function) {
		.vendor = 0x1234,
		.device = device,
		.subsystem_vendor = 0x1234,
		.subsystem_device = 1,
		.bar[0] = { .size = SZ_64K },
		.flr = true,
		.pm = true,
		.aer = true,
		.bmc = true,
	};
}

static struct pcie_card_sim_function fixture_plain_function(u16 device)
{
	return (struct pcie_card_sim_function) {
		.vendor = 0x1234,
		.device = device,
		.subsystem_vendor = 0x1234,
		.subsystem_device = 2,
		.bar[0] = { .size = SZ_16K },
		.flr = true,
	};
}

static void fixture_describe_images(struct fixture *fx)
{
	struct pcie_card_sim_image *image;
	unsigned int i;

	image = &fx->images[0];
	strscpy(image->name, FIXTURE_FACTORY, sizeof(image->name));
	image->fn[0] = fixture_bmc_function(0x0001);
	image->fn[1] = fixture_plain_function(0x0002);

	image = &fx->images[1];
	strscpy(image->name, FIXTURE_USER, sizeof(image->name));
	image->fn[0] = fixture_bmc_function(0x0011);
	image->fn[0].bar[0].size = SZ_128K;

	image = &fx->images[2];
	strscpy(image->name, FIXTURE_WIDE, sizeof(image->name));
	image->fn[0] = fixture_bmc_function(0x0021);
	image->fn[1] = fixture_plain_function(0x0022);
	image->fn[1].total_vfs = 4;
	image->fn[1].vf_device = 0x0023;
	image->fn[1].vf_bar0.size = SZ_4K;
	image->fn[2] = fixture_plain_function(0x0024);

	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].reload_ms = FIXTURE_RELOAD_MS;
		fx->images[i].timeout_ms = FIXTURE_TIMEOUT_MS;
	}
}

/* No port is without that if it is faster than 5 GT/s (PCIe r6.0, sec 7.5.3.6). */
void fixture_set_reporting(struct pcie_card_sim_port *port, bool reports)
{
	port->link_active_reporting = reports;
	port->max_speed = reports ? 0 : 5000;
}

static void fixture_describe_port(struct fixture *fx, unsigned int i)
{
	struct pcie_card_sim_port *port = &fx->ports[i];

	port->slot = true;
	port->hotplug = true;
	port->aer = true;
	port->dpc = true;
	port->link_active_reporting = true;
	port->surprise_down = true;
	port->card.present = true;
	port->card.images = fx->images;
	port->card.n_images = FIXTURE_IMAGES;
	strscpy(port->card.boot_image, FIXTURE_FACTORY,
		sizeof(port->card.boot_image));
}

/* For a case with several hosts; it calls fixture_stop() for each. */
struct fixture *fixture_alloc(struct kunit *test)
{
	struct fixture *fx;
	unsigned int i;

	fx = kunit_kzalloc(test, sizeof(*fx), GFP_KERNEL);
	if (!fx)
		return NULL;

	fx->test = test;
	fixture_describe_images(fx);
	for (i = 0; i < FIXTURE_PORTS_MAX; i++)
		fixture_describe_port(fx, i);
	fx->config.name = "kunit";
	fx->config.ports = fx->ports;
	fx->config.n_ports = 1;
	return fx;
}

int fixture_init(struct kunit *test)
{
	test->priv = fixture_alloc(test);
	return test->priv ? 0 : -ENOMEM;
}

/* What a case did not find in the log has to have been missing there. */
void fixture_stop(struct fixture *fx)
{
	if (!fx->sim)
		return;
	KUNIT_EXPECT_FALSE_MSG(fx->test, pcie_card_sim_log_missed(fx->sim),
			       "events were overwritten before they were looked for: a log of more than %u is needed",
			       fx->config.log_size ?: PCIE_CARD_SIM_LOG_SIZE);
	pcie_card_sim_destroy(fx->sim);
	fx->sim = NULL;
}

void fixture_exit(struct kunit *test)
{
	struct fixture *fx = test->priv;

	if (fx)
		fixture_stop(fx);
}

void fixture_start(struct fixture *fx)
{
	struct pcie_card_sim *sim = pcie_card_sim_create(&fx->config);

	KUNIT_ASSERT_FALSE_MSG(fx->test, IS_ERR(sim), "error %ld", PTR_ERR(sim));
	fx->sim = sim;
}

static void fixture_driver_free(struct kunit_resource *res)
{
	pci_unregister_driver(res->data);
}

static bool fixture_driver_match(struct kunit *test, struct kunit_resource *res,
				 void *drv)
{
	return res->free == fixture_driver_free && res->data == drv;
}

/* Until the end of the case, also of one that fails: another one has it as well. */
void fixture_add_driver(struct fixture *fx, struct pci_driver *drv)
{
	void *kept;

	KUNIT_ASSERT_EQ(fx->test, 0, pci_register_driver(drv));
	kept = kunit_alloc_resource(fx->test, NULL, fixture_driver_free,
				    GFP_KERNEL, drv);
	if (!kept)
		pci_unregister_driver(drv);
	KUNIT_ASSERT_PTR_EQ(fx->test, kept, (void *)drv);
}

void fixture_remove_driver(struct fixture *fx, struct pci_driver *drv)
{
	KUNIT_EXPECT_EQ(fx->test, 0,
			kunit_destroy_resource(fx->test, fixture_driver_match,
					       drv));
}

/* A function gets @drv in place of what it had; to be given back by pci_dev_put(). */
struct pci_dev *fixture_bind(struct fixture *fx, unsigned int port,
			     unsigned int fn, struct pci_driver *drv)
{
	struct pci_dev *pdev = fixture_function(fx, port, fn);

	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	device_release_driver(&pdev->dev);
	KUNIT_EXPECT_EQ(fx->test, 0,
			device_driver_attach(&drv->driver, &pdev->dev));
	return pdev;
}

/* Not referenced: the simulated host keeps its ports until it is stopped. */
struct pci_dev *fixture_port(struct fixture *fx, unsigned int port)
{
	struct pci_dev *pdev = pcie_card_sim_port_dev(fx->sim, port);

	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	pci_dev_put(pdev);
	return pdev;
}

/* A function right below a port, referenced, or NULL. */
struct pci_dev *fixture_function(struct fixture *fx, unsigned int port,
				 unsigned int fn)
{
	return pci_get_slot(fixture_port(fx, port)->subordinate,
			    PCI_DEVFN(0, fn));
}

/* VF number @id of a PF, referenced, or NULL. */
struct pci_dev *fixture_vf(struct pci_dev *pf, unsigned int id)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev) {
		if (pdev->is_virtfn && pci_physfn(pdev) == pf && !id--)
			return pdev;
	}
	return NULL;
}

static struct device_attribute *fixture_find_numvfs(struct pci_dev *pf)
{
	const struct attribute_group **group;
	struct attribute **attr;

	for (group = pf->dev.type->groups; *group; group++) {
		for (attr = (*group)->attrs; attr && *attr; attr++) {
			if (!strcmp((*attr)->name, "sriov_numvfs"))
				return container_of(*attr, struct device_attribute,
						    attr);
		}
	}
	return NULL;
}

static struct pci_driver fixture_vf_driver = {
	.sriov_configure = pci_sriov_configure_simple,
};

/*
 * By the kernel's own entry, which alone knows who has to take the rescan lock. It asks
 * the function's driver; what that thinks of it is no matter here.
 */
static int fixture_set_vfs(struct pci_dev *pf, int num)
{
	struct device_attribute *attr = fixture_find_numvfs(pf);
	struct pci_driver *drv = pf->driver;
	char buf[16];
	ssize_t ret;
	int len;

	if (!attr || !pf->is_physfn)
		return -ENODEV;
	len = scnprintf(buf, sizeof(buf), "%d\n", num);
	pf->driver = &fixture_vf_driver;
	ret = attr->store(&pf->dev, attr, buf, len);
	pf->driver = drv;
	return ret < 0 ? ret : 0;
}

int fixture_enable_vfs(struct pci_dev *pf, int num)
{
	return fixture_set_vfs(pf, num);
}

void fixture_disable_vfs(struct pci_dev *pf)
{
	fixture_set_vfs(pf, 0);
}

/* The card below a port; to be given back with fpga_card_put(). */
struct fpga_card *fixture_card(struct fixture *fx, unsigned int port)
{
	struct fpga_card *card = fpga_card_find(fixture_port(fx, port));

	KUNIT_ASSERT_NOT_NULL(fx->test, card);
	return card;
}

static int fixture_count_one(struct pci_dev *pdev, void *data)
{
	unsigned int *count = data;

	(*count)++;
	return 0;
}

/* How many functions the kernel knows below a port. */
unsigned int fixture_count(struct fixture *fx, unsigned int port)
{
	unsigned int count = 0;

	pci_walk_bus(fixture_port(fx, port)->subordinate, fixture_count_one,
		     &count);
	return count;
}

/* All of a bridge's configuration space. */
u32 *fixture_save_config(struct fixture *fx, struct pci_dev *pdev)
{
	unsigned int i;
	u32 *saved;

	saved = kunit_kcalloc(fx->test, FIXTURE_CONFIG_DWORDS, sizeof(*saved),
			      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(fx->test, saved);
	for (i = 0; i < FIXTURE_CONFIG_DWORDS; i++)
		pci_read_config_dword(pdev, 4 * i, &saved[i]);
	return saved;
}

static bool fixture_is_window(unsigned int reg)
{
	return reg >= PCI_MEMORY_BASE && reg <= PCI_PREF_LIMIT_UPPER32;
}

/* Bit by bit; that of a bridge above the port that a card is loaded at. */
void fixture_expect_config(struct fixture *fx, struct pci_dev *pdev,
			   const u32 *saved)
{
	u32 *now = fixture_save_config(fx, pdev);
	unsigned int i;

	for (i = 0; i < FIXTURE_CONFIG_DWORDS; i++)
		KUNIT_EXPECT_EQ_MSG(fx->test, now[i] ^ saved[i], 0,
				    "register %#x of %s: %#x, was %#x", 4 * i,
				    pci_name(pdev), now[i], saved[i]);
}

u32 *fixture_save_port(struct fixture *fx, unsigned int port)
{
	return fixture_save_config(fx, fixture_port(fx, port));
}

/*
 * The same for the port itself, save what the kernel sets by right for an image
 * that needs other addresses, or has ARI where the other has not, and notes on a link
 * that is not there any more.
 */
void fixture_expect_port(struct fixture *fx, unsigned int port, const u32 *saved)
{
	struct pci_dev *pdev = fixture_port(fx, port);
	unsigned int devctl2 = pci_pcie_cap(pdev) + PCI_EXP_DEVCTL2;
	unsigned int lnkctl = pci_pcie_cap(pdev) + PCI_EXP_LNKCTL;
	u32 notes = (PCI_EXP_LNKSTA_LBMS | PCI_EXP_LNKSTA_LABS) << 16;
	u32 *now = fixture_save_config(fx, pdev);
	unsigned int i;

	for (i = 0; i < FIXTURE_CONFIG_DWORDS; i++) {
		if (fixture_is_window(4 * i))
			now[i] = saved[i];
		if (4 * i == lnkctl)
			now[i] |= saved[i] & notes;
		if (4 * i == devctl2) {
			now[i] &= ~PCI_EXP_DEVCTL2_ARI;
			now[i] |= saved[i] & PCI_EXP_DEVCTL2_ARI;
		}
		KUNIT_EXPECT_EQ_MSG(fx->test, now[i] ^ saved[i], 0,
				    "register %#x of %s: %#x, was %#x", 4 * i,
				    pci_name(pdev), now[i], saved[i]);
	}
}

static const struct pcie_card_sim_image *
fixture_image(struct fixture *fx, const char *name)
{
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++) {
		if (!strcmp(fx->images[i].name, name))
			return &fx->images[i];
	}
	return NULL;
}

/*
 * The card runs image @name, and the kernel knows the functions of that and no
 * others, the one with the mailbox with its driver. For cards without a switch,
 * with no VFs enabled.
 */
void fixture_expect_image(struct fixture *fx, unsigned int port,
			  const char *name)
{
	const struct pcie_card_sim_image *image = fixture_image(fx, name);
	char running[PCIE_CARD_SIM_NAME_LEN] = "";
	unsigned int i, count = 0;
	struct pci_dev *pdev;

	KUNIT_ASSERT_NOT_NULL(fx->test, image);
	pcie_card_sim_running(fx->sim, port, running, sizeof(running));
	KUNIT_EXPECT_STREQ(fx->test, running, name);

	for (i = 0; i < PCIE_CARD_SIM_FUNCTIONS; i++) {
		if (!image->fn[i].vendor)
			continue;
		count++;
		pdev = fixture_function(fx, port, i);
		KUNIT_EXPECT_NOT_NULL_MSG(fx->test, pdev, "no function %u", i);
		if (!pdev)
			continue;
		KUNIT_EXPECT_EQ(fx->test, pdev->device, image->fn[i].device);
		if (image->fn[i].bmc)
			KUNIT_EXPECT_NOT_NULL(fx->test, pdev->dev.driver);
		pci_dev_put(pdev);
	}
	KUNIT_EXPECT_EQ(fx->test, fixture_count(fx, port), count);
	fixture_expect_decoded(fx, port);
}

void fixture_set_faults(struct fixture *fx,
			const struct pcie_card_sim_faults *faults)
{
	KUNIT_ASSERT_EQ(fx->test, 0,
			pcie_card_sim_set_faults(fx->sim, 0, faults));
}

/* The first event of a kind, of device or image @name unless that is NULL. */
bool fixture_find(struct fixture *fx, enum pcie_card_sim_what what,
		  const char *name, u64 from, struct pcie_card_sim_event *event)
{
	struct pcie_card_sim_match match = {
		.from_seq = from,
		.what = BIT(what),
		.port = -1,
		.name = name,
		.reg = -1,
		.devfn = -1,
	};

	return pcie_card_sim_log_find(fx->sim, &match, event);
}

/* The first event of a kind in whose value one of @bits is set. */
bool fixture_find_bits(struct fixture *fx, enum pcie_card_sim_what what,
		       u32 bits, u64 from, struct pcie_card_sim_event *event)
{
	while (fixture_find(fx, what, NULL, from, event)) {
		if (event->value & bits)
			return true;
		from = event->seq + 1;
	}
	return false;
}

/* The first write to a register in which @bits have @value. */
bool fixture_find_write(struct fixture *fx, struct pci_dev *pdev, int reg,
			u32 bits, u32 value, u64 from,
			struct pcie_card_sim_event *event)
{
	struct pcie_card_sim_match match = {
		.from_seq = from,
		.what = BIT(PCIE_CARD_SIM_CFG_WRITE),
		.port = -1,
		.reg = reg,
		.devfn = pdev->devfn,
	};

	while (pcie_card_sim_log_find(fx->sim, &match, event)) {
		if (event->bus == pdev->bus->number &&
		    (event->value & bits) == value)
			return true;
		match.from_seq = event->seq + 1;
	}
	return false;
}

static void fixture_load_run(struct work_struct *work)
{
	struct fixture_load *load;

	load = container_of(work, struct fixture_load, work);
	load->result = fpga_card_load(load->card, load->name);
}

/* To be ended before the caller returns if it is on his stack. */
void fixture_load_start(struct fixture_load *load, struct fpga_card *card,
			const char *name)
{
	load->card = card;
	load->name = name;
	load->on_stack = object_is_on_stack(load);
	if (load->on_stack)
		INIT_WORK_ONSTACK(&load->work, fixture_load_run);
	else
		INIT_WORK(&load->work, fixture_load_run);
	queue_work(system_unbound_wq, &load->work);
}

int fixture_load_end(struct fixture_load *load)
{
	flush_work(&load->work);
	if (load->on_stack)
		destroy_work_on_stack(&load->work);
	return load->result;
}
