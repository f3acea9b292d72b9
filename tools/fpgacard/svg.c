// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last requests as a drawing: a bar for each, a piece of it for each step.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fc.h"

#define FC_SVG_LEFT	260
#define FC_SVG_WIDTH	900
#define FC_SVG_ROW	26
#define FC_SVG_TOP	40

/* In the order in which a request comes through them */
static const struct {
	const char *step;
	const char *color;
} fc_svg_steps[] = {
	{ "preflight", "#9e9e9e" },
	{ "staging", "#64b5f6" },
	{ "draining", "#4dd0e1" },
	{ "opening", "#aed581" },
	{ "removing", "#ffb74d" },
	{ "unbinding", "#ffa000" },
	{ "triggering", "#e57373" },
	{ "link-down", "#ba68c8" },
	{ "removing-reserved", "#f06292" },
	{ "announced", "#90a4ae" },
	{ "loading", "#7986cb" },
	{ "settling", "#4db6ac" },
	{ "enumerating", "#81c784" },
	{ "verifying", "#dce775" },
	{ "closing", "#a1887f" },
	{ "recovering", "#d32f2f" },
};

static const char *fc_svg_color(const char *step)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fc_svg_steps); i++) {
		if (!strcmp(fc_svg_steps[i].step, step))
			return fc_svg_steps[i].color;
	}
	return "#000000";
}

static void fc_svg_text(FILE *f, const char *text)
{
	for (; text && *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		default:
			putc(*text, f);
		}
	}
}

static const char *fc_svg_word(struct json_object *one, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(one, key));

	return text ? text : "";
}

static int64_t fc_svg_longest(struct json_object *history)
{
	struct json_object *duration;
	int64_t us, longest = 1;
	size_t i;

	for (i = 0; i < json_object_array_length(history); i++) {
		duration = json_object_object_get(json_object_array_get_idx(history, i),
						  "duration_us");
		us = json_object_get_int64(duration);
		if (us > longest)
			longest = us;
	}
	return longest;
}

static void fc_svg_row(FILE *f, struct json_object *one, size_t row, int64_t longest)
{
	double x = FC_SVG_LEFT, width;
	size_t y = FC_SVG_TOP + row * FC_SVG_ROW;

	fprintf(f, "<text x=\"8\" y=\"%zu\">%s ", y + 15, fc_svg_word(one, "number"));
	fc_svg_text(f, fc_svg_word(one, "request"));
	putc(' ', f);
	fc_svg_text(f, fc_svg_word(one, "image"));
	fputs(": ", f);
	fc_svg_text(f, fc_svg_word(one, "outcome"));
	fputs("</text>\n", f);
	json_object_object_foreach(json_object_object_get(one, "steps"), step, us) {
		width = (double)json_object_get_int64(us) * FC_SVG_WIDTH / (double)longest;
		fprintf(f, "<rect x=\"%.2f\" y=\"%zu\" width=\"%.2f\" height=\"18\" ", x, y + 1,
			width);
		fprintf(f, "fill=\"%s\"><title>", fc_svg_color(step));
		fc_svg_text(f, step);
		fprintf(f, " %.3f s</title></rect>\n", (double)json_object_get_int64(us) / 1e6);
		x += width;
	}
	fprintf(f, "<text x=\"%.2f\" y=\"%zu\">%.3f s</text>\n", x + 4, y + 15,
		(double)json_object_get_int64(json_object_object_get(one, "duration_us")) / 1e6);
}

static void fc_svg_legend(FILE *f)
{
	size_t i, x;

	for (i = 0; i < ARRAY_SIZE(fc_svg_steps); i++) {
		x = 8 + i % 8 * 150;
		fprintf(f, "<rect x=\"%zu\" y=\"%zu\" width=\"10\" height=\"10\" fill=\"%s\"/>", x,
			4 + i / 8 * 16, fc_svg_steps[i].color);
		fprintf(f, "<text x=\"%zu\" y=\"%zu\">%s</text>\n", x + 14, 13 + i / 8 * 16,
			fc_svg_steps[i].step);
	}
}

static void fc_svg_draw(FILE *f, struct json_object *history)
{
	size_t i, rows = json_object_array_length(history);
	int64_t longest = fc_svg_longest(history);

	fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" font-family=\"sans-serif\" font-size=\"12\" ", f);
	fprintf(f, "width=\"%d\" height=\"%zu\">\n",
		FC_SVG_LEFT + FC_SVG_WIDTH + 90, FC_SVG_TOP + (rows + 1) * FC_SVG_ROW);
	fc_svg_legend(f);
	for (i = 0; i < rows; i++)
		fc_svg_row(f, json_object_array_get_idx(history, i), i, longest);
	fputs("</svg>\n", f);
}

/* Returns an exit code. */
int fc_write_svg(struct json_object *history, const char *path)
{
	bool out = !strcmp(path, "-");
	FILE *f = out ? stdout : fopen(path, "w");
	int failed;

	if (!f)
		return fc_fail_errno(errno, "%s", path);
	fc_svg_draw(f, history);
	failed = fflush(f) || ferror(f);
	if (!out)
		failed |= fclose(f);
	return failed ? fc_fail_errno(errno, "%s", path) : FC_SUCCESS;
}
