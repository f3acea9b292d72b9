#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# table.sh: the table of make matrix says "yes" of nothing that failed, died or did not run.

# What tries is called by its name.
# shellcheck disable=SC2317
. "$(dirname "$0")/../lib/all.sh"
. "$TESTS/lib/table.sh"

WORK=$(mktemp -d)
at_exit 'rm -rf "$WORK"'

# cell ROW COLUMN: by what is printed
cell()
{
	table_print | awk -v row="$1" -v column="$2" '
		$2 == "machine" { for (n = 3; n <= NF; n++) if ($n == column) at = n }
		$2 == row { gsub(/- \[/, "-["); $0 = $0; print $at }'
}

is()
{
	[ "$(cell "$1" "$2")" = "$3" ] || { table_print; return 1; }
}

all_passed() { is good command yes && is good N6000 yes; }
one_failed() { is good sysfs no; }
skipped() { is good devlink no; }
not_run() { is dead sysfs no && is dead purge no; }
died() { is dead command no; }
in_root() { is good packages no; }
died_there() { is half purge no && is half packages yes; }
reasons()
{
	is good overlay '-[1]' && is dead overlay '-[1]' && is dead N6000 '-[2]' &&
		table_print | grep -qx '# \[1\] CONFIG_OF is not set' &&
		table_print | grep -qx '# \[2\] too old'
}

table_begin good
printf '%s\r\n' 'ok 1 - by command: one' 'ok 2 - by command: two' 'ok 3 - by sysfs: one' \
	'not ok 4 - by sysfs: two' 'ok 5 - by sysfs: three' 'ok 6 - by devlink: a # SKIP b' \
	'# ok 7 - purge: a note' 'ok 7 - N6000: one: two' 'verdict: 6 passed, 1 failed' \
	>"$WORK/good"
table_guest good "$WORK/good"
table_result good pass "packages: one"
table_result good fail "packages: two"
table_result good pass "packages: three"
table_cannot good overlay "CONFIG_OF is not set"
table_begin dead
printf '%s\r\n' 'ok 1 - packages: one' >"$WORK/dead"
table_guest dead "$WORK/dead"
table_cannot dead overlay "CONFIG_OF is not set"
table_cannot dead N6000 "too old"

table_begin half
table_result half pass "packages: one"
table_result half pass "purge: on the machine"
table_guest half "$WORK/dead" packages purge

try "table: a column whose cases passed" all_passed
try "table: a column with one that failed" one_failed
try "table: a column whose case was skipped" skipped
try "table: a column that did not run" not_run
try "table: a guest that died before it" died
try "table: a guest that died before what passed on the machine itself" died_there
try "table: a failure on the machine itself" in_root
try "table: what a kernel cannot has its reason, once" reasons
finish
