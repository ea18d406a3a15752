/* What is counted; see counting.h. Test: test/unit/decode/test_counting.c. */
#include <stdlib.h>
#include <string.h>

#include "counting.h"

enum {
	/* A way that fits so much worse than the best is none. */
	COST_MAX = 16,
	/* One that does not fit so much worse may be right. */
	COST_DOUBT = 4,
	/* Of what is not usual. */
	COST_UNUSUAL = 2,
	COST_SAME_NUMBER = 2,
	COST_GAP_SMALL = 1,
	GAP_SMALL = 4,		/* units */
	/* Numbers in a row that were not foretold: it counts otherwise now. */
	MISSES_MAX = 64,
	/* So many that all foretell: what is out of doubt needs no rivals. */
	AGREED_MAX = 64,
	/* As MISSES_MAX for one that has just begun anew. */
	TRIAL_MAX = 4
};

/*
 * A gap may be a loss. But what overlaps what came before, or begins anew,
 * is not what an exporter does that counts so.
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
is_one(unsigned units)
{
	return (units & (units - 1)) == 0;
}

/* What a way is called: by what is usual, if that is among its units. */
static enum sequence_unit
named_unit(const struct counting *c, const struct counting_way *w)
{
	return w->units & UNIT(c->usual) ? (enum sequence_unit)c->usual
					 : first_unit(w->units);
}

/* Units that differ by records of options and templates alone. */
#define UNITS_OWN (UNIT(SEQUENCE_FLOWS_TOO) | UNIT(SEQUENCE_RECORDS_TOO))
#define UNITS_OF_RECORDS \
	(UNIT(SEQUENCE_FLOWS) | UNIT(SEQUENCE_RECORDS) | \
	    UNIT(SEQUENCE_EVERYTHING) | UNITS_OWN)

/*
 * Do both advance alike by such a message? One whose number is that behind the
 * message does as one whose is that before, as long as all are alike.
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

/* Those of the units of a way that count a message as its named one does. */
static unsigned
agreeing_units(const struct counting *c, const struct counting_way *w,
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

static struct counting_way *
way_at(struct counting *c, unsigned i)
{
	return i == 0 ? &c->way : &c->rivals[i - 1];
}

static void
sum_sub(struct sequence_change *sum, const struct sequence_change *less)
{
	sum->lost -= less->lost;
	sum->late -= less->late;
	sum->repeated -= less->repeated;
	sum->restarts -= less->restarts;
}

void
counting_init(struct counting *c, enum sequence_unit usual, unsigned possible)
{
	*c = (struct counting) { .usual = (uint8_t)usual,
		.possible = (uint8_t)possible, .nways = 1 };
	c->way.units = c->possible;
}

static void
rivals_free(struct counting *c, struct counting_room *room)
{
	if (c->rivals == NULL)
		return;
	free(c->rivals);
	c->rivals = NULL;
	c->nways = 1;
	room->learning--;
}

void
counting_fini(struct counting *c, struct counting_room *room)
{
	rivals_free(c, room);
}

static bool
rivals_alloc(struct counting *c, struct counting_room *room)
{
	if (c->rivals != NULL)
		return true;
	if (room->learning >= room->max)
		return false;
	c->rivals = calloc(SEQUENCE_UNITS - 1, sizeof(*c->rivals));
	room->learning += c->rivals != NULL;
	return c->rivals != NULL;
}

void
counting_copy(struct counting *to, const struct counting *from,
    struct counting_room *room)
{
	*to = *from;
	to->rivals = NULL;
	to->nways = 1;
	if (from->nways == 1)
		return;
	if (!rivals_alloc(to, room)) {
		to->again = true;
		return;
	}
	memcpy(to->rivals, from->rivals,
	    (from->nways - 1U) * sizeof(*from->rivals));
	to->nways = from->nways;
}

/*
 * Units of w disagree about a message: those in same stay, others leave. What
 * is usual stays, if it is among them.
 */
static void
way_split(struct counting *c, struct counting_way *w, unsigned same,
    struct counting_room *room)
{
	unsigned others = w->units & ~same;
	struct counting_way *new;

	w->units = (uint8_t)same;
	if (!rivals_alloc(c, room)) {
		c->again = true;
		return;
	}
	new = way_at(c, c->nways++);
	*new = *w;
	new->units = (uint8_t)others;
	sequence_shift(&new->sequence, w->step *
	    (uint32_t)(unit_counts_own(named_unit(c, w)) -
		unit_counts_own(named_unit(c, new))));
	if (same & UNIT(c->usual))
		new->cost += COST_UNUSUAL;
}

/* Is a better than b? */
static bool
way_better(const struct counting *c, const struct counting_way *a,
    const struct counting_way *b)
{
	return a->cost < b->cost || (a->cost == b->cost &&
	    (a->units & UNIT(c->usual)) && !(b->units & UNIT(c->usual)));
}

static void
best_first(struct counting *c)
{
	struct counting_way *best = &c->way, was;

	for (unsigned i = 1; i < c->nways; i++)
		if (way_better(c, way_at(c, i), best))
			best = way_at(c, i);
	if (best == &c->way)
		return;
	was = c->way;
	c->way = *best;
	*best = was;
}

/* Units of both kinds: the number of the message is before it, or behind. */
static bool
is_mixed(unsigned units)
{
	return (units & UNITS_OWN) != 0 && (units & ~UNITS_OWN) != 0;
}

/* Does a message count alike in all units? Nearly always, and quickly. */
static bool
way_agrees(const struct counting *c, const struct counting_way *w,
    const struct counting_records *has)
{
	if (is_one(w->units))
		return true;
	if (!has->partly && has->options == 0 && has->templates == 0 &&
	    (w->units & ~UNITS_OF_RECORDS) == 0 &&
	    (has->flows == w->step || !is_mixed(w->units)))
		return true;
	return agreeing_units(c, w, has, w->step) == w->units;
}

static void
split_ways(struct counting *c, const struct counting_records *has,
    struct counting_room *room)
{
	for (unsigned i = 0; i < c->nways; i++) {
		struct counting_way *w = way_at(c, i);

		if (!way_agrees(c, w, has))
			way_split(c, w, agreeing_units(c, w, has, w->step),
			    room);
	}
}

/*
 * From this message on all units are possible again. What was counted since
 * the way that was left began to miss is true only if it is right.
 */
static void
begin_again(struct counting *c, const struct counting_message *m)
{
	struct sequence_change sure = c->misses > 0 ? c->sure : c->way.sum;

	sequence_change_add(&c->done, &sure);
	sum_sub(&c->way.sum, &sure);
	c->way.units = c->possible;
	c->way.cost = 0;
	c->way.hit = false;
	c->missed = c->misses > 0;
	c->trial = false;
	c->fresh = true;
	c->again = false;
	c->settled = false;
	c->quick = COUNTING_SLOW;
	c->has = m->has;
	c->nmessages = 0;
	c->misses = 0;
}

/* The message in the unit of a way. */
static struct sequence_message
message_in(enum sequence_unit unit, const struct counting_message *m)
{
	uint32_t units = counting_units_of(unit, &m->has);

	return (struct sequence_message) {
		.number = m->number - (unit_counts_own(unit) ? units : 0),
		.units = units,
		.export_ns = m->export_ns,
		.restarted = m->restarted,
	};
}

/* Nobody knows which number follows on the message. */
static bool
ends_unknown(enum sequence_unit unit, const struct counting_records *has)
{
	return has->partly && unit_counts_records(unit) &&
	    !unit_counts_own(unit);
}

/* A unit that is possible since the last message, with which it begins. */
static void
begin_way(struct counting *c, struct counting_way *w)
{
	enum sequence_unit unit = named_unit(c, w);
	const struct counting_message last = { .number = c->number,
		.has = c->has, .export_ns = w->sequence.export_ns };
	const struct sequence_message in = message_in(unit, &last);
	uint32_t young = w->sequence.young;

	w->step = in.units;
	if (c->missed && unit == c->usual)
		return;
	w->sum = (struct sequence_change) { .restarts = c->missed };
	sequence_begin(&w->sequence, &in);
	w->sequence.young = young;
	w->sequence.first = in.number;
	w->sequence.slack = ends_unknown(unit, &c->has);
}

/* Of the message that began all units count as many as they do. */
static void
begin_ways(struct counting *c, struct counting_room *room)
{
	for (unsigned i = 0; i < c->nways; i++) {
		struct counting_way *w = way_at(c, i);

		w->step = counting_units_of(named_unit(c, w), &c->has);
		if (!way_agrees(c, w, &c->has))
			way_split(c, w, agreeing_units(c, w, &c->has, w->step),
			    room);
	}
	for (unsigned i = 0; i < c->nways; i++)
		begin_way(c, way_at(c, i));
	c->fresh = false;
}

static void
note_first(struct counting *c, const struct counting_message *m)
{
	const struct sequence_message first = message_in(named_unit(c, &c->way),
	    m);

	(void)sequence_note(&c->way.sequence, &first);
	begin_again(c, m);
}

/* A number that stays: nothing is lost, and nothing comes twice. */
static enum sequence_event
note_constant(const struct counting *c, struct counting_way *w,
    const struct counting_message *m)
{
	if (m->number == c->number) {
		w->hit = true;
		return SEQUENCE_EXACT;
	}
	w->cost = UINT8_MAX - COST_MAX;
	return SEQUENCE_RESTART;
}

static void
way_pay(struct counting_way *w, unsigned cost)
{
	if (w->cost < UINT8_MAX - COST_MAX)
		w->cost = (uint8_t)(w->cost + cost);
}

/* A small gap may well be a loss that looks like another unit. */
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
note_way(const struct counting *c, struct counting_way *w,
    const struct counting_message *m)
{
	enum sequence_unit unit = named_unit(c, w);
	const struct sequence_message in = message_in(unit, m);
	struct sequence_change change;
	bool same = m->number == c->number;

	if (w->units == UNIT(SEQUENCE_NONE))
		return note_constant(c, w, m);
	if (!same)
		w->units &= (uint8_t)~UNIT(SEQUENCE_NONE);
	/* Nor is it known where it begins, if its number is behind it. */
	if (m->has.partly && unit_counts_own(unit))
		sequence_forget_next(&w->sequence);
	change = sequence_note(&w->sequence, &in);
	if (ends_unknown(unit, &m->has))
		sequence_forget_next(&w->sequence);
	w->step = in.units;
	sequence_change_add(&w->sum, &change);
	w->hit |= !same && (change.event == SEQUENCE_EXACT ||
			       change.event == SEQUENCE_LATE);
	way_pay(w, change_cost(&change, same));
	return change.event;
}

/* Ways that fit worse than the best, by so much, go. */
static void
judge_ways(struct counting *c, unsigned cost, struct counting_room *room)
{
	uint8_t least;

	best_first(c);
	least = c->way.cost;
	for (unsigned i = 1; i < c->nways;) {
		if (way_at(c, i)->cost >= least + cost)
			*way_at(c, i) = *way_at(c, --c->nways);
		else
			way_at(c, i++)->cost -= least;
	}
	c->way.cost = 0;
	c->agreed = 0;
	if (c->nways == 1)
		rivals_free(c, room);
}

/*
 * The one way that is left did not foretell this. When it begins anew what was
 * before is sure, but for messages that only seemed to come twice.
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
	c->sure.repeated = c->way.sum.repeated;
	c->trial = true;
}

static void
note_hit(struct counting *c)
{
	c->misses = 0;
	c->trial = false;
}

/* One way is left: does it go on to be right? */
static void
note_alone(struct counting *c, const struct counting_message *m,
    enum sequence_event event, const struct sequence_change *before,
    const struct counting_room *room)
{
	bool ahead = event == SEQUENCE_EXACT || event == SEQUENCE_GAP;
	bool changed = c->way.units == UNIT(SEQUENCE_NONE) &&
	    event == SEQUENCE_RESTART;

	if (event == SEQUENCE_EXACT || event == SEQUENCE_LATE || changed)
		note_hit(c);
	else if (event != SEQUENCE_SILENT)
		note_miss(c, event, before);
	if (changed || c->misses >= (c->trial ? TRIAL_MAX : MISSES_MAX) ||
	    (c->again && ahead && room->learning < room->max))
		begin_again(c, m);
}

/*
 * All ways have foretold numbers: it is quick to see whether they do so again.
 * What has proved right is what is usual here.
 */
static void
ways_settle(struct counting *c)
{
	c->settled = !c->fresh && !c->again;
	for (unsigned i = 0; i < c->nways; i++) {
		struct counting_way *w = way_at(c, i);

		c->settled &= w->hit && !(w->units & UNIT(SEQUENCE_NONE));
		w->unit = (uint8_t)named_unit(c, w);
	}
	c->quick = COUNTING_SLOW;
	if (!c->settled || c->nways > 1)
		return;
	c->usual = c->way.unit;
	if (c->misses > 0)
		return;
	if (is_one(c->way.units))
		c->quick = COUNTING_ALL;
	else if ((c->way.units & ~UNITS_OF_RECORDS) == 0)
		c->quick = is_mixed(c->way.units) ? COUNTING_STEADY
						  : COUNTING_PLAIN;
}

/* Every way by itself; returns what the best so far says. */
static enum sequence_event
note_ways(struct counting *c, const struct counting_message *m)
{
	enum sequence_event event = note_way(c, &c->way, m);

	for (unsigned i = 1; i < c->nways; i++)
		(void)note_way(c, way_at(c, i), m);
	return event;
}

static struct counting_result
note_other(struct counting *c, const struct counting_message *m,
    struct counting_room *room)
{
	struct sequence_change before = c->way.sum;
	enum sequence_event event;

	if (c->fresh) {
		begin_ways(c, room);
	}
	split_ways(c, &m->has, room);
	event = note_ways(c, m);
	c->nmessages += c->nmessages < COUNTING_FEW;
	if (c->nways == 1)
		note_alone(c, m, event, &before, room);
	else
		judge_ways(c, COST_MAX, room);
	ways_settle(c);
	return (struct counting_result) {
		.follows = event == SEQUENCE_EXACT || event == SEQUENCE_GAP,
		.cost = event_cost[event],
	};
}

/* As nearly all are: the number is the one that all foretell. */
static bool
note_next(struct counting *c, const struct counting_message *m)
{
	if (!c->settled || m->has.partly)
		return false;
	for (unsigned i = 0; i < c->nways; i++) {
		const struct counting_way *w = way_at(c, i);
		const struct sequence_message in = message_in(
		    (enum sequence_unit)w->unit, m);

		if (w->sequence.next != in.number || !way_agrees(c, w, &m->has))
			return false;
	}
	for (unsigned i = 0; i < c->nways; i++) {
		struct counting_way *w = way_at(c, i);
		const struct sequence_message in = message_in(
		    (enum sequence_unit)w->unit, m);

		(void)sequence_note_next(&w->sequence, in.number, in.units,
		    m->export_ns);
		w->step = in.units;
	}
	return true;
}

/* A number that all foretell tells nothing, but that it goes on so. */
static void
note_agreed(struct counting *c, struct counting_room *room)
{
	if (c->misses == 0 && c->nways == 1)
		return;
	note_hit(c);
	if (c->nways > 1 && ++c->agreed >= AGREED_MAX)
		judge_ways(c, COST_DOUBT, room);
	ways_settle(c);
}

struct counting_result
counting_note(struct counting *c, const struct counting_message *m,
    struct counting_room *room)
{
	struct counting_result result = { .follows = true };

	if (!c->way.sequence.known) {
		note_first(c, m);
		result.follows = false;
	} else if (note_next(c, m)) {
		note_agreed(c, room);
	} else {
		result = note_other(c, m, room);
	}
	c->number = m->number;
	return result;
}

/* Several messages, most of which do not fit, and none was foretold. */
static bool
explains_nothing(const struct counting *c)
{
	const struct sequence_change *sum = &c->way.sum;

	return !c->way.hit && c->nmessages >= COUNTING_FEW &&
	    (sum->lost != 0 || sum->repeated != 0 || sum->restarts != 0);
}

/* A rival that may be right yet: certain is what it says, too. */
static bool
in_doubt(const struct counting *c, const struct counting_way *rival)
{
	return rival->hit && rival->cost < c->way.cost + COST_DOUBT;
}

struct sequence_change
counting_sum(const struct counting *c)
{
	struct sequence_change sum = c->done, now = c->way.sum;

	if (explains_nothing(c))
		return sum;
	for (unsigned i = 1; i < c->nways; i++)
		if (in_doubt(c, &c->rivals[i - 1]))
			sequence_change_least(&now, &c->rivals[i - 1].sum);
	sequence_change_add(&sum, &now);
	return sum;
}

enum sequence_unit
counting_unit(const struct counting *c)
{
	return explains_nothing(c) ? SEQUENCE_UNITS : named_unit(c, &c->way);
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
	return c->nways == 1 && !c->fresh && !c->again && c->way.hit;
}

void
counting_restore(struct counting *c, unsigned units, uint32_t step,
    bool learnt)
{
	units &= c->possible;
	if (units == 0)
		return;
	c->way.units = (uint8_t)units;
	c->way.step = step;
	c->way.hit = learnt;
	c->again = !learnt;
	ways_settle(c);
}
