/*
 * Sequence numbers of streams: what is noted of a message, and the sums.
 *
 * The protocols number the messages of each observation domain by itself.
 * Some exporters have one number for all: the white paper on NetFlow 9 has it
 * so. A session is the streams of an exporter that have a version and a port
 * in common, as from the second domain on. It follows both, each domain by
 * itself and all of them together, until the numbers fit one and not the
 * other.
 *
 * Called by decode.c, stream.c and report.c. Test: test_session.c.
 */
#ifndef FLOWD_SESSION_H
#define FLOWD_SESSION_H

#include "exporter.h"

enum session_scope {
	SESSION_OPEN,		/* it could be either */
	SESSION_DOMAIN,		/* each has a number of its own */
	SESSION_SHARED		/* one number for all */
};

struct session {
	struct list link;	/* of the exporter's */
	uint32_t nstreams;
	uint8_t scope;		/* enum session_scope */
	uint8_t cost_domain, cost_shared;	/* how badly numbers fit */
	struct counting shared;
	struct sequence_change gone;	/* of streams that were forgotten */
	struct sequence_change streams;	/* for exporter_counters() */
};

/* A stream is new; it joins others of its session. */
void session_join(struct exporters *all, struct stream *s);
/* It goes; what it counted is its exporter's. */
void session_leave(struct exporters *all, struct stream *s);
/* The stream is from a state that says that its number is of all domains. */
void session_share(struct exporters *all, struct stream *s);

/* What is noted of a message when it has been read. */
struct counting_result session_note(struct exporters *all, struct stream *s,
    const struct counting_message *m);

/* Sum of its own counters and those of its streams. */
struct decode_counters exporter_counters(const struct exporter *x);
/* Those of a stream; without what its session counts for all domains. */
struct decode_counters stream_counters(const struct stream *s);

/* What counts the messages of a stream: its own, or that of its session. */
static inline const struct counting *
session_counting(const struct stream *s)
{
	return s->session != NULL && s->session->scope == SESSION_SHARED
	    ? &s->session->shared
	    : &s->counting;
}

#endif
