/*
 * Captures: UDP datagrams from pcap and pcapng files.
 *
 * libpcap reads the file. This library removes link layers (Ethernet with VLAN
 * tags, Linux cooked, raw IP, loopback) and IPv4 and IPv6 headers, and
 * reassembles fragments. All input is untrusted.
 *
 * flowd -r, flowd-reader and flowd-send use it.
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

/* A UDP datagram. The payload is borrowed until the next call. */
struct capture_datagram {
	struct bytes payload;
	struct addr src, dst;
	uint16_t src_port, dst_port;
	int64_t time_ns;	/* since 1970-01-01 UTC */
};

/* Whether a file that starts with this octet may be pcap or pcapng. */
bool capture_sniff(uint8_t first_octet);

/*
 * Opens a capture. Takes over file, also on failure; it must be at its start.
 * name is for error messages. Returns NULL with err set if it is no capture, or
 * its link layer is unsupported.
 */
struct capture *capture_open(FILE *file, const char *name,
    struct flowd_error *err);
void capture_close(struct capture *cap);

/*
 * Reads the next UDP datagram. Returns 1, 0 at the end of the file, or a
 * negative FLOWD_E* with err set. A truncated last packet is FLOWD_EFORMAT,
 * after all complete packets.
 */
int capture_next(struct capture *cap, struct capture_datagram *d,
    struct flowd_error *err);

const struct capture_counters *capture_counters(const struct capture *cap);
/* Appends why a capture without datagrams has none. */
void capture_put_counters(const struct capture_counters *c, struct buf *out);

#endif
