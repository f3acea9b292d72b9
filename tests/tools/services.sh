# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# What systemd and polkit run, as far as it can be seen without them: the units as systemd
# reads them, the three steps of a listed load, the rule in a JavaScript engine.

need_packages systemd duktape

# units_verified: with the paths of what make install has installed
# shellcheck disable=SC2317
units_are_valid()
{
	local said

	mkdir -p units
	for said in "$work"/root/usr/lib/systemd/system/*; do
		sed "s|/usr/|$work/root/usr/|g" "$said" >"units/${said##*/}"
	done
	said=$(SYSTEMD_UNIT_PATH=$work/units: systemd-analyze verify --man=no \
		"$work/units/fpgacard-attach.service" "$work/units/fpgacard-load@user.service" 2>&1)
	[ -z "$said" ] || { echo "# $said"; return 1; }
	# One that is not valid is told.
	sed -i 's/^Type=.*/Type=magic/' units/fpgacard-attach.service
	said=$(SYSTEMD_UNIT_PATH=$work/units: systemd-analyze verify --man=no \
		"$work/units/fpgacard-attach.service" 2>&1)
	[ -n "$said" ]
}

# hook NAME LINE...: one that writes what it is told, and then does LINEs
hook()
{
	{
		# shellcheck disable=SC2016
		printf '%s\n' '#!/bin/sh' \
			'echo "${0##*/} $1 $FPGACARD_LOAD/$FPGACARD_CARD/$FPGACARD_IMAGE ${FPGACARD_OUTCOME-}" >>ran' \
			"${@:2}"
	} >"hooks/$1"
	chmod 755 "hooks/$1"
}

# listed STEP [VARIABLE=VALUE...]: as systemd runs it
listed()
{
	local step=$1

	shift
	env FPGACARD_HOOKS=hooks FPGACARD_LOAD=night CARD=3b:00.0 IMAGE=user \
		RUNTIME_DIRECTORY="$work/runtime" "$@" \
		"$work/root/usr/libexec/fpgacard/load-listed" "$step" 2>said
}

# ran LINE...: what the hooks have written, and no more
ran()
{
	printf '%s\n' "$@" | diff ran - || return 1
	: >ran
}

# shellcheck disable=SC2317
hooks_run()
{
	mkdir -p hooks runtime
	: >ran
	hook 10-vms 'cat >/dev/null'
	hook 20-net
	hook 30-note.sh
	hook 40-off
	chmod 644 hooks/40-off
	listed drain || return 1
	ran "10-vms drain night/3b:00.0/user " "20-net drain night/3b:00.0/user " || return 1
	grep -q '30-note.sh is passed over' said || return 1
	: >runtime/asked
	listed resume EXIT_CODE=exited EXIT_STATUS=13 || return 1
	ran "20-net resume night/3b:00.0/user rolled-back" \
		"10-vms resume night/3b:00.0/user rolled-back" || return 1
	listed resume EXIT_CODE=killed EXIT_STATUS=KILL || return 1
	ran "20-net resume night/3b:00.0/user killed" "10-vms resume night/3b:00.0/user killed"
}

# Each code that a load can end with has its name.
# shellcheck disable=SC2317
outcomes_are_named()
{
	local code name

	rm -f hooks/*
	hook 10-one
	: >ran
	while read -r code name; do
		case $code in
		[2-6])	name=error ;;
		esac
		listed resume EXIT_CODE=exited EXIT_STATUS="$code" || return 1
		ran "10-one resume night/3b:00.0/user $name" || return 1
	done <codes
}

# shellcheck disable=SC2317
hooks_fail()
{
	local code=0

	rm -f hooks/* runtime/asked
	: >ran
	hook 10-first
	hook 20-refuses 'exit 3'
	hook 30-third
	! listed drain || return 1
	grep -q '20-refuses drain ended with 3' said || return 1
	ran "10-first drain night/3b:00.0/user " "20-refuses drain night/3b:00.0/user " || return 1
	# systemd may still know how the load before this one has ended.
	! listed resume EXIT_CODE=exited EXIT_STATUS=0 || return 1
	ran "30-third resume night/3b:00.0/user not-drained" \
		"20-refuses resume night/3b:00.0/user not-drained" \
		"10-first resume night/3b:00.0/user not-drained" || return 1
	rm -f hooks/*
	hook 10-hangs 'sleep 60'
	! listed drain HOOK_SECONDS=1 || return 1
	grep -q 'did not end within 1 s' said || return 1
	listed drain HOOK_SECONDS=0 || code=$?
	[ "$code" = 2 ] && grep -q 'HOOK_SECONDS=0 is no number' said || return 1
	code=0
	listed drain IMAGE= || code=$?
	[ "$code" = 2 ] && grep -q 'no IMAGE= is listed' said || return 1
	# Without hooks there is nothing to do.
	rm -rf hooks
	listed drain && listed resume
}

# In place of the command: what it is called with
# shellcheck disable=SC2317
loads_as_listed()
{
	mkdir -p called
	# shellcheck disable=SC2016
	printf '%s\n' '#!/bin/sh' 'printf "%s|" "$@" >called/with' 'exit 13' >called/fpgacard
	chmod 755 called/fpgacard
	sed "s|/usr/sbin/fpgacard|$work/called/fpgacard|" \
		"$work/root/usr/libexec/fpgacard/load-listed" >called/load-listed
	rm -f runtime/asked
	IMAGE=-user CARD='' OPTIONS='--force --wait=* --reload' RUNTIME_DIRECTORY=runtime \
		sh called/load-listed load
	[ $? = 13 ] && [ -e runtime/asked ] || return 1
	[ "$(cat called/with)" = 'load|--yes|--wait|--force|--wait=*|--reload|--|-user|' ] ||
		{ echo "# $(cat called/with)"; return 1; }
	IMAGE=user CARD='3b:00.0' RUNTIME_DIRECTORY=runtime sh called/load-listed load
	[ "$(cat called/with)" = 'load|--yes|--wait|--card|3b:00.0|--|user|' ] ||
		{ echo "# $(cat called/with)"; return 1; }
}

# shellcheck disable=SC2317
rule_lets_the_group()
{
	cat - "$TREE/packaging/polkit/50-fpgacard.rules" "$TESTS/tools/polkit.js" >rule.js \
		<<-'SCRIPT'
		var rule, polkit = { Result: { YES: "yes" }, addRule: function (f) { rule = f; } };
	SCRIPT
	duk rule.js >out 2>&1
	grep -qx '[1-9][0-9]* as they should be' out && return
	sed 's/^/# /' out
	return 1
}

# Who looked at the cards before the other must not write after him.
# shellcheck disable=SC2317
links_wait_for_each_other()
{
	local begun=$SECONDS

	mkdir -p locked
	flock locked sleep 3 &
	while flock -n locked true; do
		sleep 0.1
	done
	fpgacard link -d locked && [ $((SECONDS - begun)) -ge 2 ]
}

try "tools: who makes links waits for who does so" links_wait_for_each_other
try "tools: systemd finds no fault with the units" units_are_valid
try "tools: hooks run in order, and know of the load" hooks_run
try "tools: hooks are told each outcome" outcomes_are_named
try "tools: a hook that fails or hangs stops the load, and resume runs" hooks_fail
try "tools: what is listed is loaded, with its options" loads_as_listed
try "tools: the polkit rule lets the group start listed loads, and no more" rule_lets_the_group
