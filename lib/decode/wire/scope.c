/* Scopes; see scope.h. Test: test/unit/decode/test_scope.c. */
#include <inttypes.h>
#include <string.h>

#include "element.h"
#include "scope.h"

enum {
	SAMPLER = 302,		/* selectorId, formerly samplerId */
	INGRESS_PHYSICAL = 252,
	EGRESS_PHYSICAL = 253,
	LINE_CARD = 141,
	TEMPLATE = 145,
	DOMAIN = 149,
	V9_INTERFACE = 2,
	SPECIFICITY_OTHER = 8	/* elements without a row */
};

typedef uint64_t scope_read(const struct scope_element *e,
    const struct scope_flows *flows, uint64_t value[SCOPE_ROWS]);

/* The rows that have a value in the column. */
static uint64_t
column_valid(const struct scope_flows *flows, unsigned col)
{
	const uint64_t *valid = flows->batch->col[col].valid;
	size_t word = flows->first / 64, bit = flows->first % 64;
	uint64_t there = valid[word] >> bit;

	if (bit > 0 && bit + flows->n > 64)
		there |= valid[word + 1] << (64 - bit);
	return there & bitmap_low(flows->n);
}

static uint64_t
read_column(const struct scope_flows *flows, unsigned col,
    uint64_t value[SCOPE_ROWS])
{
	const struct column *c = &flows->batch->col[col];
	const size_t first = flows->first, n = flows->n;

	switch (column_info[col].type) {
	case COLUMN_U32:
		for (size_t i = 0; i < n; i++)
			value[i] = c->u32[first + i];
		break;
	case COLUMN_U64:
		memcpy(value, c->u64 + first, n * sizeof(*value));
		break;
	default:
		for (size_t i = 0; i < n; i++)
			value[i] = batch_uint(flows->batch, col, first + i);
		break;
	}
	return column_valid(flows, col);
}

/* The last matching entry of the column "other". */
static bool
other_value(struct bytes list, const struct scope_element *e, uint64_t *value)
{
	bool found = false;
	struct other o;
	struct wire w;

	wire_init(&w, list);
	while (other_next(&w, &o)) {
		if (o.pen != e->pen || o.id != e->id || o.value.len > 8)
			continue;
		*value = load_be(o.value.ptr, o.value.len);
		found = true;
	}
	return found;
}

/* Rows that have the element in "other"; keeps the values of other rows. */
static uint64_t
read_other(const struct scope_element *e, const struct scope_flows *flows,
    uint64_t value[SCOPE_ROWS])
{
	uint64_t found = 0, there = column_valid(flows, COL_other);

	for (; there != 0; there &= there - 1) {
		unsigned i = bitmap_lowest(there);
		struct bytes list = batch_bytes(flows->batch, COL_other,
		    flows->first + i);

		if (other_value(list, e, &value[i]))
			found |= UINT64_C(1) << i;
	}
	return found;
}

static uint64_t
read_sampler(const struct scope_element *e, const struct scope_flows *flows,
    uint64_t value[SCOPE_ROWS])
{
	(void)e;
	return read_column(flows, COL_sampler_id, value);
}

static uint64_t
read_ingress(const struct scope_element *e, const struct scope_flows *flows,
    uint64_t value[SCOPE_ROWS])
{
	uint64_t there = read_column(flows, COL_if_in, value);

	return there | read_other(e, flows, value);
}

static uint64_t
read_egress(const struct scope_element *e, const struct scope_flows *flows,
    uint64_t value[SCOPE_ROWS])
{
	uint64_t there = read_column(flows, COL_if_out, value);

	return there | read_other(e, flows, value);
}

/* Where the flow was observed: flowDirection (61) is 1 for egress. */
static uint64_t
read_interface(const struct scope_element *e, const struct scope_flows *flows,
    uint64_t value[SCOPE_ROWS])
{
	uint64_t there = read_column(flows, COL_if_in, value);
	uint64_t known = column_valid(flows, COL_direction);
	uint64_t out_there = column_valid(flows, COL_if_out);
	const struct column *col = flows->batch->col;

	(void)e;
	for (; known != 0; known &= known - 1) {
		unsigned i = bitmap_lowest(known);
		uint64_t bit = UINT64_C(1) << i;

		if (col[COL_direction].u8[flows->first + i] != 1)
			continue;
		value[i] = col[COL_if_out].u32[flows->first + i];
		there = (there & ~bit) | (out_there & bit);
	}
	return there;
}

/* NetFlow 9 uses ENGINE_ID (39) for the slot of a line card. */
static uint64_t
read_line_card(const struct scope_element *e, const struct scope_flows *flows,
    uint64_t value[SCOPE_ROWS])
{
	uint64_t there = read_column(flows, COL_engine_id, value);

	return there | read_other(e, flows, value);
}

static uint64_t
read_constant(const struct scope_flows *flows, uint64_t all,
    uint64_t value[SCOPE_ROWS])
{
	for (size_t i = 0; i < flows->n; i++)
		value[i] = all;
	return bitmap_low(flows->n);
}

static uint64_t
read_template(const struct scope_element *e, const struct scope_flows *flows,
    uint64_t value[SCOPE_ROWS])
{
	(void)e;
	return read_constant(flows, flows->template_id, value);
}

static uint64_t
read_domain(const struct scope_element *e, const struct scope_flows *flows,
    uint64_t value[SCOPE_ROWS])
{
	(void)e;
	return read_constant(flows, flows->domain, value);
}

/* For elements without a row: their column, or "other". */
static uint64_t
read_any(const struct scope_element *e, const struct scope_flows *flows,
    uint64_t value[SCOPE_ROWS])
{
	const struct element *known = element_find(e->pen, e->id);
	uint64_t there = 0;

	if (known != NULL && known->column >= 0 &&
	    column_info[known->column].type <= COLUMN_U64)
		there = read_column(flows, (unsigned)known->column, value);
	return there | read_other(e, flows, value);
}

/* Elements of scopes with special rules. */
static const struct scope_kind {
	uint32_t pen;
	uint16_t id;
	bool anywhere;		/* also outside of scope fields */
	bool set;		/* see scope_is_per_set() */
	uint8_t specificity;
	const char *word;
	scope_read *read;
} scope_kinds[] = {
	{ PEN_IANA, SAMPLER, true, false, 64, "sampler",
	    read_sampler },
	{ PEN_V9_SCOPE, V9_INTERFACE, true, false, 16, "interface",
	    read_interface },
	{ PEN_IANA, 10, true, false, 16, "ingressInterface",
	    read_ingress },
	{ PEN_IANA, INGRESS_PHYSICAL, true, false, 16,
	    "ingressPhysicalInterface", read_ingress },
	{ PEN_IANA, 14, true, false, 16, "egressInterface",
	    read_egress },
	{ PEN_IANA, EGRESS_PHYSICAL, true, false, 16,
	    "egressPhysicalInterface", read_egress },
	{ PEN_IANA, LINE_CARD, true, false, 8, "line card",
	    read_line_card },
	{ PEN_IANA, TEMPLATE, true, true, 4, "template",
	    read_template },
	{ PEN_IANA, DOMAIN, false, true, 1, "domain", read_domain },
};

static const struct scope_kind *
scope_kind(const struct scope_element *e)
{
	const size_t n = sizeof(scope_kinds) / sizeof(scope_kinds[0]);

	for (size_t i = 0; i < n; i++)
		if (scope_kinds[i].pen == e->pen && scope_kinds[i].id == e->id)
			return &scope_kinds[i];
	return NULL;
}

/* Scope fields that mean the same as another element. */
static const struct {
	uint32_t pen;
	uint16_t id, as;	/* as 0: the whole exporter */
} scope_numbers[] = {
	{ PEN_V9_SCOPE, 1, 0 },		/* System */
	{ PEN_IANA, 143, 0 },		/* meteringProcessId */
	{ PEN_IANA, 144, 0 },		/* exportingProcessId */
	{ PEN_V9_SCOPE, 3, LINE_CARD },
	{ PEN_V9_SCOPE, 5, TEMPLATE },
	{ PEN_IANA, 48, SAMPLER },	/* samplerId */
};

/*
 * Maps the element to its own number. Returns false if it means the whole
 * exporter.
 */
static bool
scope_number(struct scope_element *e)
{
	const size_t n = sizeof(scope_numbers) / sizeof(scope_numbers[0]);

	for (size_t i = 0; i < n; i++) {
		if (scope_numbers[i].pen != e->pen ||
		    scope_numbers[i].id != e->id)
			continue;
		*e = (struct scope_element) { PEN_IANA, scope_numbers[i].as };
		return e->id != 0;
	}
	return true;
}

/*
 * Whether it is exporterIPv4Address or exporterIPv6Address with the sender's
 * address.
 */
static bool
is_exporter(const struct scope_element *e, struct bytes value,
    const struct addr *exporter)
{
	struct addr a = { 0 };

	if (e->pen != PEN_IANA || (e->id != 130 && e->id != 131))
		return false;
	if (e->id == 130 && value.len == 4)
		a = addr_from_v4(load_be32(value.ptr));
	else if (e->id == 131 && value.len == 16)
		a = addr_from_v6(addr6_load(value.ptr));
	a.scope = exporter->scope;
	return addr_equal(&a, exporter);
}

void
scope_add_field(struct scope *s, uint32_t pen, uint16_t id, struct bytes value,
    bool is_scope, const struct addr *exporter)
{
	struct scope_element e = { pen, id };
	const struct scope_kind *kind;
	uint64_t v;

	if (!scope_number(&e))
		return;
	kind = scope_kind(&e);
	if ((!is_scope && (kind == NULL || !kind->anywhere)) ||
	    is_exporter(&e, value, exporter))
		return;
	v = value.len <= 8 ? load_be(value.ptr, value.len) : 0;
	/* Domain 0 means no domain in particular: RFC 7011, 3.1. */
	if (kind != NULL && kind->id == DOMAIN && v == 0)
		return;
	if (value.len > 8 || !scope_add(s, e.pen, e.id, v))
		s->unsupported = true;
}

bool
scope_add(struct scope *s, uint32_t pen, uint16_t id, uint64_t value)
{
	unsigned i = s->n;

	if (s->n == SCOPE_MAX)
		return false;
	for (; i > 0 && (s->element[i - 1].pen > pen ||
	    (s->element[i - 1].pen == pen && s->element[i - 1].id > id));
	    i--) {
		s->element[i] = s->element[i - 1];
		s->value[i] = s->value[i - 1];
	}
	s->element[i] = (struct scope_element) { pen, id };
	s->value[i] = value;
	s->n++;
	return true;
}

uint64_t
scope_values(const struct scope_element *e, const struct scope_flows *flows,
    uint64_t value[SCOPE_ROWS])
{
	const struct scope_kind *kind = scope_kind(e);

	if (flows->batch == NULL && (kind == NULL || !kind->set))
		return 0;
	return (kind != NULL ? kind->read : read_any)(e, flows, value);
}

bool
scope_is_per_set(const struct scope_element *e)
{
	const struct scope_kind *kind = scope_kind(e);

	return kind != NULL && kind->set;
}

bool
scope_is_local(const struct scope *s)
{
	bool local = false;

	for (unsigned i = 0; i < s->n; i++) {
		local |= s->element[i].pen == PEN_IANA &&
		    s->element[i].id == TEMPLATE;
		if (s->element[i].pen == PEN_IANA &&
		    s->element[i].id == DOMAIN)
			return false;
	}
	return local;
}

unsigned
scope_specificity(const struct scope_element *e)
{
	const struct scope_kind *kind = scope_kind(e);

	return kind != NULL ? kind->specificity : SPECIFICITY_OTHER;
}

static void
scope_put_element(const struct scope_element *e, struct buf *out)
{
	static const char *const v9[] = { "scope", "system", "interface",
		"line card", "cache", "template" };
	const struct scope_kind *kind = scope_kind(e);
	struct element_text text;

	element_text(e->pen, e->id, &text);
	if (kind != NULL)
		buf_append_text(out, kind->word);
	else if (e->pen == PEN_V9_SCOPE && e->id < sizeof(v9) / sizeof(v9[0]))
		buf_append_text(out, v9[e->id]);
	else if (e->pen == PEN_V9_SCOPE)
		buf_printf(out, "scope %u", (unsigned)e->id);
	else if (text.name != NULL)
		buf_append_text(out, text.name);
	else
		buf_printf(out, "element %" PRIu32 ".%u", e->pen, e->id);
}

void
scope_put(const struct scope *s, struct buf *out)
{
	for (unsigned i = 0; i < s->n; i++) {
		buf_append_text(out, i > 0 ? ", " : "");
		scope_put_element(&s->element[i], out);
		buf_printf(out, " %" PRIu64, s->value[i]);
	}
	if (s->n == 0)
		buf_append_text(out, "exporter");
}
