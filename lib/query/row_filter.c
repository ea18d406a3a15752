/* Which rows pass; see row_filter.h. */
#include "flow_time.h"
#include "row_filter.h"

static void
colset_join(struct colset *set, struct colset more)
{
	set->word[0] |= more.word[0];
	set->word[1] |= more.word[1];
}

void
row_filter_settle(struct row_filter *f)
{
	f->first = f->ranged = (struct colset){ { 0, 0 } };
	if (f->timed)
		colset_join(&f->first, flow_time_columns());
	if (f->predicate == NULL)
		return;
	colset_join(&f->first, predicate_columns(f->predicate));
	/* Read tags first, or reading would overwrite those that rules set. */
	colset_add(&f->first, COL_tag);
	f->ranged = predicate_ranged(f->predicate);
	if (f->timed)
		f->ranged = colset_without(f->ranged, flow_time_columns());
}

struct colset
row_filter_unasked(const struct row_filter *f)
{
	struct colset asked = f->first;

	colset_join(&asked, f->want);
	return (struct colset){ { ~asked.word[0], ~asked.word[1] } };
}

static void
row_filter_select_times(const struct row_filter *f, struct batch *batch)
{
	BITMAP_FOREACH(row, batch->selected, 0, batch->nrows) {
		int64_t ns;

		if (!flow_time(batch, row, &ns) || ns < f->after_ns ||
		    ns >= f->before_ns)
			bitmap_clear(batch->selected, row);
	}
}

void
row_filter_select(const struct row_filter *f, struct batch *batch)
{
	if (f->timed)
		row_filter_select_times(f, batch);
	if (f->predicate != NULL)
		predicate_select(f->predicate, batch);
}

bool
row_filter_may_match(
    const struct row_filter *f, const struct prune_facts *facts)
{
	const struct block *b = facts->block;

	if (f->timed && (b->max_ns < f->after_ns || b->min_ns >= f->before_ns))
		return false;
	return f->predicate == NULL ||
	    predicate_may_accept(f->predicate, facts);
}

bool
row_filter_asks_runs(const struct row_filter *f)
{
	return f->predicate != NULL && predicate_seeks_host(f->predicate);
}

bool
row_filter_run_may_match(
    const struct row_filter *f, const struct prune_facts *facts)
{
	return predicate_run_may_accept(f->predicate, facts);
}

bool
row_filter_takes_all(const struct row_filter *f, const struct block *b)
{
	return f->predicate == NULL &&
	    (!f->timed ||
		(b->min_ns >= f->after_ns && b->max_ns < f->before_ns));
}
