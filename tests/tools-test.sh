#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tools-test.sh [V]: fpgacard. What can be seen without a card, and then the cases of
# tests/guest/tools/ on simulated ones. GUEST=0: without these. ONLY=TEXT takes those of
# them whose file's name contains TEXT.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/programs.sh"

need_packages "${FPGACARD_PACKAGES[@]}" python3-docutils python3-jsonschema mandoc man-db valgrind jq

TOOL=$TREE/tools/fpgacard
SCHEMA=$TOOL/schema.json
work=$(mktemp -d)
chmod 755 "$work"
at_exit 'rm -rf "$work"'
mkdir "$work/bin"

builds()
{
	run_logged "$LOGS/tools-build.log" make -C "$TOOL" O="$work/bin" \
		CFLAGS='-O2 -g -Werror' all
}

# shellcheck disable=SC2317
installs()
{
	local file

	run_logged "$LOGS/tools-install.log" make -C "$TREE/tools" O="$work/bin" \
		DESTDIR="$work/root" PREFIX=/usr install || return 1
	for file in sbin/fpgacard share/man/man8/fpgacard.8 \
			share/bash-completion/completions/fpgacard \
			lib/systemd/system/fpgacard-attach.service \
			lib/systemd/system/fpgacard-load@.service libexec/fpgacard/load-listed \
			lib/udev/rules.d/60-fpgacard.rules lib/sysusers.d/fpgacard.conf \
			share/polkit-1/rules.d/50-fpgacard.rules \
			share/fpgacard/sequences/xilinx-axi-hwicap-iprog.seq; do
		[ -s "$work/root/usr/$file" ] || { echo "# no $file"; return 1; }
	done
	# Each path in them is a real one.
	! grep -r '@[a-z]*dir@' "$work/root/usr"
}

try "tools: fpgacard builds without a warning" builds || { finish; exit; }
[ -x "$work/bin/fpgacard" ] || { finish; exit 1; }
try "tools: make install puts it where DESTDIR and PREFIX say" installs
PATH=$work/bin:$PATH
cd "$work" || exit
answers=$work/answers

. "$TESTS/tools/files.sh"
. "$TESTS/tools/manual.sh"
. "$TESTS/tools/services.sh"
. "$TESTS/tools/memory.sh"

# ---- on cards ----

# guest_answers: what the guest has collected
# shellcheck disable=SC2317
guest_answers()
{
	sed -n 's/^json: //p' "$GUEST_VERDICT" | tr -d '\r' >"$answers"
	"$TESTS/tools/schema.py" "$SCHEMA" "$answers"
}

# each_code_was_seen: of those that need a card
# shellcheck disable=SC2317
each_code_was_seen()
{
	local code bad=0

	for code in no-card which-card degraded refused cancelled rolled-back recovered lost busy \
			pending denied success error; do
		jq -r '.result // empty' "$answers" | grep -qx "$code" ||
			{ echo "# nothing ended as $code"; bad=1; }
	done
	return $bad
}

if [ "${GUEST:-1}" != 0 ]; then
	v=${1:-$KERNEL_MAIN}
	GUEST_FILES=$work/guest GUEST_VERDICT=$work/verdict
	mkdir "$GUEST_FILES" "$work/sanitized"
	# What leaks there, or is written where it should not, fails the case.
	if run_logged "$LOGS/tools-build.log" make -C "$TOOL" O="$work/sanitized" \
			CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all' \
			"$work/sanitized/fpgacard" && modules_for "$v" &&
			PATH=$work/sanitized:$PATH guest_add_program "$GUEST_FILES" fpgacard jq; then
		guest_run "$v" tools "${SECONDS_MAX:-$GUEST_SECONDS}" "${ONLY:+fpgacard.only=$ONLY}"
		try "tools: all answers on cards are as the schema says" guest_answers
		[ -n "${ONLY:-}" ] || try "tools: each exit code was seen" each_code_was_seen
	else
		fail "tools: the guest's files can be put together"
	fi
fi
finish
