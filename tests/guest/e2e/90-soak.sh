# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Many reloads in a row: nothing leaks, nothing slows down, numbers stay.

# The many are for the kernel that would see a leak.
SOAK_RELOADS=40
[ ! -f "$KMEMLEAK" ] || SOAK_RELOADS=200
case $(cat /proc/cmdline) in
*fpgacard.soak=*)
	SOAK_RELOADS=$(sed 's/.*fpgacard\.soak=\([0-9]*\).*/\1/' /proc/cmdline)
	;;
esac

# median FILE
median()
{
	sort -n "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"
}

soak()
{
	standard_card h0/p0 20
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	# The first round makes what is made once.
	load_ok "$region" user
	load_ok "$region" factory
	functions_below "$port" >/tmp/before
	ls /sys/class/fpga_region /sys/class/fpga_manager >/tmp/classes-before
	save_config "$port" /tmp/config-before
	: >/tmp/times
	i=0
	while [ $i -lt $((SOAK_RELOADS / 2)) ]; do
		load_ok "$region" user
		echo $((LOAD_NS / 1000000)) >>/tmp/times
		load_ok "$region" factory
		echo $((LOAD_NS / 1000000)) >>/tmp/times
		i=$((i + 1))
		# A guest that says nothing for long is taken for one that hangs.
		[ $((i % 100)) -ne 0 ] || note "$((2 * i)) of $SOAK_RELOADS reloads"
	done
	expect_eq "$(wc -l </tmp/times)" "$SOAK_RELOADS" "reloads"
	expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
	ls /sys/class/fpga_region /sys/class/fpga_manager >/tmp/classes-after
	expect_eq "$(cat /tmp/classes-after)" "$(cat /tmp/classes-before)" "classes"
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after

	head -n 20 /tmp/times >/tmp/first
	tail -n 20 /tmp/times >/tmp/last
	first=$(median /tmp/first)
	last=$(median /tmp/last)
	note "$SOAK_RELOADS reloads: median of the first 20 $first ms, of the last 20 $last ms"
	expect_below "$last" $((first + first / 4)) "median of the last in ms"
}
run_case "$SOAK_RELOADS reloads in a row, the last as fast as the first" soak
