# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard link: links to regions by port and by serial number.

LINKS=/run/fpgacard

# links DIR: all there are, as NAME=REGION
links()
{
	(cd "$1" && find . -mindepth 2 | sort | while read -r link; do
		echo "${link#./}=$(basename "$(readlink "$link")")"
	done)
}

# expect_links_in DIR NAME=REGION...
expect_links_in()
{
	expect_got=$(links "$1" | tr '\n' ' ')
	shift
	expect_eq "$expect_got" "${*:+$* }" "links"
}

expect_links()
{
	expect_links_in "$LINKS" "$@"
}

link_two()
{
	trap 'rm -rf "$LINKS"' EXIT
	for link_port in h0/p0 h0/p1; do
		sim_port "$link_port"
		sim_image_factory "$SIM/$link_port/card" 300
		sim_image_user "$SIM/$link_port/card" 300
		sim_set "$SIM/$link_port/card" boot_image=factory present=1
	done
	echo "$1" >"$SIM/h0/p0/card/serial"
	echo "$2" >"$SIM/h0/p1/card/serial"
	sim_live h0
	await 5000 region_of h0/p0
	await 5000 region_of h0/p1
	A=$(basename "$(region_of h0/p0)") A_PORT=$(port_bdf h0/p0)
	B=$(basename "$(region_of h0/p1)") B_PORT=$(port_bdf h0/p1)
	mkdir -p /run
}

links_follow()
{
	expect_log 'was not loaded'
	link_two 0x1122334455667788 0x0
	fc 0 link
	fc_is '.links | length' 3
	expect_links "by-port/$A_PORT=$A" "by-port/$B_PORT=$B" "by-serial/1122334455667788=$A"
	expect_file "$LINKS/by-serial/1122334455667788/state" idle
	# Foreign things in the directories go, and what is right is not touched.
	ln -s "$(readlink "$LINKS/by-port/$B_PORT")" "$LINKS/by-port/other"
	ln -s "$(readlink "$LINKS/by-port/$B_PORT")" "$LINKS/by-serial/.new"
	ln -s /nowhere "$LINKS/by-serial/0000000000000001"
	link_inode=$(stat -c %i "$LINKS/by-port/$A_PORT")
	fc 0 link
	expect_links "by-port/$A_PORT=$A" "by-port/$B_PORT=$B" "by-serial/1122334455667788=$A"
	expect_eq "$(stat -c %i "$LINKS/by-port/$A_PORT")" "$link_inode" "the link"
	# A card that is away keeps its name, until another one is there.
	echo 400 >"$LINKS/by-port/$A_PORT/timeout_ms"
	sim_set "$SIM/h0/p0/card/faults" never_return=1
	fc 15 load user -y --card 1122334455667788
	fc 0 list
	fc_is '.cards[0].card.serial' null
	fc 0 link
	expect_links "by-port/$A_PORT=$A" "by-port/$B_PORT=$B" "by-serial/1122334455667788=$A"
	echo 0 >"$SIM/h0/live"
	fc 0 link
	expect_links
}
run_case "links follow the cards" links_follow

links_ambiguous()
{
	link_two 0x1122334455667788 0x1122334455667788
	fc 0 link
	expect_links "by-port/$A_PORT=$A" "by-port/$B_PORT=$B"
	# It is not taken for one that was made before.
	ln -s "$(readlink "$LINKS/by-port/$A_PORT")" "$LINKS/by-serial/1122334455667788"
	fc 0 link
	expect_links "by-port/$A_PORT=$A" "by-port/$B_PORT=$B"
}
run_case "of a serial number that two cards have there is no link" links_ambiguous

links_refused()
{
	link_two 0x1122334455667788 0x0123456789abcdef
	fc 0 link --directory /run/elsewhere
	expect_links_in /run/elsewhere "by-port/$A_PORT=$A" "by-port/$B_PORT=$B" \
		"by-serial/0123456789abcdef=$B" "by-serial/1122334455667788=$A"
	rm -r /run/elsewhere
	fc 1 link --directory /nowhere/links
	# Nobody is led elsewhere by a link in the place of a directory.
	mkdir -p "$LINKS" /run/elsewhere
	ln -s /run/elsewhere "$LINKS/by-port"
	fc 1 link
	expect_eq "$(ls /run/elsewhere)" "" "/run/elsewhere"
	rm -r /run/elsewhere
	chmod 755 "$LINKS"
	as-nobody fpgacard link >/tmp/fc-out 2>/tmp/fc-err && fail "anybody makes links"
	expect_match "$(cat /tmp/fc-err)" '^fpgacard: /run/fpgacard: '
}
run_case "links are made nowhere else" links_refused
