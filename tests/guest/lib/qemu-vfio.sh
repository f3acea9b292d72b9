# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# VFs of QEMU's NVMe controller in VFIO. See lib/qemu.sh for
# $slot, $port and $region.
# shellcheck disable=SC2154

. /tests/lib/vfio.sh

# NVMe's register for masking interrupts, in BAR 0: it reads as it was written
# until the controller is reset.
INTMS=0xc
MARK_1=0x5a
MARK_2=0xa5
CONFIG=7

# with_vfs: image "vfs" in rp1, with two VFs without a driver: $vf1 and $vf2
with_vfs()
{
	slot_plug rp1 one
	slot_card rp1 slot_power
	swap vfs
	pf=$(echo "$port"/*:00.0)
	echo 0 >"$pf/sriov_drivers_autoprobe"
	echo 2 >"$pf/sriov_numvfs"
	vf1=$(basename "$(readlink "$pf/virtfn0")")
	vf2=$(basename "$(readlink "$pf/virtfn1")")
}

vf_in_use()
{
	with_vfs
	vfio_user 1 "$vf1"
	functions_below "$port" >/tmp/before
	expect_eq "$(wc -l </tmp/before)" 3 "functions"
	vf_count=$(slot_count rp1)
	for vf_force in 0 1; do
		echo "$vf_force" >"$region/force"
		load "$region" one
		expect_eq "$LOAD_ERR" EBUSY "the load"
		expect_match "$(first_line "$region/last_error")" \
			"^$vf1 \(driver vfio-pci\).*open through VFIO; end its user"
		expect_file "$region/state" idle
		expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
		expect_eq "$(vfio_ask 1 "read $CONFIG 0")" "read 0x101b36" \
			"the VF's IDs"
		vf_csts=$(vfio_ask 1 "read 0 0x1c")
		expect_match "$vf_csts" '^read 0x?[0-9a-f]{1,2}$'
	done
	note "$(first_line "$region/last_error")"
	expect_eq "$(slot_count rp1)" "$vf_count" "cards taken out"
	expect_image rp1 vfs

	# Bound to vfio-pci, but open no more.
	vfio_end
	expect_match "$(readlink "/sys/bus/pci/devices/$vf1/driver")" '/vfio-pci$'
	swap one
	[ ! -e "/sys/bus/pci/devices/$vf1" ] || fail "the VF is still there"
}

vf_reset()
{
	with_vfs
	control=$(basename "$pf"/nvme/nvme*)
	nvme-vf "/dev/$control" 1
	nvme-vf "/dev/$control" 2
	vfio_user 1 "$vf1"
	vfio_user 2 "$vf2"
	expect_eq "$(vfio_ask 1 "write 0 $INTMS $MARK_1")" "write 0"
	expect_eq "$(vfio_ask 2 "write 0 $INTMS $MARK_2")" "write 0"
	expect_eq "$(vfio_ask 1 "read 0 $INTMS")" "read $MARK_1" "mark of the first VF"
	expect_eq "$(vfio_ask 2 "read 0 $INTMS")" "read $MARK_2" "mark of the second"

	cat "$pf/config" >/tmp/pf-before
	expect_eq "$(vfio_ask 1 reset)" "reset 0"
	expect_eq "$(vfio_ask 1 "read 0 $INTMS")" "read 0" "mark of the VF that was reset"
	expect_eq "$(vfio_ask 2 "read 0 $INTMS")" "read $MARK_2" "mark of its sibling"
	expect_file "/sys/class/nvme/$control/state" live
	expect_file "$pf/sriov_numvfs" 2
	cat "$pf/config" >/tmp/pf-after
	cmp /tmp/pf-before /tmp/pf-after || fail "the PF's registers changed"
	expect_image rp1 vfs
	vfio_end
	swap one
}
