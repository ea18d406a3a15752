/*
 * flowd-send: sends flow logs and captures as export datagrams, or a load of
 * its own making; see flowd-send(1).
 *
 * Datagrams come from a source, are gathered in bursts, wait for their time
 * and go to the socket or into a capture. A burst is made ready before the
 * wait, not after.
 *
 * Tests: test/program/reader/test_send.py, test/unit/send/.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "datagrams.h"
#include "sigbus.h"
#include "options.h"
#include "pace.h"
#include "pcap_writer.h"
#include "udp.h"

enum {
	BURST_MAX = 64,
	PAYLOAD_MAX = 65535,
	MODEL_RECORDS = 30 /* flows of a datagram, for the model's clock */
};

static const int64_t second_ns = 1000000000;
static const int64_t progress_ns = 500000000;

struct burst {
	unsigned n;
	struct outgoing d[BURST_MAX];
	uint8_t *room;	/* BURST_MAX * PAYLOAD_MAX octets */
	int ended;	/* the result of datagrams_next(): 1 until the end */
};

struct sender {
	const struct options *options;
	struct datagrams *source;
	struct burst burst;
	struct pace pace;
	struct udp udp;
	struct pcap_writer dump;
	uint64_t datagrams, flows, octets;
	int64_t begin_ns;
	int64_t shown_ns;	/* time of the last progress */
	bool shows_progress;
	int64_t now_ns;	/* at the start, since 1970 */
};

static volatile sig_atomic_t stopped;

static void
sender_stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static void
catch_signals(void)
{
	struct sigaction sa = { .sa_handler = sender_stop };

	/* Without SA_RESTART, signals interrupt waiting. */
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	/* A file size limit is reported as a failed write. */
	(void)signal(SIGXFSZ, SIG_IGN);
}

static void
sender_warn(const char *text)
{
	fprintf(stderr, "flowd-send: %s\n", text);
}

/* Collects up to want datagrams. A failure is reported after they are sent. */
static void
burst_fill(struct burst *b, struct datagrams *source, unsigned want,
    struct flowd_error *err)
{
	uint8_t *at = b->room;

	for (b->n = 0; b->n < want; b->n++) {
		struct outgoing *d = &b->d[b->n];

		b->ended = datagrams_next(source, d, err);
		if (b->ended != 1)
			return;
		memcpy(at, d->payload.ptr, d->payload.len);
		d->payload.ptr = at;
		at += d->payload.len;
	}
}

static unsigned
burst_size(const struct sender *s)
{
	if (s->options->realtime)
		return 1;
	return s->options->dump != NULL ? BURST_MAX
					: pace_burst(&s->pace, BURST_MAX);
}

static void
wait_for_turn(struct sender *s)
{
	const struct burst *b = &s->burst;

	if (s->options->dump != NULL)
		return;
	if (!s->options->realtime)
		pace_wait(&s->pace, b->n);
	else if (b->d[0].timed)
		pace_wait_for(&s->pace, b->d[0].time_ns);
}

/*
 * Datagrams without a time get the time of sending, and those without addresses
 * the given ones.
 */
static int
dump_burst(struct sender *s, struct flowd_error *err)
{
	const struct options *o = s->options;
	uint64_t gap_ns = (uint64_t)second_ns / (o->rate != 0 ? o->rate : 1000);
	int failed = 0;

	for (unsigned i = 0; i < s->burst.n && failed == 0; i++) {
		struct outgoing *d = &s->burst.d[i];

		if (!d->timed)
			d->time_ns =
			    s->now_ns + (int64_t)((s->datagrams + i) * gap_ns);
		if (d->src.family == ADDR_NONE) {
			d->src = o->from.addr;
			d->src_port = o->from.port;
			d->dst = o->to.addr;
			d->dst_port = o->to.port;
		}
		failed = pcap_writer_write(&s->dump, d, err);
	}
	return failed;
}

static int
send_burst(struct sender *s, struct flowd_error *err)
{
	const struct burst *b = &s->burst;
	int failed;

	if (s->options->dump != NULL)
		failed = dump_burst(s, err);
	else
		failed = udp_send(&s->udp, b->d, b->n, err);
	if (failed != 0)
		return failed;
	s->datagrams += b->n;
	for (unsigned i = 0; i < b->n; i++) {
		s->flows += b->d[i].flows;
		s->octets += b->d[i].payload.len;
	}
	return 0;
}

/* "1200 datagrams, 36000 flows, 100000 datagrams/s" */
static void
show_counts(const struct sender *s, int64_t now)
{
	double sec = (double)(now - s->begin_ns) / (double)second_ns;
	double per_sec = sec > 0 ? (double)s->datagrams / sec : 0;

	fprintf(stderr, "%" PRIu64 " datagrams", s->datagrams);
	if (s->flows != 0)
		fprintf(stderr, ", %" PRIu64 " flows", s->flows);
	fprintf(stderr, ", %.1f MB in %.1f s, %.0f datagrams/s",
	    (double)s->octets / 1e6, sec, per_sec);
}

static void
show_progress(struct sender *s)
{
	int64_t now;

	if (!s->shows_progress)
		return;
	now = pace_clock();
	if (now - s->shown_ns < progress_ns)
		return;
	s->shown_ns = now;
	show_counts(s, now);
	fputs("  \r", stderr);
}

static int
sender_run(struct sender *s, struct flowd_error *err)
{
	struct burst *b = &s->burst;
	int failed;

	b->ended = 1;
	while (!stopped && b->ended == 1) {
		burst_fill(b, s->source, burst_size(s), err);
		if (b->n == 0)
			break;
		wait_for_turn(s);
		if (stopped)
			break;
		if ((failed = send_burst(s, err)) != 0)
			return failed;
		show_progress(s);
	}
	return stopped ? 0 : b->ended;
}

static void
source_options(const struct sender *s, struct datagrams_options *to)
{
	const struct options *o = s->options;
	uint64_t records = o->records != 0 ? o->records : MODEL_RECORDS;

	*to = (struct datagrams_options) {
		.paths = o->paths,
		.npaths = o->npaths,
		.generate = o->generate,
		.loops = o->loops,
		.encode = { .version = (unsigned)o->version,
		    .records = (unsigned)o->records,
		    .refresh = (unsigned)o->refresh,
		    .domain = (uint32_t)o->domain },
		.model = { .seed = o->seed,
		    .ipv6_percent = (unsigned)o->ipv6_percent,
		    .start_ns = s->now_ns,
		    .flows_per_sec =
			o->rate != 0 ? o->rate * records : 1000000 },
	};
}

static int
open_sink(struct sender *s, struct flowd_error *err)
{
	const struct options *o = s->options;

	s->udp.fd = -1;
	if (o->dump == NULL)
		return udp_open(&s->udp, &o->to, &o->from, err);
	if (strcmp(o->dump, "-") == 0 && isatty(STDOUT_FILENO))
		return flowd_fail(err, FLOWD_EINVAL,
		    "--dump -: standard output is a terminal");
	if (datagrams_reads(s->source, o->dump))
		return flowd_fail(err, FLOWD_EINVAL, "%s: is also an input",
		    o->dump);
	return pcap_writer_open(&s->dump, o->dump, err);
}

static int
sender_prepare(struct sender *s, struct datagrams_options *from,
    struct flowd_error *err)
{
	const struct options *o = s->options;

	s->now_ns = o->start_sec != 0 ? (int64_t)o->start_sec * second_ns
				      : (int64_t)time(NULL) * second_ns;
	s->shows_progress = !o->quiet && isatty(STDERR_FILENO);
	s->burst.room = malloc((size_t)BURST_MAX * PAYLOAD_MAX);
	if (s->burst.room == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	source_options(s, from);
	s->source = datagrams_open(from, err);
	if (s->source == NULL)
		return FLOWD_EINVAL;
	return open_sink(s, err);
}

/* Losses are always reported; the rest on a terminal or with -v. */
static void
sender_print_summary(const struct sender *s)
{
	const struct options *o = s->options;
	uint64_t left_out = datagrams_left_out(s->source);

	if ((s->shows_progress || o->verbose) && !o->quiet) {
		fputs("flowd-send: ", stderr);
		show_counts(s, pace_clock());
		fputc('\n', stderr);
	}
	if (left_out != 0)
		fprintf(stderr,
		    "flowd-send: %" PRIu64 " flows left out: "
		    "NetFlow version %" PRIu64 " cannot hold them\n",
		    left_out, o->version);
	if (s->udp.refused != 0)
		fprintf(stderr,
		    "flowd-send: at least %" PRIu64 " of %" PRIu64
		    " datagrams were refused: nobody listens there\n",
		    s->udp.refused, s->udp.sent);
}

/* Known losses are a failure, and so is sending nothing. */
static int
sender_exit_status(const struct sender *s)
{
	if (s->datagrams == 0 && !stopped) {
		sender_warn("there was nothing to send");
		return 1;
	}
	return s->udp.refused != 0;
}

static void
sender_finish(struct sender *s)
{
	datagrams_close(s->source);
	free(s->burst.room);
}

int
main(int argc, char **argv)
{
	static struct sender s;
	struct options options;
	struct datagrams_options from;
	struct flowd_error err = { .text = "" };
	int failed, status;

	(void)argc;
	options_parse(&options, argv);
	s.options = &options;
	catch_signals();
	sigbus_handle("flowd-send");
	failed = sender_prepare(&s, &from, &err);
	if (failed != 0) {
		sender_warn(err.text);
		sender_finish(&s);
		return 1;
	}
	pace_init(&s.pace, options.rate);
	s.begin_ns = s.shown_ns = pace_clock();
	failed = sender_run(&s, &err);
	udp_close(&s.udp);
	if (pcap_writer_close(&s.dump, failed == 0 ? &err : NULL) != 0 &&
	    failed == 0)
		failed = 1;
	sender_print_summary(&s);
	if (failed != 0)
		sender_warn(err.text);
	status = failed != 0 ? 1 : sender_exit_status(&s);
	sender_finish(&s);
	return status;
}
