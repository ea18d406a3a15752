/* Encoders; see encoder.h. */
#include "encoder.h"
#include "v3.h"

enum {
	RECORDS_SOME = 1024 * 1024, /* octets that trigger delivery */
	RECORDS_MAX = RECORDS_SOME + BATCH_ROWS * V3_RECORD_MAX
};

void
encoder_init_records(struct encoder *o, unsigned number,
    const struct encoder_sink *sink, uint32_t store)
{
	*o = (struct encoder){ .number = number, .sink = sink,
		.store = store };
	buf_init(&o->out, RECORDS_MAX);
}

bool
encoder_init_blocks(struct encoder *o, unsigned number,
    const struct encoder_sink *sink, const struct block_options *options,
    uint32_t flush_ms)
{
	*o = (struct encoder){ .number = number, .sink = sink,
		.flush_ms = flush_ms, .writer = block_writer_new(options) };
	buf_init(&o->out, BLOCK_MAX);
	return o->writer != NULL;
}

void
encoder_fini(struct encoder *o)
{
	block_writer_free(o->writer);
	o->writer = NULL;
	buf_fini(&o->out);
}

static void
encoder_deliver(struct encoder *o)
{
	o->sink->deliver(o->number,
	    (struct bytes){ o->out.ptr, o->out.len }, o->flows, o->through,
	    o->sink->arg);
	o->delivered = o->through;
	o->flows = 0;
	buf_reset(&o->out);
}

/* Encode the waiting rows as a block and deliver it. */
static void
encoder_finish_block(struct encoder *o)
{
	size_t nrows = block_writer_rows(o->writer);

	o->due_ms = 0;
	if (nrows == 0)
		return;
	if (block_writer_finish(o->writer, &o->out) < 0) {
		o->losses.lost += nrows;
		buf_reset(&o->out);
		nrows = 0;
	}
	o->flows = nrows;
	encoder_deliver(o);
}

static void
add_records(struct encoder *o, const struct batch *batch)
{
	int n = v3_write(batch, o->store, &o->out, &o->losses.unstorable);

	if (n >= 0)
		o->flows += (uint64_t)n;
	else
		o->losses.lost +=
		    bitmap_count(batch->selected, batch->nrows);
}

/*
 * Keep the rows of a batch in one block if they fit, so that what is delivered
 * ends at a datagram boundary.
 */
static void
add_to_block(struct encoder *o, const struct batch *batch, int64_t now_ms)
{
	size_t n = bitmap_count(batch->selected, batch->nrows), row = 0;

	if (n == 0)
		return;
	if (block_writer_rows(o->writer) + n > BLOCK_ROWS)
		encoder_finish_block(o);
	while ((row = block_writer_add(o->writer, batch, row)) < batch->nrows)
		encoder_finish_block(o);
	if (o->due_ms == 0)
		o->due_ms = now_ms + o->flush_ms;
}

void
encoder_add(struct encoder *o, const struct batch *batch, uint64_t through,
    int64_t now_ms)
{
	if (o->writer != NULL)
		add_to_block(o, batch, now_ms);
	else
		add_records(o, batch);
	o->through = through;
	if (o->out.len >= RECORDS_SOME)
		encoder_deliver(o);
}

/* No row waits: everything up to this datagram is delivered. */
static void
encoder_pass(struct encoder *o, uint64_t through)
{
	o->through = through;
	if (o->delivered != through)
		encoder_deliver(o);
}

void
encoder_flush(struct encoder *o, uint64_t through, int64_t now_ms)
{
	if (o->due_ms != 0 && now_ms >= o->due_ms)
		encoder_finish_block(o);
	if (o->due_ms == 0)
		encoder_pass(o, through);
}

void
encoder_finish(struct encoder *o, uint64_t through)
{
	if (o->writer != NULL)
		encoder_finish_block(o);
	encoder_pass(o, through);
}
