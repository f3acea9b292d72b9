// SPDX-License-Identifier: GPL-2.0-only
//
// Behind the rule, which it calls as polkitd does.

var wrong = 0;

function ask(id, details, groups)
{
	return rule({
		id: id,
		lookup: function (key) { return details[key]; }
	}, {
		isInGroup: function (group) { return groups.indexOf(group) >= 0; }
	});
}

function expect(wanted, id, details, groups)
{
	var got = ask(id, details, groups);

	if (got === wanted)
		return;
	print(id, JSON.stringify(details), groups, "is", got);
	wrong++;
}

var manage = "org.freedesktop.systemd1.manage-units";
var asked = 0;

[
	["yes", manage, "start", "fpgacard-load@user.service", ["fpgacard"]],
	["yes", manage, "start", "fpgacard-load@night-shift_2.0.service", ["users", "fpgacard"]],
	[undefined, manage, "start", "fpgacard-load@a\\x2fb.service", ["fpgacard"]],
	[undefined, manage, "start", "fpgacard-load@user.service", ["users"]],
	[undefined, manage, "start", "fpgacard-load@user.service", []],
	[undefined, manage, "stop", "fpgacard-load@user.service", ["fpgacard"]],
	[undefined, manage, "restart", "fpgacard-load@user.service", ["fpgacard"]],
	[undefined, manage, undefined, "fpgacard-load@user.service", ["fpgacard"]],
	[undefined, manage, "start", undefined, ["fpgacard"]],
	[undefined, manage, "start", "fpgacard-attach.service", ["fpgacard"]],
	[undefined, manage, "start", "fpgacard-load@.service", ["fpgacard"]],
	[undefined, manage, "start", "fpgacard-load@a/b.service", ["fpgacard"]],
	[undefined, manage, "start", "xfpgacard-load@user.service", ["fpgacard"]],
	[undefined, manage, "start", "fpgacard-load@user.service\nssh.service", ["fpgacard"]],
	[undefined, manage, "start", "ssh.service fpgacard-load@user.service", ["fpgacard"]],
	[undefined, manage, "start", "fpgacard-load@user.socket", ["fpgacard"]],
	[undefined, "org.freedesktop.systemd1.manage-unit-files", "start",
	 "fpgacard-load@user.service", ["fpgacard"]],
	[undefined, "org.freedesktop.systemd1.reload-daemon", undefined, undefined, ["fpgacard"]]
].forEach(function (line) {
	expect(line[0], line[1], { verb: line[2], unit: line[3] }, line[4]);
	asked++;
});

print(wrong ? wrong + " are wrong" : asked + " as they should be");
