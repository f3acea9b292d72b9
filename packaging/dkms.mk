# SPDX-License-Identifier: GPL-2.0-only
#
# What DKMS calls for the cards' modules: with the drivers that the kernel is without.

modules:
	scripts/kernel-fpga get $(KDIR) .
	$(MAKE) -C $(KDIR) M=$(CURDIR) FPGA_CARD_PARTS=cards modules
