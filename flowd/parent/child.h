/*
 * Child processes: started by executing flowd again, so that they hold nothing
 * of the parent's memory, and restarted when they die, after a delay that grows
 * when they die young.
 *
 * Called by the other files of the parent. Tests:
 * test/unit/flowd/parent/test_child.c, test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_CHILD_H
#define FLOWD_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "proc.h"

struct child {
	enum proc_kind kind;
	unsigned index; /* number among several of its kind */
	char title[24]; /* "engine 2" */
	pid_t pid; /* 0: not running */
	int channel; /* -1: not running */
	int log; /* its standard error, or -1 when that is our own */
	bool ready; /* it has applied all messages */
	unsigned ready_pending; /* IMSG_READY messages that are outstanding */
	bool exiting; /* it has been sent IMSG_QUIT */
	bool failed; /* the last process crashed or failed */
	int64_t started_ms;
	int64_t started_ns; /* the same as wall clock time */
	int64_t restart_ms; /* when it is restarted; 0: not scheduled */
	int restart_delay_ms; /* before the next restart */
	unsigned restarts;
};

/* How to start children. */
struct child_setup {
	const char *self; /* path of the program */
	bool verbose;
	bool relay; /* the parent relays their standard error */
	const struct identity *identity;
	bool insecure; /* no privileges are dropped */
};

/* Initialize, not running. index: number among so many of its kind, from 0. */
void child_init(struct child *c, enum proc_kind kind, unsigned index,
    unsigned of);

/* Start it. Returns 0, or -1 and errno. */
int child_start(struct child *c, const struct child_setup *setup,
    int64_t now_ms);
/*
 * Send a message. A child that does not read within five seconds is killed,
 * since its state would be outdated from then on; its successor is sent
 * everything. Returns 0, or -1 when the child has exited or is about to.
 */
int child_send(const struct child *c, const struct imsg *msg);
int child_send_type(const struct child *c, enum imsg_type type);
/* Ask it to exit; it is not restarted. */
void child_quit(struct child *c);
/* It has exited: close its descriptors, and schedule the restart. */
void child_exited(struct child *c, int64_t now_ms);

#endif
