// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loader of overlays and what is damaged: each way has its sentence, and no
 * bit makes it look elsewhere.
 */

#include <kunit/test.h>
#include <linux/libfdt.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat/kunit.h"
#include "dt-overlays/blob.h"
#include "kunit/fixtures/overlay-blob.h"
#include "kunit/dt-overlays/suites.h"

/* For the parameters. */
void overlay_describe(const struct overlay_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

/**
 * struct overlay_test - memory of a case
 * @builder: makes the overlay
 * @data: what it made
 * @len: how many bytes
 */
struct overlay_test {
	struct overlay_builder builder;
	u8 data[OF_OVL_SIZE_MAX + 8] __aligned(8);
	size_t len;
};

int overlay_init(struct kunit *test)
{
	struct overlay_test *t = kvzalloc(sizeof(*t), GFP_KERNEL);

	test->priv = t;
	return t ? 0 : -ENOMEM;
}

void overlay_exit(struct kunit *test)
{
	kvfree(test->priv);
}

/* In memory of exactly that size, so that who reads beyond it is seen. */
static int overlay_parse(struct kunit *test, const void *data, size_t len,
			 struct of_ovl_why *why)
{
	struct of_ovl_blob blob;
	void *copy;
	int ret;

	copy = kvmalloc(len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, data, len);
	ret = of_ovl_blob_parse(&blob, copy, len, why);
	of_ovl_blob_free(&blob);
	kvfree(copy);
	return ret;
}

/* What is wrong is said. */
void overlay_check(struct kunit *test)
{
	const struct overlay_case *c = test->param_value;
	struct overlay_test *t = test->priv;
	struct of_ovl_why why;
	int ret;

	t->len = overlay_make(c, &t->builder, t->data);
	ret = overlay_parse(test, t->data, t->len, &why);
	if (!c->why) {
		KUNIT_EXPECT_EQ_MSG(test, ret, 0, "%s", why.text);
		return;
	}
	KUNIT_EXPECT_EQ(test, ret, -EINVAL);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why.text, c->why),
				  "it says: %s", why.text);
}

static void what_is_truncated_is_refused(struct kunit *test)
{
	struct overlay_test *t = test->priv;
	struct of_ovl_why why;
	size_t len;

	t->len = overlay_make(&overlay_rich, &t->builder, t->data);
	KUNIT_ASSERT_EQ(test, overlay_parse(test, t->data, t->len, &why), 0);
	for (len = 0; len < t->len; len++) {
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    overlay_parse(test, t->data, len, &why),
				    "length %zu", len);
		/* And if it does not know. */
		if (len < sizeof(struct fdt_header))
			continue;
		overlay_put_field(t->data, 1, len);
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    overlay_parse(test, t->data, len, &why),
				    "length %zu of as many", len);
		overlay_put_field(t->data, 1, t->len);
	}
}

/* Whatever comes of it: no access beyond it, and a sentence if it is refused. */
static void no_bit_goes_astray(struct kunit *test)
{
	struct overlay_test *t = test->priv;
	unsigned int refused = 0;
	struct of_ovl_why why;
	size_t i;

	t->len = overlay_make(&overlay_rich, &t->builder, t->data);
	for (i = 0; i < 8 * t->len; i++) {
		t->data[i / 8] ^= BIT(i % 8);
		if (overlay_parse(test, t->data, t->len, &why)) {
			refused++;
			KUNIT_EXPECT_NE_MSG(test, why.text[0], '\0', "bit %zu",
					    i);
		}
		t->data[i / 8] ^= BIT(i % 8);
	}
	KUNIT_EXPECT_GT(test, refused, 0);
	KUNIT_EXPECT_EQ(test, overlay_parse(test, t->data, t->len, &why), 0);
}

static struct kunit_case overlay_blob_cases[] = {
	KUNIT_CASE(what_is_truncated_is_refused),
	KUNIT_CASE(no_bit_goes_astray),
	{}
};

static struct kunit_suite overlay_blob_suite = {
	.name = "of_overlay_blob",
	.init = overlay_init,
	.exit = overlay_exit,
	.test_cases = overlay_blob_cases,
};

kunit_test_suites(&overlay_structure_suite,
		  &overlay_references_suite,
		  &overlay_blob_suite);

MODULE_DESCRIPTION("KUnit tests for the loader of device tree overlays");
MODULE_LICENSE("GPL");
MODULE_VERSION(FPGA_CARD_RELEASE);
