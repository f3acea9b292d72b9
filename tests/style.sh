#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The static part: checkpatch, sparse, W=1, kernel-doc, shellcheck and this
# tree's own rules. What a tool found clean once it need not read again.

. "$(dirname "$0")/lib/all.sh"

need_packages patch perl python3 shellcheck sparse
kernel_build "$KERNEL_MAIN"
SRC=$(kernel_source "$KERNEL_MAIN")
STAMPS=$CACHE/style
mkdir -p "$STAMPS"
find "$STAMPS" -type f -mtime +30 -delete

# unseen TOOL FILE...: those which are not as TOOL last passed them
unseen()
{
	local tool=$1 f

	shift
	for f in "$@"; do
		[ -f "$STAMPS/$tool-$(stamp "$f")" ] || echo "$f"
	done
}

stamp()
{
	{ echo "$1" "$SRC"; cat "$TREE/$1"; } | sha256sum | cut -c1-32
}

# each_file TOOL FILE...: run TOOL_one on each unseen file, two at a time
each_file()
{
	local tool=$1

	shift
	export SRC STAMPS TREE
	export -f "${tool}_one" one stamp
	unseen "$tool" "$@" |
		xargs -r -d '\n' -n 1 -P "$JOBS" bash -c "one $tool \"\$0\""
}

one()
{
	local tool=$1 f=$2 out

	cd "$TREE" || return 1
	if out=$("${tool}_one" "$f" 2>&1) && [ -z "$out" ]; then
		touch "$STAMPS/$tool-$(stamp "$f")"
	else
		printf '%s\n' "$out"
		return 1
	fi
}

checkpatch_one()
{
	perl "$SRC/scripts/checkpatch.pl" --strict --no-tree --no-summary --terse \
		--show-types --color=never -q -f "$1"
}

kerneldoc_one()
{
	perl "$SRC/scripts/kernel-doc" -none -Werror "$1"
}

shellcheck_one()
{
	shellcheck -x -f gcc "$1"
}

python_one()
{
	python3 -W error -c '
import sys
with open(sys.argv[1], encoding="utf-8") as f:
    compile(f.read(), sys.argv[1], "exec")' "$1"
}

spdx()
{
	local f bad=0

	while read -r f; do
		case $f in
		*.md|MAINTAINERS|*/.kunitconfig|.gitignore|*.bin|*/golden/*) continue ;;
		COPYING|packaging/debian/changelog|packaging/debian/copyright|*/source/format)
			continue ;;
		esac
		if ! head -n 3 "$TREE/$f" | grep -q 'SPDX-License-Identifier: '; then
			echo "$f: no SPDX line"
			bad=1
		fi
	done
	return $bad
}

versions_in_compat_only()
{
	! grep -En 'LINUX_VERSION_CODE|KERNEL_VERSION *\(|RHEL_RELEASE' "$@" /dev/null |
		grep -v '^compat/'
}

sparse_is_silent()
{
	local dir log=$LOGS/sparse.log

	dir=$(modules_dir "$(kernel_key "$KERNEL_MAIN")")
	with_modules "$dir" modules_build "$KERNEL_MAIN" \
		"$(kernel_dir "$KERNEL_MAIN")" "$dir" "$log" C=2 CHECK=sparse || return 1
	! grep -E '(warning|error|WARNING|ERROR):' "$log"
}

# Of what sparse_is_silent() has built.
calls_go_down()
{
	local dir

	dir=$(modules_dir "$(kernel_key "$KERNEL_MAIN")")
	with_modules "$dir" "$TESTS/floors.py" "$TESTS/floors" "$TREE" "$dir"
}

# make mutants takes long; that a patch is out of date shows here.
mutants_fit()
{
	local patch bad=0

	for patch in "$TESTS"/mutants/*.patch; do
		patch -p1 --dry-run --force --silent --fuzz=0 <"$patch" || bad=1
	done
	return $bad
}

# documented_cases FILE: one a line, of the table that says which case shows what; they
# are in its second column, those with spaces in quotes.
documented_cases()
{
	awk '/^What always holds$/ { found = 1 }
		found && /^=+ +=+$/ { at = index($0, " ="); rules++ }
		found && rules == 2 && /^[^=]/ {
			print (substr($0, 1, at) ~ /[^ ]/ ? "," : "") substr($0, at + 1)
		}' "$1" | tr '\n' ' ' | tr -s ' ' | tr ',' '\n' | sed 's/^ //; s/ $//; /^$/d'
}

documented_cases_exist()
{
	local cases name bad=0

	mapfile -t cases < <(documented_cases Documentation/fpga-card/internals/invariants.rst)
	[ ${#cases[@]} -gt 20 ] || { echo "the table is not where it was"; return 1; }
	for name in "${cases[@]}"; do
		case $name in
		'"'*)	grep -rqF "run_case $name" tests/guest ;;
		*)	grep -rqE "(KUNIT_CASE[A-Z_]*\(|\.name = \")${name}[\",)]" kunit ;;
		esac || { echo "invariants.rst: there is no $name"; bad=1; }
	done
	return $bad
}

# documented_sentences FILE: one a line, of the table by sentence; they are in its first
# column
documented_sentences()
{
	sed -n '/^By sentence$/,/^The card is lost$/s/^``\([^`]*\)``  .*/\1/p' "$1" |
		grep -v '^last_error$'
}

# Each is a part of a string in the code.
documented_sentences_exist()
{
	local sentences text bad=0

	mapfile -t sentences < <(documented_sentences \
		Documentation/fpga-card/admin-guide/troubleshooting.rst)
	[ ${#sentences[@]} -gt 20 ] || { echo "the table is not where it was"; return 1; }
	for text in "${sentences[@]}"; do
		grep -rhF -- "$text" fpga pci | grep -qF '"' ||
			{ echo "troubleshooting.rst: nothing says \"$text\""; bad=1; }
	done
	return $bad
}

# The variables of uevents and the trace events, which have no file that a guest could
# look for; see tests/guest/lib/documents.sh for the rest.
told_is_documented()
{
	local name bad=0

	while read -r name; do
		grep -rqw -- "$name" Documentation ||
			{ echo "no document has $name"; bad=1; }
	done < <(grep -rhoE '"FPGA_CARD_[A-Z_]+=' fpga pci dt-overlays | tr -d '"=' | sort -u
		sed -nE 's/^(TRACE_EVENT|DEFINE_EVENT)\((.*, )?([a-z_]+),$/\3/p' \
			fpga/trace.h | sort -u)
	return $bad
}

# The notes and the packages' changelog begin with the release that this is.
release_is_described()
{
	local release notes changelog

	release=$(sed -n 's/^FPGA_CARD_RELEASE := //p' version.mk)
	notes=$(grep -m 1 -E '^[0-9]+\.[0-9]' Documentation/fpga-card/release-notes.rst)
	changelog=$(sed -n '1s/^fpgacard (\(.*\)) .*/\1/p' packaging/debian/changelog)
	if [ "$release" != "$notes" ] || [ "$release" != "$changelog" ]; then
		echo "version.mk: $release, notes: $notes, changelog: $changelog"
		return 1
	fi
}

# A C file of more than 500 lines, or a header of more than 250, says in its first comment
# why it is one.
long_files_say_why()
{
	local file lines most word bad=0

	for file; do
		case $file in
		*.c)	most=500 word=file ;;
		*)	most=250 word=header ;;
		esac
		lines=$(wc -l <"$file")
		[ "$lines" -gt "$most" ] || continue
		sed '/^ \*\//q' "$file" | tr -s ' *\n' ' ' | grep -q "One $word, as " ||
			{ echo "$file: $lines lines, and not a word why"; bad=1; }
	done
	return $bad
}

cd "$TREE" || exit
mapfile -t files < <(tree_files)
mapfile -t c_files < <(printf '%s\n' "${files[@]}" | grep '\.[ch]$')
mapfile -t kernel_files < <(printf '%s\n' "${c_files[@]}" | grep -v '^\(tests\|tools\)/')
mapfile -t shell_files < <(printf '%s\n' "${files[@]}" | xargs -d '\n' grep -lE \
	'^#!.*[/ ](ba|busybox )?sh( |$)|^# shellcheck shell=')
mapfile -t python_files < <({
	printf '%s\n' "${files[@]}" | grep '\.py$'
	printf '%s\n' "${files[@]}" | xargs -d '\n' grep -lE '^#!.*python3'
} | sort -u)

try "style: sparse and W=1 are silent" sparse_is_silent
try "style: calls go down only" calls_go_down
try "style: checkpatch --strict" each_file checkpatch "${c_files[@]}"
try "style: kernel-doc" each_file kerneldoc "${kernel_files[@]}"
try "style: shellcheck" each_file shellcheck "${shell_files[@]}"
try "style: python" each_file python "${python_files[@]}"
try "style: every file has a licence" spdx < <(printf '%s\n' "${files[@]}")
try "style: kernel versions are compared in compat/ only" \
	versions_in_compat_only "${c_files[@]}"
try "style: long files say why they are long" long_files_say_why "${c_files[@]}"
try "style: the mutants fit the tree" mutants_fit
try "style: the cases that the documentation names exist" documented_cases_exist
try "style: the sentences that the documentation explains exist" documented_sentences_exist
try "style: the release has its notes" release_is_described
try "style: uevents' variables and trace events are documented" told_is_documented
finish
