/*
 * Feeds: one kind of input each, as datagrams. A row of feeds[] is a kind;
 * its functions know nothing of files before and after this one.
 *
 * Called by source.c.
 */
#ifndef FLOWD_SEND_FEED_H
#define FLOWD_SEND_FEED_H

#include <stdio.h>

#include "source.h"

/* What feeds share, and the state of the one that is open. */
struct feed_state {
	const char *name;	/* of the file, for error texts */
	FILE *file;	/* owned by the feed once it is open */
	struct capture *capture;
	struct columnar *columnar;
	struct encoder *encoder;
	struct generator *model;
	struct batch *batch;
	size_t row;	/* the next of the batch */
	uint64_t flows_left;	/* of the model */
	bool ended;	/* nothing more to read */
	uint8_t *room;	/* FEED_ROOM octets: a payload, a part of a log */
	size_t begin, end;	/* what is unread of it */
	uint64_t offset;	/* of room in the file */
};

enum {
	FEED_ROOM = 256 * 1024,
	FEED_PAYLOAD_MAX = 65507 /* over IPv4 */
};

struct feed {
	int (*open)(struct feed_state *f, struct flowd_error *err);
	/* As source_next(). */
	int (*next)(struct feed_state *f, struct outgoing *d,
	    struct flowd_error *err);
};

extern const struct feed feed_payload; /* one datagram */
extern const struct feed feed_capture;
extern const struct feed feed_log; /* version 3 */
extern const struct feed feed_columnar; /* version 4 */
extern const struct feed feed_model;

/* What a file that begins with this octet is. */
const struct feed *feed_sniff(int first_octet);

/* Close what the open feed has opened. */
void feed_close(struct feed_state *f);

#endif
