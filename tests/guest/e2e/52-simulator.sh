# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What configfs says of images, functions and hosts is what the kernel finds.

# plain_card [HOST-ATTRIBUTE=VALUE...]: two images, no back end, not live yet
plain_card()
{
	sim_port h0/p0 hotplug=0 surprise_down=0
	sim_set "$SIM/h0" "$@"
	card=$SIM/h0/p0/card
	sim_set "$card/images/factory" reload_ms=50
	sim_set "$card/images/factory/pf0" vendor=0x1d0f device=0x1000 "bar0=64K"
	sim_set "$card/images/factory/pf1" vendor=0x1d0f device=0x1001 "bar0=64K"
	sim_set "$card/images/user" reload_ms=50
	sim_set "$card/images/user/pf0" vendor=0x1d0f device=0x2000 "bar0=64K"
	sim_set "$card" boot_image=factory present=1
}

# The kernel forgets what is below the port and looks for what is there.
rescan()
{
	for fn_dir in "$(port_dir h0/p0)"/????*:*; do
		[ ! -f "$fn_dir/remove" ] || echo 1 >"$fn_dir/remove"
	done
	echo 1 >"$(port_dir h0/p0)/rescan"
}

link_is_up()
{
	[ "$(first_line "$card/link")" = up ]
}

card_loads()
{
	echo "$1" >"$card/load"
	await 5000 link_is_up
	rescan
}

# fn N: the directory of function N
fn()
{
	echo "$(port_dir h0/p0)"/????*:00."$1"
}

# resource N R: "start end flags" of resource R of function N
resource()
{
	sed -n "$(($2 + 1))p" "$(fn "$1")/resource"
}

# Not zeros: where the kernel gave no address there is "0x0... SIZE FLAGS"
has_address()
{
	resource "$1" "$2" | grep -q '^0x0*[1-9a-f]'
}

config_bytes()
{
	od -An -v -tx1 "$(fn 0)/config" | tr -d ' \n'
}

# Device Serial Number, the last of the capabilities (PCIe r6.0, section 7.9.3)
expect_serial()
{
	expect_match "$(config_bytes)" "03000100$1"
}

images_have_serial_numbers()
{
	plain_card
	sim_set "$card" serial=0x1122334455667788
	expect_file "$card/images/user/serial" card
	sim_set "$card/images/user" serial=0x0123456789abcdef
	expect_file "$card/images/user/serial" 0x0123456789abcdef
	sim_set "$card/images/user" serial=card
	expect_file "$card/images/user/serial" card
	expect_errno EINVAL "$card/images/user/serial" cards
	sim_set "$card/images/user" serial=0x0123456789abcdef
	sim_live h0
	expect_errno EBUSY "$card/images/user/serial" 0
	expect_serial 8877665544332211
	card_loads user
	expect_serial efcdab8967452301
}
run_case "an image has the serial number that configfs says" \
	images_have_serial_numbers

ids_come_later()
{
	plain_card
	sim_set "$card/faults" transient_ms=60000 transient_vendor=0x10ee \
		transient_device=0x7011
	expect_file "$card/faults/transient_vendor" 0x10ee
	expect_errno ERANGE "$card/faults/transient_device" 0x10000
	sim_live h0
	expect_match "$(functions_below "$(port_dir h0/p0)")" ' 1d0f:1000$'
	card_loads user
	expect_match "$(functions_below "$(port_dir h0/p0)")" ' 10ee:7011$'
	sim_set "$card/faults" transient_ms=0
	rescan
	expect_match "$(functions_below "$(port_dir h0/p0)")" ' 1d0f:2000$'
}
run_case "a card has other IDs at first" ids_come_later

class_may_be_zero()
{
	plain_card
	sim_set "$card/images/factory/pf1" class=0
	expect_file "$card/images/factory/pf1/class" 0x000000
	sim_live h0
	expect_file "$(fn 0)/class" 0x120000
	expect_file "$(fn 1)/class" 0x000000
	has_address 0 0
	! has_address 1 0 || fail "a function without a class has an address"
}
run_case "a function may have class code 0" class_may_be_zero

io_space_is_there()
{
	plain_card io_window=16K
	expect_file "$SIM/h0/io_window" 16K
	expect_errno EINVAL "$SIM/h0/io_window" 1000
	expect_errno EINVAL "$SIM/h0/io_window" -4K
	expect_errno ERANGE "$SIM/h0/io_window" 68K
	sim_set "$card/images/factory/pf0" "bar2=64 io"
	expect_file "$card/images/factory/pf0/bar2" "64 io"
	expect_errno EINVAL "$card/images/factory/pf0/bar2" "64 oi"
	expect_errno EINVAL "$card/images/factory/pf0/bar2" 64
	sim_live h0
	expect_match "$(cat /proc/ioports)" ': pcie-card-sim host$'
	has_address 0 2
	# IORESOURCE_TYPE_BITS are 0x1f00, IORESOURCE_IO is 0x100.
	resource 0 2 | {
		read -r from to flags
		expect_eq $((to - from + 1)) 64 "size"
		expect_eq $((flags & 0x1f00)) $((0x100)) "type"
	}
	echo 0 >"$SIM/h0/live"
	! grep 'pcie-card-sim host' /proc/ioports || fail "the window is left"
	sim_set "$SIM/h0" io_window=64K
	expect_errno EBUSY "$SIM/h0/live" 1
}
run_case "a host may have I/O space" io_space_is_there

# memory_window: the size of the host's, as the kernel has it
memory_window()
{
	sed -n 's/^ *\([0-9a-f]*\)-\([0-9a-f]*\) : pcie-card-sim host$/\1 \2/p' \
		/proc/iomem | while read -r from to; do
			echo $((0x$to - 0x$from + 1))
		done
}

window_is_as_said()
{
	plain_card window=8M
	expect_file "$SIM/h0/window" 8192K
	expect_errno EINVAL "$SIM/h0/window" 8000K
	expect_errno EINVAL "$SIM/h0/window" 8Mi
	expect_errno EINVAL "$SIM/h0/window" M
	expect_errno ERANGE "$SIM/h0/window" 2G
	sim_live h0
	expect_errno EBUSY "$SIM/h0/window" 0
	expect_eq "$(memory_window)" 8388608 "memory window"
}
run_case "a host has the memory window that configfs says" window_is_as_said
