/* Sealing a segment; see seal.h. */
#include <stdlib.h>

#include "block_reader.h"
#include "seal.h"
#include "segment.h"
#include "segment_index.h"

enum {
	OUT_MAX = 512 * 1024 * 1024,
	LARGE = BLOCK_ROWS / 2	/* rows of a block that is left as it is */
};

static const struct colset all_columns = { { ~UINT64_C(0), ~UINT64_C(0) } };

struct seal {
	struct segment_walk walk;
	struct block *block;
	struct block_reader *reader;
	struct block_writer *writer;
	struct segment_index_writer *index;
	struct batch *batch;
	struct buf out;
	seal_write *write;
	void *arg;
	struct seal_report *report;
	struct flowd_error *err;
};

static int
out_of_memory(struct seal *s)
{
	return flowd_fail(s->err, FLOWD_ENOMEM, "out of memory");
}

/* Indexes and writes a block. */
static int
seal_emit(struct seal *s, struct bytes block)
{
	int bad = segment_index_writer_add(s->index, block, s->err);

	if (bad != 0)
		return bad;
	s->report->blocks++;
	return s->write(s->arg, block, s->err);
}

/* Writes the collected rows as a block. */
static int
finish_block(struct seal *s)
{
	int n;

	buf_reset(&s->out);
	n = block_writer_finish(s->writer, &s->out);
	if (n < 0)
		return out_of_memory(s);
	if (n == 0)
		return 0;
	s->report->rows += (uint64_t)n;
	return seal_emit(s, (struct bytes){ s->out.ptr, s->out.len });
}

static int
add_batch(struct seal *s)
{
	size_t row = block_writer_add(s->writer, s->batch, 0);
	int bad = 0;

	while (bad == 0 && row < s->batch->nrows) {
		bad = finish_block(s);
		row = block_writer_add(s->writer, s->batch, row);
	}
	return bad;
}

/* Collects all rows of a small block, whose columns are open. */
static int
join_block(struct seal *s)
{
	int bad = 0;

	for (size_t row = 0; bad == 0 && row < s->block->nrows;) {
		batch_reset(s->batch);
		row += block_reader_rows(s->reader, row, BATCH_ROWS,
		    all_columns, s->batch);
		bad = add_batch(s);
	}
	return bad;
}

static int
keep_block(struct seal *s)
{
	int bad = finish_block(s);

	if (bad != 0)
		return bad;
	s->report->rows += s->block->nrows;
	return seal_emit(s, s->block->all);
}

static void
count_damage(struct seal *s, const struct segment_damage *damage)
{
	s->report->damaged++;
	s->report->lost_octets += damage->to - damage->from;
}

/* Re-encoding would lose columns that this build does not know. */
static bool
knows_all(const struct block *b)
{
	for (size_t i = 0; i < b->ncolumns; i++)
		if (b->column[i].col < 0 && b->column[i].id < 0xff00)
			return false;
	return true;
}

static int
take_block(struct seal *s)
{
	struct segment_damage damage;

	block_reader_begin(s->reader, s->block);
	if (block_verify(s->block, NULL) != 0 ||
	    block_reader_open(s->reader, all_columns, NULL) != 0) {
		segment_reject(&s->walk);
		(void)segment_next(&s->walk, s->block, &damage);
		count_damage(s, &damage);
		return 0;
	}
	if (s->block->nrows >= LARGE || !knows_all(s->block))
		return keep_block(s);
	return join_block(s);
}

static int
take_blocks(struct seal *s)
{
	struct segment_damage damage;
	int bad = 0, got;

	while (bad == 0 &&
	    (got = segment_next(&s->walk, s->block, &damage)) != 0) {
		if (got == FLOWD_EFORMAT)
			count_damage(s, &damage);
		if (got == FLOWD_EOF) {
			s->report->damaged++;
			s->report->lost_octets +=
			    s->walk.all.len - s->walk.at;
			break;
		}
		if (got == 1 && s->block->kind == BLOCK_FLOWS)
			bad = take_block(s);
	}
	return bad == 0 ? finish_block(s) : bad;
}

/*
 * Is it another kind of file with the name of a segment, such as a version 3
 * log? Sealing would drop all of it as damage.
 */
static bool
is_no_log(const struct seal *s)
{
	struct bytes all = s->walk.all;

	return s->report->rows == 0 && all.len > 0 &&
	    all.ptr[0] != block_magic[0];
}

static int
write_index(struct seal *s)
{
	buf_reset(&s->out);
	if (segment_index_writer_finish(s->index, &s->out) != 0)
		return out_of_memory(s);
	return s->write(s->arg, (struct bytes){ s->out.ptr, s->out.len },
	    s->err);
}

int
seal_segment(struct bytes segment, const struct block_options *options,
    seal_write *write, void *arg, struct seal_report *report,
    struct flowd_error *err)
{
	struct seal s = {
		.block = block_new(),
		.reader = block_reader_new(),
		.writer = block_writer_new(options),
		.index = segment_index_writer_new(options->seed),
		.batch = batch_new(BATCH_ROWS),
		.write = write,
		.arg = arg,
		.report = report,
		.err = err,
	};
	int bad;

	*report = (struct seal_report){ .rows = 0 };
	buf_init(&s.out, OUT_MAX);
	segment_walk_init(&s.walk, segment, true);
	if (s.block == NULL || s.reader == NULL || s.writer == NULL ||
	    s.index == NULL || s.batch == NULL)
		bad = out_of_memory(&s);
	else if ((bad = take_blocks(&s)) == 0)
		bad = is_no_log(&s) ? flowd_fail(err, FLOWD_EFORMAT,
					  "it is not a columnar log")
				    : write_index(&s);
	block_free(s.block);
	block_reader_free(s.reader);
	block_writer_free(s.writer);
	segment_index_writer_free(s.index);
	batch_free(s.batch);
	buf_fini(&s.out);
	return bad;
}
