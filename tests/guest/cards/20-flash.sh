# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# Cards: n6000 n3000 d5005
#
# Updates of the flash, by intel-m10-bmc-sec-update.

FLASH_SIZE=$((3 * 0x4000 + 8))

# A file whose dwords are all 0x31313131, and what they add up to.
flash_file()
{
	head -c $FLASH_SIZE /dev/zero | tr '\0' '1' >/tmp/flash
	flash_words=$((FLASH_SIZE / 4))
	printf '0x%08x\n' $((flash_words * 0x31313131 & 0xffffffff)) \
		>/tmp/flash-sum
}

flash_whole()
{
	card_any h0/p0 500
	flash_file
	flash_start h0/p0 /tmp/flash
	flash_end
	expect_eq "$FLASH_ERROR" "" "error of the update"
	expect_eq "$(bmc_progress h0/p0)" 0x8 "progress"
	expect_eq "$(bmc_status h0/p0)" 0x00 "status"
	# Through PMCI the data cannot be seen.
	if [ "$CARD" != n6000 ]; then
		expect_eq "$(bmc_staged h0/p0)" $FLASH_SIZE "bytes staged"
		expect_eq "$(bmc_sum h0/p0)" "$(cat /tmp/flash-sum)" "their sum"
	fi
	expect_file "$SIM/h0/p0/card/link" up
	expect_quiet

	# And the next one.
	flash_start h0/p0 /tmp/flash
	flash_end
	expect_eq "$FLASH_ERROR" "" "error of the second update"
}
run_case "$CARD: the flash is updated" flash_whole

flash_aborted()
{
	card_any_slow 4000
	flash_file
	flash_start h0/p0 /tmp/flash
	await 5000 flash_is preparing
	echo 1 >"$FLASH_DIR/cancel"
	flash_end
	expect_match "$FLASH_ERROR" ':user-abort$'
	await 2000 bmc_is_idle h0/p0

	flash_start h0/p0 /tmp/flash
	flash_end
	expect_eq "$FLASH_ERROR" "" "error of the next update"
}

bmc_is_idle()
{
	[ "$(bmc_progress "$1")" = 0x0 ]
}

run_case "$CARD: an update is ended early" flash_aborted

# flash_fails FAULT ERROR STATUS [LOG]: FAULT makes an update fail so, and what the
# driver says of it
flash_fails()
{
	card_any h0/p0 500
	flash_file
	[ -z "${4:-}" ] || expect_log "$4"
	echo "$1" >"$SIM/h0/p0/card/faults/bmc"
	flash_start h0/p0 /tmp/flash
	flash_end
	expect_eq "$FLASH_ERROR" "$2" "error of the update"
	expect_eq "$(bmc_status h0/p0)" "$3" "status"

	echo none >"$SIM/h0/p0/card/faults/bmc"
	flash_start h0/p0 /tmp/flash
	flash_end
	expect_eq "$FLASH_ERROR" "" "error of the next update"
}

flash_not_authentic()
{
	flash_fails auth programming:hw-error 0x02 'Doorbell: 0x'
}
run_case "$CARD: an update fails authentication" flash_not_authentic

flash_not_copied()
{
	flash_fails copy programming:hw-error 0x03 'Doorbell: 0x'
}
run_case "$CARD: an update is not copied" flash_not_copied

flash_not_erased()
{
	flash_fails erase preparing:hw-error 0x07 'Doorbell: 0x'
}
run_case "$CARD: the staging area is not erased" flash_not_erased

flash_worn()
{
	flash_fails wearout preparing:flash-wearout 0x08 \
		'Excessive flash update count detected'
}
run_case "$CARD: the flash is worn out" flash_worn

flash_keys()
{
	case $CARD in
	n6000)	want='hash not programmed' ;;
	*)	want='^0[0-9a-f]{63}$' ;;
	esac
	card_any h0/p0 500
	expect_match "$(first_line "$(card_cell h0/p0 sec-update)/security/bmc_root_entry_hash")" \
		"$want"
	[ "$CARD" = n6000 ] ||
		expect_file "$(card_cell h0/p0 sec-update)/security/flash_count" 37
}
run_case "$CARD: keys and the count of updates" flash_keys
