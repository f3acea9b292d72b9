# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# VFs in VFIO, with an IOMMU.

. /tests/lib/qemu-vfio.sh

there_is_an_iommu()
{
	[ -d /sys/class/iommu/dmar0 ]
	slot_plug rp1 one
	[ -e "$(echo "$(slot_dir rp1)"/*:00.0)/iommu_group" ]
}
run_case "cards are behind an IOMMU" there_is_an_iommu
run_case "with an IOMMU: an open VF stops a load, a bound one does not" vf_in_use
run_case "with an IOMMU: the reset of a VF is that VF's alone" vf_reset
