# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard: cards that files describe.

CONFIG=/sys/kernel/config/fpga-card
CARDS=/etc/fpgacard/cards.d

files_cleanup()
{
	for files_dir in "$CONFIG"/*/; do
		[ ! -d "$files_dir" ] || fpgacard detach "$(basename "$files_dir")"
	done
	rm -rf /etc/fpgacard
}

# files_cards: two of them
files_cards()
{
	trap files_cleanup EXIT
	mkdir -p "$CARDS"
	driverless_card h0/p0
	driverless_card h0/p1
	sim_live h0
}

# conf NAME KEY ADDRESS: a file that describes such a card
conf()
{
	cat >"$CARDS/$1.conf" <<-FILE
		# a card
		[card]
		$2 = $3
		method = hot_reset

		[image factory]
		timeout_ms = 5300
		hold_ms = 20
		[image user]
		  timeout_ms=0x14b4 ; hexadecimal
	FILE
}

one_file()
{
	files_cards
	conf shell port "$(port_bdf h0/p0)"
	fc 0 attach --file "$CARDS/shell.conf"
	fc_is .name shell
	fc_is .card.port "$(port_bdf h0/p0)"
	expect_file "$CONFIG/shell/live" 1
	expect_file "$CONFIG/shell/images/factory/timeout_ms" 5300
	expect_file "$CONFIG/shell/images/factory/hold_ms" 20
	expect_file "$CONFIG/shell/images/user/timeout_ms" 5300
	fc 0 load user -y
	fc_is .outcome success
	# Under its own name it is there; under another one the card has a back end.
	fc 16 attach --file "$CARDS/shell.conf"
	fc 1 attach --file "$CARDS/shell.conf" second
	[ ! -d "$CONFIG/second" ] || fail "something is left"
	fc 0 detach shell
	fc 0 attach -f "$CARDS/shell.conf" second
	fc_is .name second
	fc 0 detach second
}
run_case "a file describes a card" one_file

# bad_file LINE TEXT: the file's LINEs in place of a good one's are refused
bad_file()
{
	sed "$1" "$CARDS/shell.conf" >/tmp/bad.conf
	fc 2 attach --file /tmp/bad.conf
	fc_says "$2"
	[ ! -d "$CONFIG/bad" ] || fail "$1: something is left"
}

bad_files()
{
	files_cards
	conf shell port "$(port_bdf h0/p0)"
	bad_file 's/^method/methods/' '^fpgacard: /tmp/bad.conf:4: "methods" is no key'
	bad_file 's/^hold_ms.*/hold_ms = long/' '/tmp/bad.conf:8: hold_ms: "long" is no number'
	bad_file 's/hot_reset/magic/' '/tmp/bad.conf:4: method: "magic" is none of'
	bad_file 's/^port.*/port = 3a/' '/tmp/bad.conf:3: port: "3a" is no PCI address'
	bad_file 's/^\[image user]/[picture user]/' '/tmp/bad.conf:10: \[picture user\]'
	bad_file 's/^\[card]//' '/tmp/bad.conf:3: outside of sections'
	bad_file 's/^port/port = 3a:00.0\nport/' '/tmp/bad.conf:4: port is there twice'
	bad_file '$d' '/tmp/bad.conf:9: nothing is in this section'
	bad_file '/^method/d' '/tmp/bad.conf: a method is needed'
	bad_file '/timeout_ms = /d' '/tmp/bad.conf: the image "factory" needs timeout_ms'
	bad_file 's/^\[image user]/[image user/' '/tmp/bad.conf:9: this is neither'
	bad_file "s/^# .*/# $(printf '%0199d' 0)/" '/tmp/bad.conf:1: the line is too long'
	bad_file "s/image user/image $(printf '%043d' 0)/" '/tmp/bad.conf:10: the name of'
	bad_file 's/image user/image a\/b/' '"a/b" is no name for an image'
	sed "s/image user/image $(printf '%042d' 0)/" "$CARDS/shell.conf" >/tmp/good.conf
	fc 0 attach --file /tmp/good.conf
	fc 0 detach good
	# Everything is written before the card goes live, and it all goes again.
	sed "s/^port.*/port = 0000:ff:1f.7/" "$CARDS/shell.conf" >/tmp/bad.conf
	fc 1 attach --file /tmp/bad.conf
	fc_says '/tmp/bad.conf: live "1": No such device'
	[ ! -d "$CONFIG/bad" ] || fail "something is left"
}
run_case "a file that makes no sense is told with its line" bad_files

all_files()
{
	files_cards
	fc 0 attach --all
	fc_is '.cards | length' 0
	files_fn=$(functions_below "$(port_dir h0/p1)" | sed -n '1s/ .*//p')
	conf 20-shell port "$(port_bdf h0/p0)"
	conf 10-other function "$files_fn"
	echo '[card]' >"$CARDS/15-bad.conf"
	echo nonsense >"$CARDS/README"
	fc 2 attach --all
	fc_says '^fpgacard: 1 of 3 cards could not be attached$'
	fc_says "$CARDS/15-bad.conf:1: nothing is in this section"
	fc_is '[.cards[].name] | join(" ")' "10-other 15-bad 20-shell"
	fc_is '[.cards[].exit] | join(" ")' "0 2 0"
	fc_is '.cards[2].card.port' "$(port_bdf h0/p0)"
	expect_file "$CONFIG/10-other/live" 1
	expect_file "$CONFIG/20-shell/live" 1
	# Once more: what is attached stays as it is, regions too.
	rm "$CARDS/15-bad.conf"
	files_region=$(region_of h0/p0)
	fc_raw attach --all
	expect_eq "$FC_CODE" 0 "attach --all"
	expect_eq "$(grep -c 'is attached already' /tmp/fc-out)" 2 "lines"
	expect_eq "$(region_of h0/p0)" "$files_region" "region"
	# One that is busy does not keep the other from it.
	echo 60000 >"$files_region/drain_ms"
	echo user >"$files_region/firmware_name" &
	export REGION="$files_region"
	await 5000 fc_in_state draining
	fc 16 detach --all
	fc_says '1 of 2 cards could not be detached'
	[ ! -d "$CONFIG/10-other" ] || fail "10-other is still there"
	[ -d "$CONFIG/20-shell" ] || fail "20-shell is gone"
	echo 1 >"$files_region/drained"
	wait
	# One that a person has attached has no file, and stays.
	mv "$CARDS/10-other.conf" /tmp/mine.conf
	fc 0 attach --file /tmp/mine.conf
	fc 0 detach --all
	[ ! -d "$CONFIG/20-shell" ] || fail "20-shell is still there"
	[ -d "$CONFIG/mine" ] || fail "mine is gone"
	fc 0 detach mine
	fc 0 detach --all
}
run_case "all files are taken, each by itself" all_files

# The attributes are there, or a sentence says that they are not.
with_sequence()
{
	files_cards
	conf shell port "$(port_bdf h0/p0)"
	sed -i 's/^method.*/method = registers\nsequence = listed/' "$CARDS/shell.conf"
	mkdir -p /etc/fpgacard/sequences
	fc 1 attach --file "$CARDS/shell.conf"
	fc_says "$CARDS/shell.conf:5: there is no sequences/listed.seq in /etc/fpgacard, .* or /usr/share/fpgacard"
	: >/etc/fpgacard/sequences/listed.seq
	fc 2 attach --file "$CARDS/shell.conf"
	fc_says "shell.conf:5: .*listed.seq: this is no text"
	echo "no such write" >/etc/fpgacard/sequences/listed.seq
	mkdir "$CONFIG/probe"
	files_known=
	[ ! -e "$CONFIG/probe/sequence" ] || files_known=1
	rmdir "$CONFIG/probe"
	if [ -n "$files_known" ]; then
		expect_log 'FPGA card: shell: line 1'
		fc 2 attach --file "$CARDS/shell.conf"
		fc_says 'sequence: Invalid argument: the kernel.s log says in which line'
	else
		fc 1 attach --file "$CARDS/shell.conf"
		fc_says 'do not know the method registers: they are older'
		sed -i 's/^method.*/method = hot_reset/' "$CARDS/shell.conf"
		fc 1 attach --file "$CARDS/shell.conf"
		fc_says 'do not know sequence: they are older'
	fi
	[ ! -d "$CONFIG/shell" ] || fail "something is left"
}
run_case "a list of writes is handed over, or the modules are too old" with_sequence
