# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The table of make matrix: a row for each machine, and what came of its cases. A case is
# of the column that its name begins with.

TABLE_COLUMNS=(packages command devlink sysfs overlay N6000 services purge)
TABLE_ROWS=() TABLE_REASONS=()
declare -A TABLE=()

table_begin()
{
	TABLE_ROWS+=("$1")
}

# table_result ROW pass|fail NAME: one that failed is for good
table_result()
{
	local column=${3%%:*}

	column=${column#by }
	if [ "$2" = fail ]; then
		TABLE["$1 $column"]=no
	else
		: "${TABLE["$1 $column"]:=yes}"
	fi
}

# table_cannot ROW COLUMN REASON: the kernel is not made for it
table_cannot()
{
	local n

	for n in "${!TABLE_REASONS[@]}"; do
		[ "${TABLE_REASONS[n]}" != "$3" ] || break
		n=
	done
	if [ -z "${n:-}" ]; then
		n=${#TABLE_REASONS[@]}
		TABLE_REASONS+=("$3")
	fi
	TABLE["$1 $2"]="- [$((n + 1))]"
}

# table_guest ROW VERDICT [COLUMN...]: what a guest wrote there. One that died has failed in
# what it was at, which is missing there; COLUMNs are those that the machine itself may have
# passed, and the guest has to as well.
table_guest()
{
	local line column

	for column in "${@:3}"; do
		grep -Eq "^(not )?ok [0-9]+ - (by )?$column: " "$2" ||
			table_result "$1" fail "$column: "
	done
	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		*"# SKIP"*)	;;
		"ok "*)		table_result "$1" pass "${line#ok * - }" ;;
		"not ok "*)	table_result "$1" fail "${line#not ok * - }" ;;
		esac
	done <"$2"
}

# table_print: what did not run is a "no".
table_print()
{
	local row column n

	echo "#"
	printf '# %-21s' machine
	printf ' %-9s' "${TABLE_COLUMNS[@]}"
	echo
	for row in "${TABLE_ROWS[@]}"; do
		printf '# %-21s' "$row"
		for column in "${TABLE_COLUMNS[@]}"; do
			printf ' %-9s' "${TABLE["$row $column"]:-no}"
		done
		echo
	done
	for n in "${!TABLE_REASONS[@]}"; do
		echo "# [$((n + 1))] ${TABLE_REASONS[n]}"
	done
	echo "#"
}
