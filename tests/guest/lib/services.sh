# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Loads by systemd: their files, their hooks, who starts them, and a node of Kubernetes whose
# cluster is a script.

RAN=/tmp/services-ran ASKED=/tmp/services-asked POD_STAYS=/tmp/services-pod-stays
POD=12345678-9abc-def0-1234-56789abcdef0
POD_SLICE=$(echo $POD | tr - _)
KUBECTL=/usr/local/bin/kubectl
DROPIN=/run/systemd/system/fpgacard-load@.service.d

# unit_is UNIT STATE
unit_is()
{
	expect_eq "$(systemctl is-active "$1")" "$2" "$1"
}

# links_are NAMES: in /run/fpgacard, and no others
links_are()
{
	expect_eq "$(cd /run/fpgacard 2>/dev/null && find . -type l | sort |
		sed 's|^\./||' | paste -s -d ' ')" "$1" links
}

services_cleanup()
{
	for cleanup_user in member outsider; do
		! getent passwd $cleanup_user >/dev/null || userdel $cleanup_user
	done
	systemctl stop 'fpgacard-load@*.service' cri-1.scope 2>/dev/null || :
	systemctl reset-failed 'fpgacard-load@*.service' 2>/dev/null || :
	find /etc/fpgacard -type f -delete
	rm -rf "$DROPIN" "$KUBECTL" "$RAN" "$ASKED" "$POD_STAYS"
	systemctl daemon-reload
}

# services_card: a card, and nothing of a load before this one
services_card()
{
	trap services_cleanup EXIT
	: >"$RAN"
	: >"$ASKED"
	tool_card
}

# load_conf NAME IMAGE [NAME=VALUE...]
load_conf()
{
	load_conf_file=/etc/fpgacard/loads.d/$1.conf
	printf '%s\n' "CARD=$PORT" "IMAGE=$2" >"$load_conf_file"
	shift 2
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$load_conf_file"
}

# hook NAME [LINE...]: it writes what it is told, and what the card runs then. It does so
# where a unit with a /tmp of its own could not.
hook()
{
	hook_file=/etc/fpgacard/hooks.d/$1
	shift
	# shellcheck disable=SC2016
	printf '%s\n' '#!/bin/sh' \
		"echo \"\${0##*/} \$1 \$(cat $SIM/h0/p0/card/running) \${FPGACARD_OUTCOME-}\" >>$RAN" \
		"$@" >"$hook_file"
	chmod 755 "$hook_file"
}

# ran LINE...: what the hooks have written
ran()
{
	expect_file "$RAN" "$(printf '%s\n' "$@")"
}

# load_said NAME
load_said()
{
	journalctl --sync
	journalctl -b -o cat -u "fpgacard-load@$1"
}

# load_fails NAME
load_fails()
{
	! systemctl start "fpgacard-load@$1" 2>/dev/null || fail "fpgacard-load@$1 did not fail"
	unit_is "fpgacard-load@$1" failed
}

# main_status_is NAME CODE
main_status_is()
{
	expect_eq "$(systemctl show -P ExecMainStatus "fpgacard-load@$1")" "$2" ExecMainStatus
}

# as USER ARGUMENT...: systemctl, of a user who has no terminal to be asked on
as()
{
	as_user=$1
	shift
	setpriv --reuid "$as_user" --regid "$as_user" --init-groups --inh-caps=-all \
		systemctl --no-ask-password "$@" >/tmp/as 2>&1 </dev/null
}

# denied COMMAND...
denied()
{
	! "$@" || fail "$* is allowed"
	expect_match "$(cat /tmp/as)" 'authentication required|Access denied|Permission denied'
}

# kubernetes_hook [NAME=VALUE...]: as it is in the packages, with this kubectl. Eviction takes
# a while, and is not kubectl's.
kubernetes_hook()
{
	install /usr/share/doc/fpgacard-tools/examples/hooks/kubernetes \
		/etc/fpgacard/hooks.d/50-kubernetes
	cat >$KUBECTL <<-SCRIPT
		#!/bin/sh
		[ "\$1" = get ] || echo "\$*" >>$ASKED
		case "\$*" in
		get*)
			echo '{"items":[{"metadata":{"namespace":"lab","name":"user-of-cards",
				"uid":"$POD"}}]}'
			;;
		*=:NoExecute*)
			[ -e $POD_STAYS ] || systemd-run -q --on-active=3 systemctl stop cri-1.scope
			;;
		esac
	SCRIPT
	chmod 755 $KUBECTL
	mkdir -p "$DROPIN"
	{
		echo '[Service]'
		printf 'Environment=%s\n' FPGACARD_NODE=node7 "$@"
	} >"$DROPIN/node.conf"
	systemctl daemon-reload
}

# pod_start: a process of a pod, where kubelet and CRI have systemd put it
pod_start()
{
	systemd-run -q --scope --unit=cri-1 "--slice=kubepods-pod$POD_SLICE.slice" \
		/tests/bin/hold-open "$(echo "$(port_dir h0/p0)"/*:*:*.0/resource0)" >/tmp/pod 2>&1 &
	await 10000 expect_file /tmp/pod open
}
