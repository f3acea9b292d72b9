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

# Capabilities and registers in them, as include/uapi/linux/pci_regs.h numbers them
# shellcheck disable=SC2034
{
	CAP_EXP=0x10 EXP_DEVCTL=0x08 EXP_LNKCTL=0x10 EXP_RTCTL=0x1c
	ECAP_ERR=0x01 ECAP_DPC=0x1d
	ERR_UNCOR_STATUS=0x04 ERR_UNCOR_MASK=0x08 ERR_UNCOR_SEVER=0x0c
	ERR_COR_STATUS=0x10 ERR_COR_MASK=0x14
}

# cfg_cap DIRECTORY ID: where that capability is; fails without one (PCIe r6.0, section
# 7.5.1.1.11)
cfg_cap()
{
	cfg_pos=$(cfg_byte "$1" 0x34)
	while [ "$cfg_pos" -ne 0 ]; do
		if [ "$(cfg_byte "$1" "$cfg_pos")" -eq $(($2)) ]; then
			echo "$cfg_pos"
			return 0
		fi
		cfg_pos=$(cfg_byte "$1" $((cfg_pos + 1)))
	done
	return 1
}

# cfg_ecap DIRECTORY ID: likewise an extended capability (section 7.6.3)
cfg_ecap()
{
	cfg_pos=256
	while [ "$cfg_pos" -ne 0 ]; do
		cfg_header=$(cfg_dword "$1" "$cfg_pos")
		if [ $((cfg_header & 0xffff)) -eq $(($2)) ]; then
			echo "$cfg_pos"
			return 0
		fi
		cfg_pos=$((cfg_header >> 20))
	done
	return 1
}

# cfg_exp DIRECTORY REGISTER: where that register of PCI Express is
cfg_exp()
{
	echo $(($(cfg_cap "$1" "$CAP_EXP") + $2))
}

# cfg_aer DIRECTORY REGISTER: likewise of Advanced Error Reporting
cfg_aer()
{
	echo $(($(cfg_ecap "$1" "$ECAP_ERR") + $2))
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
# handle them; Device Control has the reporting of errors enabled, Root Control system
# errors on non-fatal and on fatal ones.
firmware_first()
{
	for service in "$port"/*:pcie?02; do
		[ ! -e "$service/driver" ] ||
			echo "${service##*/}" >"$service/driver/unbind"
	done
	poke "$(cfg_exp "$port" "$EXP_DEVCTL")" 0 0x06
	poke "$(cfg_exp "$port" "$EXP_RTCTL")" 0 0x06
}

# Recovery from a fatal error resets the link, and for that locks the functions
# below without the rescan lock: if one is removed meanwhile, the kernel oopses
# (seen in 6.1). That is one more reason for containment, but would end the run;
# so surprise down, bit 5 of Uncorrectable Error Severity, is not fatal here.
surprise_down_is_not_fatal()
{
	poke "$(cfg_aer "$port" "$ERR_UNCOR_SEVER")" 0x20 0
}

# sim_logged REGEX
sim_logged()
{
	grep -Eq "$1" "$SIM_DEBUG/h0/log"
}
