/* What there is to say of a file; see check.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "extent.h"
#include "index.h"
#include "mapped.h"
#include "segment.h"
#include "text.h"

enum {
	VALUES_AT = 2 + 22 + 1 + 12 + 1 + 8 /* characters in front of values */
};

/* What was found in a file. */
struct tally {
	const char *path;
	const struct input_options *options;
	struct progress *progress;
	const char *kind;
	uint64_t octets, flows, blocks;
	uint64_t damages, lost_octets;
	int64_t min_ns, max_ns;
	bool sealed, is_capture;
	uint64_t in_blocks[COMPRESS_ZSTD + 1]; /* by compression */
	uint64_t column[COL_COUNT]; /* octets */
	uint64_t present[COL_COUNT]; /* blocks that have it */
	struct extent extent[COL_COUNT];
	uint64_t tables, unknown, heads;
	uint64_t others; /* blocks that have no flows: the index */
};

static void
note_damage(struct tally *t, uint64_t from, uint64_t to, const char *why)
{
	struct flowd_error text;

	t->damages++;
	t->lost_octets += to - from;
	(void)flowd_fail(&text, 0,
	    "%s: offset %" PRIu64 ": %s; %" PRIu64 " octets are lost", t->path,
	    from, why, to - from);
	t->options->complain(t->options->arg, text.text);
}

static void
note_times(struct tally *t, int64_t min_ns, int64_t max_ns)
{
	if (min_ns == INT64_MIN)
		return;
	t->min_ns = min_ns < t->min_ns ? min_ns : t->min_ns;
	t->max_ns = max_ns > t->max_ns ? max_ns : t->max_ns;
}

static void
note_block(struct tally *t, const struct block *b)
{
	if (b->kind != BLOCK_FLOWS) {
		t->others += b->all.len;
		return;
	}
	t->flows += b->nrows;
	t->blocks++;
	t->heads += b->all.len - b->data.len;
	if (b->compression <= COMPRESS_ZSTD)
		t->in_blocks[b->compression]++;
	note_times(t, b->min_ns, b->max_ns);
	for (size_t i = 0; i < b->ncolumns; i++) {
		const struct block_column *c = &b->column[i];

		if (c->col >= 0) {
			t->column[c->col] += c->data.len;
			t->present[c->col]++;
			extent_add(&t->extent[c->col], c);
		} else if (c->id >= 0xff00) {
			t->tables += c->data.len;
		} else {
			t->unknown += c->data.len;
		}
	}
}

/* Every column is opened: what is not damaged can be read. */
static int
check_block(struct block_reader *r, const struct block *b,
    struct flowd_error *why)
{
	static const struct colset all = { { ~UINT64_C(0), ~UINT64_C(0) } };
	struct index ix;
	int bad;

	if (b->kind == BLOCK_INDEX)
		return index_parse(b, &ix, why);
	if (b->kind != BLOCK_FLOWS)
		return 0;
	if ((bad = block_verify(b, why)) != 0)
		return bad;
	block_reader_begin(r, b);
	return block_reader_open(r, all, why);
}

static void
check_good_head(struct tally *t, const struct mapped *m, struct segment_walk *w,
    struct block_reader *r, struct block *b)
{
	struct segment_damage damage;
	struct flowd_error why;

	if (check_block(r, b, &why) != 0) {
		segment_reject(w);
		(void)segment_next(w, b, &damage);
		note_damage(t, m->offset + damage.from, m->offset + damage.to,
		    why.text);
	} else {
		note_block(t, b);
	}
}

static int
check_blocks(struct tally *t, struct mapped *m, struct block_reader *r,
    struct block *b, struct flowd_error *err)
{
	struct segment_damage damage;
	struct segment_walk w;
	int got, more = 1;

	segment_walk_init(&w, m->all, m->eof);
	while (more > 0) {
		got = segment_next(&w, b, &damage);
		if (got == FLOWD_EFORMAT)
			note_damage(t, m->offset + damage.from,
			    m->offset + damage.to, damage.why.text);
		else if (got == 1)
			check_good_head(t, m, &w, r, b);
		else
			more = mapped_walk_on(m, &w, t->path, err);
		if (m->is_file)
			progress_show_at(t->progress, w.at, m->all.len);
	}
	t->octets = m->offset + m->all.len;
	if (more == 0 && got == FLOWD_EOF)
		note_damage(t, m->offset + w.at, t->octets,
		    "the last block is cut");
	return more;
}

static int
tally_v4(struct tally *t, struct mapped *m, struct flowd_error *err)
{
	struct block_reader *r = block_reader_new();
	struct block *b = block_new();
	struct index ix;
	int bad;

	/* Before any of it is gone; in a pipe it does not show. */
	t->sealed = m->is_file && index_find(m->all, &ix, NULL) == 0;
	bad = r != NULL && b != NULL
	    ? check_blocks(t, m, r, b, err)
	    : flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	block_reader_free(r);
	block_free(b);
	return bad;
}

static void
note_rows(struct tally *t, const struct batch *batch)
{
	int64_t ns;

	t->flows += batch->nrows;
	for (size_t row = 0; row < batch->nrows; row++)
		if (block_time(batch, row, &ns))
			note_times(t, ns, ns);
}

/* Logs of other versions and captures are read to their end, or to damage. */
static int
tally_other(struct tally *t, struct input *in, struct flowd_error *err)
{
	struct batch *batch = batch_new(BATCH_ROWS);
	int got;

	if (batch == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	while ((got = input_next(in, batch, err)) > 0) {
		note_rows(t, batch);
		batch_reset(batch);
		progress_show(t->progress, in);
	}
	(void)input_progress(in, &t->octets, &(uint64_t){ 0 });
	if (got < 0) {
		t->damages++;
		t->options->complain(t->options->arg, err->text);
	} else if (input_cut(in) > 0) {
		note_damage(t, t->octets, t->octets + input_cut(in),
		    "the last record is cut");
	}
	batch_free(batch);
	return 0;
}

static int
tally_file(struct tally *t, struct flowd_error *err)
{
	static const struct query everything;
	struct input_options options = *t->options;
	uint64_t all = UINT64_MAX;
	struct input *in;
	struct mapped *m;
	int bad;

	options.query = &everything;
	options.left = &all;
	in = input_open(t->path, &options, err);
	if (in == NULL)
		return FLOWD_EIO;
	t->kind = input_kind(in);
	t->is_capture = input_counters(in) != NULL;
	m = input_octets(in);
	bad = m != NULL ? tally_v4(t, m, err) : tally_other(t, in, err);
	input_close(in);
	return bad;
}

static void
put_time(struct buf *out, int64_t ns)
{
	struct clock clock;
	char text[TEXT_MAX];

	clock_init(&clock, true);
	buf_append(out, text, (size_t)(text_rfc3339(text, &clock, ns) - text));
}

/* "1 block", "2 blocks" */
static void
put_number(uint64_t n, const char *what, struct buf *out)
{
	buf_printf(out, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

static void
put_damages(const struct tally *t, struct buf *out)
{
	if (t->damages == 0)
		return;
	buf_append_text(out, ", ");
	put_number(t->damages, "place", out);
	buf_append_text(out, t->damages == 1 ? " is damaged" : " are damaged");
}

static void
put_check(const struct tally *t, struct buf *out)
{
	buf_printf(out, "%s: ", t->path);
	put_number(t->flows, "flow", out);
	if (t->blocks > 0) {
		buf_append_text(out, " in ");
		put_number(t->blocks, "block", out);
	}
	if (t->damages == 0)
		buf_append_text(out, ", all whole");
	else
		buf_append_text(out, t->flows == 1 ? " is whole" : " are whole");
	put_damages(t, out);
	buf_append_char(out, '\n');
}

static double
a_flow(const struct tally *t, uint64_t octets)
{
	return t->flows > 0 ? (double)octets / (double)t->flows : 0;
}

static void
put_row(const struct tally *t, const char *name, uint64_t octets,
    struct buf *out)
{
	buf_printf(out, "  %-22s %12" PRIu64 " %8.3f", name, octets,
	    a_flow(t, octets));
}

static void
put_total(const struct tally *t, const char *name, uint64_t octets,
    struct buf *out)
{
	put_row(t, name, octets, out);
	buf_append_char(out, '\n');
}

static void
put_columns(const struct tally *t, struct buf *out)
{
	buf_printf(out, "  %-22s %12s %8s values\n", "column", "octets",
	    "a flow");
	for (unsigned i = 0; i < COL_COUNT; i++) {
		if (t->present[i] == 0)
			continue;
		put_row(t, column_info[i].name, t->column[i], out);
		extent_put(&t->extent[i], column_info[i].type, VALUES_AT, out);
		buf_append_char(out, '\n');
	}
	put_total(t, "(tables)", t->tables, out);
	put_total(t, "(heads of blocks)", t->heads, out);
	if (t->others > 0)
		put_total(t, "(index)", t->others, out);
	if (t->unknown > 0)
		put_total(t, "(unknown columns)", t->unknown, out);
}

static bool
is_empty(const struct tally *t)
{
	return t->octets == 0 && t->flows == 0 && t->damages == 0 &&
	    !t->is_capture;
}

/* How long a capture is that comes through a pipe is not known. */
static void
put_octets(const struct tally *t, struct buf *out)
{
	if (t->octets == 0 && t->is_capture)
		return;
	buf_printf(out, "\n  octets %" PRIu64, t->octets);
	if (t->flows > 0)
		buf_printf(out, ", %.2f a flow", a_flow(t, t->octets));
}

static void
put_info(const struct tally *t, struct buf *out)
{
	static const char *const names[] = { "none", "lz4", "zstd" };

	buf_printf(out, "%s\n  format %s", t->path,
	    is_empty(t) ? "none: it is empty" : t->kind);
	for (unsigned i = 0; i <= COMPRESS_ZSTD; i++)
		if (t->in_blocks[i] > 0)
			buf_printf(out, ", %s", names[i]);
	buf_append_text(out, t->sealed ? ", sealed" : "");
	put_octets(t, out);
	buf_printf(out, "\n  flows %" PRIu64, t->flows);
	if (t->blocks > 0) {
		buf_append_text(out, " in ");
		put_number(t->blocks, "block", out);
	}
	put_damages(t, out);
	if (t->min_ns <= t->max_ns) {
		buf_append_text(out, "\n  times ");
		put_time(out, t->min_ns);
		buf_append_text(out, " to ");
		put_time(out, t->max_ns);
	}
	buf_append_char(out, '\n');
	if (t->blocks > 0)
		put_columns(t, out);
}

int
check_file(const char *path, bool info, const struct input_options *options,
    struct progress *progress, struct buf *out, struct flowd_error *err)
{
	struct tally t = { .path = path, .options = options,
		.progress = progress, .min_ns = INT64_MAX, .max_ns = INT64_MIN };
	int bad = tally_file(&t, err);

	if (bad != 0)
		return bad;
	if (info)
		put_info(&t, out);
	else
		put_check(&t, out);
	return 0;
}
