/*
 * Captures: pcap and pcapng files as a sequence of UDP datagrams.
 *
 * Files are read by libpcap; what lies between a link layer and a UDP payload
 * (Ethernet with VLAN tags, Linux cooked, raw IP, loopback; IPv4 and IPv6 with
 * their fragments) is taken off here. All bytes are untrusted.
 *
 * Called by flowd -r, flowd-reader and flowd-send.
 * Tests: test/unit/capture/; fuzz: fuzz/fuzz_capture.c.
 */
#ifndef FLOWD_CAPTURE_H
#define FLOWD_CAPTURE_H

#include <stdbool.h>
#include <stdio.h>

#include "addr.h"
#include "buf.h"
#include "packet.h"
#include "result.h"
#include "wire.h"

struct capture;

/* One UDP datagram of a capture; payload is borrowed until the next call. */
struct capture_datagram {
	struct bytes payload;
	struct addr src, dst;
	uint16_t src_port, dst_port;
	int64_t time_ns;	/* since 1970-01-01 UTC */
};

/* True when a file that begins with this octet may be pcap or pcapng. */
bool capture_sniff(uint8_t first_octet);

/*
 * Start reading from file, which must be at its beginning and is owned by the
 * capture from then on, also on failure. name is for error texts.
 * Returns NULL with err set: no capture, or a link layer that is not known.
 */
struct capture *capture_open(FILE *file, const char *name,
    struct flowd_error *err);
void capture_close(struct capture *cap);

/*
 * The next UDP datagram. Returns 1, 0 at the end of the file, or a negative
 * FLOWD_E* with err set; a file that is cut in its last packet is an error
 * (FLOWD_EFORMAT) after all whole packets were handed out.
 */
int capture_next(struct capture *cap, struct capture_datagram *d,
    struct flowd_error *err);

const struct capture_counters *capture_counters(const struct capture *cap);
/* What became of packets none of which was a datagram, for people. */
void capture_put_counters(const struct capture_counters *c, struct buf *out);

#endif
