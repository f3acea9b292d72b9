# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Counts what passed and failed, and says so in one closing line.

PASSED=0 FAILED=0 SKIPPED=0

pass()
{
	PASSED=$((PASSED + 1))
	echo "ok $((PASSED + FAILED)) - $1"
}

fail()
{
	FAILED=$((FAILED + 1))
	echo "not ok $((PASSED + FAILED)) - $1"
}

# try NAME COMMAND...: the command's exit status is the result.
try()
{
	local name=$1

	shift
	if "$@"; then
		pass "$name"
	else
		fail "$name"
	fi
}

# guest_results LABEL CONSOLE: reads what a guest wrote to its verdict
# channel, passes it on under the label, and checks the guest's own count.
# A guest that did not get to the end of its list has failed.
guest_results()
{
	local label=$1 console=$2 line n=0 p=0 f=0 s=0 verdict=""

	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		"ok "*|"not ok "*)
			n=$((n + 1))
			verdict=
			;;
		esac
		case $line in
		"ok $n - "*"# SKIP"*)
			s=$((s + 1))
			SKIPPED=$((SKIPPED + 1))
			line=${line#ok * - }
			echo "# skipped: $label: ${line%% # SKIP*} (${line#*# SKIP })"
			;;
		"ok $n - "*)
			p=$((p + 1))
			pass "$label: ${line#ok * - }"
			;;
		"not ok $n - "*)
			f=$((f + 1))
			fail "$label: ${line#not ok * - }"
			;;
		"ok "*|"not ok "*)
			f=$((f + 1))
			fail "$label: line out of sequence: $line"
			;;
		"verdict: "*)
			verdict=${line#verdict: }
			;;
		"#"*)
			echo "$line"
			;;
		*)
			[ -z "${GUEST_TALKS:-}" ] || echo "$line"
			;;
		esac
	done
	if [ -z "$verdict" ]; then
		fail "$label: guest died after $n results"
		echo "# the console's end ($console):"
		tail -n 40 "$console" 2>/dev/null | tr -d '\r' | sed 's/^/#   /'
	elif [ "$verdict" != "$p passed, $f failed" ] || [ $((p + f)) -eq 0 ]; then
		fail "$label: guest counted '$verdict', host saw $p passed, $f failed"
	fi
}

# guest_boot LABEL ARCH SECONDS CONSOLE IMAGE INITRD APPEND [QEMU ARGUMENTS]: boots a
# guest, and counts its cases as they come
guest_boot()
{
	local label=$1 arch=$2 seconds=$3 console=$4 initrd=$6 verdict=$6.verdict

	shift
	qemu_run "$arch" "$seconds" "$console" "$verdict" "$4" "$initrd" "${@:6}"
	guest_results "$label" "$console" < <(qemu_follow "$verdict")
	qemu_end "$verdict"
}

# The last line of every test target. In a run of several, their sum is the
# last line of the whole.
finish()
{
	if [ -n "${FPGA_CARD_TOTALS:-}" ]; then
		echo "$PASSED $FAILED $SKIPPED" >>"$FPGA_CARD_TOTALS"
	fi
	# shellcheck disable=SC2034 # see common.sh
	STOP_SAID=1
	[ "$SKIPPED" -eq 0 ] || echo "# $SKIPPED skipped"
	echo "$PASSED passed, $FAILED failed"
	[ "$FAILED" -eq 0 ] && [ "$PASSED" -gt 0 ]
}
