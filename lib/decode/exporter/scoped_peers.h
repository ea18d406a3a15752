/*
 * Peers: values that streams of an exporter state for the same scope, of one
 * observation domain or of all. Whether all of them are the same is known
 * without a look at each.
 *
 * Called by scoped_store.c. Test: test/unit/decode/test_scoped_store.c.
 */
#ifndef FLOWD_SCOPED_PEERS_H
#define FLOWD_SCOPED_PEERS_H

#include "exporter.h"

/* Which peers a stream has: of its version, and its domain or all. */
uint64_t peers_key(const struct stream *s, bool all_domains);
/* Of a form, values of its elements, and what else tells values apart. */
uint64_t scoped_hash(const struct exporters *all,
    const struct scope_type *type, uint64_t who, const uint64_t *at);

/* Called for each flow, of one or two values mostly: no memcmp(). */
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
/* The same, made if need be; NULL without memory. */
struct scoped_peers *scoped_peers_get(struct exporters *all,
    const struct scope_type *type, uint64_t where, const uint64_t *at);
/* A number that values have in common when, but for chance, they are one. */
uint64_t scoped_peers_hash(const struct exporters *all, uint64_t value);

/* speaks: for streams other than its own. */
void scoped_peers_join(struct exporters *all, struct scoped_peers *peers,
    struct scoped_peer *peer, uint64_t value, bool shares);
/* It stays among them, but does not speak for other streams any more. */
void scoped_peers_stop_sharing(
    struct exporters *all, struct scoped_peer *peer, uint64_t value);
/* Those without a member go. */
void scoped_peers_leave(
    struct exporters *all, struct scoped_peer *peer, uint64_t value);
void scoped_peers_change(struct exporters *all, struct scoped_peer *peer,
    uint64_t old, uint64_t value);

#endif
