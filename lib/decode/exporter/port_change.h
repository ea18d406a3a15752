/*
 * Port changes: which stream continues at a new port, by sequence numbers.
 * stream.c and template_store.c use it.
 * Test: test/unit/decode/test_stream.c.
 */
#ifndef FLOWD_PORT_CHANGE_H
#define FLOWD_PORT_CHANGE_H

#include "exporter.h"

/*
 * Where a message from an unknown port belongs.
 *
 * An exporter that sends each datagram from a new port is recognised by a
 * chain: new ports, each with exactly the sequence number that the previous one
 * expects, and each with a single datagram. When the chain is long enough, its
 * last stream moves to the new port and takes over the others. After that, it
 * also accepts numbers near the expected one, because datagrams get lost.
 *
 * A stream that stays on its port is never moved, since other exporters behind
 * the same address may have the same numbers. A new stream borrows its
 * templates once it has stopped: stream_continues().
 */
struct port_change {
	struct stream *stream;	/* the stream to move, or NULL */
	int before_port;	/* or the port of the previous link, or -1 */
};

void port_change_find(struct port_change *a, const struct exporter *x,
    const struct message *m);
/* Appends s to the chain. */
void chain_append(struct stream *before, struct stream *s);
/* Removes s from its chain, which ends before it. */
void chain_remove(struct stream *s);
/*
 * Whether the exporter has sent from many ports, and from none of them twice.
 */
bool exporter_ports_are_random(const struct exporter *x);
/* The previous link of the chain if it sent only once, or NULL. */
struct stream *chain_before(const struct stream *s);
/* Whether s continues the sequence of the other stream, which has stopped. */
bool stream_continues(const struct stream *s, const struct stream *other);

#endif
