# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A card that says when it is ready, below a port that hears it.

# By the card's own log: from its link's coming up to the first request
drs_first_read()
{
	bench_set_up
	drs_most=0 drs_i=0 drs_to=a
	while [ "$drs_i" -lt "$BENCH_RUNS" ]; do
		drs_to=$(bench_other "$drs_to")
		echo >"$SIM_DEBUG/h0/log"
		bench_by_ours "$drs_to"
		! grep ' early-request ' "$SIM_DEBUG/h0/log" || fail "asked too early"
		drs_us=$(sed -n 's/.* first-request .*value=//p' "$SIM_DEBUG/h0/log" | tail -n 1)
		[ -n "$drs_us" ] || fail "the card was not asked"
		[ $((drs_us)) -le "$drs_most" ] || drs_most=$((drs_us))
		drs_i=$((drs_i + 1))
	done
	bench_figure drs_first_read_ms "$(bench_ms "${drs_most}000")" ms \
		"from the link's coming up to the first configuration request, longest"
}

bench_case drs DRS=1
bench ours
run_case "drs: the first request" drs_first_read
