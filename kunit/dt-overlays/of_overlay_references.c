// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the loader of overlays says of each way in which the references in one can
 * be wrong: the kernel writes to where they say.
 */

#include <kunit/test.h>
#include <linux/string.h>

#include "dt-overlays/blob.h"
#include "kunit/fixtures/overlay-blob.h"
#include "kunit/dt-overlays/suites.h"

NODE(node_plain, "clock")
PROP(prop_phandle, "phandle", "\0\0\0\1", 4)
PROP(target_number, "target", "\0\0\0\1", 4)

static void fixup(struct overlay_builder *b, const char *label,
		  const void *value, u32 len)
{
	overlay_begin(b, "__fixups__");
	overlay_prop(b, label, value, len);
	overlay_end(b);
}

#define FIXUP(_fn, _label, _value)					\
static void _fn(struct overlay_builder *b)				\
{									\
	fixup(b, _label, _value, sizeof(_value));			\
}

PROP(prop_clocks, "clocks", "\0\0\0\0\0\0\0\0", 8)

static void fixup_two(struct overlay_builder *b)
{
	static const char places[] =
		"/fragment@0/__overlay__:clocks:4\0/fragment@0/__overlay__:clocks:0";

	fixup(b, "clk", places, sizeof(places));
}

static void fixup_same(struct overlay_builder *b)
{
	static const char places[] =
		"/fragment@0/__overlay__:clocks:4\0/fragment@0/__overlay__:clocks:4";

	fixup(b, "clk", places, sizeof(places));
}

FIXUP(fixup_good, "clk", "/fragment@0/__overlay__:clocks:4")
FIXUP(fixup_target, "region", "/fragment@0:target:0")
FIXUP(fixup_node, "clk", "/fragment@1/__overlay__:clocks:4")
FIXUP(fixup_relative, "clk", "fragment@0/__overlay__:clocks:4")
FIXUP(fixup_prop, "clk", "/fragment@0/__overlay__:clock:4")
FIXUP(fixup_beyond, "clk", "/fragment@0/__overlay__:clocks:5")
FIXUP(fixup_far, "clk", "/fragment@0/__overlay__:clocks:4294967292")
FIXUP(fixup_negative, "clk", "/fragment@0/__overlay__:clocks:-4")
FIXUP(fixup_unaligned, "clk", "/fragment@0/__overlay__:clocks:2")
FIXUP(fixup_no_offset, "clk", "/fragment@0/__overlay__:clocks:")
FIXUP(fixup_no_colon, "clk", "/fragment@0/__overlay__:clocks")
FIXUP(fixup_no_prop, "clk", "/fragment@0/__overlay__")
FIXUP(fixup_junk, "clk", "/fragment@0/__overlay__:clocks:4x")
FIXUP(fixup_newline, "clk", "/fragment@0/__overlay__:clocks:4\n")
FIXUP(fixup_path, "clk", "/fragment@0:target-path:0")
FIXUP(fixup_itself, "clk", "/__fixups__:clk:0")
FIXUP(fixup_image, "clk", "/fragment@0/__overlay__:firmware-name:0")
FIXUP(fixup_label, "c,k", "/fragment@0/__overlay__:clocks:4")
FIXUP(fixup_digit, "1k", "/fragment@0/__overlay__:clocks:4")
FIXUP(fixup_empty, "clk", "")

static void fixup_open(struct overlay_builder *b)
{
	fixup(b, "clk", "/fragment@0/__overlay__:clocks:4", 32);
}

static void fixup_no_value(struct overlay_builder *b)
{
	fixup(b, "clk", "", 0);
}

static void fixup_phandle(struct overlay_builder *b)
{
	fixup(b, "phandle", "\0\0\0\1", 4);
}

NODE(fixups_none, "__fixups__")

static void fixups_nodes(struct overlay_builder *b)
{
	overlay_begin(b, "__fixups__");
	node_plain(b);
	overlay_end(b);
}

/* clock has phandle 1, and user refers to it. */
static void nodes_local(struct overlay_builder *b)
{
	overlay_begin(b, "clock");
	prop_phandle(b);
	overlay_end(b);
	overlay_begin(b, "user");
	overlay_prop(b, "clocks", "\0\0\0\1\0\0\0\2", 8);
	overlay_end(b);
}

static void local(struct overlay_builder *b, const char *node,
		  const char *name, const void *value, u32 len)
{
	overlay_begin(b, "__local_fixups__");
	overlay_begin(b, "fragment@0");
	overlay_begin(b, "__overlay__");
	overlay_begin(b, node);
	overlay_prop(b, name, value, len);
	overlay_end(b);
	overlay_end(b);
	overlay_end(b);
	overlay_end(b);
}

#define LOCAL(_fn, _node, _name, _value, _len)				\
static void _fn(struct overlay_builder *b)				\
{									\
	local(b, _node, _name, _value, _len);				\
}

LOCAL(local_good, "user", "clocks", "\0\0\0\0", 4)
LOCAL(local_dangling, "user", "clocks", "\0\0\0\4", 4)
LOCAL(local_twice, "user", "clocks", "\0\0\0\0\0\0\0\0", 8)
LOCAL(local_beyond, "user", "clocks", "\0\0\0\10", 4)
LOCAL(local_wraps, "user", "clocks", "\377\377\377\374", 4)
LOCAL(local_unaligned, "user", "clocks", "\0\0\0\2", 4)
LOCAL(local_short, "user", "clocks", "\0\0\0", 3)
LOCAL(local_empty, "user", "clocks", "", 0)
LOCAL(local_prop, "user", "clock", "\0\0\0\0", 4)
LOCAL(local_node, "usher", "clocks", "\0\0\0\0", 4)
LOCAL(local_case, "USER", "clocks", "\0\0\0\0", 4)
LOCAL(local_phandle, "clock", "phandle", "\0\0\0\0", 4)

static void local_fragment(struct overlay_builder *b)
{
	overlay_begin(b, "__local_fixups__");
	overlay_begin(b, "fragment@0");
	overlay_cell(b, "target-path", 0);
	overlay_end(b);
	overlay_end(b);
}

static void local_and_fixup(struct overlay_builder *b)
{
	local_good(b);
	fixup(b, "clk", "/fragment@0/__overlay__/user:clocks:0", 38);
}

static void symbol(struct overlay_builder *b, const char *label,
		   const void *value, u32 len)
{
	overlay_begin(b, "__symbols__");
	overlay_prop(b, label, value, len);
	overlay_end(b);
}

#define SYMBOL(_fn, _label, _value)					\
static void _fn(struct overlay_builder *b)				\
{									\
	symbol(b, _label, _value, sizeof(_value));			\
}

SYMBOL(symbol_good, "clk", "/fragment@0/__overlay__/clock")
SYMBOL(symbol_top, "region", "/fragment@0/__overlay__")
SYMBOL(symbol_fragment, "clk", "/fragment@0")
SYMBOL(symbol_nowhere, "clk", "/fragment@0/__overlay__/clok")
SYMBOL(symbol_slash, "clk", "/fragment@0/__overlay__/")
SYMBOL(symbol_two, "clk", "/fragment@0/__overlay__/clock\0x")
SYMBOL(symbol_label, "c-k", "/fragment@0/__overlay__/clock")

static void symbol_open(struct overlay_builder *b)
{
	symbol(b, "clk", "/fragment@0/__overlay__/clock", 29);
}

static void symbols_nodes(struct overlay_builder *b)
{
	overlay_begin(b, "__symbols__");
	node_plain(b);
	overlay_end(b);
}

static const struct overlay_case overlay_cases[] = {
	{ .name = "good: fixup", .props = prop_clocks, .behind = fixup_good },
	{ .name = "good: fixups", .props = prop_clocks, .behind = fixup_two },
	{ .name = "good: target", .target = target_number,
	  .behind = fixup_target },
	{ .name = "good: local", .nodes = nodes_local, .behind = local_good },
	{ .name = "good: symbol", .nodes = nodes_local, .behind = symbol_good },
	{ .name = "good: symbol of the target", .behind = symbol_top },

	{ .name = "fixup twice", .why = "two references are at byte 4",
	  .props = prop_clocks, .behind = fixup_same },
	{ .name = "fixup of no node", .why = "a node that is not there",
	  .props = prop_clocks, .behind = fixup_node },
	{ .name = "fixup of no path", .why = "a node that is not there",
	  .props = prop_clocks, .behind = fixup_relative },
	{ .name = "fixup of no property", .why = "a property that is not there",
	  .props = prop_clocks, .behind = fixup_prop },
	{ .name = "fixup beyond", .why = "at byte 5 of",
	  .props = prop_clocks, .behind = fixup_beyond },
	{ .name = "fixup far beyond", .why = "at byte 4294967292 of",
	  .props = prop_clocks, .behind = fixup_far },
	{ .name = "fixup before", .why = "not path:property:offset",
	  .props = prop_clocks, .behind = fixup_negative },
	{ .name = "fixup unaligned", .why = "at byte 2 of",
	  .props = prop_clocks, .behind = fixup_unaligned },
	{ .name = "fixup without offset", .why = "not path:property:offset",
	  .props = prop_clocks, .behind = fixup_no_offset },
	{ .name = "fixup without colon", .why = "not path:property:offset",
	  .props = prop_clocks, .behind = fixup_no_colon },
	{ .name = "fixup without property", .why = "a node that is not there",
	  .props = prop_clocks, .behind = fixup_no_prop },
	{ .name = "fixup with junk", .why = "not path:property:offset",
	  .props = prop_clocks, .behind = fixup_junk },
	{ .name = "fixup with newline", .why = "not path:property:offset",
	  .props = prop_clocks, .behind = fixup_newline },
	{ .name = "fixup of a path", .why = "outside of the fragments",
	  .behind = fixup_path },
	{ .name = "fixup of fixups", .why = "outside of the fragments",
	  .behind = fixup_itself },
	{ .name = "fixup of the image", .why = "cannot have references",
	  .behind = fixup_image },
	{ .name = "fixup, label with comma", .why = "no label: c,k",
	  .props = prop_clocks, .behind = fixup_label },
	{ .name = "fixup, label with digit", .why = "no label: 1k",
	  .props = prop_clocks, .behind = fixup_digit },
	{ .name = "fixup, open", .why = "are not strings",
	  .props = prop_clocks, .behind = fixup_open },
	{ .name = "fixup, empty", .why = "are not strings",
	  .props = prop_clocks, .behind = fixup_empty },
	{ .name = "fixup, no value", .why = "are not strings",
	  .props = prop_clocks, .behind = fixup_no_value },
	{ .name = "fixup called phandle", .why = "only nodes of the live tree",
	  .behind = fixup_phandle },
	OVERLAY_CASE("no fixups", "/__fixups__ is empty", behind, fixups_none),
	OVERLAY_CASE("nodes in fixups", "/__fixups__ has nodes",
		     behind, fixups_nodes),

	{ .name = "local, dangling", .why = "that the overlay does not make",
	  .nodes = nodes_local, .behind = local_dangling },
	{ .name = "local, twice", .why = "two references are at byte 0",
	  .nodes = nodes_local, .behind = local_twice },
	{ .name = "local, beyond", .why = "at byte 8 of",
	  .nodes = nodes_local, .behind = local_beyond },
	{ .name = "local, wraps", .why = "at byte 4294967292 of",
	  .nodes = nodes_local, .behind = local_wraps },
	{ .name = "local, unaligned", .why = "at byte 2 of",
	  .nodes = nodes_local, .behind = local_unaligned },
	{ .name = "local, short", .why = "has no offsets for",
	  .nodes = nodes_local, .behind = local_short },
	{ .name = "local, empty", .why = "has no offsets for",
	  .nodes = nodes_local, .behind = local_empty },
	{ .name = "local, no property", .why = "clock, which is not there",
	  .nodes = nodes_local, .behind = local_prop },
	{ .name = "local, no node", .why = "has no counterpart",
	  .nodes = nodes_local, .behind = local_node },
	{ .name = "local, other case", .why = "has no counterpart",
	  .nodes = nodes_local, .behind = local_case },
	{ .name = "local, phandle", .why = "only nodes of the live tree",
	  .nodes = nodes_local, .behind = local_phandle },
	{ .name = "local, fragment", .why = "references to the overlay itself",
	  .nodes = nodes_local, .behind = local_fragment },
	{ .name = "local and fixup", .why = "two references are at byte 0",
	  .nodes = nodes_local, .behind = local_and_fixup },

	{ .name = "symbol of a fragment", .why = "comes into the live tree",
	  .nodes = nodes_local, .behind = symbol_fragment },
	{ .name = "symbol of no node", .why = "comes into the live tree",
	  .nodes = nodes_local, .behind = symbol_nowhere },
	{ .name = "symbol with slash", .why = "comes into the live tree",
	  .nodes = nodes_local, .behind = symbol_slash },
	{ .name = "symbol of two", .why = "comes into the live tree",
	  .nodes = nodes_local, .behind = symbol_two },
	{ .name = "symbol, open", .why = "comes into the live tree",
	  .nodes = nodes_local, .behind = symbol_open },
	{ .name = "symbol, no label", .why = "no label: c-k",
	  .nodes = nodes_local, .behind = symbol_label },
	OVERLAY_CASE("nodes in symbols", "/__symbols__ has nodes",
		     behind, symbols_nodes),
};

/* One that has all that overlays can have. */
const struct overlay_case overlay_rich = {
	.target = target_number,
	.nodes = nodes_local,
	.behind = fixup_target,
};

KUNIT_ARRAY_PARAM(overlay, overlay_cases, overlay_describe);

static struct kunit_case overlay_references_cases[] = {
	KUNIT_CASE_PARAM(overlay_check, overlay_gen_params),
	{}
};

struct kunit_suite overlay_references_suite = {
	.name = "of_overlay_references",
	.init = overlay_init,
	.exit = overlay_exit,
	.test_cases = overlay_references_cases,
};
