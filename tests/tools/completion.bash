# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# completion.bash FILE WORD...: what FILE's completion of fpgacard offers for the last word,
# on one line

shift_file=$1
shift
# shellcheck source=/dev/null
. "$shift_file"

# In place of the command with cards: what it prints with --names
fpgacard()
{
	case "$*" in
	"list --names")		printf '%s\n' region0 region1 ;;
	"images --names")	printf '%s\n' factory user ;;
	"images --names --card region1") printf '%s\n' other ;;
	*--help)		command fpgacard "$@" ;;
	esac
}

COMP_WORDS=(fpgacard "$@")
COMP_CWORD=$#
_fpgacard
echo "${COMPREPLY[*]}"
