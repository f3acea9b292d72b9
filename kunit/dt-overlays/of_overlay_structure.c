// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the loader of overlays says of each way in which the structure of one, or
 * what is in its nodes, can be wrong.
 */

#include <kunit/test.h>
#include <linux/libfdt.h>
#include <linux/string.h>

#include "dt-overlays/blob.h"
#include "kunit/fixtures/overlay-blob.h"
#include "kunit/dt-overlays/suites.h"

/* The header and the blocks */

#define BYTES(_name, _body)						\
static size_t bytes_##_name(void *data, size_t len)			\
{									\
	struct fdt_header *h __maybe_unused = data;			\
	_body;								\
	return len;							\
}

static size_t bytes_name_outside(void *data, size_t len)
{
	overlay_put_field(data + fdt_off_dt_struct(data), 8, 0x7fffffff);
	return len;
}

static size_t bytes_reserves(void *data, size_t len)
{
	memset(data + sizeof(struct fdt_header), 1, 16);
	memset(data + fdt_off_dt_struct(data), 0, 16);
	return len;
}

static size_t bytes_strings_in_structure(void *data, size_t len)
{
	overlay_put_field(data, 3, fdt_off_dt_struct(data) + 8);
	return len;
}

BYTES(none, len = 0)
BYTES(stump, len = sizeof(*h) - 1)
BYTES(magic, overlay_put_field(data, 0, 0xd00dfee0))
BYTES(short, len--)
BYTES(long, len++)
BYTES(large, overlay_put_field(data, 1, OF_OVL_SIZE_MAX + 1); len = OF_OVL_SIZE_MAX + 1)
BYTES(old, overlay_put_field(data, 5, 16))
BYTES(new, overlay_put_field(data, 5, 19); overlay_put_field(data, 6, 18))
BYTES(newer, overlay_put_field(data, 5, 18))
BYTES(structure_outside, overlay_put_field(data, 2, len & ~3UL))
BYTES(structure_wraps, overlay_put_field(data, 9, 0xfffffff0))
BYTES(strings_outside, overlay_put_field(data, 8, len))
BYTES(unaligned, overlay_put_field(data, 2, fdt_off_dt_struct(data) + 2))
BYTES(reserve_outside, overlay_put_field(data, 4, ALIGN(len, 8) - 8))
BYTES(reserve_unaligned, overlay_put_field(data, 4, 44))
BYTES(structure_in_header, overlay_put_field(data, 9, len - 8); overlay_put_field(data, 2, 8))
BYTES(strings_not_ended, overlay_put_field(data, 8, fdt_size_dt_strings(data) - 1))
BYTES(structure_cut, overlay_put_field(data, 9, fdt_size_dt_struct(data) - 4))

/* The structure */

static void tail_none(struct overlay_builder *b)
{
	overlay_end(b);
}

static void tail_open(struct overlay_builder *b)
{
	overlay_put(b, FDT_END);
}

static void tail_ends_twice(struct overlay_builder *b)
{
	overlay_end(b);
	overlay_end(b);
	overlay_put(b, FDT_END);
}

static void tail_two_roots(struct overlay_builder *b)
{
	overlay_end(b);
	overlay_begin(b, "");
	overlay_end(b);
	overlay_put(b, FDT_END);
}

static void tail_prop(struct overlay_builder *b)
{
	overlay_end(b);
	overlay_cell(b, "x", 0);
	overlay_put(b, FDT_END);
}

static void tail_token(struct overlay_builder *b)
{
	overlay_put(b, 5);
	tail_none(b);
	overlay_put(b, FDT_END);
}

static void tail_nops(struct overlay_builder *b)
{
	overlay_put(b, FDT_NOP);
	overlay_end(b);
	overlay_put(b, FDT_NOP);
	overlay_put(b, FDT_END);
}

NODE(node_empty, "")
NODE(node_slash, "a/b")
NODE(node_dots, "..")
NODE(node_at, "@1")
NODE(node_at_end, "a@")
NODE(node_two_at, "a@1@2")
NODE(node_space, "a b")
NODE(node_high, "a\377")

NODE(node_plain, "clock")

static void node_long(struct overlay_builder *b)
{
	char name[OF_OVL_NAME_MAX + 2];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	overlay_begin(b, name);
	overlay_end(b);
}

static void node_twice(struct overlay_builder *b)
{
	overlay_begin(b, "clock");
	overlay_end(b);
	overlay_begin(b, "CLOCK");
	overlay_end(b);
}

static void prop_late(struct overlay_builder *b)
{
	overlay_begin(b, "clock");
	overlay_end(b);
	overlay_cell(b, "late", 0);
}

/* __overlay__ is at depth 2. */
static void nodes_deep(struct overlay_builder *b, unsigned int depth)
{
	unsigned int i;

	for (i = 2; i < depth; i++)
		overlay_begin(b, "deep");
	for (i = 2; i < depth; i++)
		overlay_end(b);
}

static void nodes_too_deep(struct overlay_builder *b)
{
	nodes_deep(b, OF_OVL_DEPTH_MAX + 1);
}

static void nodes_deepest(struct overlay_builder *b)
{
	nodes_deep(b, OF_OVL_DEPTH_MAX);
}

static void nodes_many(struct overlay_builder *b)
{
	char name[16];
	unsigned int i;

	for (i = 0; i < OF_OVL_NODES_MAX; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		overlay_begin(b, name);
		overlay_end(b);
	}
}

static void props_many(struct overlay_builder *b)
{
	char name[16];
	unsigned int i;

	for (i = 0; i < OF_OVL_PROPS_MAX; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		overlay_prop(b, name, NULL, 0);
	}
}

PROP(prop_twice, "firmware-name", "other", 6)
PROP(prop_no_name, "", "", 0)
PROP(prop_slash, "a/b", "", 0)
PROP(prop_name, "name", "x", 2)
PROP(prop_linux_phandle, "linux,phandle", "\0\0\0\1", 4)
PROP(prop_ibm_phandle, "ibm,phandle", "\0\0\0\1", 4)
PROP(prop_phandle_short, "phandle", "\0\0\1", 3)
PROP(prop_phandle_none, "phandle", "\0\0\0\0", 4)
PROP(prop_phandle_all, "phandle", "\377\377\377\377", 4)
PROP(prop_phandle_dead, "phandle", "\xde\xad\xbe\xef", 4)
PROP(prop_phandle, "phandle", "\0\0\0\1", 4)
PROP(prop_compatible_open, "compatible", "abc", 3)
PROP(prop_compatible_empty, "compatible", "", 0)
PROP(prop_compatible_gap, "compatible", "a\0\0b", 5)
PROP(prop_compatible_list, "compatible", "a\0b", 4)
PROP(prop_status_open, "status", "okay", 4)
PROP(prop_status_two, "status", "okay\0ok", 8)
PROP(prop_type_open, "device_type", "pci", 3)
PROP(prop_address_short, "#address-cells", "\0\0", 2)
PROP(prop_address_many, "#address-cells", "\0\0\0\5", 4)
PROP(prop_size_many, "#size-cells", "\0\0\0\5", 4)
PROP(prop_interrupt_many, "#interrupt-cells", "\0\0\0\15", 4)
PROP(prop_clock_many, "#clock-cells", "\0\0\0\21", 4)

static void phandle_twice(struct overlay_builder *b)
{
	overlay_begin(b, "a");
	prop_phandle(b);
	overlay_end(b);
	overlay_begin(b, "b");
	prop_phandle(b);
	overlay_end(b);
}

/* Fragments */

static void target_none(struct overlay_builder *b)
{
}

static void target_both(struct overlay_builder *b)
{
	overlay_cell(b, "target", 1);
	overlay_string(b, "target-path", "/region");
}

PROP(target_short, "target", "\0\0\1", 3)
PROP(target_long, "target", "\0\0\0\1\0\0\0\1", 8)
PROP(target_number, "target", "\0\0\0\1", 4)
PROP(target_path_open, "target-path", "/region", 7)
PROP(target_path_empty, "target-path", "", 1)
PROP(target_path_alias, "target-path", "region", 7)
PROP(target_path_options, "target-path", "/region:x", 10)
PROP(target_phandle, "phandle", "\0\0\0\1", 4)

static void target_with_phandle(struct overlay_builder *b)
{
	overlay_string(b, "target-path", "/region");
	target_phandle(b);
}

static void target_with_node(struct overlay_builder *b)
{
	overlay_string(b, "target-path", "/region");
	node_plain(b);
}

static void target_overlay_twice(struct overlay_builder *b)
{
	overlay_string(b, "target-path", "/region");
	overlay_begin(b, "__overlay__@1");
	overlay_end(b);
}

NODE(behind_no_fragment, "fragment@1")
NODE(behind_unknown, "__symbols__@1")

/* A region that comes with its image */

static void nodes_region(struct overlay_builder *b)
{
	overlay_begin(b, "fpga-region");
	overlay_string(b, "compatible", "pcie-fpga-region");
	overlay_string(b, "firmware-name", "user");
	overlay_end(b);
}

static void nodes_plain_region(struct overlay_builder *b)
{
	overlay_begin(b, "fpga-region");
	overlay_string(b, "compatible", "pcie-fpga-region");
	overlay_end(b);
}

static const struct overlay_case overlay_cases[] = {
	{ .name = "good" },
	OVERLAY_CASE("good: no operations", NULL, tail, tail_nops),
	OVERLAY_CASE("good: newer and compatible", NULL, bytes, bytes_newer),
	OVERLAY_CASE("good: deep", NULL, nodes, nodes_deepest),
	OVERLAY_CASE("good: list of compatibles", NULL,
		     props, prop_compatible_list),
	OVERLAY_CASE("good: phandle", NULL, props, prop_phandle),
	OVERLAY_CASE("good: region without image", NULL,
		     nodes, nodes_plain_region),

	OVERLAY_CASE("no bytes", "0 bytes are too few", bytes, bytes_none),
	OVERLAY_CASE("stump", "39 bytes are too few", bytes, bytes_stump),
	OVERLAY_CASE("magic", "no compiled overlay", bytes, bytes_magic),
	OVERLAY_CASE("short", "truncated", bytes, bytes_short),
	OVERLAY_CASE("long", "1 follow that are not part", bytes, bytes_long),
	OVERLAY_CASE("large", "more than 1048576 bytes", bytes, bytes_large),
	OVERLAY_CASE("old version", "version 16, compatible", bytes, bytes_old),
	OVERLAY_CASE("new version", "version 19, compatible with 18",
		     bytes, bytes_new),
	OVERLAY_CASE("structure outside", "points outside",
		     bytes, bytes_structure_outside),
	OVERLAY_CASE("structure wraps", "points outside",
		     bytes, bytes_structure_wraps),
	OVERLAY_CASE("strings outside", "points outside",
		     bytes, bytes_strings_outside),
	OVERLAY_CASE("structure unaligned", "not aligned",
		     bytes, bytes_unaligned),
	OVERLAY_CASE("reserve map outside", "memory reserve map has no end",
		     bytes, bytes_reserve_outside),
	OVERLAY_CASE("reserve map unaligned", "not aligned",
		     bytes, bytes_reserve_unaligned),
	OVERLAY_CASE("reserves memory", "reserves memory",
		     bytes, bytes_reserves),
	OVERLAY_CASE("strings in structure", "structure and strings overlap",
		     bytes, bytes_strings_in_structure),
	OVERLAY_CASE("structure in header", "points outside",
		     bytes, bytes_structure_in_header),
	OVERLAY_CASE("last string without end",
		     "whose name the kernel cannot take",
		     bytes, bytes_strings_not_ended),
	OVERLAY_CASE("name outside of strings",
		     "whose name the kernel cannot take",
		     bytes, bytes_name_outside),

	OVERLAY_CASE("structure cut", "damaged at offset",
		     bytes, bytes_structure_cut),
	OVERLAY_CASE("no end", "damaged at offset", tail, tail_none),
	OVERLAY_CASE("unknown token", "damaged at offset", tail, tail_token),
	OVERLAY_CASE("open nodes", "does not end all nodes", tail, tail_open),
	OVERLAY_CASE("too many ends", "ends a node that it has not begun",
		     tail, tail_ends_twice),
	OVERLAY_CASE("two roots", "more than one root", tail, tail_two_roots),
	OVERLAY_CASE("property outside", "property outside of its root",
		     tail, tail_prop),
	OVERLAY_CASE("node without name",
		     "node whose name the kernel cannot take",
		     nodes, node_empty),
	OVERLAY_CASE("node with slash",
		     "node whose name the kernel cannot take",
		     nodes, node_slash),
	OVERLAY_CASE("node of dots", "node whose name the kernel cannot take",
		     nodes, node_dots),
	OVERLAY_CASE("node of an address",
		     "node whose name the kernel cannot take",
		     nodes, node_at),
	OVERLAY_CASE("node, empty address",
		     "node whose name the kernel cannot take",
		     nodes, node_at_end),
	OVERLAY_CASE("node, two addresses",
		     "node whose name the kernel cannot take",
		     nodes, node_two_at),
	OVERLAY_CASE("node with space",
		     "node whose name the kernel cannot take",
		     nodes, node_space),
	OVERLAY_CASE("node beyond ASCII",
		     "node whose name the kernel cannot take",
		     nodes, node_high),
	OVERLAY_CASE("node with long name",
		     "node whose name the kernel cannot take",
		     nodes, node_long),
	OVERLAY_CASE("node twice, by case", "has the node CLOCK twice",
		     nodes, node_twice),
	OVERLAY_CASE("too deep", "nodes more than 62 deep",
		     nodes, nodes_too_deep),
	OVERLAY_CASE("too many nodes", "2051 nodes, more than 2048",
		     nodes, nodes_many),
	OVERLAY_CASE("too many properties", "4098 properties, more than 4096",
		     props, props_many),
	OVERLAY_CASE("property behind nodes", "property late behind its nodes",
		     nodes, prop_late),
	OVERLAY_CASE("property twice", "property firmware-name twice",
		     props, prop_twice),
	OVERLAY_CASE("property without name", "property whose name",
		     props, prop_no_name),
	OVERLAY_CASE("property with slash", "property whose name",
		     props, prop_slash),

	OVERLAY_CASE("name", "which the kernel makes itself", props, prop_name),
	OVERLAY_CASE("name in the root", "which the kernel makes itself",
		     root, prop_name),
	OVERLAY_CASE("linux,phandle", "dtc -H epapr",
		     props, prop_linux_phandle),
	OVERLAY_CASE("ibm,phandle", "dtc -H epapr", props, prop_ibm_phandle),
	OVERLAY_CASE("short phandle", "3 bytes instead of 4",
		     props, prop_phandle_short),
	OVERLAY_CASE("phandle 0", "0x0, which stands for none",
		     props, prop_phandle_none),
	OVERLAY_CASE("phandle -1", "0xffffffff, which stands for none",
		     props, prop_phandle_all),
	OVERLAY_CASE("phandle, illegal", "0xdeadbeef, which stands for none",
		     props, prop_phandle_dead),
	OVERLAY_CASE("phandle twice",
		     "phandle 0x1 of /fragment@0/__overlay__/b",
		     nodes, phandle_twice),
	OVERLAY_CASE("phandle of the root", "only nodes of the live tree",
		     root, prop_phandle),
	OVERLAY_CASE("phandle of a fragment", "only nodes of the live tree",
		     target, target_with_phandle),
	OVERLAY_CASE("compatible open", "compatible of",
		     props, prop_compatible_open),
	OVERLAY_CASE("compatible empty", "compatible of",
		     props, prop_compatible_empty),
	OVERLAY_CASE("compatible with gap", "compatible of",
		     props, prop_compatible_gap),
	OVERLAY_CASE("status open", "status of", props, prop_status_open),
	OVERLAY_CASE("status twice", "status of", props, prop_status_two),
	OVERLAY_CASE("type open", "device_type of", props, prop_type_open),
	OVERLAY_CASE("address cells short", "#address-cells of",
		     props, prop_address_short),
	OVERLAY_CASE("address cells", "is not a number up to 4",
		     props, prop_address_many),
	OVERLAY_CASE("size cells", "is not a number up to 4",
		     props, prop_size_many),
	OVERLAY_CASE("interrupt cells", "is not a number up to 12",
		     props, prop_interrupt_many),
	OVERLAY_CASE("clock cells", "is not a number up to 16",
		     props, prop_clock_many),
	OVERLAY_CASE("region with image", "takes another overlay",
		     nodes, nodes_region),

	OVERLAY_CASE("no target", "has no target", target, target_none),
	OVERLAY_CASE("two targets", "both target and target-path",
		     target, target_both),
	OVERLAY_CASE("short target", "is not one phandle",
		     target, target_short),
	OVERLAY_CASE("long target", "is not one phandle", target, target_long),
	OVERLAY_CASE("target is a number", "is a number",
		     target, target_number),
	OVERLAY_CASE("path open", "is not the path of a node",
		     target, target_path_open),
	OVERLAY_CASE("path empty", "is not the path of a node",
		     target, target_path_empty),
	OVERLAY_CASE("path is an alias", "is not the path of a node",
		     target, target_path_alias),
	OVERLAY_CASE("path with options", "is not the path of a node",
		     target, target_path_options),
	OVERLAY_CASE("node in a fragment", "node besides __overlay__: clock",
		     target, target_with_node),
	OVERLAY_CASE("two contents", "node besides __overlay__: __overlay__@1",
		     target, target_overlay_twice),
	OVERLAY_CASE("no content", "no node __overlay__",
		     behind, behind_no_fragment),
	OVERLAY_CASE("unknown at the top", "neither a fragment nor",
		     behind, behind_unknown),
};

KUNIT_ARRAY_PARAM(overlay, overlay_cases, overlay_describe);

static struct kunit_case overlay_structure_cases[] = {
	KUNIT_CASE_PARAM(overlay_check, overlay_gen_params),
	{}
};

struct kunit_suite overlay_structure_suite = {
	.name = "of_overlay_structure",
	.init = overlay_init,
	.exit = overlay_exit,
	.test_cases = overlay_structure_cases,
};
