# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# fpgacard image: exit codes and answers; see pack-test.sh for the files themselves.

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

# shellcheck disable=SC2317
files_have_codes()
{
	local bad=0

	says 6 "bad.img" fpgacard image verify bad.img || bad=1
	says 6 "bad.img" fpgacard image show bad.img || bad=1
	says 6 "no regular file" fpgacard image verify /dev/null || bad=1
	says 1 "No such file" fpgacard image verify missing || bad=1
	says 6 "empty is empty" fpgacard image pack --back-end b --name n empty out.img || bad=1
	says 2 "1:2:3" fpgacard image pack --back-end b --name n --card 1:2:3 payload out.img ||
		bad=1
	return $bad
}

# What is there and is no file stays what it is; a link stays a link.
# shellcheck disable=SC2317
output_is_a_file()
{
	mkfifo fifo && ln -sf linked.img link.img && echo old >linked.img || return 1
	says 1 "fifo is there, and is no file" fpgacard image pack --back-end b --name n \
		payload fifo || return 1
	[ -p fifo ] && fpgacard image pack --back-end b --name n payload link.img &&
		[ -L link.img ] && fpgacard image verify linked.img
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
fpgacard image pack --back-end sim-bmc --name user --card 1d0f:any \
	--function 00.0,1d0f:2000,sub=1d0f:0002,class=120000,vfs=4,bar0=256K \
	--function 1f.7,1d0f:2001,leg=1,bar5=4G payload good.img
head -c 298 good.img >bad.img
try "tools: image ends with the code that says what is wrong" files_have_codes
try "tools: image: no device or link is replaced by a file" output_is_a_file
try "tools: image answers in JSON as the schema says" answers_as_the_schema_says
try "tools: the schema refuses other answers" schema_refuses
