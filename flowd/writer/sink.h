/*
 * A sink: the log of one slot, and the rings of the engines that feed it.
 * Moves units from the rings to a log file, and recovers appends that the
 * death of the last writer has interrupted.
 *
 * Called by the other files of the writer. Tests:
 * test/program/flowd/test_privsep.py, test/program/flowd/test_crash.py.
 */
#ifndef FLOWD_SINK_H
#define FLOWD_SINK_H

#include "logfile.h"
#include "ring.h"

enum {
	SINK_TURNS = 128 /* pieces of a ring before the next sink */
};

struct sink {
	struct ring *rings; /* of each engine; NULL: a free slot */
	size_t n;
	struct logfile log; /* its path is NULL when there is none */
	uint32_t serial; /* of the file, for the parent */
	/* when IMSG_LOG_REMOVED was last sent; 0: never */
	int64_t requested_ms;
	char *failed; /* why the next file was not opened, or NULL */
	/* the ring whose unit is partly written to a pipe, or NULL */
	struct ring *partial;
	bool recovered; /* crash recovery of the file is done */
};

/*
 * The next units of a ring and their number of flows. Engines put complete
 * units only: if the ring holds anything else, the engine is compromised, and
 * the contents are counted as lost.
 */
struct bytes sink_next_piece(struct ring *m, uint64_t *flows);
/*
 * The maximum number of pieces in a full ring, when any two consecutive pieces
 * hold more than RING_PIECE.
 */
size_t sink_turns_max(const struct sink *s);
/*
 * Write the rings until they are empty, the log fails, or each has given most
 * pieces. The limit keeps an engine that never stops from blocking the loop.
 */
void sink_write(struct sink *s, size_t most);
/* Close the log. What cannot be written now is counted as lost. */
void sink_close_log(struct sink *s);
/* The next file was opened, or is not needed any more. */
void sink_clear_failure(struct sink *s);

/*
 * Recover an append that was interrupted by the death of the last writer:
 * complete units in the file count as written, an incomplete one is removed.
 */
void sink_recover(struct sink *s);

#endif
