# SPDX-License-Identifier: GPL-2.0-only
#
# ktap.awk -v to=TEXT: reads what kmsg-between prints while suites run, up to the
# line TEXT. Prints, at once:
#
#   pass|fail NAME          for each case, or each parameter of a case
#   skip NAME # SKIP REASON
#   note TEXT               what came with a failure
#   suite SENTENCE          for each suite
#   total SENTENCE          at the end
#
# A suite that does not get to its end, or has other than the number of cases it
# said, is a failure.

{
	now = $1
	sub(/^[0-9.]* /, "")
	if ($0 == to)
		ended = 1
	else
		ktap($0)
	fflush()
}

END {
	if (suite != "")
		fail_note("suite " suite " did not get to its end")
	if (plan[0] != "" && plan[0] != suites)
		fail_note(suites + 0 " suites, of " plan[0])
	if (!ended)
		fail_note("the kernel's log was lost")
	printf "total %d suites, %d cases, %d with parameters\n", \
		suites, all_cases, all_results
}

function fail_note(what)
{
	print "fail " what
}

function ktap(line,   depth)
{
	depth = match(line, /[^ ]/) - 1
	if (line ~ /^ *(not )?ok [0-9]+/)
		result(line, depth)
	else if (line ~ /^ *# Subtest: /)
		subtest(line, depth)
	else if (line ~ /^ *1\.\.[0-9]+$/)
		plan[depth] = substr(line, depth + 4)
	else if (line ~ /^ *# .*: pass:[0-9]+ fail:[0-9]+ skip:[0-9]+ total:[0-9]+$/)
		totals(line)
	else if (line ~ /^    / || line ~ /^# /)
		notes = notes "note " line "\n"
}

# The suite's name comes at the depth of its cases.
function subtest(line, depth)
{
	sub(/^ *# Subtest: /, "", line)
	if (depth == 4) {
		suite = line
		begun = now
		cases = results = passed = failed = skipped = 0
	} else {
		parent = line
	}
	children = 0
	bad = 0
	skips = -1
	notes = ""
}

# KUnit of 6.1 calls a parameter that was skipped "ok", but counts right.
function totals(line)
{
	if (parent == "")
		return
	skips = line
	sub(/.* skip:/, "", skips)
	skips = skips + 0
}

function result(line, depth,   state, name, why)
{
	state = line ~ /^ *not/ ? "fail" : line ~ /# SKIP/ ? "skip" : "pass"
	name = line
	sub(/^ *(not )?ok [0-9]+ (- )?/, "", name)
	why = name
	if (!sub(/^.* # SKIP */, "", why))
		why = ""
	sub(/ *# SKIP.*/, "", name)
	if (depth == 0)
		end_of_suite(state, name)
	else if (depth == 4)
		end_of_case(state, name, why)
	else
		child(state, name, why)
	notes = ""
}

# Held back until the case ends, which is when they are known.
function child(state, name, why)
{
	children++
	child_state[children] = state
	child_name[children] = name
	child_notes[children] = notes
	child_why[children] = why
	if (state == "fail")
		bad++
}

function end_of_case(state, name, why,   i, told)
{
	cases++
	for (i = 1; i <= children; i++)
		told += child_state[i] == "skip"
	if (skips > told)
		untold_skips(skips - told, children - bad - told, why)
	for (i = 1; i <= children; i++)
		leaf(child_state[i], name ": " child_name[i], child_why[i],
		     child_notes[i])
	# Its own result only if no parameter's says the same.
	if (!children || (state == "fail" && !bad))
		leaf(state, name, why, notes)
	children = 0
	bad = 0
	skips = -1
	parent = ""
}

# Which of its parameters a case skipped is known if it was all of them.
function untold_skips(untold, oks, why,   i, all)
{
	all = untold >= oks
	if (why == "")
		why = "KUnit of this kernel does not keep the reason"
	for (i = 1; i <= children; i++) {
		if (child_state[i] != "pass")
			continue
		if (!all)
			child_name[i] = "one of its parameters"
		if (untold-- > 0) {
			child_state[i] = "skip"
			child_why[i] = why
		}
	}
}

function leaf(state, name, why, text)
{
	results++
	passed += state == "pass"
	failed += state == "fail"
	skipped += state == "skip"
	print state " " suite ": " name (state == "skip" ? " # SKIP " why : "")
	if (state == "fail")
		printf "%s", text
}

function end_of_suite(state, name)
{
	suites++
	if (suite == "") {
		fail_note(name " did not begin")
		return
	}
	if (plan[4] != cases)
		fail_note(suite ": " cases " cases ran, of " plan[4])
	if (state == "fail" && !failed) {
		fail_note(suite " as a whole")
		printf "%s", notes
	}
	printf "suite %s: %d cases, %d with parameters: %d passed, %d failed, %d skipped (%d s)\n", \
		suite, cases, results, passed, failed, skipped, now - begun
	all_cases += cases
	all_results += results
	suite = ""
}
