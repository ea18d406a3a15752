/* What is asked of flows; see query.h. */
#include "query.h"

static void
add(struct colset *set, struct colset more)
{
	set->word[0] |= more.word[0];
	set->word[1] |= more.word[1];
}

void
query_settle(struct query *q)
{
	q->first = (struct colset){ { 0, 0 } };
	if (q->timed)
		add(&q->first, block_time_columns());
	if (q->filter == NULL)
		return;
	add(&q->first, filter_columns(q->filter));
	/* What the rules tag must not be overwritten by what is read. */
	colset_add(&q->first, COL_tag);
}

struct colset
query_unasked(const struct query *q)
{
	struct colset asked = q->first;

	add(&asked, q->want);
	return (struct colset){ { ~asked.word[0], ~asked.word[1] } };
}

static void
select_times(const struct query *q, struct batch *batch)
{
	for (size_t row = bitmap_next(batch->selected, 0, batch->nrows);
	     row < batch->nrows;
	     row = bitmap_next(batch->selected, row + 1, batch->nrows)) {
		int64_t ns;

		if (!block_time(batch, row, &ns) || ns < q->after_ns ||
		    ns >= q->before_ns)
			bitmap_clear(batch->selected, row);
	}
}

void
query_select(const struct query *q, struct batch *batch)
{
	if (q->timed)
		select_times(q, batch);
	if (q->filter != NULL)
		filter_run(q->filter, batch);
}

bool
query_may_match(const struct query *q, const struct prune_facts *facts)
{
	const struct block *b = facts->block;

	if (q->timed && (b->max_ns < q->after_ns || b->min_ns >= q->before_ns))
		return false;
	return q->filter == NULL ||
	    filter_may_accept(q->filter, facts);
}

bool
query_asks_runs(const struct query *q)
{
	return q->filter != NULL && filter_seeks_host(q->filter);
}

bool
query_run_may_match(const struct query *q, const struct prune_facts *facts)
{
	return filter_run_may_accept(q->filter, facts);
}

bool
query_takes_all(const struct query *q, const struct block *b)
{
	return q->filter == NULL &&
	    (!q->timed ||
		(b->min_ns >= q->after_ns && b->max_ns < q->before_ns));
}

/* Flow times are computed from all the times that there are. */
struct colset
query_classic_columns(uint32_t fields)
{
	struct colset set = { { 0, 0 } };

	if (fields & (CLASSIC_AGENT_INFO | CLASSIC_FLOW_TIMES)) {
		fields |= CLASSIC_AGENT_INFO | CLASSIC_FLOW_TIMES;
		add(&set, block_time_columns());
	}
	for (unsigned i = 0; i < COL_COUNT; i++)
		if (column_info[i].classic & fields)
			colset_add(&set, i);
	return set;
}
