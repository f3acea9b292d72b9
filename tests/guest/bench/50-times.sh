# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Cards that take their time, and what a load does meanwhile.
# Quick: time that passes while nothing is done costs none.

# times_too_short WHO: it sleeps for less than the card takes, and finds nothing
times_too_short()
{
	BENCH_WHO=$1
	run_case "$BENCH_CASE: $1 comes too early" times_finds_nothing
	bench_missing "$1" "its wait is over before the card is back"
}

times_finds_nothing()
{
	bench_set_up
	! ( "bench_by_$(echo "$BENCH_WHO" | tr - _)" b ) || fail "the image was loaded"
	await 30000 grep -qx up "$BENCH_CARD/link"
	expect_file "$BENCH_CARD/running" b
	expect_eq "$(functions_below "$(port_dir h0/p0)")" "" "functions"
}

for times_ms in 100 5000 20000; do
	bench_case "card-time-$times_ms" CARD_MS=$times_ms
	bench ours floor
	for times_who in recipe rsu fpgahp nfb-boot; do
		case $times_ms,$times_who in
		20000,*|5000,nfb-boot)	times_too_short "$times_who" ;;
		*)			bench "$times_who" ;;
		esac
	done
	run_case "card-time-$times_ms: the end is noticed" bench_noticed
	[ "$times_ms" -le 5000 ] ||
		run_case "card-time-$times_ms: processor time of the wait" bench_wait_cpu
done

bench_case card-time-10000 CARD_MS=10000
bench ours floor
run_case "card-time-10000: processor time of the wait" bench_wait_cpu
