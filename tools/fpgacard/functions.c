// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI functions of a card, and its serial number.
 */

#include <errno.h>
#include <libudev.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fc.h"

/* What lspci prints has no domain if that is 0. */
void fc_full_bdf(const char *text, char *bdf, size_t size)
{
	const char *colon = strchr(text, ':');

	snprintf(bdf, size, "%s%s", colon && !strchr(colon + 1, ':') ? "0000:" : "",
		 text);
}

static bool fc_is_below(const struct fc_card *card, const char *path)
{
	size_t len = strlen(card->port_path);

	return !strncmp(path, card->port_path, len) && path[len] == '/';
}

bool fc_has_function(const struct fc_card *card, const char *bdf)
{
	char link[PATH_MAX], path[PATH_MAX];

	if (strchr(bdf, '/') || fc_path(link, "/sys/bus/pci/devices", bdf) ||
	    !realpath(link, path))
		return false;
	return fc_is_below(card, path);
}

static void fc_add_id(struct json_object *to, struct udev_device *dev, const char *name)
{
	const char *text = udev_device_get_sysattr_value(dev, name);

	/* Without "0x" */
	fc_add_name(to, name, text && strlen(text) > 2 ? text + 2 : NULL);
}

static struct json_object *fc_function(struct udev_device *dev)
{
	const char *vfs = udev_device_get_sysattr_value(dev, "sriov_numvfs");
	struct json_object *object = fc_object();

	fc_add_string(object, "address", udev_device_get_sysname(dev));
	fc_add_id(object, dev, "vendor");
	fc_add_id(object, dev, "device");
	fc_add_id(object, dev, "class");
	fc_add_name(object, "driver", udev_device_get_driver(dev));
	fc_add_int(object, "vfs", vfs ? strtol(vfs, NULL, 10) : 0);
	return object;
}

static int fc_compare_functions(const void *a, const void *b)
{
	struct json_object *const *left = a, *const *right = b;

	return strverscmp(json_object_get_string(json_object_object_get(*left, "address")),
			  json_object_get_string(json_object_object_get(*right, "address")));
}

static void fc_collect_functions(const struct fc_card *card, struct udev *udev,
				 struct udev_enumerate *devices, struct json_object *array)
{
	struct udev_list_entry *entry;
	struct udev_device *dev;
	const char *path;

	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(devices)) {
		path = udev_list_entry_get_name(entry);
		if (!fc_is_below(card, path))
			continue;
		dev = udev_device_new_from_syspath(udev, path);
		/* It may have gone meanwhile. */
		if (dev)
			fc_append(array, fc_function(dev));
		udev_device_unref(dev);
	}
}

/* All that is below the port, bridges too */
struct json_object *fc_functions(const struct fc_card *card)
{
	struct json_object *array = fc_array();
	struct udev_enumerate *devices = NULL;
	struct udev *udev = udev_new();

	if (udev)
		devices = udev_enumerate_new(udev);
	if (!devices)
		fc_no_memory();
	if (udev_enumerate_add_match_subsystem(devices, "pci") >= 0 &&
	    udev_enumerate_scan_devices(devices) >= 0)
		fc_collect_functions(card, udev, devices, array);
	udev_enumerate_unref(devices);
	udev_unref(udev);
	json_object_array_sort(array, fc_compare_functions);
	return array;
}

/* libpci expects that this does not return. */
static jmp_buf fc_pci_failed;

static __noreturn void fc_pci_error(char *fmt, ...)
{
	(void)fmt;
	longjmp(fc_pci_failed, 1);
}

static void fc_pci_ignore(char *fmt, ...)
{
	(void)fmt;
}

/* PCIe r6.0, section 7.9.3: the number is in the two words behind the header. */
static void fc_read_serial(struct pci_access *access, const char *bdf, char *serial,
			   size_t size)
{
	unsigned int domain, bus, slot, fn;
	struct pci_dev *dev;
	struct pci_cap *cap;

	if (sscanf(bdf, "%x:%x:%x.%x", &domain, &bus, &slot, &fn) != 4)
		return;
	dev = pci_get_dev(access, (int)domain, (int)bus, (int)slot, (int)fn);
	cap = pci_find_cap(dev, PCI_EXT_CAP_ID_DSN, PCI_CAP_EXTENDED);
	if (cap)
		snprintf(serial, size, "%08x%08x", pci_read_long(dev, (int)cap->addr + 8),
			 pci_read_long(dev, (int)cap->addr + 4));
	pci_free_dev(dev);
}

/* Of the first function that has one; without privileges there is none to be seen. */
void fc_find_serial(struct fc_card *card)
{
	struct json_object *functions = fc_functions(card);
	struct pci_access *access = pci_alloc();
	struct json_object *function;
	size_t i;

	access->method = PCI_ACCESS_SYS_BUS_PCI;
	access->error = fc_pci_error;
	access->warning = fc_pci_ignore;
	if (!setjmp(fc_pci_failed)) {
		pci_init(access);
		for (i = 0; !card->serial[0] && i < json_object_array_length(functions); i++) {
			function = json_object_array_get_idx(functions, i);
			fc_read_serial(access,
				       json_object_get_string(json_object_object_get(function,
										     "address")),
				       card->serial, sizeof(card->serial));
		}
	}
	pci_cleanup(access);
	json_object_put(functions);
}
