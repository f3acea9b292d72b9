# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The kernel's log is part of every result. A case may allow lines that would
# fail it, or demand lines. "Link Down/Up ignored" is what pciehp says of a reset
# that is none of its own, and after DPC.

LOG_BAD='WARNING:|BUG:|Oops|INFO: .*(deadlock|hung|stall|blocked)|possible (circular|recursive|irq)|inconsistent lock|suspicious RCU|sleeping function called|Call [Tt]race:|Link Down($|[^/])|Card not present|unreferenced object|refcount_t|list_(add|del) corruption|ODEBUG|general protection|[Uu]nable to handle|UBSAN|KASAN|scheduling while atomic|BAR [0-9].*: (failed|can.t) assign|OF: ERROR'

# log_mark: from here on. What was before is out of dmesg's sight, or reading
# it would take longer from case to case.
log_mark()
{
	LOG_MARK="mark $((${LOG_COUNT:=0} + 1)) $*"
	LOG_COUNT=$((LOG_COUNT + 1))
	: >/tmp/log-allow
	: >/tmp/log-want
	rm -f /tmp/log-unplug
	dmesg -c >/dev/null
	echo "fpgacard: $LOG_MARK" >/dev/kmsg
}

# allow_log REGEX: such a line may come during this case
allow_log()
{
	echo "$1" >>/tmp/log-allow
}

# allow_unplug: pciehp will remove a card during this case, and say so. The
# pciehp of 6.12 takes the rescan lock and its own reset_lock in both orders
# while it does (pciehp_unconfigure_device()), which lockdep reports; that
# report, and no other, is allowed too. It ends with a trace, which has an end
# mark on x86 alone.
allow_unplug()
{
	allow_log 'Link Down|Card not present'
	: >/tmp/log-unplug
}

# A card that goes in the very moment in which it is given addresses answers with all ones,
# by which the PCI core takes its VFs for enabled, and warns: between a look at the link and
# what the PCI core does then there always is one.
without_all_ones_report()
{
	awk '
	/\[ cut here \]/ { block = 1; text = "" }
	block {
		text = text $0 "\n"
		if (/---\[ end trace/) {
			block = 0
			if (text !~ /can.t update enabled VF BAR/)
				printf "%s", text
		}
		next
	}
	{ print }
	END { if (block) printf "%s", text }'
}

without_unplug_report()
{
	awk '
	/possible circular locking dependency detected/ { block = 1; text = "" }
	block && /Call [Tt]race:/ { block = 2 }
	block {
		text = text $0 "\n"
		if (block == 2 && /<\/TASK>|ret_from_fork|el0t_64_sync\+/) {
			block = 0
			if (text !~ /ctrl->reset_lock/ ||
			    text !~ /pciehp_unconfigure_device/)
				printf "%s", text
		}
		next
	}
	{ print }
	END { if (block) printf "%s", text }'
}

# expect_log REGEX: such a line must come during this case
expect_log()
{
	echo "$1" >>/tmp/log-want
}

log_since_mark()
{
	dmesg | awk -v mark="fpgacard: $LOG_MARK" \
		'on { print } !on && length($0) >= length(mark) &&
		 substr($0, length($0) - length(mark) + 1) == mark { on = 1 }
		 END { if (!on) print "BUG: the log no longer reaches back to " mark }'
}

# log_check [FILE]: prints what is wrong with the log since the mark, or with
# that part of it
log_check()
{
	if [ $# -gt 0 ]; then
		cat "$1" >/tmp/log
	else
		log_since_mark >/tmp/log
	fi
	if [ -f /tmp/log-unplug ]; then
		without_unplug_report </tmp/log | without_all_ones_report >/tmp/log-rest
		mv /tmp/log-rest /tmp/log
	fi
	while read -r want; do
		grep -Eq "$want" /tmp/log || echo "missing in the log: $want"
	done </tmp/log-want
	if [ -s /tmp/log-want ] || [ -s /tmp/log-allow ]; then
		cat /tmp/log-want >>/tmp/log-allow
		grep -E "$LOG_BAD" /tmp/log | grep -Ev -f /tmp/log-allow
	else
		grep -E "$LOG_BAD" /tmp/log
	fi
	return 0
}
