# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# fpgacard: its options, exit codes and completion, and what the documents say of them.

MANUAL=$TREE/Documentation/fpga-card/admin-guide/fpgacard.rst
COMMANDS=(list show images check stage activate load recover watch history attach detach link
	"image pack" "image show" "image verify")

# shellcheck disable=SC2317
bad_lines_are_told()
{
	local line words bad=0

	while read -r line; do
		read -ra words <<<"$line"
		says 2 fpgacard fpgacard "${words[@]}" </dev/null || bad=1
	done <<-'LINES'

		bogus
		image
		image bogus
		--bogus list
		list extra
		list --card x
		show extra
		load
		load a b
		load a --bogus
		load a --wait=
		load a --wait=x
		load a --wait=-1
		load a --wait=86401
		check a --wait
		check
		stage
		activate extra
		recover extra
		history --svg
		watch --twice
		attach
		attach a
		attach a --method external --port 0:0
		attach a --method external --image a=1
		attach a --method external --image a=1 --port x --function y
		attach a b --method external --image a=1 --port x
		attach a --method external --image a=x --port 3a:00.0
		attach a --method external --image a=1,2,3,4 --port 3a:00.0
		attach a --method magic --image a=1 --port 3a:00.0
		attach a --method external --image a=1 --image a=2 --port 3a:00.0
		attach --file
		attach --file a --all
		attach --file a --port 3a:00.0
		attach --all a
		attach --all --method external
		detach
		detach a b
		detach --all a
		link a
		detach ../x
		image show
		image show a b
		image verify
		image pack a
		image pack a b
	LINES
	says 3 "there is no card" fpgacard show || bad=1
	says 3 "no card" fpgacard --card 00:00.9 load user -y || bad=1
	return $bad
}

# shellcheck disable=SC2317
answers_of_no_card()
{
	rm -f "$answers"
	fpgacard list -j >>"$answers" || return 1
	! fpgacard show -j >>"$answers" 2>said || return 1
	! fpgacard load user -j >>"$answers" 2>said || return 1
	! fpgacard -j detach x >>"$answers" 2>said || return 1
	fpgacard -j link -d answered >>"$answers" || return 1
	! fpgacard -j link -d /nowhere/links >>"$answers" 2>said || return 1
	fpgacard -j attach --all >>"$answers" || return 1
	fpgacard -j detach --all >>"$answers" || return 1
	! fpgacard -j attach -f /nowhere.conf >>"$answers" 2>said || return 1
	! fpgacard -j attach a --image a >>"$answers" 2>said || return 1
	"$TESTS/tools/schema.py" "$SCHEMA" "$answers"
}

# shellcheck disable=SC2317
codes_are_the_same()
{
	sed -n 's/^\tFC_\([A-Z_]*\) = \([0-9]*\),$/\2 \1/p' "$TOOL/fc.h" |
		tr 'A-Z_' 'a-z-' | sort >codes
	sed -n 's/^\([0-9]*\) ``\([a-z-]*\)``$/\1 \2/p' "$MANUAL" | sort >codes.manual
	sed -n 's/^\t{ FC_[A-Z_]*, "\([a-z-]*\)" },$/\1/p' "$TOOL/exit.c" | sort >codes.names
	jq -r '.properties.result.enum[]' "$SCHEMA" | sort >codes.schema
	[ "$(wc -l <codes)" -ge 15 ] && diff codes codes.manual &&
		diff <(cut -d' ' -f2 codes | sort) codes.names && diff codes.names codes.schema
}

# long_options: of a text with options at the beginning of lines, as "-x --long"
long_options()
{
	sed -nE 's/^ +((-[a-zA-Z?])[^-]*, )?--([a-z-]+).*/\2 --\3/p' | sed 's/^ //' | sort -u
}

# shellcheck disable=SC2317
options_are_in_the_manual()
{
	local command

	{
		fpgacard --help
		for command in "${COMMANDS[@]}"; do
			# shellcheck disable=SC2086
			fpgacard $command --help
		done
	} | long_options >options.help
	mandoc -T ascii "$work/bin/fpgacard.8" | col -bx | long_options >options.manual
	[ "$(wc -l <options.help)" -ge 15 ] && diff options.help options.manual
}

# shellcheck disable=SC2317
commands_are_in_the_manual()
{
	local command bad=0

	for command in "${COMMANDS[@]}"; do
		grep -qE "^$command( [A-Z]+)*\$" "$MANUAL" || { echo "# $command"; bad=1; }
	done
	sed -n 's/^\t{ "\([a-z]*\)", fc_[a-z_]*, ".*/\1/p' "$TOOL/main.c" >commands
	while read -r command; do
		[[ " ${COMMANDS[*]} " = *" $command"* ]] || { echo "# $command"; bad=1; }
	done <commands
	return $bad
}

# shellcheck disable=SC2317
manual_is_clean()
{
	local said

	said=$(mandoc -T lint -W warning "$work/bin/fpgacard.8" | grep -v ' STYLE: ')
	said+=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 \
		"$work/bin/fpgacard.8" 2>&1 >/dev/null)
	[ -z "$said" ] || { echo "# $said"; return 1; }
}

# completes WANTED WORD...
completes()
{
	local wanted=$1 got

	shift
	got=$(bash "$TESTS/tools/completion.bash" "$TOOL/fpgacard.bash" "$@")
	[ "$got" = "$wanted" ] || { echo "# $*: '$got', not '$wanted'"; return 1; }
}

# shellcheck disable=SC2317
completion_works()
{
	local bad=0

	completes "load" lo || bad=1
	completes "show stage" s || bad=1
	completes "factory user" load "" || bad=1
	completes "user" check us || bad=1
	completes "other" --card region1 load "" || bad=1
	completes "other" load --card region1 "" || bad=1
	completes "region0 region1" show --card re || bad=1
	completes "hot_reset" attach x --method h || bad=1
	completes "registers" attach x --method r || bad=1
	completes "good.img" attach --file good.i || bad=1
	completes "list load link" l || bad=1
	completes "--all" detach --a || bad=1
	completes "pack show verify" image "" || bad=1
	completes "good.img" image show goo || bad=1
	completes "--reload" load user --rel || bad=1
	completes "--back-end" image pack --back || bad=1
	completes "--once" watch --on || bad=1
	completes "--wait" load user --wa || bad=1
	return $bad
}

try "tools: a bad command line has its code and a sentence" bad_lines_are_told
try "tools: answers without a card are as the schema says" answers_of_no_card
try "tools: the exit codes of code, manual and schema are the same" codes_are_the_same
try "tools: the options of --help and of the manual are the same" options_are_in_the_manual
try "tools: each command is in the manual" commands_are_in_the_manual
try "tools: the manual page is clean" manual_is_clean
try "tools: bash completes commands, options, images and regions" completion_works
