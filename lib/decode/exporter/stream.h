/*
 * Streams: source ports, versions and observation domains of an exporter.
 * decode.c, exporters.c and state_load.c use it.
 * Test: test/unit/decode/test_stream.c, test_exporter.c.
 */
#ifndef FLOWD_STREAM_H
#define FLOWD_STREAM_H

#include "exporter.h"

/*
 * Returns the stream of a message, created if needed; NULL without room or
 * memory. body follows the header.
 */
struct stream *stream_get(struct exporters *all, struct exporter *x,
    const struct message *m, struct bytes body, uint16_t port);
/* The stream with this port and the version and domain of m, or NULL. */
struct stream *stream_known(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port);
/*
 * Creates a stream. May evict a stream of rank evicts or below, or a silent
 * one. Returns NULL without room or memory.
 */
struct stream *stream_new(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port, enum stream_rank evicts);
/* A message is complete: updates the rank. */
void stream_done(struct stream *s);
/* Restores a saved stream. */
void stream_restore(struct stream *s, bool works,
    bool changes_ports);
/* Removes a stream and all it has; its counters go to the exporter. */
void stream_remove(struct exporters *all, struct stream *s);

#endif
