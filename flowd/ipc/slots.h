/*
 * Slots: the number by which parent, engines and writer know a log.
 * destinations.def says which slots each kind of log has. Slots of logdirs are
 * allocated and freed as the configuration changes.
 *
 * Called wherever logs are handled. Test: test/unit/flowd/ipc/test_slots.c.
 */
#ifndef FLOWD_SLOTS_H
#define FLOWD_SLOTS_H

#include <stdbool.h>

#include "steer.h"
#include "unit.h"

enum {
	ENGINES_MAX = STEER_MAX,
	LOGDIRS_MAX = 16 /* of a configuration */
};

/* Kinds of logs: DESTINATION_LOGFILE, ... */
enum destination {
#define DESTINATION(name, word, unit, slots, verb) DESTINATION_##name,
#include "destinations.def"
#undef DESTINATION
	DESTINATIONS
};

/* The first and the last slot of each kind: SLOT_LOGFILE, ... */
enum {
#define DESTINATION(name, word, unit, slots, verb) \
	SLOT_##name, SLOT_##name##_LAST = SLOT_##name + (slots) - 1,
#include "destinations.def"
#undef DESTINATION
	SLOTS
};

struct destination_info {
	const char *word;
	enum unit_kind unit;
	unsigned first, last; /* slots */
	const char *verb;
};

extern const struct destination_info destination_info[DESTINATIONS];

/* The kind of log that a slot is for. */
enum destination slot_destination(unsigned slot);

/* The unit that the rings of a slot hold. */
static inline enum unit_kind
slot_unit(unsigned slot)
{
	return destination_info[slot_destination(slot)].unit;
}

/*
 * The only slot of its kind? Such a slot has rings at all times, the others
 * while they are in use.
 */
static inline bool
slot_is_fixed(unsigned slot)
{
	enum destination d = slot_destination(slot);

	return destination_info[d].first == destination_info[d].last;
}

/* The word for the log of a slot: "logfile". */
static inline const char *
slot_word(unsigned slot)
{
	return destination_info[slot_destination(slot)].word;
}

/* The number of write intents, and the index of that of a ring. */
enum { SLOT_INTENTS = SLOTS * ENGINES_MAX };

static inline unsigned
slot_intent(unsigned slot, unsigned engine)
{
	return slot * ENGINES_MAX + engine;
}

#endif
