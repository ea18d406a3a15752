/* The rows of a block that pass; see rows.h. */
#include "rows.h"

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
lacks(void *arg, const struct addr *a)
{
	struct rows *r = arg;

	if (r->index != NULL && r->number < r->index->nblocks &&
	    (!addrset_may_have(&r->index->all, a) ||
		!addrset_may_have(group(r), a)))
		return true;
	return !r->glance && block_reader_lacks(r->reader, a);
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
	int bad;

	*n = 0;
	if (r->row == r->block->nrows)
		return 0;
	*n = block_reader_rows(
	    r->reader, r->row, r->takes_all ? q->want : q->first, batch);
	r->row += *n;
	if (*n > left)
		bitmap_clear_range(
		    batch->selected, (size_t)left, *n - (size_t)left);
	if (r->takes_all)
		return 1;
	query_select(q, batch);
	if (bitmap_count(batch->selected, *n) == 0)
		return 0;
	if ((bad = block_reader_open(r->reader, q->want, why)) != 0)
		return bad;
	block_reader_more(r->reader, q->want, batch);
	return 1;
}
