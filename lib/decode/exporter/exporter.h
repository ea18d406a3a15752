/*
 * The data kept about exporters, and its limits.
 *
 *	exporter	an address
 *	stream		of an exporter: a source port, a version, a domain
 *	session		streams with the same port and version
 *	template	of a stream, by its id
 *	template group	templates with one id, version and domain, of all
 *			streams of an exporter
 *	name		of a stream: of an interface, a VRF, ...
 *	scoped value	of a stream: a sampling rate or the exporter's start,
 *			for a scope (scoped_store.h)
 *
 * Each kind has a hash table and lists in order of use. At a limit of its own,
 * an exporter loses what it used least recently. At a limit for all exporters,
 * the one that uses most loses something, starting with the lowest rank
 * (pool.h). struct decode_counters counts the effects of each limit.
 *
 * Exporters earn ranks. A stranger has sent once, a newcomer sends flows and
 * continues, and a settled exporter has continued its sequence numbers
 * repeatedly over some time. An eighth of the places is reserved for unsettled
 * exporters, and half of that for strangers. Among strangers the victim is
 * random; among the others, too, unless one is silent. A settled exporter is
 * evicted only for another one that settles, and only after a long silence. A
 * forged source address is not detected: "flow source" and the network must
 * prevent it.
 *
 * Streams earn ranks as well (enum stream_rank): a new stream replaces a
 * working one only after a long silence.
 *
 * This header has the data of the whole folder. The other headers have the
 * operations, each built on those above it:
 *
 *	limit_hit, pool				limits
 *	option_name, scoped_store, session	of exporters and streams
 *	peak, port_change
 *	template_store				templates
 *	early					sets waiting for a template
 *	stream					streams
 *	exporters				exporters
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
	POOL_SAMPLERS,		/* number of scoped values */
	POOL_EARLY,		/* octets */
	POOLS
};

/* How long an exporter has continued its sequence. */
struct continuity {
	uint32_t steps;		/* continued messages, a second apart */
	int64_t last_ns;	/* when the last was counted */
};

/* What a stream has shown of itself. */
enum stream_rank {
	STREAM_EMPTY,		/* no template and no flow */
	STREAM_SINGLE,		/* one of these, in a single datagram */
	STREAM_NO_TEMPLATES,		/* works without templates */
	STREAM_WORKING,
	STREAM_RANKS
};

/* The highest values of sequence counters: peak.h. */
struct sequence_peak {
	uint64_t lost, late, repeated, restarts;
};

enum {
	RATES_SEEN = 4
};

/* A sampling rate of headers or records. */
struct rate_seen {
	uint32_t interval;	/* 0: none */
	uint8_t algorithm;
	bool header;		/* else of records */
	uint64_t flows;
};

struct exporter {
	struct map_node node;
	struct list use;	/* of its rank, most recently used first */
	struct exporter_set *set;	/* that contains it, unless settled */
	size_t place;		/* index in it */
	uint8_t rank;		/* enum rank */
	bool listed;		/* metrics name it: metrics_exporters.c */
	bool has_options;		/* scope_types or configured are set */
	struct addr addr;
	struct list streams;	/* most recently used first */
	struct list ranks[STREAM_RANKS]; /* by rank, newest first */
	struct list templates;	/* most recently used first */
	struct list names;	/* most recently received first */
	struct list early;	/* waiting sets: early.h */
	struct list sessions;	/* session.h */
	struct scope_types types[SCOPED_KINDS];
	uint64_t scoped_generation; /* changes with its scoped values */
	struct pool_usage usage[POOLS];
	uint32_t nnames;
	uint32_t configured;	/* sampling interval, or 0 */
	uint64_t configured_flows; /* to which it was applied */
	int64_t first_ns, last_ns, last_valid_ns;
	int64_t export_ns;	/* its clock, in the last header */
	struct clock_offset clock;
	struct continuity continuity;
	uint16_t last_version;
	uint64_t valid;
	/* Of datagrams without a stream, and of evicted streams. */
	struct decode_counters counters;
	struct sequence_peak peak;
	struct unsupported unsupported; /* the last unsupported datagram */
	struct list unsupported_link;	/* until decoder_unsupported_next() */
};

struct stream {
	struct map_node node;
	struct list use;	/* of the exporter */
	struct list peer;	/* of the exporter and rank */
	int64_t first_ns, last_ns;
	int64_t longest_gap_ns;	/* the longest time between two datagrams */
	struct exporter *exporter;
	uint8_t rank;		/* enum stream_rank */
	uint16_t port;
	uint16_t version;	/* of the protocol */
	uint32_t domain;
	uint32_t ntemplates;
	uint32_t nkind[2];	/* of flows, of options */
	uint32_t last_uptime_ms;
	bool has_flows;
	/* Recent datagrams, and the ports they came from. */
	uint8_t ndatagrams, nports;
	uint32_t first_sequence;		/* of the first datagram */
	struct stream *before, *after; /* of a chain: port_change.h */
	/*
	 * The next number, estimated with the exporter's templates for held
	 * sets.
	 */
	bool has_expected;
	uint32_t expected;
	struct list templates;
	struct list queues;	/* of waiting sets: early.h */
	struct counting counting;	/* of its sequence numbers */
	struct session *session; /* or NULL with only one domain: session.h */
	struct list scoped;	/* most recently stated first */
	uint32_t nscoped;
	struct list names;	/* most recently received first */
	struct rate_seen seen[RATES_SEEN]; /* most recently used first */
	struct decode_counters counters; /* without sequence counters */
};

/* Templates with the same id, whether equal or not. */
struct template_group {
	struct map_node node;
	const struct exporter *exporter;
	uint32_t domain;
	uint16_t version;
	uint16_t id;
	struct list members;	/* templates, by group_link */
	uint64_t nmembers;
	uint64_t sum;		/* of the content hashes */
};

struct exporters {
	struct decoder_limits limits;
	uint64_t seed;
	uint64_t flows_per_octet; /* a datagram may bring, times 2^32 */
	struct map by_addr, streams, templates, groups, names, queues;
	struct map scoped, peers;
	struct pool pool[POOLS];
	struct list rank[RANKS];
	/* Unsettled exporters: those that sent once, and the others. */
	struct exporter_set {
		struct exporter **list; /* unordered */
		size_t n, room;
	} single, active;
	uint64_t random;
	struct limit_hits {
		uint64_t hits;
		struct addr last;
	} hits[DECODER_LIMIT_COUNT];
	uint64_t nhits;		/* of all limits */
	struct list unsupported;	/* exporters not yet reported */
	struct unsupported last_unsupported;
	struct list early;	/* waiting sets, last arrived first */
	struct list ready;	/* queues with a known template */
	uint32_t nearly;	/* waiting sets */
	struct exporter *last;	/* last used, or NULL */
	uint32_t nsettled;
	uint64_t evicted, evicted_settled;
	uint64_t generation;	/* of what decoder_save() writes */
	const struct decoder_rate *rates; /* configured */
	size_t nrates;
	struct decode_counters gone;	/* of evicted exporters */
	struct sequence_peak gone_peak;	/* their sum */
	struct counting_budget counting_budget;
	/*
	 * What exporters had counted when metrics began to name them, and the
	 * final counts of those no longer named.
	 */
	struct decode_counters before_listed, was_listed;
};

/* Whether it has sent only one datagram. */
static inline bool
stream_is_single(const struct stream *s)
{
	return s->ndatagrams == 1;
}

/* Notes the arrival of a datagram. */
static inline void
stream_received(struct stream *s, int64_t now_ns)
{
	if (now_ns - s->last_ns > s->longest_gap_ns)
		s->longest_gap_ns = now_ns - s->last_ns;
	s->last_ns = now_ns;
}

/* Whether nearly every recent datagram came from a new port. */
static inline bool
stream_changes_ports(const struct stream *s)
{
	return s->nports > 1 && 2 * s->nports >= s->ndatagrams;
}

/* Call when its scope types or its configured rate change. */
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
