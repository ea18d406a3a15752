/* Captures for scans; see capture_scan.h. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture_scan.h"

struct capture_reader {
	struct capture_scan *scan;
	struct capture *capture;
	bool pending; /* the decoder has more rows of the datagram */
	int last; /* what capture_next() returned: 1, a datagram */
	struct flowd_error why;
};

FILE *
capture_scan_stream(int fd, struct bytes seen, const char *name,
    struct flowd_error *err)
{
	FILE *file = fdopen(fd, "rb");

	if (file != NULL && seen.len == 1 &&
	    ungetc(seen.ptr[0], file) != EOF)
		return file;
	(void)flowd_fail_errno(err, "%s", name);
	if (file != NULL)
		(void)fclose(file);
	else
		(void)close(fd);
	return NULL;
}

static void *
capture_reader_open(void *arg, int fd, struct bytes seen, const char *name,
    struct flowd_error *err)
{
	FILE *file = capture_scan_stream(fd, seen, name, err);
	struct capture_reader *r = file != NULL ? calloc(1, sizeof(*r)) : NULL;

	if (r == NULL) {
		if (file != NULL) {
			(void)fclose(file);
			(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		}
		return NULL;
	}
	r->scan = arg;
	r->last = 1;
	r->capture = r->scan->capture = capture_open(file, name, err);
	if (r->capture != NULL)
		return r;
	free(r);
	return NULL;
}

static void
capture_reader_close(void *capture)
{
	struct capture_reader *r = capture;

	r->scan->capture = NULL;
	capture_close(r->capture);
	free(r);
}

/* Pass the next datagram to the decoder. Returns false at the end. */
static bool
capture_reader_next_datagram(struct capture_reader *r)
{
	struct capture_datagram c;

	if (r->last == 1)
		r->last = capture_next(r->capture, &c, &r->why);
	if (r->last != 1)
		return false;
	decoder_begin(r->scan->decoder, &(struct datagram){
					    .payload = c.payload,
					    .src = c.src,
					    .port = c.src_port,
					    .recv_ns = c.time_ns,
					});
	return true;
}

/* Decode datagrams until the batch is full or the next read may block. */
static int
capture_reader_next(
    void *capture, struct batch *batch, bool waits, struct flowd_error *err)
{
	struct capture_reader *r = capture;

	while (r->pending || capture_reader_next_datagram(r)) {
		r->pending = decoder_next(r->scan->decoder, batch);
		if (r->pending || (waits && batch->nrows > 0))
			return (int)batch->nrows;
	}
	if (batch->nrows > 0)
		return (int)batch->nrows;
	return r->last < 0 ? flowd_fail_again(err, &r->why) : r->last;
}

struct scan_capture
capture_scan_table(struct capture_scan *c)
{
	return (struct scan_capture){ .sniff = capture_sniff,
		.open = capture_reader_open,
		.next = capture_reader_next,
		.close = capture_reader_close,
		.arg = c };
}
