/*
 * Children of the parent: made by executing flowd again, so that nothing of
 * the parent's memory is in them, and started anew when they die, the sooner
 * after the longer they lived.
 *
 * Called by parent.c.
 * Tests: test/unit/flowd/test_child.c, test/program/test_privsep.py.
 */
#ifndef FLOWD_CHILD_H
#define FLOWD_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "proc.h"

struct child {
	enum proc_kind kind;
	unsigned index; /* of several of its kind */
	char title[24]; /* "engine 2" */
	pid_t pid; /* 0: it is not there */
	int channel; /* -1 without it */
	int log; /* what it says, or -1 when it says it to stderr itself */
	bool ready; /* it works, as it was told last */
	unsigned unsaid; /* times that it has yet to say so */
	bool leaving; /* it was told to */
	bool failed; /* the last one did not end well */
	int64_t born_ms;
	int64_t started_ns; /* the same on the clock of people */
	int64_t again_ms; /* when it is started again; 0: it is not due */
	int delay_ms; /* of the next restart */
	unsigned restarts;
};

/* How children are made. */
struct child_setup {
	const char *self; /* path of the program */
	bool verbose;
	bool relay; /* standard error is the parent's to pass on */
	const struct identity *identity;
	bool insecure; /* nothing is given up */
};

/* Nothing has been started. The index-th of so many of its kind, from 0 on. */
void child_init(struct child *c, enum proc_kind kind, unsigned index,
    unsigned of);

/* Start it. Returns 0, or -1 and errno. */
int child_start(struct child *c, const struct child_setup *setup,
    int64_t now_ms);
/*
 * Send it a message. One that does not read lacks for ever what it should have
 * been told: it is killed, and its successor is told everything. Returns 0, or
 * -1 when it is gone or will be soon.
 */
int child_send(const struct child *c, const struct imsg *msg);
int child_tell(const struct child *c, enum imsg_type type);
/* It is gone: close what belonged to it, and say when it may come again. */
void child_gone(struct child *c, int64_t now_ms);

#endif
