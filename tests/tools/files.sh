# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# fpgacard image: the same as the packer, damage, answers.

PACK=$TREE/scripts/fpga-card-pack
FUNCTIONS=(--function "00.0,1d0f:2000,sub=1d0f:0002,class=120000,vfs=4,bar0=256K,bar2=0x1000"
	--function "1f.7,1d0f:2001,leg=1,bar5=4G,bar4=8M,bar1=16")

# functions N: options for as many, one word per line
functions()
{
	local i

	for ((i = 0; i < $1; i++)); do
		printf -- '--function\n%02x.%d,1234:5678\n' $((i / 8)) $((i % 8))
	done
}

# both ARGUMENT...: both packers make the same of it, or say the same
both()
{
	local first=0 second=0

	rm -f first.img second.img
	"$PACK" "$@" first.img 2>first.said || first=1
	fpgacard image pack "$@" second.img 2>second.said || second=1
	if [ "$first" != "$second" ]; then
		echo "# $first and $second: $*"
		return 1
	fi
	if [ "$first" = 0 ]; then
		cmp first.img second.img || return 1
		cmp <("$PACK" --show first.img) <(fpgacard image show second.img)
		return
	fi
	[ ! -e second.img ] || { echo "# there is a file: $*"; return 1; }
	first=$(tail -n 1 first.said)
	second=$(tail -n 1 second.said)
	[ "${first#*: }" = "${second#*: }" ] || { echo "# $first"; echo "# $second"; return 1; }
}

# shellcheck disable=SC2317
packs_the_same()
{
	local most bad=0

	mapfile -t most < <(functions 64)
	both --back-end sim-bmc --name user --card 1d0f:any "${FUNCTIONS[@]}" payload || bad=1
	both --back-end b --name n payload || bad=1
	both --back-end b --name n "${most[@]}" payload || bad=1
	both --back-end b --name n --card any:0x12 payload || bad=1
	both --back-end b --name n --function 0.0,1:2,sub=any:5,bar0=0,bar1=1,bar5=0x8000000000000000 payload || bad=1
	both --back-end b --name n --function 00.0,1:2,bar0=1024,bar1=1024K,bar2=3M payload || bad=1
	both --back-end "$(printf 'b%.0s' {1..31})" --name "$(printf 'n%.0s' {1..63})" payload || bad=1
	both --back-end b --name n large || bad=1
	return $bad
}

# shellcheck disable=SC2317
refuses_the_same()
{
	local spec many bad=0

	for spec in any,1234:5678 20.0,1234:5678 00.8,1234:5678 000.0,1:2 .0,1:2 00.0 "00.0," \
			00.0,1234 00.0,1234:any 00.0,any:1 00.0,12345:1 00.0,ffff:1 00.0,1:2:3 \
			00.0,1:2,bar6=4K 00.0,1:2,bar0=4K,bar0=8K 00.0,1:2,bar0=48K \
			00.0,1:2,bar0=4T 00.0,1:2,bar0= 00.0,1:2,bar0=K 00.0,1:2,bar0=0x \
			00.0,1:2,bar0=99999999999999999999 00.0,1:2,bar0=-4K \
			00.0,1:2,class=1200000 00.0,1:2,class=g 00.0,1:2,class= \
			00.0,1:2,vfs=65536 00.0,1:2,vfs=0x1 00.0,1:2,vfs=99999999999999999999 \
			00.0,1:2,leg=32 00.0,1:2,vfs 00.0,1:2,=3 "00.0,1:2," 00.0,1:2,sub=1; do
		both --back-end b --name n --function "$spec" payload || bad=1
	done
	both --back-end b --name n --function 00.0,1:2 --function 0.0,1:3 payload || bad=1
	for spec in 1d0f 1:2:3 : any ffff:1; do
		both --back-end b --name n --card "$spec" payload || bad=1
	done
	for spec in '' a/b 'a b' ü "$(printf 'n%.0s' {1..64})"; do
		both --back-end b --name "$spec" payload || bad=1
	done
	both --back-end '' --name n payload || bad=1
	both --back-end "$(printf 'b%.0s' {1..32})" --name n payload || bad=1
	mapfile -t many < <(functions 65)
	both --back-end b --name n "${many[@]}" payload || bad=1
	both --back-end b --name n empty || bad=1
	both --back-end b --name n missing || bad=1
	return $bad
}

# shellcheck disable=SC2317
keeps_nothing()
{
	both --back-end b --name n empty || return 1
	[ -z "$(find . -name '.fpgacard-*')" ]
}

# says CODE TEXT COMMAND...: ends with that code, and a sentence with that text
says()
{
	local wanted=$1 text=$2 code=0

	shift 2
	"$@" >out 2>said || code=$?
	if [ "$code" != "$wanted" ] || ! grep -qF -- "$text" said; then
		echo "# $*: $code: $(head -n 1 said)"
		return 1
	fi
}

# damaged OFFSET BYTES TEXT: a good file with these bytes in it
damaged()
{
	cp good.img bad.img
	# shellcheck disable=SC2059
	printf "$2" | dd of=bad.img bs=1 seek="$1" conv=notrunc status=none
	says 6 "$3" fpgacard image verify bad.img && says 6 "$3" fpgacard image show bad.img &&
		says 1 "" "$PACK" --show bad.img
}

# shellcheck disable=SC2317
finds_damage()
{
	local bad=0 size

	damaged 0 x "no FPGA card image" || bad=1
	damaged 8 '\2' "version" || bad=1
	damaged 12 '\0' "header size" || bad=1
	damaged 16 '\14' "payload size" || bad=1
	damaged 24 '\0' "malformed" || bad=1
	damaged 60 '\0x' "malformed" || bad=1
	damaged 124 '\101' "too many functions" || bad=1
	damaged 126 '\1' "flags" || bad=1
	damaged 128 '\0\0' "does not match its digest" || bad=1
	damaged 288 I "does not match its digest" || bad=1
	damaged 164 '\377\377' "has no vendor" || bad=1
	damaged 178 '\7' "not a power of two" || bad=1
	for size in 0 100 298; do
		head -c "$size" good.img >bad.img
		says 6 bad.img fpgacard image verify bad.img || bad=1
	done
	says 6 "no regular file" fpgacard image verify /dev/null || bad=1
	says 1 "No such file" fpgacard image verify missing || bad=1
	return $bad
}

# shellcheck disable=SC2317
answers_as_the_schema_says()
{
	rm -f "$answers"
	fpgacard --json image show good.img >>"$answers" || return 1
	fpgacard image verify --json good.img >>"$answers" || return 1
	fpgacard image pack --json --back-end b --name n payload j.img >>"$answers" || return 1
	! fpgacard image pack --json --back-end b --name / payload j.img >>"$answers" 2>said ||
		return 1
	! fpgacard -j image show bad.img >>"$answers" 2>said || return 1
	! fpgacard -j image verify missing >>"$answers" 2>said || return 1
	"$TESTS/tools/schema.py" "$SCHEMA" "$answers"
	[ "$(wc -l <"$answers")" = 6 ] &&
		[ "$(head -n 1 "$answers" | jq -r '.functions[1].bars["5"]')" = 4294967296 ]
}

# A schema that takes everything shows nothing.
# shellcheck disable=SC2317
schema_refuses()
{
	local line

	for line in '{}' '{"command":"load"}' \
			'{"command":"image verify","result":"busy","exit":0,"file":"x"}' \
			'{"command":"image verify","result":"error","exit":1,"file":"x"}' \
			'{"command":"list","result":"success","exit":0}' \
			'{"command":"watch","region":"region0"}' \
			"$(jq -c 'select(.command == "image show" and .exit == 0) | .sha256 = "x"' "$answers")"; do
		echo "$line" >wrong
		! "$TESTS/tools/schema.py" "$SCHEMA" wrong >/dev/null || { echo "# $line"; return 1; }
	done
}

printf 'image=user\n' >payload
: >empty
head -c 1000000 /dev/urandom >large
"$PACK" --back-end sim-bmc --name user --card 1d0f:any \
	--function 00.0,1d0f:2000,sub=1d0f:0002,class=120000,vfs=4,bar0=256K \
	--function 1f.7,1d0f:2001,leg=1,bar5=4G payload good.img
try "tools: image pack makes the same bytes as fpga-card-pack" packs_the_same
try "tools: image pack refuses the same, with the same sentence" refuses_the_same
try "tools: what is refused leaves no file" keeps_nothing
try "tools: image show and verify find damage" finds_damage
try "tools: image answers in JSON as the schema says" answers_as_the_schema_says
try "tools: the schema refuses other answers" schema_refuses
