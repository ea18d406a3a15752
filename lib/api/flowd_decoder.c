/* Decoding datagrams, of the public header; see include/flowd/decoder.h. */
#include <limits.h>
#include <stdlib.h>

#include "decode.h"
#include "flowd/decoder.h"
#include "flowd_addr.h"
#include "flowd_batch.h"
#include "seed.h"

enum { TEXT_OCTETS_MAX = 1024 * 1024 * 1024 };

struct flowd_decoder {
	struct decoder *decoder;
	struct batch *rows; /* that were decoded last */
	size_t row; /* the next to copy */
	bool busy; /* the datagram is not all in rows yet */
	struct buf text; /* of a report, or a state */
};

struct flowd_decoder *
flowd_decoder_new(struct flowd_error *err)
{
	struct flowd_decoder *d = calloc(1, sizeof(*d));

	if (d != NULL) {
		buf_init(&d->text, TEXT_OCTETS_MAX);
		d->rows = batch_new(BATCH_ROWS);
		d->decoder = decoder_new(NULL, seed_draw());
		if (d->rows != NULL && d->decoder != NULL)
			return d;
	}
	flowd_decoder_free(d);
	(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	return NULL;
}

void
flowd_decoder_free(struct flowd_decoder *d)
{
	if (d == NULL)
		return;
	decoder_free(d->decoder);
	batch_free(d->rows);
	buf_fini(&d->text);
	free(d);
}

int
flowd_decoder_begin(struct flowd_decoder *d, const void *payload, size_t len,
    const struct flowd_addr *exporter, uint16_t port, int64_t received_ns)
{
	struct datagram datagram = { .payload = { payload, len },
		.port = port,
		.recv_ns = received_ns };

	if (!flowd_addr_get(exporter, &datagram.src) ||
	    datagram.src.family == ADDR_NONE)
		return FLOWD_EINVAL;
	batch_reset(d->rows);
	d->row = 0;
	decoder_begin(d->decoder, &datagram);
	d->busy = true;
	return 0;
}

int
flowd_decoder_next(struct flowd_decoder *d, struct flowd_batch *batch)
{
	if (flowd_batch_is_shared(batch))
		return FLOWD_EINVAL;
	for (;;) {
		d->row = batch_copy(batch->rows, d->rows, d->row);
		if (d->row < d->rows->nrows)
			return 1;
		if (!d->busy)
			return 0;
		batch_reset(d->rows);
		d->row = 0;
		d->busy = decoder_next(d->decoder, d->rows);
	}
}

/* Hand out what was put into the buffer, with a 0 behind it. */
static int
decoder_give(struct flowd_decoder *d, const uint8_t **octets, size_t *len,
    struct flowd_error *err)
{
	buf_append_char(&d->text, '\0');
	if (!buf_ok(&d->text))
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	*octets = d->text.ptr;
	*len = d->text.len - 1;
	return 0;
}

int
flowd_decoder_report(struct flowd_decoder *d, int report, const char **text,
    size_t *len, struct flowd_error *err)
{
	const uint8_t *octets = NULL;
	int bad;

	buf_reset(&d->text);
	switch (report) {
	case FLOWD_REPORT_TOTALS:
		decoder_report_totals(d->decoder, &d->text);
		break;
	case FLOWD_REPORT_EXPORTERS:
		decoder_report(d->decoder, 0, NULL, &d->text);
		break;
	case FLOWD_REPORT_ALL:
		decoder_report(d->decoder, REPORT_ALL, NULL, &d->text);
		break;
	default:
		return flowd_fail(
		    err, FLOWD_EINVAL, "%d is no report", report);
	}
	bad = decoder_give(d, &octets, len, err);
	*text = (const char *)octets;
	return bad;
}

int
flowd_decoder_save(struct flowd_decoder *d, const uint8_t **state,
    size_t *len, struct flowd_error *err)
{
	buf_reset(&d->text);
	decoder_save(d->decoder, &d->text);
	return decoder_give(d, state, len, err);
}

int
flowd_decoder_load(struct flowd_decoder *d, const void *state, size_t len,
    struct flowd_error *err)
{
	struct decoder_loaded loaded;

	return decoder_load(
	    d->decoder, (struct bytes) { state, len }, NULL, &loaded, err);
}
