#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# pack-test.sh: fpgacard's packer of image files, and the kernel's parser of what it
# packs, compiled for user space with sanitizers.

. "$(dirname "$0")/lib/common.sh"
. "$TESTS/lib/packages.sh"
. "$TESTS/lib/fpgacard.sh"
. "$TESTS/lib/results.sh"

tool=$(fpgacard_dir) || die "there is no fpgacard to be tested"
PATH=$tool:$PATH
FLIPS=${FLIPS:-20000}
work=$(mktemp -d)
at_exit 'rm -rf "$work"'
cd "$work" || exit

pack()
{
	fpgacard image pack --back-end sim-bmc --name user --card 1d0f:any \
		--function 00.0,1d0f:2000,sub=1d0f:0002,class=120000,vfs=4,bar0=256K,bar2=0x1000 \
		--function 1f.7,1d0f:2001,leg=1,bar5=4G "$@"
}

same()
{
	[ "$1" = "$2" ] || { echo "# got: $1"; echo "# wanted: $2"; return 1; }
}

# refuses TEXT COMMAND...: fails, says the text, and leaves no output behind
refuses()
{
	local text=$1

	shift
	rm -f out.img
	if "$@" >said 2>&1; then
		echo "# accepted: $*"
		return 1
	fi
	if [ -n "$(find . -name out.img -o -name '.fpgacard-*')" ] || ! grep -qF -- "$text" said; then
		sed 's/^/#   /' said
		return 1
	fi
}

# The first bytes of file $1 from offset $3 on become $4 (an escape for printf).
patch_file()
{
	cp "$1" "$2"
	# shellcheck disable=SC2059
	printf "$4" | dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}

# functions N: options for as many, one word per line
functions()
{
	local i

	for ((i = 0; i < $1; i++)); do
		printf -- '--function\n%02x.%d,1234:5678\n' $((i / 8)) $((i % 8))
	done
}

# ---- what is packed ----

# shellcheck disable=SC2317
packs_and_shows()
{
	pack payload good.img || return 1
	same "$(fpgacard image show good.img)" "name      user
back end  sim-bmc
card      1d0f:any
function  00.0,1d0f:2000,sub=1d0f:0002,class=120000,vfs=4,bar0=256K,bar2=4K
function  1f.7,1d0f:2001,leg=1,bar5=4G
payload   11 bytes from 288, SHA-256 $(sha256sum <payload | cut -d' ' -f1)"
}

# shellcheck disable=SC2317
shows_what_it_takes()
{
	mapfile -t fns < <(fpgacard image show good.img | sed -n 's/^function  //p')
	fpgacard image pack --back-end sim-bmc --name user --card 1d0f:any \
		--function "${fns[0]}" --function "${fns[1]}" payload again.img &&
		cmp again.img good.img
}

# le SIZE VALUE...: each in so many bytes, little end first
le()
{
	local size=$1 value i

	shift
	for value; do
		for ((i = 0; i < size; i++)); do
			# shellcheck disable=SC2059
			printf "\\x$(printf %02x $((value >> 8 * i & 255)))"
		done
	done
}

# padded SIZE TEXT: with NUL bytes
padded()
{
	printf '%s' "$2"
	head -c $(($1 - ${#2})) /dev/zero
}

# What include/linux/fpga/fpga-card-image.h says that pack() has to make
by_hand()
{
	printf FPGACARD
	le 4 1 288
	le 8 11
	padded 32 sim-bmc
	padded 64 user
	le 2 0x1d0f 0xffff 2 0
	# shellcheck disable=SC2059
	printf "$(sha256sum <payload | cut -d' ' -f1 | sed 's/../\\x&/g')"
	le 1 0xff 0x00
	le 2 4 0x1d0f 0x2000 0x1d0f 0x0002
	le 4 0x120000
	le 8 0x40000 0 0x1000 0 0 0
	le 1 1 0xff
	le 2 0 0x1d0f 0x2001 0xffff 0xffff
	le 4 0xffffffff
	le 8 0 0 0 0 0 0x100000000
	cat payload
}

# shellcheck disable=SC2317
has_these_bytes()
{
	by_hand >wanted.img
	cmp wanted.img good.img
}

# shellcheck disable=SC2317
payload_is_last()
{
	tail -c +289 good.img | cmp - payload
}

# shellcheck disable=SC2317
needs_no_functions()
{
	fpgacard image pack --back-end b --name n payload plain.img || return 1
	same "$(fpgacard image show plain.img | sed '/^payload/d')" "name      n
back end  b
card      any:any" || return 1
	same "$(stat -c %s plain.img)" 171
}

# shellcheck disable=SC2317
takes_the_most()
{
	local args

	mapfile -t args < <(functions 64)
	fpgacard image pack --back-end "$(printf 'b%.0s' {1..31})" \
		--name "$(printf 'n%.0s' {1..63})" "${args[@]}" payload most.img &&
		fpgacard image show most.img >/dev/null
}

# shellcheck disable=SC2317
has_the_usual_mode()
{
	same "$(umask 022; pack payload mode.img; stat -c %a mode.img)" 644
}

printf 'image=user\n' >payload
: >empty
# It has no blocks, so it takes no space.
truncate -s 2147483648 huge
try "pack: packs, and shows what it packed" packs_and_shows
try "pack: makes the bytes of the format" has_these_bytes
try "pack: takes what it shows" shows_what_it_takes
try "pack: the payload is the last part" payload_is_last
try "pack: functions are optional" needs_no_functions
try "pack: the most functions, the longest names" takes_the_most
try "pack: the file can be read by others" has_the_usual_mode

# ---- what is refused ----

bad_option()
{
	local text=$1

	shift
	try "pack: refused: $text" refuses "$text" \
		fpgacard image pack --back-end b --name n "$@" payload out.img
}

bad_option "'any' is not a device and function" --function any,1234:5678
bad_option "'20.0' is not a device and function" --function 20.0,1234:5678
bad_option "'00.8' is not a device and function" --function 00.8,1234:5678
bad_option "'000.0' is not a device and function" --function 000.0,1:2
bad_option "'.0' is not a device and function" --function .0,1:2
bad_option "'00.0' has no VENDOR:DEVICE" --function 00.0
bad_option "'' is not VENDOR:DEVICE" --function 00.0,
bad_option "'1234' is not VENDOR:DEVICE" --function 00.0,1234
bad_option "'1:2:3' is not VENDOR:DEVICE" --function 00.0,1:2:3
bad_option "own IDs have to be given" --function 00.0,1234:any
bad_option "own IDs have to be given" --function 00.0,any:1
bad_option "12345 is more than 0xffff" --function 00.0,12345:1
bad_option "no function has the ID ffff" --function 00.0,ffff:1
bad_option "there is no 'bar6'" --function 00.0,1:2,bar6=4K
bad_option "there is no ''" --function 00.0,1:2,=3
bad_option "bar0 is there twice" --function 00.0,1:2,bar0=4K,bar0=8K
bad_option "48K is not a power of two" --function 00.0,1:2,bar0=48K
bad_option "99999999999999999999 is not a power of two" --function 00.0,1:2,bar0=99999999999999999999
bad_option "'4T' is not a size" --function 00.0,1:2,bar0=4T
bad_option "'' is not a size" --function 00.0,1:2,bar0=
bad_option "'K' is not a size" --function 00.0,1:2,bar0=K
bad_option "'0x' is not a size" --function 00.0,1:2,bar0=0x
bad_option "'-4K' is not a size" --function 00.0,1:2,bar0=-4K
bad_option "1200000 is more than 0xffffff" --function 00.0,1:2,class=1200000
bad_option "class: 'g' is not a number" --function 00.0,1:2,class=g
bad_option "class: '' is not a number" --function 00.0,1:2,class=
bad_option "vfs: 65536 is more than 65535" --function 00.0,1:2,vfs=65536
bad_option "vfs: '0x1' is not a number" --function 00.0,1:2,vfs=0x1
bad_option "leg: 32 is more than 31" --function 00.0,1:2,leg=32
bad_option "sub: '1' is not VENDOR:DEVICE" --function 00.0,1:2,sub=1
bad_option "00.0 is described twice" --function 00.0,1:2 --function 0.0,1:3
bad_option "'vfs' is not KEY=VALUE" --function 00.0,1:2,vfs
bad_option "'' is not KEY=VALUE" --function 00.0,1:2,
bad_option "'1d0f' is not VENDOR:DEVICE" --card 1d0f
bad_option "--card: '' is not a number" --card :
bad_option "no function has the ID ffff" --card ffff:1
bad_option "--name is empty" --name ""
bad_option "--back-end is empty" --back-end ""
bad_option "'a/b' has a character" --name a/b
bad_option "'a b' has a character" --name "a b"
bad_option "'ü' has a character" --name ü
bad_option "longer than 63 characters" --name "$(printf 'n%.0s' {1..64})"
bad_option "longer than 31 characters" --back-end "$(printf 'b%.0s' {1..32})"

mapfile -t many < <(functions 65)
try "pack: refused: more than 64 functions" refuses "more than 64 functions" \
	fpgacard image pack --back-end b --name n "${many[@]}" payload out.img
try "pack: refused: no payload" refuses "empty is empty" pack empty out.img
try "pack: refused: a payload that is not there" \
	refuses "missing: No such file" pack missing out.img
try "pack: refused: a directory that is not there" \
	refuses "No such file" pack payload nowhere/out.img
try "pack: refused: half of a command" refuses "are needed" fpgacard image pack payload out.img
try "pack: refused: a payload beyond what the kernel reads" \
	refuses "too large: the kernel reads no firmware file of 2 GiB or more" pack huge out.img

# ---- damage ----

finds()
{
	refuses "$1" fpgacard image show "$2" && refuses "$1" fpgacard image verify "$2"
}

damaged()
{
	local name=$1 offset=$2 bytes=$3 text=$4

	patch_file good.img bad.img "$offset" "$bytes"
	try "show: finds damage: $name" finds "bad.img: $text" bad.img
}

damaged "magic" 0 x "the file is no FPGA card image"
damaged "version" 8 '\2' "the image has a format version that is not supported"
damaged "header size" 12 '\0' "the image's header size is wrong"
damaged "payload size" 16 '\14' "the image's payload size is not that of the file"
damaged "back end" 24 '\0' "a name in the image's header is malformed"
damaged "name" 60 '\0x' "a name in the image's header is malformed"
damaged "number of functions" 124 '\101' "the image describes too many functions"
damaged "flags" 126 '\1' "the image has flags that are not supported"
damaged "digest" 128 '\0\0' "damaged: its payload does not match its digest"
damaged "first byte of the payload" 288 I "damaged: its payload does not match its digest"
damaged "last byte of the payload" 298 ' ' "damaged: its payload does not match its digest"
damaged "vendor" 164 '\377\377' "a function has no vendor"
damaged "leg" 160 '\40' "a function is behind a leg that no switch has"
damaged "class" 175 '\1' "a function has a class of more than 24 bits"
damaged "BAR size" 178 '\7' "a BAR size is not a power of two"

head -c 298 good.img >bad.img
try "show: finds damage: one byte short" finds "payload size" bad.img
head -c 100 good.img >bad.img
try "show: finds damage: a piece of the header" finds "shorter than" bad.img
{ cat good.img; echo; } >bad.img
try "show: finds damage: one byte more" finds "payload size" bad.img
try "show: finds damage: an empty file" finds "shorter than" empty
try "show: says which file is missing" finds "missing: No such file" missing
try "show: says what is no file" finds "no regular file" /dev/null

# ---- the kernel's parser ----

# Just what fpga/image.c includes.
shims()
{
	mkdir -p shim/asm shim/linux
	cat >shim/linux/types.h <<-'END'
	#include <stddef.h>
	#include <stdbool.h>
	#include <stdint.h>
	typedef uint8_t __u8, u8;
	typedef uint16_t __u16, __le16;
	typedef uint32_t __u32, __le32;
	typedef uint64_t __u64, __le64;
	END
	cat >shim/asm/byteorder.h <<-'END'
	#include <endian.h>
	#define le16_to_cpu le16toh
	#define le32_to_cpu le32toh
	#define le64_to_cpu le64toh
	END
	echo '#define EXPORT_SYMBOL_GPL(symbol)' >shim/linux/export.h
	echo '#include <asm/errno.h>' >shim/linux/errno.h
	echo '#include <string.h>' >shim/linux/string.h
}

compiles()
{
	shims
	gcc -std=gnu11 -g -O1 -Wall -Wextra -Werror -Wno-sign-compare \
		-Wno-pointer-sign -fsanitize=address,undefined \
		-fno-sanitize-recover=all -D__packed='__attribute__((packed))' \
		-D'__printf(a,b)=__attribute__((format(printf, a, b)))' \
		-Ishim -I"$TREE/include" -o pack-test \
		"$TESTS/pack-test.c" "$TREE/fpga/image.c"
}

# shellcheck disable=SC2317
parser_agrees()
{
	same "$(./pack-test dump good.img)" "user sim-bmc 1d0f:ffff header 288 payload 11
ff 00 4 1d0f:2000 1d0f:0002 00120000 40000 0 1000 0 0 0
01 ff 0 1d0f:2001 ffff:ffff ffffffff 0 0 0 0 0 100000000" &&
		./pack-test dump most.img >/dev/null &&
		./pack-test dump plain.img >/dev/null
}

if compiles; then
	pass "parser: compiles for user space"
	try "parser: sees what was packed" parser_agrees
	last=
	while IFS= read -r line; do
		last=$line
		case $line in
		"ok - "*) pass "parser: ${line#ok - }" ;;
		"not ok - "*) fail "parser: ${line#not ok - }" ;;
		"#"*) echo "$line" ;;
		esac
	done < <(./pack-test damage good.img "$FLIPS" 2>sanitizer)
	if [ "$last" != end ]; then
		fail "parser: died"
		head -n 30 sanitizer | sed 's/^/#   /'
	fi
else
	fail "parser: compiles for user space"
fi
finish
