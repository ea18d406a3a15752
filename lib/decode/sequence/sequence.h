/*
 * Sequence numbers of one stream of messages, counted in one unit: what was
 * lost, what came late, what came twice, and whether the exporter began anew.
 *
 * What an exporter really counts is found out in counting.h, which has one of
 * these for each unit that it may be. All numbers wrap at 2^32.
 * Called by counting.c. Test: test/unit/decode/test_sequence.c.
 */
#ifndef FLOWD_SEQUENCE_H
#define FLOWD_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SEQUENCE_GAPS = 32,	/* gaps that late messages may still fill */
	/* Numbers further off than this are a new beginning, not a gap. */
	SEQUENCE_WINDOW = 1 << 20,
	/* Old messages that follow on each other: a new beginning too. */
	SEQUENCE_REPEATS = 16,
	/* Messages from the first on that earlier ones may still follow. */
	SEQUENCE_GRACE = 32
};

struct sequence_gap {
	uint32_t first;
	uint32_t len;
};

struct sequence {
	bool known;
	bool next_is_minimum;		/* next is the least that may come */
	uint32_t next;		/* expected */
	int64_t export_ns;	/* time of the last message in order */
	uint32_t first;		/* least that came, while it is young */
	uint32_t grace;		/* messages until it is not any more */
	uint32_t old_next;	/* expected if the last old one was a restart */
	uint32_t nold;		/* old messages in a row that followed on */
	uint32_t ngaps;
	struct sequence_gap gap[SEQUENCE_GAPS];
};

/* How a number relates to the one that was expected. */
enum sequence_event {
	SEQUENCE_UNKNOWN,	/* nothing was expected, or it has no units */
	SEQUENCE_EXACT,
	SEQUENCE_GAP,		/* something is missing before it */
	SEQUENCE_LATE,		/* it is what a gap lacks, all of it, ... */
	SEQUENCE_LATE_END,	/* ... the begin or the end of it, ... */
	SEQUENCE_LATE_MIDDLE,	/* ... or something in the midst of it */
	SEQUENCE_BEFORE,	/* from before the first that came */
	SEQUENCE_OLD,		/* from before, and not missing */
	SEQUENCE_RESTART,
	SEQUENCE_EVENTS
};

/* Sums, or what one message changed. */
struct sequence_change {
	int64_t lost;		/* units; negative when a late message came */
	uint64_t late;		/* units */
	int64_t repeated;	/* messages; negative when it was a restart */
	uint64_t restarts;
	enum sequence_event event;
};

void sequence_change_add(struct sequence_change *sum,
    const struct sequence_change *more);
/* Of each figure the lesser one: what is certain when either may be true. */
void sequence_change_least(struct sequence_change *sum,
    const struct sequence_change *other);

/* What a message says of itself. */
struct sequence_message {
	uint32_t number;
	uint32_t units;
	int64_t export_ns;	/* when it was made, by the exporter's clock */
	bool restarted;		/* the header shows that the exporter began
				 * anew: its uptime went back */
};

/* Begin with m, whatever was before it. */
void sequence_begin(struct sequence *s, const struct sequence_message *m);
struct sequence_change sequence_note(struct sequence *s,
    const struct sequence_message *m);

/*
 * Note a message that has exactly the number that is expected, as nearly all
 * have; false for any other, which sequence_note() takes.
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

/* As if all numbers had been so much more. */
void sequence_shift(struct sequence *s, uint32_t more);

/* The last message held an unknown count of units: the next has any number. */
void sequence_forget_next(struct sequence *s);

#endif
