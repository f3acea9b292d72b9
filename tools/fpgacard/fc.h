/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fpgacard: what its files share.
 */
#ifndef _FC_H
#define _FC_H

#include <argp.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/* Exit codes. exit.c has their names; the manual page says what they mean. */
enum fc_exit {
	FC_SUCCESS = 0,
	FC_ERROR = 1,
	FC_USAGE = 2,
	FC_NO_CARD = 3,
	FC_WHICH_CARD = 4,
	FC_DENIED = 5,
	FC_BAD_FILE = 6,
	FC_DEGRADED = 10,
	FC_REFUSED = 11,
	FC_CANCELLED = 12,
	FC_ROLLED_BACK = 13,
	FC_RECOVERED = 14,
	FC_LOST = 15,
	FC_BUSY = 16,
	FC_PENDING = 17,
};

/* Longest names of the kernel's, with their NUL */
#define FC_NAME		256
#define FC_WORD		64
#define FC_SENTENCE	2048

/**
 * struct fc_card - a card, by its region
 * @region: name of the region
 * @device: name of the device above it, "fpga-card.N"
 * @port: name of the port
 * @path: the region's directory
 * @port_path: the port's directory
 * @serial: the card's Device Serial Number, or empty
 */
struct fc_card {
	char region[FC_WORD];
	char device[FC_WORD];
	char port[FC_WORD];
	char path[PATH_MAX];
	char port_path[PATH_MAX];
	char serial[17];
};

/**
 * struct fc_cards - all there are, in the order of their ports
 * @list: the cards
 * @count: how many
 */
struct fc_cards {
	struct fc_card *list;
	size_t count;
};

/**
 * struct fc_options - what the command line says beside the command's own arguments
 * @card: which card, or NULL
 * @json: answer in JSON
 * @quiet: no progress
 */
struct fc_options {
	const char *card;
	bool json;
	bool quiet;
};

/**
 * struct fc_command - a command
 * @name: its name
 * @run: does it; gets what stands behind the command, with the command as argv[0]
 * @what: one line for the list of commands
 */
struct fc_command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
};

extern struct fc_options fc_options;
/**
 * struct fc_words - a command, and what is behind it
 * @argc: number of words
 * @argv: the words, the command first; NULL before they are read
 * @missing: what to say if there are none
 */
struct fc_words {
	int argc;
	char **argv;
	const char *missing;
};

extern const struct argp_child fc_common_children[];
extern const struct argp_child fc_plain_children[];

/* options.c */
error_t fc_argp(const struct argp *argp, int argc, char **argv, unsigned int flags,
		void *input);
int fc_parse(const struct argp *argp, int argc, char **argv, void *input);
error_t fc_parse_words(int key, char *arg, struct argp_state *state);
const struct fc_command *fc_find_command(const struct fc_command *commands,
					 const char *name);

/* exit.c */
const char *fc_exit_name(int code);
int fc_exit_of_outcome(const char *outcome);
__printf(2, 3) int fc_fail(int code, const char *fmt, ...);
__printf(2, 3) int fc_fail_errno(int err, const char *fmt, ...);
__printf(2, 3) int fc_fail_in(int code, const char *fmt, ...);
const char *fc_sentence(void);
__noreturn void fc_no_memory(void);

/* json.c */
struct json_object *fc_object(void);
struct json_object *fc_array(void);
void fc_add(struct json_object *to, const char *key, struct json_object *value);
void fc_add_string(struct json_object *to, const char *key, const char *text);
void fc_add_name(struct json_object *to, const char *key, const char *text);
void fc_add_int(struct json_object *to, const char *key, int64_t value);
void fc_add_bool(struct json_object *to, const char *key, bool value);
void fc_append(struct json_object *to, struct json_object *value);
int fc_print_json(struct json_object *answer, int code);
int fc_answer(const char *command, struct json_object *answer, int code);

/* sysfs.c */
int fc_read_line(const char *dir, const char *name, char *buf, size_t size);
int fc_read_text(const char *dir, const char *name, char *buf, size_t size);
int64_t fc_read_number(const char *dir, const char *name);
int fc_write(const char *dir, const char *name, const char *value);
bool fc_is_denied(const char *dir, const char *name, int err);
int fc_path(char *buf, const char *dir, const char *name);
int fc_each_dir(const char *dir, const char *name,
		int (*each)(const char *dir, const char *name, void *data), void *data);
void fc_copy(char *to, size_t size, const char *from);

/* firmware.c */
int fc_kernel_name(const char **image, bool *is_path, char *path);
bool fc_is_in_flash(const struct fc_card *card, const char *name);

/* cards.c */
int fc_cards_find(struct fc_cards *cards);
void fc_cards_free(struct fc_cards *cards);
int fc_choose(struct fc_card *card);
void fc_add_card(struct json_object *to, const struct fc_card *card);

/* functions.c */
struct json_object *fc_functions(const struct fc_card *card);
bool fc_has_function(const struct fc_card *card, const char *bdf);
void fc_find_serial(struct fc_card *card);
void fc_full_bdf(const char *text, char *bdf, size_t size);

/* check.c */
int fc_ask_check(const struct fc_card *card, const char *image,
		 struct json_object **answer);
void fc_print_check(struct json_object *answer);
bool fc_has_users(struct json_object *answer);

/* holders.c */
void fc_add_holders(struct json_object *users);
void fc_print_holders(struct json_object *user);

/* request.c */
/**
 * struct fc_request - what is written, and what came of it
 * @card: the card
 * @attribute: where it is written
 * @value: what is written
 * @image: the image that it is about, or empty
 * @name: what the kernel calls the request
 * @force: pass over the card's users
 * @outage: whether functions go away
 */
struct fc_request {
	const struct fc_card *card;
	const char *attribute;
	const char *value;
	const char *image;
	const char *name;
	bool force;
	bool outage;
};

int fc_serve(const struct fc_request *request, struct json_object *answer);
void fc_add_outcome(const struct fc_card *card, struct json_object *to);

/* wait.c */
struct fc_patience;
int fc_patience_begin(unsigned int seconds, struct fc_patience **patience);
int fc_patience_card(struct fc_patience *patience, struct fc_card *card);
int fc_patience_again(struct fc_patience *patience, struct fc_card *card, int code);
void fc_patience_end(struct fc_patience *patience);

/* outcome.c */
int fc_outcome(const struct fc_request *request, int err, struct json_object *answer);

/* progress.c */
struct fc_progress;
struct fc_progress *fc_progress_begin(const struct fc_request *request);
void fc_progress_state(struct fc_progress *progress, const char *state);
void fc_progress_tick(struct fc_progress *progress);
void fc_progress_say(struct fc_progress *progress, const char *text);
void fc_progress_end(struct fc_progress *progress, struct json_object *answer);

/* history.c */
struct json_object *fc_history(const struct fc_card *card);
int64_t fc_expected_us(struct json_object *history, const char *request,
		       const char *image, const char *step);

/* svg.c */
int fc_write_svg(struct json_object *history, const char *path);

/* pack.c, function.c, container.c: see image.h */
int fc_image(int argc, char **argv);

/* The other commands */
int fc_list(int argc, char **argv);
int fc_show(int argc, char **argv);
int fc_images(int argc, char **argv);
int fc_check(int argc, char **argv);
int fc_stage(int argc, char **argv);
int fc_activate(int argc, char **argv);
int fc_load(int argc, char **argv);
int fc_recover(int argc, char **argv);
int fc_watch(int argc, char **argv);
int fc_history_command(int argc, char **argv);
int fc_attach(int argc, char **argv);
int fc_detach(int argc, char **argv);
int fc_link(int argc, char **argv);

#endif /* _FC_H */
