/* The command line of flowd-stats; see options.h. The table is options.def. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "amount.h"
#include "having.h"
#include "key_elements.h"
#include "interface_group.h"
#include "num.h"
#include "option.h"
#include "options.h"
#include "cli.h"

/* What an option does: any of these. */
struct effect {
	unsigned on; /* flags */
	unsigned report; /* enum report_kind; 0: none */
	size_t text; /* offset of a const char * that is set, or 0 */
	void (*take)(struct options *o, char *value);
	enum scan_option common;
};

#define SCAN_OPTION(which) .common = SCAN_OPTION_##which
#define TEXT(member) .text = offsetof(struct options, member)

static void take_bill(struct options *o, char *arg);
static void take_bin(struct options *o, char *arg);
static void take_bin_by(struct options *o, char *arg);
static void take_commit(struct options *o, char *arg);
static void take_compare(struct options *o, char *arg);
static void take_direction(struct options *o, char *arg);
static void take_group(struct options *o, char *arg);
static void take_having(struct options *o, char *arg);
static void take_histogram(struct options *o, char *arg);
static void take_limit(struct options *o, char *arg);
static void take_list(struct options *o, char *arg);
static void take_memory(struct options *o, char *arg);
static void take_percentiles(struct options *o, char *arg);
static void take_series(struct options *o, char *arg);
static void take_threads(struct options *o, char *arg);
static void take_watch(struct options *o, char *arg);
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

#define BIN_LEAST UINT64_C(1000000000)
#define BIN_MOST (UINT64_C(366) * 86400 * BIN_LEAST)
#define DEFAULT_BIN UINT64_C(300000000000) /* 5 minutes */

enum {
	OPTIONS = sizeof(table) / sizeof(table[0]),
	LIMIT = 10, /* groups that are printed */
	THREADS_MAX = 256
};

#define refuse(...) cli_die("flowd-stats", __VA_ARGS__)

/* Options of nfdump and SiLK. */
static const struct option_hint hints[] = {
	{ "unknown option -r;", "files are named without an option" },
	{ "unknown option -R;", "directories are named without an option" },
	{ "unknown option -M;", "directories are named without an option" },
	{ "unknown option -A;", "-g KEYS groups flows" },
	{ "unknown option -O;", "-s MEASURE orders groups" },
	{ "unknown option -I;", "-a MEASURES without -g sums all flows" },
	{ "unknown option -c;", "-n N prints N groups" },
	{ "unknown option --fields", "-g KEYS groups flows" },
	{ "unknown option --values", "-a MEASURES says what is told of each" },
	{ "unknown option --count", "-n N prints N groups" },
	{ "unknown option --bytes", "-s octets orders groups by octets" },
	{ "unknown option --threshold", "--having TEST, as 'octets>1M'" },
	{ "unknown option --bin-size", "-b WIDTH makes a series" },
	{ "unknown option --json", "-o json prints objects" },
	{ "unknown option --csv", "-o csv prints CSV" },
};

/* 0.1 to 100, or refuse. */
static double
parse_percent(const char *option, const char *text)
{
	char *end;
	double percent = strtod(text, &end);

	if (end == text || *end != '\0' || !(percent >= 0.1 && percent <= 100))
		refuse("%s wants a percentile such as 95, not \"%s\"", option,
		    text);
	return percent;
}

static void
take_bill(struct options *o, char *arg)
{
	o->bill = parse_percent("--bill", arg);
}

static void
take_percentiles(struct options *o, char *arg)
{
	o->npercentiles = 0;
	for (char *p = strtok(arg, ","); p != NULL; p = strtok(NULL, ",")) {
		double percent = parse_percent("--percentiles", p);

		for (unsigned i = 0; i < o->npercentiles; i++)
			if (fabs(o->percentile[i] - percent) < 1e-4)
				refuse("--percentiles: %s is there twice", p);
		if (o->npercentiles == PERCENTILES)
			refuse("--percentiles: there are more than %d",
			    PERCENTILES);
		o->percentile[o->npercentiles++] = percent;
	}
	if (o->npercentiles == 0)
		refuse("--percentiles wants a list such as 50,95,99");
}

/* The place of a word in a list of n, or refuse. */
static unsigned
parse_word(const char *option, const char *text, const char *const *words,
    unsigned n, const char *all)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	refuse("%s wants %s, not \"%s\"", option, all, text);
}

static void
take_histogram(struct options *o, char *arg)
{
	static const char *const words[] = {
		[HISTOGRAM_OCTETS] = "octets",
		[HISTOGRAM_PACKETS] = "packets",
		[HISTOGRAM_DURATION] = "duration",
	};

	o->histogram = parse_word(
	    "--histogram", arg, words, 3, "octets, packets or duration");
}

static const char *const directions[] = {
	[DIRECTION_MAX] = "max",
	[DIRECTION_IN] = "in",
	[DIRECTION_OUT] = "out",
	[DIRECTION_SUM] = "sum",
};

const char *
direction_text(enum direction direction)
{
	return directions[direction];
}

static void
take_direction(struct options *o, char *arg)
{
	o->direction = parse_word(
	    "--direction", arg, directions, 4, "in, out, max or sum");
}

static void
take_commit(struct options *o, char *arg)
{
	struct flowd_error err;

	if (amount_real(arg, &o->commit, &err) != 0 || o->commit <= 0)
		refuse("--commit wants bits a second such as 100M, not \"%s\"",
		    arg);
}

static void
take_group(struct options *o, char *arg)
{
	struct flowd_error err;

	if (interface_group_check(arg, &err) != 0)
		refuse("--group: %s", err.text);
	if (o->ngroups == GROUPS)
		refuse("--group: there are more than %d", GROUPS);
	o->group[o->ngroups++] = arg;
}

static void
take_series(struct options *o, char *arg)
{
	static const char *const words[] = {
		[SERIES_EACH] = "each",
		[SERIES_AVERAGE] = "average",
		[SERIES_MAX] = "max",
		[SERIES_LAST] = "last",
	};

	o->output.series = (uint8_t)parse_word(
	    "--series", arg, words, 4, "average, max, last or each");
	o->series = true;
}

/* The minus sign says that it is before, as in -t. */
static void
take_compare(struct options *o, char *arg)
{
	struct flowd_error err;

	if (amount_span(arg + (arg[0] == '-'), &o->compare_ns, &err) != 0)
		refuse("--compare: %s", err.text);
}

static void
take_bin(struct options *o, char *arg)
{
	struct flowd_error err;

	if (amount_span(arg, &o->output.bin_ns, &err) != 0)
		refuse("-b: %s", err.text);
	if (o->output.bin_ns < BIN_LEAST || o->output.bin_ns > BIN_MOST)
		refuse("-b: %s: a bin has from 1s to 366d", arg);
}

static void
take_bin_by(struct options *o, char *arg)
{
	o->bin_by = true;
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

/* Nothing in a list has a blank, but people write them behind commas. */
static void
take_list(struct options *o, char *arg)
{
	char *to = arg;

	(void)o;
	for (const char *p = arg; *p != '\0'; p++)
		if (*p != ' ')
			*to++ = *p;
	*to = '\0';
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
take_watch(struct options *o, char *arg)
{
	struct flowd_error err;

	if (amount_span(arg, &o->watch_ns, &err) != 0)
		refuse("--watch: %s", err.text);
}

static void
take_writer(struct options *o, char *arg)
{
	o->writer = writer_by_name(arg);
	if (o->writer == NULL)
		refuse("-o wants text, csv or json, not \"%s\"", arg);
}

/*
 * What a report makes no use of: it is refused, so that nobody takes what is
 * printed for what it is not.
 */
enum report_use {
	USE_KEYS = 1 << 0,
	USE_MEASURES = 1 << 1,
	USE_ORDER = 1 << 2,
	USE_BIN = 1 << 3,
	USE_HAVING = 1 << 4,
	USE_SCALE = 1 << 5,
	USE_LIMIT = 1 << 6,
	USE_FILTER = 1 << 7,
	USE_BILL = 1 << 8,
	USE_SERIES = 1 << 9,
	USE_WATCH = 1 << 10,
	USE_SVG = 1 << 11
};

static const struct report_rules {
	const char *option;
	unsigned uses; /* enum report_use */
	const char *measures; /* if none are asked for */
	bool one_measure; /* more are refused */
	uint64_t bin_ns; /* without -b */
} report_rules[REPORTS] = {
	[REPORT_OVERVIEW] = { .option = "the overview",
	    .uses = USE_WATCH | USE_LIMIT | USE_SCALE | USE_FILTER },
	[REPORT_GROUPS] = { "-g", ~(unsigned)USE_BILL,
	    .measures = "octets,packets,flows" },
	[REPORT_SCANNERS] = { .option = "--scanners",
	    .uses = USE_LIMIT | USE_FILTER | USE_SCALE },
	[REPORT_HISTOGRAM] = { .option = "--histogram",
	    .uses = USE_FILTER },
	[REPORT_MATRIX] = { "--matrix",
	    USE_KEYS | USE_MEASURES | USE_LIMIT | USE_SCALE | USE_FILTER,
	    .measures = "octets", .one_measure = true },
	[REPORT_LOSS] = { .option = "--loss", .uses = USE_LIMIT },
	[REPORT_COMPARE] = { "--compare",
	    USE_KEYS | USE_MEASURES | USE_LIMIT | USE_SCALE | USE_FILTER,
	    .measures = "octets", .one_measure = true },
	[REPORT_BILL] = { "--bill",
	    USE_BIN | USE_LIMIT | USE_SCALE | USE_FILTER | USE_BILL,
	    .bin_ns = DEFAULT_BIN },
	[REPORT_PERCENTILES] = { "--percentiles",
	    USE_KEYS | USE_MEASURES | USE_BIN | USE_LIMIT | USE_SCALE |
		USE_FILTER,
	    .measures = "octets", .one_measure = true,
	    .bin_ns = DEFAULT_BIN },
};

static void
print_help(struct options *o, char *arg)
{
	(void)o;
	(void)arg;
	cli_print_usage("Usage: flowd-stats [options] path ...   (- is "
	    "standard input)\n", table, OPTIONS, stdout);
}

static void
print_version(struct options *o, char *arg)
{
	(void)o;
	(void)arg;
	cli_print_version("flowd-stats");
}

static void
option_set_report(struct options *o, unsigned report)
{
	if (o->report != REPORT_UNASKED && o->report != report)
		refuse("%s and %s are reports of their own",
		    report_rules[o->report].option,
		    report_rules[report].option);
	o->report = report;
}

static void
option_apply(const struct effect *e, struct options *o, char *value)
{
	struct flowd_error err;

	if (scan_options_take(&o->scan, e->common, value, &err) != 0)
		refuse("%s", err.text);
	o->flags |= e->on;
	if (e->report != 0)
		option_set_report(o, e->report);
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
options_settle_order(struct options *o)
{
	struct aggregate_output *out = &o->output;
	char name[MEASURE_NAME_MAX];
	struct flowd_error err;
	size_t len;

	out->order = out->bin_ns != 0 && o->keys == NULL ? ORDER_BY_KEY : 0;
	if (o->order == NULL)
		return;
	if (strchr(o->order, '/') != NULL)
		refuse("-s: %s: groups are named by -g, as -g src_addr -s "
		       "octets",
		    o->order);
	if (strchr(o->order, ',') != NULL)
		refuse("-s: %s: groups are ordered by one measure", o->order);
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

static bool
key_has(const struct key *key, const char *name)
{
	for (unsigned i = 0; i < key->nparts; i++)
		if (strcmp(key->part[i].name, name) == 0)
			return true;
	return false;
}

/* Where a column is a key, too, the name of its sum is "sum(octets)". */
static void
options_settle_names(struct aggregate_output *out)
{
	for (unsigned i = 0; i < out->measures.n; i++) {
		struct measure *m = &out->measures.measure[i];
		char name[MEASURE_NAME_MAX + 8];

		if (!key_has(&out->key, m->name))
			continue;
		(void)snprintf(name, sizeof(name), "sum(%s)", m->name);
		if (measures_find(&out->measures, name) >= 0)
			refuse("-a: %s and %s are the same where %s is a key",
			    m->name, name, m->name);
		memcpy(m->name, name, MEASURE_NAME_MAX - 1);
	}
}

/* Groups if any are asked for, else the overview. */
static void
options_settle_report(struct options *o)
{
	if (o->report == REPORT_UNASKED)
		o->report = o->keys != NULL || o->measures != NULL ||
			o->order != NULL || o->having[0] != NULL ||
			o->output.bin_ns != 0
		    ? REPORT_GROUPS
		    : REPORT_OVERVIEW;
}

/* Options of groups that want bins. */
static void
options_check_bins(const struct options *o)
{
	if (o->report > REPORT_GROUPS || o->output.bin_ns != 0)
		return;
	if (o->svg != NULL && o->keys == NULL)
		refuse("--svg draws a series or a top list: it goes with -b "
		       "or -g");
	if (o->bin_by)
		refuse("--bin-by goes with -b");
}

/* Options that the report does not use. */
static void
options_check_uses(const struct options *o)
{
	const struct report_rules *r = &report_rules[o->report];
	const struct {
		bool given;
		unsigned use;
		const char *option;
	} checks[] = {
		{ o->watch_ns != 0, USE_WATCH, "--watch" },
		{ o->svg != NULL, USE_SVG, "--svg" },
		{ o->series, USE_SERIES, "--series" },
		{ o->keys != NULL, USE_KEYS, "-g" },
		{ o->measures != NULL, USE_MEASURES, "-a" },
		{ o->order != NULL, USE_ORDER, "-s" },
		{ o->output.bin_ns != 0, USE_BIN, "-b" },
		{ o->bin_by, USE_BIN, "--bin-by" },
		{ o->having[0] != NULL, USE_HAVING, "--having" },
		{ o->flags & OPTION_SCALE, USE_SCALE, "--scale" },
		{ o->limited, USE_LIMIT, "-n" },
		{ o->scan.expression != NULL, USE_FILTER, "-e" },
		{ o->scan.rules != NULL, USE_FILTER, "-f" },
		{ o->state != NULL, USE_KEYS, "--names" },
		{ o->ngroups > 0, USE_BILL, "--group" },
		{ o->commit > 0, USE_BILL, "--commit" },
		{ o->direction != DIRECTION_MAX, USE_BILL, "--direction" },
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (checks[i].given && !(r->uses & checks[i].use)) {
			if (checks[i].use == USE_BILL)
				refuse("%s goes with --bill", checks[i].option);
			refuse("%s does not go with %s", checks[i].option,
			    r->option);
		}
}

/* Is a key an interface by its name? */
static bool
has_interface(const struct key *key)
{
	for (unsigned i = 0; i < key->nparts; i++)
		if (key->part[i].function == KEY_INTERFACE)
			return true;
	return false;
}

/* The filter, whose tables keys may name. */
static void
options_settle_filter(struct options *o)
{
	struct flowd_error err;

	if (scan_options_predicate(&o->scan, &o->predicate, &err) != 0)
		refuse("%s", err.text);
	o->names.predicate = o->predicate;
	key_elements_add(&o->names);
}

/* Keys, measures, order and tests, from their texts. */
static void
options_settle_output(struct options *o)
{
	struct aggregate_output *out = &o->output;
	const struct report_rules *r = &report_rules[o->report];
	const struct datetime_view view = { .now_ns = o->scan.now_ns,
		.utc = o->scan.utc };
	struct flowd_error err;

	if (out->bin_ns == 0)
		out->bin_ns = r->bin_ns;
	out->key.unordered = -1;
	if (o->keys != NULL &&
	    key_parse_names(&out->key, o->keys, &o->names, &err) != 0)
		refuse("%s: %s", o->report == REPORT_MATRIX ? "--matrix" : "-g",
		    err.text);
	if (o->state != NULL && !has_interface(&out->key))
		refuse("--names goes with a key such as if_in_name");
	if (o->measures == NULL)
		o->measures = r->measures;
	if (o->measures != NULL &&
	    measures_parse(&out->measures, o->measures, &err) != 0)
		refuse("-a: %s", err.text);
	if (r->one_measure && out->measures.n > 1)
		refuse("-a: %s has one measure, not %u", r->option,
		    out->measures.n);
	options_settle_order(o);
	o->nshown = out->measures.n;
	options_settle_names(out);
	for (unsigned i = 0; i < AGGREGATE_HAVING; i++)
		if (o->having[i] != NULL &&
		    having_parse(out, o->having[i], &view, &err) != 0)
			refuse("--having: %s", err.text);
	/* Bins are a series, and nobody wants a tenth of a bill. */
	if (!o->limited)
		out->limit = o->report == REPORT_BILL ||
			(o->report == REPORT_GROUPS && o->keys == NULL)
		    ? 0
		    : LIMIT;
}

/* Options that go with others only. */
static void
options_check_pairs(const struct options *o)
{
	const struct aggregate_output *out = &o->output;

	if (!o->writer->people && (o->flags & (OPTION_CHART | OPTION_RESOLVE)))
		refuse("%s goes with -o text",
		    o->flags & OPTION_CHART ? "--chart" : "--resolve");
	if (o->svg != NULL && strcmp(o->svg, "-") == 0)
		refuse("--svg draws into a file, not to standard output");
	if (o->series && (o->keys == NULL || out->bin_ns == 0))
		refuse("--series goes with -b and -g");
	if (o->limited && o->ngroups > 0)
		refuse("-n does not go with --group: all of these are printed");
}

/* Texts of options, and whether they go together. */
static void
options_settle(struct options *o)
{
	struct flowd_error err;

	if (*o->paths == NULL)
		refuse("no path to read; --help shows the usage");
	if (scan_options_settle(&o->scan, &err) != 0)
		refuse("%s", err.text);
	options_settle_report(o);
	options_check_bins(o);
	options_check_uses(o);
	options_settle_filter(o);
	options_settle_output(o);
	options_check_pairs(o);
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
		.output = { .series = SERIES_AVERAGE },
		.paths = argv + (argv[0] != NULL) };
	option_begin(&args, table, OPTIONS, argv);
	while ((got = option_next(&args)) != OPTION_END)
		if (got == OPTION_BAD)
			cli_refuse_option("flowd-stats",
			    args.err.text, hints,
			    sizeof(hints) / sizeof(hints[0]));
		else if (got == OPTION_OPERAND)
			o->paths[n++] = args.value;
		else
			option_apply(&effects[got], o, args.value);
	o->paths[n] = NULL;
	options_settle(o);
}
