/*
 * Where datagrams come from: files and folders in the order of the command
 * line, or the model of traffic; again and again, if so asked.
 *
 * A file is told by what it is: a capture of export datagrams, a flow log of
 * version 3 or 4, or the payload of one datagram. Of a folder its *.dat are
 * taken, in the order of their names, or the segments that it has.
 *
 * Called by send.c. Test: test/program/test_send.py.
 */
#ifndef FLOWD_SEND_SOURCE_H
#define FLOWD_SEND_SOURCE_H

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

struct source_options {
	char **paths;
	size_t npaths;
	uint64_t generate;	/* flows of the model, in place of files */
	uint64_t loops;	/* 0: for ever */
	struct encode_options encode;
	struct generate_options model;
};

struct source;

/*
 * options are borrowed. Every file is opened once, so that a missing one is
 * told before anything is sent. NULL with err set on failure.
 */
struct source *
source_open(const struct source_options *options, struct flowd_error *err);
void source_close(struct source *s);
/* Is the file with this path one of those that are read? */
bool source_reads(const struct source *s, const char *path);

/* Returns 1, 0 at the end, or a negative FLOWD_E* with err set. */
int source_next(struct source *s, struct outgoing *d, struct flowd_error *err);

/* Flows that the version of NetFlow cannot say. */
uint64_t source_left_out(const struct source *s);

#endif
