# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Staging and activation apart, and what programs are told of requests.

# stage REGION NAME: as load; $STAGE_ERR is the error, 0 for none
stage()
{
	stage_result=$(timed-write "$1/stage" "$2") || :
	STAGE_ERR=${stage_result#* }
}

# untouched: the card was not, since the log was cleared
untouched()
{
	! grep -Eq ' (trigger|link-down|dev-del|dev-unbind) ' "$SIM_DEBUG/h0/log" ||
		fail "the card was touched"
}

# Each uevent of a region is a line: what it says of a card.
listen()
{
	cat >/tmp/listener <<-'END'
	#!/bin/sh
	[ "$SUBSYSTEM" = fpga_region ] && [ -n "${FPGA_CARD_STATE:-}" ] || exit 0
	echo "$FPGA_CARD_STATE $FPGA_CARD_REQUEST ${FPGA_CARD_IMAGE:--} ${FPGA_CARD_PREVIOUS_IMAGE:--} ${FPGA_CARD_OUTCOME:--} ${FPGA_CARD_ERRNO:--}" >>/tmp/events
	echo "${FPGA_CARD_SERIAL:-}" >/tmp/serial
	END
	chmod +x /tmp/listener
	: >/tmp/events
	uevent /tmp/listener &
	listener=$!
	trap 'kill $listener' EXIT
	await 5000 listens
}

# Protocol 15 is that of uevents.
listens()
{
	awk -v pid="$listener" '$2 == 15 && $3 == pid { found = 1 }
		END { exit !found }' /proc/net/netlink
}

# expect_events TEXT: no more, no less
expect_events()
{
	await 20000 expect_file /tmp/events "$1"
	: >/tmp/events
}

# expect_told REQUEST OUTCOME ERRNO: by the attributes
expect_told()
{
	expect_file "$region/request" "$1"
	expect_file "$region/outcome" "$2"
	expect_file "$region/outcome_errno" "$3"
}

staged_then_activated()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	listen
	echo >"$SIM_DEBUG/h0/log"
	expect_file "$region/staged" ""
	expect_file "$region/staged_percent" 0
	stage "$region" vendor/lab.img
	expect_eq "$STAGE_ERR" 0 "staging"
	untouched
	expect_file "$region/staged" vendor/lab.img
	expect_file "$region/staged_percent" 100
	expect_file "$region/firmware_name" factory
	expect_told stage success 0
	expect_events "idle stage vendor/lab.img factory success 0"

	expect_errno 0 "$region/activate" 1
	expect_file "$SIM/h0/p0/card/running" lab
	expect_file "$region/firmware_name" vendor/lab.img
	expect_file "$region/staged" ""
	expect_told activate success 0
	expect_file "$region/image" vendor/lab.img
	expect_file "$region/previous_image" factory
	expect_below 300 "$(first_line "$region/outage_ms")" "outage"
	expect_events "unloading activate vendor/lab.img factory - -
idle activate vendor/lab.img factory success 0"
	expect_errno ENODATA "$region/activate" 1
	expect_match "$(first_line "$region/last_error")" 'nothing is staged'
	expect_told activate refused 61
	expect_eq "$(grep -c '^number=' "/sys/kernel/debug/fpga-card/$(basename "$(dirname "$(dirname "$(real_dir "$region")")")")/history")" 3 "lines of the history"
}
run_case "a file is staged without an outage, and activated later" staged_then_activated

# step_us STEP: how long the card of $region was in it in the last request
step_us()
{
	sed -n "\$s/.* $1_us=\([0-9]*\).*/\1/p" "/sys/kernel/debug/fpga-card/$(basename "$(dirname "$(dirname "$(real_dir "$region")")")")/history"
}

# are_close MILLISECONDS MILLISECONDS: within 20 ms
are_close()
{
	[ "$1" -ge $(($2 - 20)) ] && [ "$1" -le $(($2 + 20)) ]
}

# least MILLISECONDS MILLISECONDS: the smaller one; the first may be empty
least()
{
	if [ -n "$1" ] && [ "$1" -lt "$2" ]; then
		echo "$1"
	else
		echo "$2"
	fi
}

# long_file_once: as a whole, then in two steps; the least of each kind so far
long_file_once()
{
	load_ok "$region" vendor/large.img
	long_ms=$(first_line "$region/duration_ms")
	long_step=$(($(step_us staging) / 1000))
	long_whole=$(least "$long_whole" "$long_ms")
	long_step_in_it=$(least "$long_step_in_it" "$long_step")
	long_rest_of_it=$(least "$long_rest_of_it" $((long_ms - long_step)))
	long_outage=$(least "$long_outage" "$(first_line "$region/outage_ms")")
	load_ok "$region" factory
	stage "$region" vendor/large.img
	expect_eq "$STAGE_ERR" 0 "staging"
	long_ms=$(first_line "$region/duration_ms")
	long_step=$(($(step_us staging) / 1000))
	long_staging=$(least "$long_staging" "$long_ms")
	long_step_alone=$(least "$long_step_alone" "$long_step")
	long_rest_alone=$(least "$long_rest_alone" $((long_ms - long_step)))
	expect_errno 0 "$region/activate" 1
	long_activation=$(least "$long_activation" "$(first_line "$region/duration_ms")")
	long_outage_2=$(least "$long_outage_2" "$(first_line "$region/outage_ms")")
	load_ok "$region" factory
}

# long_file_is_saved: by the least of each kind so far: the step "staging" and the rest. In real
# time the least of a whole load is not their sum, as each can be disturbed.
long_file_is_saved()
{
	are_close "$long_step_in_it" "$long_step_alone" &&
		are_close "$long_rest_of_it" $((long_rest_alone + long_activation)) &&
		are_close "$long_outage_2" "$long_outage" || return 1
	[ "$(nproc)" -gt 1 ] || are_close "$long_whole" $((long_staging + long_activation))
}

# Each is measured three times, and in real time up to twelve times if they differ: a machine
# with other work adds to a time, and takes nothing away.
long_file()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	# The first time the guest has to find memory for the file.
	stage "$region" vendor/large.img
	expect_eq "$STAGE_ERR" 0 "staging"
	long_whole='' long_outage='' long_staging='' long_activation='' long_outage_2=''
	long_step_in_it='' long_rest_of_it='' long_step_alone='' long_rest_alone=''
	for long_round in $(seq "$(rounds 12 3)"); do
		long_file_once
		[ "$long_round" -lt 3 ] || ! long_file_is_saved || break
	done
	long_times="$long_whole ms, of which $long_step_in_it ms and $long_rest_of_it ms; or $long_staging ms and $long_activation ms; outage $long_outage ms, or $long_outage_2 ms"
	note "$(wc -c </lib/firmware/vendor/large.img) bytes, $long_round rounds: $long_times"
	long_file_is_saved || fail "$long_times"
}
run_case "what is staged beforehand is saved by the activation" long_file

# copies: the areas of memory that the firmware loader has a file in, with their sizes. The
# list of a long one's pages is an area, too, and a short one.
copies()
{
	awk '/kernel_read_file/ && $2 >= 524288 { print $2 }' /proc/vmallocinfo
}

# What the mailbox takes for a file's first 2 MiB is the time to look in.
file_is_in_memory_once()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	expect_eq "$(copies)" "" "files in memory before"
	once_size=$(wc -c </lib/firmware/vendor/large.img)
	echo vendor/large.img >"$region/firmware_name" &
	once_writer=$!
	await 20000 expect_file "$region/state" staging
	once_copies=$(copies)
	expect_file "$region/state" staging
	expect_eq "$(echo "$once_copies" | wc -l)" 1 "files in memory: $once_copies"
	# Whole pages, and one that guards them
	if [ "$once_copies" -lt "$once_size" ] ||
	   [ "$once_copies" -gt $((once_size + 8192)) ]; then
		fail "the file has $once_size bytes, and $once_copies in memory"
	fi
	wait "$once_writer"
	expect_file "$SIM/h0/p0/card/running" lab
	await 5000 expect_eq "$(copies)" "" "files in memory after the load"
	stage "$region" vendor/lab.img
	expect_eq "$STAGE_ERR" 0 "staging"
	expect_eq "$(copies)" "" "files in memory while one is staged"
}
run_case "a file is in memory once while it is staged, and not at all afterwards" \
	file_is_in_memory_once

# sparse_file MIB: the file of that size, of which all but the beginning is zeros
sparse_file()
{
	cp "/lib/firmware/vendor/$1-mib.img.head" "/lib/firmware/vendor/$1-mib.img"
	dd of="/lib/firmware/vendor/$1-mib.img" if=/dev/null bs=1 \
		seek="$(cat "/lib/firmware/vendor/$1-mib.img.size")" 2>/dev/null
}

# smaller A B: the smaller of two numbers, of which the first may be missing
smaller()
{
	if [ -z "$1" ] || [ "$2" -lt "$1" ]; then echo "$2"; else echo "$1"; fi
}

# copy_card: one with memory as real ones have
copy_card()
{
	sim_port h0/p0
	sim_image_factory "$SIM/h0/p0/card" 300
	sim_set "$SIM/h0/p0/card/images/factory/pf0" "bar0=4M 64"
	sim_image_lab "$SIM/h0/p0/card" 300
	sim_set "$SIM/h0/p0/card" boot_image=factory present=1
	sim_live h0
	await 5000 region_of h0/p0
}

# copy_and_stage MIB: $copy_us is how long the copy takes, $copy_staging how long staging does,
# the shortest of three. The memory is the same. The time before staging has the digest.
copy_and_stage()
{
	sparse_file "$1"
	copy_us=
	copy_staging=
	for copy_file in "$1" "$1" "$1"; do
		echo "$copy_function vendor/$copy_file-mib.img" >/sys/kernel/debug/bare-copy
		copy_us=$(smaller "$copy_us" "$(sed 's/.*copy_us=//' /sys/kernel/debug/bare-copy)")
		stage "$region" "vendor/$copy_file-mib.img"
		expect_eq "$STAGE_ERR" 0 "staging"
		copy_staging=$(smaller "$copy_staging" "$(step_us staging)")
		note "$(cat /sys/kernel/debug/bare-copy); staging $(step_us staging) us, before it $(step_us preflight) us"
		echo >"$region/stage"
	done
	rm "/lib/firmware/vendor/$1-mib.img"
}

# What a request takes whatever is staged is in both sizes.
staging_is_a_copy()
{
	[ -f /lib/modules-extra/bare-copy.ko ] || skip "no such module here"
	copy_card
	region=$(region_of h0/p0)
	copy_function=$(basename "$(echo "$(port_dir h0/p0)"/*:*:*.0)")
	insmod /lib/modules-extra/bare-copy.ko
	trap 'echo 2097152 >/sys/module/sim_bmc/parameters/stage_words; rmmod bare-copy' EXIT
	echo 0 >/sys/module/sim_bmc/parameters/stage_words
	copy_and_stage 4
	copy_us_4=$copy_us
	copy_staging_4=$copy_staging
	copy_and_stage 16
	copy_us=$((copy_us - copy_us_4))
	copy_staging=$((copy_staging - copy_staging_4))
	# Of several processors the caches and what else they do would be compared.
	[ "$(nproc)" -gt 1 ] || [ $((copy_staging * 100)) -le $((copy_us * 110)) ] ||
		fail "for 12 MiB more staging takes $copy_staging us, and the copy $copy_us us"
}
run_case "staging takes longer by what copying the file takes, and a tenth at most" \
	staging_is_a_copy

# Without the wake-up poll() returns at its own time.
polled()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	wait-state "$region/outcome" 60000 success >/tmp/outcome &
	polled_outcome=$!
	wait-state "$region/staged" 60000 vendor/lab.img >/tmp/staged &
	polled_staged=$!
	wait-state "$region/staged_percent" 60000 100 >/tmp/percent &
	polled_percent=$!
	usleep 200000
	stage "$region" vendor/lab.img
	expect_errno 0 "$region/activate" 1
	wait "$polled_staged" "$polled_percent" "$polled_outcome"
	for polled_file in outcome staged percent; do
		expect_below "$(sed -n '$s/\..*//p' /tmp/$polled_file)" 50000 "time of $polled_file"
	done
}
run_case "what becomes of a request can be polled" polled

staging_refuses()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	echo >"$SIM_DEBUG/h0/log"
	for staging_bad in truncated.img,EINVAL damaged.img,EBADMSG \
			other-card.img,EINVAL unknown.img,EINVAL no-such.img,ENOENT; do
		stage "$region" "${staging_bad%,*}"
		expect_eq "$STAGE_ERR" "${staging_bad#*,}" "staging ${staging_bad%,*}"
		expect_file "$region/staged" ""
		expect_told stage refused "$(first_line "$region/outcome_errno")"
	done
	untouched
}
run_case "a file that cannot be loaded is not staged" staging_refuses

# A user of a function is no obstacle to staging, but to the activation.
staged_image_survives()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	stage "$region" vendor/lab.img
	exec 9<"$(echo "$(port_dir h0/p0)"/*:*:*.0/resource0)"
	stage "$region" vendor/lab.img
	expect_eq "$STAGE_ERR" 0 "staging beside a user"
	expect_errno EBUSY "$region/activate" 1
	expect_told activate refused 16
	expect_file "$region/staged" vendor/lab.img
	exec 9<&-
	expect_errno 0 "$region/activate" 1
	expect_file "$SIM/h0/p0/card/running" lab
}
run_case "what is staged survives a refused activation" staged_image_survives

# told FAULT=VALUE NAME ERRNO EVENTS OUTCOME: a load with that fault
told()
{
	sim_set "$SIM/h0/p0/card/faults" "$1"
	load "$region" "$2"
	expect_eq "$LOAD_ERR" "$3" "$1"
	expect_file "$region/outcome" "$5"
	expect_file "$region/outcome_errno" "${4##* }"
	expect_events "$4"
	sim_set "$SIM/h0/p0/card/faults" "${1%=*}=${6-0}"
}

each_outcome_is_told()
{
	expect_log 'was not loaded'
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	listen
	told never_return=0 user 0 "unloading load user factory - -
idle load user factory success 0" success
	told degraded_speed=2500 factory 0 "unloading load factory user - -
idle load factory user degraded 0" degraded
	told busy=1 user EBUSY "idle load user factory refused 16" refused
	told reject_trigger=1 user EIO "unloading load user factory - -
failed load user factory rolled-back 5" rolled-back
	told wrong_image=lab user EIO "unloading load user factory - -
failed load user factory recovered 5" recovered ""
	load_ok "$region" factory
	expect_events "unloading load factory lab - -
idle load factory lab success 0"
	expect_errno 0 "$region/recover" 1
	expect_events "unloading recover - factory - -
idle recover - factory recovered 0"
	expect_told recover recovered 0
	expect_errno ENOENT "$region/check" no-such-image
	expect_told recover recovered 0
	echo 400 >"$region/timeout_ms"
	told never_return=1 user ETIMEDOUT "unloading load user factory - -
failed load user factory lost 110" lost
	expect_file "$region/present" 0
	expect_file "$region/loads" 6
	expect_file "$region/failures" 3
}
run_case "each outcome is told, before and after the outage" each_outcome_is_told

# The kill comes when functions are being removed.
cancelled_is_told()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	listen
	echo 60000 >"$region/drain_ms"
	echo user >"$region/firmware_name" &
	cancelled_writer=$!
	await 5000 expect_file "$region/state" draining
	kill -9 "$cancelled_writer"
	await 10000 expect_file "$region/state" idle
	expect_told load cancelled 4
	expect_events "unloading load user factory - -
idle load user factory cancelled 4"
	expect_file "$region/outage_ms" 0
}
run_case "a load that is cancelled is told" cancelled_is_told

# With a file that takes a while. Whoever let go for nothing is told, too.
overlap_is_told()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	listen
	expect_file "$region/overlap" 0
	echo 1 >"$region/overlap"
	echo 600000 >"$region/drain_ms"
	echo vendor/large.img >"$region/firmware_name" &
	overlap_writer=$!
	await 20000 expect_file "$region/state" staging
	expect_events "unloading load vendor/large.img factory - -"
	expect_file "$region/state" staging
	expect_errno 0 "$region/drained" 1
	wait "$overlap_writer"
	expect_file "$SIM/h0/p0/card/running" lab
	expect_told load success 0
	expect_events "idle load vendor/large.img factory success 0"
	sim_set "$SIM/h0/p0/card/faults" reject_stage=1
	echo >"$SIM_DEBUG/h0/log"
	load "$region" vendor/lab.img
	expect_eq "$LOAD_ERR" EIO "load of a file that the card refuses"
	untouched
	expect_events "unloading load vendor/lab.img lab - -
idle load vendor/lab.img lab refused 5"
	# The digest comes before that.
	load "$region" damaged.img
	expect_eq "$LOAD_ERR" EBADMSG "load of a damaged file"
	expect_events "idle load damaged.img lab refused 74"
}
run_case "users let go of a card while a file is staged" overlap_is_told

# load_with_vfs OVERLAP: $vfs_ms is how long it takes, $vfs_removing_us how long its removal
load_with_vfs()
{
	load_ok "$region" factory
	echo 4 >"$(echo "$(port_dir h0/p0)"/*/sriov_numvfs | cut -d ' ' -f 1)"
	echo "$1" >"$region/overlap"
	load_ok "$region" vendor/large.img
	vfs_ms=$(first_line "$region/duration_ms")
	vfs_removing_us=$(step_us removing)
}

# The kernel waits 1 s after it has disabled VFs.
vfs_go_beside_staging()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	load_with_vfs 0
	vfs_serial_ms=$vfs_ms
	[ "$vfs_removing_us" -ge 1000000 ] || fail "the removal took $vfs_removing_us us"
	load_with_vfs 1
	note "$vfs_serial_ms ms, or $vfs_ms ms beside staging; removal $vfs_removing_us us"
	expect_below "$vfs_removing_us" 500000 "removal"
	# Staging may be over before the second is.
	expect_below "$vfs_ms" "$vfs_serial_ms" "duration"
}
run_case "VFs go while a file is staged" vfs_go_beside_staging

# Only root changes anything.
nobody_reads()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	for nobody_file in outcome outcome_errno request image previous_image duration_ms \
			outage_ms present link_speed link_width loads failures recoveries \
			staged staged_percent drain_ms boot_image; do
		as-nobody cat "$region/$nobody_file" >/dev/null
	done
	for nobody_file in stage activate drain_ms drained overlap boot_image firmware_name; do
		! as-nobody sh -c "echo user >$region/$nobody_file" 2>/dev/null ||
			fail "nobody wrote to $nobody_file"
	done
	! as-nobody cat /sys/kernel/debug/fpga-card/*/history 2>/dev/null ||
		fail "nobody read the history"
}
run_case "who is not root may look, and change nothing" nobody_reads

# The script of the administrator's guide. In the guest busybox shows uevents.
eight_cards_at_once()
{
	for eight_i in 0 1 2 3 4 5 6 7; do
		sim_port "h0/p$eight_i"
		sim_image_factory "$SIM/h0/p$eight_i/card" 300
		sim_image_lab "$SIM/h0/p$eight_i/card" 300
		sim_set "$SIM/h0/p$eight_i/card" boot_image=factory present=1
	done
	sim_live h0
	set --
	for eight_i in 0 1 2 3 4 5 6 7; do
		await 20000 region_of "h0/p$eight_i"
		set -- "$@" "$(real_dir "$(region_of "h0/p$eight_i")")"
	done
	cat >/tmp/let-go <<-'END'
	#!/bin/sh
	cat "$1/state" >>/tmp/let-go-log
	END
	chmod +x /tmp/let-go
	: >/tmp/let-go-log
	DRAIN=/tmp/let-go MONITOR="uevent env" \
		sh /tests/activate-all.sh vendor/lab.img "$@" >/tmp/eight
	! pidof uevent || fail "the script left somebody who listens"
	expect_eq "$(grep -c ' success [0-9]* ms$' /tmp/eight)" 8 "$(cat /tmp/eight)"
	expect_eq "$(grep -c draining /tmp/let-go-log)" 8 "cards let go of"
	for eight_region; do
		expect_file "$eight_region/firmware_name" vendor/lab.img
		expect_below "$(first_line "$eight_region/duration_ms")" 10000 "duration"
		expect_file "$eight_region/drain_ms" 0
	done
}
run_case "the guide's script stages on eight cards and activates all at once" \
	eight_cards_at_once
