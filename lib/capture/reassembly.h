/*
 * Fragments of IP datagrams, put together: RFC 791, 3.2 and RFC 8200, 4.5.
 *
 * Bounded: a fixed number of datagrams are in work, and the one begun first
 * is given up for a new one. Fragments that overlap spoil their datagram
 * (RFC 5722); an exact repetition is harmless.
 * Called by capture.c. Test: test/unit/capture/test_reassembly.c.
 */
#ifndef FLOWD_REASSEMBLY_H
#define FLOWD_REASSEMBLY_H

#include "ip.h"

struct reassembly;

struct reassembly *reassembly_new(void);
void reassembly_free(struct reassembly *all);

/*
 * Add the fragment ip. Returns IP_DATAGRAM when its datagram is whole: then
 * ip holds it, borrowed until the next call. Otherwise IP_FRAGMENT, or
 * IP_TRUNCATED for one that cannot be.
 */
enum ip_result reassembly_add(struct reassembly *all, struct ip_packet *ip,
    int64_t time_ns);

/* Datagrams given up, and those still in work. */
uint64_t reassembly_lost(const struct reassembly *all);

#endif
