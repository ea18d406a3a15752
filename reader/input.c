/*
 * Inputs; see input.h. Logs are read in large pieces into a buffer, which is
 * moved on when a record is cut at its end; captures go through lib/capture
 * and the decoder.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blocks.h"
#include "input.h"
#include "magic.h"
#include "mapped.h"
#include "v2.h"
#include "v3.h"

enum { PIECE = 1024 * 1024 };

struct input {
	const char *name; /* for people */
	const struct input_options *options;
	int (*next)( /* NULL: nothing shows yet what it is */
	    struct input *in, struct batch *batch, struct flowd_error *err);
	uint64_t size; /* of a file; 0: not known */
	int fd; /* -1: owned by capture or blocks */
	bool waits;
	struct blocks *blocks; /* a log of version 4 */
	/* A log. */
	int (*read)(struct bytes in, struct batch *batch, size_t *used,
	    struct flowd_error *err);
	uint32_t started_sec;
	bool eof;
	uint64_t offset; /* in the file, of data[at] */
	uint64_t records; /* read so far */
	size_t at, len; /* of data: used, and there */
	uint8_t data[PIECE];
	/* A capture. */
	struct capture *capture;
	struct decoder *decoder;
	bool pending; /* a datagram is not all in batches yet */
	int said; /* by capture_next() last: 1, a datagram */
	struct flowd_error why;
};

/* A log that is followed and emptied beneath is not the same any more. */
static bool
is_shorter(const struct input *in)
{
	struct stat st;

	return in->options->follow && fstat(in->fd, &st) == 0 &&
	    S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size < in->offset + in->len;
}

/* Read once, so that a pipe gives what it has. */
static int
input_fill(struct input *in, struct flowd_error *err)
{
	ssize_t got;

	memmove(in->data, in->data + in->at, in->len - in->at);
	in->len -= in->at;
	in->at = 0;
	if (is_shorter(in))
		return flowd_fail(err, FLOWD_EIO,
		    "%s: became shorter while it was read", in->name);
	do
		got = read(
		    in->fd, in->data + in->len, sizeof(in->data) - in->len);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return flowd_fail(
		    err, FLOWD_EIO, "%s: %s", in->name, strerror(errno));
	in->eof = got == 0;
	in->len += (size_t)got;
	return 0;
}

/* Say where in the log it happened. */
static int
log_fail(
    const struct input *in, int bad, const char *why, struct flowd_error *err)
{
	bool legacy = in->offset == 0 && in->read == v3_read &&
	    v2_check_head((struct bytes){ in->data + in->at,
		in->len - in->at }, &(uint32_t){ 0 }, NULL) == 0;

	return flowd_fail(err, bad,
	    "%s: offset %" PRIu64 ": record %" PRIu64 ": %s%s", in->name,
	    in->offset, in->records + 1, why,
	    legacy ? "; it is a log of version 2, which -L reads" : "");
}

static int
log_next(struct input *in, struct batch *batch, struct flowd_error *err)
{
	struct flowd_error why;
	size_t used;
	int got;

	for (;;) {
		got = in->read(
		    (struct bytes){ in->data + in->at, in->len - in->at },
		    batch, &used, &why);
		in->at += used;
		in->offset += used;
		if (got > 0) {
			in->records += (uint64_t)got;
			return got;
		}
		if (got != FLOWD_EOF)
			return log_fail(in, got, why.text, err);
		if (in->eof)
			return 0;
		if ((got = input_fill(in, err)) != 0)
			return got;
	}
}

/* Version 2 has a head in front of its records. */
static int
begin_v2(struct input *in, struct flowd_error *err)
{
	struct flowd_error why;
	int bad = 0;

	in->next = log_next;
	in->read = v2_read;
	while (bad == 0 && in->len < V2_FILE_HEAD && !in->eof)
		bad = input_fill(in, err);
	if (bad != 0)
		return bad;
	bad = v2_check_head(
	    (struct bytes){ in->data, in->len }, &in->started_sec, &why);
	if (bad != 0)
		return flowd_fail(err, bad, "%s: %s", in->name, why.text);
	in->at = in->offset = V2_FILE_HEAD;
	return 0;
}

/* Hand the next datagram to the decoder; false at the end. */
static bool
next_datagram(struct input *in)
{
	struct capture_datagram c;

	if (in->said == 1)
		in->said = capture_next(in->capture, &c, &in->why);
	if (in->said != 1)
		return false;
	decoder_begin(in->decoder, &(struct datagram){
				       .payload = c.payload,
				       .src = c.src,
				       .port = c.src_port,
				       .recv_ns = c.time_ns,
				   });
	return true;
}

/* Datagrams of a capture until the batch is full, or the next may take long. */
static int
capture_fill(struct input *in, struct batch *batch, struct flowd_error *err)
{
	while (in->pending || next_datagram(in)) {
		in->pending = decoder_next(in->decoder, batch);
		if (in->pending || (in->waits && batch->nrows > 0))
			return (int)batch->nrows;
	}
	if (batch->nrows > 0)
		return (int)batch->nrows;
	return flowd_fail(err, in->said, "%s", in->why.text);
}

/* The octet that was looked at goes back, in a stream that libpcap takes. */
static int
begin_capture(
    struct input *in, struct decoder *decoder, struct flowd_error *err)
{
	FILE *file = fdopen(in->fd, "rb");

	if (file == NULL || ungetc(in->data[0], file) == EOF)
		return flowd_fail(
		    err, FLOWD_EIO, "%s: %s", in->name, strerror(errno));
	in->fd = -1;
	in->next = capture_fill;
	in->decoder = decoder;
	in->said = 1;
	in->capture = capture_open(file, in->name, err);
	return in->capture != NULL ? 0 : FLOWD_EFORMAT;
}

static int
blocks_fill(struct input *in, struct batch *batch, struct flowd_error *err)
{
	return blocks_next(in->blocks, batch, err);
}

static int
begin_v4(struct input *in, struct flowd_error *err)
{
	in->blocks = blocks_open(in->fd, in->name, in->options,
	    (struct bytes){ in->data, in->len }, err);
	if (in->blocks == NULL)
		return FLOWD_ENOMEM;
	in->fd = -1;
	in->next = blocks_fill;
	return 0;
}

/* Is a file of no known kind a log of version 4 that begins damaged? */
static bool
is_damaged_v4(const struct input *in)
{
	int fd = in->waits ? -1 : dup(in->fd);
	struct flowd_error ignored;
	struct mapped m;
	bool is_log;

	if (fd == -1)
		return false;
	if (mapped_init(&m, fd, (struct bytes){ in->data, 0 }, in->name,
		&ignored) != 0) {
		(void)close(fd);
		return false;
	}
	is_log = mapped_is_log(&m);
	mapped_fini(&m);
	return is_log;
}

/*
 * What it begins with, of which the first octet was read: of a file without
 * reading on, as libpcap wants to have it from there; of a pipe what is needed.
 */
static struct bytes
input_peek(struct input *in, uint8_t room[MAGIC_OCTETS])
{
	struct flowd_error ignored;
	ssize_t got = -1;
	off_t at;

	if (!in->waits && (at = lseek(in->fd, 0, SEEK_CUR)) > 0)
		got = pread(in->fd, room, MAGIC_OCTETS, at - 1);
	if (got > 0)
		return (struct bytes){ room, (size_t)got };
	while (!capture_sniff(in->data[0]) && in->len < MAGIC_FEW &&
	    !in->eof && input_fill(in, &ignored) == 0)
		;
	return (struct bytes){ in->data, in->len };
}

/*
 * No record begins so, though readers let pass what they do not know: there
 * are no such minor versions, and what is reserved is 0 in them.
 */
static bool
is_unlike_v3(struct bytes head)
{
	return head.len >= 4 && head.ptr[0] >> 5 == V3_MAJOR &&
	    (head.ptr[0] & 0x1f) > 1 && (head.ptr[2] | head.ptr[3]) != 0;
}

/*
 * Does it end within what would be its first record? Then it is a log that is
 * cut and has no flows, whatever it is.
 */
static bool
is_cut(struct input *in)
{
	struct flowd_error ignored;

	while (in->len < V3_RECORD_MAX && !in->eof &&
	    input_fill(in, &ignored) == 0)
		;
	return in->len == 0 ||
	    (!capture_sniff(in->data[0]) &&
		(in->len < V3_HEAD ||
		    (in->data[1] <= V3_BODY_MAX / 4 &&
			in->len < V3_HEAD + 4 * (size_t)in->data[1])));
}

/* A log of rows, unless it shows to be something else. */
static int
begin_rows(struct input *in, struct bytes head, struct flowd_error *err)
{
	bool known = magic_is_known(head);

	in->next = log_next;
	in->read = v3_read;
	if (!known && ((!magic_is_text(head) && !is_unlike_v3(head)) ||
			  is_cut(in)))
		return 0;
	if (!known && !magic_is_text(head))
		return flowd_fail(err, FLOWD_EFORMAT,
		    "%s: is neither a flow log nor a capture", in->name);
	return magic_refuse(head, in->name, "flowd-reader", err);
}

/* Find out what it is by its first octets. */
static int
input_begin(struct input *in, struct flowd_error *err)
{
	ssize_t got = read(in->fd, in->data, 1);
	uint8_t room[MAGIC_OCTETS];
	struct bytes head;

	if (got == -1)
		return flowd_fail(
		    err, FLOWD_EIO, "%s: %s", in->name, strerror(errno));
	in->len = (size_t)got;
	in->eof = got == 0;
	if (in->eof && in->options->follow && !in->waits)
		return 0;
	if (in->options->legacy)
		return begin_v2(in, err);
	if (got == 1 && in->data[0] == block_magic[0])
		return begin_v4(in, err);
	head = got == 1 ? input_peek(in, room) : (struct bytes){ room, 0 };
	if (got == 1 && capture_sniff(in->data[0]) && !magic_is_text(head))
		return begin_capture(in, in->options->decoder, err);
	if (got == 1 && !magic_is_known(head) && is_damaged_v4(in))
		return begin_v4(in, err);
	return begin_rows(in, head, err);
}

static int
input_open_file(struct input *in, const char *path, struct flowd_error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct stat st;

	in->name = is_stdin ? "standard input" : path;
	in->fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY);
	if (in->fd == -1 || fstat(in->fd, &st) == -1)
		return flowd_fail(
		    err, FLOWD_EIO, "%s: %s", in->name, strerror(errno));
	in->waits = !S_ISREG(st.st_mode);
	in->size = in->waits ? 0 : (uint64_t)st.st_size;
	return 0;
}

struct input *
input_open(const char *path, const struct input_options *options,
    struct flowd_error *err)
{
	struct input *in = calloc(1, sizeof(*in));

	if (in == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", path);
		return NULL;
	}
	in->options = options;
	if (input_open_file(in, path, err) == 0 && input_begin(in, err) == 0)
		return in;
	input_close(in);
	return NULL;
}

void
input_close(struct input *in)
{
	if (in == NULL)
		return;
	capture_close(in->capture);
	blocks_close(in->blocks);
	if (in->fd != -1)
		(void)close(in->fd);
	free(in);
}

/* -H: keep the first n rows of the batch only. */
static void
cut_batch(struct batch *batch, uint64_t n)
{
	if (n < batch->nrows)
		bitmap_clear_range(
		    batch->selected, (size_t)n, batch->nrows - (size_t)n);
}

/* Blocks do both by themselves, as they need not read all columns first. */
int
input_next(struct input *in, struct batch *batch, struct flowd_error *err)
{
	uint64_t *left = in->options->left;
	int got;

	if (in->next == NULL && (got = input_begin(in, err)) != 0)
		return got;
	if (in->next == NULL)
		return 0;
	if (in->blocks != NULL)
		return in->next(in, batch, err);
	if (*left == 0)
		return 0;
	got = in->next(in, batch, err);
	if (got <= 0)
		return got;
	cut_batch(batch, *left);
	*left -= *left < (uint64_t)got ? *left : (uint64_t)got;
	query_select(in->options->query, batch);
	return got;
}

struct mapped *
input_octets(struct input *in)
{
	return in->blocks != NULL ? blocks_octets(in->blocks) : NULL;
}

const char *
input_kind(const struct input *in)
{
	if (in->blocks != NULL)
		return "version 4";
	if (in->capture != NULL)
		return "capture";
	return in->read == v2_read ? "version 2" : "version 3";
}

bool
input_waits(const struct input *in)
{
	return in->waits;
}

uint32_t
input_started_sec(const struct input *in)
{
	return in->started_sec;
}

const struct capture_counters *
input_counters(const struct input *in)
{
	return in->capture != NULL ? capture_counters(in->capture) : NULL;
}

bool
input_grown(struct input *in)
{
	if (in->blocks != NULL)
		return blocks_grown(in->blocks);
	if (in->next == NULL)
		return true;
	if (in->next != log_next || in->waits)
		return false;
	in->eof = false;
	return true;
}

bool
input_stat(const struct input *in, struct stat *st)
{
	int fd = in->blocks != NULL ? blocks_octets(in->blocks)->fd : in->fd;

	return fd != -1 && fstat(fd, st) == 0 && S_ISREG(st->st_mode);
}

uint64_t
input_seen(const struct input *in)
{
	return in->blocks != NULL ? blocks_octets(in->blocks)->all.len
				  : in->offset + in->len - in->at;
}

int64_t
input_flush_ns(const struct input *in)
{
	return in->blocks != NULL ? blocks_flush_ns(in->blocks) : 0;
}

uint64_t
input_cut(const struct input *in)
{
	return in->next == log_next ? in->len - in->at : 0;
}

bool
input_progress(const struct input *in, uint64_t *at, uint64_t *all)
{
	if (in->blocks != NULL)
		return blocks_progress(in->blocks, at, all);
	*at = in->next == log_next ? in->offset : in->size;
	*all = in->size;
	return in->next == log_next && in->size > 0;
}
