# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The playbook, on hosts that are this machine under several names. Each has a card of its
# own, which $FLEET_DIR/outcome-CARD says the outcome of.

export ANSIBLE_HOME=$work/ansible ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_NOCOLOR=1 \
	ANSIBLE_STDOUT_CALLBACK=default ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3

cat >bin/fpgacard <<'END'
#!/bin/bash
# fpgacard --json --card CARD load --yes --wait IMAGE
[ "$1 $2 $4 $5 $6" = "--json --card load --yes --wait" ] || exit 2
echo "$3 $7" >>"$FLEET_DIR/asked"
read -r code result done <"$FLEET_DIR/outcome-$3"
card='{"region":"region0","device":"fpga-card.0","port":"0000:00:01.0","serial":null}'
error=
[ "$code" = 0 ] || error=',"error":"what went wrong"'
if [ "$done" = true ]; then
	rest='"done":true,"steps":[],"request":"load","image":"'$7'","previous_image":"factory",'
	rest+='"outcome":"'$result'","outcome_errno":5,"duration_ms":1,"outage_ms":1,'
	rest+='"present":1,"link_speed":null,"link_width":0,'
	rest+='"previous_link_speed":null,"previous_link_width":0,'
else
	rest='"done":false,'
fi
answer='{"card":'$card','$rest'"command":"load","result":"'$result'","exit":'$code$error'}'
echo "$answer" >>"$FLEET_DIR/answers"
echo "$answer"
exit "$code"
END
chmod +x bin/fpgacard

cat >hosts <<'END'
[fpga]
alpha fpgacard_card=one
beta fpgacard_card=two
gamma fpgacard_card=three
[fpga:vars]
ansible_connection=local
fpgacard_become=false
END

# cards "CODE RESULT DONE"...: of the cards one, two and three
cards()
{
	echo "$1" >outcome-one
	echo "$2" >outcome-two
	echo "$3" >outcome-three
	: >asked
}

# plays CODE: the playbook ends with it
# shellcheck disable=SC2317
plays()
{
	local code=0

	ansible-playbook -i hosts "$FLEET/ansible/reload.yml" -e fpgacard_image=user \
		>played 2>&1 || code=$?
	[ "$code" = "$1" ] || { echo "# ended with $code"; sed 's/^/# /' played; return 1; }
}

# asked_are CARD...: in that order
# shellcheck disable=SC2317
asked_are()
{
	[ "$(cut -d' ' -f1 asked | tr '\n' ' ')" = "$* " ] || { sed 's/^/# asked: /' asked; return 1; }
}

# recap HOST FIELD: of the last lines
# shellcheck disable=SC2317
recap()
{
	sed -n "s/^$1 *:.* $2=\([0-9]*\).*/\1/p" played
}

# shellcheck disable=SC2317
all_get_it()
{
	cards "0 success true" "0 success false" "10 degraded true"
	plays 0 && asked_are one two three || return 1
	# One had the image already.
	[ "$(recap alpha changed) $(recap beta changed) $(recap gamma changed)" = "1 0 1" ] ||
		{ tail -n 5 played; return 1; }
}

# shellcheck disable=SC2317
lost_ends_it()
{
	cards "0 success true" "15 lost true" "0 success true"
	plays 2 && asked_are one two || return 1
	grep -q 'The card is lost: what went wrong' played
}

# shellcheck disable=SC2317
others_do_not()
{
	local code

	for code in "11 refused false" "12 cancelled true" "13 rolled-back true" \
			"14 recovered true" "16 busy false"; do
		cards "$code" "0 success true" "0 success true"
		plays 2 && asked_are one two three || return 1
		[ "$(recap alpha failed) $(recap beta failed)" = "1 0" ] ||
			{ sed 's/^/# /' played; return 1; }
		grep -q "$(cut -d' ' -f2 <<<"$code"): what went wrong" played || return 1
	done
}

try "fleet: ansible loads one host after the other" all_get_it
try "fleet: it ends at the first card that is lost" lost_ends_it
try "fleet: it goes on after others that failed, and tells them" others_do_not
