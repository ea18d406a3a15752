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
 *	stated		of a stream: sampling rates, and its start (stated.h)
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
 * In exporter.c, listed.c, stream.c, catalog.c, name.c and stated.c; called by
 * decode.c, early.c and report.c. Test: test/unit/decode/test_exporter.c.
 */
#ifndef FLOWD_EXPORTER_H
#define FLOWD_EXPORTER_H

#include "clock_offset.h"
#include "counting.h"
#include "decode.h"
#include "list.h"
#include "map.h"
#include "message.h"
#include "options.h"
#include "pool.h"
#include "stated.h"
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
struct tenure {
	uint32_t steps;		/* messages that followed on, a second apart */
	int64_t last_ns;	/* when the last was counted */
};

/* What a stream has shown of itself. */
enum stream_rank {
	STREAM_BARE,		/* has no template and brought no flow */
	STREAM_ONCE,		/* has one or did, in a single datagram */
	STREAM_PLAIN,		/* works, and needs no templates */
	STREAM_WORKS,
	STREAM_RANKS
};

/*
 * The most that the counters of sequence numbers ever were when somebody
 * looked. They go back when what is late comes, and when it is learnt what an
 * exporter counts; metrics must not.
 */
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
	bool listed;		/* see listed.c */
	bool told;		/* forms or configured have something */
	struct addr addr;
	struct list streams;	/* last used first */
	struct list ranks[STREAM_RANKS]; /* of them, newest first */
	struct list templates;	/* last used first */
	struct list names;	/* last used first */
	struct list early;	/* sets that wait: early.h */
	struct list sessions;	/* session.h */
	struct stated_forms forms[STATED_KINDS];
	uint64_t stated_changes; /* of what its streams state */
	struct stake stake[POOLS];
	uint32_t nnames;
	uint32_t configured;	/* interval of sampling, or 0 */
	uint64_t configured_flows; /* that it was used for */
	int64_t first_ns, last_ns, last_valid_ns;
	int64_t export_ns;	/* its clock, in the last header */
	struct clock_offset clock;
	struct tenure tenure;
	uint16_t last_version;
	uint64_t valid;
	/* Of datagrams without a stream, and of streams that were evicted. */
	struct decode_counters counters;
	struct sequence_peak peak;
	struct foreign foreign;		/* its last that is not read */
	struct list foreign_link;	/* until decoder_foreign_next() */
};

struct stream {
	struct map_node node;
	struct list use;	/* of the exporter's */
	struct list peer;	/* of the exporter's of this rank */
	int64_t first_ns, last_ns;
	int64_t pause_ns;	/* the longest between two datagrams */
	struct exporter *exporter;
	uint8_t rank;		/* enum stream_rank */
	uint16_t port;
	uint16_t version;	/* number */
	uint32_t domain;
	uint32_t ntemplates;
	uint32_t nkind[2];	/* of them for flows, for options */
	uint32_t last_uptime_ms;
	bool brought_flows;
	/* Of late: datagrams, and ports that they came from. */
	uint8_t ndatagrams, nports;
	uint32_t began;		/* sequence number of the first */
	struct stream *before, *after; /* in a chain: see struct adoption */
	/* The next one, if what waits is as the exporter's templates say. */
	bool guessed;
	uint32_t guess;
	struct list templates;
	struct list queues;	/* of sets that wait: early.h */
	struct counting counting;	/* of its sequence numbers */
	struct session *session; /* with other domains, or NULL: session.h */
	struct list stated;	/* last stated first */
	uint32_t nstated;
	struct rate_seen seen[RATES_SEEN]; /* last used first */
	struct decode_counters counters; /* but those of sequence numbers */
};

/* Templates of one number, which may be the same or not. */
struct kin {
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
	struct map by_addr, streams, templates, kin, names, queues;
	struct map stated, peers;
	struct pool pool[POOLS];
	struct list rank[RANKS];
	/* Those that are not settled: who came once, and who went on. */
	struct exporter_set {
		struct exporter **list; /* in no order */
		size_t n, room;
	} once, going;
	uint64_t random;
	struct limit_hits {
		uint64_t hits;
		struct addr last;
	} hits[DECODER_LIMIT_COUNT];
	uint64_t nhits;		/* of all limits */
	struct list foreign;	/* exporters, of which that is news */
	struct foreign last_foreign;
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
	struct counting_room learners;
	/* What they had counted when they were listed, and not any more. */
	struct decode_counters before_listed, was_listed;
};

/* False when out of memory. */
bool exporters_init(struct exporters *all, const struct decoder_limits *limits,
    uint64_t seed);
void exporters_fini(struct exporters *all);

/*
 * The exporter with this address, made if need be; NULL out of memory. It is
 * noted as heard of now.
 */
struct exporter *exporter_get(struct exporters *all, const struct addr *addr,
    int64_t now_ns);
/* The exporter with this address, or NULL. */
struct exporter *exporter_known(const struct exporters *all,
    const struct addr *addr);
/*
 * It has earned this rank, and gets it unless it is for the settled and there
 * is no place left among them. Ranks do not sink.
 */
void exporter_rank(struct exporters *all, struct exporter *x, enum rank rank,
    int64_t now_ns);
/* Its forms or its configuration changed: see told. */
void exporter_told(struct exporter *x);
/* A message followed on in its stream: the exporter may be settled now. */
void exporter_went_on(struct exporters *all, struct exporter *x,
    int64_t now_ns);
/*
 * A limit (DECODER_LIMIT_...) took something from the exporter, or refused it
 * something; c are its counters, or those of its stream.
 */
void limit_hit(struct exporters *all, const struct exporter *x,
    struct decode_counters *c, unsigned limit);
/* The limit of a pool. */
unsigned pool_limit(enum pool_kind kind);
/* Sum of its own counters and those of its streams. */
struct decode_counters exporter_counters(const struct exporter *x);
/* Those of a stream; without what its session counts for all domains. */
struct decode_counters stream_counters(const struct stream *s);
/* Note the counters that are to be told. */
void peak_raise(struct sequence_peak *peak, const struct decode_counters *c);
/* Add peaks up; and have counters be these. */
void peak_add(struct sequence_peak *sum, const struct sequence_peak *more);
void peak_put(const struct sequence_peak *peak, struct decode_counters *c);
/* As exporter_counters(), but those of sequence numbers at their peak. */
struct decode_counters exporter_peaks(struct exporter *x);

/* Has a single datagram come from it, from its only port? */
static inline bool
stream_came_once(const struct stream *s)
{
	return s->ndatagrams == 1;
}

/* A datagram of it has come. */
static inline void
stream_heard(struct stream *s, int64_t now_ns)
{
	if (now_ns - s->last_ns > s->pause_ns)
		s->pause_ns = now_ns - s->last_ns;
	s->last_ns = now_ns;
}

/* Does it change its port with about every datagram? */
static inline bool
stream_hops(const struct stream *s)
{
	return s->nports > 1 && 2 * s->nports >= s->ndatagrams;
}

/*
 * Which stream a message from a port that is not known goes on with.
 *
 * An exporter that changes its port with every datagram is known by a chain:
 * new ports, each with the very sequence number that the port before expects,
 * and each of them came once. When the chain is long enough its last stream
 * goes on from the new port, and has what the others of the chain had. From
 * then on a number that is near will do, as datagrams are lost.
 *
 * A stream that has stayed on its port is never found here: another exporter
 * may count alike. Its templates are borrowed when it has stopped.
 */
struct adoption {
	struct stream *stream;	/* that one, or NULL */
	int before_port;	/* else that which a new stream follows, or -1 */
};

void adoption_find(struct adoption *a, const struct exporter *x,
    const struct message *m);
/* s is the next of the chain. */
void chain_add(struct stream *before, struct stream *s);
/* It is of a chain no more, which ends before it. */
void chain_leave(struct stream *s);
/* Many ports of the exporter came once, and not one has come again. */
bool stream_ports_tell_nothing(const struct exporter *x);
/* The one before s in its chain, or NULL: it came once. */
struct stream *chain_before(const struct stream *s);
/* Did s go on where the other, which has been silent since, stopped? */
bool stream_succeeds(const struct stream *s, const struct stream *other);

/*
 * The stream of a message, made if need be; NULL when there is no room or
 * memory. body is what follows the header.
 */
struct stream *stream_get(struct exporters *all, struct exporter *x,
    const struct message *m, struct bytes body, uint16_t port);
/* The stream with the version and domain of m and this port, or NULL. */
struct stream *stream_known(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port);
/*
 * Make it, in place of another one up to the rank evicts or, if need be, of
 * one that has been silent; NULL when there is no room or memory.
 */
struct stream *stream_new(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port, enum stream_rank evicts);
/* A message of it is done: what has it shown? */
void stream_done(struct stream *s);
/* What is known of it from before. */
void stream_restore(struct stream *s, bool works, bool hops);
/* Forget a stream with all it has; its counters go to the exporter's. */
void stream_remove(struct exporters *all, struct stream *s);

/* The template of the stream with this number, or NULL. Marks it used. */
struct template *template_get(struct exporters *all, struct stream *s,
    uint16_t id);
/*
 * The template that streams of the exporter with this version and domain have
 * under this number, when all that have one have the same; else NULL. The
 * stream itself may have another one yet.
 */
struct template *template_common(struct exporters *all, struct stream *s,
    uint16_t id);
/* That one, if the stream goes on where one of those that have it stopped. */
struct template *template_borrow(struct exporters *all, struct stream *s,
    uint16_t id);
/*
 * That one for a datagram that has waited, when the exporter has been known
 * for long and has sent from many ports, of which none has come again.
 */
struct template *template_lend(struct exporters *all, struct stream *s,
    uint16_t id);
/*
 * The template that what waits in the stream may have: that of an earlier port
 * of its chain, else the common one. It tells how many records there are, and
 * is for nothing else.
 */
struct template *template_guess(struct exporters *all, struct stream *s,
    uint16_t id);

/*
 * Take t over, in place of the one with its number. False when there is no
 * room or memory for it: then it was freed.
 */
bool template_add(struct exporters *all, struct stream *s, struct template *t);
void template_remove(struct exporters *all, struct template *t);
/* Give the templates of from to another stream that has none of their number;
 * the others stay. Both are of one exporter, version and domain. */
void templates_move(struct exporters *all, struct stream *from,
    struct stream *to);
/* Remove all flow templates, or all options templates, of a stream. */
void template_remove_all(struct exporters *all, struct stream *s,
    bool options);

/* Remember a name; c counts what must go for it, or that it does. */
void name_set(struct exporters *all, struct exporter *x,
    struct decode_counters *c, enum name_kind kind, struct bytes key,
    struct bytes text);
void name_remove(struct exporters *all, struct exporter *x,
    struct name *name);
/* The name, or NULL. */
const struct name *name_get(const struct exporters *all,
    const struct exporter *x, enum name_kind kind, struct bytes key);

/* What a decoder keeps; for what decode.h has beside decoding. */
const struct exporters *decoder_exporters(const struct decoder *dec);
struct exporters *decoder_exporters_of(struct decoder *dec);

/* A limit in milliseconds, which may be any number. */
static inline int64_t
ms_to_ns(uint64_t ms)
{
	const uint64_t ms_ns = 1000000;

	return ms < INT64_MAX / ms_ns ? (int64_t)(ms * ms_ns) : INT64_MAX;
}

/* Templates that are known of it. */
uint32_t exporter_templates(const struct exporter *x);

/* Add up counters. */
void counters_add(struct decode_counters *sum,
    const struct decode_counters *more);
/* Take some away again, which are in them. */
void counters_sub(struct decode_counters *sum,
    const struct decode_counters *less);

#endif
