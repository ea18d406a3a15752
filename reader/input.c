/*
 * Inputs; see input.h. Logs are read in large pieces into a buffer that is
 * moved on when a record is cut at its end; captures go through lib/capture
 * and the decoder.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "input.h"
#include "v2.h"
#include "v3.h"

enum {
	PIECE = 1024 * 1024
};

typedef int read_records(struct bytes in, struct batch *batch, size_t *used,
    struct flowd_error *err);

struct input {
	const char *name;
	FILE *file;		/* NULL: owned by capture */
	struct capture *capture;
	struct decoder *decoder;
	read_records *read;	/* of the log's version */
	uint32_t started_sec;
	bool pending;		/* a datagram is not all in batches yet */
	bool eof;
	uint64_t offset;	/* in the file, of data[at] */
	uint64_t records;
	size_t at, len;		/* what data holds */
	uint8_t data[PIECE];
};

static int
input_fill(struct input *in, struct flowd_error *err)
{
	size_t got;

	memmove(in->data, in->data + in->at, in->len - in->at);
	in->len -= in->at;
	in->at = 0;
	got = fread(in->data + in->len, 1, sizeof(in->data) - in->len,
	    in->file);
	if (got == 0 && ferror(in->file))
		return flowd_fail(err, FLOWD_EIO, "%s: read: %s", in->name,
		    strerror(errno));
	in->eof = got == 0;
	in->len += got;
	return 0;
}

/* Version 2 has a head in front of its records. */
static int
input_begin_v2(struct input *in, struct flowd_error *err)
{
	struct flowd_error why;
	int bad = 0;

	while (bad == 0 && in->len < V2_FILE_HEAD && !in->eof)
		bad = input_fill(in, err);
	if (bad != 0)
		return bad;
	bad = v2_check_head((struct bytes) { in->data, in->len },
	    &in->started_sec, &why);
	if (bad != 0)
		return flowd_fail(err, bad, "%s: %s", in->name, why.text);
	in->read = v2_read;
	in->at = in->offset = V2_FILE_HEAD;
	return 0;
}

/* What the file is. One octet can be looked at and put back everywhere. */
static int
input_sniff(struct input *in, const struct input_options *opts,
    struct flowd_error *err)
{
	FILE *file = in->file;
	int first = getc(file);

	if (first == EOF && ferror(file))
		return flowd_fail(err, FLOWD_EIO, "%s: read: %s", in->name,
		    strerror(errno));
	if (first != EOF)
		(void)ungetc(first, file);
	if (opts->legacy)
		return input_begin_v2(in, err);
	in->read = v3_read;
	if (first == EOF || !capture_sniff((uint8_t)first))
		return 0;
	in->file = NULL;
	in->decoder = opts->decoder;
	in->capture = capture_open(file, in->name, err);
	return in->capture != NULL ? 0 : FLOWD_EFORMAT;
}

struct input *
input_open(const char *path, const struct input_options *opts,
    struct flowd_error *err)
{
	struct input *in = calloc(1, sizeof(*in));

	if (in == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", path);
		return NULL;
	}
	in->name = path;
	if (strcmp(path, "-") == 0) {
		in->name = "standard input";
		in->file = stdin;
	} else {
		in->file = fopen(path, "rb");
	}
	if (in->file == NULL)
		(void)flowd_fail(err, FLOWD_EIO, "%s: %s", path,
		    strerror(errno));
	else if (input_sniff(in, opts, err) == 0)
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
	if (in->file != NULL && in->file != stdin)
		(void)fclose(in->file);
	free(in);
}

uint32_t
input_started_sec(const struct input *in)
{
	return in->started_sec;
}

/* Datagrams of a capture until the batch is full. */
static int
next_from_capture(struct input *in, struct batch *batch,
    struct flowd_error *err)
{
	struct capture_datagram c;
	int got = 1;

	for (;;) {
		if (in->pending &&
		    (in->pending = decoder_next(in->decoder, batch)))
			break;
		got = capture_next(in->capture, &c, err);
		if (got <= 0)
			break;
		decoder_begin(in->decoder, &(struct datagram) {
		    .payload = c.payload,
		    .src = c.src,
		    .port = c.src_port,
		    .recv_ns = c.time_ns,
		});
		in->pending = true;
	}
	return batch->nrows > 0 ? (int)batch->nrows : got < 0 ? got : 0;
}

static int
explain(const struct input *in, int bad, const struct flowd_error *why,
    struct flowd_error *err)
{
	const char *hint = "";

	if (bad == FLOWD_EVERSION && in->records == 0 && in->read == v3_read)
		hint = " (-L reads logs of version 2)";
	return flowd_fail(err, bad, "%s: offset %llu, record %llu: %s%s",
	    in->name, (unsigned long long)in->offset,
	    (unsigned long long)in->records + 1, why->text, hint);
}

static int
next_from_log(struct input *in, struct batch *batch, struct flowd_error *err)
{
	struct flowd_error why;
	size_t used;
	int got;

	for (;;) {
		got = in->read((struct bytes) { in->data + in->at,
				   in->len - in->at },
		    batch, &used, &why);
		in->at += used;
		in->offset += used;
		if (got > 0) {
			in->records += (uint64_t)got;
			return got;
		}
		if (got != FLOWD_EOF)
			return explain(in, got, &why, err);
		if (in->eof)
			return 0;
		if ((got = input_fill(in, err)) != 0)
			return got;
	}
}

int
input_next(struct input *in, struct batch *batch, struct flowd_error *err)
{
	if (in->capture != NULL)
		return next_from_capture(in, batch, err);
	return next_from_log(in, batch, err);
}
