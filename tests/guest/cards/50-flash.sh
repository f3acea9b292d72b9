# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# Cards: n6000 n3000 d5005
#
# A load and an update of the flash keep each other off.

random_file()
{
	[ -f /tmp/flash.bin ] || head -c 200000 /dev/urandom >/tmp/flash.bin
	echo /tmp/flash.bin
}

# Changes when the FPGA's function goes
fpga_inode()
{
	stat -c %i "$fn"
}

load_during_update()
{
	card_any_slow 4000 100
	region=$(region_of h0/p0)
	fn=$(card_fn h0/p0)
	before=$(fpga_inode)
	flash_start h0/p0 "$(random_file)"
	tried=0 loaded=
	until flash_is idle; do
		load "$region" "$(some_image)"
		# It was over at that moment, and what it said went with the card.
		if [ "$LOAD_ERR" = 0 ]; then
			loaded=1
			break
		fi
		expect_eq "$LOAD_ERR" EBUSY "a load during the update"
		checked=$(timed-write "$region/check" "$(some_image)") || true
		# The update is over a moment before its status says so.
		case $checked in
		*' 0')	await 200 flash_is idle ;;
		*)	expect_match "$checked" ' EBUSY$' ;;
		esac
		if flash_is idle; then
			break
		fi
		expect_eq "$(fpga_inode)" "$before" "the FPGA's function"
		tried=$((tried + 1))
		usleep 20000
	done
	[ -n "$loaded" ] || flash_end
	[ "$tried" -gt 3 ] || fail "tried $tried times only, the update ended with '${FLASH_ERROR:-}'"
	note "$CARD: refused $tried times during an update"
	expect_eq "${FLASH_ERROR:-}" "" "the update"
	# The load of an N3000 or a D5005 is a restart of the BMC, which forgets.
	[ -n "$loaded" ] || [ "$CARD" = n6000 ] ||
		expect_eq "$(bmc_staged h0/p0)" 200000 "bytes in flash"
	load "$region" "$(some_image)"
	expect_eq "$LOAD_ERR" 0
}
run_case "$CARD: a load during an update of the flash is refused, and the update ends well" \
	load_during_update

# On an N6000 the VFs make the removal take a second.
update_before_trigger()
{
	card_any h0/p0 100
	region=$(region_of h0/p0)
	pf=$(flash_pf)
	echo 2 >"$pf/sriov_numvfs"
	upload=$(card_upload h0/p0)
	timed-write "$region/firmware_name" "$(some_image)" >/tmp/load &
	await 5000 grep -qx removing "$region/state"
	echo 1 >"$upload/loading"
	cat "$(random_file)" >"$upload/data"
	echo 0 >"$upload/loading"
	case $CARD in
	n6000)
		await 2000 grep -q device-busy "$upload/error"
		wait
		expect_match "$(cat /tmp/load)" ' 0$'
		expect_file "$region/firmware_name" "$(some_image)"
		;;
	*)
		wait || true
		expect_match "$(cat /tmp/load)" ' EBUSY$'
		expect_match "$(first_line "$region/last_error")" 'refused to load'
		export FLASH_DIR=$upload
		flash_end
		expect_eq "$FLASH_ERROR" "" "the update"
		expect_eq "$(bmc_staged h0/p0)" 200000 "bytes in flash"
		[ -d "$pf" ] || fail "the function did not come back"
		load "$region" "$(some_image)"
		expect_eq "$LOAD_ERR" 0
		;;
	esac
}

# A function with VFs, if the card has one
flash_pf()
{
	find "$(port_dir h0/p0)"/ -name sriov_numvfs | while read -r flash_vfs; do
		case $(readlink "${flash_vfs%/*}/driver") in
		*/sim-fn)	echo "${flash_vfs%/*}"; break ;;
		esac
	done
}

case $CARD in
n6000)	run_case "$CARD: an update during a load is refused" update_before_trigger ;;
n3000)	run_case "$CARD: an update that comes before the trigger goes first" \
		update_before_trigger ;;
esac

# In the middle of the load there is nothing left that would take an update.
update_after_trigger()
{
	card_any h0/p0 1500
	region=$(region_of h0/p0)
	upload=$(card_upload h0/p0)
	exec 5>"$upload/loading"
	timed-write "$region/firmware_name" "$(some_image)" >/tmp/load &
	await 5000 grep -qx loading "$region/state"
	if echo 1 >&5; then
		fail "an update can begin without a card"
	fi 2>/dev/null
	exec 5>&-
	[ ! -e "$upload" ] || fail "$upload is still there"
	wait
	expect_match "$(cat /tmp/load)" ' 0$'
	await 5000 card_bound h0/p0
	flash_start h0/p0 "$(random_file)"
	flash_end
	expect_eq "$FLASH_ERROR" "" "the update after the load"
}
run_case "$CARD: an update while the card loads finds nothing to write to" \
	update_after_trigger

# The lock is given back when the load does not come to the trigger.
update_after_cancel()
{
	card_n6000 h0/p0 100
	region=$(region_of h0/p0)
	echo 2 >"$(flash_pf)/sriov_numvfs"
	timed-write "$region/firmware_name" fpga_user2 >/tmp/load &
	pid=$!
	await 5000 grep -qx removing "$region/state"
	kill $pid
	wait $pid || true
	await 10000 grep -qxE 'idle|failed' "$region/state"
	await 5000 card_bound h0/p0
	expect_file "$region/firmware_name" fpga_user1
	flash_start h0/p0 "$(random_file)"
	flash_end
	expect_eq "$FLASH_ERROR" "" "the update after a load that was cancelled"
}

# So it is when nobody is left to be told that the load is over.
update_after_unbind()
{
	card_n6000 h0/p0 100
	region=$(region_of h0/p0)
	cell=$(basename "$(card_cell h0/p0 sec-update)")
	echo 2 >"$(flash_pf)/sriov_numvfs"
	timed-write "$region/firmware_name" fpga_user2 >/tmp/load &
	await 5000 grep -qx removing "$region/state"
	echo "$cell" >/sys/bus/platform/drivers/intel-m10bmc-sec-update/unbind
	await 20000 grep -qx failed "$region/state"
	wait || true
	expect_match "$(cat /tmp/load)" ' ENODEV$'
	# What was unbound went, or it is to be bound again.
	if [ -d "/sys/bus/platform/devices/$cell" ] &&
	   [ ! -e "/sys/bus/platform/devices/$cell/driver" ]; then
		echo "$cell" >/sys/bus/platform/drivers/intel-m10bmc-sec-update/bind
	fi
	await 5000 card_bound h0/p0
	flash_start h0/p0 "$(random_file)"
	flash_end
	expect_eq "$FLASH_ERROR" "" "the update after the back end went in a load"
	load_ok "$region" fpga_user2
}

if [ "$CARD" = n6000 ]; then
	run_case "$CARD: after a load that was cancelled the flash can be updated" \
		update_after_cancel
	run_case "$CARD: so it can after the back end went in a load" \
		update_after_unbind
fi
