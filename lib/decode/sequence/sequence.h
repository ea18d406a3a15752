/*
 * Sequence numbers of one stream of messages in one unit: lost, late and
 * repeated messages, and restarts of the exporter.
 *
 * counting.h finds out what an exporter counts; it has a sequence for each
 * possible unit. Numbers wrap at 2^32. counting.c uses it.
 * Test: test/unit/decode/test_sequence.c.
 */
#ifndef FLOWD_SEQUENCE_H
#define FLOWD_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SEQUENCE_GAPS = 32,	/* gaps that late messages can fill */
	/* A number further away is a restart, not a gap. */
	SEQUENCE_WINDOW = 1 << 20,
	/* So many consecutive old messages are a restart. */
	SEQUENCE_REPEATS = 16,
	/* For so many messages, earlier ones may precede the first. */
	SEQUENCE_GRACE = 32
};

struct sequence_gap {
	uint32_t first;
	uint32_t len;
};

struct sequence {
	bool known;
	bool next_is_minimum;		/* next is a lower bound */
	uint32_t next;		/* the expected number */
	int64_t export_ns;	/* of the last message in order */
	uint32_t first;		/* the lowest number during grace */
	uint32_t grace;		/* messages until the end of grace */
	uint32_t old_next; /* expected next, if old messages are a restart */
	uint32_t nold;		/* consecutive old messages */
	uint32_t ngaps;
	struct sequence_gap gap[SEQUENCE_GAPS];
};

/* How a number relates to the expected one. */
enum sequence_event {
	SEQUENCE_UNKNOWN,	/* no expectation, or a message without units */
	SEQUENCE_EXACT,
	SEQUENCE_GAP,		/* something is missing before it */
	SEQUENCE_LATE,		/* fills a gap completely, ... */
	SEQUENCE_LATE_END,	/* ... at its start or end, ... */
	SEQUENCE_LATE_MIDDLE,	/* ... or in its middle */
	SEQUENCE_BEFORE,	/* precedes the first message */
	SEQUENCE_OLD,		/* before the expected number, not missing */
	SEQUENCE_RESTART,
	SEQUENCE_EVENTS
};

/* Sums, or the change by one message. */
struct sequence_change {
	int64_t lost;		/* units; negative for a late message */
	uint64_t late;		/* units */
	int64_t repeated;	/* messages; negative if they were a restart */
	uint64_t restarts;
	enum sequence_event event;
};

void sequence_change_add(struct sequence_change *sum,
    const struct sequence_change *more);
/* The minimum of each figure: what is certain if either may be true. */
void sequence_change_least(struct sequence_change *sum,
    const struct sequence_change *other);

/* The properties of a message. */
struct sequence_message {
	uint32_t number;
	uint32_t units;
	int64_t export_ns;	/* export time, by the exporter's clock */
	bool restarted;		/* the header's uptime went back */
};

/* Starts with m, ignoring earlier messages. */
void sequence_begin(struct sequence *s, const struct sequence_message *m);
struct sequence_change sequence_note(struct sequence *s,
    const struct sequence_message *m);

/*
 * Notes a message with exactly the expected number, the common case. Returns
 * false for others: call sequence_note().
 */
static inline bool
sequence_note_next(struct sequence *s, uint32_t number, uint32_t units,
    int64_t export_ns)
{
	if (number != s->next || !s->known)
		return false;
	s->next = number + units;
	s->export_ns = export_ns;
	s->next_is_minimum = false;
	s->nold = 0;
	s->grace -= s->grace > 0;
	return true;
}

/* Adds more to all numbers. */
void sequence_shift(struct sequence *s, uint32_t more);

/* The last message had an unknown number of units: accepts any next number. */
void sequence_forget_next(struct sequence *s);

#endif
