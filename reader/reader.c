/*
 * flowd-reader: prints, counts and converts flow logs and captures; "cat" for
 * flows. See flowd-reader(8). Tests: test/program/test_reader*.py.
 */
#define _DEFAULT_SOURCE /* getopt_long(3), which Linux and the BSDs have */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decode.h"
#include "format.h"
#include "input.h"
#include "num.h"
#include "output.h"
#include "suggest.h"
#include "v3.h"

enum {
	DUMP_MAX = 1024 * 1024 * 1024
};

struct reader {
	/* From the command line. */
	const struct format *format;
	bool quiet;
	bool verbose;
	bool debug;
	bool legacy;
	bool count;
	bool exporters;
	bool utc;
	uint64_t head;		/* flows of each file; 0: all */
	const char *out_path;
	struct colset fields;
	uint8_t order[COL_COUNT];
	size_t norder;
	/* While it runs. */
	struct formatter formatter;
	struct decoder *decoder;
	struct batch *batch;
	struct output text;
	struct output log;
	bool headed;		/* the head of the format is printed */
	uint64_t flows;
	uint64_t unstorable;
};

enum long_option {
	OPT_JSON = 256,
	OPT_CSV,
	OPT_FIELDS,
	OPT_COUNT,
	OPT_EXPORTERS,
	OPT_HELP,
	OPT_VERSION
};

static const char short_options[] = "H:LUvqcdho:";

static const struct option long_options[] = {
	{ "json", no_argument, NULL, OPT_JSON },
	{ "csv", no_argument, NULL, OPT_CSV },
	{ "fields", required_argument, NULL, OPT_FIELDS },
	{ "count", no_argument, NULL, OPT_COUNT },
	{ "exporters", no_argument, NULL, OPT_EXPORTERS },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
    "Usage: flowd-reader [options] file ...\n"
    "Prints the flows of logs and of captures of export datagrams; - is\n"
    "standard input.\n"
    "  -v            print all fields, and the name of each file\n"
    "  -U            times in UTC\n"
    "  -c            CSV in the order of flow-tools\n"
    "  --json        one JSON object a flow, every column\n"
    "  --csv         CSV with a header, every column\n"
    "  --fields LIST columns for --json and --csv: src_addr,dst_addr,octets\n"
    "  --count       print how many flows there are, and nothing else\n"
    "  --exporters   captures: print what is known of the exporters\n"
    "  -H num        only the first num flows of each file\n"
    "  -L            logs of version 2\n"
    "  -o file       write the flows to a log of version 3\n"
    "  -q            do not print flows\n"
    "  -d            tell what is done on standard error\n"
    "  -h, --help    this text\n"
    "  --version     the version\n";

static void
complain(const char *text)
{
	fprintf(stderr, "flowd-reader: %s\n", text);
}

static _Noreturn void
usage(const char *why)
{
	complain(why);
	fputs(help, stderr);
	exit(1);
}

/* The columns of "a,b,c", in this order. */
static void
parse_fields(struct reader *r, char *list)
{
	char text[256];

	for (char *name = strtok(list, ","); name != NULL;
	    name = strtok(NULL, ",")) {
		int col = column_by_name(name);

		if (col < 0 || (column_info[col].flags & COLUMN_RECORD)) {
			const char *near = suggest_column(name);

			(void)snprintf(text, sizeof(text),
			    "--fields: there is no column \"%.64s\"%s%s%s",
			    name, near != NULL ? ", did you mean \"" : "",
			    near != NULL ? near : "",
			    near != NULL ? "\"?" : "");
			complain(text);
			exit(1);
		}
		if (colset_has(&r->fields, (unsigned)col))
			continue;
		colset_add(&r->fields, (unsigned)col);
		r->order[r->norder++] = (uint8_t)col;
	}
	if (r->norder == 0)
		usage("--fields wants at least one column");
}

static void
set_option(struct reader *r, int opt)
{
	switch (opt) {
	case 'H':
		if (num_parse(optarg, INT32_MAX, &r->head) != 0 ||
		    r->head == 0)
			usage("Invalid -H value.");
		break;
	case 'L':
		r->legacy = true;
		break;
	case 'U':
		r->utc = true;
		break;
	/* The last of -v and -q wins, as it always did. */
	case 'v':
		r->verbose = true;
		r->quiet = false;
		break;
	case 'q':
		r->quiet = true;
		r->verbose = false;
		break;
	case 'c':
		r->format = &format_flowtools;
		break;
	case 'd':
		r->debug = true;
		break;
	case 'o':
		r->out_path = optarg;
		break;
	case OPT_JSON:
		r->format = &format_json;
		break;
	case OPT_CSV:
		r->format = &format_csv;
		break;
	case OPT_FIELDS:
		parse_fields(r, optarg);
		break;
	case OPT_COUNT:
		r->count = true;
		break;
	case OPT_EXPORTERS:
		r->exporters = true;
		break;
	case 'h':
	case OPT_HELP:
		fputs(help, opt == 'h' ? stderr : stdout);
		exit(0);
	case OPT_VERSION:
		puts("flowd-reader " FLOWD_VERSION);
		exit(0);
	default:
		fputs(help, stderr);
		exit(1);
	}
}

static void
parse_options(struct reader *r, int argc, char **argv)
{
	int opt;

	while ((opt = getopt_long(argc, argv, short_options, long_options,
		    NULL)) != -1)
		set_option(r, opt);
	if (optind == argc)
		usage("No logfile specified");
	if (r->norder > 0 && r->format != &format_json &&
	    r->format != &format_csv)
		usage("--fields goes with --json or --csv");
	/* CSV beats -q, and a log on standard output beats all text. */
	if (r->format != &format_text)
		r->quiet = false;
	if (r->count || r->exporters)
		r->quiet = true;
	if (r->out_path != NULL && strcmp(r->out_path, "-") == 0 && !r->debug)
		r->quiet = true;
}

static void
prepare(struct reader *r)
{
	r->batch = batch_new(BATCH_ROWS);
	r->decoder = decoder_new(NULL, (uint64_t)getpid());
	if (r->batch == NULL || r->decoder == NULL) {
		complain("out of memory");
		exit(1);
	}
	formatter_init(&r->formatter, element_text);
	clock_init(&r->formatter.clock, r->utc);
	if (r->verbose)
		r->formatter.classic = CLASSIC_ALL;
	if (r->norder > 0) {
		r->formatter.cols = r->fields;
		r->formatter.order = r->order;
		r->formatter.norder = r->norder;
	}
}

static void
finish(struct reader *r)
{
	batch_free(r->batch);
	decoder_free(r->decoder);
}

/* -v: a line in front of the flows of each file. */
static void
print_name(struct reader *r, const struct input *in, const char *path)
{
	char when[TEXT_MAX], *end;

	if (!r->verbose || r->quiet || r->format == &format_json ||
	    r->format == &format_csv)
		return;
	buf_printf(&r->text.buf, "LOGFILE %s", path);
	if (r->legacy) {
		end = text_time(when, &r->formatter.clock,
		    input_started_sec(in));
		buf_printf(&r->text.buf, " started at %.*s",
		    (int)(end - when), when);
	}
	buf_append_char(&r->text.buf, '\n');
}

/* Once, and behind the name of the first file. */
static void
print_head(struct reader *r)
{
	if (!r->quiet && !r->headed && r->format->head != NULL)
		r->format->head(&r->formatter, &r->text.buf);
	r->headed = true;
}

/* Print and write the rows of the batch. */
static int
emit(struct reader *r, struct flowd_error *err)
{
	int bad = 0;

	r->flows += bitmap_count(r->batch->selected, r->batch->nrows);
	if (!r->quiet) {
		r->format->rows(&r->formatter, r->batch, &r->text.buf);
		bad = output_push(&r->text, err);
	}
	if (bad == 0 && r->out_path != NULL) {
		(void)v3_write(r->batch, CLASSIC_ALL, &r->log.buf,
		    &r->unstorable);
		bad = output_push(&r->log, err);
	}
	return bad;
}

/* Keep the first n rows of the batch only. */
static void
cut_batch(struct batch *batch, uint64_t n)
{
	if (n < batch->nrows)
		bitmap_clear_range(batch->selected, (size_t)n,
		    batch->nrows - (size_t)n);
}

static int
read_file(struct reader *r, const char *path, struct flowd_error *err)
{
	const struct input_options opts = { r->legacy, r->decoder };
	uint64_t left = r->head;
	struct input *in;
	int got = 0, bad = 0;

	in = input_open(path, &opts, err);
	if (in == NULL)
		return FLOWD_EIO;
	print_name(r, in, path);
	print_head(r);
	while (bad == 0 && (r->head == 0 || left > 0)) {
		batch_reset(r->batch);
		got = input_next(in, r->batch, err);
		if (got <= 0)
			break;
		if (r->head != 0) {
			cut_batch(r->batch, left);
			left -= left < (uint64_t)got ? left : (uint64_t)got;
		}
		bad = emit(r, err);
	}
	input_close(in);
	return bad != 0 ? bad : got < 0 ? got : 0;
}

/* --count and --exporters print when all is read. */
static void
print_summary(struct reader *r)
{
	if (r->count)
		buf_printf(&r->text.buf, "%" PRIu64 "\n", r->flows);
	if (r->exporters) {
		r->text.buf.max = DUMP_MAX;
		decoder_dump(r->decoder, &r->text.buf);
	}
}

static int
run(struct reader *r, char **paths, struct flowd_error *err)
{
	int bad = 0;

	for (; *paths != NULL && bad == 0; paths++)
		bad = read_file(r, *paths, err);
	if (bad == 0)
		print_summary(r);
	return bad;
}

/* Report a failure, but not that nobody reads any more: that is no news. */
static int
report(const struct reader *r, int bad, const struct flowd_error *err)
{
	if (bad != 0 && !r->text.closed_pipe)
		complain(err->text);
	return bad != 0;
}

int
main(int argc, char **argv)
{
	struct reader r = { .format = &format_text };
	struct flowd_error err = { "" };
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	parse_options(&r, argc, argv);
	prepare(&r);
	output_init(&r.text, STDOUT_FILENO, "standard output");
	r.log.fd = -1;
	if (r.out_path != NULL && output_open(&r.log, r.out_path, &err) != 0) {
		complain(err.text);
		return 1;
	}
	if (r.out_path != NULL && r.debug)
		complain("Writing new logfile header");
	failed = report(&r, run(&r, argv + optind, &err), &err);
	failed |= report(&r, output_close(&r.text, &err), &err);
	failed |= report(&r, output_close(&r.log, &err), &err);
	if (r.unstorable > 0)
		fprintf(stderr, "flowd-reader: %" PRIu64 " flows with one "
		    "address only cannot be in a log of version 3\n",
		    r.unstorable);
	finish(&r);
	return failed;
}
