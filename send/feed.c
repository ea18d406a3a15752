/* Feeds: payloads, captures, logs and the model; see feed.h. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "capture_scan.h"
#include "feed.h"
#include "magic.h"
#include "v3.h"

/* --- Opening --- */

static bool
is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

/* What is no log is a capture, or the payload of a datagram. */
static bool
others_sniff(uint8_t first_octet)
{
	return capture_sniff(first_octet) || first_octet >> 5 != V3_MAJOR;
}

/*
 * What is no log, capture or payload is not sent as if it were one. A datagram
 * begins with its version, below 256.
 */
static int
others_refuse(int fd, const char *name, struct flowd_error *err)
{
	uint8_t room[MAGIC_OCTETS];
	ssize_t got = pread(fd, room, sizeof(room), 0);

	if (got <= 0 || room[0] == 0)
		return 0;
	return magic_refuse(
	    (struct bytes) { room, (size_t)got }, name, "flowd-send", err);
}

static void *
others_open(void *arg, int fd, struct bytes seen, const char *name,
    struct flowd_error *err)
{
	struct feed_state *f = arg;
	FILE *file;

	if (others_refuse(fd, name, err) != 0) {
		(void)close(fd);
		return NULL;
	}
	if ((file = capture_scan_stream(fd, seen, name, err)) == NULL)
		return NULL;
	if (!capture_sniff(seen.ptr[0])) {
		f->file = file;
		return f;
	}
	f->capture = capture_open(file, name, err);
	return f->capture != NULL ? f : NULL;
}

/* It lasts as long as the feed. */
static void
others_close(void *capture)
{
	(void)capture;
}

static void
note_damage(void *arg, const char *text)
{
	struct feed_state *f = arg;

	if (f->damages++ == 0)
		(void)flowd_fail(&f->first, 0, "%s", text);
}

void
feed_init(struct feed_state *f)
{
	f->filter = (struct row_filter) { .want = encoder_columns() };
	f->batch->unasked = row_filter_unasked(&f->filter);
	f->others = (struct scan_capture) { .sniff = others_sniff,
		.open = others_open, .close = others_close, .arg = f };
	f->options = (struct scan_source_options) { .strict = true,
		.left = &f->left,
		.filter = &f->filter,
		.program = "flowd-send",
		.capture = &f->others,
		.warn = note_damage,
		.arg = f };
}

const struct feed *
feed_open(struct feed_state *f, const char *path, struct flowd_error *err)
{
	f->name = is_stdin(path) ? "standard input" : path;
	f->ended = false;
	f->left = UINT64_MAX;
	f->damages = 0;
	f->source = scan_source_open(path, &f->options, err);
	if (f->source == NULL)
		return NULL;
	if (scan_source_file(f->source).kind != SCAN_CAPTURE)
		return &feed_log;
	return f->capture != NULL ? &feed_capture : &feed_payload;
}

const struct feed *
feed_open_payload(
    struct feed_state *f, const char *path, struct flowd_error *err)
{
	f->name = path;
	f->ended = false;
	f->file = fopen(path, "rb");
	if (f->file != NULL)
		return &feed_payload;
	(void)flowd_fail_errno(err, "%s", path);
	return NULL;
}

void
feed_close(struct feed_state *f)
{
	scan_source_close(f->source);
	capture_close(f->capture);
	if (f->file != NULL)
		(void)fclose(f->file);
	f->source = NULL;
	f->capture = NULL;
	f->file = NULL;
}

/* --- Reading --- */

/* A file that is the payload of one datagram. */
static int
payload_next(struct feed_state *f, struct outgoing *d, struct flowd_error *err)
{
	size_t len;

	if (f->ended)
		return 0;
	len = fread(f->room, 1, FEED_PAYLOAD_MAX + 1, f->file);
	if (ferror(f->file))
		return flowd_fail_errno(err, "%s", f->name);
	if (len > FEED_PAYLOAD_MAX)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "%s: larger than a UDP datagram (%d octets); it is neither "
		    "a capture nor a flow log",
		    f->name, FEED_PAYLOAD_MAX);
	f->ended = true;
	d->payload = (struct bytes) { f->room, len };
	return 1;
}

const struct feed feed_payload = { payload_next };

/* A capture of export datagrams. */
static int
capture_feed_next(struct feed_state *f, struct outgoing *d,
    struct flowd_error *err)
{
	struct capture_datagram c;
	int got = capture_next(f->capture, &c, err);

	if (got != 1)
		return got;
	d->payload = c.payload;
	d->timed = true;
	d->time_ns = c.time_ns;
	d->src = c.src;
	d->dst = c.dst;
	d->src_port = c.src_port;
	d->dst_port = c.dst_port;
	return 1;
}

const struct feed feed_capture = { capture_feed_next };

/* Whatever makes rows: the rest is encoding. */
typedef int fill_batch(struct feed_state *f, struct flowd_error *err);

static int
encoded_next(struct feed_state *f, fill_batch *fill, struct outgoing *d,
    struct flowd_error *err)
{
	struct encoded e;
	int got = 1;

	while (!encoder_add(f->encoder, f->batch, &f->row) && got > 0) {
		batch_reset(f->batch);
		f->row = 0;
		got = fill(f, err);
	}
	/* Send the flows before a failure, then report it. */
	e = encoder_finish(f->encoder);
	if (e.payload.len == 0)
		return got < 0 ? got : 0;
	d->payload = e.payload;
	d->timed = true;
	d->time_ns = e.time_ns;
	d->flows = e.flows;
	return 1;
}

/* A flow log, of any version. */

/* Report damage after everything else was sent. */
static int
log_end(const struct feed_state *f, struct flowd_error *err)
{
	if (f->damages == 0)
		return 0;
	if (f->damages == 1)
		return flowd_fail(err, FLOWD_EFORMAT, "%s", f->first.text);
	return flowd_fail(err, FLOWD_EFORMAT,
	    "%s; %" PRIu64 " places are damaged", f->first.text, f->damages);
}

static int
log_fill(struct feed_state *f, struct flowd_error *err)
{
	int got = scan_source_next(f->source, f->batch, err);

	return got != 0 ? got : log_end(f, err);
}

static int
log_next(struct feed_state *f, struct outgoing *d, struct flowd_error *err)
{
	return encoded_next(f, log_fill, d, err);
}

const struct feed feed_log = { log_next };

/* The model of traffic. */
static int
model_fill(struct feed_state *f, struct flowd_error *err)
{
	size_t n = batch_room(f->batch);

	(void)err;
	if (n > f->flows_left)
		n = (size_t)f->flows_left;
	if (n == 0)
		return 0;
	generator_fill(f->model, f->batch, n);
	f->flows_left -= n;
	return (int)n;
}

static int
model_next(struct feed_state *f, struct outgoing *d, struct flowd_error *err)
{
	return encoded_next(f, model_fill, d, err);
}

const struct feed feed_model = { model_next };
