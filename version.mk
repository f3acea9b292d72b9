# SPDX-License-Identifier: GPL-2.0-only
#
# The version of all that is here: the modules', the packages'. The first entry of
# packaging/debian/changelog has the same.
FPGA_CARD_RELEASE := 0.9.0
