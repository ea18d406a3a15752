/* Choices of elements; see element_choice.h. */
#include "element_choice.h"

/*
 * Columns that are chosen together, or by another rule than CHOICE_BY_KIND. If
 * derived is set, flow_times.c derives the first column from the second:
 * elements for the second are alternatives for the first, after all others.
 */
static const struct chosen_columns {
	uint8_t col[CHOICE_COLS];
	uint8_t rule;
	bool derived;
} chosen_columns_rows[] = {
	{ { COL_src_addr, COL_dst_addr }, CHOICE_TOGETHER, false },
	{ { COL_flow_start, COL_flow_start_uptime_ms }, CHOICE_TOGETHER, true },
	{ { COL_flow_end, COL_flow_end_uptime_ms }, CHOICE_TOGETHER, true },
	{ { COL_icmp_type, COL_icmp_code }, CHOICE_BY_KIND, false },
	{ { COL_next_hop, COL_COUNT }, CHOICE_BY_VALUE, false },
	{ { COL_bgp_next_hop, COL_COUNT }, CHOICE_BY_VALUE, false },
	{ { COL_post_nat_src_addr, COL_COUNT }, CHOICE_BY_VALUE, false },
	{ { COL_post_nat_dst_addr, COL_COUNT }, CHOICE_BY_VALUE, false },
};

enum {
	RANK_DERIVED = RANK_ALONE - 1
};

static const struct chosen_columns *
chosen_columns_find(unsigned col)
{
	for (size_t i = 0;
	    i < sizeof(chosen_columns_rows) / sizeof(chosen_columns_rows[0]);
	    i++)
		if (chosen_columns_rows[i].col[0] == col ||
		    chosen_columns_rows[i].col[1] == col)
			return &chosen_columns_rows[i];
	return NULL;
}

unsigned
element_choice_lead(unsigned col)
{
	const struct chosen_columns *s = chosen_columns_find(col);

	return s != NULL ? s->col[0] : col;
}

unsigned
element_choice_column(unsigned lead, unsigned which)
{
	const struct chosen_columns *s = chosen_columns_find(lead);

	return which == 0 || s == NULL ? lead : s->col[which];
}

static struct alternative *
alternative_of(struct alternatives *a, unsigned rank, unsigned only)
{
	for (unsigned k = 0; k < a->n; k++)
		if (a->alt[k].rank == rank && a->alt[k].only == only)
			return &a->alt[k];
	if (a->n == CHOICE_MOST)
		return NULL;
	a->alt[a->n] = (struct alternative) {
		.rank = (uint8_t)rank,
		.only = (uint8_t)only,
	};
	return &a->alt[a->n++];
}

void
alternatives_add(struct alternatives *a, const struct element *e,
    size_t field)
{
	const struct chosen_columns *s =
	    chosen_columns_find((unsigned)e->column);
	unsigned which = s != NULL && s->col[1] == e->column;
	bool derived = s != NULL && s->derived && which == 1;
	struct alternative *alt;

	alt = alternative_of(a, derived ? RANK_DERIVED : e->rank, e->only);
	if (alt == NULL)
		return;
	alt->last = (uint16_t)field;
	alt->field[which] = (uint16_t)(field + 1);
	if (derived || e->transform == TRANSFORM_ICMP)
		alt->field[!which] = (uint16_t)(field + 1);
}

/* Of alternatives of one rank, the last one in the template is preferred. */
static bool
alternative_before(const struct alternative *a, const struct alternative *b)
{
	return a->rank != b->rank ? a->rank < b->rank : a->last > b->last;
}

void
alternatives_sort(struct alternatives *a)
{
	for (unsigned i = 1; i < a->n; i++)
		for (unsigned k = i; k > 0; k--) {
			struct alternative alt = a->alt[k];

			if (!alternative_before(&alt, &a->alt[k - 1]))
				break;
			a->alt[k] = a->alt[k - 1];
			a->alt[k - 1] = alt;
		}
	while (a->n > 1 && a->alt[a->n - 1].rank == RANK_ALONE)
		a->n--;
}

/* Bits of the alternatives that fill this column. */
static uint8_t
alternatives_with(const struct alternatives *a, unsigned which)
{
	unsigned bits = 0;

	for (unsigned k = 0; k < a->n; k++)
		bits |= (unsigned)(a->alt[k].field[which] != 0) << k;
	return (uint8_t)bits;
}

bool
alternatives_compete(const struct alternatives *a)
{
	unsigned first = alternatives_with(a, 0);
	unsigned second = alternatives_with(a, 1);

	return (first & (first - 1)) != 0 || (second & (second - 1)) != 0;
}

bool
alternatives_by_protocol(const struct alternatives *a)
{
	for (unsigned k = 0; k < a->n; k++)
		if (a->alt[k].only >= ONLY_ICMP)
			return true;
	return false;
}

uint8_t
alternatives_family(const struct alternatives *a)
{
	for (unsigned k = 1; k < a->n; k++)
		if (a->alt[k].only != a->alt[0].only)
			return ONLY_ANY;
	return a->n > 0 ? a->alt[0].only : ONLY_ANY;
}

void
element_choice_init(struct element_choice *choice, unsigned lead,
    const struct alternatives *a)
{
	const struct chosen_columns *s = chosen_columns_find(lead);

	*choice = (struct element_choice) {
		.rule = s != NULL ? s->rule : CHOICE_BY_KIND,
		.n = a->n,
	};
	for (unsigned which = 0; which < CHOICE_COLS; which++)
		choice->has[which] = alternatives_with(a, which);
	for (unsigned k = 0; k < a->n; k++)
		choice->only[k] = a->alt[k].only;
}

/* Below, a word describes up to 64 records: bit r is record r. */

/* The kind of each record, as far as it is known. */
struct kinds {
	uint64_t of[ONLY_COUNT];
	uint64_t family_known;
	uint64_t protocol_known;
};

/* The IP family by a record's ipVersion. */
static unsigned
version_said(
    const struct element_choices *all, const struct records *recs, size_t r)
{
	const struct plan_op *op = &all->ip_version;
	uint64_t version;

	version = load_be(field_at(op, recs, r, recs->start != NULL), op->len);
	return version == 4 ? ONLY_IPV4 : version == 6 ? ONLY_IPV6 : ONLY_ANY;
}

static void
kinds_of_family(struct kinds *kinds, const struct element_choices *all,
    const struct records *recs)
{
	if (all->family != ONLY_ANY)
		kinds->of[all->family] = ~UINT64_C(0);
	else if (all->ip_version.len > 0)
		for (size_t r = 0; r < recs->n; r++)
			kinds->of[version_said(all, recs, r)] |= UINT64_C(1)
			    << r;
	kinds->family_known = kinds->of[ONLY_IPV4] | kinds->of[ONLY_IPV6];
}

/* The records are in the batch from row on. */
static void
kinds_of_protocol(struct kinds *kinds, const struct batch *batch, size_t row,
    size_t n)
{
	static const uint8_t only[UINT8_MAX + 1] = {
		[1] = ONLY_ICMP,
		[6] = ONLY_TCP,
		[17] = ONLY_UDP,
		[58] = ONLY_ICMPV6,
	};
	const struct column *c = &batch->col[COL_protocol];

	for (size_t r = 0; r < n; r++) {
		if (!bitmap_test(c->valid, row + r))
			continue;
		kinds->of[only[c->u8[row + r]]] |= UINT64_C(1) << r;
		kinds->protocol_known |= UINT64_C(1) << r;
	}
}

/*
 * kinds_own(): records the alternative is for. kinds_fit(): records it may be
 * for.
 */
static uint64_t
kinds_own(const struct kinds *kinds, unsigned only)
{
	return only == ONLY_ANY ? 0 : kinds->of[only];
}

static uint64_t
kinds_fit(const struct kinds *kinds, unsigned only)
{
	if (only == ONLY_ANY)
		return ~UINT64_C(0);
	return kinds->of[only] | ~(only >= ONLY_ICMP ? kinds->protocol_known
						     : kinds->family_known);
}

/* Whether any octet is not zero. */
static inline bool
octets_any(const uint8_t *p, size_t len)
{
	uint64_t any = 0;

	for (; len >= 8; len -= 8, p += 8)
		any |= load_be64(p);
	for (; len >= 4; len -= 4, p += 4)
		any |= load_be32(p);
	for (; len > 0; len--, p++)
		any |= p[0];
	return any != 0;
}

/* Whether the value is not zero and fits into the column. */
static inline bool
octets_fit(const struct plan_op *op, const uint8_t *p)
{
	static const uint8_t bits[] = {
		[COLUMN_U8] = 8,
		[COLUMN_U16] = 16,
		[COLUMN_U32] = 32,
	};
	uint64_t v = load_be(p, op->len);

	return v != 0 && v >> bits[column_info[op->col].type] == 0;
}

/* Loops over records; fast if len is a constant. */
#define VALUED(word, op, recs, test) \
	do { \
		const bool indexed = (recs)->start != NULL; \
\
		for (size_t r = (recs)->n; r-- > 0;) { \
			const uint8_t *p = field_at(op, recs, r, indexed); \
\
			(word) = (word) << 1 | (test); \
		} \
	} while (0)

static uint64_t
records_valued(const struct plan_op *op, const struct records *recs)
{
	uint64_t word = 0;

	if (op->partial)
		VALUED(word, op, recs, octets_fit(op, p));
	else if (op->len == 1)
		VALUED(word, op, recs, octets_any(p, 1));
	else if (op->len == 4)
		VALUED(word, op, recs, octets_any(p, 4));
	else if (op->len == 16)
		VALUED(word, op, recs, octets_any(p, 16));
	else
		VALUED(word, op, recs, octets_any(p, op->len));
	return word;
}

/* For each alternative, the records it can still be chosen for. */
struct candidates {
	unsigned n;
	uint64_t of[CHOICE_MOST];
};

/* Where some candidate is in by, drops those that are not. */
static void
candidates_narrow(struct candidates *c, const uint64_t *by)
{
	uint64_t any = 0;

	for (unsigned k = 0; k < c->n; k++)
		any |= c->of[k] & by[k];
	for (unsigned k = 0; k < c->n; k++)
		c->of[k] &= by[k] | ~any;
}

/* Keeps the first candidate of each record. */
static void
candidates_first(struct candidates *c)
{
	uint64_t taken = 0;

	for (unsigned k = 0; k < c->n; k++) {
		c->of[k] &= ~taken;
		taken |= c->of[k];
	}
}

static void
candidates_init(struct candidates *c, const struct element_choice *choice,
    unsigned which)
{
	c->n = choice->n;
	for (unsigned k = 0; k < c->n; k++)
		c->of[k] = choice->has[which] >> k & 1 ? ~UINT64_C(0) : 0;
}

/* Properties of the alternatives of one choice. */
struct facts {
	uint64_t valued[CHOICE_COLS][CHOICE_MOST];
	uint64_t own[CHOICE_MOST];
	uint64_t fit[CHOICE_MOST];
};

static void
facts_find(struct facts *f, const struct element_choices *all,
    const struct element_choice *choice, const struct kinds *kinds,
    const struct records *recs)
{
	for (unsigned k = 0; k < choice->n; k++) {
		f->own[k] = kinds_own(kinds, choice->only[k]);
		f->fit[k] = kinds_fit(kinds, choice->only[k]);
		for (unsigned which = 0; which < CHOICE_COLS; which++)
			f->valued[which][k] = choice->has[which] >> k & 1
			    ? records_valued(
				  &all->ops[choice->op[which][k]], recs)
			    : 0;
	}
}

/* Chooses for one column. */
static void
choose_alone(const struct element_choice *choice, const struct facts *f,
    unsigned which, struct candidates *c)
{
	candidates_init(c, choice, which);
	if (choice->rule == CHOICE_BY_KIND)
		candidates_narrow(c, f->fit);
	candidates_narrow(c, f->valued[which]);
	if (choice->rule == CHOICE_BY_VALUE)
		candidates_narrow(c, f->own);
	candidates_first(c);
}

/*
 * Chooses one alternative for both columns; by kind if all values are zero.
 * Returns the records that have a value.
 */
static uint64_t
choose_together(const struct element_choice *choice, const struct facts *f,
    struct candidates *c)
{
	uint64_t by[CHOICE_MOST], valued = 0;

	c->n = choice->n;
	for (unsigned k = 0; k < c->n; k++) {
		c->of[k] = ~UINT64_C(0);
		by[k] = f->valued[0][k] | f->valued[1][k];
		valued |= by[k];
	}
	for (unsigned k = 0; k < c->n; k++)
		by[k] |= f->own[k] & ~valued;
	candidates_narrow(c, by);
	candidates_first(c);
	return valued;
}

/*
 * Chooses for one of two columns chosen together. If the chosen alternative
 * lacks this column, takes another with a value, or any if none has a value.
 */
static void
choose_beside(const struct element_choice *choice, const struct facts *f,
    unsigned which, const struct candidates *chosen, uint64_t valued,
    struct candidates *c)
{
	uint64_t rest = ~UINT64_C(0), more;

	candidates_init(c, choice, which);
	for (unsigned k = 0; k < c->n; k++)
		rest &= ~(c->of[k] & chosen->of[k]);
	for (unsigned k = 0; k < c->n; k++) {
		more = c->of[k] & rest & (f->valued[which][k] | ~valued);
		c->of[k] = (c->of[k] & chosen->of[k]) | more;
		rest &= ~more;
	}
}

/* The chosen addresses determine the IP family. */
static void
kinds_by_choice(struct kinds *kinds, const struct element_choice *choice,
    const struct candidates *chosen)
{
	if (choice->only[0] == ONLY_ANY)
		return;
	kinds->of[ONLY_IPV4] = kinds->of[ONLY_IPV6] = 0;
	for (unsigned k = 0; k < chosen->n; k++)
		kinds->of[choice->only[k]] |= chosen->of[k];
	kinds->family_known = ~UINT64_C(0);
}

/* Stores the choice as word w of each load's bitmap. */
static void
choice_note(const struct element_choice *choice, unsigned which,
    const struct candidates *c, uint64_t *chosen, size_t words, size_t w)
{
	for (unsigned k = 0; k < choice->n; k++)
		if (choice->has[which] >> k & 1)
			chosen[choice->op[which][k] * words + w] = c->of[k];
}

static void
choice_settle(const struct element_choices *all,
    const struct element_choice *choice, struct kinds *kinds,
    const struct records *recs, uint64_t *chosen, size_t words, size_t w)
{
	struct candidates c, together;
	uint64_t valued;
	struct facts f;

	facts_find(&f, all, choice, kinds, recs);
	if (choice->rule == CHOICE_TOGETHER) {
		valued = choose_together(choice, &f, &together);
		kinds_by_choice(kinds, choice, &together);
		for (unsigned which = 0; which < CHOICE_COLS; which++) {
			choose_beside(choice, &f, which, &together, valued,
			    &c);
			choice_note(choice, which, &c, chosen, words, w);
		}
		return;
	}
	for (unsigned which = 0; which < CHOICE_COLS; which++) {
		if (choice->has[which] == 0)
			continue;
		choose_alone(choice, &f, which, &c);
		choice_note(choice, which, &c, chosen, words, w);
	}
}

/* n records from record r on. */
static struct records
records_part(const struct records *recs, size_t r, size_t n)
{
	struct records part = *recs;

	part.n = n;
	if (part.start != NULL)
		part.start += r;
	else
		part.base += r * part.stride;
	return part;
}

/* Runs a load for the chosen rows, one call for each contiguous run. */
static void
choice_load(const struct plan_op *op, const uint64_t *chosen,
    const struct records *recs, struct batch *batch, size_t first)
{
	size_t r, end;

	if (op->load == NULL)
		return;
	for (r = bitmap_next(chosen, 0, recs->n); r < recs->n;
	    r = bitmap_next(chosen, end, recs->n)) {
		struct records part;

		for (end = r + 1; end < recs->n; end++)
			if (!bitmap_test(chosen, end))
				break;
		part = records_part(recs, r, end - r);
		op->load(op, &part, batch, first + r);
		if (!op->partial)
			batch_mark(batch, op->col, first + r, end - r);
	}
}

size_t
element_choices_room(const struct element_choices *all)
{
	const struct element_choice_scratch *scratch;

	return sizeof(scratch->chosen) / sizeof(scratch->chosen[0]) /
	    all->nops * 64;
}

void
element_choices_run(const struct element_choices *all,
    struct element_choice_scratch *scratch, const struct records *recs,
    struct batch *batch, size_t first)
{
	const size_t words = bitmap_words(recs->n);

	for (size_t w = 0; w < words; w++) {
		size_t r = 64 * w, n = recs->n - r < 64 ? recs->n - r : 64;
		const struct records part = records_part(recs, r, n);
		struct kinds kinds = { .family_known = 0 };

		kinds_of_family(&kinds, all, &part);
		if (all->by_protocol)
			kinds_of_protocol(&kinds, batch, first + r, n);
		for (size_t i = 0; i < all->n; i++)
			choice_settle(all, &all->choice[i], &kinds, &part,
			    scratch->chosen, words, w);
	}
	for (size_t i = 0; i < all->nops; i++)
		choice_load(&all->ops[i], scratch->chosen + i * words,
		    recs, batch, first);
}
