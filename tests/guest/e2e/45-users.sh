# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Functions in use: who is named, who can be passed over, and that nothing is
# touched before.

. /tests/lib/vfio.sh
. /tests/lib/users.sh

# A card whose functions have device files, in $region and $port.
card_with_nodes()
{
	echo 1 >"$NODES"
	standard_card h0/p0 100
	echo 0 >"$NODES"
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
}

release()
{
	kill "$1"
	wait "$1" 2>/dev/null || true
}

# refused REGEX: a load is, with that in last_error, and has touched nothing
refused()
{
	functions_below "$port" >/tmp/before
	echo >"$SIM_DEBUG/h0/log"
	load "$region" "${2:-user}"
	expect_eq "$LOAD_ERR" EBUSY "the load"
	cat "$region/last_error"
	expect_match "$(first_line "$region/last_error")" "$1"
	expect_file "$region/state" idle
	! grep -q ' dev-unbind ' "$SIM_DEBUG/h0/log" || fail "a driver was unbound"
	! grep -q ' dev-del ' "$SIM_DEBUG/h0/log" || fail "a function was removed"
	expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
}

open_character_device()
{
	card_with_nodes
	fn=$(function_of 1001)
	held hold-open "/dev/sim-fn-$fn"
	one=${holder:?}
	refused "^$fn \(driver sim-fn\).*character device sim-fn-$fn is open in hold-open \(pid $one\); close it"
	held hold-open "/dev/sim-fn-$fn" "/dev/sim-fn-$fn"
	refused "is open in hold-open \(pid $one\) and in 1 more;"
	release "$holder"
	release "$one"
	load_ok "$region" user
}
run_case "an open character device stops a load, and its process is named" \
	open_character_device

# Whose name it is to choose, too.
processes_are_not_for_everybody()
{
	card_with_nodes
	fn=$(function_of 1001)
	odd="/tmp/odd
yes: it can"
	cp "$(command -v hold-open)" "$odd"
	held "$odd" "/dev/sim-fn-$fn"
	refused 'is open in odd\\nyes: it can \(pid [0-9]+\); close it'
	expect_match "$(as-nobody cat "$region/last_error")" \
		"character device sim-fn-$fn is open in a process; close it"
	expect_errno EBUSY "$region/check" user
	expect_match "$(grep "^user: $fn" "$region/check")" \
		'is open in odd\\nyes: it can \(pid'
	expect_match "$(as-nobody cat "$region/check" | grep "^user: $fn")" \
		"character device sim-fn-$fn is open in a process$"
	! grep -q '^yes' "$region/check" || fail "a name made a line of its own"
	expect_match "$(as-nobody cat "$region/check" | grep '^no: ')" 'in a process;'
	release "$holder"
}
run_case "which process it is is for those who may look at its descriptors" \
	processes_are_not_for_everybody

open_in_a_thread()
{
	card_with_nodes
	fn=$(function_of 1001)
	held hold-open -t "/dev/sim-fn-$fn"
	expect_eq "$(cut -d')' -f2 "/proc/$holder/stat" | cut -c2)" Z \
		"state of the first thread"
	refused "character device sim-fn-$fn is open in hold-open \(pid $holder\);"
	release "$holder"
	load_ok "$region" user
}
run_case "so does one in a thread that outlived its process's first" \
	open_in_a_thread

forced_over_a_character_device()
{
	card_with_nodes
	fn=$(function_of 1001)
	held hold-open "/dev/sim-fn-$fn"
	echo 1 >"$region/force"
	expect_log "FPGA card: forced, although $fn .*character device sim-fn-$fn is open in hold-open"
	load_ok "$region" user
	expect_file "$region/force" 0
	release "$holder"
}
run_case "force passes over an open character device" \
	forced_over_a_character_device

found_but_not_open()
{
	card_with_nodes
	fn=$(function_of 1001)
	held hold-open -p "/dev/sim-fn-$fn" "/sys/bus/pci/devices/$fn/resource0"
	load_ok "$region" user
	release "$holder"
}
run_case "a descriptor that does not open its file is no use" found_but_not_open

open_bar()
{
	standard_card h0/p0 100
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	fn=$(function_of 1000)
	held hold-open "/sys/bus/pci/devices/$fn/resource0"
	refused "^$fn \(driver sim-bmc\).*its file resource0 is open in hold-open \(pid $holder\); close it"
	release "$holder"
	# What else is in that directory is no use.
	held hold-open "/sys/bus/pci/devices/$fn/resource" \
		"/sys/bus/pci/devices/$fn/config"
	load_ok "$region" user
	release "$holder"
}
run_case "an open BAR in sysfs stops a load" open_bar

# Image "user" has the block device.
card_with_disk()
{
	echo 1 >"$NODES"
	standard_card h0/p0 100
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	load_ok "$region" user
	echo 0 >"$NODES"
	fn=$(function_of 2002)
	disk=/dev/sim-blk-$fn
	[ -b "$disk" ] || skip "no block devices in this kernel"
}

open_block_device()
{
	card_with_disk
	held hold-open "$disk"
	refused "^$fn \(driver sim-fn\).*block device sim-blk-$fn is mounted or open; unmount" \
		factory
	release "$holder"
	load_ok "$region" factory
}
run_case "an open block device stops a load" open_block_device

unwritten_data()
{
	card_with_disk
	held hold-open "$disk"
	dd if=/dev/zero of="$disk" bs=4096 count=8 conv=notrunc 2>/dev/null
	refused "block device sim-blk-$fn is mounted or open, with 32 KiB that are not written yet;" \
		factory
	sync
	refused "block device sim-blk-$fn is mounted or open;" factory
	release "$holder"
	load_ok "$region" factory
}
run_case "how much a block device would lose is told" unwritten_data

open_partition()
{
	card_with_disk
	# One partition, of type 0x83, from sector 1 on, with 64 sectors.
	{
		dd if=/dev/zero bs=446 count=1
		printf '\0\0\0\0\203\0\0\0\001\0\0\0\100\0\0\0'
		dd if=/dev/zero bs=48 count=1
		printf '\125\252'
	} 2>/dev/null >"$disk"
	blockdev --rereadpt "$disk"
	[ -b "${disk}p1" ] || skip "no partition tables in this kernel"
	held hold-open "${disk}p1"
	refused "block device sim-blk-$fn is mounted or open;" factory
	release "$holder"
	load_ok "$region" factory
}
run_case "an open partition counts for its disk" open_partition

several_users()
{
	card_with_nodes
	fn=$(function_of 1001)
	held hold-open "/dev/sim-fn-$fn" \
		"/sys/bus/pci/devices/$(function_of 1000)/resource0" \
		"/sys/bus/pci/devices/$fn/resource0"
	refused "^$(function_of 1000) .*resource0 is open in hold-open \(pid $holder\), and 2 more;"
	expect_errno EBUSY "$region/check" user
	grep '^user: ' "$region/check" >/tmp/users
	cat /tmp/users
	expect_eq "$(wc -l </tmp/users)" 3 "users that check lists"
	expect_match "$(cat /tmp/users)" \
		"^user: $fn \(driver sim-fn\): character device sim-fn-$fn is open in hold-open \(pid $holder\)$"
	echo 1 >"$region/force"
	load_ok "$region" user
	release "$holder"
}
run_case "of several users the first is named, check lists all, force passes over all" \
	several_users

with_vfio()
{
	[ -f "$NOIOMMU" ] || skip "no VFIO without an IOMMU in this kernel"
	echo 1 >"$NOIOMMU"
	standard_card h0/p0 100
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
}

open_through_vfio()
{
	with_vfio
	fn=$(function_of 1001)
	to_vfio "$fn"
	held vfio-open "${group:?}" "$fn"
	refused "^$fn \(driver vfio-pci\).*open through VFIO; end its user, force does not help"
	echo 1 >"$region/force"
	refused "^$fn \(driver vfio-pci\).*open through VFIO; end its user"
	# A group that is open without the function does not hold it.
	release "$holder"
	held hold-open "$group"
	load_ok "$region" user
	release "$holder"
}
run_case "a function open through VFIO stops a load, forced or not" \
	open_through_vfio

vf_open_through_vfio()
{
	with_vfio
	echo 2 >"$(find "$port"/ -maxdepth 2 -name sriov_numvfs | head -n 1)"
	fn=$(functions_below "$port" | sed -n 's/ 1d0f:1004$//p' | tail -n 1)
	to_vfio "$fn"
	held vfio-open "${group:?}" "$fn"
	echo 1 >"$region/force"
	refused "^$fn \(driver vfio-pci\).*open through VFIO;"
	release "$holder"
	load_ok "$region" user
}
run_case "so does a VF" vf_open_through_vfio
