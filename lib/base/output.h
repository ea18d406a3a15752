/*
 * Outputs: text on standard output, or what is written to a file.
 *
 * Called by flowd-reader, flowd-stats and log_writer.c. Tests: test/program/
 * test_reader.py, test_stats.py.
 */
#ifndef FLOWD_OUTPUT_H
#define FLOWD_OUTPUT_H

#include <sys/types.h>
#include <stdbool.h>

#include "buf.h"
#include "result.h"
#include "wire.h"

struct output {
	const char *name; /* for people */
	int fd; /* -1: none */
	bool own; /* it was opened here, and is closed */
	struct buf buf; /* not yet written */
	uint64_t whole; /* octets that are written, of a file that is cut */
	bool cut; /* a regular file: what is torn is taken back */
	bool failed; /* nothing is written any more */
	bool closed_pipe; /* nobody reads any more */
};

/* Write to a descriptor that stays the caller's. */
void output_init(struct output *out, int fd, const char *name);
/*
 * Write to a file, made with this mode or emptied, or to standard output for
 * "-", which must not be a terminal. inputs, ended by NULL, are paths that it
 * must not be, as emptying it would lose them. Returns 0, or a negative
 * FLOWD_E* with err set: then nothing is open, and no file was changed.
 */
int output_open(struct output *out, const char *path, mode_t mode,
    char *const *inputs, struct flowd_error *err);
/*
 * Write what is left, close a file. Returns as output_flush(); 0 when nothing
 * is open.
 */
int output_close(struct output *out, struct flowd_error *err);

/* Write what is buffered when it is worth a system call. */
int output_push(struct output *out, struct flowd_error *err);
/*
 * Write octets, of any number, after those that are buffered. Returns as
 * output_flush().
 */
int output_write(struct output *out, struct bytes octets,
    struct flowd_error *err);
/*
 * Write all that is buffered, of a log whole records or blocks. Returns 0, or
 * FLOWD_EIO or FLOWD_ENOMEM with err set. Then a file that was opened is cut to
 * what was written before, so that nothing in it is torn; what is buffered
 * is dropped, and all that follows, too: a failure is reported once.
 */
int output_flush(struct output *out, struct flowd_error *err);

#endif
