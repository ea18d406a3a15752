/*
 * The datagrams to send: of files and directories in the order of the command
 * line, or of the traffic model, repeated if so requested.
 *
 * A file is recognized by its content: a capture of export datagrams, a flow
 * log of version 3 or 4, or the payload of one datagram. Of a directory, files
 * *.dat are read in the order of their names, or else its segments.
 *
 * Called by send.c. Test: test/program/reader/test_send.py.
 */
#ifndef FLOWD_SEND_DATAGRAMS_H
#define FLOWD_SEND_DATAGRAMS_H

#include "encode.h"
#include "generate.h"
#include "result.h"

/* A datagram to be sent; payload is borrowed until the next is asked for. */
struct outgoing {
	struct bytes payload;
	bool timed;	/* time_ns says when it was sent first */
	int64_t time_ns;
	uint64_t flows;	/* in it, where that is known */
	struct addr src, dst;	/* of a capture; else ADDR_NONE */
	uint16_t src_port, dst_port;
};

struct datagrams_options {
	char **paths;
	size_t npaths;
	uint64_t generate;	/* flows of the model, in place of files */
	uint64_t loops;	/* 0: for ever */
	struct encode_options encode;
	struct generate_options model;
};

struct datagrams;

/*
 * options are borrowed. Every file is looked up, so that a missing one is
 * reported before anything is sent. NULL with err set on failure.
 */
struct datagrams *datagrams_open(
    const struct datagrams_options *options, struct flowd_error *err);
void datagrams_close(struct datagrams *s);
/* Is the file with this path one of those that are read? */
bool datagrams_reads(const struct datagrams *s, const char *path);

/* Returns 1, 0 at the end, or a negative FLOWD_E* with err set. */
int datagrams_next(
    struct datagrams *s, struct outgoing *d, struct flowd_error *err);

/* Flows that the version of NetFlow cannot express. */
uint64_t datagrams_left_out(const struct datagrams *s);

#endif
