/*
 * A buffered output: standard output or a file.
 *
 * Called by flowd-reader, flowd-stats and log_writer.c. Tests:
 * test/program/reader/test_reader.py, test/program/stats/test_stats.py.
 */
#ifndef FLOWD_OUTPUT_H
#define FLOWD_OUTPUT_H

#include <sys/types.h>
#include <stdbool.h>

#include "buf.h"
#include "result.h"
#include "wire.h"

struct output {
	const char *name; /* for messages */
	int fd; /* -1: none */
	bool own; /* it was opened here, and is closed */
	struct buf buf; /* not yet written */
	uint64_t written; /* octets, without those of a failed write */
	bool truncates; /* a regular file: undo a failed write */
	bool failed; /* a write failed: nothing more is written */
	bool closed_pipe; /* the reader has closed the pipe */
};

/* Write to a descriptor, which stays with the caller. */
void output_init(struct output *out, int fd, const char *name);
/*
 * Write to a file, which is created with this mode or truncated, or to standard
 * output for "-", which must not be a terminal. inputs ends with NULL: an
 * output that is one of these paths is refused, since truncating it would
 * destroy the input. Returns 0, or a negative FLOWD_E* with err set: then
 * nothing is open, and no file was changed.
 */
int output_open(struct output *out, const char *path, mode_t mode,
    char *const *inputs, struct flowd_error *err);
/*
 * Write the rest, and close a file. Returns as output_flush(); 0 when nothing
 * is open.
 */
int output_close(struct output *out, struct flowd_error *err);

/* Write the buffer when it holds enough for a system call. */
int output_push(struct output *out, struct flowd_error *err);
/*
 * Write any number of octets behind those in the buffer. Returns as
 * output_flush().
 */
int output_write(struct output *out, struct bytes octets,
    struct flowd_error *err);
/*
 * Write the buffer, which holds whole records or blocks of a log. Returns 0, or
 * FLOWD_EIO or FLOWD_ENOMEM with err set: then the file is truncated to its
 * size before this write, and this and all further output is dropped. A failure
 * is reported once.
 */
int output_flush(struct output *out, struct flowd_error *err);

#endif
