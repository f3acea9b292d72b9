# SPDX-License-Identifier: GPL-2.0-only
#
# What the kernel has, where its headers have to be searched to know: features
# are backported, so that versions do not tell. Included by Kbuild.

# The PCI core makes a domain for message-signalled interrupts of all devices of a
# host
ifneq ($(shell grep -s pci_msi_create_irq_domain \
		$(srctree)/include/linux/msi.h),)
subdir-ccflags-y += -DFPGA_CARD_PCI_MSI_DOMAIN
endif

# The PCI core hands out domains to hosts that are made of software, and takes back what
# a bridge says is its own
ifneq ($(shell grep -s pci_bus_find_emul_domain_nr \
		$(srctree)/include/linux/pci.h),)
subdir-ccflags-y += -DFPGA_CARD_PCI_EMUL_DOMAIN
endif

# Who takes the rescan lock for VFs: see compat/sriov.h. Nothing in the headers tells, so
# this is a matter of versions, and for those that say nothing of SRIOV_LOCK=.
fpga-card-code := $(shell echo $$(($(VERSION) * 1000000 + $(PATCHLEVEL) * 1000 + $(SUBLEVEL))))
fpga-card-is = $(shell [ $(fpga-card-code) -ge $(1) ] && [ $(fpga-card-code) -lt $(2) ] && echo y)
ifeq ($(SRIOV_LOCK),)
SRIOV_LOCK := $(if $(or $(call fpga-card-is,6001165,6002000), \
			$(call fpga-card-is,6012075,6013000), \
			$(call fpga-card-is,7000000,7004000)),around,$(if \
		 $(or $(call fpga-card-is,6001157,6001165), \
			$(call fpga-card-is,6012054,6012075)),inside))
endif
ifneq ($(SRIOV_LOCK),)
ifeq ($(filter around inside,$(SRIOV_LOCK)),)
$(error SRIOV_LOCK is to be "around" or "inside")
endif
subdir-ccflags-y += -DFPGA_CARD_SRIOV_LOCK_$(SRIOV_LOCK)
endif

# lockdep looks who has the rescan lock when a function is removed
ifneq ($(call fpga-card-is,6018000,1000000000),)
subdir-ccflags-y += -DFPGA_CARD_REMOVAL_ASSERTS
endif

# A PF can be said to be reset before anybody uses its SR-IOV capability again
ifneq ($(shell grep -s pci_sriov_expect_reset \
		$(srctree)/include/linux/pci.h),)
subdir-ccflags-y += -DFPGA_CARD_SRIOV_EXPECT_RESET
endif

# driver_override is in struct device, and not in struct pci_dev
ifneq ($(shell grep -s __device_set_driver_override \
		$(srctree)/include/linux/device.h),)
subdir-ccflags-y += -DFPGA_CARD_DEVICE_DRIVER_OVERRIDE
endif

# of_overlay_fdt_apply() has the node that targets are relative to
ifneq ($(shell grep -s -A 1 '^int of_overlay_fdt_apply' \
		$(srctree)/include/linux/of.h | grep base),)
subdir-ccflags-y += -DFPGA_CARD_OF_OVERLAY_BASE
endif

# the BMC's driver knows whether a secure update runs
ifneq ($(shell grep -s bmcfw_state \
		$(srctree)/include/linux/mfd/intel-m10-bmc.h),)
subdir-ccflags-y += -DFPGA_CARD_M10BMC_FW_STATE
endif

# Timers get their function when they are initialized
ifneq ($(shell grep -s 'void hrtimer_setup.struct' \
		$(srctree)/include/linux/hrtimer.h),)
subdir-ccflags-y += -DFPGA_CARD_HRTIMER_SETUP
endif

# Names of namespaces of symbols are strings
ifneq ($(shell grep -s 'MODULE_INFO.import_ns, ns' \
		$(srctree)/include/linux/module.h),)
subdir-ccflags-y += -DFPGA_CARD_NAMESPACE_STRING
endif

# The namespace of all symbols of a module is a string; it became that earlier
ifneq ($(shell grep -s 'EXPORT_SYMBOL.sym, license, DEFAULT_SYMBOL_NAMESPACE' \
		$(srctree)/include/linux/export.h),)
subdir-ccflags-y += -DFPGA_CARD_DEFAULT_NAMESPACE_STRING
endif

# SHA-256 has a context of its own
ifneq ($(shell grep -s '^struct sha256_ctx' \
		$(srctree)/include/crypto/sha2.h),)
subdir-ccflags-y += -DFPGA_CARD_SHA256_CTX
endif

# The list of consoles is under SRCU
ifneq ($(shell grep -s 'define for_each_console_srcu' \
		$(srctree)/include/linux/console.h),)
subdir-ccflags-y += -DFPGA_CARD_CONSOLE_SRCU
endif

# Who answers a request for information puts the name of the driver there
ifneq ($(shell grep -s devlink_info_driver_name_put \
		$(srctree)/include/net/devlink.h),)
subdir-ccflags-y += -DFPGA_CARD_DEVLINK_DRIVER_NAME
endif

# The least time between recoveries is in the operations of a health reporter
ifneq ($(shell grep -s default_graceful_period \
		$(srctree)/include/net/devlink.h),)
subdir-ccflags-y += -DFPGA_CARD_DEVLINK_OPS_GRACE
endif

# Each part of a health reporter's message can fail
ifneq ($(shell grep -s '^int devlink_fmsg_string_pair_put' \
		$(srctree)/include/net/devlink.h),)
subdir-ccflags-y += -DFPGA_CARD_DEVLINK_FMSG_ERRNO
endif

# Instances of devlink say that they can be reloaded
ifneq ($(shell grep -s devlink_set_features \
		$(srctree)/include/net/devlink.h),)
subdir-ccflags-y += -DFPGA_CARD_DEVLINK_FEATURES
endif
