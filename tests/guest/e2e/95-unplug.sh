# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Cards that are really pulled: pciehp is in charge, before and after a load.
# Last, since the lock order of pciehp itself may switch lockdep off here.

. /tests/lib/errors.sh

has_functions()
{
	[ -n "$(functions_below "$1")" ]
}

has_none()
{
	! has_functions "$1"
}

powered_off_and_on()
{
	allow_unplug
	expect_log 'was not loaded'
	standard_card h0/p0 200
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	echo 400 >"$region/timeout_ms"
	echo 1 >"$SIM/h0/p0/card/faults/never_return"
	load "$region" user
	expect_eq "$LOAD_ERR" ETIMEDOUT "the write"

	echo 0 >"$SIM/h0/p0/card/faults/never_return"
	echo 0 >"$SIM/h0/p0/card/present"
	usleep 200000
	echo 1 >"$SIM/h0/p0/card/present"
	await 10000 has_functions "$port"
	expect_file "$region/firmware_name" factory
	echo 0 >"$region/timeout_ms"
	load_ok "$region" user
}
run_case "a card that did not return works again after a power cycle" \
	powered_off_and_on

# Its memory is empty then.
staged_and_pulled()
{
	allow_unplug
	standard_card h0/p0 200
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	expect_errno 0 "$region/stage" vendor/lab.img
	expect_file "$region/staged" vendor/lab.img
	expect_file "$region/present" 1
	echo 0 >"$SIM/h0/p0/card/present"
	await 10000 expect_file "$region/present" 0
	echo 1 >"$SIM/h0/p0/card/present"
	await 10000 has_functions "$port"
	await 10000 expect_file "$region/firmware_name" factory
	expect_file "$region/staged" ""
	expect_errno ENODATA "$region/activate" 1
}
run_case "a card that lost its power has lost what was staged" staged_and_pulled

pulled_after_a_load()
{
	allow_unplug
	standard_card h0/p0 200
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	load_ok "$region" user
	expect_log 'pciehp.*Slot.*'
	echo 0 >"$SIM/h0/p0/card/present"
	await 10000 has_none "$port"
	expect_errno ENODEV "$region/firmware_name" factory
	echo 1 >"$SIM/h0/p0/card/present"
	await 10000 has_functions "$port"
	load_ok "$region" user
}
run_case "pciehp still removes and adds the card after a load" \
	pulled_after_a_load

# A port that is removed by hand while its link is held down
port_removed_in_a_load()
{
	standard_card h0/p0 1500
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	save_config "$port" /tmp/config-before
	echo user >"$region/firmware_name" &
	load=$!
	wait-state "$region/state" 10000 loading >/dev/null
	expect_log 'the reload is given up, and the port put back'
	echo 1 >"$port/remove"
	! wait $load || fail "the load succeeded"
	[ ! -e "$port" ] || fail "the port is still there"
	echo 1 >/sys/bus/pci/rescan
	await 10000 rescanned "$port"
	await 5000 region_of h0/p0
	region=$(region_of h0/p0)
	# An image with other functions has other settings in the port.
	load_ok "$region" factory
	# Master aborts of the kernel's own scan of the port's bus
	cfg_put_dword "$port" 0x1c "$(cfg_dword "$port" 0x1c)"
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
	load_ok "$region" user
}

# rescanned PORT: with the card below it
rescanned()
{
	has_functions "$1" && return
	echo 1 >/sys/bus/pci/rescan
	return 1
}
run_case "a port that is removed in a load comes back with its card" \
	port_removed_in_a_load
