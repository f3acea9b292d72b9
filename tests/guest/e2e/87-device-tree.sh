# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Hosts and ports that the device tree describes; on arm64 also a port that is
# not one of the simulator's.

# Without a node of its own each guest skips these.
OF_ROOT=/sys/firmware/devicetree/base
OF_HOST=/pcie-card-sim@0

of_needed()
{
	[ -d "$OF_ROOT$OF_HOST" ] || skip "no device tree that describes a host"
}

# of_path DEVICE: path of the node that a device has
of_path()
{
	of_link=$(readlink -f "$1/of_node")
	echo "${of_link#"$OF_ROOT"}"
}

# of_empty_port HOST/PORT
of_empty_port()
{
	sim_port "$1"
	sim_set "$SIM/$1/card" present=0
}

of_refused()
{
	mkdir "$SIM/h0"
	expect_file "$SIM/h0/of_node" ""
	if [ "$(uname -m)" = x86_64 ]; then
		expect_errno EOPNOTSUPP "$SIM/h0/of_node" /
		expect_errno EOPNOTSUPP "$SIM/h0/of_node" /nothing
		return
	fi
	expect_errno ENODEV "$SIM/h0/of_node" /nothing
	expect_errno ENODEV "$SIM/h0/of_node" nothing
	expect_errno EINVAL "$SIM/h0/of_node" /chosen
	expect_errno EINVAL "$SIM/h0/of_node" /
	expect_file "$SIM/h0/of_node" ""
	of_needed
	expect_errno 0 "$SIM/h0/of_node" $OF_HOST
	expect_errno EINVAL "$SIM/h0/of_node" /chosen
	expect_file "$SIM/h0/of_node" $OF_HOST
	echo >"$SIM/h0/of_node"
	expect_file "$SIM/h0/of_node" ""
}
run_case "of_node takes nothing but nodes of hosts" of_refused

of_taken()
{
	of_needed
	of_empty_port h0/p0
	of_empty_port h1/p0
	echo $OF_HOST >"$SIM/h0/of_node"
	echo $OF_HOST >"$SIM/h1/of_node"
	sim_live h0
	expect_errno EBUSY "$SIM/h0/of_node" $OF_HOST
	expect_errno EBUSY "$SIM/h1/live" 1
	expect_file "$SIM/h1/live" 0

	# It can be had again, also by a host that failed to get it.
	echo 0 >"$SIM/h0/live"
	sim_live h1
	expect_eq "$(of_path "$(port_dir h1/p0)")" $OF_HOST/pcie@10,0 "node"
	# QEMU's own hosts have theirs, too.
	expect_errno EBUSY "$SIM/h0/live" 1
	echo /pcie@10000000 >"$SIM/h0/of_node"
	expect_errno EBUSY "$SIM/h0/live" 1
}
run_case "a node serves one host at a time" of_taken

of_ports()
{
	of_needed
	sim_port h0/p0
	of_empty_port h0/p1
	of_empty_port h0/p2
	echo $OF_HOST >"$SIM/h0/of_node"
	standard_card
	port=$(port_dir h0/p0)
	region=$(region_of h0/p0)
	expect_eq "$(of_path "$port")" $OF_HOST/pcie@10,0 "node of the first port"
	expect_eq "$(of_path "$(port_dir h0/p1)")" $OF_HOST/pcie@11,0 "of the second"
	[ ! -e "$(port_dir h0/p2)/of_node" ] || fail "a node out of thin air"
	for image in user factory; do
		load_ok "$region" $image
		expect_eq "$(of_path "$port")" $OF_HOST/pcie@10,0 "node after a load"
	done
	functions_below "$port" >/tmp/functions
	[ -s /tmp/functions ] || fail "there is no function"
	while read -r bdf _; do
		[ ! -e "/sys/bus/pci/devices/$bdf/of_node" ] ||
			fail "$bdf has a node"
	done </tmp/functions
}
run_case "ports have their nodes, over a reload as well" of_ports

# ---- QEMU's own port ----

REAL_CARD=/sys/kernel/config/fpga-card/real

real_port()
{
	for real_dir in /sys/bus/pci/devices/0000:*; do
		[ "$(first_line "$real_dir/class")" = 0x010802 ] || continue
		real_fn=$(readlink -f "$real_dir")
		real_port=${real_fn%/*}
		[ -f "$real_port/vendor" ] && return
	done
	skip "no card below a port of the machine's own"
}

real_reset()
{
	[ ! -d $REAL_CARD ] || {
		echo 0 >$REAL_CARD/live
		rmdir $REAL_CARD/images/* $REAL_CARD
	}
}

real_region()
{
	for real_dir in /sys/class/fpga_region/*; do
		case $(readlink -f "$real_dir") in
		"$real_port"/*) echo "$real_dir"; return 0 ;;
		esac
	done
	return 1
}

real_bound()
{
	[ "$(basename "$(readlink -f "$real_fn/driver")")" = nvme ]
}

real_reload()
{
	real_port
	trap real_reset EXIT
	await 10000 real_bound
	save_config "$real_port" /tmp/real-before
	functions_below "$real_port" >/tmp/real-functions
	mkdir $REAL_CARD
	echo hot_reset >$REAL_CARD/method
	echo "${real_port##*/}" >$REAL_CARD/port
	mkdir $REAL_CARD/images/other
	echo 5000 >$REAL_CARD/images/other/timeout_ms
	echo 1 >$REAL_CARD/live
	await 5000 real_region
	region=$(real_region)
	if [ -d $OF_ROOT/pcie@10000000 ]; then
		expect_eq "$(of_path "$real_port")" /pcie@10000000/pcie@1,0 "node"
	fi
	for real_n in 1 2; do
		load_ok "$region" other
		note "QEMU's port: reload $real_n took $((LOAD_NS / 1000000)) ms"
		await 10000 real_bound
		functions_below "$real_port" >/tmp/real-after
		cmp /tmp/real-functions /tmp/real-after || fail "the functions differ"
	done
	save_config "$real_port" /tmp/real-after
	expect_same_config /tmp/real-before /tmp/real-after
}
run_case "QEMU's own port: a card is reloaded by hot reset" real_reload
