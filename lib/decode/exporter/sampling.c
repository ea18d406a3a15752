/* Sampling rates of flows; see sampling.h. Test: test_sampling.c. */
#include "rate.h"
#include "sampling.h"
#include "scoped_store.h"

static bool
rate_seen_matches(const struct rate_seen *seen, struct rate rate, bool header)
{
	return seen->interval == rate.interval && seen->header == header;
}

/* Notes a rate of headers or records, and the flows it applied to. */
static void
rate_seen_add(struct stream *s, struct rate rate, bool header, size_t flows)
{
	struct rate_seen seen = { .interval = rate.interval,
		.header = header };
	unsigned i = 0;

	while (i < RATES_SEEN && !rate_seen_matches(&s->seen[i], rate, header))
		i++;
	if (i < RATES_SEEN)
		seen = s->seen[i];
	else
		i = RATES_SEEN - 1;
	for (; i > 0; i--)
		s->seen[i] = s->seen[i - 1];
	seen.algorithm = rate.algorithm;
	seen.flows += flows;
	s->seen[0] = seen;
}

static void
row_set_rate(struct batch *batch, size_t row, struct rate rate)
{
	batch->col[COL_sampling_interval].u32[row] = rate.interval;
	bitmap_set(batch->col[COL_sampling_interval].valid, row);
	if (rate.algorithm == 0)
		return;
	batch->col[COL_sampling_algorithm].u8[row] = rate.algorithm;
	bitmap_set(batch->col[COL_sampling_algorithm].valid, row);
}

static void
sampling_mark_used(struct batch *batch)
{
	colset_add(&batch->used, COL_sampling_interval);
	colset_add(&batch->used, COL_sampling_algorithm);
}

/* Whether the row has a rate already. */
static bool
row_has_rate(const struct batch *batch, size_t row)
{
	const struct column *c = &batch->col[COL_sampling_interval];

	return bitmap_test(c->valid, row) && c->u32[row] != 0;
}

/* The rate by elements in "other". Returns false if there is none. */
static bool
row_rate_from_parts(const struct batch *batch, size_t row, struct rate *rate)
{
	struct rate_parts parts = { 0 };
	struct wire w;
	struct other o;

	wire_init(&w, batch_bytes(batch, COL_other, row));
	while (other_next(&w, &o))
		rate_parts_add(&parts, o.pen, o.id, o.value);
	return rate_from_parts(&parts, rate) && rate->interval != 0;
}

static struct rate
row_rate(const struct batch *batch, size_t row)
{
	return (struct rate) {
		.interval =
		    (uint32_t)batch_uint(batch, COL_sampling_interval, row),
		.algorithm =
		    (uint8_t)batch_uint(batch, COL_sampling_algorithm, row),
	};
}

/* Takes the rate of one record. Returns whether the row has one. */
static bool
row_take_record_rate(const struct sampling_rows *rows, size_t row, bool used)
{
	struct stream *s = rows->stream;
	struct rate rate = row_rate(rows->batch, row);

	if (rate.interval == 0 &&
	    (rows->template->plan.derive & DERIVE_RATE_PARTS) &&
	    row_rate_from_parts(rows->batch, row, &rate))
		row_set_rate(rows->batch, row, rate);
	if (rate.interval == 0)
		return false;
	if (rate_reversed(rate.interval) == 0) {
		rate_seen_add(s, rate, false, used);
		return true;
	}
	rate_seen_add(s, rate, false, 0);
	s->counters.bad_rate += used;
	bitmap_clear(rows->batch->col[COL_sampling_interval].valid, row);
	return false;
}

static bool
rate_seen_is_valid(const struct rate_seen *seen)
{
	return seen->interval != 0 && rate_reversed(seen->interval) == 0;
}

static bool
values_equal(const uint32_t *list, size_t n, uint32_t value)
{
	uint32_t differ = 0;

	for (size_t i = 0; i < n; i++)
		differ |= list[i] ^ value;
	return differ == 0;
}

/*
 * The common case: all rows have rates seen before. Counts them and returns
 * true, or does nothing.
 */
static bool
rows_match_seen(const struct sampling_rows *rows, bool used)
{
	const struct column *c = &rows->batch->col[COL_sampling_interval];
	const uint32_t *interval = c->u32 + rows->first;
	struct rate_seen *seen = rows->stream->seen;
	size_t count[RATES_SEEN] = { 0 };

	if (!bitmap_full_range(c->valid, rows->first, rows->n))
		return false;
	if (rate_seen_is_valid(seen) &&
	    values_equal(interval, rows->n, seen->interval)) {
		seen->flows += used ? rows->n : 0;
		return true;
	}
	for (size_t i = 0; i < rows->n; i++) {
		unsigned k = 0;

		while (k < RATES_SEEN && seen[k].interval != interval[i])
			k++;
		if (k == RATES_SEEN || !rate_seen_is_valid(&seen[k]))
			return false;
		count[k]++;
	}
	for (unsigned k = 0; k < RATES_SEEN; k++)
		seen[k].flows += used ? count[k] : 0;
	return true;
}

/* Returns how many rows have a rate of their records. */
static size_t
rates_of_records(const struct sampling_rows *rows, bool used)
{
	size_t with = 0;

	if (rows_match_seen(rows, used))
		return rows->n;
	sampling_mark_used(rows->batch);
	for (size_t r = rows->first; r < rows->first + rows->n; r++)
		with += row_take_record_rate(rows, r, used);
	return with;
}

/* Whether it can be used. Counts byte-order errors. */
static bool
scoped_rate_is_usable(
    const struct sampling_rows *rows, const struct scoped_value *st, size_t n)
{
	struct rate rate;

	if (st == NULL)
		return false;
	rate = scoped_rate(st->value);
	if (rate_reversed(rate.interval) != 0) {
		rows->stream->counters.bad_rate += n;
		return false;
	}
	return rate.interval != 0;
}

/* A rate that applies to the whole set. */
static size_t
rates_of_set(const struct sampling_rows *rows, struct scoped_value *st)
{
	struct rate rate;

	if (!scoped_rate_is_usable(rows, st, rows->n))
		return 0;
	rate = scoped_rate(st->value);
	batch_fill_uint(rows->batch, COL_sampling_interval, rows->first,
	    rows->n, rate.interval);
	if (rate.algorithm != 0)
		batch_fill_uint(rows->batch, COL_sampling_algorithm,
		    rows->first, rows->n, rate.algorithm);
	st->flows += rows->n;
	return rows->n;
}

/* Fills rows from first on that have no rate. Returns how many. */
static size_t
rates_of_rows(const struct sampling_rows *rows, size_t first,
    struct scoped_value *const *found, size_t n)
{
	size_t with = 0;

	for (size_t i = 0; i < n; i++) {
		if (row_has_rate(rows->batch, first + i) ||
		    !scoped_rate_is_usable(rows, found[i], 1))
			continue;
		row_set_rate(rows->batch, first + i,
		    scoped_rate(found[i]->value));
		found[i]->flows++;
		with++;
	}
	return with;
}

/* Returns how many rows get a rate of options data; with have one already. */
static size_t
rates_of_options(const struct sampling_rows *rows, size_t with)
{
	const bool alike = rows->stream->exporter->types[SCOPED_RATE].per_set;
	const size_t end = rows->first + rows->n;
	struct scope_flows flows = {
		.batch = rows->batch,
		.domain = rows->stream->domain,
		.template_id = rows->template->id,
		.n = 1,
	};
	struct scoped_value *found[SCOPE_ROWS];
	size_t more = 0;

	if (alike && with == 0) {
		scoped_find(rows->all, rows->stream, SCOPED_RATE, &flows,
		    found);
		return rates_of_set(rows, found[0]);
	}
	sampling_mark_used(rows->batch);
	for (size_t r = rows->first; r < end; r += flows.n) {
		flows.first = r;
		flows.n = end - r < SCOPE_ROWS ? end - r : SCOPE_ROWS;
		scoped_find(rows->all, rows->stream, SCOPED_RATE, &flows,
		    found);
		more += rates_of_rows(rows, r, found, flows.n);
	}
	return more;
}

/* Rates of the header or the records. used: no other rate overrides them. */
static size_t
rates_of_datagram(const struct sampling_rows *rows, bool used)
{
	const struct message *m = rows->message;
	const struct rate rate = { m->sampling_interval,
		m->sampling_algorithm };
	const unsigned in_records = DERIVE_RATE_COLUMN | DERIVE_RATE_PARTS;

	if (rate.interval != 0) {
		rate_seen_add(rows->stream, rate, true, used ? rows->n : 0);
		return rows->n;
	}
	if (rows->template->plan.derive & in_records)
		return rates_of_records(rows, used);
	return 0;
}

void
sampling_fill(const struct sampling_rows *rows)
{
	struct exporter *x = rows->stream->exporter;
	size_t with = rates_of_datagram(rows, x->configured == 0);

	if (x->configured != 0) {
		batch_fill_uint(rows->batch, COL_sampling_interval,
		    rows->first, rows->n, x->configured);
		x->configured_flows += rows->n;
		rows->stream->counters.sampled += rows->n;
		return;
	}
	if (with < rows->n && x->types[SCOPED_RATE].n > 0)
		with += rates_of_options(rows, with);
	rows->stream->counters.sampled += with;
}

bool
sampling_start(struct exporters *all, const struct stream *s,
    uint16_t template_id, int64_t *start_ns)
{
	const struct scope_flows flows = { .domain = s->domain,
		.template_id = template_id, .n = 1 };
	struct scoped_value *found[SCOPE_ROWS];

	if (s->exporter->types[SCOPED_START].n == 0)
		return false;
	scoped_find(all, s, SCOPED_START, &flows, found);
	if (found[0] == NULL)
		return false;
	*start_ns = (int64_t)found[0]->value;
	return true;
}
