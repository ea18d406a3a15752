/*
 * What options data state for a scope (scope.h): a sampling rate, or when the
 * exporter started.
 *
 *	stated		a value, of a stream, for one scope
 *	form		the elements of which scopes of an exporter consist
 *	peers		what streams of an exporter state for the same scope
 *
 * A flow is looked up by each form of its exporter, the narrowest first: a
 * sampler before an interface, a line card, a template, all of the exporter.
 * Of a scope that counts which the flow's own stream stated; else what other
 * ports of its observation domain did, unless they bring flows themselves, as
 * there may be two exporters; else what other domains of the exporter did. It
 * counts when they all state the same. The number of a template means nothing
 * in another domain.
 *
 * In stated.c; part of exporter.h, which has the limits.
 * Test: test/unit/decode/test_stated.c.
 */
#ifndef FLOWD_STATED_H
#define FLOWD_STATED_H

#include "list.h"
#include "map.h"
#include "rate.h"
#include "scope.h"

struct exporters;
struct exporter;
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

void stated_forms_init(struct stated_forms *forms);

/*
 * Note what s stated. The stream's counters tell what had to go for it, or
 * that there is no room.
 */
void stated_set(struct exporters *all, struct stream *s,
    enum stated_kind kind, const struct scope *scope, uint64_t value,
    int64_t now_ns);
/* s brings flows: see above. */
void stated_brings_flows(struct exporters *all, struct stream *s);
/* Forget all that s stated. */
void stated_drop(struct exporters *all, struct stream *s);

/*
 * What holds for each of the flows of s, or NULL: found[0] for the first, and
 * so on. Without a batch only scopes that all flows of a data set are in alike
 * are looked at.
 */
void stated_find(struct exporters *all, const struct stream *s,
    enum stated_kind kind, const struct scope_flows *flows,
    struct stated *found[SCOPE_ROWS]);

/* The scope of a stated value. */
void stated_scope(const struct stated *st, struct scope *scope);

static inline uint64_t
stated_of_rate(struct rate rate)
{
	return (uint64_t)rate.algorithm << 32 | rate.interval;
}

static inline struct rate
stated_rate(uint64_t value)
{
	return (struct rate) { .interval = (uint32_t)value,
		.algorithm = (uint8_t)(value >> 32) };
}

#endif
