/* Sequence numbers; see sequence.h. Test: test/unit/decode/test_sequence.c. */
#include <string.h>

#include "sequence.h"

static void
sequence_begin(struct sequence *s, uint32_t next)
{
	s->known = true;
	s->next = next;
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

/* Fill [seq, seq + n) of a gap that holds it; false when none does. */
static bool
hole_fill(struct sequence *s, uint32_t seq, uint32_t n)
{
	for (uint32_t i = 0; i < s->nholes; i++) {
		struct sequence_hole h = s->hole[i];
		uint32_t before = seq - h.first;

		if (before >= h.len || n > h.len - before)
			continue;
		hole_remove(s, i);
		hole_add(s, h.first, before);
		hole_add(s, seq + n, h.len - before - n);
		return true;
	}
	return false;
}

/* A message from before the expected number, and in no gap. */
static struct sequence_change
sequence_old(struct sequence *s, uint32_t seq, uint32_t n)
{
	s->nold = s->nold > 0 && seq == s->old_next ? s->nold + 1 : 1;
	s->old_next = seq + n;
	if (s->nold < SEQUENCE_REPEATS)
		return (struct sequence_change) { .repeated = 1 };
	sequence_begin(s, seq + n);
	return (struct sequence_change) {
		.repeated = -(SEQUENCE_REPEATS - 1), .restarts = 1
	};
}

struct sequence_change
sequence_note(struct sequence *s, uint32_t seq, uint32_t n, bool restarted)
{
	int32_t ahead = (int32_t)(seq - s->next);

	if (!s->known) {
		sequence_begin(s, seq + n);
		return (struct sequence_change) { 0 };
	}
	if (ahead != 0 && (restarted || ahead > SEQUENCE_WINDOW ||
	    ahead < -SEQUENCE_WINDOW)) {
		sequence_begin(s, seq + n);
		return (struct sequence_change) { .restarts = 1 };
	}
	if (ahead >= 0) {
		hole_add(s, s->next, (uint32_t)ahead);
		s->next = seq + n;
		s->nold = 0;
		return (struct sequence_change) { .lost = ahead };
	}
	/* Without units there is nothing to be late or repeated with. */
	if (n == 0)
		return (struct sequence_change) { 0 };
	if (hole_fill(s, seq, n))
		return (struct sequence_change) { .lost = -(int64_t)n,
			.late = n };
	return sequence_old(s, seq, n);
}

void
sequence_forget_next(struct sequence *s)
{
	s->known = false;
}
