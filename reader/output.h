/*
 * Outputs: flows as text on standard output, and as a version 3 log in a file.
 *
 * Called by reader.c only. Tests: test/program/test_reader.py.
 */
#ifndef FLOWD_OUTPUT_H
#define FLOWD_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "buf.h"
#include "format.h"
#include "result.h"

struct output {
	const char *name;
	int fd;			/* -1: closed */
	struct buf buf;		/* not yet written */
	bool closed_pipe;	/* nobody reads any more */
};

/* Write to a descriptor that stays the caller's. */
void output_init(struct output *out, int fd, const char *name);
/*
 * Write to a file, made or emptied, or to standard output for "-", which must
 * not be a terminal. Returns 0 or a negative FLOWD_E* with err set.
 */
int output_open(struct output *out, const char *path, struct flowd_error *err);
/* Write what is left, close a file. Returns as output_flush(). */
int output_close(struct output *out, struct flowd_error *err);

/* Write what is buffered when it is worth a system call. */
int output_push(struct output *out, struct flowd_error *err);
/* Write all that is buffered. FLOWD_EIO with err set, FLOWD_ENOMEM. */
int output_flush(struct output *out, struct flowd_error *err);

#endif
