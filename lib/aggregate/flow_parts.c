/* Parts of flows; see flow_parts.h. */
#include "flow_parts.h"
#include "wide.h"

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
static bool
cutter_take_rows(struct flow_cutter *c, struct flow_parts *parts)
{
	const struct row_list *rows = c->rows;

	parts->row = rows->row;
	parts->n = rows->n;
	parts->dense = rows->dense;
	parts->whole = parts->one_bin = true;
	c->at = rows->n;
	return true;
}

/* The least and the greatest word of the rows that are selected. */
WIDE static void
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

/* Are all flows in one bin? That is so for most batches. */
static bool
cutter_one_bin(struct flow_cutter *c, uint32_t *bin)
{
	const struct input_column *begins = &c->inputs->column[INPUT_BEGIN];
	const struct input_column *ends = &c->inputs->column[INPUT_END];
	uint64_t min, max, least;

	if (ends->valid != NULL || (!c->by_end && begins->valid != NULL))
		return false;
	words_range(ends->word, c->rows, &min, &max);
	if (!c->by_end) {
		uint64_t most;

		/* A flow that ends before it begins is in the bin of its
		 * end. */
		words_range(begins->word, c->rows, &least, &most);
		min = least < min ? least : min;
	}
	*bin = time_bin(c->bins, word_to_time(max));
	return time_bin(c->bins, word_to_time(min)) == *bin;
}

static void
parts_add(struct flow_parts *parts, size_t row, uint32_t bin,
    struct flow_share share)
{
	size_t i = parts->n++;

	parts->own_row[i] = (uint16_t)row;
	parts->bin[i] = bin;
	parts->share[i] = share;
	parts->dense &= i == row;
	parts->whole &= share.of == 0;
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

bool
flow_cutter_next(struct flow_cutter *c, struct flow_parts *parts)
{
	if (c->at == c->rows->n)
		return false;
	if (c->bins == NULL ||
	    (!c->begun && cutter_one_bin(c, &parts->bin[0])))
		return cutter_take_rows(c, parts);
	c->begun = true;
	parts->n = 0;
	parts->row = parts->own_row;
	parts->dense = parts->whole = parts->one_bin = true;
	while (c->at < c->rows->n && parts->n < PARTS) {
		if (!cutter_take_row(c, parts))
			break;
		c->at++;
	}
	return parts->n > 0;
}
