/* Checking a file; see verify.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "flow_time.h"
#include "head_check.h"
#include "scan_source.h"
#include "segment_index.h"
#include "verify.h"

struct verifier {
	const struct scan_plan *plan;
	const char *path;
	struct verify_result *result;
	bool indexed; /* blocks are numbered as in the index */
	struct segment_index index;
	uint32_t nblocks; /* of flows, that were read */
};

static void
verify_warn(void *arg, const char *text)
{
	const struct scan_plan *plan = ((struct verifier *)arg)->plan;

	if (plan->events != NULL && plan->events->warn != NULL)
		plan->events->warn(plan->arg, text);
}

static void
verify_progress(const struct verifier *v, uint64_t at, uint64_t all)
{
	const struct scan_plan *plan = v->plan;

	if (plan->events != NULL && plan->events->progress != NULL)
		plan->events->progress(plan->arg, v->path, at, all);
}

static void
verify_note_damage(
    struct verifier *v, uint64_t from, uint64_t to, const char *why)
{
	struct flowd_error text;

	v->indexed = false;
	v->result->damages++;
	v->result->lost_octets += to - from;
	(void)flowd_fail(&text, 0,
	    "%s: offset %" PRIu64 ": %s; %" PRIu64 " octets are lost", v->path,
	    from, why, to - from);
	verify_warn(v, text.text);
}

/* Notes a block that can be read, but whose head does not match its rows. */
static void
verify_note_lie(struct verifier *v, uint64_t at, const char *why)
{
	struct flowd_error text;

	v->result->damages++;
	(void)flowd_fail(&text, 0, "%s: offset %" PRIu64 ": %s", v->path, at,
	    why);
	verify_warn(v, text.text);
}

static void
verify_note_times(struct verify_result *r, int64_t min_ns, int64_t max_ns)
{
	if (min_ns == INT64_MIN)
		return;
	r->min_ns = min_ns < r->min_ns ? min_ns : r->min_ns;
	r->max_ns = max_ns > r->max_ns ? max_ns : r->max_ns;
}

static void
verify_note_column(struct verify_result *r, const struct block_column *c)
{
	if (c->col >= 0) {
		r->column[c->col].octets += c->data.len;
		r->column[c->col].blocks++;
		value_range_add(&r->column[c->col].values, c);
	} else if (c->id >= 0xff00) {
		r->tables += c->data.len;
	} else {
		r->unknown += c->data.len;
	}
}

static void
verify_note_block(struct verify_result *r, const struct block *b)
{
	if (b->kind != BLOCK_FLOWS) {
		r->others += b->all.len;
		return;
	}
	r->flows += b->nrows;
	r->blocks++;
	r->heads += b->all.len - b->data.len;
	if (b->compression <= COMPRESS_ZSTD)
		r->compressed[b->compression]++;
	verify_note_times(r, b->min_ns, b->max_ns);
	for (size_t i = 0; i < b->ncolumns; i++)
		verify_note_column(r, &b->column[i]);
}

/* Opens every column: a column that is intact can be opened. */
static int
verify_block(struct block_reader *r, const struct block *b,
    struct flowd_error *why)
{
	static const struct colset all = { { ~UINT64_C(0), ~UINT64_C(0) } };
	struct segment_index ix;
	int bad;

	if (b->kind == BLOCK_INDEX)
		return segment_index_parse(b, &ix, why);
	if (b->kind != BLOCK_FLOWS)
		return 0;
	if ((bad = block_verify(b, why)) != 0)
		return bad;
	block_reader_begin(r, b);
	return block_reader_open(r, all, why);
}

/* Of the next block. Readers make no use of an index that is too short. */
static const struct head_filters *
verify_filters(const struct verifier *v, struct head_filters *filters)
{
	if (!v->indexed || v->nblocks >= v->index.nblocks)
		return NULL;
	filters->all = v->index.all;
	filters->group = segment_index_group(&v->index, v->nblocks);
	return filters;
}

/* A block of flows of which all columns are open. */
static void
verify_head(struct verifier *v, struct block_reader *r, const struct block *b,
    struct batch *batch, uint64_t at)
{
	struct head_filters filters;
	struct flowd_error why;

	if (head_check(r, b, verify_filters(v, &filters), batch, &why) != 0)
		verify_note_lie(v, at, why.text);
	v->nblocks++;
}

/* Counts a block whose head is intact. */
static void
verify_good_head(struct verifier *v, const struct mapping *m,
    struct segment_walk *w, struct block_reader *r, struct block *b,
    struct batch *batch)
{
	struct segment_damage damage;
	struct flowd_error why;

	if (verify_block(r, b, &why) == 0) {
		verify_note_block(v->result, b);
		if (b->kind == BLOCK_FLOWS)
			verify_head(
			    v, r, b, batch, m->offset + w->block_at);
		return;
	}
	segment_reject(w);
	(void)segment_next(w, b, &damage);
	verify_note_damage(
	    v, m->offset + damage.from, m->offset + damage.to, why.text);
}

static int
verify_blocks(struct verifier *v, struct mapping *m, struct block_reader *r,
    struct block *b, struct batch *batch, struct flowd_error *err)
{
	struct segment_damage damage;
	struct segment_walk w;
	int got = 0, more = 1;

	segment_walk_init(&w, m->all, m->eof);
	while (more > 0) {
		got = segment_next(&w, b, &damage);
		if (got == FLOWD_EFORMAT)
			verify_note_damage(v, m->offset + damage.from,
			    m->offset + damage.to, damage.why.text);
		else if (got == 1)
			verify_good_head(v, m, &w, r, b, batch);
		else
			more = mapping_walk_on(m, &w, v->path, err);
		if (m->is_file)
			verify_progress(v, w.at, m->all.len);
	}
	v->result->octets = m->offset + m->all.len;
	if (more == 0 && got == FLOWD_EOF)
		verify_note_damage(v, m->offset + w.at, v->result->octets,
		    "the last block is cut");
	return more;
}

static int
verify_segment(struct verifier *v, struct mapping *m, struct flowd_error *err)
{
	struct block_reader *r = block_reader_new();
	struct block *b = block_new();
	struct batch *batch = batch_new(BATCH_ROWS);
	int bad;

	/* A pipe has no index to find. */
	v->indexed =
	    m->is_file && segment_index_find(m->all, &v->index, NULL) == 0;
	v->result->sealed = v->indexed;
	bad = r != NULL && b != NULL && batch != NULL
	    ? verify_blocks(v, m, r, b, batch, err)
	    : flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	block_reader_free(r);
	block_free(b);
	batch_free(batch);
	return bad;
}

static void
verify_note_rows(struct verify_result *r, const struct batch *batch)
{
	int64_t ns;

	r->flows += batch->nrows;
	for (size_t row = 0; row < batch->nrows; row++)
		if (flow_time(batch, row, &ns))
			verify_note_times(r, ns, ns);
}

/* Reads logs of other versions and captures to their end, or to damage. */
static int
verify_rows(
    struct verifier *v, struct scan_source *source, struct flowd_error *err)
{
	struct batch *batch = batch_new(BATCH_ROWS);
	struct verify_result *r = v->result;
	uint64_t all;
	int got;

	if (batch == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	while ((got = scan_source_next(source, batch, err)) > 0) {
		verify_note_rows(r, batch);
		batch_reset(batch);
		if (scan_source_progress(source, &r->octets, &all))
			verify_progress(v, r->octets, all);
	}
	(void)scan_source_progress(source, &r->octets, &all);
	if (got < 0) {
		r->damages++;
		verify_warn(v, err->text);
	} else if (scan_source_cut(source) > 0) {
		verify_note_damage(v, r->octets,
		    r->octets + scan_source_cut(source),
		    "the last record is cut");
	}
	batch_free(batch);
	return 0;
}

int
verify_file(const struct scan_plan *plan, const char *path,
    struct verify_result *result, struct flowd_error *err)
{
	static const struct row_filter everything;
	struct verifier v = { .plan = plan, .path = path, .result = result };
	uint64_t all = UINT64_MAX;
	const struct scan_source_options options = {
		.legacy = plan->flags & SCAN_LEGACY,
		.left = &all,
		.filter = &everything,
		.program =
		    plan->program != NULL ? plan->program : "flowd-reader",
		.strict = true,
		.capture = plan->capture,
		.warn = verify_warn,
		.arg = &v,
	};
	struct scan_source *source = scan_source_open(path, &options, err);
	struct mapping *m;
	int bad;

	*result = (struct verify_result){ .min_ns = INT64_MAX,
		.max_ns = INT64_MIN };
	if (source == NULL)
		return FLOWD_EIO;
	result->kind = scan_source_file(source).kind;
	m = scan_source_mapping(source);
	bad = m != NULL ? verify_segment(&v, m, err)
			: verify_rows(&v, source, err);
	scan_source_close(source);
	return bad;
}
