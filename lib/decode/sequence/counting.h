/*
 * The unit that an exporter's sequence numbers count, and the gaps in that
 * unit.
 *
 * By the protocols, v5 and v7 count flows, v9 counts messages and IPFIX counts
 * data records. Exporters count flows instead of messages or messages instead
 * of records, leave out options records, include template records or the
 * records of the message itself (softflowd), or send a constant number. So the
 * unit is learnt: a hypothesis for each possible unit tracks gaps (sequence.h),
 * and those that mispredict are dropped. The result is what the remaining
 * hypothesis has counted from the first message on. While another hypothesis
 * may be right, the result is what both agree on; it is zero if no unit
 * explains the numbers.
 *
 * Units that have agreed about all messages so far share one hypothesis.
 * session.h handles exporters that number all domains together.
 *
 * session.c uses it.
 * Test: test/unit/decode/test_counting.c.
 */
#ifndef FLOWD_COUNTING_H
#define FLOWD_COUNTING_H

#include <stddef.h>

#include "sequence.h"

enum sequence_unit {
	SEQUENCE_FLOWS,		/* v5 and v7 */
	SEQUENCE_RECORDS,	/* of flows and options: IPFIX */
	SEQUENCE_EVERYTHING,	/* records of flows, options and templates */
	SEQUENCE_MESSAGES,	/* v9 */
	SEQUENCE_NONE,		/* a constant number, or none: v1 */
	/* The number includes the records of the message itself. */
	SEQUENCE_FLOWS_TOO,
	SEQUENCE_RECORDS_TOO,
	SEQUENCE_UNITS
};

/* A set of units. */
#define UNIT(unit) (1U << (unit))

/* Records in a message. */
struct counting_records {
	uint16_t flows, options, templates;
	bool partly;		/* and unknown others, of flows or options */
};

struct counting_message {
	uint32_t number;
	struct counting_records has;
	int64_t export_ns;
	bool restarted;		/* see sequence.h */
};

/* A set of units that agree so far, and the sequence if they are right. */
struct counting_hypothesis {
	uint8_t units;		/* a set */
	uint8_t unit;		/* its representative, once settled */
	uint8_t cost;		/* how badly the numbers fit */
	bool predicted;		/* it predicted a number that had changed */
	uint32_t step;		/* units of the last message */
	struct sequence sequence;
	struct sequence_change sum;
};

struct counting {
	uint8_t default_unit; /* enum sequence_unit: without evidence */
	uint8_t possible;	/* the set that the version permits */
	bool settled;		/* all hypotheses have predicted a number */
	uint8_t fast_path;		/* messages for counting_note_next() */
	bool first_message; /* the last message was the first, with these: */
	struct counting_records has;
	bool missed;		/* restarted after mispredictions */
	uint8_t nmessages;	/* noted since the start; up to COUNTING_FEW */
	uint8_t misses;		/* in a row, with one hypothesis left */
	bool trial;		/* the sequence restarted during the misses */
	uint8_t nhypotheses;
	uint8_t agreed;		/* messages that all hypotheses predicted */
	bool retry;		/* learn again once the budget permits */
	uint32_t number;	/* of the last message */
	struct sequence_change done;	/* before the learning restarted */
	struct sequence_change sure;	/* before the misses */
	struct counting_hypothesis best;	/* the best hypothesis */
	/* the others, nhypotheses - 1; or NULL */
	struct counting_hypothesis *others;
};

/* The number of streams that may learn at a time, of all exporters. */
struct counting_budget {
	uint32_t used, max;
};

enum {
	COUNTING_SLOW,		/* none */
	COUNTING_STEADY, /* with as many flows as the last, and nothing else */
	COUNTING_PLAIN,		/* with flows only */
	COUNTING_ALL
};

enum {
	/* messages after which some number must be predicted */
	COUNTING_FEW = 8,
	COUNTING_LEARNERS = 4096
};

void counting_init(struct counting *c, enum sequence_unit default_unit,
    unsigned possible);
void counting_fini(struct counting *c, struct counting_budget *budget);
/* An independent copy. */
void counting_copy(struct counting *to, const struct counting *from,
    struct counting_budget *budget);

/* The result of the best hypothesis. */
struct counting_result {
	bool follows;		/* the number continues the last message */
	uint8_t cost;
} counting_note(struct counting *c, const struct counting_message *m,
    struct counting_budget *budget);

/* Losses, late messages and so on, as far as they are certain. */
struct sequence_change counting_sum(const struct counting *c);

/* SEQUENCE_UNITS: no unit explains the numbers. */
enum sequence_unit counting_unit(const struct counting *c);
/* "flows", "datagrams", ..., "unknown" */
const char *counting_word(const struct counting *c);
/* Whether one unit is left, and it has predicted numbers. */
bool counting_is_learnt(const struct counting *c);

/* Restores a saved state. */
void counting_restore(struct counting *c, unsigned units, uint32_t step,
    bool learnt);

/* Whether it counts records and not messages. */
static inline bool
unit_counts_records(enum sequence_unit unit)
{
	return unit <= SEQUENCE_EVERYTHING ||
	    unit == SEQUENCE_FLOWS_TOO || unit == SEQUENCE_RECORDS_TOO;
}

/* Whether the number includes the records of its message. */
static inline bool
unit_counts_own(enum sequence_unit unit)
{
	return unit == SEQUENCE_FLOWS_TOO || unit == SEQUENCE_RECORDS_TOO;
}

static inline uint32_t
counting_units_of(enum sequence_unit unit, const struct counting_records *has)
{
	switch (unit) {
	case SEQUENCE_FLOWS:
	case SEQUENCE_FLOWS_TOO:
		return has->flows;
	case SEQUENCE_RECORDS:
	case SEQUENCE_RECORDS_TOO:
		return (uint32_t)has->flows + has->options;
	case SEQUENCE_EVERYTHING:
		return (uint32_t)has->flows + has->options + has->templates;
	case SEQUENCE_MESSAGES:
		return 1;
	default:
		return 0;
	}
}

/*
 * Notes a message with exactly the expected number, if the unit is certain.
 * Returns false for others: call counting_note().
 */
static inline bool
counting_note_next(struct counting *c, const struct counting_message *m)
{
	const struct counting_records *has = &m->has;
	const enum sequence_unit unit = (enum sequence_unit)c->best.unit;
	uint32_t n = counting_units_of(unit, has), number = m->number;

	if (c->fast_path < COUNTING_ALL && (has->options | has->templates) != 0)
		return false;
	if (c->fast_path == COUNTING_SLOW || has->partly ||
	    (c->fast_path == COUNTING_STEADY && n != c->best.step))
		return false;
	if (unit_counts_own(unit))
		number -= n;
	if (!sequence_note_next(&c->best.sequence, number, n, m->export_ns))
		return false;
	c->best.step = n;
	c->number = m->number;
	return true;
}

#endif
