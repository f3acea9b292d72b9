# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard: cards that have no driver.

CONFIG=/sys/kernel/config/fpga-card

attach_cleanup()
{
	[ ! -d "$CONFIG/shell" ] || fpgacard detach shell
}

driverless()
{
	trap attach_cleanup EXIT
	driverless_card h0/p0
	sim_live h0
	PORT=$(port_bdf h0/p0)
}

attached()
{
	driverless
	fc 3 show
	fc 0 attach shell --port "$PORT" --method hot_reset --image user=5300 \
		--image factory=5300,20
	fc_is .name shell
	fc_is .card.port "$PORT"
	expect_file "$CONFIG/shell/live" 1
	expect_file "$CONFIG/shell/method" hot_reset
	expect_file "$CONFIG/shell/images/factory/hold_ms" 20
	REGION=$(region_of h0/p0)
	fc 0 images
	fc_is '[.images[].name] | sort | join(" ")' "factory user"
	fc 0 load user -y
	fc_is .outcome success
	fc 16 attach shell --port "$PORT" --method hot_reset --image user=5300
	expect_file "$CONFIG/shell/live" 1
	fc 0 detach shell
	[ ! -d "$CONFIG/shell" ] || fail "it is still there"
	fc 3 detach shell
	fc 11 load factory -y
	attach_fn=$(functions_below "$(port_dir h0/p0)" | sed -n '1s/ .*//p')
	fc_raw attach shell --function "$attach_fn" --method external --image user=5300
	expect_file /tmp/fc-out "${REGION##*/}"
	fc_raw detach shell
	expect_eq "$FC_CODE" 0 "detach"
}
run_case "a card is attached, loaded and detached" attached

# undone CODE ARGUMENT...
undone()
{
	undone_code=$1
	shift
	fc "$undone_code" attach shell "$@"
	[ ! -d "$CONFIG/shell" ] || fail "attach $*: something is left"
}

attach_undone()
{
	driverless
	undone 1 --port 0000:ff:1f.7 --method hot_reset --image user=5300
	undone 2 --port "$PORT" --method bogus --image user=5300
	undone 2 --port "$PORT" --method hot_reset --image user=0
	undone 2 --port "$PORT" --method hot_reset --image user=99999999
	undone 2 --port "$PORT" --method hot_reset --image user=5300,x
	undone 2 --port "$PORT" --method hot_reset --image user=5300,1,2,3
	undone 2 --port x --method hot_reset --image user=5300
	undone 1 --port "$PORT" --method hot_reset --image user=5300 --sequence nothing
	# The kernel takes fewer characters than a directory's name may have.
	undone 1 --port "$PORT" --method hot_reset --image u%=5300
	undone 2 --port "$PORT" --method hot_reset --image user=5300 --image bad
	undone 2 --port "$PORT" --method hot_reset --image ../x=5300
	undone 2 --port "$PORT" --method hot_reset --image user=5300 --image user=5300
}
run_case "what cannot be attached leaves nothing" attach_undone

detach_busy()
{
	driverless
	fc 0 attach shell --port "$PORT" --method hot_reset --image user=5300
	REGION=$(region_of h0/p0)
	echo 60000 >"$REGION/drain_ms"
	echo user >"$REGION/firmware_name" &
	await 5000 fc_in_state draining
	fc 16 detach shell
	echo 1 >"$REGION/drained"
	wait
	fc 0 detach shell
}
run_case "a card is not detached while it is loaded" detach_busy
