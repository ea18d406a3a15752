/* The data of scoped values; see scoped_store.h. */
#ifndef FLOWD_SCOPED_VALUE_H
#define FLOWD_SCOPED_VALUE_H

#include "list.h"
#include "map.h"
#include "scope.h"

struct stream;

enum scoped_kind {
	SCOPED_RATE,	/* scoped_from_rate() */
	SCOPED_START,	/* ns since 1970 */
	SCOPED_KINDS
};

enum {
	SCOPE_TYPES_MAX = 8,	/* of an exporter and kind */
	SCOPE_CACHE = 16	/* recent lookups; a power of 2 */
};

/* A multiset of values: all equal v if sum is n times the hash of v. */
struct value_sum {
	uint64_t n;
	uint64_t sum;		/* of their hashes */
};

/* Values for one scope, of one domain or of all. */
struct scoped_peers {
	struct map_node node;	/* by type, version, domain, values */
	const struct scope_type *type;
	uint64_t where;		/* version, domain; see peers_key() */
	struct list members;	/* those that other streams may use */
	struct value_sum shared, every;
	uint64_t at[SCOPE_MAX];
};

struct scoped_peer {
	struct list link;	/* of no list: other streams do not use it */
	struct scoped_peers *peers;
};

struct scoped_value {
	struct map_node node;	/* by stream, type, values */
	struct list sibling;	/* of the stream, most recently stated first */
	struct stream *stream;
	struct scope_type *type;
	struct scoped_peer domain, all;
	int64_t seen_ns;	/* when it was last stated */
	uint64_t value;
	uint64_t flows;		/* to which it was applied */
	uint64_t at[];		/* element values */
};

struct scope_cache {
	const struct stream *stream;
	/* stale if the exporter's scoped_generation differs */
	uint64_t changes;
	uint64_t at[SCOPE_MAX];
	struct scoped_value *found;
	bool none;		/* nothing stated: try less specific types */
};

struct scope_type {
	struct list sibling;	/* of the exporter and kind */
	uint8_t kind;
	bool per_set; /* all flows of a data set have the same scope */
	bool local;		/* scope_is_local() */
	unsigned specificity;
	uint32_t nscoped;
	/* the elements; struct scoped_value has the values */
	struct scope scope;
	struct scope_cache memo[SCOPE_CACHE];
};

/* Of an exporter. */
struct scope_types {
	struct list list;	/* the most specific first */
	uint8_t n;
	bool per_set;		/* all of them are */
};

#endif
