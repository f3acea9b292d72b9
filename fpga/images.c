// SPDX-License-Identifier: GPL-2.0-only
/*
 * The images in a card's flash, one directory each.
 */

#include <linux/ctype.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "card.h"

#define to_fpga_card_entry(k)	container_of(k, struct fpga_card_entry, kobj)

/*
 * What is in a flash image's name becomes a directory; see the description of
 * struct fpga_card_image.
 */
bool fpga_card_image_name_ok(const char *name)
{
	const char *p;

	if (!name[0] || name[0] == '.' ||
	    strnlen(name, FPGA_CARD_NAME_MAX + 1) > FPGA_CARD_NAME_MAX)
		return false;
	for (p = name; *p; p++) {
		/* isalnum() knows Latin-1, too. */
		if (!isascii(*p) ||
		    (!isalnum(*p) && !strchr("_-+.", *p)))
			return false;
	}
	return true;
}

static ssize_t timeout_ms_show(struct kobject *kobj, struct kobj_attribute *attr,
			       char *buf)
{
	struct fpga_card_entry *entry = to_fpga_card_entry(kobj);
	unsigned int ms;

	mutex_lock(&entry->card->lock);
	ms = entry->desc.timeout_ms;
	mutex_unlock(&entry->card->lock);
	return sysfs_emit(buf, "%u\n", ms);
}

static ssize_t version_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	struct fpga_card_entry *entry = to_fpga_card_entry(kobj);
	ssize_t len;

	mutex_lock(&entry->card->lock);
	len = sysfs_emit(buf, "%s\n", entry->desc.version);
	mutex_unlock(&entry->card->lock);
	return len;
}

static ssize_t description_show(struct kobject *kobj,
				struct kobj_attribute *attr, char *buf)
{
	struct fpga_card_entry *entry = to_fpga_card_entry(kobj);
	ssize_t len;

	mutex_lock(&entry->card->lock);
	len = sysfs_emit(buf, "%s\n", entry->desc.description);
	mutex_unlock(&entry->card->lock);
	return len;
}

static ssize_t valid_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	struct fpga_card_entry *entry = to_fpga_card_entry(kobj);
	bool invalid;

	mutex_lock(&entry->card->lock);
	invalid = entry->desc.invalid;
	mutex_unlock(&entry->card->lock);
	return sysfs_emit(buf, "%d\n", !invalid);
}

static ssize_t running_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	struct fpga_card_entry *entry = to_fpga_card_entry(kobj);
	struct fpga_card *card = entry->card;
	bool running;

	fpga_card_refresh_running(card);
	mutex_lock(&card->lock);
	running = !strcmp(card->running, entry->desc.name);
	mutex_unlock(&card->lock);
	return sysfs_emit(buf, "%d\n", running);
}

static struct kobj_attribute fpga_card_entry_timeout_ms = __ATTR_RO(timeout_ms);
static struct kobj_attribute fpga_card_entry_running = __ATTR_RO(running);
static struct kobj_attribute fpga_card_entry_version = __ATTR_RO(version);
static struct kobj_attribute fpga_card_entry_description = __ATTR_RO(description);
static struct kobj_attribute fpga_card_entry_valid = __ATTR_RO(valid);

static struct attribute *fpga_card_entry_attrs[] = {
	&fpga_card_entry_description.attr,
	&fpga_card_entry_running.attr,
	&fpga_card_entry_timeout_ms.attr,
	&fpga_card_entry_valid.attr,
	&fpga_card_entry_version.attr,
	NULL
};
ATTRIBUTE_GROUPS(fpga_card_entry);

static void fpga_card_entry_release(struct kobject *kobj)
{
	kfree(to_fpga_card_entry(kobj));
}

static const struct kobj_type fpga_card_entry_type = {
	.release = fpga_card_entry_release,
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = fpga_card_entry_groups,
};

static void fpga_card_entry_remove(struct fpga_card_entry *entry)
{
	mutex_lock(&entry->card->lock);
	fpga_card_ready_forget_locked(entry->card, entry->desc.name);
	mutex_unlock(&entry->card->lock);
	list_del(&entry->node);
	kobject_del(&entry->kobj);
	kobject_put(&entry->kobj);
}

static int fpga_card_entry_add(struct fpga_card *card,
			       const struct fpga_card_image *desc)
{
	struct fpga_card_entry *entry;
	int ret;

	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return -ENOMEM;

	entry->card = card;
	entry->desc = *desc;
	ret = kobject_init_and_add(&entry->kobj, &fpga_card_entry_type,
				   card->images_dir, "%s", desc->name);
	if (ret) {
		kobject_put(&entry->kobj);
		return ret;
	}
	list_add_tail(&entry->node, &card->back_end.images);
	return 0;
}

static struct fpga_card_entry *fpga_card_entry_find(struct fpga_card *card,
						    const char *name)
{
	struct fpga_card_entry *entry;

	list_for_each_entry(entry, &card->back_end.images, node) {
		if (!strcmp(entry->desc.name, name))
			return entry;
	}
	return NULL;
}

static bool fpga_card_images_has(const struct fpga_card_image *descs,
				 unsigned int count, const char *name)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!strcmp(descs[i].name, name))
			return true;
	}
	return false;
}

/* Whether what the back end says of an image may still be of the same one. */
static bool fpga_card_image_is(const struct fpga_card_image *a,
			       const struct fpga_card_image *b)
{
	return !strcmp(a->version, b->version) &&
	       !strcmp(a->description, b->description) &&
	       a->invalid == b->invalid && a->staged == b->staged &&
	       a->auxiliary == b->auxiliary && a->timeout_ms == b->timeout_ms &&
	       a->hold_ms == b->hold_ms;
}

static void fpga_card_entry_update(struct fpga_card_entry *entry,
				   const struct fpga_card_image *desc)
{
	mutex_lock(&entry->card->lock);
	if (!fpga_card_image_is(&entry->desc, desc))
		fpga_card_ready_forget_locked(entry->card, desc->name);
	entry->desc = *desc;
	mutex_unlock(&entry->card->lock);
}

/*
 * Make the directories those of @descs. That of an image that is still there is kept,
 * whatever is new of the image: the back end attaches again after each reload, and
 * somebody may have a file of it open.
 */
int fpga_card_images_update(struct fpga_card *card,
			    const struct fpga_card_image *descs,
			    unsigned int count)
{
	struct fpga_card_entry *entry, *next;
	unsigned int i;
	int ret;

	lockdep_assert_held(&card->back_end.lock);

	list_for_each_entry_safe(entry, next, &card->back_end.images, node) {
		if (!fpga_card_images_has(descs, count, entry->desc.name))
			fpga_card_entry_remove(entry);
	}
	for (i = 0; i < count; i++) {
		entry = fpga_card_entry_find(card, descs[i].name);
		if (entry) {
			fpga_card_entry_update(entry, &descs[i]);
			continue;
		}
		ret = fpga_card_entry_add(card, &descs[i]);
		if (ret)
			return ret;
	}
	return 0;
}

void fpga_card_images_remove(struct fpga_card *card)
{
	struct fpga_card_entry *entry, *next;

	mutex_lock(&card->back_end.lock);
	list_for_each_entry_safe(entry, next, &card->back_end.images, node)
		fpga_card_entry_remove(entry);
	kobject_put(card->images_dir);
	card->images_dir = NULL;
	mutex_unlock(&card->back_end.lock);
}

/* Look an image up; returns 0 with @desc filled in, or -ENOENT. */
int fpga_card_images_find_locked(struct fpga_card *card, const char *name,
				 struct fpga_card_image *desc)
{
	struct fpga_card_entry *entry;

	lockdep_assert_held(&card->back_end.lock);

	entry = fpga_card_entry_find(card, name);
	if (entry)
		*desc = entry->desc;
	return entry ? 0 : -ENOENT;
}

int fpga_card_images_find(struct fpga_card *card, const char *name,
			  struct fpga_card_image *desc)
{
	int ret;

	mutex_lock(&card->back_end.lock);
	ret = fpga_card_images_find_locked(card, name, desc);
	mutex_unlock(&card->back_end.lock);
	return ret;
}

/* The longest of the images' deadlines, in milliseconds. */
unsigned int fpga_card_images_longest(struct fpga_card *card)
{
	struct fpga_card_entry *entry;
	unsigned int ms = 0;

	mutex_lock(&card->back_end.lock);
	list_for_each_entry(entry, &card->back_end.images, node)
		ms = max(ms, entry->desc.timeout_ms);
	mutex_unlock(&card->back_end.lock);
	return ms;
}
