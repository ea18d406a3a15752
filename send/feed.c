/* Feeds: payloads, captures, logs and the model; see feed.h. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "block.h"
#include "capture.h"
#include "columnar.h"
#include "feed.h"
#include "v3.h"

static int
no_need_to_open(struct feed_state *f, struct flowd_error *err)
{
	(void)f;
	(void)err;
	return 0;
}

const struct feed *
feed_sniff(int first_octet)
{
	/* A log in which nothing is yet. */
	if (first_octet == EOF)
		return &feed_log;
	if (first_octet == block_magic[0])
		return &feed_columnar;
	if (capture_sniff((uint8_t)first_octet))
		return &feed_capture;
	/* The version of a record is in its first three bits. */
	if (first_octet >> 5 == 3)
		return &feed_log;
	return &feed_payload;
}

void
feed_close(struct feed_state *f)
{
	capture_close(f->capture);
	columnar_close(f->columnar);
	if (f->file != NULL)
		(void)fclose(f->file);
	f->capture = NULL;
	f->columnar = NULL;
	f->file = NULL;
}

/* A file that is the payload of one datagram. */
static int
payload_next(struct feed_state *f, struct outgoing *d, struct flowd_error *err)
{
	size_t len;

	if (f->ended)
		return 0;
	len = fread(f->room, 1, FEED_PAYLOAD_MAX + 1, f->file);
	if (ferror(f->file))
		return flowd_fail(err, FLOWD_EIO, "%s: %s", f->name,
		    strerror(errno));
	if (len > FEED_PAYLOAD_MAX)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "%s: larger than a UDP datagram (%d octets); it is neither "
		    "a capture nor a flow log",
		    f->name, FEED_PAYLOAD_MAX);
	f->ended = true;
	d->payload = (struct bytes) { f->room, len };
	return 1;
}

const struct feed feed_payload = { no_need_to_open, payload_next };

/* A capture of export datagrams. */
static int
capture_begin(struct feed_state *f, struct flowd_error *err)
{
	f->capture = capture_open(f->file, f->name, err);
	f->file = NULL;
	return f->capture != NULL ? 0 : FLOWD_EFORMAT;
}

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

const struct feed feed_capture = { capture_begin, capture_feed_next };

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
	/* What was read before a failure is sent before it is told. */
	e = encoder_finish(f->encoder);
	if (e.payload.len == 0)
		return got < 0 ? got : 0;
	d->payload = e.payload;
	d->timed = true;
	d->time_ns = e.time_ns;
	d->flows = e.flows;
	return 1;
}

/* A version 3 flow log. */

/* Move what is unread to the front of the room and read behind it. */
static int
log_read(struct feed_state *f, struct flowd_error *err)
{
	f->offset += f->begin;
	memmove(f->room, f->room + f->begin, f->end - f->begin);
	f->end -= f->begin;
	f->begin = 0;
	f->end += fread(f->room + f->end, 1, FEED_ROOM - f->end, f->file);
	if (ferror(f->file))
		return flowd_fail(err, FLOWD_EIO, "%s: %s", f->name,
		    strerror(errno));
	f->ended = feof(f->file) != 0;
	return 0;
}

/*
 * Rows from the log: their number, 0 at its end, where a record that is cut
 * short is passed over, as every reader does.
 */
static int
log_fill(struct feed_state *f, struct flowd_error *err)
{
	struct flowd_error why = { "" };
	size_t used = 0;
	int got;

	for (;;) {
		got = v3_read((struct bytes) { f->room + f->begin,
		    f->end - f->begin }, f->batch, &used, &why);
		f->begin += used;
		if (got > 0)
			return got;
		if (got != FLOWD_EOF)
			return flowd_fail(err, got,
			    "%s: offset %" PRIu64 ": %s", f->name,
			    f->offset + f->begin, why.text);
		if (f->ended)
			return 0;
		if ((got = log_read(f, err)) != 0)
			return got;
	}
}

static int
log_next(struct feed_state *f, struct outgoing *d, struct flowd_error *err)
{
	return encoded_next(f, log_fill, d, err);
}

const struct feed feed_log = { no_need_to_open, log_next };

/* A columnar flow log. */
static int
columnar_begin(struct feed_state *f, struct flowd_error *err)
{
	f->columnar = columnar_open(f->file, f->name, err);
	f->file = NULL;
	return f->columnar != NULL ? 0 : FLOWD_ENOMEM;
}

static int
columnar_fill(struct feed_state *f, struct flowd_error *err)
{
	return columnar_next(f->columnar, f->batch, err);
}

static int
columnar_feed_next(struct feed_state *f, struct outgoing *d,
    struct flowd_error *err)
{
	return encoded_next(f, columnar_fill, d, err);
}

const struct feed feed_columnar = { columnar_begin, columnar_feed_next };

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

const struct feed feed_model = { no_need_to_open, model_next };
