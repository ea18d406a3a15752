/*
 * The command line of flowd-reader; see options.h. A row of the table is an
 * option, short, long or both; help and getopt's own tables are made from it.
 */
#define _DEFAULT_SOURCE /* getopt_long(3), which Linux and the BSDs have */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "num.h"
#include "options.h"
#include "suggest.h"

struct row {
	char letter; /* 0: none */
	const char *word; /* NULL: none */
	const char *arg; /* name of its argument; NULL: it has none */
	const char *help; /* NULL: not listed */
	/* What it does: any of these. */
	unsigned on, off; /* flags */
	const struct format *format;
	void (*take)(struct options *o, char *arg);
};

static void take_expression(struct options *o, char *arg);
static void take_fields(struct options *o, char *arg);
static void take_head(struct options *o, char *arg);
static void take_log(struct options *o, char *arg);
static void take_rules(struct options *o, char *arg);
static void take_times(struct options *o, char *arg);
static void take_to(struct options *o, char *arg);
static void print_help(struct options *o, char *arg);
static void print_usage(struct options *o, char *arg);
static void print_version(struct options *o, char *arg);

/* clang-format off */
static const struct row rows[] = {
	{ 'v', NULL, NULL, "print all fields, and the name of each file",
	    .on = OPTION_VERBOSE, .off = OPTION_QUIET },
	{ 'U', NULL, NULL, "print times in UTC", .on = OPTION_UTC },
	{ 'c', NULL, NULL, "print CSV in the order of flow-tools",
	    .format = &format_flowtools },
	{ 0, "json", NULL, "print a JSON object for each flow",
	    .format = &format_json },
	{ 0, "csv", NULL, "print CSV with every column and a header",
	    .format = &format_csv },
	{ 0, "fields", "LIST", "columns for --json and --csv: src_addr,octets",
	    .take = take_fields },
	{ 0, "count", NULL, "print the number of flows, and nothing else",
	    .on = OPTION_COUNT },
	{ 0, "exporters", NULL, "captures: print what is known of exporters",
	    .on = OPTION_EXPORTERS },
	{ 'q', NULL, NULL, "do not print flows",
	    .on = OPTION_QUIET, .off = OPTION_VERBOSE },
	{ 'H', NULL, "NUM", "read the first NUM flows of each file only",
	    .take = take_head },
	{ 't', NULL, "RANGE", "only flows of a time, as -15m or "
	    "2026-11-23T10:00,+1h",
	    .take = take_times },
	{ 0, "follow", NULL, "go on with what is appended to a log",
	    .on = OPTION_FOLLOW },
	{ 'L', NULL, NULL, "read logs of version 2", .on = OPTION_LEGACY },
	{ 'f', NULL, "FILE", "only flows that the rules in FILE accept",
	    .take = take_rules },
	{ 'e', NULL, "EXPR", "only flows for which it holds: 'proto tcp'",
	    .take = take_expression },
	{ 'o', NULL, "FILE", "write flows to a log; - is standard output",
	    .take = take_log },
	{ 0, "to", "FORMAT", "its format: v3, v4, v4:zstd[:1-19], v4:lz4, v4:none",
	    .take = take_to },
	{ 0, "repair", NULL, "with -o: write what is whole of damaged logs",
	    .on = OPTION_REPAIR | OPTION_QUIET, .off = OPTION_VERBOSE },
	{ 0, "check", NULL, "say how much of each log is whole",
	    .on = OPTION_CHECK },
	{ 0, "info", NULL, "say what is in each log, column by column",
	    .on = OPTION_INFO },
	{ 'd', NULL, NULL, "say on standard error what is done",
	    .on = OPTION_DEBUG },
	/* As it always was: --help says the same. */
	{ 'h', NULL, NULL, NULL, .take = print_usage },
	{ 0, "help", NULL, "print this", .take = print_help },
	{ 0, "version", NULL, "print the version", .take = print_version },
};
/* clang-format on */

enum {
	NROWS = sizeof(rows) / sizeof(rows[0]),
	WORD = 256 /* getopt_long() gives WORD + row for a word */
};

/* One line, and out. */
static _Noreturn void __attribute__((format(printf, 1, 2)))
refuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("flowd-reader: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static void
take_head(struct options *o, char *arg)
{
	if (num_parse(arg, UINT64_MAX, &o->head) != 0 || o->head == 0)
		refuse("-H wants a number of flows, not \"%s\"", arg);
}

static void
take_log(struct options *o, char *arg)
{
	o->log = arg;
}

static void
take_expression(struct options *o, char *arg)
{
	if (o->expression != NULL)
		refuse("-e is given twice: join the two with \"and\"");
	o->expression = arg;
}

static void
take_rules(struct options *o, char *arg)
{
	o->rules = arg;
}

static void
take_times(struct options *o, char *arg)
{
	o->times = arg;
}

static void
take_to(struct options *o, char *arg)
{
	if (!logout_format(arg, &o->to))
		refuse("--to wants v3, v4, v4:zstd, v4:zstd:1 to 19, v4:lz4 "
		       "or v4:none, not \"%s\"",
		    arg);
}

static _Noreturn void
refuse_field(const char *name)
{
	const char *near = suggest_column(name);

	if (near != NULL)
		refuse("--fields: no column \"%s\"; did you mean \"%s\"?", name,
		    near);
	refuse("--fields: no column \"%s\"; see flowd-reader(8)", name);
}

/* The columns of "a,b,c", in this order, each once. */
static void
take_fields(struct options *o, char *arg)
{
	for (char *name = strtok(arg, ","); name != NULL;
	     name = strtok(NULL, ",")) {
		int col = column_by_name(name);

		if (col < 0 || (column_info[col].flags & COLUMN_RECORD))
			refuse_field(name);
		if (memchr(o->fields, col, o->nfields) == NULL)
			o->fields[o->nfields++] = (uint8_t)col;
	}
	if (o->nfields == 0)
		refuse("--fields wants at least one column");
}

static void
put_help(FILE *to)
{
	fputs("Usage: flowd-reader [options] file ...   (- is standard "
	      "input)\n",
	    to);
	for (size_t i = 0; i < NROWS; i++) {
		const struct row *row = &rows[i];
		char name[40];

		if (row->help == NULL)
			continue;
		(void)snprintf(name, sizeof(name), "%c%c%s%s%s%s",
		    row->letter != 0 ? '-' : ' ',
		    row->letter != 0 ? row->letter : ' ',
		    row->word != NULL ? "  --" : "",
		    row->word != NULL ? row->word : "",
		    row->arg != NULL ? " " : "",
		    row->arg != NULL ? row->arg : "");
		fprintf(to, "  %-20s %s\n", name, row->help);
	}
}

/* -h, as always: on standard error, and it is no failure. */
static void
print_usage(struct options *o, char *arg)
{
	(void)o;
	(void)arg;
	put_help(stderr);
	exit(0);
}

static _Noreturn void
exit_flushed(void)
{
	exit(fflush(stdout) != 0);
}

static void
print_help(struct options *o, char *arg)
{
	(void)o;
	(void)arg;
	put_help(stdout);
	exit_flushed();
}

static void
print_version(struct options *o, char *arg)
{
	(void)o;
	(void)arg;
	puts("flowd-reader " FLOWD_VERSION);
	exit_flushed();
}

static const struct row *
row_by_letter(int letter)
{
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].letter == letter)
			return &rows[i];
	return NULL;
}

static void
apply(const struct row *row, struct options *o, char *arg)
{
	o->flags = (o->flags | row->on) & ~row->off;
	if (row->format != NULL)
		o->format = row->format;
	if (row->take != NULL)
		row->take(o, arg);
}

/* getopt's tables: letters begin with a ':', so that it leaves us the talk. */
static void
make_tables(char letters[2 * NROWS + 2], struct option words[NROWS + 1])
{
	size_t nwords = 0;

	*letters++ = ':';
	for (size_t i = 0; i < NROWS; i++) {
		bool arg = rows[i].arg != NULL;

		if (rows[i].letter != 0) {
			*letters++ = rows[i].letter;
			if (arg)
				*letters++ = ':';
		}
		if (rows[i].word != NULL)
			words[nwords++] = (struct option){ rows[i].word,
				arg ? required_argument : no_argument, NULL,
				(int)(WORD + i) };
	}
	*letters = '\0';
	words[nwords] = (struct option){ NULL, 0, NULL, 0 };
}

/* What getopt did not know: a letter, or a word that may be misspelt. */
static _Noreturn void
refuse_option(const char *arg)
{
	const char *words[NROWS], *near;
	size_t n = 0;

	if (optopt >= WORD)
		refuse("--%s takes no value", rows[optopt - WORD].word);
	if (optopt != 0)
		refuse("unknown option -%c; --help lists them", optopt);
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].word != NULL)
			words[n++] = rows[i].word;
	near = suggest_word(arg + strspn(arg, "-"), words, n);
	if (near != NULL)
		refuse("unknown option %s; did you mean --%s?", arg, near);
	refuse("unknown option %s; --help lists them", arg);
}

static _Noreturn void
refuse_missing(void)
{
	if (optopt >= WORD)
		refuse("--%s wants a value", rows[optopt - WORD].word);
	refuse("-%c wants a value", optopt);
}

/* They are about whole files, and print no flows. */
static void
check_instead(const struct options *o)
{
	const unsigned instead = OPTION_CHECK | OPTION_INFO;

	if (!(o->flags & instead))
		return;
	if ((o->flags & instead) == instead)
		refuse("--check and --info do not go together");
	if (o->log != NULL)
		refuse("--check and --info do not go with -o");
	if (o->rules != NULL || o->expression != NULL || o->head != 0)
		refuse("--check and --info are about whole files: they do not "
		       "go with -e, -f or -H");
	if (o->format != &format_text ||
	    (o->flags & (OPTION_COUNT | OPTION_EXPORTERS | OPTION_FOLLOW)))
		refuse("--check and --info print no flows: they do not go with "
		       "--json, --csv, -c, --count, --exporters or --follow");
}

/* What does not go together. */
static void
check(const struct options *o, bool log_on_stdout)
{
	if (*o->paths == NULL)
		refuse("no file to read; --help shows the usage");
	if (o->nfields > 0 && o->format != &format_json &&
	    o->format != &format_csv)
		refuse("--fields goes with --json or --csv");
	if (o->to.version != 0 && o->log == NULL)
		refuse("--to goes with -o");
	if ((o->flags & OPTION_REPAIR) && o->log == NULL)
		refuse("--repair goes with -o");
	check_instead(o);
	if (log_on_stdout && (o->flags & (OPTION_COUNT | OPTION_EXPORTERS)))
		refuse("-o - leaves no room for --count or --exporters on "
		       "standard output");
}

/* Columnar logs have names that end in ".flow". */
static bool
names_flow(const char *path)
{
	size_t len = strlen(path);

	return len > 5 && strcmp(path + len - 5, ".flow") == 0;
}

/* -t, whose times are in the zone that -U says. */
static void
settle_times(struct options *o)
{
	struct flowd_error err;
	struct timespec now;

	o->range = (struct timerange){ INT64_MIN, INT64_MAX };
	(void)clock_gettime(CLOCK_REALTIME, &now);
	o->now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	if (o->times != NULL &&
	    timerange_parse(o->times, o->now_ns, o->flags & OPTION_UTC,
		&o->range, &err) != 0)
		refuse("-t: %s", err.text);
}

/* What options say of one another. */
static void
settle(struct options *o)
{
	bool log_on_stdout = o->log != NULL && strcmp(o->log, "-") == 0;

	check(o, log_on_stdout);
	settle_times(o);
	if (o->to.version == 0)
		(void)logout_format(
		    o->log != NULL && names_flow(o->log) ? "v4" : "v3", &o->to);
	/* Classic CSV beats -q, as it always did. */
	if (o->format == &format_flowtools)
		o->flags &= ~(unsigned)OPTION_QUIET;
	if (o->flags & (OPTION_COUNT | OPTION_EXPORTERS))
		o->flags |= OPTION_QUIET;
	/* Nothing stands between the records of a log, but for debugging. */
	if (log_on_stdout && !(o->flags & OPTION_DEBUG))
		o->flags |= OPTION_QUIET;
}

void
options_parse(struct options *o, int argc, char **argv)
{
	char letters[2 * NROWS + 2];
	struct option words[NROWS + 1];
	int got;

	*o = (struct options){ .format = &format_text };
	make_tables(letters, words);
	opterr = 0;
	while ((got = getopt_long(argc, argv, letters, words, NULL)) != -1) {
		if (got == ':')
			refuse_missing();
		if (got == '?')
			refuse_option(argv[optind - 1]);
		apply(got >= WORD ? &rows[got - WORD] : row_by_letter(got), o,
		    optarg);
	}
	o->paths = argv + optind;
	settle(o);
}
