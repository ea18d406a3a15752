/* The rows of a block that pass; see block_scan.h. */
#include "block_scan.h"

enum {
	RUN = 512 /* rows that are skipped together */
};

bool
block_scan_init(struct block_scan *r, const struct row_filter *filter)
{
	*r = (struct block_scan){ .filter = filter };
	r->reader = block_reader_new();
	return r->reader != NULL;
}

void
block_scan_fini(struct block_scan *r)
{
	block_reader_free(r->reader);
	r->reader = NULL;
}

/* The address filter of the group that the current block is in. */
static const struct addr_bloom *
block_scan_group(struct block_scan *r)
{
	uint32_t number = r->number / r->index->group;

	if (r->group_of != number + 1) {
		r->group = segment_index_group(r->index, r->number);
		r->group_of = number + 1;
	}
	return &r->group;
}

/*
 * Is the address in no row of the current block? Asks the index, if there is
 * one, then the address table of the block.
 */
static bool
block_scan_lacks(void *arg, unsigned col, const struct addr *a)
{
	struct block_scan *r = arg;

	(void)col;
	if (r->index != NULL && r->number < r->index->nblocks &&
	    (!addr_bloom_may_have(&r->index->all, a) ||
		!addr_bloom_may_have(block_scan_group(r), a)))
		return true;
	return !r->head_only && block_reader_lacks(r->reader, a);
}

/* The same for the current run of rows. */
static bool
block_scan_run_lacks(void *arg, unsigned col, const struct addr *a)
{
	struct block_scan *r = arg;

	return block_reader_run_lacks(r->reader, col, r->run_at, r->run_len,
	    a);
}

static bool
block_scan_run_may_match(struct block_scan *r, size_t at)
{
	struct prune_facts facts = { .block = r->block,
		.lacks = block_scan_run_lacks, .arg = r };
	size_t left = r->block->nrows - at;

	r->run_at = at;
	r->run_len = left < RUN ? left : RUN;
	return row_filter_run_may_match(r->filter, &facts);
}

/*
 * Find the next rows of which some may pass, from r->row on. Returns the end of
 * these rows.
 */
static size_t
block_scan_find(struct block_scan *r)
{
	const size_t nrows = r->block->nrows;
	size_t end;

	if (!r->asks_runs)
		return nrows;
	while (r->row < nrows && !block_scan_run_may_match(r, r->row))
		r->row += r->run_len;
	for (end = r->row; end < nrows && end - r->row < BATCH_ROWS;
	     end += r->run_len)
		if (end > r->row && !block_scan_run_may_match(r, end))
			break;
	return end;
}

bool
block_scan_may_match(
    struct block_scan *r, const struct block *b, uint32_t number)
{
	struct prune_facts facts = { .block = b, .lacks = block_scan_lacks,
		.arg = r };
	bool may;

	r->number = number;
	r->head_only = true;
	may = row_filter_may_match(r->filter, &facts);
	r->head_only = false;
	return may;
}

/*
 * Open the columns that decide which rows pass, or all if every row does. What
 * other columns are computed from is opened wholly.
 */
int
block_scan_begin(struct block_scan *r, const struct block *b, uint32_t number,
    struct flowd_error *why)
{
	struct prune_facts facts = { .block = b, .lacks = block_scan_lacks,
		.arg = r };
	const struct row_filter *q = r->filter;
	struct colset cols = colset_without(q->first, q->ranged);
	int bad;

	r->block = b;
	r->number = number;
	r->row = 0;
	block_reader_begin(r->reader, b);
	if (!row_filter_may_match(q, &facts))
		return 0;
	r->takes_all = row_filter_takes_all(q, b);
	r->asks_runs = row_filter_asks_runs(q);
	if (r->takes_all)
		cols = q->want;
	/* Values of variable length limit how many rows fit into a batch. */
	if (colset_has(&q->want, COL_other))
		colset_add(&cols, COL_other);
	bad = block_reader_open(r->reader, cols, why);
	r->packed = (struct colset){ { 0, 0 } };
	if (bad == 0 && !r->takes_all)
		bad = block_reader_open_packed(
		    r->reader, q->ranged, &r->packed, why);
	return bad != 0 ? bad : 1;
}

void
block_scan_skip(struct block_scan *r, size_t n)
{
	r->row += n;
}

int
block_scan_next(struct block_scan *r, uint64_t left, struct batch *batch,
    size_t *n, struct flowd_error *why)
{
	const struct row_filter *q = r->filter;
	const size_t begin = r->row, end = block_scan_find(r);
	size_t got, over = r->row - begin;
	int bad;

	batch->number_asked = r->takes_all ? q->numbered
					   : colset_without(
						 q->numbered, q->first);
	got = block_reader_rows(r->reader, r->row, end - r->row,
	    r->takes_all ? q->want : colset_without(q->first, r->packed),
	    batch);
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
	block_reader_pack(r->reader, r->packed, batch);
	row_filter_select(q, batch);
	batch->packed.cols = (struct colset){ { 0, 0 } };
	if ((bad = block_reader_tested(r->reader, why)) != 0)
		return bad;
	if (!bitmap_any(batch->selected, got))
		return 0;
	if ((bad = block_reader_open(r->reader, q->want, why)) != 0)
		return bad;
	block_reader_more(r->reader, q->want, batch);
	return 1;
}
