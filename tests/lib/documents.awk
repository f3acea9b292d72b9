# SPDX-License-Identifier: GPL-2.0-only
#
# The files that Documentation/ABI describes, a line each: a pattern of the shell, and
# RO, WO or RW. Those of a directory are in a table, with the mode behind the name. What
# has no mode is not ours: "uevent".

function pattern(text)
{
	sub(/^\/config\//, "/sys/kernel/config/", text)
	gsub(/<[^>]*>|\.N\//, "*", text)
	sub(/fpga-card\*/, "fpga-card.*/", text)
	return text
}

/^What:/ {
	what = pattern($2)
	table = what ~ /\/$/
	next
}

/^Description:/ && !table && $2 ~ /^\((RO|WO|RW)\)$/ {
	print what, substr($2, 2, 2)
}

table && /^\t\t[a-z]/ {
	for (i = 2; i <= NF && i <= 4; i++)
		if ($i ~ /^\((RO|WO|RW)\)$/)
			break
	if (i > NF || i > 4 || (i == 4 && $2 != "..."))
		next
	mode = substr($i, 2, 2)
	if (i == 2) {
		print what $1, mode
		next
	}
	# bar0 ... bar5
	name = $1
	sub(/[0-9]+$/, "", name)
	first = substr($1, length(name) + 1)
	last = substr($3, length(name) + 1)
	for (n = first; n <= last; n++)
		print what name n, mode
}
