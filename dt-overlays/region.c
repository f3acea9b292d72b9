// SPDX-License-Identifier: GPL-2.0-only
/*
 * The properties that an overlay may put to an FPGA region: as in the kernel's
 * binding fpga-region.
 */

#include <linux/errno.h>
#include <linux/fpga/fpga-card.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "blob.h"
#include "region.h"

#define OF_OVL_REGION	"pcie-fpga-region"

enum of_ovl_image_type {
	OF_OVL_IMAGE_STRING,
	OF_OVL_IMAGE_FLAG,
	OF_OVL_IMAGE_U32,
};

/**
 * struct of_ovl_image_prop - a property that an image overlay has
 * @name: its name
 * @type: what its value is
 * @offset: of the field in &struct fpga_card_overlay_info
 */
struct of_ovl_image_prop {
	const char *name;
	enum of_ovl_image_type type;
	size_t offset;
};

#define OF_OVL_IMAGE_PROP(_name, _type, _field)				\
	{ _name, OF_OVL_IMAGE_##_type,					\
	  offsetof(struct fpga_card_overlay_info, _field) }

static const struct of_ovl_image_prop of_ovl_image_props[] = {
	OF_OVL_IMAGE_PROP("firmware-name", STRING, firmware_name),
	OF_OVL_IMAGE_PROP("external-fpga-config", FLAG, external),
	OF_OVL_IMAGE_PROP("partial-fpga-config", FLAG, partial),
	OF_OVL_IMAGE_PROP("encrypted-fpga-config", FLAG, encrypted),
	OF_OVL_IMAGE_PROP("region-freeze-timeout-us", U32, freeze_us),
	OF_OVL_IMAGE_PROP("region-unfreeze-timeout-us", U32, unfreeze_us),
	OF_OVL_IMAGE_PROP("config-complete-timeout-us", U32, complete_us),
};

static const struct of_ovl_image_prop *of_ovl_image_prop(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(of_ovl_image_props); i++) {
		if (!strcmp(of_ovl_image_props[i].name, name))
			return &of_ovl_image_props[i];
	}
	return NULL;
}

/**
 * of_ovl_is_image_prop() - whether a property says what image a region gets
 * @name: name of the property
 *
 * Return: whether it does
 */
bool of_ovl_is_image_prop(const char *name)
{
	return of_ovl_image_prop(name);
}

/**
 * of_ovl_is_region_compatible() - whether a node is a region
 * @prop: its property "compatible", a list of strings
 *
 * Return: whether it is
 */
bool of_ovl_is_region_compatible(const struct of_ovl_prop *prop)
{
	const char *name = prop->value, *end = prop->value + prop->len;

	for (; name < end; name += strlen(name) + 1) {
		if (!strcasecmp(name, OF_OVL_REGION))
			return true;
	}
	return false;
}

static int of_ovl_region_take(struct fpga_card_overlay_info *info,
			      const struct of_ovl_image_prop *image,
			      const struct of_ovl_prop *prop,
			      struct of_ovl_why *why)
{
	void *field = (void *)info + image->offset;

	switch (image->type) {
	case OF_OVL_IMAGE_STRING:
		if (!of_ovl_is_string(prop))
			return of_ovl_refuse(why, "%s is not a string",
					     prop->name);
		*(const char **)field = prop->value;
		return 0;
	case OF_OVL_IMAGE_FLAG:
		if (prop->len)
			return of_ovl_refuse(why, "%s has a value", prop->name);
		*(bool *)field = true;
		return 0;
	default:
		if (prop->len != 4)
			return of_ovl_refuse(why, "%s is not a number",
					     prop->name);
		*(u32 *)field = of_ovl_cell(prop, 0);
		return 0;
	}
}

/**
 * of_ovl_region_info() - what a fragment asks of a region
 * @info: to which it is added
 * @node: what the fragment has for the region
 * @why: why not
 *
 * Return: 0, or -EINVAL
 */
int of_ovl_region_info(struct fpga_card_overlay_info *info,
		       const struct of_ovl_node *node, struct of_ovl_why *why)
{
	const struct of_ovl_image_prop *image;
	const struct of_ovl_prop *prop;
	int ret;

	for (prop = node->props; prop < of_ovl_end(node); prop++) {
		/* The kernel leaves it out. */
		if (!strcmp(prop->name, "phandle"))
			continue;
		image = of_ovl_image_prop(prop->name);
		if (!image)
			return of_ovl_refuse(why,
					     "the property %s cannot be put to an FPGA region",
					     prop->name);
		ret = of_ovl_region_take(info, image, prop, why);
		if (ret)
			return ret;
	}
	return 0;
}
