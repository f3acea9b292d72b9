/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the one file with the list of the suites. KUnit before 6.8 runs those of
 * a module before the module is in sysfs, when none of its drivers can be
 * registered. There they are run by the module's own initialisation, which
 * comes right after.
 */
#ifndef _FPGA_CARD_COMPAT_KUNIT_H
#define _FPGA_CARD_COMPAT_KUNIT_H

#include <kunit/test.h>
#include <linux/module.h>

/* The macro is as old as the order of things in 6.8. */
#if defined(MODULE) && !defined(KUNIT_DEFINE_ACTION_WRAPPER)
extern struct kunit_suite *compat_suites[];

#undef kunit_test_suites
#define kunit_test_suites(__suites...)					\
	struct kunit_suite *compat_suites[] = { __suites, NULL }

static int __init compat_suites_run(void)
{
	int n = 0;

	while (compat_suites[n])
		n++;
	return __kunit_test_suites_init(compat_suites, n);
}
module_init(compat_suites_run);

static void __exit compat_suites_forget(void)
{
	int n = 0;

	while (compat_suites[n])
		n++;
	__kunit_test_suites_exit(compat_suites, n);
}
module_exit(compat_suites_forget);
#endif

/* A suite, and those that need overlays of the device tree. */
#ifdef CONFIG_OF_OVERLAY
#define compat_of_suites(...)		__VA_ARGS__
#else
#define compat_of_suites(suite, ...)	suite
#endif

#endif /* _FPGA_CARD_COMPAT_KUNIT_H */
