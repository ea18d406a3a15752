/*
 * Units of sequence numbers; see counting.h.
 * Test: test/unit/decode/test_counting.c.
 */
#include <stdlib.h>
#include <string.h>

#include "counting.h"

enum {
	/*
	 * A hypothesis that costs this much more than the best one is dropped.
	 */
	COST_MAX = 16,
	/* One that costs less than this more may still be right. */
	COST_DOUBT = 4,
	/* The initial cost of other units than the default. */
	COST_UNUSUAL = 2,
	COST_SAME_NUMBER = 2,
	COST_GAP_SMALL = 1,
	GAP_SMALL = 4,		/* units */
	/*
	 * Mispredicted numbers in a row after which the unit is learnt again.
	 */
	MISSES_MAX = 64,
	/*
	 * Numbers all hypotheses predict, after which those that are not in
	 * doubt are dropped.
	 */
	AGREED_MAX = 64,
	/* As MISSES_MAX, just after a restart of the sequence. */
	TRIAL_MAX = 4
};

/*
 * The cost of each event. A gap may be a loss. Overlaps and restarts do not
 * happen to an exporter that counts in this unit.
 */
static const uint8_t event_cost[SEQUENCE_EVENTS] = {
	[SEQUENCE_GAP] = 2,
	[SEQUENCE_LATE_END] = 1,
	[SEQUENCE_LATE_MIDDLE] = 2,
	[SEQUENCE_BEFORE] = 2,
	[SEQUENCE_OLD] = 4,
	[SEQUENCE_RESTART] = 4,
};

static const char *const sequence_unit_word[SEQUENCE_UNITS] = {
	[SEQUENCE_FLOWS] = "flows",
	[SEQUENCE_RECORDS] = "records",
	[SEQUENCE_EVERYTHING] = "records and templates",
	[SEQUENCE_MESSAGES] = "datagrams",
	[SEQUENCE_NONE] = "none",
	[SEQUENCE_FLOWS_TOO] = "flows, its own too",
	[SEQUENCE_RECORDS_TOO] = "records, its own too",
};

static enum sequence_unit
first_unit(unsigned units)
{
	unsigned counting = units & ~UNIT(SEQUENCE_NONE);

	return (enum sequence_unit)__builtin_ctz(
	    counting != 0 ? counting : units);
}

static bool
units_is_single(unsigned units)
{
	return (units & (units - 1)) == 0;
}

/*
 * The unit that represents a hypothesis: the default unit if it is among its
 * units.
 */
static enum sequence_unit
named_unit(const struct counting *c, const struct counting_hypothesis *w)
{
	return w->units & UNIT(c->default_unit)
	    ? (enum sequence_unit)c->default_unit
	    : first_unit(w->units);
}

/* Units that differ only by options and templates. */
#define UNITS_OWN (UNIT(SEQUENCE_FLOWS_TOO) | UNIT(SEQUENCE_RECORDS_TOO))
#define UNITS_OF_RECORDS \
	(UNIT(SEQUENCE_FLOWS) | UNIT(SEQUENCE_RECORDS) | \
	    UNIT(SEQUENCE_EVERYTHING) | UNITS_OWN)

/*
 * Whether both units advance equally by a message. A unit that includes its own
 * records advances like one that does not while all messages have equally many.
 */
static bool
units_agree(enum sequence_unit a, enum sequence_unit b,
    const struct counting_records *has, uint32_t step)
{
	uint32_t n = counting_units_of(a, has);

	if (n != counting_units_of(b, has))
		return false;
	if (unit_counts_own(a) != unit_counts_own(b))
		return n == step && !has->partly;
	return !has->partly || unit_counts_records(a) == unit_counts_records(b);
}

/*
 * The units of a hypothesis that agree with its representative about a message.
 */
static unsigned
agreeing_units(const struct counting *c, const struct counting_hypothesis *w,
    const struct counting_records *has, uint32_t step)
{
	enum sequence_unit unit = named_unit(c, w);
	unsigned same = 0;

	for (int other = 0; other < SEQUENCE_UNITS; other++)
		if ((w->units & UNIT(other)) &&
		    units_agree(unit, (enum sequence_unit)other, has, step))
			same |= UNIT(other);
	return same;
}

static struct counting_hypothesis *
hypothesis_at(struct counting *c, unsigned i)
{
	return i == 0 ? &c->best : &c->others[i - 1];
}

static void
change_sub(struct sequence_change *sum, const struct sequence_change *less)
{
	sum->lost -= less->lost;
	sum->late -= less->late;
	sum->repeated -= less->repeated;
	sum->restarts -= less->restarts;
}

void
counting_init(
    struct counting *c, enum sequence_unit default_unit, unsigned possible)
{
	*c = (struct counting) { .default_unit = (uint8_t)default_unit,
		.possible = (uint8_t)possible, .nhypotheses = 1 };
	c->best.units = c->possible;
}

static void
others_free(struct counting *c, struct counting_budget *budget)
{
	if (c->others == NULL)
		return;
	free(c->others);
	c->others = NULL;
	c->nhypotheses = 1;
	budget->used--;
}

void
counting_fini(struct counting *c, struct counting_budget *budget)
{
	others_free(c, budget);
}

static bool
others_alloc(struct counting *c, struct counting_budget *budget)
{
	if (c->others != NULL)
		return true;
	if (budget->used >= budget->max)
		return false;
	c->others = calloc(SEQUENCE_UNITS - 1, sizeof(*c->others));
	budget->used += c->others != NULL;
	return c->others != NULL;
}

void
counting_copy(struct counting *to, const struct counting *from,
    struct counting_budget *budget)
{
	*to = *from;
	to->others = NULL;
	to->nhypotheses = 1;
	if (from->nhypotheses == 1)
		return;
	if (!others_alloc(to, budget)) {
		to->retry = true;
		return;
	}
	memcpy(to->others, from->others,
	    (from->nhypotheses - 1U) * sizeof(*from->others));
	to->nhypotheses = from->nhypotheses;
}

/*
 * The units disagree about a message: those in same stay, the others become a
 * new hypothesis.
 */
static void
hypothesis_split(struct counting *c, struct counting_hypothesis *w,
    unsigned same, struct counting_budget *budget)
{
	unsigned others = w->units & ~same;
	struct counting_hypothesis *new;

	w->units = (uint8_t)same;
	if (!others_alloc(c, budget)) {
		c->retry = true;
		return;
	}
	new = hypothesis_at(c, c->nhypotheses++);
	*new = *w;
	new->units = (uint8_t)others;
	sequence_shift(&new->sequence, w->step *
	    (uint32_t)(unit_counts_own(named_unit(c, w)) -
		unit_counts_own(named_unit(c, new))));
	if (same & UNIT(c->default_unit))
		new->cost += COST_UNUSUAL;
}

/* Whether a is better than b. */
static bool
hypothesis_is_better(const struct counting *c,
    const struct counting_hypothesis *a, const struct counting_hypothesis *b)
{
	return a->cost < b->cost ||
	    (a->cost == b->cost && (a->units & UNIT(c->default_unit)) &&
		!(b->units & UNIT(c->default_unit)));
}

static void
hypotheses_best_first(struct counting *c)
{
	struct counting_hypothesis *best = &c->best, was;

	for (unsigned i = 1; i < c->nhypotheses; i++)
		if (hypothesis_is_better(c, hypothesis_at(c, i), best))
			best = hypothesis_at(c, i);
	if (best == &c->best)
		return;
	was = c->best;
	c->best = *best;
	*best = was;
}

/* Whether some units include their own records and others do not. */
static bool
units_are_mixed(unsigned units)
{
	return (units & UNITS_OWN) != 0 && (units & ~UNITS_OWN) != 0;
}

/* Whether all units count a message equally; fast for most messages. */
static bool
hypothesis_agrees(const struct counting *c, const struct counting_hypothesis *w,
    const struct counting_records *has)
{
	if (units_is_single(w->units))
		return true;
	if (!has->partly && has->options == 0 && has->templates == 0 &&
	    (w->units & ~UNITS_OF_RECORDS) == 0 &&
	    (has->flows == w->step || !units_are_mixed(w->units)))
		return true;
	return agreeing_units(c, w, has, w->step) == w->units;
}

static void
hypotheses_split(struct counting *c, const struct counting_records *has,
    struct counting_budget *budget)
{
	for (unsigned i = 0; i < c->nhypotheses; i++) {
		struct counting_hypothesis *w = hypothesis_at(c, i);

		if (!hypothesis_agrees(c, w, has))
			hypothesis_split(
			    c, w, agreeing_units(c, w, has, w->step), budget);
	}
}

/*
 * Allows all units again from this message on. Keeps what was counted before
 * the last hypothesis began to mispredict.
 */
static void
counting_restart(struct counting *c, const struct counting_message *m)
{
	struct sequence_change sure = c->misses > 0 ? c->sure : c->best.sum;

	sequence_change_add(&c->done, &sure);
	change_sub(&c->best.sum, &sure);
	c->best.units = c->possible;
	c->best.cost = 0;
	c->best.predicted = false;
	c->missed = c->misses > 0;
	c->trial = false;
	c->first_message = true;
	c->retry = false;
	c->settled = false;
	c->fast_path = COUNTING_SLOW;
	c->has = m->has;
	c->nmessages = 0;
	c->misses = 0;
}

/* The message, counted in this unit. */
static struct sequence_message
message_in_unit(enum sequence_unit unit, const struct counting_message *m)
{
	uint32_t units = counting_units_of(unit, &m->has);

	return (struct sequence_message) {
		.number = m->number - (unit_counts_own(unit) ? units : 0),
		.units = units,
		.export_ns = m->export_ns,
		.restarted = m->restarted,
	};
}

/* Whether the number of the next message is unknown. */
static bool
next_is_unknown(enum sequence_unit unit, const struct counting_records *has)
{
	return has->partly && unit_counts_records(unit) &&
	    !unit_counts_own(unit);
}

/*
 * A unit that became possible with the last message starts from that message.
 */
static void
hypothesis_begin(struct counting *c, struct counting_hypothesis *w)
{
	enum sequence_unit unit = named_unit(c, w);
	const struct counting_message last = { .number = c->number,
		.has = c->has, .export_ns = w->sequence.export_ns };
	const struct sequence_message in = message_in_unit(unit, &last);
	uint32_t grace = w->sequence.grace;

	w->step = in.units;
	if (c->missed && unit == c->default_unit)
		return;
	w->sum = (struct sequence_change) { .restarts = c->missed };
	sequence_begin(&w->sequence, &in);
	w->sequence.grace = grace;
	w->sequence.first = in.number;
	w->sequence.next_is_minimum = next_is_unknown(unit, &c->has);
}

/* Splits the hypotheses by the first message, and starts them. */
static void
hypotheses_begin(struct counting *c, struct counting_budget *budget)
{
	for (unsigned i = 0; i < c->nhypotheses; i++) {
		struct counting_hypothesis *w = hypothesis_at(c, i);

		w->step = counting_units_of(named_unit(c, w), &c->has);
		if (!hypothesis_agrees(c, w, &c->has))
			hypothesis_split(c, w,
			    agreeing_units(c, w, &c->has, w->step), budget);
	}
	for (unsigned i = 0; i < c->nhypotheses; i++)
		hypothesis_begin(c, hypothesis_at(c, i));
	c->first_message = false;
}

static void
note_first(struct counting *c, const struct counting_message *m)
{
	const struct sequence_message first =
	    message_in_unit(named_unit(c, &c->best), m);

	(void)sequence_note(&c->best.sequence, &first);
	counting_restart(c, m);
}

/* A constant number: there are no losses and no repetitions. */
static enum sequence_event
note_constant(const struct counting *c, struct counting_hypothesis *w,
    const struct counting_message *m)
{
	if (m->number == c->number) {
		w->predicted = true;
		return SEQUENCE_EXACT;
	}
	w->cost = UINT8_MAX - COST_MAX;
	return SEQUENCE_RESTART;
}

static void
hypothesis_add_cost(struct counting_hypothesis *w, unsigned cost)
{
	if (w->cost < UINT8_MAX - COST_MAX)
		w->cost = (uint8_t)(w->cost + cost);
}

/* A small gap may be a loss that looks like another unit. */
static unsigned
change_cost(const struct sequence_change *change, bool same)
{
	if (same && change->event == SEQUENCE_OLD)
		return COST_SAME_NUMBER;
	if (change->event == SEQUENCE_GAP && change->lost < GAP_SMALL)
		return COST_GAP_SMALL;
	return event_cost[change->event];
}

static enum sequence_event
hypothesis_note(const struct counting *c, struct counting_hypothesis *w,
    const struct counting_message *m)
{
	enum sequence_unit unit = named_unit(c, w);
	const struct sequence_message in = message_in_unit(unit, m);
	struct sequence_change change;
	bool same = m->number == c->number;

	if (w->units == UNIT(SEQUENCE_NONE))
		return note_constant(c, w, m);
	if (!same)
		w->units &= (uint8_t)~UNIT(SEQUENCE_NONE);
	/*
	 * The start of the message is unknown, too, if the number includes it.
	 */
	if (m->has.partly && unit_counts_own(unit))
		sequence_forget_next(&w->sequence);
	change = sequence_note(&w->sequence, &in);
	if (next_is_unknown(unit, &m->has))
		sequence_forget_next(&w->sequence);
	w->step = in.units;
	sequence_change_add(&w->sum, &change);
	w->predicted |= !same && (change.event == SEQUENCE_EXACT ||
			       change.event == SEQUENCE_LATE);
	hypothesis_add_cost(w, change_cost(&change, same));
	return change.event;
}

/* Drops hypotheses that cost this much more than the best. */
static void
hypotheses_prune(
    struct counting *c, unsigned cost, struct counting_budget *budget)
{
	uint8_t least;

	hypotheses_best_first(c);
	least = c->best.cost;
	for (unsigned i = 1; i < c->nhypotheses;) {
		if (hypothesis_at(c, i)->cost >= least + cost)
			*hypothesis_at(c, i) =
			    *hypothesis_at(c, --c->nhypotheses);
		else
			hypothesis_at(c, i++)->cost -= least;
	}
	c->best.cost = 0;
	c->agreed = 0;
	if (c->nhypotheses == 1)
		others_free(c, budget);
}

/*
 * The last hypothesis mispredicted. After a restart the earlier sum is certain,
 * except for apparent repetitions.
 */
static void
note_miss(struct counting *c, enum sequence_event event,
    const struct sequence_change *before)
{
	bool anew = event == SEQUENCE_RESTART && !c->trial;

	c->misses = anew ? 1 : (uint8_t)(c->misses + 1);
	if (c->misses == 1)
		c->sure = *before;
	if (!anew)
		return;
	c->sure.repeated = c->best.sum.repeated;
	c->trial = true;
}

static void
note_hit(struct counting *c)
{
	c->misses = 0;
	c->trial = false;
}

/* Only one hypothesis is left: checks that it keeps predicting. */
static void
note_single(struct counting *c, const struct counting_message *m,
    enum sequence_event event, const struct sequence_change *before,
    const struct counting_budget *budget)
{
	bool ahead = event == SEQUENCE_EXACT || event == SEQUENCE_GAP;
	bool changed = c->best.units == UNIT(SEQUENCE_NONE) &&
	    event == SEQUENCE_RESTART;

	if (event == SEQUENCE_EXACT || event == SEQUENCE_LATE || changed)
		note_hit(c);
	else if (event != SEQUENCE_UNKNOWN)
		note_miss(c, event, before);
	if (changed || c->misses >= (c->trial ? TRIAL_MAX : MISSES_MAX) ||
	    (c->retry && ahead && budget->used < budget->max))
		counting_restart(c, m);
}

/*
 * Selects the fast path, if all hypotheses have predicted numbers. The proven
 * unit becomes the default.
 */
static void
hypotheses_update(struct counting *c)
{
	c->settled = !c->first_message && !c->retry;
	for (unsigned i = 0; i < c->nhypotheses; i++) {
		struct counting_hypothesis *w = hypothesis_at(c, i);

		c->settled &= w->predicted && !(w->units & UNIT(SEQUENCE_NONE));
		w->unit = (uint8_t)named_unit(c, w);
	}
	c->fast_path = COUNTING_SLOW;
	if (!c->settled || c->nhypotheses > 1)
		return;
	c->default_unit = c->best.unit;
	if (c->misses > 0)
		return;
	if (units_is_single(c->best.units))
		c->fast_path = COUNTING_ALL;
	else if ((c->best.units & ~UNITS_OF_RECORDS) == 0)
		c->fast_path = units_are_mixed(c->best.units) ? COUNTING_STEADY
						  : COUNTING_PLAIN;
}

/* Notes the message in each hypothesis; returns the event of the best. */
static enum sequence_event
hypotheses_note(struct counting *c, const struct counting_message *m)
{
	enum sequence_event event = hypothesis_note(c, &c->best, m);

	for (unsigned i = 1; i < c->nhypotheses; i++)
		(void)hypothesis_note(c, hypothesis_at(c, i), m);
	return event;
}

static struct counting_result
note_unexpected(struct counting *c, const struct counting_message *m,
    struct counting_budget *budget)
{
	struct sequence_change before = c->best.sum;
	enum sequence_event event;

	if (c->first_message) {
		hypotheses_begin(c, budget);
	}
	hypotheses_split(c, &m->has, budget);
	event = hypotheses_note(c, m);
	c->nmessages += c->nmessages < COUNTING_FEW;
	if (c->nhypotheses == 1)
		note_single(c, m, event, &before, budget);
	else
		hypotheses_prune(c, COST_MAX, budget);
	hypotheses_update(c);
	return (struct counting_result) {
		.follows = event == SEQUENCE_EXACT || event == SEQUENCE_GAP,
		.cost = event_cost[event],
	};
}

/* The common case: all hypotheses predicted the number. */
static bool
note_expected(struct counting *c, const struct counting_message *m)
{
	if (!c->settled || m->has.partly)
		return false;
	for (unsigned i = 0; i < c->nhypotheses; i++) {
		const struct counting_hypothesis *w = hypothesis_at(c, i);
		const struct sequence_message in = message_in_unit(
		    (enum sequence_unit)w->unit, m);

		if (w->sequence.next != in.number ||
		    !hypothesis_agrees(c, w, &m->has))
			return false;
	}
	for (unsigned i = 0; i < c->nhypotheses; i++) {
		struct counting_hypothesis *w = hypothesis_at(c, i);
		const struct sequence_message in = message_in_unit(
		    (enum sequence_unit)w->unit, m);

		(void)sequence_note_next(&w->sequence, in.number, in.units,
		    m->export_ns);
		w->step = in.units;
	}
	return true;
}

/* A number that all hypotheses predict only confirms that they continue. */
static void
note_confirmed(struct counting *c, struct counting_budget *budget)
{
	if (c->misses == 0 && c->nhypotheses == 1)
		return;
	note_hit(c);
	if (c->nhypotheses > 1 && ++c->agreed >= AGREED_MAX)
		hypotheses_prune(c, COST_DOUBT, budget);
	hypotheses_update(c);
}

struct counting_result
counting_note(struct counting *c, const struct counting_message *m,
    struct counting_budget *budget)
{
	struct counting_result result = { .follows = true };

	if (!c->best.sequence.known) {
		note_first(c, m);
		result.follows = false;
	} else if (note_expected(c, m)) {
		note_confirmed(c, budget);
	} else {
		result = note_unexpected(c, m, budget);
	}
	c->number = m->number;
	return result;
}

/* Whether several messages do not fit, and no hypothesis predicted any. */
static bool
counting_is_unexplained(const struct counting *c)
{
	const struct sequence_change *sum = &c->best.sum;

	return !c->best.predicted && c->nmessages >= COUNTING_FEW &&
	    (sum->lost != 0 || sum->repeated != 0 || sum->restarts != 0);
}

/*
 * Whether another hypothesis may be right: then only what both say is certain.
 */
static bool
hypothesis_is_possible(
    const struct counting *c, const struct counting_hypothesis *other)
{
	return other->predicted && other->cost < c->best.cost + COST_DOUBT;
}

struct sequence_change
counting_sum(const struct counting *c)
{
	struct sequence_change sum = c->done, now = c->best.sum;

	if (counting_is_unexplained(c))
		return sum;
	for (unsigned i = 1; i < c->nhypotheses; i++)
		if (hypothesis_is_possible(c, &c->others[i - 1]))
			sequence_change_least(&now, &c->others[i - 1].sum);
	sequence_change_add(&sum, &now);
	return sum;
}

enum sequence_unit
counting_unit(const struct counting *c)
{
	return counting_is_unexplained(c) ? SEQUENCE_UNITS
					  : named_unit(c, &c->best);
}

const char *
counting_word(const struct counting *c)
{
	enum sequence_unit unit = counting_unit(c);

	return unit < SEQUENCE_UNITS ? sequence_unit_word[unit] : "unknown";
}

bool
counting_is_learnt(const struct counting *c)
{
	return c->nhypotheses == 1 && !c->first_message && !c->retry &&
	    c->best.predicted;
}

void
counting_restore(struct counting *c, unsigned units, uint32_t step,
    bool learnt)
{
	units &= c->possible;
	if (units == 0)
		return;
	c->best.units = (uint8_t)units;
	c->best.step = step;
	c->best.predicted = learnt;
	c->retry = !learnt;
	hypotheses_update(c);
}
