# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The hook for nodes of Kubernetes. There is no cluster here: kubectl notes what it is asked.

POD=12345678-9abc-def0-1234-56789abcdef0
mkdir -p bin-kubernetes

cat >bin-kubernetes/kubectl <<END
#!/bin/bash
echo "\$*" >>"\$FLEET_DIR/asked"
[ "\$1" != taint ] || [ ! -e "\$FLEET_DIR/taint-fails" ] || exit 1
# Eviction takes a while: the second look finds the pod gone.
if [ "\$1" = get ]; then
	echo '{"items":[{"metadata":{"namespace":"lab","name":"user-of-cards","uid":"$POD"}},
		{"metadata":{"namespace":"lab","name":"other","uid":"0"}}]}'
fi
END
cat >bin-kubernetes/fpgacard <<'END'
#!/bin/bash
# fpgacard --json check IMAGE
[ "$*" = "--json check user" ] || exit 2
[ ! -e "$FLEET_DIR/check-fails" ] || exit 1
users=
if read -r cgroup; then
	users='{"function":"0000:3b:00.1","driver":"sim-fn","use":"open","processes":['
	users+='{"pid":77,"comm":"worker","cgroup":"'$cgroup'"},'
	users+='{"pid":78,"comm":"daemon","cgroup":"/system.slice/ssh.service"},'
	users+='{"pid":79,"comm":"old","cgroup":null}]}'
fi <"$FLEET_DIR/cgroups"
sed -i 1d "$FLEET_DIR/cgroups"
answer='{"card":{"region":"region0","device":"fpga-card.0","port":"0000:3a:00.0","serial":null},'
answer+='"image":"user","loadable":true,"errno":0,"answer":null,"deadline_ms":null,'
answer+='"users":['$users'],"trigger":[],"contained":[],"not_contained":[],'
answer+='"command":"check","result":"success","exit":0}'
echo "$answer" >>"$FLEET_DIR/answers"
echo "$answer"
END
chmod +x bin-kubernetes/*

# pods CGROUP...: of what uses the card, at one look after the other
pods()
{
	rm -rf run/kubernetes
	: >asked
	rm -f taint-fails check-fails
	printf '%s\n' "$@" >cgroups
	[ $# -gt 0 ] || : >cgroups
}

# kube STEP [OUTCOME [LOAD]]
kube()
{
	PATH=$work/bin-kubernetes:$PATH FPGACARD_LOAD=${3:-} FPGACARD_IMAGE=user \
		FPGACARD_NODE=node7 \
		FPGACARD_OUTCOME=${2:-} FPGACARD_KUBERNETES_SECONDS=2 \
		"$FLEET/hooks/kubernetes" "$1" 2>said
}

SYSTEMD=/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD//-/_}.slice/cri-1.scope
CGROUPFS=/kubepods/burstable/pod$POD/1

# shellcheck disable=SC2317
waits_for_pods()
{
	pods "$SYSTEMD" "$CGROUPFS"
	kube drain || { cat said; return 1; }
	# Both looks found it.
	[ ! -s cgroups ] || return 1
	asked_was "taint nodes node7 fpgacard/reload=:NoExecute --overwrite"
}

# shellcheck disable=SC2317
names_who_stays()
{
	pods "$SYSTEMD" "$SYSTEMD" "$CGROUPFS" "$CGROUPFS"
	! kube drain && grep -q 'these pods still use the card: lab/user-of-cards $' said
}

# shellcheck disable=SC2317
passes_over_others()
{
	pods /system.slice/ssh.service
	kube drain && [ ! -s cgroups ]
}

# shellcheck disable=SC2317
taint_that_fails_ends_it()
{
	pods
	touch taint-fails
	! kube drain
}

# shellcheck disable=SC2317
unknown_users_end_it()
{
	pods
	touch check-fails
	! kube drain && grep -q 'not known who uses the card' said
}

# shellcheck disable=SC2317
untaints()
{
	pods
	kube resume success && asked_was "taint nodes node7 fpgacard/reload-" || return 1
	pods
	kube resume lost && asked_was "" && grep -q 'stays on node7' said
}

# shellcheck disable=SC2317
last_load_untaints()
{
	pods
	kube drain "" night && kube drain "" day || return 1
	: >asked
	kube resume success night && asked_was "" && grep -q 'for other loads: day' said ||
		return 1
	kube resume success day && asked_was "taint nodes node7 fpgacard/reload-"
}

try "fleet: kubernetes: pods that use the card are waited for" waits_for_pods
try "fleet: kubernetes: those that stay are named, and end the load" names_who_stays
try "fleet: kubernetes: processes of no pod are not waited for" passes_over_others
try "fleet: kubernetes: a node that cannot be tainted ends it" taint_that_fails_ends_it
try "fleet: kubernetes: so does a card that nobody can be asked about" unknown_users_end_it
try "fleet: kubernetes: the taint goes, unless the card is lost" untaints
try "fleet: kubernetes: of loads at the same time the last one takes the taint away" \
	last_load_untaints
