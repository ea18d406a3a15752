/* Parts of flows; see flow_parts.h. */
#include "flow_parts.h"
#include "vectorize.h"

enum {
	BINS_AT_ONCE = 4 /* that a batch is taken by, one after the other */
};

void
row_list_init(struct row_list *list)
{
	for (size_t i = 0; i < BATCH_ROWS; i++)
		list->all_rows[i] = (uint16_t)i;
}

void
row_list_load(struct row_list *list, const struct batch *batch)
{
	list->n = bitmap_count(batch->selected, batch->nrows);
	list->dense = list->n == batch->nrows;
	list->row = list->dense ? list->all_rows : list->own;
	if (list->dense)
		return;
	list->n = 0;
	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		for (uint64_t rest = batch->selected[w]; rest != 0;
		     rest &= rest - 1)
			list->own[list->n++] =
			    (uint16_t)(w * 64 + bitmap_lowest(rest));
}

/* All rows at once. */
static void
cutter_take_rows(struct flow_cutter *c, struct flow_parts *parts)
{
	const struct row_list *rows = c->rows;

	parts->row = rows->row;
	parts->n = parts->nwhole = rows->n;
	parts->dense = rows->dense;
	parts->one_bin = true;
	c->at = rows->n;
}

/* The least and the greatest word of the rows that are selected. */
VECTORIZE static void
words_range(const uint64_t *word, const struct row_list *rows, uint64_t *min,
    uint64_t *max)
{
	*min = UINT64_MAX;
	*max = 0;
	if (rows->dense) {
		for (size_t i = 0; i < rows->n; i++) {
			*min = word[i] < *min ? word[i] : *min;
			*max = word[i] > *max ? word[i] : *max;
		}
		return;
	}
	for (size_t i = 0; i < rows->n; i++) {
		uint64_t v = word[rows->row[i]];

		*min = v < *min ? v : *min;
		*max = v > *max ? v : *max;
	}
}

/* In which bins are the flows? It is settled if they are few. */
static void
cutter_find_bins(struct flow_cutter *c)
{
	const struct input_column *begins = &c->inputs->column[INPUT_BEGIN];
	const struct input_column *ends = &c->inputs->column[INPUT_END];
	uint64_t min, max;

	c->begun = true;
	if (ends->valid != NULL || (!c->by_end && begins->valid != NULL))
		return;
	words_range(ends->word, c->rows, &min, &max);
	if (!c->by_end) {
		uint64_t least, most;

		/* A flow that ends before it begins is where it ends. */
		words_range(begins->word, c->rows, &least, &most);
		min = least < min ? least : min;
	}
	c->first = time_bin(c->bins, word_to_time(min));
	c->last = time_bin(c->bins, word_to_time(max));
	c->by_bin = c->last - c->first < BINS_AT_ONCE;
	c->bin = c->first;
}

/*
 * A bin as words, both ends included; the first and the last one are all that
 * there is before and behind.
 */
struct bin_range {
	uint64_t lo, hi;
};

static struct bin_range
cutter_bin_range(const struct flow_cutter *c, uint32_t bin)
{
	return (struct bin_range){
		.lo = bin == c->first
		    ? 0
		    : time_to_word(time_bin_begin(c->bins, bin)),
		.hi = bin == c->last
		    ? UINT64_MAX
		    : time_to_word(time_bin_begin(c->bins, bin + 1)) - 1,
	};
}

/* When a flow begins, and the last moment that it is there. */
static inline void
flow_range(const struct flow_cutter *c, size_t row, uint64_t *begin,
    uint64_t *last)
{
	uint64_t end = c->inputs->column[INPUT_END].word[row];

	*begin = c->by_end ? end : c->inputs->column[INPUT_BEGIN].word[row];
	/* At its end it has ended: nothing of it is in a bin that begins. */
	*last = *begin < end ? end - 1 : end;
	*begin = *begin < end ? *begin : end;
}

/*
 * The flows that are in the bin with all of them, at whole, and those with a
 * share, at shared. Returns how many are whole.
 */
static size_t
cutter_sort_rows(const struct flow_cutter *c, struct bin_range bin,
    uint16_t *whole, uint16_t *shared, size_t *nshared)
{
	size_t nwhole = 0, n = 0;

	for (size_t i = 0; i < c->rows->n; i++) {
		uint16_t row = c->rows->row[i];
		uint64_t begin, last;
		bool begins, ends;

		flow_range(c, row, &begin, &last);
		begins = begin >= bin.lo && begin <= bin.hi;
		ends = last >= bin.lo && last <= bin.hi;
		whole[nwhole] = row;
		nwhole += begins && ends;
		shared[n] = row;
		n += begin <= bin.hi && last >= bin.lo && !(begins && ends);
	}
	*nshared = n;
	return nwhole;
}

/* The parts in one bin. */
static void
cutter_take_bin(struct flow_cutter *c, struct flow_parts *parts)
{
	struct bin_range bin = cutter_bin_range(c, c->bin);
	uint16_t shared[BATCH_ROWS + 1];
	size_t n;

	parts->nwhole = cutter_sort_rows(
	    c, bin, parts->own_row, shared, &n);
	parts->n = parts->nwhole + n;
	parts->row = parts->own_row;
	parts->dense = c->rows->dense && parts->nwhole == c->rows->n;
	parts->one_bin = true;
	parts->bin[0] = c->bin++;
	for (size_t i = 0; i < n; i++) {
		uint64_t begin, last;
		struct flow_share *share = &parts->share[parts->nwhole + i];

		flow_range(c, shared[i], &begin, &last);
		share->of = last + 1 - begin;
		share->from = begin >= bin.lo ? 0 : bin.lo - begin;
		share->to = last <= bin.hi ? share->of : bin.hi + 1 - begin;
		parts->own_row[parts->nwhole + i] = shared[i];
	}
}

static void
parts_add(struct flow_parts *parts, size_t row, uint32_t bin,
    struct flow_share share)
{
	size_t i = parts->n++;

	parts->own_row[i] = (uint16_t)row;
	parts->bin[i] = bin;
	parts->share[i] = share;
	parts->dense &= i == row && share.of == 0;
	parts->nwhole += parts->nwhole == i && share.of == 0;
	parts->one_bin &= bin == parts->bin[0];
}

/*
 * Cut on with the flow at hand, which spans the bins from first to last.
 * False when there is no room for all.
 */
static bool
cutter_cut(struct flow_cutter *c, struct flow_parts *parts, size_t row,
    int64_t begin, int64_t end, uint32_t first, uint32_t last)
{
	struct flow_share share = { .of = (uint64_t)end - (uint64_t)begin };

	for (; parts->n < PARTS; c->bin++) {
		int64_t from = time_bin_begin(c->bins, c->bin);
		int64_t to = time_bin_begin(c->bins, c->bin + 1);

		share.from = c->bin > first ? (uint64_t)from - (uint64_t)begin
					    : 0;
		share.to = c->bin < last ? (uint64_t)to - (uint64_t)begin
					 : share.of;
		parts_add(parts, row, c->bin, share);
		if (c->bin == last)
			return true;
	}
	return false;
}

/* The parts of the next row; false when there is no room for all of them. */
static bool
cutter_take_row(struct flow_cutter *c, struct flow_parts *parts)
{
	const struct input_column *begins = &c->inputs->column[INPUT_BEGIN];
	const struct input_column *ends = &c->inputs->column[INPUT_END];
	const struct flow_share whole = { 0, 0, 0 };
	size_t row = c->rows->row[c->at];
	int64_t begin, end;
	uint32_t first, last;

	if (!input_has(ends, row)) {
		c->timeless++;
		return true;
	}
	end = word_to_time(ends->word[row]);
	begin = c->by_end || !input_has(begins, row)
	    ? end
	    : word_to_time(begins->word[row]);
	/* At its end it has ended: nothing of it is in a bin that begins. */
	last = time_bin(c->bins, begin < end ? end - 1 : end);
	first = begin < end ? time_bin(c->bins, begin) : last;
	if (first == last || last - first >= BINS_OF_A_FLOW) {
		c->too_long += first != last;
		parts_add(parts, row, last, whole);
		return true;
	}
	if (!c->inside)
		c->bin = first;
	c->inside = !cutter_cut(c, parts, row, begin, end, first,
	    last);
	return !c->inside;
}

/* Row by row: flows of many bins, or of which some have no time. */
static void
cutter_take_each(struct flow_cutter *c, struct flow_parts *parts)
{
	parts->n = parts->nwhole = 0;
	parts->row = parts->own_row;
	parts->dense = parts->one_bin = true;
	while (c->at < c->rows->n && parts->n < PARTS) {
		if (!cutter_take_row(c, parts))
			break;
		c->at++;
	}
}

bool
flow_cutter_next(struct flow_cutter *c, struct flow_parts *parts)
{
	if (c->at == c->rows->n)
		return false;
	if (c->bins != NULL && !c->begun)
		cutter_find_bins(c);
	if (c->bins == NULL || (c->by_bin && c->first == c->last)) {
		parts->bin[0] = c->first;
		cutter_take_rows(c, parts);
	} else if (c->by_bin) {
		cutter_take_bin(c, parts);
		if (c->bin > c->last)
			c->at = c->rows->n;
	} else {
		cutter_take_each(c, parts);
		return parts->n > 0;
	}
	return true;
}
