// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last requests of a card in debugfs, with the time that each step took.
 */

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "request.h"

/* The module's directory; an ERR_PTR() without debugfs, which debugfs takes as well. */
static struct dentry *fpga_card_history_dir;

/**
 * fpga_card_history_get - a request that is over and was no check
 * @card: the card
 * @ago: 0 for the last one, 1 for the one before
 * @record: filled in
 *
 * Context: may sleep.
 *
 * Return: true; false if there were not as many, or it is not remembered any more.
 */
bool fpga_card_history_get(struct fpga_card *card, unsigned int ago,
			   struct fpga_card_record *record)
{
	struct fpga_card_history *history = &card->history;
	bool found;

	mutex_lock(&card->lock);
	found = ago < FPGA_CARD_HISTORY && ago < history->count;
	if (found)
		*record = history->ring[(history->count - 1 - ago) % FPGA_CARD_HISTORY];
	mutex_unlock(&card->lock);
	return found;
}
EXPORT_SYMBOL_GPL(fpga_card_history_get);

/* The steps between the first and the last state, which are none. */
static void fpga_card_history_steps(struct seq_file *seq,
				    const struct fpga_card_record *record)
{
	unsigned int i;

	for (i = FPGA_CARD_IDLE + 1; i < FPGA_CARD_FAILED; i++) {
		if (record->steps_us[i])
			seq_printf(seq, " %s_us=%u", fpga_card_state_name(i),
				   record->steps_us[i]);
	}
}

static void fpga_card_history_line(struct seq_file *seq,
				   const struct fpga_card_record *record)
{
	seq_printf(seq, "number=%llu time=%lld request=%s outcome=%s errno=%d",
		   record->number, (long long)record->when,
		   fpga_card_record_request(record),
		   fpga_card_outcome_name(record->outcome), -record->error);
	seq_puts(seq, " image=\"");
	seq_escape(seq, record->name, "\"\\");
	seq_printf(seq, "\" previous_image=\"%s\"", record->previous);
	seq_printf(seq, " duration_us=%lld outage_us=%lld", record->duration_us,
		   record->outage_us);
	fpga_card_history_steps(seq, record);
	seq_putc(seq, '\n');
}

static int fpga_card_history_show(struct seq_file *seq, void *data)
{
	struct fpga_card *card = seq->private;
	struct fpga_card_record record;
	int ago;

	for (ago = FPGA_CARD_HISTORY - 1; ago >= 0; ago--) {
		if (fpga_card_history_get(card, ago, &record))
			fpga_card_history_line(seq, &record);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(fpga_card_history);

void fpga_card_history_add(struct fpga_card *card)
{
	card->debugfs = debugfs_create_dir(dev_name(&card->dev), fpga_card_history_dir);
	debugfs_create_file("history", 0400, card->debugfs, card,
			    &fpga_card_history_fops);
}

/* Waits for whoever reads it. */
void fpga_card_history_del(struct fpga_card *card)
{
	debugfs_remove(card->debugfs);
}

void fpga_card_history_init(void)
{
	fpga_card_history_dir = debugfs_create_dir("fpga-card", NULL);
}

void fpga_card_history_exit(void)
{
	debugfs_remove(fpga_card_history_dir);
}
