# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# fpgacard: leaks, and allocations that fail.

IMAGE_RUNS=("image show good.img" "image show --json good.img" "image verify good.img"
	"image verify -j good.img" "image verify --json bad.img"
	"image pack --back-end b --name n --function 00.0,1:2,bar0=4K payload o.img"
	"image pack --json --back-end b --name n payload o.img"
	"image pack --back-end b --name / payload o.img" "image pack payload")

# What argp prints
HELP_RUNS=("--help" "load --help" "load --usage" "image pack --help" "--version" "load --bogus")

# As far as they come without a card
CARD_RUNS=("attach --file good.conf" "attach --json --file good.conf" "attach --file bad.conf"
	"attach --file empty" "attach x --port 3a:00.0 --method registers --sequence ./good.seq
		--image a=1,2,3" "attach x --port 3a:00.0 --method hot_reset --image a=1 --image a=1"
	"detach x" "attach --all" "detach --all" "link --directory links" "link -j -d /nowhere/links"
	"load user --wait=1 -y" "recover --wait=1 -y --json" "stage user" "load user -j")

# shellcheck disable=SC2317
valgrind_is_silent()
{
	local run bad=0

	for run in "${IMAGE_RUNS[@]}" "${CARD_RUNS[@]}" "list --json" "image pack --help"; do
		# shellcheck disable=SC2086
		valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible \
			--errors-for-leak-kinds=definite,possible fpgacard $run >out 2>said ||
			[ $? != 99 ] || { echo "# $run"; sed 's/^/#   /' said; bad=1; }
	done
	return $bad
}

# fails_once RUN: each of its allocations; the answer is whole, or there is a sentence
fails_once()
{
	local run=$1 code=0 n most preload=$work/fail-alloc.so wanted

	# shellcheck disable=SC2086
	LD_PRELOAD=$preload FAIL_ALLOC_COUNT=$work/count fpgacard $run >wanted.out 2>wanted.said ||
		code=$?
	wanted=$code
	most=$(cat count)
	for ((n = 1; n <= most; n++)); do
		rm -f o.img
		code=0
		# shellcheck disable=SC2086
		LD_PRELOAD=$preload FAIL_ALLOC=$n fpgacard $run >out 2>said || code=$?
		[ -z "$(find . -name '.fpgacard-*')" ] ||
			{ echo "# $run: allocation $n of $most leaves a file"; return 1; }
		if [ "$code" = "$wanted" ] && cmp -s out wanted.out; then
			continue
		elif [ "$code" = 0 ] || [ "$code" -gt 17 ] || [ ! -s said ]; then
			echo "# $run: allocation $n of $most: exit code $code: $(cat said)"
			return 1
		fi
	done
	allocations=$((allocations + most))
}

# shellcheck disable=SC2317
each_allocation_fails()
{
	local run bad=0 allocations=0

	gcc -shared -fPIC -O1 -Wall -Wextra -D_GNU_SOURCE -o fail-alloc.so \
		"$TESTS/tools/fail-alloc.c" || return 1
	for run in "${IMAGE_RUNS[@]}" "${CARD_RUNS[@]}" "${HELP_RUNS[@]}"; do
		fails_once "$run" || bad=1
	done
	echo "# $allocations allocations have failed, one at a time"
	[ "$allocations" -gt 50 ] && return $bad
}

printf '[card]\nport = 3a:00.0\nmethod = registers\nsequence = ./good.seq\n' >good.conf
printf '[image user]\ntimeout_ms = 5000\naddress = 0x1000\n' >>good.conf
sed 's/timeout_ms = /timeout_ms = never/' good.conf >bad.conf
echo 'a list' >good.seq
mkdir -p links/by-serial && ln -s /nowhere links/by-serial/stale
cp good.img bad.img
printf x | dd of=bad.img bs=1 seek=290 conv=notrunc status=none
try "tools: valgrind finds nothing" valgrind_is_silent
try "tools: when an allocation fails there is a sentence and an exit code" \
	each_allocation_fails
