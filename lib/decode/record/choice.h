/*
 * Choices: which of several elements fills a column, settled for each record.
 *
 * An exporter may use one template for all of its flows, with elements for
 * both IP families, for several transports, or for the same thing in several
 * ways, and leave zero those that a flow has not. Where a template has more
 * than one element for a column, plan_compile() makes a choice of them, and
 * plan_run() has it settled by what each record holds. What decides is in
 * elements.def: which records an element is for, and its rank.
 *
 * Called by plan.c. Test: test/unit/decode/test_choice.c, and test_plan.c,
 * which compares with the oracle.
 */
#ifndef FLOWD_CHOICE_H
#define FLOWD_CHOICE_H

#include "load.h"

enum {
	CHOICE_COLS = 2,	/* columns that are chosen with each other */
	CHOICE_MOST = 8		/* alternatives: bits of an octet */
};

/* What is asked first of the elements for a column. */
enum choice_rule {
	CHOICE_BY_KIND,		/* is it for such records? Has it a value? */
	CHOICE_BY_VALUE,	/* has it a value? Is it for such records? */
	CHOICE_TOGETHER		/* as by value, once for both columns */
};

/*
 * An alternative is an element, or the two of one rank that belong together.
 * Those for a template, the preferred one first.
 */
struct alternatives {
	uint8_t n;
	struct alternative {
		uint8_t rank;
		uint8_t only;	/* enum element_only */
		uint16_t last;	/* field of the template that stands last */
		uint16_t field[CHOICE_COLS];	/* 1 + field, 0: none */
	} alt[CHOICE_MOST];
};

/* What a plan has of a choice. */
struct plan_choice {
	uint8_t rule;		/* enum choice_rule */
	uint8_t n;		/* alternatives */
	uint8_t has[CHOICE_COLS];	/* bit k: alternative k has it */
	uint8_t only[CHOICE_MOST];	/* enum element_only */
	uint16_t op[CHOICE_COLS][CHOICE_MOST];	/* of choices->ops */
};

/* All of a plan. */
struct choices {
	uint16_t n;
	uint16_t nops;
	uint8_t family;		/* enum element_only: that of all records */
	bool by_protocol;	/* some choice goes by it */
	struct plan_op ip_version; /* len 0: no field says it */
	struct plan_choice *choice;
	struct plan_op *ops;
};

/* Room for what is chosen: for each load, of which rows. */
struct choice_scratch {
	uint64_t chosen[512];
};

/* The column by whose number those are kept that are chosen with col. */
unsigned choice_lead(unsigned col);

/* The column that is filled, of those that are chosen with lead. */
unsigned choice_column(unsigned lead, unsigned which);

/* Add a field; of an element that a template repeats the last one counts. */
void alternatives_add(struct alternatives *a, const struct element *e,
    size_t field);
/* When all are there: bring them into order, leave out those of RANK_ALONE. */
void alternatives_sort(struct alternatives *a);
/* Is there more than one for some column? */
bool alternatives_compete(const struct alternatives *a);
/* Is some of them for records of one protocol? */
bool alternatives_by_protocol(const struct alternatives *a);
/* The IP family that all of them are for, or ONLY_ANY. */
uint8_t alternatives_family(const struct alternatives *a);

void choice_init(struct plan_choice *choice, unsigned lead,
    const struct alternatives *a);

/* How many rows one call of choices_run() can settle. */
size_t choices_room(const struct choices *choices);

/*
 * Settle all choices for the records, which have been loaded
 * otherwise into rows first, first + 1, ..., and load what was chosen.
 */
void choices_run(const struct choices *choices, struct choice_scratch *scratch,
    const struct records *recs, struct batch *batch, size_t first);

/* Has row r, counted from the first, one of n loads from choice op on? */
static inline bool
choice_loaded(const struct choice_scratch *scratch, const struct records *recs,
    size_t op, size_t n, size_t r)
{
	const size_t words = bitmap_words(recs->n);

	for (size_t i = op; i < op + n; i++)
		if (bitmap_test(scratch->chosen + i * words, r))
			return true;
	return false;
}

#endif
