# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Functions that a process has open through VFIO.

NOIOMMU=/sys/module/vfio/parameters/enable_unsafe_noiommu_mode
export NOIOMMU

# to_vfio FUNCTION: binds it to vfio-pci; its group's file is in $group
to_vfio()
{
	fn_dir=/sys/bus/pci/devices/$1
	echo vfio-pci >"$fn_dir/driver_override"
	[ ! -d "$fn_dir/driver" ] || echo "$1" >"$fn_dir/driver/unbind"
	echo "$1" >/sys/bus/pci/drivers_probe
	expect_match "$(readlink "$fn_dir/driver")" '/vfio-pci$'
	group=$(basename "$(readlink "$fn_dir/iommu_group")")
	if [ -e "/dev/vfio/noiommu-$group" ]; then
		group=/dev/vfio/noiommu-$group
	else
		group=/dev/vfio/$group
	fi
}

# vfio_user NAME FUNCTION: a process that has it open, and does what vfio_ask says
vfio_user()
{
	to_vfio "$2"
	case $group in
	*/noiommu-*)	vfio_type= ;;
	*)		vfio_type=-t ;;
	esac
	rm -f "/tmp/vfio-$1"
	mkfifo "/tmp/vfio-$1"
	: >"/tmp/vfio-$1.out"
	# It has both ends, or it would come to the end of it.
	vfio-open ${vfio_type:+"$vfio_type"} "$group" "$2" <>"/tmp/vfio-$1" \
		>"/tmp/vfio-$1.out" 2>&1 &
	vfio_users="${vfio_users:-} $!"
	trap vfio_end EXIT
	await 10000 grep -q '^open$' "/tmp/vfio-$1.out"
}

# vfio_end: nobody has anything open any more
vfio_end()
{
	for vfio_pid in ${vfio_users:-}; do
		kill "$vfio_pid" 2>/dev/null || true
		wait "$vfio_pid" 2>/dev/null || true
	done
	vfio_users=
}

vfio_answered()
{
	[ "$(wc -l <"/tmp/vfio-$1.out")" -gt "$2" ]
}

# vfio_ask NAME COMMAND: prints the answer
vfio_ask()
{
	vfio_lines=$(wc -l <"/tmp/vfio-$1.out")
	echo "$2" >"/tmp/vfio-$1"
	await 10000 vfio_answered "$1" "$vfio_lines"
	tail -n 1 "/tmp/vfio-$1.out"
}
