/* The live tail; see tail.h. */
#include "tail.h"

enum {
	ROWS = 8192, /* of a block */
	DELAY_MS = 200, /* longest wait of a flow */
	/* Beyond this the reader is too slow, and flows are dropped. */
	WAITING_MAX = 4 * 1024 * 1024
};

void
tail_begin(struct tail *t, uint64_t seed)
{
	const struct block_options o = { .compression = COMPRESS_NONE,
		.rows = ROWS, .seed = seed };

	if (t->writer != NULL)
		return;
	t->writer = block_writer_new(&o);
	t->dropped = 0;
	t->due_ms = 0;
	buf_init(&t->block, BLOCK_MAX);
}

void
tail_end(struct tail *t)
{
	if (t->writer == NULL)
		return;
	block_writer_free(t->writer);
	buf_fini(&t->block);
	t->writer = NULL;
	t->due_ms = 0;
}

/* Sent without rows, too, to report dropped flows. */
static void
tail_send_block(struct tail *t, struct conn *c)
{
	size_t nrows = block_writer_rows(t->writer), mark;
	struct flows_head head = { (uint32_t)nrows, t->dropped };

	t->due_ms = 0;
	buf_reset(&t->block);
	if (block_writer_finish(t->writer, &t->block) < 0 ||
	    conn_waiting(c) > WAITING_MAX) {
		t->dropped += nrows;
		return;
	}
	mark = conn_mark(c);
	flows_put(&c->out, &head,
	    (struct bytes){ t->block.ptr, t->block.len });
	t->dropped = conn_commit(c, mark) ? 0 : t->dropped + nrows;
}

void
tail_add(struct tail *t, const struct batch *batch, struct conn *c,
    int64_t now_ms)
{
	size_t row = 0;

	if (t->writer == NULL)
		return;
	for (;;) {
		row = block_writer_add(t->writer, batch, row);
		if (row == batch->nrows)
			break;
		tail_send_block(t, c);
	}
	if (t->due_ms == 0 && block_writer_rows(t->writer) > 0)
		t->due_ms = now_ms + DELAY_MS;
}

void
tail_tick(struct tail *t, struct conn *c, int64_t now_ms)
{
	if (t->writer != NULL && t->due_ms != 0 && now_ms >= t->due_ms)
		tail_send_block(t, c);
}

int
tail_timeout(const struct tail *t, int64_t now_ms)
{
	if (t->writer == NULL || t->due_ms == 0)
		return -1;
	return t->due_ms > now_ms ? (int)(t->due_ms - now_ms) : 0;
}
