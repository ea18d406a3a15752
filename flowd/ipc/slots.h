/*
 * Slots: each log has a number that parent, engines and writer know it by. One
 * is the log file, one the log socket; those of logdirs are given out, and come
 * back when the configuration changes.
 *
 * Called by whoever has something to do with logs.
 * Test: test/program/test_privsep.py.
 */
#ifndef FLOWD_SLOTS_H
#define FLOWD_SLOTS_H

#include "steer.h"
#include "unit.h"

enum { LOGDIRS_MAX = 16 /* of a configuration */ };

enum {
	ENGINES_MAX = STEER_MAX,

	SLOT_LOGFILE = 0,
	SLOT_LOGSOCK,
	SLOT_LOGDIRS, /* the first of them */
	/* Twice as many: old ones may still be written to. */
	SLOTS = SLOT_LOGDIRS + 2 * LOGDIRS_MAX
};

/* Notes of the writer: which is that of a mailbox, and how many there are. */
enum { SLOT_INTENTS = SLOTS * ENGINES_MAX };

static inline unsigned
slot_intent(unsigned slot, unsigned engine)
{
	return slot * ENGINES_MAX + engine;
}

/* What lies in the rings of a slot. */
static inline enum unit_kind
slot_kind(unsigned slot)
{
	return slot < SLOT_LOGDIRS ? UNIT_RECORDS : UNIT_BLOCKS;
}

/* What the log of a slot is called. */
static inline const char *
slot_word(unsigned slot)
{
	if (slot == SLOT_LOGFILE)
		return "logfile";
	return slot == SLOT_LOGSOCK ? "logsock" : "logdir";
}

#endif
