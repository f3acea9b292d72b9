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

# By the kernel's own reset of a slot, as a driver or a virtual machine does it.
somebody_else_resets_the_card()
{
	sim_port h0/p0
	for image in factory user; do
		sim_set "$SIM/h0/p0/card/images/$image" reload_ms=20 timeout_ms=5000
		sim_set "$SIM/h0/p0/card/images/$image/pf0" vendor=0x1d0f \
			device=0x1000 class=0x120000 "bar0=64K 64" bmc=1
	done
	sim_set "$SIM/h0/p0/card" boot_image=factory reset_image=user present=1
	sim_live h0
	await 5000 region_of h0/p0
	region=$(region_of h0/p0)
	expect_file "$region/firmware_name" factory
	fn=$(echo "$(port_dir h0/p0)"/*:*:*.0)
	echo bus >"$fn/reset_method"
	echo 1 >"$fn/reset"
	expect_file "$SIM/h0/p0/card/running" user
	expect_file "$region/firmware_name" user
	expect_file "$region/images/user/running" 1
	expect_file "$region/images/factory/running" 0
}
run_case "the name is that of what runs after somebody else's reset" \
	somebody_else_resets_the_card

# overhead_of MILLISECONDS MOST TRIES: of a card that takes so long; loads it until that is
# below the most, and prints the least: a host with other work adds to it.
overhead_of()
{
	standard_card h0/p0 "$1"
	region=$(region_of h0/p0)
	least=''
	image=user
	for _ in $(seq "$3"); do
		load_ok "$region" "$image"
		own=$(overhead_ms "$1")
		if [ -z "$least" ] || [ "$own" -lt "$least" ]; then
			least=$own
		fi
		[ "$least" -ge "$2" ] || break
		case $image in
		user)	image=factory ;;
		*)	image=user ;;
		esac
	done
	sim_reset
	echo "$least"
}

# In virtual time, KASAN is time as well.
overhead_does_not_grow()
{
	most=100
	! zcat /proc/config.gz | grep -qx CONFIG_KASAN=y || most=300
	for ms in 500 2000 10000; do
		own=$(overhead_of $ms $most "$(rounds $((ms < 10000 ? 7 : 3)) 1)")
		note "a card that takes $ms ms: the reload's own overhead is $own ms"
		expect_below "$own" $most "overhead in ms at $ms ms"
	done
}
run_case "the overhead does not grow with the card's time" overhead_does_not_grow
