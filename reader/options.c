/* The command line of flowd-reader; see options.h. The table is options.def. */
#include <stdio.h>
#include <string.h>

#include "num.h"
#include "option.h"
#include "options.h"
#include "cli.h"

/* The effects of an option. */
struct effect {
	unsigned on, off; /* flags */
	const struct format *format;
	void (*take)(struct options *o, char *value);
	enum scan_option common;
};

#define SCAN_OPTION(which) .common = SCAN_OPTION_##which

static void take_head(struct options *o, char *arg);
static void take_log(struct options *o, char *arg);
static void take_to(struct options *o, char *arg);
static void print_help(struct options *o, char *arg);
static void print_usage(struct options *o, char *arg);
static void print_version(struct options *o, char *arg);

static const struct option_info table[] = {
#define OPTION(letter, word, value, completion, help, ...) \
	{ letter, word, value, help },
#include "options.def"
#undef OPTION
};

static const struct effect effects[] = {
#define OPTION(letter, word, value, completion, help, ...) { __VA_ARGS__ },
#include "options.def"
#undef OPTION
};

enum { OPTIONS = sizeof(table) / sizeof(table[0]) };

#define refuse(...) cli_die("flowd-reader", __VA_ARGS__)

/* Hints for options of tcpdump and nfdump. */
static const struct option_hint hints[] = {
	{ "unknown option -r;", "files are named without an option" },
	{ "unknown option -R;", "files are named without an option" },
	{ "unknown option --read", "files are named without an option" },
	{ "unknown option -w;", "-o FILE writes a log" },
	{ "unknown option --write", "-o FILE writes a log" },
	{ "unknown option --output", "-o FILE writes a log, --json and --csv "
				     "say how flows are printed" },
	{ "unknown option --format", "--json and --csv say how flows are "
				     "printed" },
	{ "unknown option -j;", "--json prints objects" },
	{ "unknown option --filter", "-e EXPR or -f FILE" },
	{ "unknown option -n;", "-H NUM reads the first flows, and addresses "
				"are never looked up" },
	{ "unknown option --limit", "-H NUM reads the first flows" },
	{ "unknown option --head", "-H NUM reads the first flows" },
	{ "unknown option --tail", "--follow goes on with what is appended" },
	{ "unknown option -F;", "--follow goes on with what is appended" },
	{ "unknown option --time", "-t RANGE" },
};

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
take_to(struct options *o, char *arg)
{
	if (!log_writer_format(arg, &o->to))
		refuse("--to wants v3, v4, v4:zstd, v4:zstd:1 to 19, v4:lz4 "
		       "or v4:none, not \"%s\"",
		    arg);
}

static const char usage[] =
    "Usage: flowd-reader [options] file ...   (- is standard input)\n";

/* For compatibility, -h prints on standard error and exits with 0. */
static void
print_usage(struct options *o, char *arg)
{
	(void)o;
	(void)arg;
	cli_print_usage(usage, table, OPTIONS, stderr);
}

static void
print_help(struct options *o, char *arg)
{
	(void)o;
	(void)arg;
	cli_print_usage(usage, table, OPTIONS, stdout);
}

static void
print_version(struct options *o, char *arg)
{
	(void)o;
	(void)arg;
	cli_print_version("flowd-reader");
}

static void
option_apply(const struct effect *e, struct options *o, char *value)
{
	struct flowd_error err;

	if (scan_options_take(&o->scan, e->common, value, &err) != 0)
		refuse("%s", err.text);
	o->flags = (o->flags | e->on) & ~e->off;
	if (e->format != NULL)
		o->format = e->format;
	if (e->take != NULL)
		e->take(o, value);
}

/* --check and --info read whole files and print no flows. */
static void
options_check_whole_files(const struct options *o)
{
	const unsigned instead = OPTION_CHECK | OPTION_INFO;

	if (!(o->flags & instead))
		return;
	if ((o->flags & instead) == instead)
		refuse("--check and --info do not go together");
	if (o->log != NULL)
		refuse("--check and --info do not go with -o");
	if (o->scan.rules != NULL || o->scan.expression != NULL || o->head != 0)
		refuse("--check and --info are about whole files: they do not "
		       "go with -e, -f or -H");
	if (o->format != &format_text ||
	    (o->flags & (OPTION_COUNT | OPTION_EXPORTERS | OPTION_FOLLOW)))
		refuse("--check and --info print no flows: they do not go with "
		       "--json, --csv, -c, --count, --exporters or --follow");
}

/* Reports options that exclude each other. */
static void
options_check(const struct options *o, bool log_on_stdout)
{
	if (*o->paths == NULL)
		refuse("no file to read; --help shows the usage");
	if (o->scan.fields.n > 0 && o->format != &format_json &&
	    o->format != &format_csv)
		refuse("--fields goes with --json or --csv");
	if (o->to.version != 0 && o->log == NULL)
		refuse("--to goes with -o");
	if ((o->flags & OPTION_REPAIR) && o->log == NULL)
		refuse("--repair goes with -o");
	options_check_whole_files(o);
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

/* Applies the effects of options on others. */
static void
options_settle(struct options *o)
{
	bool log_on_stdout = o->log != NULL && strcmp(o->log, "-") == 0;
	struct flowd_error err;

	options_check(o, log_on_stdout);
	if (scan_options_settle(&o->scan, &err) != 0)
		refuse("%s", err.text);
	if (o->to.version == 0)
		(void)log_writer_format(
		    o->log != NULL && names_flow(o->log) ? "v4" : "v3", &o->to);
	/* For compatibility, classic CSV overrides -q. */
	if (o->format == &format_flowtools)
		o->flags &= ~(unsigned)OPTION_QUIET;
	if (o->flags & (OPTION_COUNT | OPTION_EXPORTERS))
		o->flags |= OPTION_QUIET;
	/* No text goes between the records of a log, except for debugging. */
	if (log_on_stdout && !(o->flags & OPTION_DEBUG))
		o->flags |= OPTION_QUIET;
}

/* Moves the operands to the front of argv. */
void
options_parse(struct options *o, char **argv)
{
	struct option_args args;
	size_t n = 0;
	int got;

	*o = (struct options){ .format = &format_text,
		.paths = argv + (argv[0] != NULL) };
	option_begin(&args, table, OPTIONS, argv);
	while ((got = option_next(&args)) != OPTION_END)
		if (got == OPTION_BAD)
			cli_refuse_option("flowd-reader",
			    args.err.text, hints,
			    sizeof(hints) / sizeof(hints[0]));
		else if (got == OPTION_OPERAND)
			o->paths[n++] = args.value;
		else
			option_apply(&effects[got], o, args.value);
	o->paths[n] = NULL;
	options_settle(o);
}
