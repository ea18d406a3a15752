/* Sequence numbers; see sequence.h. Test: test/unit/decode/test_sequence.c. */
#include <string.h>

#include "sequence.h"

static const int64_t second_ns = 1000000000;

void
sequence_change_add(
    struct sequence_change *sum, const struct sequence_change *more)
{
	sum->lost += more->lost;
	sum->late += more->late;
	sum->repeated += more->repeated;
	sum->restarts += more->restarts;
}

#define LEAST(field) \
	if (other->field < sum->field) \
		sum->field = other->field

void
sequence_change_least(
    struct sequence_change *sum, const struct sequence_change *other)
{
	LEAST(lost);
	LEAST(late);
	LEAST(repeated);
	LEAST(restarts);
}

void
sequence_begin(struct sequence *s, const struct sequence_message *m)
{
	s->known = true;
	s->next_is_minimum = false;
	s->next = m->number + m->units;
	s->export_ns = m->export_ns;
	s->grace = 0;
	s->ngaps = 0;
	s->nold = 0;
}

static void
gap_remove(struct sequence *s, uint32_t i)
{
	s->ngaps--;
	memmove(&s->gap[i], &s->gap[i + 1],
	    (s->ngaps - i) * sizeof(s->gap[0]));
}

/* Remembers a gap; drops the oldest if there are too many. */
static void
gap_add(struct sequence *s, uint32_t first, uint32_t len)
{
	if (len == 0)
		return;
	if (s->ngaps == SEQUENCE_GAPS)
		gap_remove(s, 0);
	s->gap[s->ngaps++] = (struct sequence_gap) { first, len };
}

/*
 * Fills [seq, seq + n) of the gap that contains it; SEQUENCE_UNKNOWN if none
 * does.
 */
static enum sequence_event
gap_fill(struct sequence *s, uint32_t seq, uint32_t n)
{
	for (uint32_t i = 0; i < s->ngaps; i++) {
		struct sequence_gap h = s->gap[i];
		uint32_t before = seq - h.first, behind;

		if (before >= h.len || n > h.len - before)
			continue;
		behind = h.len - before - n;
		gap_remove(s, i);
		gap_add(s, h.first, before);
		gap_add(s, seq + n, behind);
		if (before > 0 && behind > 0)
			return SEQUENCE_LATE_MIDDLE;
		return before + behind > 0 ? SEQUENCE_LATE_END : SEQUENCE_LATE;
	}
	return SEQUENCE_UNKNOWN;
}

/* The first message: earlier ones may still be on their way. */
static struct sequence_change
sequence_first(struct sequence *s, const struct sequence_message *m)
{
	sequence_begin(s, m);
	s->first = m->number;
	s->grace = SEQUENCE_GRACE;
	return (struct sequence_change) { 0 };
}

/*
 * Whether the exporter restarted: by its header, by a distant number, or by an
 * old number with a later export time. The network delays and repeats only
 * messages exported before.
 */
static bool
sequence_restarts(const struct sequence *s, const struct sequence_message *m,
    int32_t ahead)
{
	if (ahead == 0)
		return false;
	return m->restarted || ahead > SEQUENCE_WINDOW ||
	    ahead < -SEQUENCE_WINDOW ||
	    (ahead < 0 && m->export_ns - s->export_ns >= second_ns);
}

static struct sequence_change
sequence_ahead(struct sequence *s, const struct sequence_message *m,
    uint32_t ahead)
{
	enum sequence_event event = s->next_is_minimum ? SEQUENCE_UNKNOWN
	    : ahead > 0			     ? SEQUENCE_GAP
					     : SEQUENCE_EXACT;

	if (s->next_is_minimum)
		ahead = 0;
	gap_add(s, s->next, ahead);
	s->next_is_minimum = false;
	s->next = m->number + m->units;
	s->export_ns = m->export_ns;
	s->nold = 0;
	return (struct sequence_change) { .lost = ahead, .event = event };
}

/* Whether it is from shortly before the first message. */
static bool
sequence_precedes_first(
    const struct sequence *s, const struct sequence_message *m)
{
	uint32_t before = s->first - m->number;

	return s->grace > 0 && before >= m->units &&
	    before / m->units < SEQUENCE_GRACE;
}

static struct sequence_change
sequence_before_first(struct sequence *s, const struct sequence_message *m)
{
	uint32_t gap = s->first - m->number - m->units;

	gap_add(s, m->number + m->units, gap);
	s->first = m->number;
	return (struct sequence_change) {
		.lost = gap, .late = m->units, .event = SEQUENCE_BEFORE
	};
}

/* A message before the expected number that fills no gap. */
static struct sequence_change
sequence_old(struct sequence *s, const struct sequence_message *m)
{
	bool follows = s->nold > 0 && m->number == s->old_next;

	s->nold = follows ? s->nold + 1 : 1;
	s->old_next = m->number + m->units;
	if (s->nold < SEQUENCE_REPEATS)
		return (struct sequence_change) {
			.repeated = 1, .event = SEQUENCE_OLD
		};
	sequence_begin(s, m);
	return (struct sequence_change) {
		.repeated = -(SEQUENCE_REPEATS - 1), .restarts = 1,
		.event = SEQUENCE_RESTART
	};
}

struct sequence_change
sequence_note(struct sequence *s, const struct sequence_message *m)
{
	int32_t ahead = (int32_t)(m->number - s->next);
	enum sequence_event event;

	if (!s->known)
		return sequence_first(s, m);
	s->grace -= s->grace > 0;
	if (sequence_restarts(s, m, ahead)) {
		sequence_begin(s, m);
		return (struct sequence_change) {
			.restarts = 1, .event = SEQUENCE_RESTART
		};
	}
	if (ahead >= 0)
		return sequence_ahead(s, m, (uint32_t)ahead);
	/* A message without units cannot be late or repeated. */
	if (m->units == 0)
		return (struct sequence_change) { 0 };
	event = gap_fill(s, m->number, m->units);
	if (event != SEQUENCE_UNKNOWN)
		return (struct sequence_change) {
			.lost = -(int64_t)m->units, .late = m->units,
			.event = event
		};
	if (sequence_precedes_first(s, m))
		return sequence_before_first(s, m);
	return sequence_old(s, m);
}

void
sequence_forget_next(struct sequence *s)
{
	s->next_is_minimum = s->known;
}

void
sequence_shift(struct sequence *s, uint32_t more)
{
	s->next += more;
	s->first += more;
	s->old_next += more;
	for (uint32_t i = 0; i < s->ngaps; i++)
		s->gap[i].first += more;
}
