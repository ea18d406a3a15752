/*
 * What is remembered of exporters, and how it is bounded.
 *
 *	exporter	an address
 *	stream		of an exporter: a source port, a version, a domain
 *	session		streams of one port and version
 *	template	of a stream: by its number
 *	kin		templates of one number, version and domain that
 *			streams of an exporter have
 *	name		of an exporter: of an interface, a VRF, ...
 *	stated		of a stream: sampling rates, and its start (scoped_store.h)
 *
 * Each kind is found by hash and kept in order of use. Past a limit of its own
 * an exporter loses what it used longest ago. Past a limit of all it is who
 * has most that loses, and first those of a lower rank (pool.h). What a limit
 * did is counted under its name, in struct decode_counters.
 *
 * Ranks of exporters are earned. Who came once is a stranger, who brings flows
 * and goes on is a newcomer, and who went on in its sequence numbers again and
 * again over some time is settled. An eighth of the places is for those who are
 * not settled yet, and half of that for those who came once. It is chance who
 * of these is evicted, and of the others, unless one has become silent. Settled
 * ones are evicted by nobody but one that settles, and that after a long
 * silence. What sends with the address of an exporter is not told apart from
 * it; "flow source" and the network have to keep it out.
 *
 * Ranks of streams are earned as well, see enum stream_rank: a new stream
 * takes the place of one that works only when that has been silent for long.
 *
 * This is the data that all of this folder works on. Each header beside it has
 * one kind of operations, and includes only what it stands on:
 *
 *	limit_hit				what limits did
 *	name	stated	session	adopt		of exporters and streams
 *	peak	catalog				templates, above adopt
 *	early					sets that wait, above catalog
 *	stream					above all of these
 *	exporters				all of them; above stream
 *
 * Test: test/unit/decode/test_exporter.c.
 */
#ifndef FLOWD_EXPORTER_H
#define FLOWD_EXPORTER_H

#include "clock_offset.h"
#include "counter.h"
#include "counting.h"
#include "datagram.h"
#include "limit.h"
#include "list.h"
#include "map.h"
#include "message.h"
#include "pool.h"
#include "sampling_rule.h"
#include "scoped_value.h"
#include "template.h"

enum pool_kind {
	POOL_STREAMS,		/* their number */
	POOL_TEMPLATES,		/* octets */
	POOL_NAMES,		/* octets */
	POOL_SAMPLERS,		/* number of what is stated */
	POOL_EARLY,		/* octets */
	POOLS
};

/* How long somebody went on with what it began. */
struct continuity {
	uint32_t steps;		/* messages that followed on, a second apart */
	int64_t last_ns;	/* when the last was counted */
};

/* What a stream has shown of itself. */
enum stream_rank {
	STREAM_EMPTY,		/* has no template and brought no flow */
	STREAM_SINGLE,		/* has one or did, in a single datagram */
	STREAM_NO_TEMPLATES,		/* works, and needs no templates */
	STREAM_WORKING,
	STREAM_RANKS
};

/* The most that counters of sequence numbers ever were: peak.h. */
struct sequence_peak {
	uint64_t lost, late, repeated, restarts;
};

enum {
	RATES_SEEN = 4
};

/* A sampling rate that headers or records had. */
struct rate_seen {
	uint32_t interval;	/* 0: none */
	uint8_t algorithm;
	bool header;		/* else in records */
	uint64_t flows;
};

struct exporter {
	struct map_node node;
	struct list use;	/* of its rank, last used first */
	struct exporter_set *set;	/* that it is in, unless settled */
	size_t place;		/* there */
	uint8_t rank;		/* enum rank */
	bool listed;		/* see metrics_exporters.c */
	bool has_options;		/* forms or configured have something */
	struct addr addr;
	struct list streams;	/* last used first */
	struct list ranks[STREAM_RANKS]; /* of them, newest first */
	struct list templates;	/* last used first */
	struct list names;	/* last used first */
	struct list early;	/* sets that wait: early.h */
	struct list sessions;	/* session.h */
	struct scope_types types[SCOPED_KINDS];
	uint64_t scoped_generation; /* of what its streams state */
	struct pool_usage usage[POOLS];
	uint32_t nnames;
	uint32_t configured;	/* interval of sampling, or 0 */
	uint64_t configured_flows; /* that it was used for */
	int64_t first_ns, last_ns, last_valid_ns;
	int64_t export_ns;	/* its clock, in the last header */
	struct clock_offset clock;
	struct continuity continuity;
	uint16_t last_version;
	uint64_t valid;
	/* Of datagrams without a stream, and of streams that were evicted. */
	struct decode_counters counters;
	struct sequence_peak peak;
	struct unsupported unsupported;		/* its last that is not read */
	struct list unsupported_link;	/* until decoder_foreign_next() */
};

struct stream {
	struct map_node node;
	struct list use;	/* of the exporter's */
	struct list peer;	/* of the exporter's of this rank */
	int64_t first_ns, last_ns;
	int64_t longest_gap_ns;	/* the longest between two datagrams */
	struct exporter *exporter;
	uint8_t rank;		/* enum stream_rank */
	uint16_t port;
	uint16_t version;	/* number */
	uint32_t domain;
	uint32_t ntemplates;
	uint32_t nkind[2];	/* of them for flows, for options */
	uint32_t last_uptime_ms;
	bool has_flows;
	/* Of late: datagrams, and ports that they came from. */
	uint8_t ndatagrams, nports;
	uint32_t first_sequence;		/* sequence number of the first */
	struct stream *before, *after; /* in a chain: see struct adoption */
	/* The next one, if what waits is as the exporter's templates say. */
	bool has_expected;
	uint32_t expected;
	struct list templates;
	struct list queues;	/* of sets that wait: early.h */
	struct counting counting;	/* of its sequence numbers */
	struct session *session; /* with other domains, or NULL: session.h */
	struct list scoped;	/* last stated first */
	uint32_t nscoped;
	struct rate_seen seen[RATES_SEEN]; /* last used first */
	struct decode_counters counters; /* but those of sequence numbers */
};

/* Templates of one number, which may be the same or not. */
struct template_group {
	struct map_node node;
	const struct exporter *exporter;
	uint32_t domain;
	uint16_t version;
	uint16_t id;
	struct list members;	/* templates, by their cousin */
	uint64_t nmembers;
	uint64_t sum;		/* of the shapes of all members */
};

struct exporters {
	struct decoder_limits limits;
	uint64_t seed;
	uint64_t flows_per_octet; /* that a datagram may bring, times 2^32 */
	struct map by_addr, streams, templates, groups, names, queues;
	struct map scoped, peers;
	struct pool pool[POOLS];
	struct list rank[RANKS];
	/* Those that are not settled: who came once, and who went on. */
	struct exporter_set {
		struct exporter **list; /* in no order */
		size_t n, room;
	} single, active;
	uint64_t random;
	struct limit_hits {
		uint64_t hits;
		struct addr last;
	} hits[DECODER_LIMIT_COUNT];
	uint64_t nhits;		/* of all limits */
	struct list unsupported;	/* exporters, of which that is news */
	struct unsupported last_unsupported;
	struct list early;	/* sets that wait, last come first */
	struct list ready;	/* queues whose template came */
	uint32_t nearly;	/* sets that wait */
	struct exporter *last;	/* used; NULL if it is gone */
	uint32_t nsettled;
	uint64_t evicted, evicted_settled;
	uint64_t generation;	/* of what decoder_save() would write */
	const struct decoder_rate *rates; /* configured */
	size_t nrates;
	struct decode_counters gone;	/* of exporters that were evicted */
	struct sequence_peak gone_peak;	/* of them together */
	struct counting_budget counting_budget;
	/* What they had counted when they were listed, and not any more. */
	struct decode_counters before_listed, was_listed;
};

/* Has a single datagram come from it, from its only port? */
static inline bool
stream_is_single(const struct stream *s)
{
	return s->ndatagrams == 1;
}

/* A datagram of it has come. */
static inline void
stream_received(struct stream *s, int64_t now_ns)
{
	if (now_ns - s->last_ns > s->longest_gap_ns)
		s->longest_gap_ns = now_ns - s->last_ns;
	s->last_ns = now_ns;
}

/* Does it change its port with about every datagram? */
static inline bool
stream_changes_ports(const struct stream *s)
{
	return s->nports > 1 && 2 * s->nports >= s->ndatagrams;
}

/* Its forms or its configuration changed: see told. */
static inline void
exporter_options_changed(struct exporter *x)
{
	x->has_options = x->configured != 0 || x->types[SCOPED_RATE].n > 0 ||
	    x->types[SCOPED_START].n > 0;
}

/* A limit in milliseconds, which may be any number. */
static inline int64_t
ms_to_ns(uint64_t ms)
{
	const uint64_t ms_ns = 1000000;

	return ms < INT64_MAX / ms_ns ? (int64_t)(ms * ms_ns) : INT64_MAX;
}

#endif
