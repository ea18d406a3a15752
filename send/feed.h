/*
 * Feeds: one kind of input each, as datagrams. A row of feeds[] is a kind;
 * its functions know nothing of files before and after this one.
 *
 * Called by datagrams_open.c.
 */
#ifndef FLOWD_SEND_FEED_H
#define FLOWD_SEND_FEED_H

#include <stdio.h>

#include "scan_source.h"
#include "datagrams.h"

/* What feeds share, and the state of the one that is open. */
struct feed_state {
	const char *name;	/* of the file, for error texts */
	struct scan_source_options options;
	struct row_filter filter;	/* all flows, columns that are sent */
	struct scan_capture others;	/* what is no log */
	struct scan_source *source;	/* of a file, but for a payload's */
	struct capture *capture;
	FILE *file;	/* of a payload */
	uint64_t left;	/* rows to read: all */
	uint64_t damages;	/* places in the log */
	struct flowd_error first;	/* of them */
	struct encoder *encoder;
	struct generator *model;
	struct batch *batch;
	size_t row;	/* the next of the batch */
	uint64_t flows_left;	/* of the model */
	bool ended;	/* nothing more to read */
	uint8_t *room;	/* FEED_ROOM octets: a payload */
};

enum {
	FEED_PAYLOAD_MAX = 65507, /* over IPv4 */
	FEED_ROOM = FEED_PAYLOAD_MAX + 1
};

/* As datagrams_next(). */
struct feed {
	int (*next)(struct feed_state *f, struct outgoing *d,
	    struct flowd_error *err);
};

extern const struct feed feed_payload; /* one datagram */
extern const struct feed feed_capture;
extern const struct feed feed_log;
extern const struct feed feed_model;

/* Once, before files are opened. */
void feed_init(struct feed_state *f);

/*
 * Open a file, whatever it is, or one that is the payload of a datagram. NULL
 * with err set.
 */
const struct feed *feed_open(
    struct feed_state *f, const char *path, struct flowd_error *err);
const struct feed *feed_open_payload(
    struct feed_state *f, const char *path, struct flowd_error *err);

/* Close what the open feed has opened. */
void feed_close(struct feed_state *f);

#endif
