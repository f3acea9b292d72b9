/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FPGA_CARD_KUNIT_SUITES_H
#define _FPGA_CARD_KUNIT_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite pci_reload_window_suite;
extern struct kunit_suite pci_reload_teardown_suite;
extern struct kunit_suite pci_reset_method_suite;
extern struct kunit_suite fpga_card_reload_suite;
extern struct kunit_suite fpga_card_failure_suite;
extern struct kunit_suite fpga_card_image_suite;
extern struct kunit_suite fpga_card_users_suite;
extern struct kunit_suite fpga_card_unplug_suite;

#endif /* _FPGA_CARD_KUNIT_SUITES_H */
