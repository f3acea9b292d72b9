# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Cards without a control device: the administrator says in configfs that they
# are there, and how they are made to load.

BUILTIN=/sys/kernel/config/fpga-card

# Whatever a case leaves, also when it fails.
builtin_reset()
{
	for builtin_dir in "$BUILTIN"/*/; do
		[ -d "$builtin_dir" ] || continue
		await 10000 builtin_retire "$builtin_dir"
		rmdir "$builtin_dir"/images/* 2>/dev/null || true
		rmdir "$builtin_dir"
	done
}

builtin_retire()
{
	echo 0 >"$1/live"
}

# builtin_port [NAME=VALUE...]: a port whose card has no BMC, and is live
builtin_port()
{
	trap builtin_reset EXIT
	sim_port h0/p0 "$@"
	sim_image_factory "$SIM/h0/p0/card" 100
	sim_image_user "$SIM/h0/p0/card" 100
	echo 0 >"$SIM/h0/p0/card/images/factory/pf0/bmc"
	echo 0 >"$SIM/h0/p0/card/images/user/pf0/bmc"
	sim_set "$SIM/h0/p0/card" boot_image=factory reset_image=user present=1
	sim_live h0
	port=$(port_dir h0/p0)
}

# builtin_card NAME METHOD [TIMEOUT_MS]: with the simulated card's images
builtin_card()
{
	mkdir "$BUILTIN/$1"
	echo "$2" >"$BUILTIN/$1/method"
	port_bdf h0/p0 >"$BUILTIN/$1/port"
	for builtin_image in factory user; do
		mkdir "$BUILTIN/$1/images/$builtin_image"
		echo "${3:-5000}" \
			>"$BUILTIN/$1/images/$builtin_image/timeout_ms"
	done
}

# The images change between these: IDs of the first function.
builtin_expect_runs()
{
	expect_file "$SIM/h0/p0/card/running" "$1"
	expect_match "$(functions_below "$port" | head -n 1)" " 1d0f:$2"
}

hot_reset()
{
	builtin_port
	save_config "$port" /tmp/config-before
	builtin_card c0 hot_reset
	echo 1 >$BUILTIN/c0/live
	region=$(region_of h0/p0)
	expect_file "$region/firmware_name" ""
	expect_eq "$(echo "$region"/images/*/)" \
		"$region/images/factory/ $region/images/user/" "images"
	load_ok "$region" user
	builtin_expect_runs user 2000
	expect_file "$region/images/user/running" 1
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after but-image

	echo 0 >$BUILTIN/c0/live
	expect_errno ENODEV "$region/firmware_name" user
	expect_match "$(first_line "$region/last_error")" "has no back end"
}
run_case "a hot reset makes a card load" hot_reset

slot_power()
{
	builtin_port power_control=1
	builtin_card c0 slot_power
	echo 1 >$BUILTIN/c0/live
	region=$(region_of h0/p0)
	echo user >"$SIM/h0/p0/card/boot_image"
	load_ok "$region" user
	builtin_expect_runs user 2000
	expect_below 1000 $((LOAD_NS / 1000000)) "time in ms"
}
run_case "a power cycle of the slot makes a card load" slot_power

# Started by each uevent, with what is in it in the environment.
builtin_agent()
{
	cat >/tmp/agent <<-'END'
	#!/bin/sh
	[ "${FPGA_CARD_STATE:-}" = load ] || exit 0
	echo "$ACTION $SUBSYSTEM /sys$DEVPATH $FPGA_CARD_IMAGE" >>/tmp/agent-log
	echo "$FPGA_CARD_IMAGE" >/sys/kernel/config/pcie-card-sim/h0/p0/card/load
	END
	chmod +x /tmp/agent
	: >/tmp/agent-log
	uevent /tmp/agent &
	agent=$!
	trap 'kill $agent || true; builtin_reset' EXIT
	await 5000 builtin_agent_listens
}

# Protocol 15 is that of uevents.
builtin_agent_listens()
{
	awk -v pid="$agent" '$2 == 15 && $3 == pid { found = 1 }
		END { exit !found }' /proc/net/netlink
}

agent_loads()
{
	builtin_port
	builtin_card c0 external
	echo 1 >$BUILTIN/c0/live
	region=$(region_of h0/p0)
	builtin_agent
	load_ok "$region" user
	builtin_expect_runs user 2000
	load_ok "$region" factory
	builtin_expect_runs factory 1000
	region=$(readlink -f "$region")
	expect_file /tmp/agent-log "change fpga_region $region user
change fpga_region $region factory"
}
run_case "an agent that listens to uevents loads an image" agent_loads

nobody_loads()
{
	expect_log 'was not loaded'
	builtin_port
	builtin_card c0 external 300
	echo 1 >$BUILTIN/c0/live
	region=$(region_of h0/p0)
	functions_below "$port" >/tmp/before
	save_config "$port" /tmp/config-before
	load "$region" user
	expect_eq "$LOAD_ERR" ETIMEDOUT "the write"
	expect_below $((LOAD_NS / 1000000)) 3000 "its time in ms"
	expect_file "$region/state" failed
	expect_match "$(first_line "$region/last_error")" \
		'did not begin to load it within 300 ms.*brought back by its link'
	builtin_expect_runs factory 1000
	expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
}
run_case "a load that nobody does ends at the deadline" nobody_loads

by_function()
{
	builtin_port
	builtin_card c0 hot_reset
	functions_below "$port" | sed -n '2s/ .*//p' >$BUILTIN/c0/function
	expect_errno EINVAL $BUILTIN/c0/live 1
	echo >$BUILTIN/c0/port
	echo 1 >$BUILTIN/c0/live
	load_ok "$(region_of h0/p0)" user
}
run_case "the port is found from a function" by_function

incomplete()
{
	builtin_port
	c0=$BUILTIN/c0
	mkdir $c0
	expect_errno EINVAL $c0/live 1
	expect_errno EINVAL $c0/method jtag
	expect_errno EINVAL $c0/live 2
	echo external >$c0/method
	expect_errno EINVAL $c0/live 1
	port_bdf h0/p0 >$c0/port
	expect_errno EINVAL $c0/live 1
	mkdir $c0/images/user
	expect_errno EINVAL $c0/live 1
	expect_errno ERANGE $c0/images/user/timeout_ms 3600001
	echo 1000 >$c0/images/user/timeout_ms
	! mkdir $c0/images/.user || fail "a name that begins with a dot"
	expect_errno EINVAL $c0/port "$(printf '%0100d' 0)"
	echo ffff:ff:1f.7 >$c0/port
	expect_errno ENODEV $c0/live 1
	functions_below "$port" | sed -n '1s/ .*//p' >$c0/port
	expect_errno ENODEV $c0/live 1
	port_bdf h0/p0 >$c0/port
	echo slot_power >$c0/method
	expect_errno EOPNOTSUPP $c0/live 1
	expect_file $c0/live 0
	echo external >$c0/method
	echo 1 >$c0/live
	expect_file $c0/live 1
}
run_case "a card that is not described does not go live" incomplete

pinned()
{
	builtin_port
	builtin_card c0 external
	echo 7 >$BUILTIN/c0/images/user/hold_ms
	echo 1 >$BUILTIN/c0/live
	echo 1 >$BUILTIN/c0/live
	expect_errno EBUSY $BUILTIN/c0/port 0000:00:00.0
	expect_errno EBUSY $BUILTIN/c0/function 0000:00:00.0
	expect_errno EBUSY $BUILTIN/c0/method hot_reset
	expect_errno EBUSY $BUILTIN/c0/images/user/timeout_ms 1
	expect_errno EBUSY $BUILTIN/c0/images/user/hold_ms 1
	expect_file $BUILTIN/c0/method external
	expect_file $BUILTIN/c0/images/user/hold_ms 7
	! mkdir $BUILTIN/c0/images/more || fail "an image was added"
	! rmdir $BUILTIN/c0/images/user || fail "an image was removed"
	! rmdir $BUILTIN/c0 || fail "the card was removed"

	# One back end for a card.
	builtin_card c1 hot_reset
	expect_errno EBUSY $BUILTIN/c1/live 1
	echo 0 >$BUILTIN/c0/live
	echo 1 >$BUILTIN/c1/live
	rmdir $BUILTIN/c0/images/user
	mkdir $BUILTIN/c0/images/more
}
run_case "a live card's directories stay as they are" pinned

loading()
{
	[ "$(first_line "$region/state")" = loading ]
}

busy()
{
	expect_log 'was not loaded'
	builtin_port
	builtin_card c0 external 1000
	echo 1 >$BUILTIN/c0/live
	region=$(region_of h0/p0)
	timed-write "$region/firmware_name" user >/tmp/write &
	await 5000 loading
	expect_errno EBUSY $BUILTIN/c0/live 0
	expect_file $BUILTIN/c0/live 1
	wait $! || true
	expect_eq "$(cut -d' ' -f2 /tmp/write)" ETIMEDOUT "the write"
	echo 0 >$BUILTIN/c0/live
}
run_case "a card stays live while it loads" busy

port_gone()
{
	builtin_port
	builtin_card c0 external
	echo 1 >$BUILTIN/c0/live
	echo 0 >"$SIM/h0/live"
	expect_file $BUILTIN/c0/live 1
	expect_errno EBUSY $BUILTIN/c0/method hot_reset
	echo 0 >$BUILTIN/c0/live
	expect_errno ENODEV $BUILTIN/c0/live 1
	sim_live h0
	port_bdf h0/p0 >$BUILTIN/c0/port
	echo 1 >$BUILTIN/c0/live
	region_of h0/p0
}
run_case "a live card outlives its port" port_gone

driver_first()
{
	trap builtin_reset EXIT
	standard_card h0/p0 100
	builtin_card c0 external
	expect_errno EBUSY $BUILTIN/c0/live 1
	load_ok "$(region_of h0/p0)" user
}
run_case "a card with a back end gets no other" driver_first
