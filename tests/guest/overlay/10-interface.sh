# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The loader: what its files say, which errors they give, and what is there
# afterwards.

# loads FILE REGEX: writing that overlay's file fails, and says why
bad_blob()
{
	mkdir "$OVERLAYS/bad"
	cat "$1" >"$OVERLAYS/bad/dtbo"
	expect_match "$(overlay_status bad)" "^error: .*$2"
	rmdir "$OVERLAYS/bad"
}

files_of_an_overlay()
{
	mkdir "$OVERLAYS/a"
	expect_eq "$(ls "$OVERLAYS/a")" "apply
dtbo
path
status" "files"
	expect_file "$OVERLAYS/a/status" unapplied
	expect_file "$OVERLAYS/a/path" ""
	expect_errno EACCES "$OVERLAYS/a/status" applied
	expect_errno EINVAL "$OVERLAYS/a/apply" 2
	expect_errno ENODATA "$OVERLAYS/a/apply" 1
	rmdir "$OVERLAYS/a"
}
run_case "the files of an overlay" files_of_an_overlay

by_path()
{
	card_with_node
	tree_now >/tmp/tree-before
	overlay_apply a image-user
	expect_file "$OVERLAYS/a/path" "overlays/$WORLD/image-user.dtbo"
	expect_file "$LIVE_TREE$(region_node)/firmware-name" user
	expect_errno EPERM "$OVERLAYS/a/path" "overlays/$WORLD/image-factory.dtbo"
	expect_eq "$(overlay_status a)" applied status
	overlay_remove a
	tree_now >/tmp/tree-after
	cmp /tmp/tree-before /tmp/tree-after
	expect_file "$REGION/firmware_name" user
}
run_case "an overlay by its path, and away" by_path

by_content()
{
	card_with_node
	tree_now >/tmp/tree-before
	overlay_ok a "$(overlay_file image-user)"
	expect_file "$REGION/firmware_name" user
	! cat "$(overlay_file image-factory)" >"$OVERLAYS/a/dtbo" 2>/dev/null ||
		expect_eq "$(overlay_status a)" applied "status of a second"
	expect_file "$REGION/firmware_name" user
	overlay_remove a
	tree_now >/tmp/tree-after
	cmp /tmp/tree-before /tmp/tree-after
}
run_case "an overlay by its content, and away" by_content

held_back()
{
	card_with_node
	tree_now >/tmp/tree-before
	mkdir "$OVERLAYS/a"
	expect_errno 0 "$OVERLAYS/a/apply" 0
	cat "$(overlay_file image-user)" >"$OVERLAYS/a/dtbo"
	expect_file "$OVERLAYS/a/status" unapplied
	tree_now >/tmp/tree-held
	cmp /tmp/tree-before /tmp/tree-held
	expect_file "$REGION/firmware_name" factory

	expect_errno 0 "$OVERLAYS/a/apply" 1
	expect_file "$OVERLAYS/a/status" applied
	expect_file "$REGION/firmware_name" user
	expect_errno 0 "$OVERLAYS/a/apply" 1
	expect_errno 0 "$OVERLAYS/a/apply" 0
	expect_file "$OVERLAYS/a/status" unapplied
	tree_now >/tmp/tree-after
	cmp /tmp/tree-before /tmp/tree-after
	# what was held is still there
	expect_errno 0 "$OVERLAYS/a/apply" 1
	expect_file "$OVERLAYS/a/status" applied
	overlay_remove a
}
run_case "an overlay that is held until it is asked for" held_back

# The way to have the errno of what was written to dtbo.
held_and_refused()
{
	card_with_node
	card_now >/tmp/before
	mkdir "$OVERLAYS/a"
	echo 0 >"$OVERLAYS/a/apply"
	cat "$(overlay_file negative/both)" >"$OVERLAYS/a/dtbo"
	expect_errno EINVAL "$OVERLAYS/a/apply" 1
	expect_match "$(overlay_status a)" '^error: .*external-fpga-config'
	card_now >/tmp/after
	cmp /tmp/before /tmp/after
	# and another goes
	cat "$(overlay_file image-user)" >"$OVERLAYS/a/dtbo"
	expect_errno 0 "$OVERLAYS/a/apply" 1
	expect_file "$OVERLAYS/a/status" applied
	overlay_remove a
}
run_case "the error of what was held reaches who applies it" held_and_refused

held_is_checked()
{
	echo rubbish >/lib/firmware/rubbish.dtbo
	mkdir "$OVERLAYS/a"
	echo 0 >"$OVERLAYS/a/apply"
	expect_errno EINVAL "$OVERLAYS/a/path" rubbish.dtbo
	expect_match "$(overlay_status a)" '^error: '
	rmdir "$OVERLAYS/a"
}
run_case "what is held is checked at once" held_is_checked

files_that_are_none()
{
	mkdir "$OVERLAYS/a"
	expect_errno ENOENT "$OVERLAYS/a/path" overlays/nothing.dtbo
	expect_match "$(overlay_status a)" '^error: .*overlays/nothing.dtbo'
	expect_errno EINVAL "$OVERLAYS/a/path" ../firmware/x.dtbo
	expect_errno EINVAL "$OVERLAYS/a/path" "
"
	: >/tmp/empty
	# An empty write reaches nobody.
	mkdir "$OVERLAYS/bad"
	cat /tmp/empty >"$OVERLAYS/bad/dtbo"
	expect_file "$OVERLAYS/bad/status" unapplied
	rmdir "$OVERLAYS/bad"
	cp /tmp/empty /lib/firmware/empty.dtbo
	expect_errno EINVAL "$OVERLAYS/a/path" empty.dtbo
	head -c 30 "$(overlay_file image-user)" >/tmp/stump
	rmdir "$OVERLAYS/a"
	bad_blob /tmp/stump 'too few|truncated'
	head -c -4 "$(overlay_file image-user)" >/tmp/short
	bad_blob /tmp/short truncated
	head -c 4096 /dev/zero >/tmp/zeros
	bad_blob /tmp/zeros 'no compiled overlay'
}
run_case "files that are no overlay are refused" files_that_are_none

too_large()
{
	{
		cat "$(overlay_file image-user)"
		head -c 1048576 /dev/zero
	} >/tmp/large
	mkdir "$OVERLAYS/a"
	! cat /tmp/large >"$OVERLAYS/a/dtbo" 2>/tmp/large-error ||
		fail "1 MiB and more was taken"
	case $(overlay_status a) in
	applied) fail "1 MiB and more was applied" ;;
	esac
	rmdir "$OVERLAYS/a"
}
run_case "what is larger than 1 MiB is refused" too_large

after_an_error()
{
	card_with_node
	overlay_refused a negative/image ENOENT nothing
	overlay_apply a image-user
	expect_file "$REGION/firmware_name" user
	overlay_remove a
}
run_case "after an error another overlay is taken" after_an_error

without_a_card()
{
	standard_card h0/p0 100
	card_here
	overlay_refused a image-user EINVAL "$(region_node)"
	expect_file "$REGION/firmware_name" factory
}
run_case "an image overlay before its region's node is there" without_a_card

only_one_loader()
{
	[ -f /lib/modules-extra/device-tree-owner.ko ] ||
		skip "no such module here"
	rmmod of_overlay_configfs
	insmod /lib/modules-extra/device-tree-owner.ko
	! insmod /lib/modules-test/of-overlay-configfs.ko 2>/tmp/insmod ||
		fail "a second subsystem was registered"
	# busybox tries twice, by either system call.
	dmesg | grep of.overlay.configfs: | sed 's/^\[[^]]*\] //' | sort -u >/tmp/lines
	rmmod device_tree_owner
	insmod /lib/modules-test/of-overlay-configfs.ko
	cat /tmp/insmod /tmp/lines
	expect_eq "$(wc -l </tmp/lines)" 1 "lines in the log"
	expect_match "$(cat /tmp/lines)" device-tree
}
run_case "who has the subsystem already is not disturbed" only_one_loader
