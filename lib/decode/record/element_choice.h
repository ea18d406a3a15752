/*
 * Choices of elements: which of several elements fills a column, decided for
 * each record.
 *
 * An exporter may use one template for all flows, with elements for both IP
 * families, for several transports, or for the same value in several forms, and
 * set those that do not apply to zero. If a template has several elements for
 * one column, plan_compile() makes a choice of them, and plan_run() decides by
 * the values of each record. elements.def defines the rules: which records an
 * element is for, and its rank.
 *
 * plan.c uses it.
 * Test: test/unit/decode/test_element_choice.c, and test_plan.c, which compares
 * with a slow reference.
 */
#ifndef FLOWD_ELEMENT_CHOICE_H
#define FLOWD_ELEMENT_CHOICE_H

#include "load.h"

enum {
	CHOICE_COLS = 2,	/* columns chosen together */
	CHOICE_MOST = 8		/* alternatives: bits of an octet */
};

/* The order of the criteria. */
enum choice_rule {
	CHOICE_BY_KIND,		/* kind of record, then value */
	CHOICE_BY_VALUE,	/* value, then kind of record */
	CHOICE_TOGETHER		/* by value, once for both columns */
};

/*
 * The alternatives of a template for a column, the preferred one first. An
 * alternative is an element, or two elements of one rank that belong together.
 */
struct alternatives {
	uint8_t n;
	struct alternative {
		uint8_t rank;
		uint8_t only;	/* enum element_only */
		uint16_t last;	/* index of its last field in the template */
		uint16_t field[CHOICE_COLS];	/* 1 + field, 0: none */
	} alt[CHOICE_MOST];
};

/* A choice of a compiled plan. */
struct element_choice {
	uint8_t rule;		/* enum choice_rule */
	uint8_t n;		/* alternatives */
	uint8_t has[CHOICE_COLS]; /* bit k: alternative k fills the column */
	uint8_t only[CHOICE_MOST];	/* enum element_only */
	uint16_t op[CHOICE_COLS][CHOICE_MOST];	/* in element_choices.ops */
};

/* All choices of a plan. */
struct element_choices {
	uint16_t n;
	uint16_t nops;
	uint8_t family; /* enum element_only: the same for all records */
	bool by_protocol;	/* some choice depends on the protocol */
	struct plan_op ip_version; /* len 0: no such field */
	struct element_choice *choice;
	struct plan_op *ops;
};

/* Scratch space: a bitmap of chosen rows for each load. */
struct element_choice_scratch {
	uint64_t chosen[512];
};

/* The first of the columns that are chosen with col. */
unsigned element_choice_lead(unsigned col);

/* The first or second column chosen with lead. */
unsigned element_choice_column(unsigned lead, unsigned which);

/* Adds a field. If a template repeats an element, the last one counts. */
void alternatives_add(struct alternatives *a, const struct element *e,
    size_t field);
/* Call when all fields are added: sorts, and drops those of RANK_ALONE. */
void alternatives_sort(struct alternatives *a);
/* Whether some column has more than one alternative. */
bool alternatives_compete(const struct alternatives *a);
/* Whether an alternative is for one protocol. */
bool alternatives_by_protocol(const struct alternatives *a);
/* The IP family all alternatives are for, or ONLY_ANY. */
uint8_t alternatives_family(const struct alternatives *a);

void element_choice_init(struct element_choice *choice, unsigned lead,
    const struct alternatives *a);

/* How many rows one call of element_choices_run() can decide. */
size_t element_choices_room(const struct element_choices *choices);

/*
 * Decides all choices for the records, whose other columns are loaded into rows
 * first, first + 1, ..., and runs the chosen loads.
 */
void element_choices_run(const struct element_choices *choices,
    struct element_choice_scratch *scratch, const struct records *recs,
    struct batch *batch, size_t first);

/* Whether one of n loads from op on was chosen for record r. */
static inline bool
element_choice_loaded(const struct element_choice_scratch *scratch,
    const struct records *recs, size_t op, size_t n, size_t r)
{
	const size_t words = bitmap_words(recs->n);

	for (size_t i = op; i < op + n; i++)
		if (bitmap_test(scratch->chosen + i * words, r))
			return true;
	return false;
}

#endif
