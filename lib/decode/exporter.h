/*
 * What is remembered of exporters, and how it is bounded.
 *
 *	exporter	an address
 *	stream		of an exporter: a source port, a version, a domain
 *	template	of a stream: by its number
 *	kin		templates of one number, version and domain that
 *			streams of an exporter have
 *	name		of an exporter: of an interface, a VRF, ...
 *
 * Each kind is found by hash and kept in order of use. Past a limit of its own
 * an exporter loses what it used longest ago. Past a limit of all it is who
 * has most that loses, and first those of a lower rank (pool.h).
 *
 * Ranks are earned. Made-up senders are strangers or, with a datagram of
 * flows, newcomers, and evict each other. An exporter is settled when it went
 * on in its sequence numbers again and again over some time. Settled ones are
 * evicted by others only when there is nobody else: then one that has been
 * silent for long, else the last that settled. What sends with the address of
 * an exporter is not told apart from it; "flow source" and the network have to
 * keep it out.
 *
 * In exporter.c, stream.c, catalog.c, name.c and samplers.c; called by
 * decode.c, early.c and report.c. Test: test/unit/decode/test_exporter.c.
 */
#ifndef FLOWD_EXPORTER_H
#define FLOWD_EXPORTER_H

#include "decode.h"
#include "list.h"
#include "map.h"
#include "message.h"
#include "options.h"
#include "pool.h"
#include "sequence.h"
#include "template.h"

enum pool_kind {
	POOL_STREAMS,		/* their number */
	POOL_TEMPLATES,		/* octets */
	POOL_NAMES,		/* octets */
	POOL_SAMPLERS,		/* their number */
	POOL_EARLY,		/* octets */
	POOLS
};

/* How long somebody went on with what it began. */
struct tenure {
	uint32_t steps;		/* messages that followed on, a second apart */
	int64_t last_ns;	/* when the last was counted */
};

struct exporter {
	struct map_node node;
	struct list use;	/* of its rank, last used first */
	struct list settled;	/* when settled: last settled first */
	uint8_t rank;		/* enum rank */
	struct addr addr;
	struct list streams;	/* last used first */
	struct list trial;	/* those that have to show themselves yet */
	struct list templates;	/* last used first */
	struct list names;	/* last used first */
	struct list early;	/* sets that wait: early.h */
	struct stake stake[POOLS];
	uint32_t nnames;
	int64_t first_ns, last_ns, last_valid_ns;
	int64_t export_ns;	/* clock of the exporter at last_ns */
	struct tenure tenure;
	uint16_t last_version;
	uint64_t valid;
	/* Of datagrams without a stream, and of streams that were evicted. */
	struct decode_counters counters;
};

struct stream {
	struct map_node node;
	struct list use;	/* of the exporter's */
	struct list trial;	/* of the exporter's, or of none */
	struct tenure tenure;
	int64_t last_ns;
	struct exporter *exporter;
	uint16_t port;
	uint16_t version;	/* number */
	uint32_t domain;
	uint32_t ntemplates;
	uint32_t nkind[2];	/* of them for flows, for options */
	uint32_t last_uptime_ms;
	uint32_t header_interval; /* of sampling, as its headers say; or 0 */
	bool brought_flows;
	bool hops;		/* its port has changed */
	struct list templates;
	struct list queues;	/* of sets that wait: early.h */
	struct sequence sequence;
	struct sampling sampling;
	struct decode_counters counters;
};

/*
 * Templates that may stand in for each other: an exporter that sends from
 * changing ports has its templates in one stream and its data in another.
 */
struct kin {
	struct map_node node;
	const struct exporter *exporter;
	uint32_t domain;
	uint16_t version;
	uint16_t id;
	struct list queues;	/* of sets that wait for one */
	struct list members;	/* templates, by their cousin */
	uint64_t nmembers;
	uint64_t sum;		/* of the shapes of all members */
};

struct exporters {
	struct decoder_limits limits;
	uint64_t seed;
	uint64_t flows_per_octet; /* that a datagram may bring, times 2^32 */
	struct map by_addr, streams, templates, kin, names, queues;
	struct pool pool[POOLS];
	struct list rank[RANKS];
	struct list settled;
	struct list early;	/* sets that wait, last come first */
	struct list ready;	/* queues whose template came */
	uint32_t nearly;	/* sets that wait */
	struct exporter *last;	/* used; NULL if it is gone */
	uint32_t nsettled;
	uint64_t evicted, evicted_settled;
	uint64_t generation;	/* of what decoder_save() would write */
	struct decode_counters gone;	/* of exporters that were evicted */
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
/* It has earned this rank; ranks do not sink. */
void exporter_rank(struct exporters *all, struct exporter *x, enum rank rank);
/* A message followed on in its stream: the exporter may be settled now. */
void exporter_went_on(struct exporters *all, struct exporter *x,
    int64_t now_ns);
/*
 * The same of the stream: it is evicted after those of its exporter that have
 * not been going on, as where somebody makes up domains under its address.
 */
void stream_went_on(const struct exporters *all, struct stream *s,
    int64_t now_ns);
/* One more step, if it is time; true when it has gone on long enough. */
bool tenure_step(struct tenure *t, const struct exporters *all,
    int64_t now_ns);
/* Sum of its own counters and those of its streams. */
struct decode_counters exporter_counters(const struct exporter *x);

/*
 * The stream of a message, made if need be; NULL when out of memory. A
 * message from a new port whose sequence number is the one that a stream of
 * the same version and domain expects, which has brought flows, is taken for
 * that stream: its exporter sends from changing ports. Once it did, a number
 * near to that will do, if it is so for one stream alone.
 */
struct stream *stream_get(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port);
/* The stream with the version and domain of m and this port, or NULL. */
struct stream *stream_known(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port);
/* Make it; NULL when there is no room or memory. */
struct stream *stream_new(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port);
/* Forget a stream with all it has; its counters go to the exporter's. */
void stream_remove(struct exporters *all, struct stream *s);

/* The template of the stream with this number, or NULL. Marks it used. */
struct template *template_get(struct exporters *all, struct stream *s,
    uint16_t id);
/*
 * The template that other streams of the exporter with the same version and
 * domain have under this number, when all that have one have the same. As
 * cheap when there is none.
 */
struct template *template_borrow(struct exporters *all, struct stream *s,
    uint16_t id);
/* The stream's template, else one to borrow, else NULL. */
struct template *template_for(struct exporters *all, struct stream *s,
    uint16_t id);

/* The kin of the stream's templates with this number, made if need be. */
struct kin *kin_get(struct exporters *all, const struct stream *s,
    uint16_t id);
/* It goes when nothing is left of it. */
void kin_put(struct exporters *all, struct kin *kin);
/* Has it templates, and are all of them the same? */
bool kin_alike(const struct kin *kin);

/*
 * Take t over, in place of the one with its number. False when there is no
 * room or memory for it: then it was freed.
 */
bool template_add(struct exporters *all, struct stream *s, struct template *t);
void template_remove(struct exporters *all, struct template *t);
/* Remove all flow templates, or all options templates, of a stream. */
void template_remove_all(struct exporters *all, struct stream *s,
    bool options);

/* Take over what options data says of sampling. */
void sampling_set(struct exporters *all, struct stream *s,
    const struct option_values *v);
void samplers_drop(struct exporters *all, struct stream *s);

/* Remember a name; c counts what must go for it, or that it does. */
void name_set(struct exporters *all, struct exporter *x,
    struct decode_counters *c, enum name_kind kind, struct bytes key,
    struct bytes text);
void name_remove(struct exporters *all, struct exporter *x,
    struct name *name);
/* The name, or NULL. */
const struct name *name_get(const struct exporters *all,
    const struct exporter *x, enum name_kind kind, struct bytes key);

/* What a decoder keeps; for report.c and state.c. */
const struct exporters *decoder_exporters(const struct decoder *dec);

/* A limit in milliseconds, which may be any number. */
static inline int64_t
ms_to_ns(uint64_t ms)
{
	const uint64_t ms_ns = 1000000;

	return ms < INT64_MAX / ms_ns ? (int64_t)(ms * ms_ns) : INT64_MAX;
}

/* Add up counters. */
void counters_add(struct decode_counters *sum,
    const struct decode_counters *more);

#endif
