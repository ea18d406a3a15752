/*
 * The forwarder: the process that sends copies of datagrams on. It holds the
 * sockets to the collectors, raw ones where the exporter's address is kept,
 * and gets datagrams from the engines by a socket; it parses nothing.
 *
 * Called by child.c; forward_hand_over() by worker.c.
 * Test: test/program/test_forward.py.
 */
#ifndef FLOWD_FORWARDER_H
#define FLOWD_FORWARDER_H

#include "answer.h"
#include "decode.h"

enum { FORWARDER_ROWS = 1 };

/* What it tells. */
extern const struct answer_row forwarder_rows[FORWARDER_ROWS];

/* A pair of sockets: [0] is an engine's, [1] the forwarder's. -1 and errno. */
int forwarder_pair(int ends[2]);

/*
 * Hand datagrams to the forwarder, by the engine's end. Returns how many could
 * not be: the forwarder is behind, or gone.
 */
size_t forwarder_hand_over(int fd, const struct datagram *const *list,
    size_t n);

/* Until the parent says so or is gone. Returns the exit status. */
int forwarder_main(int channel);

#endif
