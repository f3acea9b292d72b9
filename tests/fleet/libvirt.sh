# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The hook for virtual machines. virsh is the real one, on libvirt's test driver, whose
# machines are in a file; it detaches and attaches nothing, so a script does that in the file.

mkdir -p machines bin-libvirt
cat >bin-libvirt/machines <<'END'
#!/bin/bash
# The file for libvirt, from those of machines/: each has the functions of one
cd "$FLEET_DIR/machines" || exit
echo "<node><memory>8192000</memory>"
for name in *; do
	echo "<domain type='test'><name>$name</name><memory>8192</memory>"
	echo "<os><type>hvm</type></os><devices>"
	while IFS=: read -r domain bus slot; do
		[ -n "$slot" ] || continue
		printf "<hostdev mode='subsystem' type='pci' managed='yes'><source><address %s/>" \
			"domain='0x$domain' bus='0x$bus' slot='0x${slot%.*}' function='0x${slot#*.}'"
		echo "</source></hostdev>"
	done <"$name"
	echo "</devices></domain>"
done
echo "</node>"
END
REAL_VIRSH=$(command -v virsh)
export REAL_VIRSH LIBVIRT_DEFAULT_URI=test://$work/machines.xml

cat >bin-libvirt/virsh <<'END'
#!/bin/bash
# What virsh cannot do with these machines
case $1 in
detach-device|attach-device)
	[ "$4" = --live ] || exit 2
	function=$(sed -nE "s/.*domain=\"0x(....)\" bus=\"0x(..)\" slot=\"0x(..)\" function=\"0x(.)\".*/\1:\2:\3.\4/p" "$3")
	[ -n "$function" ] || exit 1
	echo "$1 $2 $function" >>"$FLEET_DIR/asked"
	[ ! -e "$FLEET_DIR/$1-fails" ] || exit 1
	[ ! -e "$FLEET_DIR/guest-sleeps" ] || exit 0
	if [ "$1" = detach-device ]; then
		sed -i "s/$function//" "$FLEET_DIR/machines/$2"
	else
		echo "$function" >>"$FLEET_DIR/machines/$2"
	fi
	machines >"$FLEET_DIR/machines.xml"
	;;
*)	exec "$REAL_VIRSH" "$@" ;;
esac
END
cat >bin-libvirt/fpgacard <<'END'
#!/bin/bash
# fpgacard --json --card region0 show
[ "$*" = "--json --card region0 show" ] || exit 2
outcome='{"request":null,"image":null,"previous_image":null,"outcome":"none","outcome_errno":0,'
outcome+='"duration_ms":0,"outage_ms":0,"present":1,"link_speed":null,"link_width":0,'
outcome+='"previous_link_speed":null,"previous_link_width":0}'
for address in 0000:3b:00.0 0000:3b:00.1 0000:3b:00.2; do
	functions+=${functions:+,}'{"address":"'$address'","vendor":"1d0f","device":"1000",'
	functions+='"class":"120000","driver":"vfio-pci","vfs":0}'
done
answer='{"card":{"region":"region0","device":"fpga-card.0","port":"0000:3a:00.0","serial":null},'
answer+='"state":"idle","running":"factory","staged":null,"present":true,'
answer+='"functions":['$functions'],"images":[],"last":'$outcome',"boot_image":null,'
answer+='"quiesce":null,"last_error":null,"staged_percent":0,"timeout_ms":0,"drain_ms":0,"overlap":0,"remember_readiness":0,'
answer+='"force":0,"restore":1,"loads":0,"failures":0,"recoveries":0,'
answer+='"command":"show","result":"success","exit":0}'
echo "$answer" >>"$FLEET_DIR/answers"
echo "$answer"
END
chmod +x bin-libvirt/*

# machines_are NAME=FUNCTION,...
machines_are()
{
	local spec

	rm -rf machines/* run/libvirt ./*-fails guest-sleeps
	: >asked
	for spec; do
		tr , '\n' <<<"${spec#*=}" >"machines/${spec%%=*}"
	done
	bin-libvirt/machines >machines.xml
}

# hook STEP [LOAD]
hook()
{
	PATH=$work/bin-libvirt:$PATH FPGACARD_LOAD=${2:-} FPGACARD_CARD=region0 \
		FPGACARD_IMAGE=user FPGACARD_LIBVIRT_SECONDS=2 "$FLEET/hooks/libvirt" "$1" 2>said
}

# shellcheck disable=SC2317
asked_was()
{
	[ "$(cat asked)" = "$1" ] || { sed 's/^/# asked: /' asked; return 1; }
}

# Of another card's function, and of a machine that has none, nothing is taken.
# shellcheck disable=SC2317
takes_and_gives_back()
{
	machines_are one=0000:3b:00.1,0000:3c:00.1 two=0000:3d:00.0 three=0000:3b:00.2
	hook drain || { cat said; return 1; }
	asked_was "detach-device one 0000:3b:00.1
detach-device three 0000:3b:00.2" || return 1
	: >asked
	hook resume || { cat said; return 1; }
	asked_was "attach-device one 0000:3b:00.1
attach-device three 0000:3b:00.2" || return 1
	[ -z "$(ls run/libvirt/*.xml 2>/dev/null)" ]
}

# The other load takes nothing, as this one has all, and gives nothing back.
# shellcheck disable=SC2317
loads_keep_apart()
{
	machines_are one=0000:3b:00.1
	hook drain night || { cat said; return 1; }
	: >asked
	if ! hook drain day || ! hook resume day; then
		cat said
		return 1
	fi
	asked_was "" && hook resume night && asked_was "attach-device one 0000:3b:00.1"
}

# shellcheck disable=SC2317
refused_ends_it()
{
	machines_are one=0000:3b:00.1
	touch detach-device-fails
	! hook drain || return 1
	: >asked
	# It never went, so there is nothing to give back.
	hook resume && asked_was ""
}

# shellcheck disable=SC2317
guest_that_keeps_it()
{
	machines_are one=0000:3b:00.1
	touch guest-sleeps
	! hook drain && grep -q 'one does not let go of 0000:3b:00.1' said
}

# shellcheck disable=SC2317
says_what_did_not_come_back()
{
	machines_are one=0000:3b:00.1
	hook drain || return 1
	touch attach-device-fails
	! hook resume && grep -q '0000:3b:00.1 is not back in one: virsh attach-device one ' said &&
		[ -s run/libvirt/one@0000:3b:00.1.xml ]
}

# shellcheck disable=SC2317
unreachable_ends_it()
{
	machines_are one=0000:3b:00.1
	rm machines.xml
	! hook drain && asked_was ""
}

try "fleet: libvirt: functions go from virtual machines, and come back" takes_and_gives_back
try "fleet: libvirt: of loads at the same time each gives its own back" loads_keep_apart
try "fleet: libvirt: a machine that refuses ends the load" refused_ends_it
try "fleet: libvirt: so does a guest that does not let go in time" guest_that_keeps_it
try "fleet: libvirt: it tells what did not come back, and how to bring it" \
	says_what_did_not_come_back
try "fleet: libvirt: so does a libvirt that does not answer" unreachable_ends_it
