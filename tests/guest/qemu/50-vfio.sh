# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# VFs in VFIO, without an IOMMU.

. /tests/lib/qemu-vfio.sh

echo 1 >"$NOIOMMU"
run_case "without an IOMMU: an open VF stops a load, a bound one does not" vf_in_use
run_case "without an IOMMU: the reset of a VF is that VF's alone" vf_reset
echo 0 >"$NOIOMMU"
