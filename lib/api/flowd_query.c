/* Queries, of the public header; see include/flowd/query.h. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "decode.h"
#include "flowd_addr.h"
#include "flowd_query.h"
#include "flowd_scan.h"
#include "having.h"
#include "interface_names.h"
#include "key_elements.h"
#include "options_check.h"
#include "parse.h"
#include "predicate.h"
#include "seed.h"
#include "spill.h"

_Static_assert((int)FLOWD_SERIES_LAST == SERIES_LAST &&
	(int)FLOWD_VALUE_OCTETS == VALUE_OCTETS &&
	FLOWD_ROW_OTHER == AGGREGATE_OTHER,
    "numbers are the same outside");

/* Groups and scans have references to their query. */
struct flowd_query {
	atomic_uint references;
	struct aggregate *aggregate;
	bool has_bin;
	unsigned nshown; /* measures that were asked for; tests have others */
	int64_t now_ns;
	struct key_names names; /* what keys have beside columns */
	struct predicate *tables; /* NULL: none */
	struct decoder *captures; /* of all scans */
	struct interface_names interfaces;
	int spill_fd; /* or -1 */
};


/* --- Options --- */

static int
order_parse(struct aggregate_output *out, const char *order,
    struct flowd_error *err)
{
	if (order == NULL)
		return 0;
	out->order = strcmp(order, "key") == 0
	    ? ORDER_BY_KEY
	    : measures_find(&out->measures, order);
	if (out->order >= 0 || strcmp(order, "key") == 0)
		return 0;
	return flowd_fail(err, FLOWD_EINVAL,
	    "order: %s is none of the measures", order);
}

static int
having_make(struct aggregate_output *out,
    const struct flowd_query_options *o, int64_t now_ns,
    struct flowd_error *err)
{
	const struct datetime_view view = { .now_ns = now_ns,
		.utc = o->utc != 0 };
	int bad = 0;

	for (const char *const *test = o->having;
	     bad == 0 && test != NULL && *test != NULL; test++)
		bad = having_parse(out, *test, &view, err);
	return bad;
}

static int
output_make(struct flowd_query *q, struct aggregate_output *out,
    const struct flowd_query_options *o, struct flowd_error *err)
{
	const char *measures =
	    o->measures != NULL ? o->measures : "flows,packets,octets";
	int bad = 0;

	*out = (struct aggregate_output) { .bin_ns = o->bin_ns,
		.bin_by_end = o->bin_by_end != 0,
		.ascending = o->ascending != 0,
		.limit = o->groups_max,
		.series = (uint8_t)o->series };
	out->key.unordered = -1;
	if (o->series < FLOWD_SERIES_EACH || o->series > FLOWD_SERIES_LAST)
		return flowd_fail(
		    err, FLOWD_EINVAL, "%d is no kind of series", o->series);
	if (o->keys != NULL && o->keys[0] != '\0')
		bad = key_parse_names(&out->key, o->keys, &q->names, err);
	if (bad == 0)
		bad = measures_parse(&out->measures, measures, err);
	if (bad == 0)
		bad = order_parse(out, o->order, err);
	q->nshown = out->measures.n;
	return bad == 0 ? having_make(out, o, q->now_ns, err) : bad;
}

static const char *
find_interface(void *arg, const struct addr *exporter, uint32_t index)
{
	return interface_names_find(arg, exporter, index);
}

static int
tables_make(struct flowd_query *q, const struct flowd_query_options *o,
    struct flowd_error *err)
{
	const struct predicate_text text = { .rules = o->tables,
		.parse_rules = parse_config_rules,
		.now_ns = q->now_ns,
		.utc = o->utc != 0 };

	if (o->tables == NULL)
		return 0;
	q->names.predicate = q->tables = predicate_new(&text, err);
	return q->tables != NULL ? 0 : err->code;
}

/* What keys name: elements, tables, and interfaces. */
static int
names_make(struct flowd_query *q, const struct flowd_query_options *o,
    struct flowd_error *err)
{
	int bad = tables_make(q, o, err);

	key_elements_add(&q->names);
	q->names.interface = find_interface;
	q->names.arg = &q->interfaces;
	if (bad != 0)
		return bad;
	q->captures = decoder_new(NULL, seed_draw());
	if (q->captures == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	interface_names_init(&q->interfaces, q->captures);
	return o->state != NULL
	    ? interface_names_load(&q->interfaces, o->state, err)
	    : 0;
}

/* A file for groups that take more than they may. */
static int
spill_make(struct flowd_query *q, const struct flowd_query_options *o,
    struct flowd_error *err)
{
	if (o->temp_directory == NULL)
		return 0;
	q->spill_fd = spill_open(o->temp_directory, err);
	return q->spill_fd != -1 ? 0 : err->code;
}

static int
query_make(struct flowd_query *q, const struct flowd_query_options *o,
    struct flowd_error *err)
{
	struct aggregate_output output;
	struct aggregate_plan plan = { .outputs = &output,
		.noutputs = 1,
		.memory = (size_t)o->memory,
		.result_memory = (size_t)o->memory,
		.zone = { .local = o->utc == 0 },
		.now_ns = q->now_ns,
		.seed = seed_draw(),
		.scale = o->scale != 0 };
	int bad = OPTIONS_CHECK_RESERVED(o, err);

	if (bad == 0)
		bad = names_make(q, o, err);
	if (bad == 0)
		bad = output_make(q, &output, o, err);
	if (bad == 0)
		bad = spill_make(q, o, err);
	if (bad != 0)
		return bad;
	plan.spill_fd = q->spill_fd;
	q->has_bin = o->bin_ns != 0;
	q->aggregate = aggregate_new(&plan, err);
	return q->aggregate != NULL ? 0 : err->code;
}

struct flowd_query *
flowd_query_new(
    const struct flowd_query_options *options, struct flowd_error *err)
{
	static const struct flowd_query_options usual;
	struct flowd_query *q = calloc(1, sizeof(*q));
	struct flowd_error own;
	struct timespec now;

	if (err == NULL)
		err = &own;
	if (q == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	(void)clock_gettime(CLOCK_REALTIME, &now);
	q->now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	q->spill_fd = -1;
	atomic_init(&q->references, 1);
	if (query_make(q, options != NULL ? options : &usual, err) == 0)
		return q;
	flowd_query_free(q);
	return NULL;
}

static void
query_ref(struct flowd_query *q)
{
	(void)atomic_fetch_add_explicit(
	    &q->references, 1, memory_order_relaxed);
}

void
flowd_query_free(struct flowd_query *q)
{
	if (q == NULL ||
	    atomic_fetch_sub_explicit(
		&q->references, 1, memory_order_acq_rel) > 1)
		return;
	aggregate_free(q->aggregate);
	interface_names_fini(&q->interfaces);
	decoder_free(q->captures);
	predicate_free(q->tables);
	if (q->spill_fd != -1)
		(void)close(q->spill_fd);
	free(q);
}

/* --- Running --- */

static void
query_want(const void *query, struct scan_plan *plan)
{
	const struct flowd_query *q = query;

	aggregate_want(q->aggregate, plan);
}

static void
query_drop(void *query)
{
	flowd_query_free(query);
}

struct flowd_scan *
flowd_query_scan(struct flowd_query *q,
    const struct flowd_scan_options *options, struct flowd_error *err)
{
	const struct scan_owner owner = { q, query_want, query_drop,
		q->captures };
	struct flowd_scan *s = flowd_scan_open_for(options, &owner, err);

	if (s != NULL)
		query_ref(q);
	return s;
}

int
flowd_query_run(
    struct flowd_query *q, struct flowd_scan *s, struct flowd_error *err)
{
	struct flowd_error own;

	if (err == NULL)
		err = &own;
	return flowd_scan_run_for(
	    s, q, &aggregate_consumer, q->aggregate, err);
}

/* --- Groups --- */

struct flowd_groups *
flowd_query_groups(struct flowd_query *q, struct flowd_error *err)
{
	struct flowd_groups *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	g->result = aggregate_result(q->aggregate, 0, err);
	if (g->result == NULL) {
		free(g);
		return NULL;
	}
	query_ref(q);
	g->query = q;
	return g;
}

void
flowd_groups_free(struct flowd_groups *g)
{
	if (g == NULL)
		return;
	aggregate_result_free(g->result);
	flowd_query_free(g->query);
	free(g);
}

size_t
flowd_groups_rows(const struct flowd_groups *g)
{
	return g->result->nrows;
}

size_t
flowd_groups_keys(const struct flowd_groups *g)
{
	return g->result->key.nparts;
}

size_t
flowd_groups_columns(const struct flowd_groups *g)
{
	return g->result->key.nparts + g->query->nshown;
}

const char *
flowd_groups_name(const struct flowd_groups *g, size_t column)
{
	const struct aggregate_result *r = g->result;

	if (column >= flowd_groups_columns(g))
		return NULL;
	if (column >= r->key.nparts)
		return r->output->measures.measure[column - r->key.nparts]
		    .name;
	return g->query->has_bin && column == 0
	    ? "bin"
	    : r->key.part[column].name;
}

static struct flowd_value
value_of(const struct aggregate_value *v)
{
	struct flowd_value to = { .kind = v->kind,
		.estimate = v->estimate };

	switch ((enum aggregate_kind)v->kind) {
	case VALUE_UINT:
		to.uint = v->uint;
		break;
	case VALUE_REAL:
		to.real = v->real;
		break;
	case VALUE_TIME:
	case VALUE_NS:
		to.ns = v->ns;
		break;
	case VALUE_ADDR:
		to.prefix = v->prefix;
		to.addr = flowd_addr_of(&v->addr);
		break;
	case VALUE_TEXT:
		to.text = v->text;
		to.length = strlen(v->text);
		break;
	case VALUE_OCTETS:
		to.octets = v->octets.ptr;
		to.length = v->octets.len;
		break;
	case VALUE_NONE:
		break;
	}
	return to;
}

int
flowd_groups_value(const struct flowd_groups *g, size_t row, size_t column,
    struct flowd_value *value)
{
	const struct aggregate_result *r = g->result;
	bool group = row < r->nrows;
	struct aggregate_value v = { .kind = VALUE_NONE };

	if (column >= flowd_groups_columns(g) ||
	    (!group && row != FLOWD_ROW_OTHER && row != FLOWD_ROW_TOTAL))
		return FLOWD_EINVAL;
	if (column >= r->key.nparts)
		aggregate_measure(
		    r, row, (unsigned)(column - r->key.nparts), &v);
	else if (group && (!aggregate_is_other(r, row) ||
			      (g->query->has_bin && column == 0)))
		aggregate_key(r, row, (unsigned)column, &v);
	*value = value_of(&v);
	return 0;
}

int
flowd_groups_is_other(const struct flowd_groups *g, size_t row)
{
	return row < g->result->nrows && aggregate_is_other(g->result, row);
}

void
flowd_groups_notes(const struct flowd_groups *g, struct flowd_notes *notes)
{
	const struct aggregate_notes *n = &g->result->notes;

	*notes = (struct flowd_notes) { .flows = n->flows,
		.groups = g->result->ngroups,
		.unscaled = n->unscaled,
		.timeless = n->timeless,
		.too_long = n->too_long,
		.saturated = n->saturated };
}
