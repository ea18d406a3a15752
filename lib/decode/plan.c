/*
 * Plans; see plan.h.
 *
 * The proof: compile lays the fields end to end, so that each op and other
 * lies within its segment, and the segments with the variable fields between
 * them are the record. Without variable fields plan_run() takes
 * set.len / record_len records, so every octet of them is inside of the set.
 * With them plan_measure() has stepped over every segment and every variable
 * field of a record, inside of the set, before the record counts.
 * What "other" takes of the heap is added up before rows are appended.
 */
#include <string.h>

#include "element.h"
#include "load.h"
#include "plan.h"
#include "template.h"

/* So the heap of an empty batch holds the others of any one record. */
_Static_assert(BATCH_HEAP > TEMPLATE_FIELDS_MAX * OTHER_HEAD + UINT16_MAX,
    "a record must fit into an empty batch");

/* Which field fills a column, while the fields are looked at. */
struct choice {
	const struct element *element;	/* NULL: none yet */
	size_t field;
};

struct compiler {
	struct plan *plan;
	const struct field *fields;
	size_t nfields;
	bool everything_other;
	size_t max_others;
	bool noted;			/* some field has a variable length */
	struct choice choice[COL_COUNT];
	uint16_t seen[ELEMENT_COUNT];	/* fields of each element */
};

size_t
plan_memory(size_t nfields)
{
	size_t nops = nfields + 1 < COL_COUNT ? nfields + 1 : COL_COUNT;

	return nops * sizeof(struct plan_op) +
	    nfields * sizeof(struct plan_other) +
	    (nfields + 1) * sizeof(uint16_t);
}

/* The element of a field that can fill a column as it is, or NULL. */
static const struct element *
field_element(const struct compiler *c, const struct field *f)
{
	const struct element *e;
	bool partial;

	if (c->everything_other || f->len == 0 || f->len == FIELD_VARIABLE)
		return NULL;
	e = element_find(f->pen, f->id);
	if (e == NULL || e->column < 0)
		return NULL;
	if (e->transform == TRANSFORM_ICMP)
		return f->len == 2 ? e : NULL;
	return load_find(e, f->len, c->noted, &partial) != NULL ? e : NULL;
}

/* A preferred element wins a column; among equals the last one. */
static void
choose(struct compiler *c, unsigned col, const struct element *e, size_t field)
{
	struct choice *choice = &c->choice[col];

	if (choice->element == NULL || e->rank <= choice->element->rank)
		*choice = (struct choice) { e, field };
}

static void
choose_fields(struct compiler *c)
{
	for (size_t i = 0; i < c->nfields; i++) {
		const struct element *e = field_element(c, &c->fields[i]);

		if (e == NULL)
			continue;
		c->seen[element_index(e)]++;
		choose(c, (unsigned)e->column, e, i);
		if (e->transform == TRANSFORM_ICMP)
			choose(c, COL_icmp_code, e, i);
	}
}

static bool
chosen(const struct compiler *c, unsigned col, size_t field)
{
	return c->choice[col].element != NULL && c->choice[col].field == field;
}

static void
add_op(struct plan *plan, plan_load *load, bool partial, size_t off,
    uint16_t len, unsigned col)
{
	if (!partial)
		plan->cols[plan->ncols++] = (uint8_t)col;
	plan->ops[plan->nops++] = (struct plan_op) {
		.load = load,
		.segment = plan->nsegments,
		.off = (uint16_t)off,
		.len = len,
		.col = (uint16_t)col,
	};
}

/* Loads for the columns that field i won. Returns how many. */
static unsigned
add_ops(struct compiler *c, const struct element *e, size_t i, size_t off)
{
	struct plan *plan = c->plan;
	unsigned before = plan->nops;
	uint16_t len = c->fields[i].len;
	plan_load *load;
	bool partial;

	if (e->transform == TRANSFORM_ICMP) {
		if (chosen(c, COL_icmp_type, i))
			add_op(plan, load_octet(c->noted), false, off, 1,
			    COL_icmp_type);
		if (chosen(c, COL_icmp_code, i))
			add_op(plan, load_octet(c->noted), false, off + 1, 1,
			    COL_icmp_code);
	} else if (chosen(c, (unsigned)e->column, i)) {
		load = load_find(e, len, c->noted, &partial);
		add_op(plan, load, partial, off, len, (unsigned)e->column);
	}
	return plan->nops - before;
}

static void
add_other(const struct compiler *c, const struct field *f, size_t off)
{
	const struct element *e = element_find(f->pen, f->id);
	struct plan *plan = c->plan;

	if (plan->nothers >= c->max_others) {
		plan->nexcess++;
		return;
	}
	if (e != NULL && e->list)
		plan->nstructured++;
	plan->others[plan->nothers++] = (struct plan_other) {
		.pen = f->pen,
		.id = f->id,
		.len = f->len,
		.segment = plan->nsegments,
		.off = (uint16_t)off,
	};
	plan->other_octets += OTHER_HEAD;
	if (f->len != FIELD_VARIABLE)
		plan->other_octets += f->len;
}

static bool
is_padding(const struct field *f)
{
	return f->pen == PEN_IANA && f->id == ELEMENT_PADDING_OCTETS;
}

/*
 * A field becomes loads, an entry of other, or both: an element that a
 * template repeats fills its column once and is kept in other every time.
 */
static void
compile_field(struct compiler *c, size_t i, size_t off)
{
	const struct field *f = &c->fields[i];
	const struct element *e = field_element(c, f);
	unsigned loads = e != NULL ? add_ops(c, e, i, off) : 0;

	if (f->len == 0 || is_padding(f))
		return;
	if (loads == 0 || c->seen[element_index(e)] > 1)
		add_other(c, f, off);
}

static void
compile_fields(struct compiler *c)
{
	struct plan *plan = c->plan;
	size_t off = 0;

	for (size_t i = 0; i < c->nfields; i++) {
		compile_field(c, i, off);
		if (c->fields[i].len != FIELD_VARIABLE) {
			off += c->fields[i].len;
			continue;
		}
		plan->segment_len[plan->nsegments++] = (uint16_t)off;
		plan->record_len += (uint32_t)off + 1;
		off = 0;
	}
	plan->segment_len[plan->nsegments++] = (uint16_t)off;
	plan->record_len += (uint32_t)off;
}

/* The derivation of a flow time: by delta, by uptime, or none needed. */
static unsigned
derive_time(const struct compiler *c, unsigned col, unsigned uptime_col,
    unsigned by_delta, unsigned by_uptime)
{
	const struct element *e = c->choice[col].element;

	if (e != NULL)
		return e->transform == TRANSFORM_DELTA_US ? by_delta : 0;
	return c->choice[uptime_col].element != NULL ? by_uptime : 0;
}

static uint8_t
derivations(const struct compiler *c)
{
	unsigned derive = 0;

	derive |= derive_time(c, COL_flow_start, COL_flow_start_uptime_ms,
	    DERIVE_START_DELTA, DERIVE_START);
	derive |= derive_time(c, COL_flow_end, COL_flow_end_uptime_ms,
	    DERIVE_END_DELTA, DERIVE_END);
	if (c->choice[COL_sampling_interval].element == NULL)
		derive |= DERIVE_SAMPLING;
	return (uint8_t)derive;
}

void
plan_compile(struct plan *plan, void *memory, const struct field *fields,
    size_t nfields, bool everything_other, size_t max_others)
{
	size_t nops = nfields + 1 < COL_COUNT ? nfields + 1 : COL_COUNT;
	struct compiler c = {
		.plan = plan,
		.fields = fields,
		.nfields = nfields,
		.everything_other = everything_other,
		.max_others = everything_other ? nfields : max_others,
	};

	*plan = (struct plan) { .ops = memory };
	plan->others = (struct plan_other *)(void *)(plan->ops + nops);
	plan->segment_len = (uint16_t *)(void *)(plan->others + nfields);
	for (size_t i = 0; i < nfields; i++)
		c.noted |= fields[i].len == FIELD_VARIABLE;
	choose_fields(&c);
	compile_fields(&c);
	plan->derive = derivations(&c);
}

/* Length of the variable field at p and of the octets that say it. */
static inline size_t
variable_len(const uint8_t *p, size_t *head)
{
	*head = p[0] < 255 ? 1 : 3;
	return p[0] < 255 ? p[0] : load_be16(p + 1);
}

/* Step over the variable field at at; false when it is not all in the set. */
static bool
variable_skip(struct bytes set, size_t *at, size_t *value_len)
{
	size_t left = set.len - *at, head;

	if (left < 1 || (set.ptr[*at] == 255 && left < 3))
		return false;
	*value_len = variable_len(set.ptr + *at, &head);
	if (*value_len > left - head)
		return false;
	*at += head + *value_len;
	return true;
}

/*
 * Walk over the record at at and note its segments as record r. Returns the
 * octets of variable values in it, or -1 when it does not end in the set.
 */
static long
plan_measure_record(const struct plan *plan, struct records *recs,
    uint32_t *start, struct bytes set, size_t *at, size_t r)
{
	size_t values = 0, len = 0;

	for (size_t s = 0; s < plan->nsegments; s++) {
		start[s * recs->chunk + r] = (uint32_t)*at;
		if (plan->segment_len[s] > set.len - *at)
			return -1;
		*at += plan->segment_len[s];
		if (s + 1 < plan->nsegments && !variable_skip(set, at, &len))
			return -1;
		values += len;
		len = 0;
	}
	return (long)values;
}

/*
 * Measure records from the start of set, at most recs->chunk and as long as
 * their others fit into heap octets. Sets recs->n and used.
 */
static enum plan_end
plan_measure(const struct plan *plan, struct records *recs, uint32_t *start,
    struct bytes set, size_t heap, size_t *used)
{
	size_t at = 0;

	for (recs->n = 0, *used = 0; set.len - *used >= plan->record_len;
	    recs->n++, *used = at) {
		long values;

		if (recs->n == recs->chunk)
			return PLAN_FULL;
		values = plan_measure_record(plan, recs, start, set, &at,
		    recs->n);
		if (values < 0)
			return PLAN_OVERRUN;
		if (plan->other_octets + (size_t)values > heap)
			return PLAN_FULL;
		heap -= plan->other_octets + (size_t)values;
	}
	return PLAN_DONE;
}

/* As plan_measure() for records of one length. */
static enum plan_end
plan_divide(const struct plan *plan, struct records *recs, struct bytes set,
    size_t room, size_t heap, size_t *used)
{
	size_t n = set.len / plan->record_len, whole = n;

	if (n > room)
		n = room;
	if (plan->nothers > 0 && n > heap / plan->other_octets)
		n = heap / plan->other_octets;
	recs->stride = plan->record_len;
	recs->n = n;
	*used = n * plan->record_len;
	return n < whole ? PLAN_FULL : PLAN_DONE;
}

/* Where the value of an other lies in record r, and its length. */
static struct bytes
other_value(const struct plan *plan, const struct plan_other *o,
    const struct records *recs, size_t r)
{
	const uint8_t *p = recs->base;
	size_t head, len;

	if (recs->start == NULL)
		return (struct bytes) { p + r * recs->stride + o->off, o->len };
	p += recs->start[o->segment * recs->chunk + r];
	if (o->len != FIELD_VARIABLE)
		return (struct bytes) { p + o->off, o->len };
	p += plan->segment_len[o->segment];
	len = variable_len(p, &head);
	return (struct bytes) { p + head, len };
}

/* Copy the others of each record into the heap, where there is room. */
static void
plan_load_others(const struct plan *plan, const struct records *recs,
    struct batch *batch, size_t first)
{
	struct column *c = &batch->col[COL_other];

	colset_add(&batch->used, COL_other);
	for (size_t r = 0; r < recs->n; r++) {
		uint8_t *from = batch->heap + batch->heap_len, *p = from;

		for (size_t i = 0; i < plan->nothers; i++) {
			const struct plan_other *o = &plan->others[i];
			struct bytes v = other_value(plan, o, recs, r);

			if (v.len == 0)
				continue;
			other_put_head(p, o->pen, o->id, (uint16_t)v.len);
			memcpy(p + OTHER_HEAD, v.ptr, v.len);
			p += OTHER_HEAD + v.len;
		}
		if (p == from)
			continue;
		c->span[first + r] = (struct span) { (uint32_t)batch->heap_len,
			(uint32_t)(p - from) };
		bitmap_set(c->valid, first + r);
		batch->heap_len += (size_t)(p - from);
	}
}

enum plan_end
plan_run(const struct plan *plan, struct plan_scratch *scratch,
    struct bytes set, struct batch *batch, size_t max, size_t *used,
    size_t *nrows)
{
	const size_t slots = sizeof(scratch->start) / sizeof(scratch->start[0]);
	size_t room = batch_room(batch) < max ? batch_room(batch) : max;
	size_t heap = batch->heap_cap - batch->heap_len;
	struct records recs = { .base = set.ptr };
	enum plan_end end;
	size_t first;

	if (plan->nsegments > 1) {
		recs.start = scratch->start;
		recs.chunk = slots / plan->nsegments;
		if (recs.chunk > room)
			recs.chunk = room;
		end = plan_measure(plan, &recs, scratch->start, set, heap,
		    used);
	} else {
		end = plan_divide(plan, &recs, set, room, heap, used);
	}
	*nrows = recs.n;
	if (recs.n > 0) {
		first = batch_append(batch, recs.n);
		for (size_t i = 0; i < plan->nops; i++)
			plan->ops[i].load(&plan->ops[i], &recs, batch, first);
		batch_mark_columns(batch, plan->cols, plan->ncols, first,
		    recs.n);
		if (plan->nothers > 0)
			plan_load_others(plan, &recs, batch, first);
	}
	if (end != PLAN_FULL)
		*used = set.len;
	return end;
}

size_t
plan_count(const struct plan *plan, struct plan_scratch *scratch,
    struct bytes set)
{
	struct records recs = { .chunk = 1 };
	size_t at = 0, n = 0;

	if (plan->nsegments == 1)
		return set.len / plan->record_len;
	while (set.len - at >= plan->record_len &&
	    plan_measure_record(plan, &recs, scratch->start, set, &at, 0) >= 0)
		n++;
	return n;
}
