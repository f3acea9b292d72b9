# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A card goes to another image and back.

reload_there_and_back()
{
	standard_card h0/p0 500
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)

	expect_file "$region/firmware_name" factory
	expect_eq "$(basename "$(readlink "$port/driver")")" pcieport
	# pciehp itself, not a stand-in
	expect_eq "$(readlink "$port"/*:pcie?04/driver | sed 's|.*/||')" pciehp
	functions_below "$port" >/tmp/before
	save_config "$port" /tmp/config-before

	load_ok "$region" user
	functions_below "$port" >/tmp/there
	save_config "$port" /tmp/config-there
	expect_eq "$(wc -l </tmp/there)" 3 "functions of the image user"
	grep -q '1d0f:2000' /tmp/there
	expect_same_config /tmp/config-before /tmp/config-there but-image

	load_ok "$region" factory
	functions_below "$port" >/tmp/after
	save_config "$port" /tmp/config-after
	expect_eq "$(cat /tmp/after)" "$(cat /tmp/before)" "functions"
	expect_same_config /tmp/config-before /tmp/config-after
}
run_case "reload to another image and back" reload_there_and_back

# The median of some loads: the host that runs the guest has other things to do.
overhead_of()
{
	standard_card h0/p0 "$1"
	region=$(region_of h0/p0)
	: >/tmp/overheads
	for image in $2; do
		load_ok "$region" "$image"
		overhead_ms "$1" >>/tmp/overheads
	done
	sim_reset
	sort -n /tmp/overheads | sed -n "$((($(wc -l </tmp/overheads) + 1) / 2))p"
}

# In virtual time, KASAN is time as well.
overhead_does_not_grow()
{
	most=100
	! zcat /proc/config.gz | grep -qx CONFIG_KASAN=y || most=300
	for ms in 500 2000 10000; do
		images="user factory user"
		[ $ms -lt 10000 ] || images=user
		own=$(overhead_of $ms "$images")
		note "a card that takes $ms ms: the reload's own overhead is $own ms"
		expect_below "$own" $most "overhead in ms at $ms ms"
	done
}
run_case "the overhead does not grow with the card's time" overhead_does_not_grow
