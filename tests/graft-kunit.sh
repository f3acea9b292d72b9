#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# graft-kunit.sh [V...]: puts the tree into a copy of the source of kernel V, and
# runs the KUnit suites there as its users would: with kunit.py, which makes the
# kernel and boots it. That is done twice: with the cases that take long, in virtual
# time, and by the command that README.md gives, in real time. ONLY=GLOB takes those
# suites.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/suites.sh"

# graft_source V SOURCE COPY
graft_source()
{
	local v=$1 src=$2 copy=$3

	with_lock "source-$v" kernel_unpack "$src" "$v" || return 1
	if [ ! -d "$copy" ]; then
		say "copying ${src##*/} to $copy"
		run_logged "$LOGS/graft-$v.log" make_whole "$copy" cp -aT "$src" ||
			return 1
	fi
	run_logged "$LOGS/graft-$v.log" "$TREE/scripts/graft" "$copy" &&
		drop_older "$copy" "linux-$v-[0-9]*"
}

# What makes kunit.py run all cases, which wait for 1082 s
WHOLE=(--kernel_args=fpga_card_kunit.slow=1 --timeout=1800)

# The seconds that the plain command may take of the 300 that kunit.py gives it: there are
# slower machines.
PLAIN_SECONDS=240

# What the suites say of a case that they skip as built in
TAKES_LONG='takes long: fpga_card_kunit.slow=1 runs it'

# kunit_py COPY LOG [ARG...]: what README.md says, with more arguments
kunit_py()
{
	local copy=$1 log=$2

	shift 2
	# What an earlier run left is no result of this one.
	rm -f "$copy/.kunit/test.log"
	(cd "$copy" && ./tools/testing/kunit/kunit.py run --arch=x86_64 \
		--kunitconfig=drivers/fpga/card/kunit \
		"$@" ${ONLY:+"$ONLY"}) \
		2>&1 </dev/null | sed 's/\x1b\[[0-9;]*m//g' >"$log"
}

# In front of QEMU, in the path of kunit.py: that of newer kernels asks for hardware
# virtualization before TCG, with which QEMU has no virtual time.
# shellcheck disable=SC2016
QEMU_WITH_TCG='#!/bin/bash
args=()
while [ $# -gt 0 ]; do
	case "$1 ${2:-}" in
	"-accel kvm"|"-accel hvf") shift ;;
	*) args+=("$1") ;;
	esac
	shift
done
PATH=${PATH#*:} exec qemu-system-x86_64 "${args[@]}"'

# with_tcg COMMAND...
with_tcg()
{
	local bin rc=0

	bin=$(mktemp -d)
	echo "$QEMU_WITH_TCG" >"$bin/qemu-system-x86_64"
	chmod +x "$bin/qemu-system-x86_64"
	PATH=$bin:$PATH "$@" || rc=$?
	rm -rf "$bin"
	return "$rc"
}

# kunit_py_virtual COPY LOG: in virtual time, as all guests
kunit_py_virtual()
{
	qemu_clock tcg
	with_tcg kunit_py "$1" "$2" "${WHOLE[@]}" "--qemu_args=${CLOCK[*]}"
}

# kunit_py_plain COPY LOG: what README.md says. There are machines whose KVM is there and
# runs nothing: see qemu_accel().
kunit_py_plain()
{
	if [ "$(cat "$CACHE/kvm-$(uname -r)" 2>/dev/null)" = yes ]; then
		kunit_py "$@"
	else
		with_tcg kunit_py "$@"
	fi
}

# kunit_py_whole COPY LOG: with the cases that take long; with TIME=real in real time
kunit_py_whole()
{
	if [ "${TIME:-virtual}" = virtual ]; then
		kunit_py_virtual "$1" "$2"
	else
		kunit_py "$1" "$2" "${WHOLE[@]}"
	fi
}

# graft_cases LOG OUT: the kernel's own words to "pass NAME" and so on, one line for
# each parameter. They end with the last suite.
graft_cases()
{
	(tr -d '\r' <"$1" | sed 's/^/0 /'; echo "0 end") |
		awk -v to=end -f "$TESTS/guest/lib/ktap.awk" >"$2"
}

# graft_report LABEL CASES: what takes long was not left out, but comes by itself.
graft_report()
{
	local state rest why long=0

	while read -r state rest; do
		case $state in
		pass)	pass "$1: $rest" ;;
		fail)	fail "$1: $rest" ;;
		skip)
			why=${rest#* # SKIP}
			why=${why# }
			rest=${rest%% # SKIP*}
			if [ "$why" = "$TAKES_LONG" ]; then
				long=$((long + 1))
			elif [ -n "$why" ]; then
				SKIPPED=$((SKIPPED + 1))
				echo "# skipped: $1: $rest ($why)"
			else
				fail "$1: $rest: skipped, without a reason"
			fi
			;;
		note)	echo "#   $rest" ;;
		total)	echo "# $1: $rest" ;;
		esac
	done <"$2"
	[ "$long" -eq 0 ] || echo "# $1: $long take long"
}

# graft_long_left CASES: how many take long, and were left out
graft_long_left()
{
	grep -c "^skip .* # SKIP $TAKES_LONG\$" "$1" || true
}

# graft_none_left CASES: with slow=1 none is.
graft_none_left()
{
	local n

	n=$(graft_long_left "$1")
	[ "$n" -eq 0 ] && return
	echo "# $n were left out: fpga_card_kunit.slow=1 did nothing"
	return 1
}

# graft_same WHOLE PLAIN: the plain command has the same cases, and leaves out those
# that take long, of which there are some, and no other.
graft_same()
{
	local differ more

	differ=$(diff <(suites_names <"$1") <(suites_names <"$2") | grep '^[<>]' || true)
	[ -z "$differ" ] || printf '# not in both: %s\n' "${differ//$'\n'/$'\n# not in both: '}"
	more=$(comm -13 <(grep '^skip ' "$1" | sort) <(grep '^skip ' "$2" | sort) |
		grep -v " # SKIP $TAKES_LONG\$" || true)
	[ -z "$more" ] || printf '# left out: %s\n' "${more//$'\n'/$'\n# left out: '}"
	[ "$(graft_long_left "$2")" -gt 0 ] || echo "# nothing takes long"
	[ -z "$differ$more" ] && [ "$(graft_long_left "$2")" -gt 0 ]
}

# graft_compare V CASES: what the modules run has to be here as well.
graft_compare()
{
	local v=$1 list missing other

	list=$(suites_list "$v")
	if [ ! -f "$list" ]; then
		say "running the suites as modules (log: $LOGS/graft-modules-$v.log)"
		FPGA_CARD_TOTALS='' ONLY='' "$TESTS/kunit.sh" "$v" \
			>"$LOGS/graft-modules-$v.log" 2>&1 || true
	fi
	if [ ! -f "$list" ]; then
		echo "# the modules' run gave no list: $LOGS/graft-modules-$v.log"
		return 1
	fi
	missing=$(suites_names <"$2" | comm -13 - "$list")
	other=$(suites_names <"$2" | comm -23 - "$list" | wc -l)
	[ -z "$missing" ] || printf '# missing: %s\n' "${missing//$'\n'/$'\n# missing: '}"
	echo "# $v: the modules' run has $(wc -l <"$list") cases and parameters;" \
		"$other are here alone"
	[ -z "$missing" ]
}

# graft_counted LOG CASES: kunit.py has to have found what we did.
graft_counted()
{
	local said ours

	said=$(sed -n 's/.*Testing complete\. Ran [0-9]* tests: //p' "$1")
	ours=$(awk '{ n[$1]++ } END {
		printf "%d %d %d", n["pass"], n["fail"], n["skip"] }' "$2")
	said=$(echo "$said" | awk -F ', ' '{
		for (i = 1; i <= NF; i++) { split($i, a, ": "); n[a[1]] = a[2] }
	} END {
		printf "%d %d %d", n["passed"],
			n["failed"] + n["crashed"] + n["errors"], n["skipped"] }')
	[ "$said" = "$ours" ] && return
	echo "# passed, failed, skipped: kunit.py says $said, the kernel $ours"
	return 1
}

# graft_in_time LOG: the plain command's run leaves some of kunit.py's time.
graft_in_time()
{
	sed -n 's/.* \([0-9]*\)\.[0-9]*s running$/\1/p' "$1" |
		awk -v max="$PLAIN_SECONDS" '$1 > max { print "# it ran for " $1 " s"; bad = 1 }
			END { exit !NR || bad }'
}

# graft_run LABEL COPY CASES KUNIT_PY: one run
graft_run()
{
	local label=$1 copy=$2 cases=$3 log rc=0

	log=$LOGS/${label// /-}.log
	say "$label: kunit.py run (log: $log)"
	"$4" "$copy" "$log" || rc=$?
	grep -E 'Elapsed time: ' "$log" | sed 's/^[^ ]* /# /' || true
	if [ ! -s "$copy/.kunit/test.log" ]; then
		fail "$label: kunit.py builds and boots a kernel (log: $log)"
		tail -n 30 "$log" | sed 's/^/#   /'
		return 1
	fi
	cp "$copy/.kunit/test.log" "${log%.log}-console.log"
	graft_cases "$copy/.kunit/test.log" "$cases"
	graft_report "$label" "$cases"
	try "$label: kunit.py counts the same" graft_counted "$log" "$cases"
	try "$label: kunit.py exits with 0 (log: $log)" test "$rc" -eq 0
	[ "$rc" -eq 0 ] || tail -n 10 "$log" | sed 's/^/#   /'
	try "$label: the kernel's log is clean" \
		suites_log_is_clean "$copy/.kunit/test.log"
}

# graft_runs V COPY
graft_runs()
{
	local v=$1 dir

	dir=$(mktemp -d)
	if graft_run "$v graft" "$2" "$dir/whole" kunit_py_whole; then
		try "$v graft: none is left out" graft_none_left "$dir/whole"
		[ -n "${ONLY:-}" ] ||
			try "$v graft: the modules' cases are all there" \
				graft_compare "$v" "$dir/whole"
		if graft_run "$v graft plain" "$2" "$dir/plain" kunit_py_plain &&
				[ -z "${ONLY:-}" ]; then
			try "$v graft plain: the same cases, but what takes long" \
				graft_same "$dir/whole" "$dir/plain"
			try "$v graft plain: within $PLAIN_SECONDS s" \
				graft_in_time "$LOGS/$v-graft-plain.log"
		fi
	fi
	rm -rf "$dir"
}

# graft_kunit V: with the copy to itself, as another checkout would graft another
# tree into it.
graft_kunit()
{
	local v=$1 src copy

	mkdir -p "$LOGS"
	if src=$(kernel_source "$v") && copy=$CACHE/graft/${src##*/} &&
			graft_source "$v" "$src" "$copy"; then
		pass "$v graft: into a copy of the source"
		graft_runs "$v" "$copy"
	else
		fail "$v graft: into a copy of the source (log: $LOGS/graft-$v.log)"
	fi
}

[ $# -gt 0 ] || set -- "$KERNEL_MAIN" "$KERNEL_NEXT"
need_packages python3
qemu_needs x86_64
for v in "$@"; do
	[ "$v" = "$(kernel_version "$v")" ] || die "$v: not a version of the kernel"
	kernel_needs "$v" || die "cannot install what kernel $v is built with"
	with_lock "graft-$v" graft_kunit "$v"
done
finish
