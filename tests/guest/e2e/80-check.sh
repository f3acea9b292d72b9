# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Asking whether an image could be loaded, without touching anything.

# What the kernel and the card did since the log was last cleared, less what
# every look at a port does.
log_lines()
{
	grep -cE ' (cfg-write|dev-unbind|dev-del|link-down|trigger) ' \
		"$SIM_DEBUG/h0/log" || true
}

check_touches_nothing()
{
	standard_card h0/p0 100
	region=$(region_of h0/p0)
	expect_file "$region/check" ""
	before=$(log_lines)
	expect_errno 0 "$region/check" user
	cat "$region/check" >/tmp/answer
	grep -q '^yes: image "user"' /tmp/answer
	grep -q "^port: $(port_bdf h0/p0)\$" /tmp/answer
	grep -q '^deadline: 5100 ms$' /tmp/answer
	grep -q '^contained: .*AER, DPC, slot events' /tmp/answer
	expect_errno ENOENT "$region/check" nothing
	grep -q '^no: "nothing" is neither' "$region/check"
	expect_errno EINVAL "$region/check" ../user
	grep -q '^no: ' "$region/check"
	expect_file "$region/state" idle
	expect_file "$region/last_error" ""
	expect_eq "$(log_lines)" "$before" "events in the simulator's log"
	expect_file "$region/firmware_name" factory
}
run_case "check answers, and touches nothing" check_touches_nothing

# What an agent asks all day is not to keep anybody from a load.
check_keeps_nobody_from_a_load()
{
	standard_card h0/p0 100
	region=$(region_of h0/p0)
	(while [ ! -e /tmp/agent-stop ]; do
		echo user >"$region/check" || true
	done) 2>/dev/null &
	agent=$!
	for image in user factory user factory; do
		usleep 50000
		load "$region" $image
		expect_eq "$LOAD_ERR" 0 "a load beside checks"
	done
	: >/tmp/agent-stop
	wait $agent
	rm /tmp/agent-stop
}
run_case "checks all day keep nobody from a load" check_keeps_nobody_from_a_load

check_tells_what_is_not_contained()
{
	sim_port h0/p0 aer=0 dpc=0
	sim_image_factory "$SIM/h0/p0/card" 100
	sim_set "$SIM/h0/p0" aer=0 dpc=0
	sim_set "$SIM/h0/p0/card" boot_image=factory present=1
	sim_live h0
	await 5000 region_of h0/p0
	region=$(region_of h0/p0)
	expect_errno 0 "$region/check" factory
	grep -q '^not contained: .*without AER' "$region/check"
}
run_case "check tells what is not contained" check_tells_what_is_not_contained
