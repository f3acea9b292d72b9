# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A machine that was installed: its modules by modprobe, its drivers by udev, its commands.

# machine_up: udev listens, and what is there already is not asked again. The images'
# files are where the kernel looks first.
machine_up()
{
	hash fpgacard devlink jq modprobe udevadm
	[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
	[ -S /run/udev/control ] || /lib/systemd/systemd-udevd --daemon
	for up_fs in debug/debugfs tracing/tracefs; do
		mount -t "${up_fs#*/}" "${up_fs#*/}" "/sys/kernel/${up_fs%/*}" 2>/dev/null ||
			[ -n "$(ls "/sys/kernel/${up_fs%/*}")" ]
	done
	modprobe fpga-card
	printf /tests/firmware >/sys/module/firmware_class/parameters/path
	# shellcheck disable=SC2046 # They are parameters.
	modprobe pcie-card-sim $(cat /tests/sim-memory)
	modprobe sim-bmc
	[ -d "$SIM" ] || mount -t configfs configfs /sys/kernel/config
	[ -d "$SIM" ]
}

# from_the_packages MODULE...: they are loaded, and come from DKMS
from_the_packages()
{
	for from_module in "$@"; do
		[ -d "/sys/module/$(echo "$from_module" | tr - _)" ] ||
			fail "$from_module is not loaded"
		from_file=$(modinfo -n "$from_module")
		case $from_file in
		*"/lib/modules/$(uname -r)/updates/dkms/"*) ;;
		*)	fail "$from_module is $from_file" ;;
		esac
	done
}

# command_loads FROM IMAGE: by fpgacard alone, which is asked before and after
command_loads()
{
	expect_eq "$(fpgacard list --json | jq -r '.cards[] | .state + " " + .running')" \
		"idle $1" "the list of cards"
	fc 0 load "$2" --yes
	fc_is .done true
	fc_is .outcome success
	fc_is .previous_image "$1"
	fc 0 list
	fc_is '.cards[0].running' "$2"
	fc 0 history
	fc_is '.requests | length > 0' true
	fc_is '[.requests[] | select(.image == "'"$2"'")][0].outcome' success
	expect_file "$SIM/h0/p0/card/running" "$2"
}

# card_conf NAME: a file that describes the card of h0/p0, which has no driver
card_conf()
{
	cat >"/etc/fpgacard/cards.d/$1.conf" <<-FILE
		[card]
		port = $(port_bdf h0/p0)
		method = hot_reset

		[image factory]
		timeout_ms = 5300

		[image user]
		timeout_ms = 5300
	FILE
}

# link_to DIRECTORY: of those in /run/fpgacard/
link_to()
{
	for link_file in /run/fpgacard/*/*; do
		[ "$(readlink -f "$link_file")" != "$1" ] || return 0
	done
	fail "there is no link to $1"
}

no_link()
{
	[ -z "$(find /run/fpgacard -type l 2>/dev/null)" ]
}
