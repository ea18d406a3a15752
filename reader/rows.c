/* The rows of a block that pass; see rows.h. */
#include "rows.h"

enum {
	RUN = 512 /* rows that are passed over together */
};

bool
rows_init(struct rows *r, const struct query *query)
{
	*r = (struct rows){ .query = query };
	r->reader = block_reader_new();
	return r->reader != NULL;
}

void
rows_fini(struct rows *r)
{
	block_reader_free(r->reader);
	r->reader = NULL;
}

/* The filter of the group of the block at hand. */
static const struct addrset *
group(struct rows *r)
{
	uint32_t number = r->number / r->index->group;

	if (r->group_of != number + 1) {
		r->group = index_group(r->index, r->number);
		r->group_of = number + 1;
	}
	return &r->group;
}

/*
 * Is the address in no row of the block at hand? The index knows without
 * looking at the block; else its own table does.
 */
static bool
lacks(void *arg, unsigned col, const struct addr *a)
{
	struct rows *r = arg;

	(void)col;
	if (r->index != NULL && r->number < r->index->nblocks &&
	    (!addrset_may_have(&r->index->all, a) ||
		!addrset_may_have(group(r), a)))
		return true;
	return !r->glance && block_reader_lacks(r->reader, a);
}

/* The same of the run that is asked about. */
static bool
run_lacks(void *arg, unsigned col, const struct addr *a)
{
	struct rows *r = arg;

	return block_reader_run_lacks(r->reader, col, r->run_at, r->run_len,
	    a);
}

static bool
run_may_match(struct rows *r, size_t at)
{
	struct prune_facts facts = { .block = r->block, .lacks = run_lacks,
		.arg = r };
	size_t left = r->block->nrows - at;

	r->run_at = at;
	r->run_len = left < RUN ? left : RUN;
	return query_run_may_match(r->query, &facts);
}

/*
 * The next rows of which some may pass, from r->row on; none at the end.
 * Returns where they end.
 */
static size_t
find_rows(struct rows *r)
{
	const size_t nrows = r->block->nrows;
	size_t end;

	if (!r->asks_runs)
		return nrows;
	while (r->row < nrows && !run_may_match(r, r->row))
		r->row += r->run_len;
	for (end = r->row; end < nrows && end - r->row < BATCH_ROWS;
	     end += r->run_len)
		if (end > r->row && !run_may_match(r, end))
			break;
	return end;
}

bool
rows_may_match(struct rows *r, const struct block *b, uint32_t number)
{
	struct prune_facts facts = { .block = b, .lacks = lacks, .arg = r };
	bool may;

	r->number = number;
	r->glance = true;
	may = query_may_match(r->query, &facts);
	r->glance = false;
	return may;
}

/* Open the columns that decide, or all if there is nothing to decide. */
int
rows_begin(struct rows *r, const struct block *b, uint32_t number,
    struct flowd_error *why)
{
	struct prune_facts facts = { .block = b, .lacks = lacks, .arg = r };
	const struct query *q = r->query;
	struct colset cols = q->first;
	int bad;

	r->block = b;
	r->number = number;
	r->row = 0;
	block_reader_begin(r->reader, b);
	if (!query_may_match(q, &facts))
		return 0;
	r->takes_all = query_takes_all(q, b);
	r->asks_runs = query_asks_runs(q);
	if (r->takes_all)
		cols = q->want;
	/* There must be room in a batch for values of variable length. */
	if (colset_has(&q->want, COL_other))
		colset_add(&cols, COL_other);
	bad = block_reader_open(r->reader, cols, why);
	return bad != 0 ? bad : 1;
}

int
rows_next(struct rows *r, uint64_t left, struct batch *batch, size_t *n,
    struct flowd_error *why)
{
	const struct query *q = r->query;
	const size_t begin = r->row, end = find_rows(r);
	size_t got, over = r->row - begin;
	int bad;

	got = block_reader_rows(r->reader, r->row, end - r->row,
	    r->takes_all ? q->want : q->first, batch);
	r->row += got;
	*n = over + got;
	left -= over < left ? over : left;
	if (got > left)
		bitmap_clear_range(
		    batch->selected, (size_t)left, got - (size_t)left);
	if (got == 0)
		return 0;
	if (r->takes_all)
		return 1;
	query_select(q, batch);
	if (bitmap_count(batch->selected, got) == 0)
		return 0;
	if ((bad = block_reader_open(r->reader, q->want, why)) != 0)
		return bad;
	block_reader_more(r->reader, q->want, batch);
	return 1;
}
