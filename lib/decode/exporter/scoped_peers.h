/*
 * Peers: the values that streams of an exporter state for the same scope, in
 * one observation domain or in all. Sums of hashes tell whether all agree.
 *
 * scoped_store.c uses it.
 * Test: test/unit/decode/test_scoped_store.c.
 */
#ifndef FLOWD_SCOPED_PEERS_H
#define FLOWD_SCOPED_PEERS_H

#include "exporter.h"

/* The key of a stream's peers: its version, and its domain or all. */
uint64_t peers_key(const struct stream *s, bool all_domains);
/* Hashes a scope type, the values of its elements, and who. */
uint64_t scoped_hash(const struct exporters *all,
    const struct scope_type *type, uint64_t who, const uint64_t *at);

/* Called for each flow with one or two values: faster than memcmp(). */
static inline bool
scoped_same(
    const struct scope_type *type, const uint64_t *a, const uint64_t *b)
{
	uint64_t differ = 0;

	for (unsigned i = 0; i < type->scope.n; i++)
		differ |= a[i] ^ b[i];
	return differ == 0;
}

struct scoped_peers *scoped_peers_find(const struct exporters *all,
    const struct scope_type *type, uint64_t where, const uint64_t *at);
/* The same, created if needed; NULL when out of memory. */
struct scoped_peers *scoped_peers_get(struct exporters *all,
    const struct scope_type *type, uint64_t where, const uint64_t *at);
/* Equal for equal values, and by chance for no others. */
uint64_t scoped_peers_hash(const struct exporters *all, uint64_t value);

/* Adds a value. shares: other streams may use it. */
void scoped_peers_join(struct exporters *all, struct scoped_peers *peers,
    struct scoped_peer *peer, uint64_t value, bool shares);
/* The value stays, but other streams do not use it any more. */
void scoped_peers_stop_sharing(
    struct exporters *all, struct scoped_peer *peer, uint64_t value);
/* Removes a value; frees peers without members. */
void scoped_peers_leave(
    struct exporters *all, struct scoped_peer *peer, uint64_t value);
void scoped_peers_change(struct exporters *all, struct scoped_peer *peer,
    uint64_t old, uint64_t value);

#endif
