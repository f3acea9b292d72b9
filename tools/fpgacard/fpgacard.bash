# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion of fpgacard for bash.

# _fpgacard_words: sets command, sub and card by what is on the line so far
_fpgacard_words()
{
	local i word

	command='' sub='' card=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--card|-c)
			[ -n "$command" ] && [ "$command" = image ] ||
				card=(--card "${COMP_WORDS[i + 1]}")
			i=$((i + 1))
			;;
		-*)	;;
		=)	i=$((i + 1)) ;;
		*)
			if [ -z "$command" ]; then
				command=$word
			elif [ -z "$sub" ]; then
				sub=$word
			fi
			;;
		esac
	done
}

# _fpgacard_options COMMAND: those of --help
_fpgacard_options()
{
	# shellcheck disable=SC2086
	fpgacard $1 --help 2>/dev/null | grep -oE -- '(^| )--[a-z-]+' |
		tr -d ' ' | sort -u
}

_fpgacard()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command sub card words=''

	COMPREPLY=()
	_fpgacard_words
	case $prev in
	--card|-c)
		if [ "$command" != image ]; then
			mapfile -t COMPREPLY < <(compgen -W "$(fpgacard list --names 2>/dev/null)" -- "$cur")
		fi
		return
		;;
	--method|-m)
		mapfile -t COMPREPLY < <(compgen -W 'hot_reset slot_power external registers' -- "$cur")
		return
		;;
	--svg|-s|--file|--directory|-d|--sequence|-S)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	esac
	case $command-$cur in
	image--*)	words=$(_fpgacard_options "image $sub") ;;
	*--*)		words=$(_fpgacard_options "$command") ;;
	-*)		words='list show images check stage activate load recover watch history attach detach link image' ;;
	load-*|check-*|stage-*)
			[ -n "$sub" ] || words=$(fpgacard images --names "${card[@]}" 2>/dev/null) ;;
	detach-*)	words=$(cd /sys/kernel/config/fpga-card 2>/dev/null && ls) ;;
	image-*)
		if [ -n "$sub" ]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
		fi
		words='pack show verify'
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _fpgacard fpgacard
