# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# Cards: n6000 n3000 d5005
#
# The image that the card starts with when it gets power.

# boot_refused NAME ERRNO
boot_refused()
{
	refused=$(timed-write "$region/boot_image" "$1") || true
	expect_match "$refused" " $2\$"
}

boot_page()
{
	card_n6000 h0/p0 100
	region=$(region_of h0/p0)
	expect_file "$region/boot_image" fpga_user1
	for image in fpga_factory fpga_user2 fpga_factory fpga_user1 fpga_user2; do
		echo "$image" >"$region/boot_image"
		expect_file "$region/boot_image" "$image"
	done
	expect_file "$region/firmware_name" fpga_user1
	load_ok "$region" fpga_factory
	expect_file "$region/boot_image" fpga_user2
	boot_refused bmc_user EINVAL
	boot_refused nonsense ENOENT
	expect_file "$region/boot_image" fpga_user2
}

boot_not_while_flashing()
{
	card_any_slow 4000 100
	region=$(region_of h0/p0)
	head -c 200000 /dev/urandom >/tmp/boot.bin
	flash_start h0/p0 /tmp/boot.bin
	await 20000 flash_is programming
	boot_refused fpga_user2 EBUSY
	expect_match "$(first_line "$region/last_error")" 'to start with: its flash is being updated'
	flash_end
	expect_eq "${FLASH_ERROR:-}" "" "the update"
	expect_file "$region/boot_image" fpga_user1
}

boot_not_told()
{
	card_any h0/p0 100
	region=$(region_of h0/p0)
	! cat "$region/boot_image" 2>/dev/null || fail "boot_image can be read"
	boot_refused bmc_factory EOPNOTSUPP
	expect_match "$(first_line "$region/last_error")" 'its BMC has no register for that'
}

case $CARD in
n6000)
	run_case "$CARD: the image after power-on is chosen" boot_page
	run_case "$CARD: it is not while the flash is updated" boot_not_while_flashing
	;;
*)
	run_case "$CARD: the image after power-on cannot be chosen" boot_not_told
	;;
esac
