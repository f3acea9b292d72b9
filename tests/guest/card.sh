# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs the cases of /tests/cards/ that are for the card which fpgacard.card= names:
# a line "# Cards: NAME..." in each file says for which.

. /tests/lib.sh
. /tests/lib/cases.sh
. /tests/lib/cards.sh

CARD=$(sed -n 's/.*fpgacard\.card=\([^ ]*\).*/\1/p' /proc/cmdline)
export CARD

cases_for()
{
	grep -Eq "^# Cards:.* $CARD( |$)" "$1"
}

# A name that is none would run nothing, and that successfully.
if ! grep -Eq "^# Cards:.* $CARD( |$)" /tests/cards/*.sh; then
	report_fail "there are no cases for a card \"$CARD\""
fi
run_cases /tests/cards
