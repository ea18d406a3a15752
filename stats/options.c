/* The command line of flowd-stats; see options.h. The table is options.def. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "amount.h"
#include "having.h"
#include "num.h"
#include "option.h"
#include "options.h"

/* What an option does: any of these. */
struct effect {
	unsigned on; /* flags */
	size_t text; /* offset of a const char * that is set, or 0 */
	void (*take)(struct options *o, char *value);
	enum scan_option common;
};

#define SCAN_OPTION(which) .common = SCAN_OPTION_##which
#define TEXT(member) .text = offsetof(struct options, member)

static void take_bin(struct options *o, char *arg);
static void take_bin_by(struct options *o, char *arg);
static void take_having(struct options *o, char *arg);
static void take_limit(struct options *o, char *arg);
static void take_memory(struct options *o, char *arg);
static void take_threads(struct options *o, char *arg);
static void take_writer(struct options *o, char *arg);
static void print_help(struct options *o, char *arg);
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

enum {
	OPTIONS = sizeof(table) / sizeof(table[0]),
	HELP_MAX = 64 * 1024,
	LIMIT = 10, /* groups that are printed */
	THREADS_MAX = 256
};

/* One line, and out. */
static _Noreturn void __attribute__((format(printf, 1, 2)))
refuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("flowd-stats: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

/* What nfdump and SiLK have for it: how what is said of it begins. */
static const struct {
	const char *said, *hint;
} others[] = {
	{ "unknown option -r;", "files are named without an option" },
	{ "unknown option -R;", "directories are named without an option" },
	{ "unknown option -M;", "directories are named without an option" },
	{ "unknown option -A;", "-g KEYS groups flows" },
	{ "unknown option -c;", "-n N prints N groups" },
	{ "unknown option --fields", "-g KEYS groups flows" },
	{ "unknown option --values", "-a MEASURES says what is told of each" },
	{ "unknown option --count", "-n N prints N groups" },
	{ "unknown option --bin-size", "-b WIDTH makes a series" },
	{ "unknown option --json", "-o json prints objects" },
	{ "unknown option --csv", "-o csv prints CSV" },
};

static _Noreturn void
refuse_option(const char *said)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strncmp(said, others[i].said, strlen(others[i].said)) == 0)
			refuse("%.*s: %s", (int)strcspn(said, ";"), said,
			    others[i].hint);
	refuse("%s", said);
}

static void
take_bin(struct options *o, char *arg)
{
	struct flowd_error err;

	if (amount_span(arg, &o->output.bin_ns, &err) != 0)
		refuse("-b: %s", err.text);
}

static void
take_bin_by(struct options *o, char *arg)
{
	o->output.bin_by_end = strcmp(arg, "end") == 0;
	if (!o->output.bin_by_end && strcmp(arg, "span") != 0)
		refuse("--bin-by wants span or end, not \"%s\"", arg);
}

static void
take_having(struct options *o, char *arg)
{
	unsigned n = 0;

	while (n < AGGREGATE_HAVING && o->having[n] != NULL)
		n++;
	if (n == AGGREGATE_HAVING)
		refuse(
		    "--having: there are more than %d tests", AGGREGATE_HAVING);
	o->having[n] = arg;
}

static void
take_limit(struct options *o, char *arg)
{
	if (num_parse(arg, UINT64_MAX, &o->output.limit) != 0)
		refuse("-n wants a number of groups, not \"%s\"", arg);
	o->limited = true;
}

static void
take_memory(struct options *o, char *arg)
{
	struct flowd_error err;
	uint64_t octets;

	if (amount_memory(arg, &octets, &err) != 0)
		refuse("--memory: %s", err.text);
	o->memory = octets > SIZE_MAX ? SIZE_MAX : (size_t)octets;
}

static void
take_threads(struct options *o, char *arg)
{
	uint64_t n;

	if (num_parse(arg, THREADS_MAX, &n) != 0 || n == 0)
		refuse("--threads wants 1 to %d, not \"%s\"", THREADS_MAX, arg);
	o->threads = (unsigned)n;
}

static void
take_writer(struct options *o, char *arg)
{
	o->writer = writer_by_name(arg);
	if (o->writer == NULL)
		refuse("-o wants text, csv or json, not \"%s\"", arg);
}

static void
print_help(struct options *o, char *arg)
{
	struct buf out;

	(void)o;
	(void)arg;
	buf_init(&out, HELP_MAX);
	buf_append_text(&out,
	    "Usage: flowd-stats [options] path ...   (- is "
	    "standard input)\n");
	option_help(table, OPTIONS, &out);
	(void)fwrite(out.ptr, 1, out.len, stdout);
	exit(!buf_ok(&out) || fflush(stdout) != 0);
}

static void
print_version(struct options *o, char *arg)
{
	(void)o;
	(void)arg;
	puts("flowd-stats " FLOWD_VERSION);
	exit(fflush(stdout) != 0);
}

static void
apply(const struct effect *e, struct options *o, char *value)
{
	struct flowd_error err;

	if (scan_options_take(&o->scan, e->common, value, &err) != 0)
		refuse("%s", err.text);
	o->flags |= e->on;
	if (e->text != 0)
		memcpy((char *)o + e->text, &value, sizeof(value));
	if (e->take != NULL)
		e->take(o, value);
}

/* Half of what the machine has, where it says so. */
static size_t
memory_of_machine(void)
{
#ifdef _SC_PHYS_PAGES
	long pages = sysconf(_SC_PHYS_PAGES), octets = sysconf(_SC_PAGESIZE);

	if (pages > 0 && octets > 0)
		return (size_t)pages / 2 * (size_t)octets;
#endif
	return 0;
}

/* "octets", "octets:asc": measures in front of -a are there, too. */
static void
settle_order(struct options *o)
{
	struct aggregate_output *out = &o->output;
	char name[MEASURE_NAME_MAX];
	struct flowd_error err;
	size_t len;

	out->order = out->bin_ns != 0 ? ORDER_BY_KEY : 0;
	if (o->order == NULL)
		return;
	len = strcspn(o->order, ":");
	out->ascending = strcmp(o->order + len, ":asc") == 0;
	if (!out->ascending && o->order[len] != '\0' &&
	    strcmp(o->order + len, ":desc") != 0)
		refuse("-s: behind %.*s stands :asc or :desc, not \"%s\"",
		    (int)len, o->order, o->order + len);
	(void)snprintf(name, sizeof(name), "%.*s", (int)len, o->order);
	out->order = measures_find(&out->measures, name);
	if (out->order >= 0)
		return;
	if (measures_parse(&out->measures, name, &err) != 0)
		refuse("-s: %s", err.text);
	out->order = (int)out->measures.n - 1;
}

/* Texts of options, and what they say of one another. */
static void
settle(struct options *o)
{
	struct aggregate_output *out = &o->output;
	struct flowd_error err;

	if (*o->paths == NULL)
		refuse("no path to read; --help shows the usage");
	if (scan_options_settle(&o->scan, &err) != 0)
		refuse("%s", err.text);
	out->key.unordered = -1;
	if (o->keys != NULL && key_parse(&out->key, o->keys, &err) != 0)
		refuse("-g: %s", err.text);
	if (measures_parse(&out->measures,
		o->measures != NULL ? o->measures : "octets,packets,flows",
		&err) != 0)
		refuse("-a: %s", err.text);
	settle_order(o);
	o->nshown = out->measures.n;
	for (unsigned i = 0; i < AGGREGATE_HAVING; i++)
		if (o->having[i] != NULL &&
		    having_parse(out, o->having[i], &o->scan, &err) != 0)
			refuse("--having: %s", err.text);
	if (!o->limited)
		out->limit = o->keys != NULL && out->bin_ns == 0 ? LIMIT : 0;
}

/* The operands take the place of what was read of argv. */
void
options_parse(struct options *o, char **argv)
{
	struct option_args args;
	size_t n = 0;
	int got;

	*o = (struct options) { .writer = &writer_text,
		.memory = memory_of_machine(),
		.paths = argv + (argv[0] != NULL) };
	option_begin(&args, table, OPTIONS, argv);
	while ((got = option_next(&args)) != OPTION_END)
		if (got == OPTION_BAD)
			refuse_option(args.err.text);
		else if (got == OPTION_OPERAND)
			o->paths[n++] = args.value;
		else
			apply(&effects[got], o, args.value);
	o->paths[n] = NULL;
	settle(o);
}
