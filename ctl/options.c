/* The command line; see options.h. */
#define _DEFAULT_SOURCE /* getopt_long(3), which Linux and the BSDs have */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "report.h"
#include "say.h"
#include "suggest.h"

#define KIND(kind) (UINT32_C(1) << REPORT_OF_##kind)

/* clang-format off */
static const struct command commands[] = {
	{ "status", NULL, "the daemon: what came, what became of it, processes",
	    FRAME_ASK, KIND(STATUS) | KIND(DATAGRAMS) | KIND(FLOWS) |
	    KIND(PROCESSES), NULL },
	{ "exporters", "ADDRESS", "who sends, how much, what was lost",
	    FRAME_ASK, KIND(EXPORTERS) | KIND(MALFORMED), NULL },
	{ "templates", "ADDRESS", "templates that exporters have sent",
	    FRAME_ASK, KIND(TEMPLATES), NULL },
	{ "rules", NULL, "rules, and how often they were used",
	    FRAME_ASK, KIND(RULES), NULL },
	{ "listeners", NULL, "where datagrams come in",
	    FRAME_ASK, KIND(LISTENERS), NULL },
	{ "logs", NULL, "where flows go",
	    FRAME_ASK, KIND(LOGS), NULL },
	{ "collectors", NULL, "where copies of datagrams go",
	    FRAME_ASK, KIND(COLLECTORS), NULL },
	{ "reload", NULL, "read the configuration again, and say how it went",
	    FRAME_RELOAD, 0, "the configuration was read and is in use" },
	{ "rotate", NULL, "open logs by their paths again",
	    FRAME_ROTATE, 0, "logs are opened again" },
	{ "tail", NULL, "flows as they come", FRAME_TAIL, 0, NULL },
	{ "metrics", NULL, "everything, as text for Prometheus",
	    FRAME_METRICS, 0, NULL },
};

static const struct row {
	char letter; /* 0: none */
	const char *word; /* NULL: none */
	const char *arg;
	const char *help;
} rows[] = {
	{ 's', "socket", "PATH", "where flowd listens (" FLOWD_SOCKET ")" },
	{ 'e', NULL, "EXPR", "tail: only flows for which it holds" },
	{ 'j', "json", NULL, "print a JSON object a line" },
	{ 'U', NULL, NULL, "print times in UTC" },
	{ 'h', "help", NULL, "print this" },
	{ 'V', "version", NULL, "print the version" },
};
/* clang-format on */

enum {
	NCOMMANDS = sizeof(commands) / sizeof(commands[0]),
	NROWS = sizeof(rows) / sizeof(rows[0]),
	NAME_MAX_OCTETS = 64
};

static void
put_row(const struct row *row)
{
	char name[NAME_MAX_OCTETS];

	(void)snprintf(name, sizeof(name), "-%c%s%s%s%s", row->letter,
	    row->word != NULL ? ", --" : "",
	    row->word != NULL ? row->word : "",
	    row->arg != NULL ? " " : "", row->arg != NULL ? row->arg : "");
	printf("  %-19s  %s\n", name, row->help);
}

static _Noreturn void
print_help(void)
{
	char name[NAME_MAX_OCTETS];

	puts("usage: flowctl [OPTIONS] WORD [ARGUMENT]");
	for (size_t i = 0; i < NCOMMANDS; i++) {
		const struct command *c = &commands[i];

		(void)snprintf(name, sizeof(name), "%s%s%s%s", c->word,
		    c->arg != NULL ? " [" : "", c->arg != NULL ? c->arg : "",
		    c->arg != NULL ? "]" : "");
		printf("  %-19s  %s\n", name, c->help);
	}
	puts("A word may be shortened. Options:");
	for (size_t i = 0; i < NROWS; i++)
		put_row(&rows[i]);
	puts("See flowctl(8).");
	exit(fflush(stdout) != 0);
}

static _Noreturn void
print_version(void)
{
	puts("flowctl " FLOWD_VERSION);
	exit(fflush(stdout) != 0);
}

/* Words that begin so, as a list. */
static _Noreturn void
refuse_short(const char *word)
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
	say("\"%s\" may be short for any of: %s", word, list);
	exit(1);
}

static _Noreturn void
refuse_word(const char *word)
{
	const char *words[NCOMMANDS], *near;

	for (size_t i = 0; i < NCOMMANDS; i++)
		words[i] = commands[i].word;
	near = suggest_word(word, words, NCOMMANDS);
	if (near != NULL)
		say("unknown word \"%s\"; did you mean \"%s\"?", word, near);
	else
		say("unknown word \"%s\"; --help lists them", word);
	exit(1);
}

/* A word, or the only one that begins so. */
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
			refuse_short(word);
		found = &commands[i];
	}
	if (found == NULL)
		refuse_word(word);
	return found;
}

static void
take_argument(struct options *o, const char *arg)
{
	if (o->command->arg == NULL) {
		say("%s takes no argument", o->command->word);
		exit(1);
	}
	if (o->only.family != ADDR_NONE) {
		say("%s takes one address", o->command->word);
		exit(1);
	}
	if (addr_parse(arg, &o->only) != 0) {
		say("\"%s\" is no address", arg);
		exit(1);
	}
}

static void
take_word(struct options *o, const char *word)
{
	if (o->command == NULL)
		o->command = find_command(word);
	else
		take_argument(o, word);
}

static void
take_option(struct options *o, int letter)
{
	switch (letter) {
	case 's':
		o->socket = optarg;
		break;
	case 'e':
		o->expression = optarg;
		break;
	case 'j':
		o->json = true;
		break;
	case 'U':
		o->utc = true;
		break;
	case 'h':
		print_help();
	case 'V':
		print_version();
	default:
		say("%s; --help lists the options",
		    letter == ':' ? "an option wants a value"
				  : "unknown option");
		exit(1);
	}
}

/* getopt's tables. It stops at words, as it does everywhere with a '+'. */
static void
make_tables(char letters[2 * NROWS + 3], struct option words[NROWS + 1])
{
	size_t nwords = 0;

	*letters++ = '+';
	*letters++ = ':';
	for (size_t i = 0; i < NROWS; i++) {
		*letters++ = rows[i].letter;
		if (rows[i].arg != NULL)
			*letters++ = ':';
		if (rows[i].word != NULL)
			words[nwords++] = (struct option){ rows[i].word,
				rows[i].arg != NULL ? required_argument
						    : no_argument,
				NULL, rows[i].letter };
	}
	*letters = '\0';
	words[nwords] = (struct option){ NULL, 0, NULL, 0 };
}

void
options_parse(struct options *o, int argc, char **argv)
{
	char letters[2 * NROWS + 3];
	struct option words[NROWS + 1];

	*o = (struct options){ .socket = FLOWD_SOCKET };
	make_tables(letters, words);
	opterr = 0;
	while (optind < argc) {
		int got = getopt_long(argc, argv, letters, words, NULL);

		if (got != -1)
			take_option(o, got);
		else if (optind < argc)
			take_word(o, argv[optind++]);
	}
	if (o->command == NULL) {
		say("what? --help lists what can be asked");
		exit(1);
	}
	if (o->expression != NULL && o->command->type != FRAME_TAIL) {
		say("-e goes with tail");
		exit(1);
	}
}
