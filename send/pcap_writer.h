/*
 * Writes datagrams into a capture instead of sending them: pcap with
 * nanoseconds and raw IP, all numbers big-endian.
 *
 * Called by send.c. Test: test/program/reader/test_send.py.
 */
#ifndef FLOWD_SEND_PCAP_WRITER_H
#define FLOWD_SEND_PCAP_WRITER_H

#include <stdio.h>

#include "datagrams.h"

struct pcap_writer {
	FILE *file;
	const char *name;	/* for error texts */
};

/* path may be "-": standard output. 0 or FLOWD_EIO. */
int pcap_writer_open(
    struct pcap_writer *out, const char *path, struct flowd_error *err);

/*
 * Write one datagram; its addresses and time are set, both of one family.
 * The checksums are right. Returns 0, FLOWD_EIO, or FLOWD_ERANGE for a
 * payload that does not fit into a packet.
 */
int pcap_writer_write(struct pcap_writer *out, const struct outgoing *d,
    struct flowd_error *err);

/* 0, or FLOWD_EIO when something could not be written. */
int pcap_writer_close(struct pcap_writer *out, struct flowd_error *err);

#endif
