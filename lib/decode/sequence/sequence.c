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
	s->slack = false;
	s->next = m->number + m->units;
	s->export_ns = m->export_ns;
	s->young = 0;
	s->nholes = 0;
	s->nold = 0;
}

static void
hole_remove(struct sequence *s, uint32_t i)
{
	s->nholes--;
	memmove(&s->hole[i], &s->hole[i + 1],
	    (s->nholes - i) * sizeof(s->hole[0]));
}

/* Remember a gap; the oldest is given up when there are too many. */
static void
hole_add(struct sequence *s, uint32_t first, uint32_t len)
{
	if (len == 0)
		return;
	if (s->nholes == SEQUENCE_HOLES)
		hole_remove(s, 0);
	s->hole[s->nholes++] = (struct sequence_hole) { first, len };
}

/* Fill [seq, seq + n) of a gap that holds it; SILENT when none does. */
static enum sequence_event
hole_fill(struct sequence *s, uint32_t seq, uint32_t n)
{
	for (uint32_t i = 0; i < s->nholes; i++) {
		struct sequence_hole h = s->hole[i];
		uint32_t before = seq - h.first, behind;

		if (before >= h.len || n > h.len - before)
			continue;
		behind = h.len - before - n;
		hole_remove(s, i);
		hole_add(s, h.first, before);
		hole_add(s, seq + n, behind);
		if (before > 0 && behind > 0)
			return SEQUENCE_LATE_MIDDLE;
		return before + behind > 0 ? SEQUENCE_LATE_END : SEQUENCE_LATE;
	}
	return SEQUENCE_SILENT;
}

/* The very first: what was sent before it may be on its way still. */
static struct sequence_change
sequence_first(struct sequence *s, const struct sequence_message *m)
{
	sequence_begin(s, m);
	s->first = m->number;
	s->young = SEQUENCE_YOUTH;
	return (struct sequence_change) { 0 };
}

/*
 * Is it a new beginning? By its header, by a number that is far off, or since
 * it was made later than what came last in order, and has an old number: what
 * the network delays or repeats was made before.
 */
static bool
begins_anew(const struct sequence *s, const struct sequence_message *m,
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
	enum sequence_event event = s->slack ? SEQUENCE_SILENT
	    : ahead > 0			     ? SEQUENCE_GAP
					     : SEQUENCE_EXACT;

	if (s->slack)
		ahead = 0;
	hole_add(s, s->next, ahead);
	s->slack = false;
	s->next = m->number + m->units;
	s->export_ns = m->export_ns;
	s->nold = 0;
	return (struct sequence_change) { .lost = ahead, .event = event };
}

/* From before the first that came, but not long. */
static bool
before_first(const struct sequence *s, const struct sequence_message *m)
{
	uint32_t before = s->first - m->number;

	return s->young > 0 && before >= m->units &&
	    before / m->units < SEQUENCE_YOUTH;
}

static struct sequence_change
sequence_before_first(struct sequence *s, const struct sequence_message *m)
{
	uint32_t gap = s->first - m->number - m->units;

	hole_add(s, m->number + m->units, gap);
	s->first = m->number;
	return (struct sequence_change) {
		.lost = gap, .late = m->units, .event = SEQUENCE_BEFORE
	};
}

/* A message from before the expected number, and in no gap. */
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
	s->young -= s->young > 0;
	if (begins_anew(s, m, ahead)) {
		sequence_begin(s, m);
		return (struct sequence_change) {
			.restarts = 1, .event = SEQUENCE_RESTART
		};
	}
	if (ahead >= 0)
		return sequence_ahead(s, m, (uint32_t)ahead);
	/* Without units there is nothing to be late or repeated with. */
	if (m->units == 0)
		return (struct sequence_change) { 0 };
	event = hole_fill(s, m->number, m->units);
	if (event != SEQUENCE_SILENT)
		return (struct sequence_change) {
			.lost = -(int64_t)m->units, .late = m->units,
			.event = event
		};
	if (before_first(s, m))
		return sequence_before_first(s, m);
	return sequence_old(s, m);
}

void
sequence_forget_next(struct sequence *s)
{
	s->slack = s->known;
}

void
sequence_shift(struct sequence *s, uint32_t more)
{
	s->next += more;
	s->first += more;
	s->old_next += more;
	for (uint32_t i = 0; i < s->nholes; i++)
		s->hole[i].first += more;
}
