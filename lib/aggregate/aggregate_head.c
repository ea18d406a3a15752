/* Groups by the heads of blocks; see aggregate_head.h. */
#include "aggregate_head.h"

/* The least and the greatest value of an input. */
struct head_range {
	uint64_t min, max;
};

/* A column that all rows have, and its range; false for another. */
static bool
column_range(const struct block *b, unsigned col, struct head_range *range)
{
	const struct block_column *c = block_column(b, col);

	if (c == NULL || (c->flags & ENTRY_GAPS) ||
	    c->type == COLUMN_ADDR || c->type == COLUMN_BYTES)
		return false;
	range->min = c->min;
	range->max = c->max;
	if (c->type == COLUMN_TIME) {
		range->min = time_to_word((int64_t)c->min);
		range->max = time_to_word((int64_t)c->max);
	}
	return true;
}

/* Begins and ends of flows; where there are none the times of the flows. */
static bool
input_range(const struct block *b, unsigned input, struct head_range *range)
{
	unsigned col = input == INPUT_BEGIN ? COL_flow_start : COL_flow_end;

	if (input < COL_COUNT)
		return column_range(b, input, range);
	if (input == INPUT_DURATION)
		return false;
	if (block_column(b, col) == NULL)
		col = COL_recv_time;
	return column_range(b, col, range);
}

static bool
head_state(const struct state *state, const struct block *b, uint64_t *word)
{
	struct head_range range;

	switch ((enum state_kind)state->kind) {
	case STATE_FLOWS:
		*word = b->nrows;
		return true;
	case STATE_COUNT:
		*word = b->nrows;
		return input_range(b, state->input, &range);
	case STATE_SUM:
		return state->input < COL_COUNT &&
		    block_total(b, state->input, word);
	case STATE_MIN:
	case STATE_MAX:
		if (!input_range(b, state->input, &range))
			return false;
		*word = state->kind == STATE_MIN ? range.min : range.max;
		return true;
	default:
		return false;
	}
}

/* A column that is constant, as the value of a part. */
static bool
constant_value(
    const struct block *b, const struct key_part *p, struct key_value *v)
{
	const struct block_column *c = block_column(b, p->col[0]);

	*v = (struct key_value){ .presence = KEY_ABSENT };
	if (p->function != KEY_COLUMN || p->col[0] != p->col[1])
		return false;
	if (c == NULL)
		return true;
	if (!(c->flags & ENTRY_CONSTANT) || (c->flags & ENTRY_GAPS) ||
	    c->type == COLUMN_ADDR)
		return false;
	v->presence = KEY_PLAIN;
	v->lo = c->min;
	return true;
}

/* The bin that all flows are in. */
static bool
one_bin(const struct aggregate_group *g, const struct block *b,
    struct time_bins *bins, struct key_value *v)
{
	struct head_range begins, ends;

	if (!input_range(b, INPUT_END, &ends))
		return false;
	begins = ends;
	if (!g->output.bin_by_end && !input_range(b, INPUT_BEGIN, &begins))
		return false;
	if (begins.min > ends.min)
		begins.min = ends.min;
	*v = (struct key_value){ .presence = KEY_PLAIN,
		.lo = time_bin(bins, word_to_time(ends.max)) };
	return time_bin(bins, word_to_time(begins.min)) == v->lo;
}

bool
head_group(const struct aggregate_group *g, const struct block *b,
    struct time_bins *bins, uint64_t key[KEY_WORDS], bool *general,
    uint64_t state[STATES])
{
	const struct states *states = &g->layout.states;
	struct key_value value[KEY_PARTS];

	if (g->key.unordered >= 0)
		return false;
	for (unsigned i = 0; i < g->key.nparts; i++) {
		const struct key_part *p = &g->key.part[i];

		if (!(p->function == KEY_BIN
			    ? one_bin(g, b, bins, &value[i])
			    : constant_value(b, p, &value[i])))
			return false;
	}
	for (unsigned i = 0; i < states->n; i++)
		if (!head_state(&states->state[i], b, &state[i]))
			return false;
	*general = false;
	for (unsigned i = 0; i < g->key.nparts; i++)
		*general |= value[i].presence != KEY_PLAIN;
	if (*general)
		key_pack_general(&g->layout.keys, value, key);
	else
		key_pack_plain(&g->layout.keys, value, key);
	return true;
}
