/*
 * Sessions: sequence numbers across observation domains.
 *
 * The protocols number messages of each observation domain separately. Some
 * exporters number all domains together, as Cisco's white paper on NetFlow 9
 * says. A session contains the streams of an exporter with the same version and
 * port, once there are two domains. It tracks both numberings until the numbers
 * fit only one.
 *
 * decode.c, report.c and stream.c use it.
 * Test: test_session.c.
 */
#ifndef FLOWD_SESSION_H
#define FLOWD_SESSION_H

#include "exporter.h"

enum session_scope {
	SESSION_OPEN,		/* undecided */
	SESSION_DOMAIN,		/* each domain has its own numbers */
	SESSION_SHARED		/* all domains share the numbers */
};

struct session {
	struct list link;	/* of the exporter */
	uint32_t nstreams;
	uint8_t scope;		/* enum session_scope */
	uint8_t cost_domain, cost_shared;	/* how badly the numbers fit */
	struct counting shared;
	struct sequence_change gone;	/* of removed streams */
	struct sequence_change streams;	/* for exporter_counters() */
};

/* Adds a new stream to its session. */
void session_join(struct exporters *all, struct stream *s);
/* Removes a stream; its counters go to the exporter. */
void session_leave(struct exporters *all, struct stream *s);
/* A saved state says that all domains share the numbers. */
void session_share(struct exporters *all, struct stream *s);

/* Notes the sequence number of a message. */
struct counting_result session_note(struct exporters *all, struct stream *s,
    const struct counting_message *m);

/* Sums the counters of an exporter and its streams. */
struct decode_counters exporter_counters(const struct exporter *x);
/*
 * The counters of a stream, without those its session counts for all domains.
 */
struct decode_counters stream_counters(const struct stream *s);

/* The counting that applies to a stream: its own, or its session's. */
static inline const struct counting *
session_counting(const struct stream *s)
{
	return s->session != NULL && s->session->scope == SESSION_SHARED
	    ? &s->session->shared
	    : &s->counting;
}

#endif
