/*
 * Plumbing: the memory, pipes and sockets that connect the children, which the
 * parent makes and keeps, so that they outlive each of them.
 *
 * Flows go from engines to the keeper by mailboxes, one for each engine and
 * log. A log has a slot, which is its number for all of them; those of logdirs
 * are given out and come back when the configuration changes.
 *
 * Called by parent.c and equip.c; the slots are known to worker.c and
 * keeper.c. Test: test/program/test_privsep.py.
 */
#ifndef FLOWD_PLUMBING_H
#define FLOWD_PLUMBING_H

#include "conf.h"
#include "mailbox.h"
#include "statebox.h"
#include "steer.h"
#include "unit.h"

enum {
	PLUMBING_ENGINES = STEER_MAX,

	SLOT_LOGFILE = 0,
	SLOT_LOGSOCK,
	SLOT_LOGDIRS, /* the first of them */
	/* Twice as many: old ones may still be written to. */
	PLUMBING_SLOTS = SLOT_LOGDIRS + 2 * CONF_LOGDIR_MAX
};

/* Notes of the keeper: which is that of a mailbox, and how many there are. */
enum { PLUMBING_NOTES = PLUMBING_SLOTS * PLUMBING_ENGINES };

static inline unsigned
plumbing_note(unsigned slot, unsigned engine)
{
	return slot * PLUMBING_ENGINES + engine;
}

/* What lies in the mailboxes of a slot. */
static inline enum unit_kind
plumbing_kind(unsigned slot)
{
	return slot < SLOT_LOGDIRS ? UNIT_RECORDS : UNIT_BLOCKS;
}

/* What the log of a slot is called. */
static inline const char *
plumbing_word(unsigned slot)
{
	if (slot == SLOT_LOGFILE)
		return "logfile";
	return slot == SLOT_LOGSOCK ? "logsock" : "logdir";
}

/* What connects one engine. */
struct pipework {
	int ledger;
	int state;
	struct statebox statebox;
	int mailboxes[PLUMBING_SLOTS]; /* -1: the slot is free */
};

struct plumbing {
	unsigned nengines;
	size_t mailbox_octets; /* that may wait in each */
	struct pipework *engines;
	uint32_t serials[PLUMBING_SLOTS]; /* of the mailboxes of a slot */
	bool sent[PLUMBING_SLOTS]; /* the keeper was given them */
	int wake[2]; /* of the keeper */
	int notes; /* of the keeper, and of nobody else: note.h */
	int pair[2]; /* [0]: the engines', [1]: the forwarder's */
};

/*
 * For so many engines, with mailboxes that hold so much. False and errno;
 * plumbing_fini() is good then, too.
 */
bool plumbing_init(
    struct plumbing *p, unsigned nengines, size_t mailbox_octets);
void plumbing_fini(struct plumbing *p);

/* Mailboxes for a log. False and errno: then there are none. */
bool plumbing_open_slot(struct plumbing *p, unsigned slot);
void plumbing_close_slot(struct plumbing *p, unsigned slot);
/* Add what became of the flows of a slot, of all engines. */
void plumbing_count(
    const struct plumbing *p, unsigned slot, struct mailbox_counts *counts);
bool plumbing_has_slot(const struct plumbing *p, unsigned slot);
/* The first slot for a logdir, from this one on, that is free; or -1. */
int plumbing_free_slot(const struct plumbing *p, unsigned from);

#endif
