# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Images that come as files: until the card has them, while the image that it runs goes on;
# and a bare copy of as many bytes to the same place. Of the files their beginning comes with
# the guest, and their size; the rest is zeros.
# Quick: with the smallest.

# The image of such a file, beside the others
files_card()
{
	sim_set "$SIM/h0/p0/card/images/lab" in_flash=0 reload_ms=100
	sim_set "$SIM/h0/p0/card/images/lab/pf0" vendor=0x1d0f device=0x3000 \
		class=0x120000 "bar0=64K 64" aer=1 flr=1 bmc=1
	sim_set "$SIM/h0/p0/card/images/a/pf0" "bar0=4M 64"
}

# By ours, and what was staged then runs. A guest that says nothing for long is taken for one
# that hangs, and the largest file takes half a minute each time.
files_staged()
{
	files_set_up
	files_i=0
	while [ "$files_i" -lt "$BENCH_RUNS" ]; do
		files_write=$(timed-write "$BENCH_REGION/stage" "$FILES_NAME") || files_refused
		expect_file "$BENCH_REGION/staged" "$FILES_NAME"
		echo "${files_write% *}" >>/tmp/bench-ns
		bench_history_steps
		files_i=$((files_i + 1))
		note "$BENCH_CASE: staged $files_i of $BENCH_RUNS times"
	done
	bench_result ours
	expect_errno 0 "$BENCH_REGION/activate" 1
	expect_file "$BENCH_CARD/running" lab
	expect_file "$BENCH_PORT"/????*:??:00.0/device 0x3000
}

# A file that is too large for the simulated card is none to measure.
files_refused()
{
	files_why=$(first_line "$BENCH_REGION/last_error")
	[ "${files_write#* }" = EFBIG ] ||
		fail "staging $FILES_NAME: ${files_write#* }: $files_why"
	bench_missing ours "the simulated card takes no file of that size"
	skip "$files_why"
}

files_copied()
{
	files_set_up
	files_fn=$(echo "$BENCH_PORT"/????*:??:00.0)
	files_i=0
	while [ "$files_i" -lt "$BENCH_RUNS" ]; do
		echo "${files_fn##*/} $BENCH_FILE_MIB" >"$COPY/copy"
		first_line "$COPY/copy" >>/tmp/bench-ns
		files_i=$((files_i + 1))
	done
	bench_result floor
}

files_set_up()
{
	truncate -s "$(first_line "/lib/firmware/$FILES_NAME.size")" "/lib/firmware/$FILES_NAME"
	bench_each_slot bench_card
	files_card
	bench_begin
}

# The step has the copy, and what of the digest is not taken before.
files_ratio()
{
	! grep -q "{\"missing\":{\"case\":\"$BENCH_CASE\"," /tmp/bench-out ||
		skip "the file was not staged"
	files_ours=$(sed -n "s/^.*{\"name\":\"$BENCH_CASE\",\"who\":\"ours\".*{\"step\":\"staging\",\"ms\":\([0-9.]*\)}.*/\1/p" \
		/tmp/bench-out)
	files_bare=$(sed -n "s/^.*{\"name\":\"$BENCH_CASE\",\"who\":\"floor\".*\"median_ms\":\([0-9.]*\),.*/\1/p" \
		/tmp/bench-out)
	{ [ -n "$files_ours" ] && [ -n "$files_bare" ]; } || fail "one of them was not measured"
	bench_figure stage_ratio "$(awk -v ours="$files_ours" -v bare="$files_bare" \
		'BEGIN { printf "%.3f", ours / bare }')" times \
		"the step that brings the file into place, by a bare copy of it"
}

# The kernel's loader of firmware digests a file without a pause, which may take as long as
# the watchdog thinks that nothing should.
echo 60 >/proc/sys/kernel/watchdog_thresh
# Of a file no more comes by the mailbox than has to.
files_words=/sys/module/sim_bmc/parameters/stage_words
[ ! -f $files_words ] || echo 0 >$files_words

for files_mib in 1 64 512; do
	FILES_NAME=bench/file-$files_mib.img
	bench_case file-$files_mib FILE_MIB=$files_mib CARD_MS=0
	if [ ! -f "/lib/firmware/$FILES_NAME" ]; then
		bench_missing ours "no such file was packed for this run"
		continue
	fi
	run_case "file-$files_mib: ours" files_staged
	run_case "file-$files_mib: floor" files_copied
	run_case "file-$files_mib: ratio" files_ratio
done
