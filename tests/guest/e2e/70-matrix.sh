# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Every kind of port with every kind of card: the card goes to another image of
# its kind and back, and nobody but the card notices. A hot-plug port reports that
# its link is active (PCIe r6.0, section 7.5.3.6).

. /tests/lib/matrix.sh

# matrix_name VALUE YES NO
matrix_name()
{
	if [ "$1" = 1 ]; then echo "$2"; else echo "$3"; fi
}

matrix()
{
	for kind in single vfs switch; do
	for hotplug in 1 0; do
	for aer in 1 0; do
	for dpc in 1 0; do
	for active in 1 0; do
		[ $hotplug$active != 10 ] || continue
		case $kind in
		single)	cell="one function" ;;
		vfs)	cell="three functions, 8 VFs" ;;
		switch)	cell="switch with two NICs" ;;
		esac
		cell="$(matrix_name $hotplug hot-plug plain) port, $(
			matrix_name $aer AER "no AER"), $(
			matrix_name $dpc DPC "no DPC"), link active $(
			matrix_name $active reported "not reported"), $cell"
		matrix_set $kind $hotplug $aer $dpc $active
		run_case "matrix: $cell" matrix_cell
	done; done; done; done; done
}

matrix_start=$(date +%s)
matrix
note "the matrix took $(($(date +%s) - matrix_start)) s"

# Each card once below a switch of the host: three bridges to keep quiet.
for kind in single vfs switch; do
	matrix_set $kind 1 1 1 1 1
	run_case "matrix: below a switch of the host, $kind" matrix_cell
done
