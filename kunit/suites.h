/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FPGA_CARD_KUNIT_SUITES_H
#define _FPGA_CARD_KUNIT_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite pcie_card_sim_suite;
extern struct kunit_suite pcie_card_sim_log_suite;
extern struct kunit_suite pcie_card_sim_ports_suite;
extern struct kunit_suite pcie_card_sim_images_suite;
extern struct kunit_suite pcie_card_sim_slots_suite;
extern struct kunit_suite pcie_card_sim_link_suite;
extern struct kunit_suite pcie_card_sim_irq_suite;
extern struct kunit_suite pcie_card_sim_m10bmc_suite;
extern struct kunit_suite pci_reload_window_suite;
extern struct kunit_suite pci_reload_contain_suite;
extern struct kunit_suite pci_reload_drivers_suite;
extern struct kunit_suite pci_reload_slot_suite;
extern struct kunit_suite pci_reload_power_suite;
extern struct kunit_suite pci_reload_link_suite;
extern struct kunit_suite pci_reload_rate_suite;
extern struct kunit_suite pci_reload_teardown_suite;
extern struct kunit_suite pci_reload_children_suite;
extern struct kunit_suite pci_reload_quiesce_suite;
extern struct kunit_suite pci_reload_reset_suite;
extern struct kunit_suite pci_reload_port_suite;
extern struct kunit_suite pci_reload_enumerate_suite;
extern struct kunit_suite pci_reload_room_suite;
extern struct kunit_suite pci_reload_settings_suite;
extern struct kunit_suite pci_reset_method_suite;
extern struct kunit_suite pci_reset_vf_suite;
extern struct kunit_suite fpga_card_reload_suite;
extern struct kunit_suite fpga_card_failure_suite;
extern struct kunit_suite fpga_card_front_suite;
extern struct kunit_suite fpga_card_step_suite;
extern struct kunit_suite fpga_card_stuck_suite;
extern struct kunit_suite fpga_card_many_suite;
extern struct kunit_suite fpga_card_image_suite;
extern struct kunit_suite fpga_card_users_suite;
extern struct kunit_suite fpga_card_uses_suite;
extern struct kunit_suite fpga_card_begin_suite;
extern struct kunit_suite fpga_card_control_suite;
extern struct kunit_suite fpga_card_recovery_suite;
extern struct kunit_suite fpga_card_rollback_suite;
extern struct kunit_suite fpga_card_port_suite;
extern struct kunit_suite fpga_card_back_end_suite;
extern struct kunit_suite fpga_card_outcome_suite;
extern struct kunit_suite fpga_card_stage_suite;
extern struct kunit_suite fpga_card_calls_suite;
extern struct kunit_suite fpga_card_images_suite;
extern struct kunit_suite fpga_card_boot_image_suite;
extern struct kunit_suite fpga_card_hang_suite;
extern struct kunit_suite fpga_card_announce_suite;
extern struct kunit_suite fpga_card_announce_back_end_suite;
extern struct kunit_suite fpga_card_announce_overlay_suite;
extern struct kunit_suite fpga_card_builtin_suite;
extern struct kunit_suite fpga_card_builtin_add_suite;
extern struct kunit_suite fpga_card_sequence_suite;
extern struct kunit_suite fpga_card_holders_suite;
extern struct kunit_suite fpga_card_overlay_node_suite;
extern struct kunit_suite fpga_card_overlay_suite;
extern struct kunit_suite fpga_card_overlay_device_suite;
extern struct kunit_suite fpga_card_overlay_time_suite;
extern struct kunit_suite fpga_card_overlay_verify_suite;
extern struct kunit_suite fpga_card_torture_suite;
extern struct kunit_suite fpga_card_unplug_suite;

#endif /* _FPGA_CARD_KUNIT_SUITES_H */
