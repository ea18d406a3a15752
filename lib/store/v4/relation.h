/* Columns that follow from others; the table is relations.def. */
#ifndef FLOWD_RELATION_H
#define FLOWD_RELATION_H

#include "columns.h"

enum relation_kind {
	RELATION_LESS,
	RELATION_UPTIME
};

struct relation {
	uint8_t id;
	uint8_t col;	/* all of these: enum column_index */
	uint8_t kind;
	uint8_t from;
	uint8_t by;
};

enum {
	RELATIONS = 7
};

extern const struct relation relations[RELATIONS];

/* NULL when there is none of this number for the column. */
const struct relation *relation_find(unsigned id, unsigned col);

/* The one of uptimes for the column, or NULL. */
const struct relation *relation_of_uptime(unsigned col);

/* Columns that it is made from. */
struct colset relation_needs(const struct relation *r);

/*
 * An uptime as a time: agent is the time at which the uptime was now; uptimes
 * wrap, and both are less than 24.8 days from each other.
 */
static inline uint64_t
relation_uptime(uint64_t agent, uint32_t now, uint32_t uptime)
{
	return agent - (uint64_t)((int64_t)(int32_t)(now - uptime) * 1000000);
}

#endif
