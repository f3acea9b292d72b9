# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What was set up before a load and can be had again after it.

# pf_with_vfs PORT-DIRECTORY
pf_with_vfs()
{
	dirname "$(find "$1"/ -maxdepth 2 -name sriov_numvfs | head -n 1)"
}

vfs_come_back()
{
	standard_card h0/p0 100
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	echo 3 >"$(pf_with_vfs "$port")/sriov_numvfs"
	expect_eq "$(functions_below "$port" | grep -c 1d0f:1004)" 3 "VFs"

	load_ok "$region" factory
	expect_file "$(pf_with_vfs "$port")/sriov_numvfs" 0

	expect_file "$region/restore" 0
	echo 1 >"$region/restore"
	echo 3 >"$(pf_with_vfs "$port")/sriov_numvfs"
	load_ok "$region" factory
	expect_file "$(pf_with_vfs "$port")/sriov_numvfs" 3
	expect_eq "$(functions_below "$port" | grep -c 1d0f:1004)" 3 "VFs"
	expect_file "$region/last_error" ""
	echo 0 >"$(pf_with_vfs "$port")/sriov_numvfs"
}
run_case "VFs come back with the image, if asked for" vfs_come_back

override_comes_back()
{
	standard_card h0/p0 100
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	fn=$(find "$port"/ -maxdepth 1 -name '*:00.1')
	echo nobody >"$fn/driver_override"
	load_ok "$region" factory
	expect_file "$fn/driver_override" "(null)"

	echo nobody >"$fn/driver_override"
	echo 1 >"$region/restore"
	load_ok "$region" factory
	expect_file "$fn/driver_override" nobody
	[ ! -e "$fn/driver" ] || fail "another driver is bound to $fn"

	# Another image has another function there.
	load_ok "$region" user
	expect_file "$fn/driver_override" "(null)"
}
run_case "driver_override comes back with the function" override_comes_back

functions_are_reset()
{
	standard_card h0/p0 100
	region=$(region_of h0/p0)
	expect_file "$region/quiesce" none
	load_ok "$region" factory
	expect_eq "$(grep -c ' reset-flr ' "$SIM_DEBUG/h0/log")" 0 "FLRs"
	echo reset >"$region/quiesce"
	load_ok "$region" factory
	# Function 1; function 0 is the one that takes the trigger.
	expect_eq "$(grep -c ' reset-flr ' "$SIM_DEBUG/h0/log")" 1 "FLRs"
	expect_errno EINVAL "$region/quiesce" always
	expect_file "$region/quiesce" reset
}
run_case "functions are reset before they go, if asked for" functions_are_reset
