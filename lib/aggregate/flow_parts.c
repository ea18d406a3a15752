/* Parts of flows; see flow_parts.h. */
#include <string.h>

#include "flow_parts.h"

void
row_list_init(struct row_list *list, const struct batch *batch)
{
	list->n = 0;
	for (size_t row = bitmap_next(batch->selected, 0, batch->nrows);
	     row < batch->nrows;
	     row = bitmap_next(batch->selected, row + 1, batch->nrows))
		list->row[list->n++] = (uint16_t)row;
	list->dense = list->n == batch->nrows;
}

/* Without bins: all rows at once. */
static bool
cutter_take_rows(struct flow_cutter *c, struct flow_parts *parts)
{
	const struct row_list *rows = c->rows;

	if (c->at == rows->n)
		return false;
	memcpy(parts->row, rows->row, rows->n * sizeof(*rows->row));
	parts->n = rows->n;
	parts->dense = rows->dense;
	parts->whole = true;
	c->at = rows->n;
	return true;
}

static void
parts_add(struct flow_parts *parts, size_t row, uint32_t bin,
    struct flow_share share)
{
	size_t i = parts->n++;

	parts->row[i] = (uint16_t)row;
	parts->bin[i] = bin;
	parts->share[i] = share;
	parts->dense &= i == row;
	parts->whole &= share.of == 0;
}

/*
 * Cut on with the flow at hand, which spans more bins than one: up to last.
 * False when there is no room for all.
 */
static bool
cutter_cut(struct flow_cutter *c, struct flow_parts *parts, size_t row,
    int64_t begin, int64_t end, uint32_t last)
{
	struct flow_share share = { .of = (uint64_t)end - (uint64_t)begin };

	for (; parts->n < PARTS; c->bin++) {
		int64_t from = time_bin_begin(c->bins, c->bin);
		int64_t to = time_bin_begin(c->bins, c->bin + 1);

		share.from = from > begin ? (uint64_t)from - (uint64_t)begin
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
	last = time_bin(c->bins, end);
	begin = c->by_end || !input_has(begins, row)
	    ? end
	    : word_to_time(begins->word[row]);
	first = begin < end ? time_bin(c->bins, begin) : last;
	if (first == last || last - first >= BINS_OF_A_FLOW) {
		c->too_long += first != last;
		parts_add(parts, row, last, whole);
		return true;
	}
	if (!c->inside)
		c->bin = first;
	c->inside = !cutter_cut(c, parts, row, begin, end, last);
	return !c->inside;
}

bool
flow_cutter_next(struct flow_cutter *c, struct flow_parts *parts)
{
	if (c->bins == NULL)
		return cutter_take_rows(c, parts);
	parts->n = 0;
	parts->dense = parts->whole = true;
	while (c->at < c->rows->n && parts->n < PARTS) {
		if (!cutter_take_row(c, parts))
			break;
		c->at++;
	}
	return parts->n > 0;
}
