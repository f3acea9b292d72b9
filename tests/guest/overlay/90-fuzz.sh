# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Thousands of damaged overlays: each is refused with a sentence, or applied and
# removed, and nothing remains of it. The numbers are fuzz= and cut= of the
# kernel's command line.

fuzz_param()
{
	sed -n "s/.*fpgacard\.$1=\([0-9]*\).*/\1/p" /proc/cmdline
}

FUZZ=$(fuzz_param fuzz)
CUT=$(fuzz_param cut)
FUZZ_SEED=$(fuzz_param fuzz_seed)

# fuzz WHAT MUTATED TRUNCATED BLOB...: notes the sums
fuzz()
{
	fuzz_what=$1
	shift
	fuzz_begin=$(date +%s)
	overlay-fuzz "$OVERLAYS" "${FUZZ_SEED:-1}" "$@" >/tmp/fuzz 2>&1 ||
		fail "$(cat /tmp/fuzz; base64 /tmp/overlay-fuzz.dtbo)"
	cat /tmp/fuzz
	note "fuzz: $fuzz_what: $(grep ^sum: /tmp/fuzz | tr '\n' ';') $(($(date +%s) - fuzz_begin)) s"
}

# Each applied one loads the card, if it names an image: most should not.
fuzz_images()
{
	card_with_node 20
	tree_now >/tmp/tree-before
	leaks_forget
	external=$(overlay_file image-external)
	set -- "$(overlay_file image-user)" "$(overlay_file image-factory)" \
		"$(overlay_file image-lab)"
	while [ $# -lt 40 ]; do
		set -- "$external" "$@"
	done
	fuzz images "${FUZZ:-800}" "${CUT:-200}" "$@"
	tree_now >/tmp/tree-after
	diff /tmp/tree-before /tmp/tree-after
	overlay_apply a image-user
	expect_file "$REGION/firmware_name" user
	overlay_remove a
	tree_now >/tmp/tree-after
	diff /tmp/tree-before /tmp/tree-after
	leaks_expect_none
}
run_case "damaged image overlays leave nothing behind" fuzz_images

# Here what is damaged may change anything.
fuzz_bases()
{
	standard_card h0/p0 20
	card_here
	allow_log 'WARNING: memory leak will occur if overlay removed'
	tree_now >/tmp/tree-before
	leaks_forget
	echo 1 >"$ANY_TARGET"
	fuzz bases "${FUZZ:-800}" "${CUT:-200}" \
		"$(overlay_file "$(base_overlay)")" \
		"$(overlay_file card-region-hot-reset)" \
		"$(overlay_file elsewhere)" "$(overlay_file region-child)"
	echo 0 >"$ANY_TARGET"
	tree_now >/tmp/tree-after
	diff /tmp/tree-before /tmp/tree-after
	load_ok "$REGION" user
	overlay_any base "$(base_overlay)"
	overlay_apply a image-factory
	expect_file "$REGION/firmware_name" factory
	overlay_remove a
	overlay_remove base
	tree_now >/tmp/tree-after
	diff /tmp/tree-before /tmp/tree-after
	leaks_expect_none
}
run_case "damaged overlays for the rest of the tree leave nothing behind" \
	fuzz_bases
