/*
 * Streams: the ports, versions and observation domains of an exporter.
 * Called by decode.c, exporters.c and state_load.c.
 * Test: test/unit/decode/test_stream.c, test_exporter.c.
 */
#ifndef FLOWD_STREAM_H
#define FLOWD_STREAM_H

#include "exporter.h"

/*
 * The stream of a message, made if need be; NULL when there is no room or
 * memory. body is what follows the header.
 */
struct stream *stream_get(struct exporters *all, struct exporter *x,
    const struct message *m, struct bytes body, uint16_t port);
/* The stream with the version and domain of m and this port, or NULL. */
struct stream *stream_known(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port);
/*
 * Make it, in place of another one up to the rank evicts or, if need be, of
 * one that has been silent; NULL when there is no room or memory.
 */
struct stream *stream_new(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port, enum stream_rank evicts);
/* A message of it is done: what has it shown? */
void stream_done(struct stream *s);
/* What is known of it from before. */
void stream_restore(struct stream *s, bool works, bool hops);
/* Forget a stream with all it has; its counters go to the exporter's. */
void stream_remove(struct exporters *all, struct stream *s);

#endif
