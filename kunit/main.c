// SPDX-License-Identifier: GPL-2.0-only
/*
 * The suites, in the order in which they build on each other.
 */

#include <linux/module.h>

#include "suites.h"

kunit_test_suites(&fpga_card_image_suite,
		  &pci_reset_method_suite,
		  &pci_reload_window_suite,
		  &pci_reload_teardown_suite,
		  &fpga_card_reload_suite,
		  &fpga_card_users_suite,
		  &fpga_card_failure_suite,
		  &fpga_card_unplug_suite);

MODULE_DESCRIPTION("KUnit tests for live image reload of PCIe FPGA cards");
MODULE_LICENSE("GPL");
