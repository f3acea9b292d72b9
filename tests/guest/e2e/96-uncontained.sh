# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What the matrix is worth: with containment off, cells of it that pass do not.
# After 95-unplug.sh, for the same reason as that.

. /tests/lib/matrix.sh
. /tests/lib/errors.sh
. /tests/lib/announce.sh

CONTAIN=/sys/module/pci_reload/parameters/contain

# What came of the load may be anything now.
cell_fails()
{
	( set -eu; matrix_cell ) >/tmp/cell-out 2>&1 &&
		fail "the cell passes without containment"
	cat /tmp/cell-out
}

contain()
{
	echo "$1" >$CONTAIN
}

surprise_down_is_reported()
{
	expect_log 'AER: .*[Ee]rror.*received'
	matrix_set single 0 1 0 1
	matrix_boot
	region=$(region_of h0/p0)
	surprise_down_is_not_fatal
	matrix_load b
	load_ok "$region" a
	echo >"$SIM_DEBUG/h0/log"
	contain 0
	load "$region" b
	contain 1
	sim_logged ' error port=0 .* value=0x20$' || fail "there was no surprise"
	sim_logged ' irq port=0 ' || fail "the port raised no interrupt"
}

firmware_is_told()
{
	matrix_set single 0 1 0 1
	matrix_boot
	region=$(region_of h0/p0)
	firmware_first
	matrix_load b
	load_ok "$region" a
	echo >"$SIM_DEBUG/h0/log"
	contain 0
	load "$region" b
	contain 1
	sim_logged ' system-error ' || fail "the machine is still up"
}

pciehp_takes_the_card_away()
{
	allow_unplug
	expect_log 'pciehp.*Link Down'
	matrix_set single 1 0 0 1
	contain 0
	cell_fails
	contain 1
}

dpc_takes_the_link_away()
{
	allow_unplug
	expect_log 'DPC: containment event'
	matrix_set single 0 1 1 1
	contain 0
	cell_fails
	contain 1
}

# uncontained NAME FUNCTION: whatever the case ends like, containment is on
uncontained()
{
	run_case "without containment, $1" "$2"
	contain 1
}

uncontained "AER sees a surprise down" surprise_down_is_reported
uncontained "firmware would stop the machine" firmware_is_told
uncontained "DPC disables the link" dpc_takes_the_link_away
uncontained "pciehp takes the card away" pciehp_takes_the_card_away

# As cards do it that are not announced, see 66-announce.sh.
pciehp_takes_the_card_that_resets_itself()
{
	allow_unplug
	expect_log 'pciehp.*Link Down'
	announce_card 1 0 0
	announce_log_from
	echo 0 >"${card:?}/reset_itself"
	await 10000 announce_log
	await 10000 sim_logged ' dev-del '
}
run_case "pciehp takes away a card that resets itself" \
	pciehp_takes_the_card_that_resets_itself

matrix_set single 0 1 1 1
run_case "with it again, nobody notices on a plain port" matrix_cell
matrix_set single 1 1 1 1
run_case "with it again, nobody notices on a hot-plug port" matrix_cell
