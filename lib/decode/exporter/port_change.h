/*
 * Which port goes on where another one stopped, by sequence numbers.
 * Called by stream.c and template_store.c. Test: test/unit/decode/test_stream.c.
 */
#ifndef FLOWD_PORT_CHANGE_H
#define FLOWD_PORT_CHANGE_H

#include "exporter.h"

/*
 * Which stream a message from a port that is not known goes on with.
 *
 * An exporter that changes its port with every datagram is known by a chain:
 * new ports, each with the very sequence number that the port before expects,
 * and each of them came once. When the chain is long enough its last stream
 * goes on from the new port, and has what the others of the chain had. From
 * then on a number that is near will do, as datagrams are lost.
 *
 * A stream that has stayed on its port is never found here: another exporter
 * may count alike. Its templates are borrowed when it has stopped.
 */
struct port_change {
	struct stream *stream;	/* that one, or NULL */
	int before_port;	/* else that which a new stream follows, or -1 */
};

void port_change_find(struct port_change *a, const struct exporter *x,
    const struct message *m);
/* s is the next of the chain. */
void chain_append(struct stream *before, struct stream *s);
/* It is of a chain no more, which ends before it. */
void chain_remove(struct stream *s);
/* Many ports of the exporter came once, and not one has come again. */
bool exporter_ports_are_random(const struct exporter *x);
/* The one before s in its chain, or NULL: it came once. */
struct stream *chain_before(const struct stream *s);
/* Did s go on where the other, which has been silent since, stopped? */
bool stream_continues(const struct stream *s, const struct stream *other);

#endif
