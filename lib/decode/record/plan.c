/*
 * Plans; see plan.h.
 *
 * Why loads stay in bounds: plan_compile() lays the fields end to end, so every
 * op and other lies inside its segment, and segments and variable fields make
 * up the record. Without variable fields, plan_run() takes set.len / record_len
 * records, so all their octets are in the set. With variable fields,
 * plan_measure() has stepped over every segment and field of a record, inside
 * the set, before the record counts. The heap space for "other" is summed up
 * before rows are appended.
 */
#include <string.h>

#include "plan.h"
#include "rate.h"

/* The heap of an empty batch holds the others of any record. */
_Static_assert(BATCH_HEAP > TEMPLATE_FIELDS_MAX * OTHER_HEAD + UINT16_MAX,
    "a record must fit into an empty batch");

struct compiler {
	struct plan *plan;
	bool measure;			/* first pass: there is no memory yet */
	const struct field *fields;
	size_t nfields;
	bool everything_other;
	size_t max_others;
	bool indexed;			/* some field has variable length */
	uint16_t seen[ELEMENT_COUNT];	/* fields of each element */
	struct alternatives alt[COL_COUNT];	/* by element_choice_lead() */
	uint16_t choice[COL_COUNT];	/* 1 + its index, by the same */
};

/* The element of a field that a load can handle, or NULL. */
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
	return load_find(e, f->len, c->indexed, &partial) != NULL ? e : NULL;
}

static void
find_alternatives(struct compiler *c)
{
	for (size_t i = 0; i < c->nfields; i++) {
		const struct element *e = field_element(c, &c->fields[i]);

		if (e == NULL)
			continue;
		c->seen[element_index(e)]++;
		alternatives_add(
		    &c->alt[element_choice_lead((unsigned)e->column)], e, i);
	}
	for (unsigned col = 0; col < COL_COUNT; col++)
		alternatives_sort(&c->alt[col]);
	c->plan->choices.family = alternatives_family(&c->alt[COL_src_addr]);
}

/* Adds the choices needed. Addresses come first, as others depend on them. */
static void
add_choices(struct compiler *c)
{
	struct element_choices *choices = &c->plan->choices;

	for (unsigned n = 0; n < COL_COUNT; n++) {
		unsigned col = (COL_src_addr + n) % COL_COUNT;

		if (!alternatives_compete(&c->alt[col]))
			continue;
		if (!c->measure)
			element_choice_init(&choices->choice[choices->n], col,
			    &c->alt[col]);
		c->choice[col] = ++choices->n;
		choices->by_protocol |= alternatives_by_protocol(&c->alt[col]);
	}
}

/* A field at offset off of the current segment. */
static struct plan_op
op_place(const struct plan *plan, size_t off, uint16_t len)
{
	return (struct plan_op) {
		.segment = plan->nsegments,
		.off = (uint16_t)off,
		.len = len,
	};
}

/* The load of a field into the first or second column of a choice. */
static struct plan_op
op_make(const struct compiler *c, const struct element *e, unsigned which,
    size_t off, uint16_t len)
{
	unsigned col = element_choice_column(
	    element_choice_lead((unsigned)e->column), which);
	struct plan_op op = op_place(c->plan, off, len);

	op.col = (uint8_t)e->column;
	if (e->transform == TRANSFORM_ICMP) {
		op.col = (uint8_t)col;
		op.off = (uint16_t)(off + which);
		op.len = 1;
		op.load = load_octet(c->indexed);
		return op;
	}
	op.load = load_find(e, len, c->indexed, &op.partial);
	if (col != (unsigned)e->column)
		op.load = NULL;
	return op;
}

static void
add_op(struct compiler *c, const struct plan_op *op)
{
	struct plan *plan = c->plan;

	if (!op->partial)
		plan->cols[plan->ncols++] = op->col;
	if (!c->measure)
		plan->ops[plan->nops] = *op;
	plan->nops++;
}

static void
add_choice_op(struct compiler *c, unsigned choice, unsigned which, unsigned k,
    const struct plan_op *op)
{
	struct element_choices *choices = &c->plan->choices;

	if (!c->measure) {
		choices->choice[choice - 1].op[which][k] = choices->nops;
		choices->ops[choices->nops] = *op;
	}
	choices->nops++;
}

/*
 * The loads a field got; with by_choice, those of a choice from choice_op on.
 */
struct filled {
	uint16_t loads;
	bool by_choice;
	uint16_t choice_op;
};

/* Adds the loads of field i. */
static struct filled
add_ops(struct compiler *c, const struct element *e, size_t i, size_t off)
{
	unsigned lead = element_choice_lead((unsigned)e->column);
	const struct alternatives *a = &c->alt[lead];
	struct filled filled = { .by_choice = c->choice[lead] != 0,
		.choice_op = c->plan->choices.nops };

	for (unsigned k = 0; k < a->n; k++)
		for (unsigned which = 0; which < CHOICE_COLS; which++) {
			struct plan_op op;

			if (a->alt[k].field[which] != i + 1)
				continue;
			op = op_make(c, e, which, off, c->fields[i].len);
			if (filled.by_choice)
				add_choice_op(c, c->choice[lead], which, k,
				    &op);
			else if (op.load != NULL)
				add_op(c, &op);
			filled.loads++;
		}
	return filled;
}

/*
 * Adds an entry of "other". Entries that depend on a choice are few and do not
 * count towards max_others.
 */
static void
add_other(const struct compiler *c, const struct field *f, size_t off,
    const struct filled *loaded)
{
	const struct element *e = element_find(f->pen, f->id);
	struct plan *plan = c->plan;

	if (plan->nothers >= c->max_others && loaded == NULL) {
		plan->nexcess++;
		return;
	}
	if (e != NULL && e->list)
		plan->nstructured++;
	if (!c->measure)
		plan->others[plan->nothers] = (struct plan_other) {
			.pen = f->pen,
			.id = f->id,
			.len = f->len,
			.segment = plan->nsegments,
			.off = (uint16_t)off,
			.choice_op = loaded != NULL ? loaded->choice_op : 0,
			.nchoice_ops = loaded != NULL ? loaded->loads : 0,
		};
	plan->nothers++;
	plan->other_octets += OTHER_HEAD;
	if (f->len != FIELD_VARIABLE)
		plan->other_octets += f->len;
}

static bool
field_is_padding(const struct field *f)
{
	return f->pen == PEN_IANA && f->id == ELEMENT_PADDING_OCTETS;
}

static bool
field_is_ip_version(const struct field *f)
{
	return f->pen == PEN_IANA && f->id == ELEMENT_IP_VERSION &&
	    f->len <= 8;
}

/*
 * Compiles a field to loads, an entry of "other", or both: a repeated element
 * fills its column once, and every instance is kept in "other".
 */
static void
compile_field(struct compiler *c, size_t i, size_t off)
{
	const struct field *f = &c->fields[i];
	const struct element *e = field_element(c, f);
	struct filled filled = { .loads = 0 };

	if (f->len == 0 || field_is_padding(f))
		return;
	if (field_is_ip_version(f))
		c->plan->choices.ip_version = op_place(c->plan, off, f->len);
	if (e != NULL)
		filled = add_ops(c, e, i, off);
	if (filled.loads == 0 || c->seen[element_index(e)] > 1)
		add_other(c, f, off, NULL);
	else if (filled.by_choice)
		add_other(c, f, off, &filled);
}

/* Ends a segment of fixed octets. */
static void
add_segment(struct compiler *c, size_t octets)
{
	struct plan *plan = c->plan;

	if (!c->measure)
		plan->segment_len[plan->nsegments] = (uint16_t)octets;
	plan->nsegments++;
	plan->record_len += (uint32_t)octets;
}

static void
compile_fields(struct compiler *c)
{
	size_t off = 0;

	for (size_t i = 0; i < c->nfields; i++) {
		compile_field(c, i, off);
		if (c->fields[i].len != FIELD_VARIABLE) {
			off += c->fields[i].len;
			continue;
		}
		add_segment(c, off);
		c->plan->record_len++;
		off = 0;
	}
	add_segment(c, off);
}

/* The derivation of a flow time: for all rows, for rows without it, or none. */
static unsigned
derive_time(const struct compiler *c, unsigned col, unsigned by_uptime,
    unsigned rest)
{
	const struct alternatives *a = &c->alt[col];

	for (unsigned k = 0; k < a->n; k++)
		if (a->alt[k].field[1] != 0)
			return a->n > 1 ? rest : by_uptime;
	return 0;
}

/* Whether an element of a sampling rate has no column. */
static bool
has_rate_parts(const struct compiler *c)
{
	for (size_t i = 0; i < c->nfields; i++) {
		const struct field *f = &c->fields[i];
		const struct element *e = element_find(f->pen, f->id);

		if (rate_is_element(f->pen, f->id) && f->len != 0 &&
		    (e == NULL || e->column < 0))
			return true;
	}
	return false;
}

static uint8_t
plan_derivations(const struct compiler *c)
{
	unsigned derive = 0;

	derive |= derive_time(c, COL_flow_start, DERIVE_START,
	    DERIVE_START_REST);
	derive |= derive_time(c, COL_flow_end, DERIVE_END, DERIVE_END_REST);
	if (c->alt[COL_sampling_interval].n > 0)
		derive |= DERIVE_RATE_COLUMN;
	if (has_rate_parts(c))
		derive |= DERIVE_RATE_PARTS;
	return (uint8_t)derive;
}

/*
 * Returns the octets needed for the counts in plan; assigns them from memory
 * unless that is NULL.
 */
static size_t
plan_carve(struct plan *plan, void *memory)
{
	size_t ops = plan->nops * sizeof(struct plan_op);
	size_t choice_ops = plan->choices.nops * sizeof(struct plan_op);
	size_t others = plan->nothers * sizeof(struct plan_other);
	size_t choices = plan->choices.n * sizeof(struct element_choice);
	size_t segments = plan->nsegments * sizeof(uint16_t);
	uint8_t *p = memory;

	if (p != NULL) {
		plan->ops = (struct plan_op *)(void *)p;
		p += ops;
		plan->choices.ops = (struct plan_op *)(void *)p;
		p += choice_ops;
		plan->others = (struct plan_other *)(void *)p;
		p += others;
		plan->choices.choice = (struct element_choice *)(void *)p;
		p += choices;
		plan->segment_len = (uint16_t *)(void *)p;
	}
	return ops + choice_ops + others + choices + segments;
}

size_t
plan_compile(struct plan *plan, void *memory, const struct field *fields,
    size_t nfields, bool everything_other, size_t max_others)
{
	struct plan blank = { .nops = 0 };
	struct compiler c = {
		.plan = &blank,
		.measure = memory == NULL,
		.fields = fields,
		.nfields = nfields,
		.everything_other = everything_other,
		.max_others = everything_other ? nfields : max_others,
	};

	if (memory != NULL) {
		(void)plan_carve(plan, memory);
		blank.ops = plan->ops;
		blank.choices.ops = plan->choices.ops;
		blank.others = plan->others;
		blank.choices.choice = plan->choices.choice;
		blank.segment_len = plan->segment_len;
	}
	for (size_t i = 0; i < nfields; i++)
		c.indexed |= fields[i].len == FIELD_VARIABLE;
	find_alternatives(&c);
	add_choices(&c);
	compile_fields(&c);
	blank.derive = plan_derivations(&c);
	*plan = blank;
	return plan_carve(&blank, NULL);
}

/* The length of the variable field at p, and of its length prefix. */
static inline size_t
variable_len(const uint8_t *p, size_t *head)
{
	*head = p[0] < 255 ? 1 : 3;
	return p[0] < 255 ? p[0] : load_be16(p + 1);
}

/* Skips a variable field. Returns false if it runs past the set. */
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
 * Indexes the segments of the record at *at as record r. Returns the octets of
 * its variable values, or -1 if the record runs past the set.
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
 * Indexes records from the start of set: at most recs->chunk, and while their
 * others fit into heap octets. Sets recs->n and used.
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

/* The same for records of fixed length. */
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

/* The value of an other in record r. */
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

/* Copies the others of each record to the heap, which has room for them. */
static void
plan_load_others(const struct plan *plan, const struct plan_scratch *scratch,
    const struct records *recs, struct batch *batch, size_t first)
{
	struct column *c = &batch->col[COL_other];

	colset_add(&batch->used, COL_other);
	for (size_t r = 0; r < recs->n; r++) {
		uint8_t *from = batch->heap + batch->heap_len, *p = from;

		for (size_t i = 0; i < plan->nothers; i++) {
			const struct plan_other *o = &plan->others[i];
			struct bytes v = other_value(plan, o, recs, r);

			if (v.len == 0 ||
			    (o->nchoice_ops > 0 &&
				element_choice_loaded(&scratch->choice, recs,
				    o->choice_op, o->nchoice_ops, r)))
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

/* How many rows one run can add. */
static size_t
plan_room(const struct plan *plan, const struct batch *batch, size_t max)
{
	size_t room = batch_room(batch) < max ? batch_room(batch) : max;
	size_t most;

	if (plan->choices.n == 0)
		return room;
	most = element_choices_room(&plan->choices);
	return room < most ? room : most;
}

/* Loads all columns of the records. */
static void
plan_load_rows(const struct plan *plan, struct plan_scratch *scratch,
    const struct records *recs, struct batch *batch)
{
	size_t first = batch_append(batch, recs->n);

	for (size_t i = 0; i < plan->nops; i++)
		plan->ops[i].load(&plan->ops[i], recs, batch, first);
	batch_mark_columns(batch, plan->cols, plan->ncols, first, recs->n);
	if (plan->choices.n > 0)
		element_choices_run(
		    &plan->choices, &scratch->choice, recs, batch, first);
	if (plan->nothers > 0)
		plan_load_others(plan, scratch, recs, batch, first);
}

enum plan_end
plan_run(const struct plan *plan, struct plan_scratch *scratch,
    struct bytes set, int64_t export_ns, struct batch *batch, size_t max,
    size_t *used, size_t *nrows)
{
	const size_t slots = sizeof(scratch->start) / sizeof(scratch->start[0]);
	size_t room = plan_room(plan, batch, max);
	size_t heap = batch->heap_cap - batch->heap_len;
	struct records recs = { .base = set.ptr, .export_ns = export_ns };
	enum plan_end end;

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
	if (recs.n > 0)
		plan_load_rows(plan, scratch, &recs, batch);
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
