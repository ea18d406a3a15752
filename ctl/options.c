/* The command line; see options.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "option.h"
#include "options.h"
#include "report.h"
#include "print.h"
#include "suggest.h"

#define KIND(kind) (UINT32_C(1) << REPORT_OF_##kind)

static const struct command commands[] = {
#define COMMAND(word, argument, help, request, kinds, more, done) \
	{ word, argument, help, FRAME_##request, kinds, more, done },
#include "commands.def"
#undef COMMAND
};

enum {
	NCOMMANDS = sizeof(commands) / sizeof(commands[0]),
	NAME_MAX_OCTETS = 64,
	HELP_MAX = 64 * 1024
};

static void
take_socket(struct options *o, const char *value)
{
	o->socket = value;
}

static void
take_json(struct options *o, const char *value)
{
	(void)value;
	o->json = true;
}

static void take_help(struct options *o, const char *value);

static void
take_version(struct options *o, const char *value)
{
	(void)o;
	(void)value;
	puts("flowctl " FLOWD_VERSION);
	exit(fflush(stdout) != 0);
}

static const struct option_info table[] = {
#define OPTION(letter, word, value, completion, help, ...) \
	{ letter, word, value, help },
#include "options.def"
#undef OPTION
};

/* An option has a function of its own, or is common to programs. */
static const struct effect {
	void (*take)(struct options *o, const char *value);
	enum scan_option common;
} effects[] = {
#define SCAN_OPTION(which) .common = SCAN_OPTION_##which
#define OPTION(letter, word, value, completion, help, ...) { __VA_ARGS__ },
#include "options.def"
#undef OPTION
};

enum { OPTIONS = sizeof(table) / sizeof(table[0]) };

static void
put_command(const struct command *c, struct buf *out)
{
	char name[NAME_MAX_OCTETS];

	(void)snprintf(name, sizeof(name), "%s%s%s%s", c->word,
	    c->arg != NULL ? " [" : "", c->arg != NULL ? c->arg : "",
	    c->arg != NULL ? "]" : "");
	buf_printf(out, "  %-20s %s\n", name, c->help);
}

static void
take_help(struct options *o, const char *value)
{
	struct buf out;

	(void)o;
	(void)value;
	buf_init(&out, HELP_MAX);
	buf_append_text(&out, "usage: flowctl [OPTIONS] COMMAND [ARGUMENT]\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		put_command(&commands[i], &out);
	buf_append_text(&out, "A command may be abbreviated. Options:\n");
	option_help(table, OPTIONS, &out);
	buf_append_text(&out, "See flowctl(8).\n");
	exit(print_out(&out) < 0);
}

/* Print the commands with this prefix. */
static _Noreturn void
refuse_ambiguous(const char *word)
{
	char list[256] = "";

	for (size_t i = 0; i < NCOMMANDS; i++) {
		if (strncmp(commands[i].word, word, strlen(word)) != 0)
			continue;
		if (list[0] != '\0')
			strncat(list, ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, commands[i].word,
		    sizeof(list) - strlen(list) - 1);
	}
	print_error("\"%s\" is ambiguous: %s", word, list);
	exit(1);
}

static _Noreturn void
refuse_unknown(const char *word)
{
	const char *words[NCOMMANDS], *near;

	for (size_t i = 0; i < NCOMMANDS; i++)
		words[i] = commands[i].word;
	near = suggest_word(word, words, NCOMMANDS);
	if (near != NULL)
		print_error("unknown command \"%s\"; did you mean \"%s\"?",
		    word, near);
	else
		print_error("unknown command \"%s\"; --help lists them", word);
	exit(1);
}

/* Find a command by its word, or by an unambiguous prefix. */
static const struct command *
find_command(const char *word)
{
	const struct command *found = NULL;

	for (size_t i = 0; i < NCOMMANDS; i++) {
		if (strcmp(commands[i].word, word) == 0)
			return &commands[i];
		if (word[0] == '\0' ||
		    strncmp(commands[i].word, word, strlen(word)) != 0)
			continue;
		if (found != NULL)
			refuse_ambiguous(word);
		found = &commands[i];
	}
	if (found == NULL)
		refuse_unknown(word);
	return found;
}

static void
take_argument(struct options *o, const char *arg)
{
	if (o->command->arg == NULL) {
		print_error("%s takes no argument", o->command->word);
		exit(1);
	}
	if (o->only.family != ADDR_NONE) {
		print_error("%s takes one address", o->command->word);
		exit(1);
	}
	if (addr_parse(arg, &o->only) != 0) {
		print_error("\"%s\" is not an address", arg);
		exit(1);
	}
}

static void
take_operand(struct options *o, const char *word)
{
	if (o->command == NULL)
		o->command = find_command(word);
	else
		take_argument(o, word);
}

static void
option_apply(const struct effect *e, struct options *o, char *value)
{
	struct flowd_error err;

	if (e->take != NULL) {
		e->take(o, value);
	} else if (scan_options_take(&o->scan, e->common, value, &err) != 0) {
		print_error("%s", err.text);
		exit(1);
	}
}

void
options_parse(struct options *o, char **argv)
{
	struct option_args args;
	int got;

	*o = (struct options){ .socket = FLOWD_SOCKET };
	option_begin(&args, table, OPTIONS, argv);
	while ((got = option_next(&args)) != OPTION_END)
		if (got == OPTION_BAD) {
			print_error("%s", args.err.text);
			exit(1);
		} else if (got == OPTION_OPERAND) {
			take_operand(o, args.value);
		} else {
			option_apply(&effects[got], o, args.value);
		}
	if (o->command == NULL) {
		print_error("no command; --help lists them");
		exit(1);
	}
	o->kinds = o->command->kinds;
	if (o->only.family != ADDR_NONE)
		o->kinds |= o->command->more;
	if (o->scan.expression != NULL && o->command->type != FRAME_TAIL) {
		print_error("-e is for tail only");
		exit(1);
	}
}
