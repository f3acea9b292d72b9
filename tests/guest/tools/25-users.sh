# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard: the processes that use a card.

. /tests/lib/vfio.sh
. /tests/lib/users.sh

users_card()
{
	echo 1 >"$NODES"
	tool_card h0/p0 100
	echo 0 >"$NODES"
	port=$(port_dir h0/p0)
}

# users_pids PATTERN: of those whose use has it
users_pids()
{
	fc_get ".users[] | select(.use | test(\"$1\")) | .processes | map(.pid) | sort | join(\" \")"
}

# A user of one function is none of another, whatever it has open.
all_holders()
{
	users_card
	fn=$(function_of 1001)
	held hold-open "/dev/sim-fn-$fn"
	first=${holder:?}
	held hold-open "/dev/sim-fn-$fn"
	second=$holder
	held hold-open "/sys/bus/pci/devices/$(function_of 1000)/resource0" /dev/null
	fc 11 check user
	fc_is '.users | length' 2
	expect_eq "$(users_pids "sim-fn-$fn is open")" "$first $second" "PIDs"
	expect_eq "$(users_pids "resource0 is open")" "$holder" "PIDs"
	fc_is '[.users[].processes[].comm] | unique | join(" ")' hold-open
	# Without control groups there is nothing to tell.
	[ -e /proc/self/cgroup ] || fc_is '[.users[].processes[].cgroup] | unique | tojson' '[null]'
	fc_raw check user
	expect_match "$(cat /tmp/fc-out)" "^ +pid $second \(hold-open\)"
}
run_case "check tells all processes of a device, not the first alone" all_holders

holders_of_disks()
{
	tool_card h0/p0 100
	echo 1 >"$NODES"
	load_ok "$REGION" user
	echo 0 >"$NODES"
	# shellcheck disable=SC2034 # It is for function_of().
	port=$(port_dir h0/p0)
	fn=$(function_of 2002)
	[ -b "/dev/sim-blk-$fn" ] || skip "no block devices in this kernel"
	held hold-open "/dev/sim-blk-$fn"
	fc 11 check factory
	expect_eq "$(users_pids 'block device sim-blk')" "$holder" "PIDs"
}
run_case "check tells the processes of a disk" holders_of_disks

holders_through_vfio()
{
	[ -f "$NOIOMMU" ] || skip "no VFIO without an IOMMU in this kernel"
	echo 1 >"$NOIOMMU"
	users_card
	fn=$(function_of 1001)
	to_vfio "$fn"
	held vfio-open "${group:?}" "$fn"
	fc 11 check user
	expect_eq "$(users_pids 'open through VFIO')" "$holder" "PIDs"
}
run_case "check tells the process that has a function through VFIO" holders_through_vfio
