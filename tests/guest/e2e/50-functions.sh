# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What is below the port: VFs, switches, plain ports, the kernel's resets.

vfs_go_with_the_image()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	save_config "$port" /tmp/config-before
	echo 4 >"$(find "$port"/ -maxdepth 2 -name sriov_numvfs | head -n 1)"
	expect_eq "$(functions_below "$port" | grep -c 1d0f:1004)" 4 "VFs"
	load_ok "$region" user
	note "with 4 VFs to disable: overhead $(overhead_ms 300) ms, of which 1000 ms are sriov_disable()'s"
	expect_eq "$(functions_below "$port" | wc -l)" 3 "functions"
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after but-image
	load_ok "$region" factory
	echo 4 >"$(find "$port"/ -maxdepth 2 -name sriov_numvfs | head -n 1)"
	expect_eq "$(functions_below "$port" | grep -c 1d0f:1004)" 4 "VFs"
	find "$port"/ -name 'sriov_numvfs' | while read -r file; do
		[ "$(first_line "$file")" = 0 ] || echo 0 >"$file"
	done
}
run_case "VFs go before their PF, and can be had again" vfs_go_with_the_image

plain_port()
{
	sim_port h0/p0 slot=0 hotplug=0 aer=0 dpc=0 link_active_reporting=0 \
		max_speed=5000
	sim_image_factory "$SIM/h0/p0/card" 300
	sim_image_user "$SIM/h0/p0/card" 300
	sim_set "$SIM/h0/p0/card" boot_image=factory present=1
	sim_live h0
	await 5000 region_of h0/p0
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	save_config "$port" /tmp/config-before
	load_ok "$region" user
	load_ok "$region" factory
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
}
run_case "a port with nothing but a link" plain_port

reset_method_is_honoured()
{
	standard_card
	port=$(port_dir h0/p0)
	pf=$(find "$port"/ -maxdepth 1 -type d -name '*:00.0' | head -n 1)
	echo 1 >"$pf/reset"
	expect_eq "$(grep -c ' reset-flr ' "$SIM_DEBUG/h0/log")" 1 "FLRs"
	expect_errno 0 "$pf/reset_method" ""
	echo "" >"$pf/reset_method"
	expect_file "$pf/reset_method" ""
	echo default >"$pf/reset_method"
	expect_match "$(first_line "$pf/reset_method")" '^flr'
	expect_errno EINVAL "$pf/reset_method" acpi
}
run_case "the kernel's reset_method works on the card" reset_method_is_honoured
