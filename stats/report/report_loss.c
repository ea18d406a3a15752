/*
 * What was lost between exporters and the log, by the sequence numbers of their
 * datagrams. The rows of a log are put together to the datagrams that they came
 * in; what their numbers count is learnt as the collector does it
 * (lib/decode/sequence/counting.h).
 */
#include <stdlib.h>

#include "grid.h"
#include "map.h"
#include "message.h"
#include "report_print.h"
#include "report_run.h"
#include "report_span.h"
#include "seed.h"
#include "value_order.h"

/* A datagram, as far as its flows are in the log. */
struct loss_datagram {
	uint32_t number, flows;
	int64_t export_ns;
};

struct loss_stream {
	struct map_node node;
	struct addr agent;
	uint16_t version;
	uint32_t domain; /* or type and id of the engine */
	struct counting counting;
	struct loss_datagram last; /* its rows may go on */
	uint64_t datagrams, flows;
};

struct loss {
	struct map streams;
	struct counting_budget budget;
	uint64_t seed, unnumbered; /* flows without a sequence number */
};

static bool
loss_stream_is(const struct loss_stream *s, const struct addr *agent,
    uint16_t version, uint32_t domain)
{
	return s->version == version && s->domain == domain &&
	    addr_equal(&s->agent, agent);
}

static struct loss_stream *
loss_stream_new(struct loss *l, const struct addr *agent, uint16_t version,
    uint32_t domain, uint64_t hash)
{
	const struct version *v = &versions[version_find(version)];
	struct loss_stream *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->agent = *agent;
	s->version = version;
	s->domain = domain;
	counting_init(&s->counting, v->sequence_unit, v->sequence_units);
	map_insert(&l->streams, &s->node, hash);
	return s;
}

static struct loss_stream *
loss_stream_get(
    struct loss *l, const struct addr *agent, uint16_t version, uint32_t domain)
{
	const uint64_t key[] = { agent->family, agent->v4, agent->v6.hi,
		agent->v6.lo, (uint64_t)version << 32 | domain };
	uint64_t hash = map_hash(key, sizeof(key), l->seed);
	struct map_node *n;

	for (n = map_first(&l->streams, hash); n != NULL; n = map_same(n)) {
		struct loss_stream *s = (struct loss_stream *)n;

		if (loss_stream_is(s, agent, version, domain))
			return s;
	}
	return loss_stream_new(l, agent, version, domain, hash);
}

/* The datagram is over: see what its number says. */
static void
loss_stream_note(struct loss *l, struct loss_stream *s)
{
	struct counting_message m = { .number = s->last.number,
		.export_ns = s->last.export_ns };

	if (s->last.flows == 0)
		return;
	m.has.flows =
	    s->last.flows < UINT16_MAX ? (uint16_t)s->last.flows : UINT16_MAX;
	(void)counting_note(&s->counting, &m, &l->budget);
	s->datagrams++;
	s->flows += s->last.flows;
	s->last.flows = 0;
}

static uint32_t
loss_row_domain(const struct batch *batch, size_t row)
{
	if (batch_has(batch, COL_source_id, row))
		return (uint32_t)batch_uint(batch, COL_source_id, row);
	return (uint32_t)(batch_uint(batch, COL_engine_type, row) << 8 |
	    batch_uint(batch, COL_engine_id, row));
}

static int
loss_row(struct loss *l, const struct batch *batch, size_t row,
    struct flowd_error *err)
{
	uint64_t version = batch_uint(batch, COL_netflow_version, row);
	struct addr agent = batch_addr(batch, COL_agent_addr, row);
	struct loss_datagram d = { .number = (uint32_t)batch_uint(
				       batch, COL_sequence, row),
		.export_ns = (int64_t)batch_uint(batch, COL_agent_time, row) };
	struct loss_stream *s;

	if (!batch_has(batch, COL_sequence, row) ||
	    version_find((uint16_t)version) < 0) {
		l->unnumbered++;
		return 0;
	}
	s = loss_stream_get(
	    l, &agent, (uint16_t)version, loss_row_domain(batch, row));
	if (s == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (s->last.number != d.number || s->last.export_ns != d.export_ns) {
		loss_stream_note(l, s);
		s->last = d;
	}
	s->last.flows++;
	return 0;
}

static void *
loss_begin(void *arg, struct flowd_error *err)
{
	(void)err;
	return arg;
}

static int
loss_batch(void *state, void *partial, const struct batch *batch,
    struct flowd_error *err)
{
	int bad = 0;

	(void)partial;
	for (size_t row = bitmap_next(batch->selected, 0, batch->nrows);
	    row < batch->nrows && bad == 0;
	    row = bitmap_next(batch->selected, row + 1, batch->nrows))
		bad = loss_row(state, batch, row, err);
	return bad;
}

static const struct scan_consumer loss_consumer = {
	.ordered = true,
	.begin = loss_begin,
	.batch = loss_batch,
};

/* Units that have come; they are flows unless it is datagrams that count. */
static uint64_t
loss_stream_units(const struct loss_stream *s)
{
	return counting_unit(&s->counting) == SEQUENCE_MESSAGES ? s->datagrams
								: s->flows;
}

static struct aggregate_value
loss_agent(const struct loss_stream *s)
{
	return (struct aggregate_value) {
		.kind = s->agent.family != ADDR_NONE ? VALUE_ADDR : VALUE_NONE,
		.prefix = s->agent.family == ADDR_V4 ? 32 : 128,
		.addr = s->agent
	};
}

static void
loss_put_stream(struct grid *g, const struct loss_stream *s)
{
	const struct aggregate_value agent = loss_agent(s);
	struct sequence_change sum = counting_sum(&s->counting);
	uint64_t lost = sum.lost > 0 ? (uint64_t)sum.lost : 0;

	grid_cell(g, &agent);
	grid_uint(g, s->version);
	grid_uint(g, s->domain);
	grid_uint(g, s->datagrams);
	grid_uint(g, s->flows);
	grid_text(g, counting_word(&s->counting));
	grid_uint(g, lost);
	grid_real(g,
	    lost == 0 ? 0
		      : (double)lost * 100 /
			(double)(lost + loss_stream_units(s)));
	grid_uint(g, sum.late);
	grid_uint(g, sum.repeated > 0 ? (uint64_t)sum.repeated : 0);
	grid_uint(g, sum.restarts);
}

static const struct {
	const char *name;
	enum form form;
	bool key;
} columns[] = {
	{ "agent_addr", FORM_ADDR, true },
	{ "netflow_version", FORM_NUMBER, true },
	{ "source_id", FORM_NUMBER, true },
	{ "datagrams", FORM_COUNT, false },
	{ "flows", FORM_COUNT, false },
	{ "counted", FORM_TEXT, false },
	{ "lost", FORM_COUNT, false },
	{ "lost_percent", FORM_PERCENT, false },
	{ "late", FORM_COUNT, false },
	{ "repeated", FORM_COUNT, false },
	{ "restarts", FORM_COUNT, false },
};

enum {
	COLUMNS = sizeof(columns) / sizeof(columns[0]),
	COLUMN_LOST = 6
};

/* By exporter, version and domain. */
static int
loss_stream_compare(const void *a, const void *b)
{
	const struct loss_stream *x = *(struct loss_stream *const *)a;
	const struct loss_stream *y = *(struct loss_stream *const *)b;
	struct aggregate_value agents[] = { loss_agent(x), loss_agent(y) };
	int order = value_order(&agents[0], &agents[1]);

	if (order != 0)
		return order;
	if (x->version != y->version)
		return x->version < y->version ? -1 : 1;
	return x->domain < y->domain ? -1 : x->domain > y->domain;
}

/* The rows of all streams in an order that does not depend on hashes. */
static bool
loss_put_streams(struct grid *g, struct loss *l)
{
	struct loss_stream **all =
	    calloc(l->streams.count + 1, sizeof(struct loss_stream *));
	size_t n = 0;

	if (all == NULL)
		return false;
	for (size_t i = 0; i < l->streams.nbuckets; i++)
		for (struct map_node *node = l->streams.bucket[i]; node != NULL;
		     node = node->next)
			all[n++] = (struct loss_stream *)node;
	qsort(all, n, sizeof(*all), loss_stream_compare);
	for (size_t i = 0; i < n; i++) {
		loss_stream_note(l, all[i]);
		loss_put_stream(g, all[i]);
	}
	free(all);
	return true;
}

static int
loss_print(struct stats *s, struct loss *l, struct flowd_error *err)
{
	struct grid g;
	bool good;
	int bad = 0;

	grid_init(&g);
	for (unsigned i = 0; i < COLUMNS; i++)
		(void)dataset_add(&g.dataset, columns[i].name, columns[i].form,
		    columns[i].key);
	good = loss_put_streams(&g, l);
	grid_end(&g, false);
	g.dataset.noun = "stream";
	if (!good || !grid_ok(&g) ||
	    !grid_sort(&g, COLUMN_LOST, s->opts.output.limit))
		bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (bad == 0)
		bad = report_print(s, &g.dataset, NULL, err);
	if (bad == 0 && s->opts.writer->people) {
		report_foot(s, &g.dataset);
		buf_append_char(&s->output.buf, '\n');
	}
	grid_fini(&g);
	report_note(l->unnumbered,
	    "without a sequence number: of these nothing is known");
	return bad;
}

static void
loss_fini(struct loss *l)
{
	for (size_t i = 0; i < l->streams.nbuckets; i++) {
		struct map_node *n = l->streams.bucket[i], *next;

		for (; n != NULL; n = next) {
			struct loss_stream *s = (struct loss_stream *)n;

			next = n->next;
			counting_fini(&s->counting, &l->budget);
			free(s);
		}
	}
	map_fini(&l->streams);
}

int
report_loss(struct stats *s, struct flowd_error *err)
{
	static const uint8_t wanted[] = { COL_agent_addr, COL_agent_time,
		COL_netflow_version, COL_sequence, COL_source_id,
		COL_engine_type, COL_engine_id };
	struct scan_plan plan = reading_plan(&s->reading, s->opts.scan.range);
	struct loss l = { .budget = { .max = COUNTING_LEARNERS },
		.seed = seed_draw() };
	int bad;

	if (!map_init(&l.streams))
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	for (size_t i = 0; i < sizeof(wanted); i++)
		colset_add(&plan.columns, wanted[i]);
	plan.threads = 1;
	bad = reading_run(&s->reading, &plan, &loss_consumer, &l, err);
	if (bad == 0)
		bad = loss_print(s, &l, err);
	loss_fini(&l);
	return bad;
}
