/*
 * flowd-reader: prints, counts and converts flow logs and captures; "cat" for
 * flows. See flowd-reader(8).
 *
 *	input.c -> batch -> lib/format -> output.c
 *	                \-> lib/store --> logout.c
 *
 * Tests: test/program/test_reader.py, test_reader_golden.py.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "decode.h"
#include "filter.h"
#include "format.h"
#include "input.h"
#include "logout.h"
#include "options.h"
#include "output.h"

enum {
	DUMP_MAX = 1024 * 1024 * 1024 /* octets that --exporters may print */
};

struct reader {
	struct options opts;
	struct formatter formatter;
	struct filter *filter;	/* -f; NULL: none */
	struct decoder *decoder; /* keeps its templates over files */
	struct query query;
	struct input_options input;
	struct batch *batch;
	struct output text;
	struct logout log;
	bool headed; /* the head of the format is printed */
	bool failed;
	uint64_t flows; /* that passed */
};

/* Fields that a filter file chose to store, or all. */
static uint32_t
stored(const struct reader *r)
{
	return r->filter != NULL ? filter_store(r->filter)
				 : (uint32_t)CLASSIC_ALL;
}

static bool
has(const struct reader *r, enum option_flag flag)
{
	return r->opts.flags & flag;
}

/* Note a failure and say it, but not that nobody reads any more. */
static void
report(struct reader *r, int result, const struct flowd_error *err)
{
	if (result >= 0)
		return;
	r->failed = true;
	if (!r->text.closed_pipe && !r->log.out.closed_pipe)
		fprintf(stderr, "flowd-reader: %s\n", err->text);
}

/* What was passed over in a log. */
static void
complain(void *arg, const char *text)
{
	struct reader *r = arg;
	struct flowd_error err;

	(void)flowd_fail(&err, 0, "%s", text);
	report(r, FLOWD_EFORMAT, &err);
}

/* Columns that are used of the flows that pass. */
static struct colset
wanted_columns(const struct reader *r)
{
	const struct formatter *f = &r->formatter;
	struct colset none = { { 0, 0 } }, set = none;

	if (r->opts.log != NULL)
		return (struct colset){ { ~UINT64_C(0), ~UINT64_C(0) } };
	if (has(r, OPTION_QUIET))
		return none;
	if (r->opts.format == &format_text)
		return query_classic_columns(f->classic);
	if (r->opts.format == &format_flowtools)
		return query_classic_columns(CLASSIC_ALL);
	for (size_t i = 0; i < f->norder; i++)
		colset_add(&set, f->order[i]);
	return f->order != NULL ? set : f->cols;
}

static void
prepare_query(struct reader *r)
{
	r->query = (struct query){ .filter = r->filter };
	query_settle(&r->query);
	r->query.want = wanted_columns(r);
	r->input = (struct input_options){
		.legacy = has(r, OPTION_LEGACY),
		.head = r->opts.head,
		.decoder = r->decoder,
		.query = &r->query,
		.complain = complain,
		.arg = r,
	};
}

static int
reader_init(struct reader *r, struct flowd_error *err)
{
	const struct options *o = &r->opts;

	output_init(&r->text, STDOUT_FILENO, "standard output");
	r->log.out.fd = -1;
	r->batch = batch_new(BATCH_ROWS);
	r->decoder = decoder_new(NULL, (uint64_t)getpid());
	if (r->batch == NULL || r->decoder == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (o->rules != NULL &&
	    (r->filter = filter_open(o->rules, err)) == NULL)
		return FLOWD_EINVAL;
	formatter_init(&r->formatter, element_text);
	clock_init(&r->formatter.clock, has(r, OPTION_UTC));
	if (has(r, OPTION_VERBOSE))
		r->formatter.classic = CLASSIC_ALL;
	r->formatter.classic &= stored(r);
	if (o->nfields > 0) {
		r->formatter.order = o->fields;
		r->formatter.norder = o->nfields;
	}
	prepare_query(r);
	if (o->log == NULL)
		return 0;
	return logout_open(&r->log, o->log, &o->to, o->paths, err);
}

static void
reader_fini(struct reader *r)
{
	filter_close(r->filter);
	batch_free(r->batch);
	decoder_free(r->decoder);
}

/* -v: a line in front of the flows of each file. */
static void
print_name(struct reader *r, const struct input *in, const char *path)
{
	char when[TEXT_MAX], *end;

	if (!has(r, OPTION_VERBOSE) || has(r, OPTION_QUIET) ||
	    r->opts.format == &format_json || r->opts.format == &format_csv)
		return;
	buf_printf(&r->text.buf, "LOGFILE %s", path);
	if (has(r, OPTION_LEGACY)) {
		end =
		    text_time(when, &r->formatter.clock, input_started_sec(in));
		buf_printf(
		    &r->text.buf, " started at %.*s", (int)(end - when), when);
	}
	buf_append_char(&r->text.buf, '\n');
}

/* Once, and behind the name of the first file. */
static void
print_head(struct reader *r)
{
	if (!r->headed && !has(r, OPTION_QUIET) && r->opts.format->head != NULL)
		r->opts.format->head(&r->formatter, &r->text.buf);
	r->headed = true;
}

/* Print and write the rows of the batch. */
static int
emit(struct reader *r, struct flowd_error *err)
{
	int bad = 0;

	r->flows += bitmap_count(r->batch->selected, r->batch->nrows);
	if (!has(r, OPTION_QUIET)) {
		r->opts.format->rows(&r->formatter, r->batch, &r->text.buf);
		bad = output_push(&r->text, err);
	}
	if (bad == 0 && r->opts.log != NULL)
		bad = logout_rows(&r->log, r->batch, stored(r), err);
	return bad;
}

/* What has been read is out before there is a wait for more. */
static int
flush(struct reader *r, struct flowd_error *err)
{
	int bad = output_flush(&r->text, err);

	return bad == 0 && r->opts.log != NULL ? logout_pause(&r->log, err)
					       : bad;
}

static int
read_flows(struct reader *r, struct input *in, struct flowd_error *err)
{
	int bad = 0;

	while (bad == 0) {
		int got;

		batch_reset(r->batch);
		got = input_next(in, r->batch, err);
		if (got <= 0)
			return got;
		bad = emit(r, err);
		if (bad == 0 && input_waits(in))
			bad = flush(r, err);
	}
	return bad;
}

/* -d: what was in a capture. Counters of all exporters so far. */
static void
describe(const struct reader *r, const struct input *in, const char *path)
{
	const struct capture_counters *c = input_counters(in);
	struct decoder_totals t;

	if (!has(r, OPTION_DEBUG) || c == NULL)
		return;
	fprintf(stderr,
	    "flowd-reader: %s: packets %" PRIu64 ", datagrams %" PRIu64
	    ", fragments %" PRIu64 ", not UDP %" PRIu64 ", truncated %" PRIu64
	    ", incomplete %" PRIu64 "\n",
	    path, c->packets, c->datagrams, c->fragments, c->not_udp,
	    c->truncated, c->incomplete);
	decoder_totals(r->decoder, &t);
	fprintf(stderr,
	    "flowd-reader: exporters %" PRIu32 ", flows %" PRIu64
	    ", sets without template %" PRIu64 ", lost %" PRIu64 "\n",
	    t.exporters, t.counters.flows, t.counters.no_template,
	    t.counters.lost);
	for (unsigned i = 0; i < MALFORMED_COUNT; i++)
		if (t.counters.malformed[i] > 0)
			fprintf(stderr,
			    "flowd-reader: malformed %" PRIu64 ": %s\n",
			    t.counters.malformed[i], malformed_info[i].text);
}

static int
read_file(struct reader *r, const char *path, struct flowd_error *err)
{
	struct input *in = input_open(path, &r->input, err);
	int bad;

	if (in == NULL)
		return FLOWD_EIO;
	if (has(r, OPTION_EXPORTERS) && input_counters(in) == NULL) {
		input_close(in);
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is no capture; "
		    "--exporters reads captures only",
		    path);
	}
	print_name(r, in, path);
	print_head(r);
	bad = read_flows(r, in, err);
	describe(r, in, path);
	input_close(in);
	return bad;
}

static int
read_files(struct reader *r, struct flowd_error *err)
{
	int bad = 0;

	for (char **path = r->opts.paths; *path != NULL && bad == 0; path++)
		bad = read_file(r, *path, err);
	return bad;
}

/* --count and --exporters print when all is read. */
static void
print_summary(struct reader *r)
{
	if (has(r, OPTION_COUNT))
		buf_printf(&r->text.buf, "%" PRIu64 "\n", r->flows);
	if (has(r, OPTION_EXPORTERS)) {
		r->text.buf.max = DUMP_MAX;
		decoder_dump(r->decoder, &r->text.buf);
	}
}

/* What was good is out before it is said what was not. */
static void
finish_outputs(struct reader *r)
{
	struct flowd_error err;

	report(r, output_close(&r->text, &err), &err);
	report(r, logout_close(&r->log, &err), &err);
	if (r->log.unstorable == 0)
		return;
	(void)flowd_fail(&err, 0,
	    "%s: %" PRIu64 " flows are left out: a log "
	    "of version 3 holds both addresses or none, of one family",
	    r->log.out.name, r->log.unstorable);
	report(r, FLOWD_EUNSTORABLE, &err);
}

int
main(int argc, char **argv)
{
	struct reader r = { .failed = false };
	struct flowd_error err;
	int result;

	(void)signal(SIGPIPE, SIG_IGN);
	options_parse(&r.opts, argc, argv);
	result = reader_init(&r, &err);
	if (result == 0) {
		result = read_files(&r, &err);
		print_summary(&r);
		if (r.filter != NULL && has(&r, OPTION_DEBUG))
			filter_describe(r.filter);
	}
	finish_outputs(&r);
	report(&r, result, &err);
	reader_fini(&r);
	return r.failed;
}
