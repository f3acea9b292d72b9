# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard: which cards there are, and which one is meant.

no_card()
{
	fc 0 list
	fc_is '.cards | length' 0
	fc 3 show
	fc_says 'there is no card'
}
run_case "without a card there is an empty list" no_card

one_card()
{
	tool_card h0/p0
	fc 0 list
	fc_is '.cards | length' 1
	fc_is '.cards[0].card.region' "$CARD"
	fc_is '.cards[0].card.port' "$PORT"
	fc_is '.cards[0].card.serial' null
	fc_is '.cards[0].running' factory
	fc_is '.cards[0].state' idle
	fc_is '.cards[0].functions | length' 2
	fc_raw list
	expect_match "$(sed -n 2p /tmp/fc-out)" "^$CARD +$PORT .* idle +factory$"
	fc_raw list --names
	expect_file /tmp/fc-out "$CARD"
	fc 0 show
	fc_is .card.port "$PORT"
	fc_is .running factory
	fc_is '.functions[0] | .vendor + ":" + .device' 1d0f:1000
	fc_is '.functions[0].driver' sim-bmc
	fc_is .last.outcome none
	fc_is .timeout_ms 0
	fc_raw show
	expect_match "$(cat /tmp/fc-out)" "running +factory"
	expect_match "$(cat /tmp/fc-out)" "1d0f:1000 class 120000 driver sim-bmc"
	fc 0 images
	fc_is '[.images[].name] | sort | join(" ")' "factory user"
	fc_is '.images[] | select(.running).name' factory
	fc_is '.images[] | select(.name == "user").timeout_ms' 5300
	fc_raw images --names
	expect_eq "$(sort /tmp/fc-out | tr '\n' ' ')" "factory user "
	fc_raw images
	expect_match "$(cat /tmp/fc-out)" '^\* factory .*5300 +ms'
}
run_case "a card is listed and shown, with its functions and images" one_card

two_cards()
{
	for two_p in h0/p0 h0/p1; do
		sim_port "$two_p"
		sim_image_factory "$SIM/$two_p/card" 300
		sim_image_user "$SIM/$two_p/card" 300
		sim_set "$SIM/$two_p/card" boot_image=factory present=1
	done
	echo 0x1122334455667788 >"$SIM/h0/p0/card/serial"
	echo 0x0123456789abcdef >"$SIM/h0/p1/card/serial"
	sim_live h0
	await 5000 region_of h0/p0
	await 5000 region_of h0/p1
	two_a=$(region_of h0/p0)
	two_b=$(region_of h0/p1)
	fc 0 list
	fc_is '.cards | length' 2
	fc_is '.cards[0].card.serial' 1122334455667788
	fc 4 show
	fc_says 'there are 2 cards'
	fc 4 load user -y
	fc 3 show --card 0000:ff:00.0
	fc 3 show --card region99
	fc 3 show --card 1122334455667789
	fc 3 show --card ../../etc
	for two_name in "${two_a##*/}" "$(port_bdf h0/p0)" 1122334455667788 \
			11-22-33-44-55-66-77-88; do
		fc 0 show --card "$two_name"
		fc_is .card.region "${two_a##*/}"
	done
	functions_below "$(port_dir h0/p1)" >/tmp/functions
	while read -r two_name two_ids; do
		fc 0 --card "$two_name" show
		fc_is .card.region "${two_b##*/}"
		echo "$two_ids" >/dev/null
	done </tmp/functions
	fc 0 load user -y --card 01-23-45-67-89-ab-cd-ef
	fc_is .card.region "${two_b##*/}"
	expect_file "$SIM/h0/p1/card/running" user
	expect_file "$SIM/h0/p0/card/running" factory
	# A function that only the new image has
	fc 0 show -c "$(functions_below "$(port_dir h0/p1)" | sed -n '3s/ .*//p')"
	fc_is .running user
}
run_case "of two cards one is chosen by region, port, function or serial number" two_cards

nobody_looks()
{
	tool_card h0/p0
	as-nobody fpgacard --json list >/tmp/fc-out
	fc_keep /tmp/fc-out
	fc_is '.cards[0].running' factory
	for nobody_line in "load user -y" "check user" "stage user" "recover -y" history; do
		nobody_code=0
		# shellcheck disable=SC2086
		as-nobody fpgacard --json $nobody_line >/tmp/fc-out 2>/tmp/fc-err </dev/null ||
			nobody_code=$?
		fc_keep /tmp/fc-out
		expect_eq "$nobody_code" 5 "$nobody_line: $(cat /tmp/fc-err)"
	done
	fc_is .result denied
	expect_file "$SIM/h0/p0/card/running" factory
}
run_case "who is not root looks, and is told that he may no more" nobody_looks
