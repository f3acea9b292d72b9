# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Many reloads in a row: to more functions, and to fewer.
#
# See lib/qemu.sh for $slot, $port and $region.
# shellcheck disable=SC2154

MANY=50

many()
{
	slot_plug rp1 one
	slot_card rp1 slot_power
	swap one
	save_config "$port" /tmp/config-before
	many_sum=0 many_max=0
	for many_n in $(seq $((MANY / 2))); do
		case $((many_n % 3)) in
		0)	many_image=four ;;
		1)	many_image=vfs ;;
		2)	many_image=nic ;;
		esac
		for many_image in "$many_image" one; do
			swap "$many_image"
			many_ms=$((LOAD_NS / 1000000))
			many_sum=$((many_sum + many_ms))
			[ "$many_ms" -le "$many_max" ] || many_max=$many_ms
			save_config "$port" /tmp/config-after
			expect_same_config /tmp/config-before /tmp/config-after \
				but-image
		done
		expect_same_config /tmp/config-before /tmp/config-after
	done
	note "$MANY reloads took $((many_sum / MANY)) ms on average, $many_max at most"
	pciehp_owns rp1
	sleep 7
	expect_image rp1 one
}
run_case "$MANY reloads in a row, to more functions and to fewer" many
