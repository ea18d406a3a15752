/*
 * What is remembered of exporters, and how it is bounded.
 *
 *	exporter	an address
 *	stream		of an exporter: a source port, a version, a domain
 *	template	of a stream: by its number
 *	name		of an exporter: of an interface, a VRF, ...
 *
 * Each kind is found by hash and kept in order of use. What is past a limit
 * evicts the least recently used of the same exporter where that one is the
 * cause, else a whole exporter: first one that never brought a flow, so that
 * a flood of made-up senders does not push out those that work. Senders that
 * are made up and bring flows can: "flow source" keeps them out.
 *
 * In exporter.c, stream.c and name.c; called by decode.c and report.c. Test: test/unit/decode/test_exporter.c.
 */
#ifndef FLOWD_EXPORTER_H
#define FLOWD_EXPORTER_H

#include "decode.h"
#include "list.h"
#include "map.h"
#include "message.h"
#include "options.h"
#include "sequence.h"
#include "template.h"

struct exporter {
	struct map_node node;
	struct list use;	/* of proven or unproven, last used first */
	bool proven;		/* it brought a flow once */
	struct addr addr;
	struct list streams;	/* last used first */
	struct list templates;	/* last used first */
	struct list names;
	uint32_t nstreams, nnames;
	size_t template_octets;
	int64_t first_ns, last_ns, last_valid_ns;
	uint16_t last_version;
	uint64_t valid;
	/* Of datagrams without a stream, and of streams that were evicted. */
	struct decode_counters counters;
};

struct stream {
	struct map_node node;
	struct list use;	/* of the exporter's */
	struct exporter *exporter;
	uint16_t port;
	uint16_t version;	/* number */
	uint32_t domain;
	uint32_t ntemplates;
	uint32_t nkind[2];	/* of them for flows, for options */
	uint32_t last_uptime_ms;
	struct list templates;
	struct sequence sequence;
	struct sampling sampling;
	struct decode_counters counters;
};

struct exporters {
	struct decoder_limits limits;
	uint64_t seed;
	struct map by_addr, streams, templates, names;
	struct list proven, unproven;
	size_t template_octets, name_octets;
	uint64_t evicted;
	struct decode_counters gone;	/* of exporters that were evicted */
};

/* False when out of memory. */
bool exporters_init(struct exporters *all, const struct decoder_limits *limits,
    uint64_t seed);
void exporters_fini(struct exporters *all);

/* The exporter with this address, made if need be; NULL out of memory. */
struct exporter *exporter_get(struct exporters *all, const struct addr *addr);
/* Forget the one that can best be spared, but not keep; false if none can. */
bool exporter_evict(struct exporters *all, const struct exporter *keep);
/* It brought a flow: it is evicted later than those that never did. */
void exporter_prove(struct exporters *all, struct exporter *x);
/* Sum of its own counters and those of its streams. */
struct decode_counters exporter_counters(const struct exporter *x);

/*
 * The stream of a message, made if need be; NULL when out of memory. A
 * message from a new port whose sequence number is the one that a stream of
 * the same version and domain expects, which has brought flows, is taken for
 * that stream: its exporter sends from changing ports.
 */
struct stream *stream_get(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port);

/* Forget a stream with all it has; its counters go to the exporter's. */
void stream_remove(struct exporters *all, struct stream *s);

/* The template of the stream with this number, or NULL. Marks it used. */
struct template *template_get(struct exporters *all, struct stream *s,
    uint16_t id);
/*
 * The template that other streams of the exporter with the same version and
 * domain have under this number, when all that have one have the same.
 */
struct template *template_borrow(struct exporters *all, struct stream *s,
    uint16_t id);
/* Take t over, in place of the one with its number. */
void template_add(struct exporters *all, struct stream *s, struct template *t);
void template_remove(struct exporters *all, struct template *t);
/* Remove all flow templates, or all options templates, of a stream. */
void template_remove_all(struct exporters *all, struct stream *s,
    bool options);

/* Remember a name; refused and counted past the limits. */
void name_set(struct exporters *all, struct stream *s, enum name_kind kind,
    struct bytes key, struct bytes text);
void name_remove(struct exporters *all, struct exporter *x,
    struct name *name);
/* The name, or NULL. */
const struct name *name_get(const struct exporters *all,
    const struct exporter *x, enum name_kind kind, struct bytes key);

/* What a decoder keeps; for report.c. */
const struct exporters *decoder_exporters(const struct decoder *dec);

/* Add up counters. */
void counters_add(struct decode_counters *sum,
    const struct decode_counters *more);

#endif
