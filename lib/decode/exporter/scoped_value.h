/*
 * What streams of exporters state, as it is kept; see scoped_store.h.
 */
#ifndef FLOWD_SCOPED_VALUE_H
#define FLOWD_SCOPED_VALUE_H

#include "list.h"
#include "map.h"
#include "scope.h"

struct stream;

enum scoped_kind {
	SCOPED_RATE,	/* stated_of_rate() */
	SCOPED_START,	/* ns since 1970 */
	SCOPED_KINDS
};

enum {
	SCOPE_TYPES_MAX = 8,	/* of an exporter and kind */
	SCOPE_CACHE = 16	/* scopes that were looked up last; 2^n */
};

/* Of values: they are all v when sum is n times its hash. */
struct value_sum {
	uint64_t n;
	uint64_t sum;		/* of their hashes */
};

/* Of a domain, or of all domains. */
struct scoped_peers {
	struct map_node node;	/* by form, version, domain, values */
	const struct scope_type *type;
	uint64_t where;		/* version, domain; see scoped_store.c */
	struct list members;	/* whose streams may speak for others */
	struct value_sum shared, every;
	uint64_t at[SCOPE_MAX];
};

struct scoped_peer {
	struct list link;	/* of no list: it does not speak for others */
	struct scoped_peers *peers;
};

struct scoped_value {
	struct map_node node;	/* by stream, form, values */
	struct list sibling;	/* of the stream's, last stated first */
	struct stream *stream;
	struct scope_type *type;
	struct scoped_peer domain, all;
	int64_t seen_ns;	/* when it was stated last */
	uint64_t value;
	uint64_t flows;		/* that it was used for */
	uint64_t at[];		/* values of the form's elements */
};

struct scope_cache {
	const struct stream *stream;
	uint64_t changes;	/* stale when the exporter has had others */
	uint64_t at[SCOPE_MAX];
	struct scoped_value *found;
	bool none;		/* nothing is stated: go on with wider forms */
};

struct scope_type {
	struct list sibling;	/* of the exporter's of this kind */
	uint8_t kind;
	bool per_set;		/* all flows of a data set are alike */
	bool local;		/* scope_is_local() */
	unsigned specificity;
	uint32_t nscoped;
	struct scope scope;	/* the elements; values are in struct stated */
	struct scope_cache memo[SCOPE_CACHE];
};

/* Of an exporter. */
struct scope_types {
	struct list list;	/* the narrowest first */
	uint8_t n;
	bool per_set;		/* all of them are */
};

#endif
