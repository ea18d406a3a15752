/*
 * flowd-reader: prints, counts and converts flow logs and captures; "cat" for
 * flows. See flowd-reader(8).
 *
 *	input.c -> batch -> lib/format -> output.c
 *	                \-> lib/store --> logout.c
 *
 * Tests: test/program/test_reader.py, test_reader_golden.py.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "decode.h"
#include "filter.h"
#include "follow.h"
#include "format.h"
#include "input.h"
#include "logout.h"
#include "options.h"
#include "output.h"
#include "mapped.h"
#include "progress.h"
#include "scan.h"
#include "silence.h"
#include "sources.h"

enum {
	DUMP_MAX = 1024 * 1024 * 1024 /* octets that --exporters may print */
};

struct reader {
	struct options opts;
	struct formatter formatter;
	struct filter *filter; /* -f and -e; NULL: none */
	struct decoder *decoder; /* keeps its templates over files */
	struct sources sources;
	struct progress progress;
	struct silence silence;
	struct query query;
	struct input_options input;
	struct batch *batch;
	struct output text;
	struct logout log;
	uint64_t left; /* flows to read of the log at hand */
	const char *segment; /* --follow: the last one that was read, or gone */
	bool first_gone; /* segment is, and was never read */
	uint64_t gone; /* segments that were found and are gone since then */
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
has(const struct reader *r, unsigned flag)
{
	return r->opts.flags & flag;
}

static struct filter_text
filter_text(const struct reader *r)
{
	return (struct filter_text){ r->opts.rules, r->opts.expression,
		r->opts.now_ns, has(r, OPTION_UTC) };
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

/* What was passed over in a log; who repairs it expects that. */
static void
complain(void *arg, const char *text)
{
	struct reader *r = arg;
	bool failed = r->failed;
	struct flowd_error err;

	(void)flowd_fail(&err, 0, "%s", text);
	progress_end(&r->progress);
	report(r, FLOWD_EFORMAT, &err);
	if (has(r, OPTION_REPAIR))
		r->failed = failed;
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
	r->query = (struct query){
		.timed = r->opts.times != NULL,
		.after_ns = r->opts.range.after_ns,
		.before_ns = r->opts.range.before_ns,
		.filter = r->filter,
	};
	query_settle(&r->query);
	r->query.want = wanted_columns(r);
	r->batch->unasked = query_unasked(&r->query);
	r->input = (struct input_options){
		.legacy = has(r, OPTION_LEGACY),
		.left = &r->left,
		.follow = has(r, OPTION_FOLLOW),
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
	const struct filter_text text = filter_text(r);
	int bad;

	r->progress.alone = has(r, OPTION_QUIET | OPTION_CHECK | OPTION_INFO);
	sources_init(&r->sources);
	r->sources.waits = has(r, OPTION_FOLLOW);
	output_init(&r->text, STDOUT_FILENO, "standard output");
	r->log.out.fd = -1;
	r->batch = batch_new(BATCH_ROWS);
	r->decoder = decoder_new(NULL, (uint64_t)getpid());
	if (r->batch == NULL || r->decoder == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if ((o->rules != NULL || o->expression != NULL) &&
	    (r->filter = filter_open(&text, err)) == NULL)
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
	if ((bad = sources_find(&r->sources, o->paths, &o->range, err)) != 0 ||
	    o->log == NULL)
		return bad;
	/* Nothing is emptied for what cannot be read. */
	if ((bad = sources_check(&r->sources, err)) != 0)
		return bad;
	return logout_open(&r->log, o->log, &o->to, r->sources.path, err);
}

static void
reader_fini(struct reader *r)
{
	sources_fini(&r->sources);
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
		progress_show(&r->progress, in);
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

/* Set by signals that end --follow. */
static volatile sig_atomic_t stopped;

static void
stop(int sig)
{
	(void)sig;
	stopped = 1;
}

/* Before it is looked again whether something has come. */
static void
rest(void)
{
	static const struct timespec pause = { 0, 100000000 };

	(void)nanosleep(&pause, NULL);
}

/* Both what was in it and what is in it now may not all have been read. */
static void
tell_shorter(struct reader *r, const char *path)
{
	struct flowd_error err;

	(void)flowd_fail(&err, 0, "%s: became shorter while it was followed: "
	    "it is read from its beginning", path);
	complain(r, err.text);
}

/*
 * Read what is appended to a file, until another one follows it. When one does
 * nothing is appended any more: what is there is the last. Returns what is
 * next, or a negative FLOWD_E*.
 */
static int
follow_file(struct reader *r, struct input *in, const char *path,
    struct flowd_error *err)
{
	const char *name = r->sources.directory == NULL ? path : NULL;
	enum follow_next next = FOLLOW_WAIT;
	int bad = flush(r, err);

	while (bad == 0 && next == FOLLOW_WAIT && !stopped && r->left > 0) {
		if (!input_grown(in))
			return FOLLOW_OVER;
		rest();
		if (sources_following(&r->sources, path, err) != NULL)
			next = FOLLOW_OVER;
		else
			next = follow_look(in, name, r->query.before_ns);
		if (next == FOLLOW_SHORTER || !input_grown(in))
			break;
		bad = read_flows(r, in, err);
		if (bad == FLOWD_EIO && follow_look(in, name,
			r->query.before_ns) == FOLLOW_SHORTER)
			bad = 0;
		if (bad == 0)
			bad = flush(r, err);
	}
	if (bad == 0 && next == FOLLOW_SHORTER)
		tell_shorter(r, path);
	return bad != 0 ? bad : (int)next;
}

static int
print_text(void *arg, struct bytes text, struct flowd_error *err)
{
	struct reader *r = arg;

	return output_write(&r->text, text, err);
}

static void
show_progress(void *arg, uint64_t at, uint64_t all)
{
	struct reader *r = arg;

	progress_show_at(&r->progress, at, all);
}

/* Several threads pay where flows are printed or tested, of a whole file. */
static bool
may_scan(const struct reader *r)
{
	return r->opts.log == NULL && r->opts.head == 0 &&
	    !has(r, OPTION_FOLLOW | OPTION_DEBUG | OPTION_LEGACY |
		    OPTION_EXPORTERS) &&
	    (!has(r, OPTION_QUIET) || r->filter != NULL || r->query.timed);
}

/* A columnar log by several threads: 1; 0 when it is nothing for them. */
static int
scan_file(struct reader *r, const char *path, struct flowd_error *err)
{
	struct scan_options o = {
		.query = &r->query,
		.filter = filter_text(r),
		.format = has(r, OPTION_QUIET) ? NULL : r->opts.format,
		.formatter = &r->formatter,
		.print = print_text,
		.complain = complain,
		.progress = show_progress,
		.arg = r,
	};
	unsigned threads = may_scan(r) ? scan_threads(&o) : 1;
	struct mapped m;
	int got;

	if (threads < 2)
		return 0;
	if ((got = mapped_log(&m, path, err)) <= 0)
		return got;
	print_name(r, NULL, path);
	print_head(r);
	progress_begin(&r->progress, path);
	got = scan_log(&o, threads, path, m.all, &r->flows, err);
	progress_end(&r->progress);
	mapped_fini(&m);
	return got == 0 ? 1 : got;
}

/* -H: a file, or all segments of a directory. */
static void
begin_log(struct reader *r)
{
	r->left = r->opts.head != 0 ? r->opts.head : UINT64_MAX;
}

/*
 * follow: it is the last file, and --follow means this one. Returns what is
 * next (enum follow_next), or a negative FLOWD_E*.
 */
static int
read_input(struct reader *r, struct input *in, const char *path, bool follow,
    struct flowd_error *err)
{
	int bad;

	if (has(r, OPTION_EXPORTERS) && input_counters(in) == NULL)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is no capture; "
		    "--exporters reads captures only",
		    path);
	print_name(r, in, path);
	print_head(r);
	silence_begin(&r->silence, r->decoder);
	bad = read_flows(r, in, err);
	if (bad == 0)
		bad = follow ? follow_file(r, in, path, err) : FOLLOW_OVER;
	progress_end(&r->progress);
	if (bad >= 0)
		describe(r, in, path);
	if (input_counters(in) != NULL)
		silence_tell(&r->silence, r->decoder, input_counters(in),
		    path);
	return bad;
}

/* Between the end of one file and the other one that has its name. */
static bool
is_missing(const char *path)
{
	return access(path, F_OK) == -1 && errno == ENOENT;
}

/* Those that had the path one after the other; with one it is the last. */
static int
read_followed(struct reader *r, const char *path, struct flowd_error *err)
{
	char room[FOLLOW_PATH];
	struct stat ended;
	const char *now = path;
	struct input *in;
	int next = FOLLOW_WAIT;

	do {
		if (next == FOLLOW_OTHER)
			now = follow_successor(path, &ended, room);
		progress_begin(&r->progress, now);
		in = input_open(now, &r->input, err);
		if (in == NULL && next == FOLLOW_OTHER && is_missing(now)) {
			rest();
			continue;
		}
		if (in == NULL)
			return FLOWD_EIO;
		next = read_input(r, in, now, now == path, err);
		if (next == FOLLOW_OVER && now != path)
			next = FOLLOW_OTHER;
		if (!input_stat(in, &ended) && next == FOLLOW_OTHER)
			next = FOLLOW_OVER;
		input_close(in);
	} while ((next == FOLLOW_OTHER || next == FOLLOW_SHORTER) && !stopped);
	return next < 0 ? next : 0;
}

static int
read_file(struct reader *r, const char *path, bool follow,
    struct flowd_error *err)
{
	int bad = scan_file(r, path, err);
	struct input *in;

	if (bad != 0)
		return bad < 0 ? bad : 0;
	if (follow)
		return read_followed(r, path, err);
	progress_begin(&r->progress, path);
	in = input_open(path, &r->input, err);
	if (in == NULL)
		return FLOWD_EIO;
	bad = read_input(r, in, path, false, err);
	input_close(in);
	return bad < 0 ? bad : 0;
}

/* With --follow a directory may have no segment yet. */
static int
await_segment(struct reader *r, struct flowd_error *err)
{
	while (r->sources.n == 0 && has(r, OPTION_FOLLOW) && !stopped &&
	    !follow_is_over(r->query.before_ns, 0)) {
		(void)sources_following(&r->sources, NULL, err);
		if (err->text[0] != '\0')
			return FLOWD_EIO;
		rest();
	}
	return 0;
}

/* Between the one that was read before and this one. */
static void
tell_missed(struct reader *r, const char *path)
{
	struct removed_sum sum =
	    sources_missed(&r->sources, r->segment, r->first_gone, path);
	struct flowd_error err;

	if (sum.segments < r->gone) {
		sum.segments = r->gone;
		sum.more = true;
	}
	if (sum.segments == 0)
		return;
	(void)flowd_fail(&err, 0,
	    "%s: %s%" PRIu64 " segments with %" PRIu64 " flows were removed "
	    "before they were read", r->sources.directory,
	    sum.more ? "at least " : "", sum.segments, sum.flows);
	complain(r, err.text);
}

/* --follow: what is removed in front of a segment that was read is missed. */
static void
note_segment(struct reader *r, const char *path, bool gone)
{
	if (!has(r, OPTION_FOLLOW) || !sources_is_segment(&r->sources, path))
		return;
	if (gone) {
		r->first_gone |= r->segment == NULL;
		if (r->segment == NULL)
			r->segment = path;
		r->gone++;
		return;
	}
	if (r->segment != NULL)
		tell_missed(r, path);
	r->segment = path;
	r->gone = 0;
	r->first_gone = false;
}

/* With --repair a log that is damaged ends, and the next one begins. */
static int
read_files(struct reader *r, struct flowd_error *err)
{
	bool repair = has(r, OPTION_REPAIR), gone;
	int bad = await_segment(r, err);

	/* sources_following() adds to them. */
	for (size_t i = 0; i < r->sources.n && bad == 0 && !stopped; i++) {
		const char *path = r->sources.path[i];

		if (r->sources.begins[i])
			begin_log(r);
		else if (r->left == 0)
			continue;
		bad = read_file(r, path,
		    has(r, OPTION_FOLLOW) && i + 1 == r->sources.n, err);
		gone = bad == FLOWD_EIO && sources_gone(&r->sources, path);
		if (gone)
			bad = 0;
		if (bad == 0)
			note_segment(r, path, gone);
		if (repair && (bad == FLOWD_EFORMAT || bad == FLOWD_ECHECKSUM ||
				  bad == FLOWD_EVERSION)) {
			complain(r, err->text);
			bad = 0;
		}
	}
	return bad;
}

/* --check and --info: about the files instead of their flows. */
static int
check_files(struct reader *r, struct flowd_error *err)
{
	int bad = 0;

	for (size_t i = 0; i < r->sources.n && bad == 0; i++) {
		const char *path = r->sources.path[i];

		progress_begin(&r->progress, path);
		bad = check_file(path, has(r, OPTION_INFO), &r->input,
		    &r->progress, &r->text.buf, err);
		progress_end(&r->progress);
		if (bad == FLOWD_EIO && sources_gone(&r->sources, path))
			bad = 0;
		if (bad == 0)
			bad = output_push(&r->text, err);
	}
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
	struct sigaction on_stop = { .sa_handler = stop };
	struct reader r = { .failed = false };
	struct flowd_error err;
	int result;

	(void)signal(SIGPIPE, SIG_IGN);
	/* A limit is told as a full disk is. */
	(void)signal(SIGXFSZ, SIG_IGN);
	mapped_guard();
	(void)argc;
	options_parse(&r.opts, argv);
	result = reader_init(&r, &err);
	if (has(&r, OPTION_FOLLOW)) {
		(void)sigaction(SIGINT, &on_stop, NULL);
		(void)sigaction(SIGTERM, &on_stop, NULL);
	}
	if (result == 0 && has(&r, OPTION_CHECK | OPTION_INFO)) {
		result = check_files(&r, &err);
	} else if (result == 0) {
		result = read_files(&r, &err);
		silence_tell_exporters(&r.silence, r.decoder);
		print_summary(&r);
		if (r.filter != NULL && has(&r, OPTION_DEBUG))
			filter_describe(r.filter);
	}
	finish_outputs(&r);
	report(&r, result, &err);
	reader_fini(&r);
	return r.failed;
}
