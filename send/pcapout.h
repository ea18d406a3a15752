/*
 * Writes datagrams into a capture instead of sending them: pcap with
 * nanoseconds and raw IP, all numbers big-endian.
 *
 * Called by send.c. Test: test/program/test_send.py.
 */
#ifndef FLOWD_SEND_PCAPOUT_H
#define FLOWD_SEND_PCAPOUT_H

#include <stdio.h>

#include "datagrams.h"

struct pcapout {
	FILE *file;
	const char *name;	/* for error texts */
};

/* path may be "-": standard output. 0 or FLOWD_EIO. */
int
pcapout_open(struct pcapout *out, const char *path, struct flowd_error *err);

/*
 * Write one datagram; its addresses and time are set, both of one family.
 * The checksums are right. Returns 0, FLOWD_EIO, or FLOWD_ERANGE for a
 * payload that does not fit into a packet.
 */
int pcapout_write(struct pcapout *out, const struct outgoing *d,
    struct flowd_error *err);

/* 0, or FLOWD_EIO when something could not be written. */
int pcapout_close(struct pcapout *out, struct flowd_error *err);

#endif
