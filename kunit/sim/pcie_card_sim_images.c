// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulator's images, functions and hosts, as the kernel's PCI core sees them. One
 * file, as a suite is one object, and its cases share what is set up at its top.
 */

#include <linux/io.h>
#include <linux/sizes.h>

#include "kunit/fixtures/fixture.h"
#include "kunit/suites.h"

/* Longer than a simulated card takes for anything that is waited for */
#define IMAGES_WAIT_MS	2000

#define IMAGES_SERIAL	0x0123456789abcdefULL

/* IDs of the logic that a card has before its configuration is complete */
#define IMAGES_EARLY_IDS	0x701110eeU

/* For how long it has them: longer than a case takes to look, and a short time */
#define IMAGES_EARLY_MS	(60 * 1000)
#define IMAGES_SHORT_MS	50

/*
 * No driver has anything to do with the card, and pciehp not with the slot. A
 * link that goes down is no error.
 */
static int images_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;
	unsigned int i;

	for (i = 0; !ret && i < FIXTURE_IMAGES; i++)
		fx->images[i].fn[0].bmc = false;
	for (i = 0; !ret && i < FIXTURE_PORTS_MAX; i++) {
		fx->ports[i].hotplug = false;
		fx->ports[i].surprise_down = false;
	}
	return ret;
}

static struct pci_bus *images_bus(struct fixture *fx)
{
	return fixture_port(fx, 0)->subordinate;
}

/* It went down when the load began, or the card was exchanged. */
static void images_await_link(struct fixture *fx)
{
	KUNIT_ASSERT_TRUE(fx->test,
			  fixture_wait_link(fx, 0, true, IMAGES_WAIT_MS));
}

/* Have the kernel forget what is below the port and find what is there. */
static void images_rescan(struct fixture *fx)
{
	struct pci_bus *bus = images_bus(fx);
	struct pci_dev *pdev, *next;

	pci_lock_rescan_remove();
	list_for_each_entry_safe_reverse(pdev, next, &bus->devices, bus_list)
		pci_stop_and_remove_bus_device(pdev);
	pci_rescan_bus(bus);
	pci_unlock_rescan_remove();
}

static void images_load(struct fixture *fx, const char *name)
{
	KUNIT_ASSERT_EQ(fx->test, 0, pcie_card_sim_load(fx->sim, 0, name));
	images_await_link(fx);
	images_rescan(fx);
}

/* Serial numbers */

static void images_expect_serial(struct fixture *fx, unsigned int fn, u64 serial)
{
	struct pci_dev *pdev = fixture_function(fx, 0, fn);

	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	KUNIT_EXPECT_EQ(fx->test, pci_get_dsn(pdev), serial);
	KUNIT_EXPECT_EQ(fx->test,
			!!pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_DSN),
			!!serial);
	pci_dev_put(pdev);
}

/* The factory image has that of the card, the next one its own, the last none. */
static void image_may_have_a_serial_number_of_its_own(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fx->ports[0].card.serial = IMAGES_SERIAL;
	fx->images[1].own_serial = true;
	fx->images[1].serial = IMAGES_SERIAL + 1;
	fx->images[2].own_serial = true;
	fixture_start(fx);
	images_expect_serial(fx, 0, IMAGES_SERIAL);
	images_expect_serial(fx, 1, IMAGES_SERIAL);

	images_load(fx, FIXTURE_USER);
	images_expect_serial(fx, 0, IMAGES_SERIAL + 1);
	images_load(fx, FIXTURE_WIDE);
	images_expect_serial(fx, 0, 0);
	images_expect_serial(fx, 1, 0);
	images_load(fx, FIXTURE_FACTORY);
	images_expect_serial(fx, 0, IMAGES_SERIAL);
}

static void other_card_keeps_the_serial_number_of_an_image(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fx->ports[0].card.serial = IMAGES_SERIAL;
	fx->images[1].own_serial = true;
	fx->images[1].serial = IMAGES_SERIAL + 1;
	fixture_start(fx);

	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_replace(fx->sim, 0, FIXTURE_USER,
					      IMAGES_SERIAL + 2));
	images_await_link(fx);
	images_rescan(fx);
	images_expect_serial(fx, 0, IMAGES_SERIAL + 1);
	images_load(fx, FIXTURE_FACTORY);
	images_expect_serial(fx, 0, IMAGES_SERIAL + 2);
}

/* IDs that a card has at first */

static u32 images_ids(struct fixture *fx, unsigned int fn)
{
	u32 ids;

	pci_bus_read_config_dword(images_bus(fx), PCI_DEVFN(0, fn),
				  PCI_VENDOR_ID, &ids);
	return ids;
}

static void images_expect_device(struct fixture *fx, u32 ids)
{
	struct pci_dev *pdev = fixture_function(fx, 0, 0);

	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	KUNIT_EXPECT_EQ(fx->test, pdev->vendor, ids & 0xffff);
	KUNIT_EXPECT_EQ(fx->test, pdev->device, ids >> 16);
	pci_dev_put(pdev);
}

static struct pcie_card_sim_faults images_faults(u32 ids, unsigned int ms)
{
	return (struct pcie_card_sim_faults) {
		.transient_ms = ms,
		.transient_vendor = ids,
		.transient_device = ids >> 16,
	};
}

static void card_has_other_ids_at_first(struct kunit *test)
{
	struct pcie_card_sim_faults faults = images_faults(IMAGES_EARLY_IDS,
							   IMAGES_EARLY_MS);
	struct fixture *fx = test->priv;
	u32 class;
	u16 device;
	u8 byte;

	fixture_start(fx);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, images_ids(fx, 0), 0x00011234);

	images_load(fx, FIXTURE_WIDE);
	images_expect_device(fx, IMAGES_EARLY_IDS);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);
	KUNIT_EXPECT_EQ(test, images_ids(fx, 2), IMAGES_EARLY_IDS);
	pci_bus_read_config_word(images_bus(fx), 0, PCI_DEVICE_ID, &device);
	KUNIT_EXPECT_EQ(test, device, IMAGES_EARLY_IDS >> 16);
	pci_bus_read_config_byte(images_bus(fx), 0, PCI_DEVICE_ID, &byte);
	KUNIT_EXPECT_EQ(test, byte, IMAGES_EARLY_IDS >> 16 & 0xff);
	/* All the rest is the image's. */
	pci_bus_read_config_dword(images_bus(fx), 0, PCI_CLASS_REVISION, &class);
	KUNIT_EXPECT_EQ(test, class >> 8, 0x120000);

	faults.transient_ms = 0;
	fixture_set_faults(fx, &faults);
	images_rescan(fx);
	images_expect_device(fx, 0x00211234);
	KUNIT_EXPECT_EQ(test, images_ids(fx, 2), 0x00241234);
}

static void other_ids_end_after_their_time(struct kunit *test)
{
	const struct pcie_card_sim_faults faults =
		images_faults(IMAGES_EARLY_IDS, IMAGES_SHORT_MS);
	struct fixture *fx = test->priv;
	ktime_t start;

	fixture_start(fx);
	fixture_set_faults(fx, &faults);
	start = ktime_get();
	KUNIT_ASSERT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	KUNIT_EXPECT_TRUE(test, fixture_wait(images_ids(fx, 0) == 0x00111234,
					     IMAGES_WAIT_MS));
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), start),
			fx->images[1].reload_ms + IMAGES_SHORT_MS);
}

/* Parameters: IDs that the kernel takes for those of no function */
static const u32 images_nobody[] = { 0x00000000, 0xffffffff, 0xffff0000,
				     0x0000ffff };

static void images_nobody_desc(const u32 *ids, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%08x", *ids);
}

KUNIT_ARRAY_PARAM(images_nobody, images_nobody, images_nobody_desc);

static void card_is_not_seen_while_its_ids_are_nobodys(struct kunit *test)
{
	const u32 *ids = test->param_value;
	struct pcie_card_sim_faults faults = images_faults(*ids,
							   IMAGES_EARLY_MS);
	struct fixture *fx = test->priv;

	fixture_start(fx);
	fixture_set_faults(fx, &faults);
	images_load(fx, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	KUNIT_EXPECT_EQ(test, images_ids(fx, 0), *ids);

	faults.transient_ms = 0;
	fixture_set_faults(fx, &faults);
	images_rescan(fx);
	images_expect_device(fx, 0x00111234);
}

/* Classes */

struct images_class {
	const char *desc;
	u32 class;
	u32 seen;
	bool addressed;
};

static const struct images_class images_classes[] = {
	{ "none given", 0, 0x120000, true },
	{ "not defined", PCIE_CARD_SIM_CLASS_ZERO, 0x000000, false },
	{ "not defined but VGA", 0x000100, 0x000100, true },
	{ "host bridge", 0x060000, 0x060000, false },
	{ "other bridge", 0x068000, 0x068000, true },
};

static void images_class_desc(const struct images_class *class, char *desc)
{
	strscpy(desc, class->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(images_class, images_classes, images_class_desc);

static u32 images_bar0(struct pci_dev *pdev)
{
	u32 bar;

	pci_read_config_dword(pdev, PCI_BASE_ADDRESS_0, &bar);
	return bar;
}

/*
 * The kernel leaves functions alone that have no class or are host bridges:
 * they get no addresses, others of the same card do.
 */
static void class_decides_whether_the_kernel_gives_addresses(struct kunit *test)
{
	const struct images_class *class = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_dev *pf[2];
	unsigned int i;

	fx->images[0].fn[1].class = class->class;
	fixture_start(fx);
	for (i = 0; i < 2; i++) {
		pf[i] = fixture_function(fx, 0, i);
		KUNIT_ASSERT_NOT_NULL(test, pf[i]);
	}
	KUNIT_EXPECT_EQ(test, pf[0]->class, 0x120000);
	KUNIT_EXPECT_NOT_NULL(test, pf[0]->resource[0].parent);
	KUNIT_EXPECT_NE(test, images_bar0(pf[0]), 0);

	KUNIT_EXPECT_EQ(test, pf[1]->class, class->seen);
	KUNIT_EXPECT_EQ(test, pci_resource_len(pf[1], 0), SZ_16K);
	KUNIT_EXPECT_EQ(test, !!pf[1]->resource[0].parent, class->addressed);
	KUNIT_EXPECT_EQ(test, images_bar0(pf[1]) != 0, class->addressed);
	for (i = 0; i < 2; i++)
		pci_dev_put(pf[i]);
}

/* I/O space */

#define IMAGES_IO_WINDOW	SZ_16K
#define IMAGES_IO_SIZE		64

struct images_place {
	const char *desc;
	unsigned int sw;
	bool has_switch;
};

static const struct images_place images_places[] = {
	{ "a root port", 0, false },
	{ "a switch of the host", 1, false },
	{ "a switch on the card", 0, true },
};

static void images_place_desc(const struct images_place *place, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "below %s", place->desc);
}

KUNIT_ARRAY_PARAM(images_place, images_places, images_place_desc);

/* The first function of the factory image gets an I/O BAR, number 2. */
static void images_io_init(struct fixture *fx)
{
	fx->images[0].fn[0].bar[2] = (struct pcie_card_sim_bar) {
		.size = IMAGES_IO_SIZE,
		.io = true,
	};
}

/* That function, referenced, wherever it is */
static struct pci_dev *images_io_function(struct fixture *fx)
{
	struct pci_dev *pdev = pci_get_device(0x1234, 0x0001, NULL);

	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	return pdev;
}

/* A window of the host; NULL if it has none of the type */
static struct resource *images_window(struct pci_dev *pdev, unsigned long type)
{
	struct pci_bus *bus = pdev->bus;
	struct resource *window;
	unsigned int i;

	while (bus->parent)
		bus = bus->parent;
	pci_bus_for_each_resource(bus, window, i) {
		if (window && resource_type(window) == type)
			return window;
	}
	return NULL;
}

/* The I/O windows of all bridges above, by their registers, and enabled */
static void images_expect_forwarded(struct fixture *fx, struct pci_dev *pdev,
				    u32 addr)
{
	struct pci_dev *bridge = pdev;
	u8 base, limit;
	u16 command;

	while ((bridge = pci_upstream_bridge(bridge))) {
		pci_read_config_byte(bridge, PCI_IO_BASE, &base);
		pci_read_config_byte(bridge, PCI_IO_LIMIT, &limit);
		pci_read_config_word(bridge, PCI_COMMAND, &command);
		KUNIT_EXPECT_EQ(fx->test, (base | limit) & 0xf, 0);
		KUNIT_EXPECT_LE(fx->test, (u32)base << 8, addr);
		KUNIT_EXPECT_GE(fx->test, (u32)limit << 8 | 0xfff,
				addr + IMAGES_IO_SIZE - 1);
		KUNIT_EXPECT_TRUE(fx->test, command & PCI_COMMAND_IO);
	}
}

static void io_bar_gets_an_address(struct kunit *test)
{
	const struct images_place *place = test->param_value;
	struct fixture *fx = test->priv;
	struct resource *window;
	struct pci_dev *pdev;
	u16 command;
	u32 bar;

	images_io_init(fx);
	fx->config.io_window = IMAGES_IO_WINDOW;
	fx->ports[0].sw = place->sw;
	fx->ports[0].card.has_switch = place->has_switch;
	fixture_start(fx);

	pdev = images_io_function(fx);
	KUNIT_EXPECT_EQ(test, pci_resource_len(pdev, 2), IMAGES_IO_SIZE);
	KUNIT_EXPECT_EQ(test, resource_type(&pdev->resource[2]), IORESOURCE_IO);
	window = images_window(pdev, IORESOURCE_IO);
	KUNIT_ASSERT_NOT_NULL(test, window);
	KUNIT_EXPECT_EQ(test, resource_size(window), IMAGES_IO_WINDOW);
	KUNIT_EXPECT_NOT_NULL(test, pdev->resource[2].parent);
	KUNIT_EXPECT_TRUE(test, resource_contains(window, &pdev->resource[2]));
	pci_read_config_dword(pdev, PCI_BASE_ADDRESS_2, &bar);
	KUNIT_EXPECT_EQ(test, bar,
			pci_bus_address(pdev, 2) | PCI_BASE_ADDRESS_SPACE_IO);

	KUNIT_EXPECT_EQ(test, pci_enable_device(pdev), 0);
	pci_read_config_word(pdev, PCI_COMMAND, &command);
	KUNIT_EXPECT_TRUE(test, command & PCI_COMMAND_IO);
	images_expect_forwarded(fx, pdev, pci_bus_address(pdev, 2));
	/* No port of the machine's own is there. */
	KUNIT_EXPECT_EQ(test, inb(pci_resource_start(pdev, 2)), 0xff);
	pci_disable_device(pdev);
	pci_dev_put(pdev);
}

/*
 * Then the I/O BAR gets no address, and the function can be used without. What
 * the kernel keeps of such a BAR is not the same in all versions.
 */
static void host_has_no_io_space_if_not_said(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev, *port;
	u16 val;
	u32 bar;

	images_io_init(fx);
	fixture_start(fx);
	pdev = images_io_function(fx);
	port = fixture_port(fx, 0);
	KUNIT_EXPECT_NULL(test, images_window(pdev, IORESOURCE_IO));
	KUNIT_EXPECT_NULL(test, pdev->resource[2].parent);
	pci_read_config_dword(pdev, PCI_BASE_ADDRESS_2, &bar);
	KUNIT_EXPECT_EQ(test, bar, PCI_BASE_ADDRESS_SPACE_IO);

	pci_write_config_word(port, PCI_IO_BASE, 0xf0f0);
	pci_read_config_word(port, PCI_IO_BASE, &val);
	KUNIT_EXPECT_EQ(test, val, 0);
	pci_write_config_word(port, PCI_COMMAND, PCI_COMMAND_IO);
	pci_read_config_word(port, PCI_COMMAND, &val);
	KUNIT_EXPECT_EQ(test, val, 0);

	KUNIT_EXPECT_EQ(test, pci_enable_device_mem(pdev), 0);
	KUNIT_EXPECT_NOT_NULL(test, pdev->resource[0].parent);
	pci_read_config_word(pdev, PCI_COMMAND, &val);
	KUNIT_EXPECT_FALSE(test, val & PCI_COMMAND_IO);
	pci_disable_device(pdev);
	pci_dev_put(pdev);
}

/* What cannot be */

static void images_expect_refused(struct fixture *fx, int error)
{
	struct pcie_card_sim *sim = pcie_card_sim_create(&fx->config);

	KUNIT_EXPECT_EQ(fx->test, PTR_ERR_OR_ZERO(sim), error);
	if (!IS_ERR(sim))
		fx->sim = sim;
}

static void class_has_24_bits(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fx->images[0].fn[0].class = PCIE_CARD_SIM_CLASS_ZERO + 1;
	images_expect_refused(fx, -EINVAL);
}

struct images_bar {
	const char *desc;
	struct pcie_card_sim_bar bar;
};

static const struct images_bar images_bars[] = {
	{ "2 bytes of I/O", { .size = 2, .io = true } },
	{ "512 bytes of I/O", { .size = 512, .io = true } },
	{ "24 bytes of I/O", { .size = 24, .io = true } },
	{ "no bytes of I/O", { .io = true } },
	{ "I/O with 64 bits", { .size = 64, .io = true, .is_64 = true } },
	{ "prefetchable I/O", { .size = 64, .io = true, .prefetch = true } },
	{ "64 bytes of memory", { .size = 64 } },
};

static void images_bar_desc(const struct images_bar *bar, char *desc)
{
	strscpy(desc, bar->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(images_bar, images_bars, images_bar_desc);

static void bar_that_cannot_be_is_refused(struct kunit *test)
{
	const struct images_bar *bar = test->param_value;
	struct fixture *fx = test->priv;

	fx->images[0].fn[0].bar[2] = bar->bar;
	images_expect_refused(fx, -EINVAL);
}

static void vfs_have_no_io_bar(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fx->images[2].fn[1].vf_bar0.size = PAGE_SIZE;
	fx->images[2].fn[1].vf_bar0.io = true;
	images_expect_refused(fx, -EINVAL);
}

#define IMAGES_VFS	PCIE_CARD_SIM_VFS

/* How many of the card's functions have that many VFs */
static const unsigned int images_many[] = { 1, 3 };

static void images_many_desc(const unsigned int *pfs, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u x %u VFs", *pfs, IMAGES_VFS);
}

KUNIT_ARRAY_PARAM(images_many, images_many, images_many_desc);

static u16 images_first_vf(struct pci_dev *pf)
{
	unsigned int pos = pci_find_ext_capability(pf, PCI_EXT_CAP_ID_SRIOV);
	u16 offset;

	pci_read_config_word(pf, pos + PCI_SRIOV_VF_OFFSET, &offset);
	return pci_dev_id(pf) + offset;
}

/* Each VF is another function: only the last one is to become a bus master. */
static void images_expect_vfs(struct kunit *test, struct pci_dev *pf)
{
	u16 first = images_first_vf(pf), cmd;
	struct pci_dev *vf = NULL, *last;
	unsigned int found = 0;

	last = pci_get_domain_bus_and_slot(pci_domain_nr(pf->bus),
					   PCI_BUS_NUM(first + IMAGES_VFS - 1),
					   (first + IMAGES_VFS - 1) & 0xff);
	KUNIT_ASSERT_NOT_NULL(test, last);
	KUNIT_EXPECT_GT(test, last->bus->number, pf->bus->number);
	pci_set_master(last);
	for_each_pci_dev(vf) {
		if (!vf->is_virtfn || pci_physfn(vf) != pf)
			continue;
		KUNIT_EXPECT_EQ(test, pci_dev_id(vf), first + pci_iov_vf_id(vf));
		KUNIT_EXPECT_NOT_NULL(test, vf->resource[0].parent);
		pci_read_config_word(vf, PCI_COMMAND, &cmd);
		KUNIT_EXPECT_EQ_MSG(test, cmd,
				    vf == last ? PCI_COMMAND_MASTER : 0, "%s",
				    pci_name(vf));
		found++;
	}
	KUNIT_EXPECT_EQ(test, found, IMAGES_VFS);
	pci_dev_put(last);
}

static void vfs_are_on_as_many_buses_as_they_take(struct kunit *test)
{
	const unsigned int *pfs = test->param_value;
	struct pcie_card_sim_function *fn;
	struct fixture *fx = test->priv;
	struct pci_dev *pf[3];
	unsigned int i;
	u32 id;

	fixture_slow(test);
	fx->config.log_size = 4 * PCIE_CARD_SIM_LOG_SIZE;
	for (i = 0; i < *pfs; i++) {
		fn = &fx->images[2].fn[i];
		fn->total_vfs = IMAGES_VFS;
		fn->vf_device = 0x0025;
		fn->vf_bar0.size = SZ_4K;
	}
	if (*pfs == 1)
		fx->images[2].fn[1].total_vfs = 0;
	fixture_describe_boot(fx, 0, FIXTURE_WIDE);
	fixture_start(fx);
	for (i = 0; i < *pfs; i++) {
		pf[i] = fixture_function(fx, 0, i);
		KUNIT_ASSERT_NOT_NULL(test, pf[i]);
		KUNIT_ASSERT_EQ(test, 0, fixture_enable_vfs(pf[i], IMAGES_VFS));
	}
	for (i = 0; i < *pfs; i++)
		images_expect_vfs(test, pf[i]);

	/* Nothing is behind the last one. */
	id = images_first_vf(pf[*pfs - 1]) + IMAGES_VFS;
	pci_bus_read_config_dword(pci_find_bus(pci_domain_nr(pf[0]->bus),
					       PCI_BUS_NUM(id)),
				  id & 0xff, PCI_CLASS_REVISION, &id);
	KUNIT_EXPECT_EQ(test, id, ~0U);
	for (i = 0; i < *pfs; i++) {
		fixture_disable_vfs(pf[i]);
		pci_dev_put(pf[i]);
	}
}

static void function_has_no_more_vfs_than_the_limit(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fx->images[2].fn[1].total_vfs = IMAGES_VFS + 1;
	images_expect_refused(fx, -EINVAL);
}

struct images_windows {
	const char *desc;
	u64 window;
	u32 io_window;
	int error;
};

static const struct images_windows images_no_windows[] = {
	{ "not whole MiB", SZ_16M + SZ_4K, 0, -EINVAL },
	{ "I/O, not whole 4 KiB", 0, SZ_4K + SZ_1K, -EINVAL },
	{ "I/O, all that there is", 0, SZ_64K, -EBUSY },
};

static void images_windows_desc(const struct images_windows *windows, char *desc)
{
	strscpy(desc, windows->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(images_windows, images_no_windows, images_windows_desc);

static void window_that_cannot_be_is_refused(struct kunit *test)
{
	const struct images_windows *windows = test->param_value;
	struct fixture *fx = test->priv;

	fx->config.window = windows->window;
	fx->config.io_window = windows->io_window;
	images_expect_refused(fx, windows->error);
}

/* Memory window: the BAR fits if that does. */

static const u64 images_sizes[] = { SZ_4M, SZ_16M };

static void images_size_desc(const u64 *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%llu MiB", *size / SZ_1M);
}

KUNIT_ARRAY_PARAM(images_size, images_sizes, images_size_desc);

static void host_has_the_window_that_was_said(struct kunit *test)
{
	const u64 *size = test->param_value;
	struct fixture *fx = test->priv;
	struct resource *window;
	struct pci_dev *pdev;

	fx->config.window = *size;
	fx->images[0].fn[1].bar[0].size = SZ_8M;
	fixture_start(fx);
	pdev = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	window = images_window(pdev, IORESOURCE_MEM);
	KUNIT_ASSERT_NOT_NULL(test, window);
	KUNIT_EXPECT_EQ(test, resource_size(window), *size);
	KUNIT_EXPECT_EQ(test, !!pdev->resource[0].parent, *size > SZ_8M);
	KUNIT_EXPECT_EQ(test, images_bar0(pdev) != 0, *size > SZ_8M);
	pci_dev_put(pdev);
}

static struct kunit_case images_cases[] = {
	KUNIT_CASE(image_may_have_a_serial_number_of_its_own),
	KUNIT_CASE(other_card_keeps_the_serial_number_of_an_image),
	KUNIT_CASE(card_has_other_ids_at_first),
	KUNIT_CASE(other_ids_end_after_their_time),
	KUNIT_CASE_PARAM(card_is_not_seen_while_its_ids_are_nobodys,
			 images_nobody_gen_params),
	KUNIT_CASE_PARAM(class_decides_whether_the_kernel_gives_addresses,
			 images_class_gen_params),
	KUNIT_CASE(class_has_24_bits),
	KUNIT_CASE_PARAM(io_bar_gets_an_address, images_place_gen_params),
	KUNIT_CASE(host_has_no_io_space_if_not_said),
	KUNIT_CASE_PARAM(bar_that_cannot_be_is_refused, images_bar_gen_params),
	KUNIT_CASE(vfs_have_no_io_bar),
	KUNIT_CASE_PARAM(vfs_are_on_as_many_buses_as_they_take,
			 images_many_gen_params),
	KUNIT_CASE(function_has_no_more_vfs_than_the_limit),
	KUNIT_CASE_PARAM(window_that_cannot_be_is_refused,
			 images_windows_gen_params),
	KUNIT_CASE_PARAM(host_has_the_window_that_was_said,
			 images_size_gen_params),
	{}
};

struct kunit_suite pcie_card_sim_images_suite = {
	.name = "pcie_card_sim_images",
	.init = images_init,
	.exit = fixture_exit,
	.test_cases = images_cases,
};
