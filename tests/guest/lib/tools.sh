# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard, whose answers jq takes apart. The host holds them against the schema.

# tool_card [HOST/PORT [RELOAD_MS]]: as standard_card; sets REGION, PORT and CARD, by which
# it is chosen
tool_card()
{
	standard_card "${1:-h0/p0}" "${2:-300}"
	REGION=$(region_of "${1:-h0/p0}")
	CARD=${REGION##*/}
	PORT=$(port_bdf "${1:-h0/p0}")
	export REGION CARD PORT
}

# fc_raw ARGUMENT...: what it prints is in /tmp/fc-out and /tmp/fc-err, $FC_CODE its code
fc_raw()
{
	FC_CODE=0
	fpgacard "$@" >/tmp/fc-out 2>/tmp/fc-err </dev/null || FC_CODE=$?
}

# fc_keep FILE: the host looks at these answers as well
fc_keep()
{
	sed 's/^/json: /' "$1" >&3
}

# fc CODE ARGUMENT...: in JSON; it has to end with that code
fc()
{
	fc_wanted=$1
	shift
	fc_raw --json "$@"
	fc_keep /tmp/fc-out
	[ "$FC_CODE" = "$fc_wanted" ] ||
		fail "fpgacard $*: $FC_CODE, not $fc_wanted: $(cat /tmp/fc-err /tmp/fc-out)"
	expect_eq "$(fc_get .exit)" "$fc_wanted" "exit in JSON"
	if [ "$fc_wanted" = 0 ]; then
		expect_eq "$(cat /tmp/fc-err)" "" "a sentence after success"
	else
		expect_match "$(cat /tmp/fc-err)" '^fpgacard: .'
	fi
}

# fc_get FILTER: of the last answer
fc_get()
{
	jq -r "$1" /tmp/fc-out
}

# fc_is FILTER WANTED
fc_is()
{
	expect_eq "$(fc_get "$1")" "$2" "$1"
}

# fc_says REGEX: the sentence of the last one
fc_says()
{
	expect_match "$(cat /tmp/fc-err)" "$1"
}

# fc_start ARGUMENT...: in the background, in JSON; $FC_PID
fc_start()
{
	fpgacard --json "$@" >/tmp/fc-out 2>/tmp/fc-err </dev/null &
	FC_PID=$!
}

# fc_end CODE: how that ended
fc_end()
{
	FC_CODE=0
	wait "$FC_PID" || FC_CODE=$?
	fc_keep /tmp/fc-out
	expect_eq "$FC_CODE" "$1" "exit code: $(cat /tmp/fc-err /tmp/fc-out)"
}

# fc_in_state STATE
fc_in_state()
{
	expect_file "$REGION/state" "$1"
}

# fc_runs IMAGE: by the card
fc_runs()
{
	expect_file "$SIM/${1%:*}/card/running" "${1#*:}"
}

# watches PID: it listens for uevents (protocol 15 is that of uevents)
watches()
{
	awk -v pid="$1" '$2 == 15 && $3 == pid { found = 1 } END { exit !found }' \
		/proc/net/netlink
}

fc_terminal()
{
	mkdir -p /dev/pts
	mount -t devpts devpts /dev/pts
	trap 'umount /dev/pts' EXIT
}

# fc_hold HOST/PORT: a process has the BAR of a function open, as descriptor 9
fc_hold()
{
	exec 9<"$(echo "$(port_dir "$1")"/*:*:*.0/resource0)"
}
