/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FPGA_CARD_KUNIT_OVERLAY_SUITES_H
#define _FPGA_CARD_KUNIT_OVERLAY_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite overlay_structure_suite;
extern struct kunit_suite overlay_references_suite;
extern const struct overlay_case overlay_rich;

#endif /* _FPGA_CARD_KUNIT_OVERLAY_SUITES_H */
