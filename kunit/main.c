// SPDX-License-Identifier: GPL-2.0-only
/*
 * The suites, in the order in which they build on each other.
 */

#include <linux/module.h>

#include "compat/kunit.h"
#include "compat/namespace.h"
#include "kunit/suites.h"

kunit_test_suites(&fpga_card_image_suite,
		  &fpga_card_sequence_suite,
		  &pcie_card_sim_suite,
		  &pcie_card_sim_log_suite,
		  &pcie_card_sim_ports_suite,
		  &pcie_card_sim_images_suite,
		  &pcie_card_sim_slots_suite,
		  &pcie_card_sim_link_suite,
		  &pcie_card_sim_ready_suite,
		  &pcie_card_sim_irq_suite,
		  &pcie_card_sim_m10bmc_suite,
		  &pci_reset_method_suite,
		  &pci_reset_vf_suite,
		  &pci_reload_window_suite,
		  &pci_reload_contain_suite,
		  &pci_reload_drivers_suite,
		  &pci_reload_slot_suite,
		  &pci_reload_power_suite,
		  &pci_reload_link_suite,
		  &pci_reload_ready_suite,
		  &pci_reload_rate_suite,
		  &pci_reload_wait_suite,
		  &pci_reload_teardown_suite,
		  &pci_reload_unbind_suite,
		  &pci_reload_children_suite,
		  &pci_reload_quiesce_suite,
		  &pci_reload_reset_suite,
		  &pci_reload_port_suite,
		  &pci_reload_enumerate_suite,
		  &pci_reload_room_suite,
		  &pci_reload_settings_suite,
		  &pci_reload_vfs_suite,
		  &pci_reload_release_suite,
		  &fpga_card_reload_suite,
		  &fpga_card_users_suite,
		  &fpga_card_uses_suite,
		  &fpga_card_outcome_suite,
		  &fpga_card_back_end_suite,
		  &fpga_card_builtin_add_suite,
		  &fpga_card_stage_suite,
		  &fpga_card_digest_suite,
		  &fpga_card_drain_suite,
		  &fpga_card_release_suite,
		  &fpga_card_calls_suite,
		  &fpga_card_images_suite,
		  &fpga_card_boot_image_suite,
		  &fpga_card_builtin_suite,
		  &fpga_card_registers_suite,
		  &fpga_card_holders_suite,
		  &fpga_card_hang_suite,
		  &fpga_card_failure_suite,
		  &fpga_card_front_suite,
		  &fpga_card_begin_suite,
		  &fpga_card_control_suite,
		  &fpga_card_readiness_suite,
		  &fpga_card_recovery_suite,
		  &fpga_card_rollback_suite,
		  &fpga_card_stuck_suite,
		  &fpga_card_step_suite,
		  compat_of_suites(&fpga_card_many_suite,
				   &fpga_card_overlay_node_suite,
				   &fpga_card_overlay_suite,
				   &fpga_card_overlay_device_suite,
				   &fpga_card_overlay_time_suite,
				   &fpga_card_overlay_verify_suite,
				   &fpga_card_announce_overlay_suite),
		  &fpga_card_unplug_suite,
		  &fpga_card_announce_suite,
		  &fpga_card_announce_back_end_suite,
		  &fpga_card_port_suite,
		  &fpga_card_torture_suite);

MODULE_DESCRIPTION("KUnit tests for live image reload of PCIe FPGA cards");
MODULE_LICENSE("GPL");
MODULE_VERSION(FPGA_CARD_RELEASE);
COMPAT_IMPORT_NS(FPGA_CARD_1);
