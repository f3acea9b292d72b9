# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Cards by iproute2's devlink, whose JSON jq takes apart.

# devlink_name HOST/PORT: how devlink knows the card below that port
devlink_name()
{
	devlink_fn=$(functions_below "$(port_dir "$1")" | head -n 1)
	echo "fpga_card/${devlink_fn%% *}"
}

# devlink_has NAME: there is such an instance
devlink_has()
{
	devlink dev show "$1" >/dev/null 2>&1
}

# devlink_card HOST/PORT [RELOAD_MS]: a card that devlink knows; sets DL, REGION, PORT
devlink_card()
{
	standard_card "$@"
	REGION=$(region_of "$1")
	PORT=$(port_dir "$1")
	export REGION PORT
	DL=$(devlink_name "$1")
	await 5000 devlink_has "$DL"
}

# dl_get FILTER COMMAND...: of what devlink says in JSON about $DL
dl_get()
{
	dl_filter=$1
	shift
	devlink -j "$@" "$DL" >/tmp/devlink.json || fail "devlink $* $DL"
	jq -r --arg dl "$DL" "$dl_filter" /tmp/devlink.json
}

# dl_info FILTER: of "dev info"
dl_info()
{
	dl_get ".info[\$dl] | $1" dev info
}

# dl_show FILTER: of "dev show" with statistics
dl_show()
{
	devlink -j -s dev show "$DL" >/tmp/devlink.json
	jq -r --arg dl "$DL" ".dev[\$dl] | $1" /tmp/devlink.json
}

# dl_health FILTER: of the health reporter
dl_health()
{
	devlink -j health show "$DL" reporter card >/tmp/devlink.json
	jq -r --arg dl "$DL" ".health[\$dl][0] | $1" /tmp/devlink.json
}

# dl_ok COMMAND...
dl_ok()
{
	devlink "$@" >/tmp/devlink-out 2>&1 ||
		fail "devlink $*: $(cat /tmp/devlink-out)"
}

# dl_fails ERROR SENTENCE COMMAND...: with that word of the kernel's, and that sentence
dl_fails()
{
	dl_error=$1 dl_sentence=$2
	shift 2
	if devlink "$@" >/tmp/devlink-out 2>&1; then
		fail "devlink $* succeeded: $(cat /tmp/devlink-out)"
	fi
	expect_match "$(cat /tmp/devlink-out)" "$dl_error"
	expect_match "$(cat /tmp/devlink-out)" "$dl_sentence"
}

dl_reload()
{
	dl_ok dev reload "$DL" action fw_activate
}

# dl_start COMMAND...: in the background
dl_start()
{
	devlink "$@" >/tmp/devlink-bg 2>&1 &
	DL_PID=$!
}

# dl_end: it has to have succeeded
dl_end()
{
	wait "$DL_PID" || fail "devlink: $(cat /tmp/devlink-bg)"
}

in_state()
{
	[ "$(first_line "$1/state")" = "$2" ]
}

devlink_gone()
{
	! devlink_has "$1"
}
