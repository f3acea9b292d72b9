# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Configuration space by hand, and what becomes of errors that are not contained.

# cfg_byte DIRECTORY OFFSET: of a device's configuration space
cfg_byte()
{
	hexdump -s $(($2)) -n 1 -e '/1 "%d"' "$1/config"
}

# cfg_dword DIRECTORY OFFSET
cfg_dword()
{
	hexdump -s $(($2)) -n 4 -e '/4 "%u"' "$1/config"
}

# cfg_put_dword DIRECTORY OFFSET VALUE: in one write, as setpci does it
cfg_put_dword()
{
	cfg_bytes=
	for cfg_shift in 0 8 16 24; do
		cfg_bytes=$cfg_bytes\\0$(printf %o $((($3 >> cfg_shift) & 255)))
	done
	printf '%b' "$cfg_bytes" | dd of="$1/config" bs=4 seek=$(($2 / 4)) \
		conv=notrunc 2>/dev/null
}

# poke OFFSET CLEAR SET: bits of a byte of the configuration space of the port at
# hand
poke()
{
	poke_dir=${port:?}
	poke_byte=$((($(cfg_byte "$poke_dir" "$1") & ~$2) | $3))
	printf '%b' "\\0$(printf %o $poke_byte)" |
		dd of="$poke_dir/config" bs=1 seek=$(($1)) conv=notrunc 2>/dev/null
	expect_eq "$(cfg_byte "$poke_dir" "$1")" $poke_byte "port config $1"
}

# As on a machine whose firmware has kept errors to itself: the kernel does not
# handle them; Device Control (at 0x48) has the reporting of errors enabled, Root
# Control (at 0x5c) system errors on non-fatal and on fatal ones.
firmware_first()
{
	for service in "$port"/*:pcie?02; do
		[ ! -e "$service/driver" ] ||
			echo "${service##*/}" >"$service/driver/unbind"
	done
	poke 0x48 0 0x06
	poke 0x5c 0 0x06
}

# Recovery from a fatal error resets the link, and for that locks the functions
# below without the rescan lock: if one is removed meanwhile, the kernel oopses
# (seen in 6.1). That is one more reason for containment, but would end the run;
# so surprise down, bit 5 of Uncorrectable Error Severity, is not fatal here. The
# simulator's ports have AER at 0x100.
surprise_down_is_not_fatal()
{
	poke 0x10c 0x20 0
}

# sim_logged REGEX
sim_logged()
{
	grep -Eq "$1" "$SIM_DEBUG/h0/log"
}
