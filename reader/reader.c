/*
 * flowd-reader: prints, counts and converts flow logs and captures; "cat" for
 * flows. See flowd-reader(8).
 *
 *	lib/query -> batch -> lib/format -> output.c
 *	                  \-> lib/store --> log_writer.c
 *
 * Tests: test/program/reader/test_reader.py, test_reader_golden.py.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture_scan.h"
#include "check.h"
#include "element.h"
#include "log_writer.h"
#include "no_flows.h"
#include "options.h"
#include "output.h"
#include "printer.h"
#include "progress.h"
#include "scan.h"
#include "seed.h"
#include "sigbus.h"
#include "standard_fds.h"

enum {
	DESCRIBE_MAX = 16 * 1024 * 1024, /* octets that -d prints of rules */
	DUMP_MAX = 1024 * 1024 * 1024 /* octets that --exporters may print */
};

struct reader {
	struct options opts;
	struct formatter formatter;
	struct predicate *predicate; /* -f and -e; NULL: none */
	struct capture_scan captures;
	struct scan_capture capture;
	struct scan_plan plan;
	struct scan *scan;
	struct progress progress;
	struct no_flows no_flows;
	struct output text;
	struct log_writer log;
	bool headed; /* the head of the format is printed */
	bool failed;
	uint64_t flows; /* flows that passed */
};

/* Fields that a filter file chose to store, or all. */
static uint32_t
reader_store_fields(const struct reader *r)
{
	return r->predicate != NULL ? predicate_store(r->predicate)
				    : (uint32_t)CLASSIC_ALL;
}

static bool
reader_has(const struct reader *r, unsigned flag)
{
	return r->opts.flags & flag;
}

/* Note a failure and report it, except that a pipe was closed. */
static void
reader_report(struct reader *r, int result, const struct flowd_error *err)
{
	if (result >= 0)
		return;
	r->failed = true;
	if (!r->text.closed_pipe && !r->log.out.closed_pipe)
		fprintf(stderr, "flowd-reader: %s\n", err->text);
}

/* --- Events of the scan --- */

/* Reports a warning of the scan, which is not a failure with --repair. */
static void
on_warn(void *arg, const char *text)
{
	struct reader *r = arg;
	bool failed = r->failed;
	struct flowd_error err;

	(void)flowd_fail(&err, 0, "%s", text);
	progress_end(&r->progress);
	reader_report(r, FLOWD_EFORMAT, &err);
	if (reader_has(r, OPTION_REPAIR))
		r->failed = failed;
}

static void
on_progress(void *arg, const char *path, uint64_t at, uint64_t all)
{
	struct reader *r = arg;

	progress_show(&r->progress, path, at, all);
}

/* Write all output before waiting for more. */
static int
on_idle(void *arg, struct flowd_error *err)
{
	struct reader *r = arg;
	int bad = output_flush(&r->text, err);

	return bad == 0 && r->opts.log != NULL ? log_writer_pause(&r->log, err)
					       : bad;
}

/* -v: prints a line before the flows of each file. */
static void
print_name(struct reader *r, const struct scan_file *file)
{
	char when[TEXT_MAX], *end;

	if (!reader_has(r, OPTION_VERBOSE) || reader_has(r, OPTION_QUIET) ||
	    r->opts.format == &format_json || r->opts.format == &format_csv)
		return;
	buf_printf(&r->text.buf, "LOGFILE %s", file->path);
	if (reader_has(r, OPTION_LEGACY)) {
		end = text_time(
		    when, &r->formatter.clock, file->started_sec);
		buf_printf(
		    &r->text.buf, " started at %.*s", (int)(end - when), when);
	}
	buf_append_char(&r->text.buf, '\n');
}

/* Print the header once, after the name of the first file. */
static void
print_head(struct reader *r)
{
	if (!r->headed && !reader_has(r, OPTION_QUIET) &&
	    r->opts.format->head != NULL)
		r->opts.format->head(&r->formatter, &r->text.buf);
	r->headed = true;
}

static int
on_file_begin(
    void *arg, const struct scan_file *file, struct flowd_error *err)
{
	struct reader *r = arg;

	if (reader_has(r, OPTION_EXPORTERS) && file->kind != SCAN_CAPTURE)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is no capture; "
		    "--exporters reads captures only",
		    file->path);
	print_name(r, file);
	print_head(r);
	no_flows_begin(&r->no_flows, r->captures.decoder);
	return 0;
}

/* -d: what was in a capture. Counters of all exporters so far. */
static void
describe_capture(const struct reader *r, const char *path)
{
	const struct capture_counters *c =
	    capture_counters(r->captures.capture);
	struct decoder_totals t;

	fprintf(stderr,
	    "flowd-reader: %s: packets %" PRIu64 ", datagrams %" PRIu64
	    ", fragments %" PRIu64 ", not UDP %" PRIu64 ", truncated %" PRIu64
	    ", incomplete %" PRIu64 "\n",
	    path, c->packets, c->datagrams, c->fragments, c->not_udp,
	    c->truncated, c->incomplete);
	decoder_totals(r->captures.decoder, &t);
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

static void
on_file_end(void *arg, const struct scan_file *file, int result)
{
	struct reader *r = arg;

	progress_end(&r->progress);
	if (r->captures.capture == NULL)
		return;
	if (result >= 0 && reader_has(r, OPTION_DEBUG))
		describe_capture(r, file->path);
	no_flows_print(&r->no_flows, r->captures.decoder,
	    capture_counters(r->captures.capture), file->path);
}

/* --- Consumers of flows --- */

/* Writes flows to the log, and prints them if requested. */
static int
write_batch(void *state, void *partial, const struct batch *rows,
    struct flowd_error *err)
{
	struct reader *r = state;
	int bad = 0;

	(void)partial;
	r->flows += bitmap_count(rows->selected, rows->nrows);
	if (!reader_has(r, OPTION_QUIET)) {
		r->opts.format->rows(&r->formatter, rows, &r->text.buf);
		bad = output_push(&r->text, err);
	}
	return bad == 0 ? log_writer_rows(&r->log, rows,
			      reader_store_fields(r), err)
			: bad;
}

static void *
write_begin(void *arg, struct flowd_error *err)
{
	(void)err;
	return arg;
}

static const struct scan_consumer write_consumer = {
	.ordered = true,
	.begin = write_begin,
	.batch = write_batch,
};

static int
read_files(struct reader *r, struct flowd_error *err)
{
	struct printer_args printer = { .format = r->opts.format,
		.formatter = &r->formatter, .to = &r->text };

	if (r->opts.log != NULL)
		return scan_run(r->scan, &write_consumer, r, err);
	if (reader_has(r, OPTION_QUIET))
		return scan_count(r->scan, &r->flows, err);
	return scan_run(r->scan, &printer_consumer, &printer, err);
}

/* --check and --info: about the files instead of their flows. */
static int
check_files(struct reader *r, struct flowd_error *err)
{
	char *const *path = scan_paths(r->scan);
	int bad = 0;

	for (; *path != NULL && bad == 0; path++) {
		bad = check_file(&r->plan, *path, reader_has(r, OPTION_INFO),
		    &r->text.buf, err);
		progress_end(&r->progress);
		if (bad == FLOWD_EIO && scan_is_gone(r->scan, *path))
			bad = 0;
		if (bad == 0)
			bad = output_push(&r->text, err);
	}
	return bad;
}

/* --- Start and end --- */

static void
prepare_formatter(struct reader *r)
{
	formatter_init(&r->formatter, element_text);
	clock_init(&r->formatter.clock, r->opts.scan.utc);
	if (reader_has(r, OPTION_VERBOSE))
		r->formatter.classic = CLASSIC_ALL;
	r->formatter.classic &= reader_store_fields(r);
	if (r->opts.scan.fields.n > 0) {
		r->formatter.order = r->opts.scan.fields.col;
		r->formatter.norder = r->opts.scan.fields.n;
	}
}

/* The columns that the outputs need. */
static struct colset
wanted_columns(const struct reader *r)
{
	if (r->opts.log != NULL)
		return (struct colset){ { ~UINT64_C(0), ~UINT64_C(0) } };
	if (reader_has(r, OPTION_QUIET))
		return (struct colset){ { 0, 0 } };
	return format_columns(r->opts.format, &r->formatter);
}

/*
 * The first flowd read a text that is shorter than a record as a log without
 * flows. For compatibility this also holds here, if flows are printed as text.
 */
static bool
is_strict(const struct reader *r)
{
	const struct options *o = &r->opts;

	return reader_has(r, OPTION_COUNT) || o->log != NULL ||
	    o->scan.expression != NULL || o->scan.fields.n > 0 ||
	    o->format == &format_json || o->format == &format_csv;
}

static void
prepare_plan(struct reader *r)
{
	static const struct scan_events events = { .file_begin = on_file_begin,
		.file_end = on_file_end,
		.warn = on_warn,
		.progress = on_progress,
		.idle = on_idle };

	r->capture = capture_scan_table(&r->captures);
	r->plan = (struct scan_plan){
		.paths = r->opts.paths,
		.range = r->opts.scan.range,
		.predicate = r->predicate,
		.columns = wanted_columns(r),
		.flags = (reader_has(r, OPTION_LEGACY) ? SCAN_LEGACY : 0) |
		    (reader_has(r, OPTION_FOLLOW) ? SCAN_FOLLOW : 0) |
		    (is_strict(r) ? SCAN_STRICT : 0) |
		    (reader_has(r, OPTION_REPAIR) ? SCAN_SALVAGE : 0),
		.limit = r->opts.head,
		/* Only one thread writes a log or counts for rules. */
		.threads = r->opts.log != NULL ||
			reader_has(r, OPTION_DEBUG | OPTION_EXPORTERS)
		    ? 1
		    : 0,
		.capture = &r->capture,
		.events = &events,
		.arg = r,
	};
}

static int
reader_init(struct reader *r, struct flowd_error *err)
{
	const struct options *o = &r->opts;
	int bad;

	progress_begin(&r->progress,
	    reader_has(r, OPTION_QUIET | OPTION_CHECK | OPTION_INFO));
	output_init(&r->text, STDOUT_FILENO, "standard output");
	r->log.out.fd = -1;
	r->captures.decoder = decoder_new(NULL, seed_draw());
	if (r->captures.decoder == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if ((bad = scan_options_predicate(&o->scan, &r->predicate, err)) != 0)
		return bad;
	prepare_formatter(r);
	prepare_plan(r);
	if ((r->scan = scan_open(&r->plan, err)) == NULL)
		return FLOWD_EIO;
	if (o->log == NULL)
		return 0;
	/* Do not truncate the output if an input cannot be read. */
	if ((bad = scan_check_access(r->scan, err)) != 0)
		return bad;
	return log_writer_open(
	    &r->log, o->log, &o->to, scan_paths(r->scan), err);
}

static void
reader_fini(struct reader *r)
{
	scan_close(r->scan);
	predicate_free(r->predicate);
	decoder_free(r->captures.decoder);
}

/* -d: prints the store mask and the rules with their counters. */
static void
describe_rules(const struct reader *r)
{
	struct buf text;

	fprintf(stderr, "final: # store mask %08" PRIx32 "\n",
	    reader_store_fields(r));
	buf_init(&text, DESCRIBE_MAX);
	predicate_describe(r->predicate, "final: ", &text);
	(void)fwrite(text.ptr, 1, text.len, stderr);
	buf_fini(&text);
}

/* --count and --exporters print when all is read. */
static void
print_summary(struct reader *r)
{
	if (reader_has(r, OPTION_COUNT))
		buf_printf(&r->text.buf, "%" PRIu64 "\n", r->flows);
	if (reader_has(r, OPTION_EXPORTERS)) {
		r->text.buf.max = DUMP_MAX;
		decoder_dump(r->captures.decoder, &r->text.buf);
	}
	if (r->predicate != NULL && reader_has(r, OPTION_DEBUG))
		describe_rules(r);
}

/* Write all output before reporting errors. */
static void
finish_outputs(struct reader *r)
{
	struct flowd_error err;

	reader_report(r, output_close(&r->text, &err), &err);
	reader_report(r, log_writer_close(&r->log, &err), &err);
	if (r->log.unstorable == 0)
		return;
	(void)flowd_fail(&err, 0,
	    "%s: %" PRIu64 " flows are left out: a log "
	    "of version 3 holds both addresses or none, of one family",
	    r->log.out.name, r->log.unstorable);
	reader_report(r, FLOWD_EUNSTORABLE, &err);
}

/* The scan that signals cancel. */
static struct scan *followed;

static void
reader_stop(int sig)
{
	(void)sig;
	scan_cancel(followed);
}

/* Without SA_RESTART, signals interrupt waiting. */
static void
reader_catch_signals(const struct reader *r)
{
	struct sigaction on_stop = { .sa_handler = reader_stop };

	if (!reader_has(r, OPTION_FOLLOW) || r->scan == NULL)
		return;
	followed = r->scan;
	(void)sigaction(SIGINT, &on_stop, NULL);
	(void)sigaction(SIGTERM, &on_stop, NULL);
}

int
main(int argc, char **argv)
{
	struct reader r = { .no_flows = { .program = "flowd-reader" } };
	struct flowd_error err;
	int result;

	standard_fds_take();
	(void)signal(SIGPIPE, SIG_IGN);
	/* A file size limit is reported like a full disk. */
	(void)signal(SIGXFSZ, SIG_IGN);
	sigbus_handle("flowd-reader");
	(void)argc;
	options_parse(&r.opts, argv);
	result = reader_init(&r, &err);
	reader_catch_signals(&r);
	if (result == 0 && reader_has(&r, OPTION_CHECK | OPTION_INFO)) {
		result = check_files(&r, &err);
	} else if (result == 0) {
		result = read_files(&r, &err);
		no_flows_print_exporters(&r.no_flows, r.captures.decoder);
		print_summary(&r);
	}
	finish_outputs(&r);
	reader_report(&r, result, &err);
	reader_fini(&r);
	return r.failed;
}
