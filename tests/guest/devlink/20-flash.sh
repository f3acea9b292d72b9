# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Images that "dev flash" brings into place: with progress, and without an outage.

expect_untouched()
{
	! grep -Eq ' (trigger|link-down|dev-del|dev-unbind) ' "$SIM_DEBUG/h0/log" ||
		fail "the card was touched"
	expect_file "$REGION/firmware_name" factory
	expect_file "$REGION/state" idle
}

inodes()
{
	stat -c '%i %n' "$1"/????*:??:??.?
}

flash_stages()
{
	devlink_card h0/p0 300
	inodes "$PORT" >/tmp/before
	mkdir -p /dev/pts
	mount -t devpts devpts /dev/pts
	trap 'umount /dev/pts' EXIT
	on-tty devlink dev flash "$DL" file vendor/large.img >/tmp/progress ||
		fail "devlink: $(cat /tmp/progress)"
	grep -q '^\[fw.app\] Staging  *0%' /tmp/progress || fail "$(head -n 5 /tmp/progress)"
	grep -Eq '^ *[1-9][0-9]%' /tmp/progress || fail "nothing between 0% and 100%"
	grep -q '^ *100%' /tmp/progress || fail "$(tail -n 5 /tmp/progress)"
	# A function that was removed and came again has another directory.
	expect_eq "$(inodes "$PORT")" "$(cat /tmp/before)" "functions"
	expect_file "$REGION/firmware_name" factory
	expect_file "$REGION/outage_ms" 0
	expect_file "$REGION/staged" lab
	expect_eq "$(dl_info '.versions.running["fw.app"]')" factory "running"
	expect_eq "$(dl_info '.versions.stored["fw.app"]')" lab "stored"
}
run_case "dev flash stages an image, and shows how far it is" flash_stages

flash_knows_one_component()
{
	devlink_card h0/p0 300
	dl_ok dev flash "$DL" file vendor/lab.img component fw.app
	expect_file "$REGION/staged" lab
	dl_fails . 'selected component is not supported' \
		dev flash "$DL" file vendor/lab.img component fw.mgmt
	dl_fails . 'overwrite' \
		dev flash "$DL" file vendor/lab.img overwrite settings
	expect_file "$REGION/staged" lab
}
run_case "there is one component" flash_knows_one_component

bad_files_are_refused()
{
	devlink_card h0/p0 300
	echo >"$SIM_DEBUG/h0/log"
	dl_fails . 'failed to locate' dev flash "$DL" file nothing.img
	dl_fails . 'shorter than an image header' \
		dev flash "$DL" file stump.img
	dl_fails . 'does not match its digest' \
		dev flash "$DL" file damaged.img
	dl_fails . 'back end other-bmc' \
		dev flash "$DL" file other-back-end.img
	dl_fails . 'did not take the file' \
		dev flash "$DL" file unknown.img
	expect_untouched
	expect_file "$REGION/staged" ""
	expect_eq "$(dl_info '.versions.stored["fw.app"]')" factory "stored"
}
run_case "bad files are refused, with a sentence" bad_files_are_refused

# The file may be needed for longer than devlink has it.
killed_flash_is_cancelled()
{
	devlink_card h0/p0 300
	devlink dev flash "$DL" file vendor/large.img >/tmp/flash 2>&1 &
	flash=$!
	await 5000 in_state "$REGION" staging
	# It has a child, which waits for the kernel.
	killall -KILL devlink
	wait $flash && fail "the flash was not killed"
	await 10000 in_state "$REGION" idle
	expect_file "$REGION/staged" ""
	expect_match "$(first_line "$REGION/last_error")" cancelled
	dl_ok dev flash "$DL" file vendor/lab.img
	expect_file "$REGION/staged" lab
}
run_case "a flash whose process is killed is cancelled" killed_flash_is_cancelled

card_goes_while_it_is_staged()
{
	devlink_card h0/p0 300
	devlink dev flash "$DL" file vendor/large.img >/tmp/flash 2>&1 &
	flash=$!
	await 5000 in_state "$REGION" staging
	echo 0 >"$SIM/h0/live"
	wait $flash && fail "the flash of a card that is gone succeeded"
	grep -Eq 'the port went away|was removed while' /tmp/flash || fail "$(cat /tmp/flash)"
	await 5000 devlink_gone "$DL"
}
run_case "a card may go while it is staged" card_goes_while_it_is_staged

# A card without a back end for files has nothing stored that a flash could change.
no_files_nothing_stored()
{
	sim_port h0/p0
	sim_set "$SIM/h0/p0/card/images/factory" reload_ms=300 timeout_ms=5000
	sim_set "$SIM/h0/p0/card/images/factory/pf0" vendor=0x1d0f device=0x1000 \
		class=0x120000 "bar0=64K 64"
	sim_set "$SIM/h0/p0/card" boot_image=factory present=1
	sim_live h0
	mkdir /sys/kernel/config/fpga-card/c0
	port_bdf h0/p0 >/sys/kernel/config/fpga-card/c0/port
	echo hot_reset >/sys/kernel/config/fpga-card/c0/method
	mkdir /sys/kernel/config/fpga-card/c0/images/factory
	echo 5000 >/sys/kernel/config/fpga-card/c0/images/factory/timeout_ms
	echo 1 >/sys/kernel/config/fpga-card/c0/live
	DL=$(devlink_name h0/p0)
	await 5000 devlink_has "$DL"
	expect_eq "$(dl_info '.versions.stored')" null "stored"
	expect_eq "$(dl_info '.versions.fixed["board.back_end"]')" hot_reset "back end"
	dl_fails . 'takes no files' dev flash "$DL" file vendor/lab.img
	echo 0 >/sys/kernel/config/fpga-card/c0/live
	rmdir /sys/kernel/config/fpga-card/c0/images/factory /sys/kernel/config/fpga-card/c0
}
run_case "a card that takes no files has nothing stored" no_files_nothing_stored
