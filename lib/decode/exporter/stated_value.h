/*
 * What streams of exporters state, as it is kept; see stated.h.
 */
#ifndef FLOWD_STATED_VALUE_H
#define FLOWD_STATED_VALUE_H

#include "list.h"
#include "map.h"
#include "scope.h"

struct stream;

enum stated_kind {
	STATED_RATE,	/* stated_of_rate() */
	STATED_START,	/* ns since 1970 */
	STATED_KINDS
};

enum {
	STATED_FORMS_MAX = 8,	/* of an exporter and kind */
	STATED_MEMO = 16	/* scopes that were looked up last; 2^n */
};

/* Of values: they are all v when sum is n times its hash. */
struct stated_sum {
	uint64_t n;
	uint64_t sum;		/* of their hashes */
};

/* Of a domain, or of all domains. */
struct stated_peers {
	struct map_node node;	/* by form, version, domain, values */
	const struct stated_form *form;
	uint64_t where;		/* version, domain; see stated.c */
	struct list members;	/* whose streams may speak for others */
	struct stated_sum speaking, every;
	uint64_t at[SCOPE_MAX];
};

struct stated_peer {
	struct list link;	/* of no list: it does not speak for others */
	struct stated_peers *peers;
};

struct stated {
	struct map_node node;	/* by stream, form, values */
	struct list sibling;	/* of the stream's, last stated first */
	struct stream *stream;
	struct stated_form *form;
	struct stated_peer domain, all;
	int64_t seen_ns;	/* when it was stated last */
	uint64_t value;
	uint64_t flows;		/* that it was used for */
	uint64_t at[];		/* values of the form's elements */
};

struct stated_memo {
	const struct stream *stream;
	uint64_t changes;	/* stale when the exporter has had others */
	uint64_t at[SCOPE_MAX];
	struct stated *found;
	bool none;		/* nothing is stated: go on with wider forms */
};

struct stated_form {
	struct list sibling;	/* of the exporter's of this kind */
	uint8_t kind;
	bool of_set;		/* all flows of a data set are alike */
	bool local;		/* scope_is_local() */
	unsigned narrow;
	uint32_t nstated;
	struct scope scope;	/* the elements; values are in struct stated */
	struct stated_memo memo[STATED_MEMO];
};

/* Of an exporter. */
struct stated_forms {
	struct list list;	/* the narrowest first */
	uint8_t n;
	bool of_set;		/* all of them are */
};

#endif
