/*
 * The logs of the parent: the log file, the logdirs and their states.
 *
 * Called by logset.c and the files of the kinds of logs (logset_kind.h).
 * Test: test/program/flowd/test_logdir.py.
 */
#ifndef FLOWD_LOGSET_STATE_H
#define FLOWD_LOGSET_STATE_H

#include "generations.h"
#include "hook.h"
#include "sealer.h"
#include "shmem.h"

enum logset_state {
	LOGSET_FREE,
	LOGSET_STAGED, /* opened for a configuration that is not in use yet */
	LOGSET_OPEN,
	LOGSET_ENDING, /* not in the configuration any more */
	LOGSET_ENDED /* closed; segments may wait to be sealed */
};

/* A logdir; its index is that of its slot. */
struct logset_dir {
	enum logset_state state;
	struct logdir dir;
	int fd; /* of the segment in use, also for the next writer; or -1 */
	/* of the segment before, while the writer may write to it */
	int old_fd;
	uint32_t serial; /* of the segment in use */
	bool sent; /* the writer has received it */
	bool failure_unsent; /* the writer does not know dir.failed yet */
	struct hook hook; /* of this logdir alone */
};

enum { LOGSET_DIRS = SLOTS - SLOT_LOGDIR };

struct logset {
	struct generations logfile;
	int staged; /* the log file of the next configuration, or -1 */
	/* Why the log file of the configuration could not be opened; "". */
	struct flowd_error logfile_error;
	struct logset_dir dirs[LOGSET_DIRS];
	/* Slots of the logdirs of the configuration, in its order. */
	uint8_t slots[CONF_LOGDIR_MAX];
	size_t nslots;
	struct sealer sealer;
	unsigned sealing; /* index of the logdir that is being sealed */
};

#endif
