#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# firmware.sh DIRECTORY: packs the image files that the end-to-end cases load:
# a good one, and one for each thing that can be wrong with it. By fpgacard, see
# lib/fpgacard.sh.

set -eu

out=$1
mkdir -p "$out/vendor"
payload=$(mktemp)
trap 'rm -f "$payload"' EXIT

# pack_lab FILE [BAR0-SIZE [BACK-END [CARD]]]: the image "lab" of lib.sh
pack_lab()
{
	fpgacard image pack --back-end "${3:-sim-bmc}" --name lab --card "${4:-1d0f:any}" \
		--function "00.0,1d0f:3000,sub=1d0f:0003,class=120000,vfs=2,bar0=${2:-512K}" \
		--function "00.1,1d0f:3001,class=020000,bar0=32K" \
		"$payload" "$out/$1"
}

# One that takes a while to be written; STAGE_MIB=64 makes it as long as those of real
# cards.
{
	printf 'image=lab\n'
	head -c "$((${STAGE_MIB:-1} << 20))" /dev/zero | tr '\0' 'p'
} >"$payload"
pack_lab vendor/large.img

# pack_sparse FILE MIB: what is behind the first line is zeros. FILE.head has all but those,
# FILE.size is how long FILE is to be made.
pack_sparse()
{
	printf 'image=lab\n' >"$payload"
	truncate -s "$2M" "$payload"
	pack_lab "$1"
	stat -c %s "$out/$1" >"$out/$1.size"
	head -c $(($(cat "$out/$1.size") - ($2 << 20) + 64)) "$out/$1" >"$out/$1.head"
	rm "$out/$1"
}
for mib in ${SPARSE_MIB:-4 16}; do
	pack_sparse "vendor/$mib-mib.img" "$mib"
done

# The simulated card looks for the name of the image it is to become.
{
	printf 'image=lab\n'
	head -c 4096 /dev/zero | tr '\0' 'p'
} >"$payload"
pack_lab vendor/lab.img
pack_lab liar.img 1M
pack_lab other-back-end.img 512K other-bmc
pack_lab other-card.img 512K sim-bmc 1d0f:9999
fpgacard image pack --back-end sim-bmc --name lab "$payload" "$out/no-identity.img"
head -c 1000 "$out/vendor/lab.img" >"$out/truncated.img"
head -c 100 "$out/vendor/lab.img" >"$out/stump.img"
{
	head -c -1 "$out/vendor/lab.img"
	printf 'q'
} >"$out/damaged.img"
: >"$out/empty.img"
printf 'image=nobody\n' >"$payload"
pack_lab unknown.img
