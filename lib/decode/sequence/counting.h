/*
 * What an exporter counts in its sequence numbers, and what is missing of it.
 *
 * The protocols say that v5 and v7 count flows, v9 messages and IPFIX data
 * records; exporters count flows where they should count messages, or messages
 * where they should count records, leave options records out, count template
 * records or those of the message itself too, as softflowd does, or send the
 * same number for ever. So the unit is learnt: as long as several are possible
 * each is followed by itself (sequence.h), and what the numbers do not bear
 * out goes. The figures are those of the unit
 * that is left, from the first message on, as if it had been known. Until
 * then, where another unit explains the numbers better, only that is counted
 * which both say; and nothing when no unit explains any number.
 *
 * Units that have agreed about every message so far are followed as one.
 * Where one number counts the messages of several domains is session.h.
 *
 * Called by session.c. Test: test/unit/decode/test_counting.c.
 */
#ifndef FLOWD_COUNTING_H
#define FLOWD_COUNTING_H

#include <stddef.h>

#include "sequence.h"

enum sequence_unit {
	SEQUENCE_FLOWS,		/* as v5 and v7 have to */
	SEQUENCE_RECORDS,	/* of flows and of options: IPFIX */
	SEQUENCE_EVERYTHING,	/* these, and records of templates */
	SEQUENCE_MESSAGES,	/* v9 */
	SEQUENCE_NONE,		/* the number stays, or there is none: v1 */
	/* The number is that behind the message: it has its own, too. */
	SEQUENCE_FLOWS_TOO,
	SEQUENCE_RECORDS_TOO,
	SEQUENCE_UNITS
};

/* A set of them. */
#define UNIT(unit) (1U << (unit))

/* Records in a message. */
struct counting_records {
	uint16_t flows, options, templates;
	bool partly;		/* there are others, of flows or options */
};

struct counting_message {
	uint32_t number;
	struct counting_records has;
	int64_t export_ns;
	bool restarted;		/* see sequence.h */
};

/* Units that agree so far, and what is so if they are right. */
struct counting_hypothesis {
	uint8_t units;		/* a set */
	uint8_t unit;		/* one of them, when it is settled */
	uint8_t cost;		/* how badly the numbers fit */
	bool predicted;		/* it foretold a number that had changed */
	uint32_t step;		/* units of the last message */
	struct sequence sequence;
	struct sequence_change sum;
};

struct counting {
	uint8_t default_unit;		/* enum sequence_unit: without evidence */
	uint8_t possible;	/* the set that the version permits */
	bool settled;		/* every way has foretold a number */
	uint8_t fast_path;		/* messages for counting_note_next() */
	bool first_message;		/* the last message began, and had this: */
	struct counting_records has;
	bool missed;		/* it began since numbers did not fit */
	uint8_t nmessages;	/* noted since it began; up to COUNTING_FEW */
	uint8_t misses;		/* in a row, of the one that is left */
	bool trial;		/* it began anew since */
	uint8_t nhypotheses;
	uint8_t agreed;		/* messages that all ways foretold */
	bool retry;		/* see what else is possible: no room, so far */
	uint32_t number;	/* of the last message */
	struct sequence_change done;	/* before it began */
	struct sequence_change sure;	/* before the misses */
	struct counting_hypothesis best;	/* the best */
	struct counting_hypothesis *others;	/* the others, nways - 1; or NULL */
};

/* What all who learn may take together. */
struct counting_budget {
	uint32_t used, max;
};

enum {
	COUNTING_SLOW,		/* none */
	COUNTING_STEADY,	/* of as many flows as the last, and no more */
	COUNTING_PLAIN,		/* of flows alone */
	COUNTING_ALL
};

enum {
	COUNTING_FEW = 8,	/* messages, to find a number foretold */
	COUNTING_LEARNERS = 4096
};

void counting_init(struct counting *c, enum sequence_unit default_unit,
    unsigned possible);
void counting_fini(struct counting *c, struct counting_budget *budget);
/* A copy that goes on by itself. */
void counting_copy(struct counting *to, const struct counting *from,
    struct counting_budget *budget);

/* Returns what the best way says of it, and how badly it fits: its cost. */
struct counting_result {
	bool follows;		/* it goes on from the message before */
	uint8_t cost;
} counting_note(struct counting *c, const struct counting_message *m,
    struct counting_budget *budget);

/* What has been lost, late, ... as far as it is certain. */
struct sequence_change counting_sum(const struct counting *c);

/* SEQUENCE_UNITS: no unit explains the numbers. */
enum sequence_unit counting_unit(const struct counting *c);
/* "flows", "datagrams", ..., "unknown" */
const char *counting_word(const struct counting *c);
/* Has it foretold numbers, and is no other unit possible? */
bool counting_is_learnt(const struct counting *c);

/* For the state of another run. */
void counting_restore(struct counting *c, unsigned units, uint32_t step,
    bool learnt);

/* Records of some kind, and not messages. */
static inline bool
unit_counts_records(enum sequence_unit unit)
{
	return unit <= SEQUENCE_EVERYTHING ||
	    unit == SEQUENCE_FLOWS_TOO || unit == SEQUENCE_RECORDS_TOO;
}

/* Is the number that behind the message? */
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
 * Note a message that has exactly the number that is expected, where there is
 * no doubt about the unit; false for any other, which counting_note() takes.
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
