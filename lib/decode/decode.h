/*
 * The decoder: export datagrams in, rows of a batch out.
 *
 *	decoder_begin(dec, &datagram);
 *	while (decoder_next(dec, batch))
 *		... the batch is full: use its rows and batch_reset() it ...
 *	... the datagram is done; rows may be left in the batch ...
 *
 * Data sets without their template are held for it; flows of such sets come
 * with the datagram that brings the template, and have the time of their own.
 *
 * It keeps, for each exporter, what the protocols need: templates, options,
 * sequence numbers; and counters of everything that went by. No datagram is
 * fatal: what is malformed is counted under its name (malformed.def) and what
 * was good before it in the datagram is kept.
 *
 * Pure: no sockets, no clock, no logging. Called by the engine of the daemon,
 * flowd -r, and flowd-reader on captures.
 * Tests: test/unit/decode/, test/scenarios/; fuzz: fuzz/fuzz_decode.c.
 */
#ifndef FLOWD_DECODE_H
#define FLOWD_DECODE_H

#include "addr.h"
#include "batch.h"
#include "buf.h"
#include "counter.h"
#include "datagram.h"
#include "limit.h"
#include "malformed.h"
#include "result.h"
#include "sampling_rule.h"

struct decoder;

/* What one limit did to all exporters. */
struct decoder_limit_state {
	uint64_t value;		/* of the limit */
	uint64_t hits;		/* how often it took or refused something */
	struct addr last;	/* who was hit last, if any */
};

/* Of the whole decoder, exporters that were forgotten included. */
struct decoder_totals {
	struct decode_counters counters;
	struct decode_counters most;	/* the same, but those of sequence
					 * numbers as they ever were at most:
					 * for metrics */
	struct foreign foreign;		/* the last */
	uint64_t evicted_exporters;
	uint64_t evicted_settled;	/* of them, those that were settled */
	uint32_t exporters;		/* known now */
	uint32_t settled;		/* of them: see exporter.h */
	uint32_t streams;
	uint32_t templates;
	uint32_t names;
	uint32_t early;			/* sets that wait for a template */
	size_t template_octets, name_octets, early_octets;
};

/* What is known of one exporter; borrowed. */
struct exporter_info {
	struct addr addr;
	int64_t first_ns, last_ns;	/* datagrams received */
	int64_t last_valid_ns;		/* the last that brought a flow */
	uint16_t last_version;		/* its version */
	uint64_t valid;			/* datagrams that brought flows */
	uint32_t templates;		/* known */
	uint32_t streams;
	uint32_t sampling_interval;	/* of all its flows, or 0 */
	bool has_clock;			/* these are known */
	int64_t clock_offset_ns;	/* how far its clock is ahead of ours,
					 * for certain; negative: behind */
	int64_t clock_range_ns;		/* what it may be further off */
	/* What its sequence numbers count: "flows", "datagrams", "records",
	 * "records and templates", "none", "unknown", with ", its own too"
	 * where the number is that behind the datagram, and ", all domains"
	 * where all have one number; "several"; or "" without numbers. */
	const char *sequence_unit;
	bool settled;			/* see exporter.h */
	bool listed;			/* see decoder_list() */
	struct decode_counters counters;
	struct foreign foreign;		/* the last */
	/* The most that those of sequence numbers ever were; for metrics. */
	uint64_t lost_most, late_most, repeated_most, restarts_most;
};

/* What is known of one stream: a port, a version and a domain. */
struct stream_info {
	struct addr addr;		/* of its exporter */
	uint16_t port;
	uint16_t version;
	uint32_t domain;
	const char *state;		/* a word */
	int64_t last_ns;		/* its last datagram */
	uint32_t templates;		/* known */
	const char *sequence_unit;	/* see struct exporter_info */
	struct decode_counters counters;
};

/* What is known of one template. */
struct template_info {
	struct addr addr;		/* of its exporter */
	uint16_t port;
	uint16_t version;
	uint32_t domain;
	uint16_t id;
	bool options;
	uint16_t nfields;
	uint32_t record_octets;		/* that are not variable */
	uint64_t records;		/* decoded with it */
	int64_t seen_ns;		/* when it was last sent */
	const void *fields;		/* for decoder_put_fields() */
};

/* Where a sampling rate is from. */
enum rate_origin {
	RATE_CONFIGURED,
	RATE_IN_HEADER,		/* of version 5 */
	RATE_IN_RECORDS,
	RATE_IN_OPTIONS,
	RATE_ORIGINS
};

enum {
	RATE_STATE_MAX = 80
};

extern const char *const rate_origin_word[RATE_ORIGINS];

/* What is known of one sampling rate; borrowed. */
struct rate_info {
	struct addr addr;		/* of its exporter */
	enum rate_origin origin;
	uint16_t version;		/* 0: not of a port and domain */
	uint16_t port;
	uint32_t domain;
	const char *scope;		/* of options data, else NULL */
	uint32_t interval;		/* 0: off */
	uint8_t algorithm;
	uint64_t flows;			/* that it was used for */
	int64_t seen_ns;		/* of options data; else 0 */
	const char *state;		/* "good", or what is not */
};

/* NULL when out of memory. seed makes hashing unpredictable to senders. */
struct decoder *decoder_new(const struct decoder_limits *limits,
    uint64_t seed);
void decoder_free(struct decoder *dec);

/*
 * Rates that count, whatever the exporters say; borrowed until others are set
 * or the decoder is freed.
 */
void decoder_set_rates(struct decoder *dec, const struct decoder_rate *rates,
    size_t n);

void decoder_begin(struct decoder *dec, const struct datagram *d);
/*
 * Append rows of the datagram begun. Returns true when the batch is full and
 * there is more: call again with an emptied batch. False: the datagram is
 * done.
 */
bool decoder_next(struct decoder *dec, struct batch *batch);

void decoder_limit(const struct decoder *dec, unsigned limit,
    struct decoder_limit_state *state);
/* Of all limits. As cheap as that, to see whether there are more. */
uint64_t decoder_hits(const struct decoder *dec);
void decoder_totals(const struct decoder *dec, struct decoder_totals *t);
/*
 * For metrics, where a name that comes and goes is kept for long: have this
 * many of the exporters that are settled be listed, at most. Who is listed
 * stays so while there is room. False when out of memory: then it is as it was.
 */
bool decoder_list(struct decoder *dec, size_t most);
/*
 * All that are not listed, and those that are known no more, as one without an
 * address. Its counters do not fall when some are listed or forgotten.
 */
void decoder_others(const struct decoder *dec, struct exporter_info *others);

/*
 * Call fn for every exporter known, in order of address; stops and returns
 * what fn returned when that is not 0.
 */
int decoder_each_exporter(const struct decoder *dec,
    int (*fn)(const struct exporter_info *info, void *arg), void *arg);

/*
 * The same for the streams of an exporter, those that were used last first.
 */
int decoder_each_stream(const struct decoder *dec, const struct addr *of,
    int (*fn)(const struct stream_info *info, void *arg), void *arg);

/*
 * The next exporter from which a datagram has come that is of no protocol or
 * version that is read; each comes up once, while it is known. False: none.
 */
bool decoder_foreign_next(struct decoder *dec, struct addr *addr,
    struct foreign *foreign);
/* What it is, and what is read: "sFlow; ..." */
void decoder_put_foreign(const struct foreign *f, struct buf *out);
/* Why datagrams with these counters, and with no flows, gave none. */
void decoder_put_diagnosis(const struct decode_counters *c,
    const struct foreign *foreign, struct buf *out);
/* What was counted since it was less. */
void decoder_counters_less(struct decode_counters *c,
    const struct decode_counters *less);

/*
 * The same for the templates of an exporter, or with NULL of all, by exporter
 * and then as they were used last.
 */
int decoder_each_template(const struct decoder *dec, const struct addr *only,
    int (*fn)(const struct template_info *info, void *arg), void *arg);
/* Its fields as text: octetDeltaCount:4 interfaceName:v */
void decoder_put_fields(const struct template_info *info, struct buf *out);

/* The same for sampling rates: the last four of headers and records. */
int decoder_each_rate(const struct decoder *dec, const struct addr *only,
    int (*fn)(const struct rate_info *info, void *arg), void *arg);

/* What a report of exporters has beside the exporters themselves. */
enum decoder_report {
	REPORT_STREAMS = 1 << 0,	/* ports and domains, sampling rates */
	REPORT_TEMPLATES = 1 << 1,	/* and their templates, with fields */
	REPORT_NAMES = 1 << 2,		/* of interfaces, VRFs, ... */
	REPORT_ALL = REPORT_STREAMS | REPORT_TEMPLATES | REPORT_NAMES
};

/*
 * Exporters as JSON, one a line in order of address: when they were heard of,
 * their rank, sampling interval and counters, of which those that are zero are
 * left out. parts are of enum decoder_report; only takes one exporter, or NULL
 * all. For flowctl.
 */
void decoder_report(const struct decoder *dec, unsigned parts,
    const struct addr *only, struct buf *out);
/* Everything of every exporter. For flowd-reader --exporters, and tests. */
void decoder_dump(const struct decoder *dec, struct buf *out);
/* One line of JSON: how much is known, the memory it takes, all counters. */
void decoder_report_totals(const struct decoder *dec, struct buf *out);

/*
 * State that outlives the process: exporters with their templates, sampling,
 * names and sequence numbers, but no counters. The format is flowd-state(5).
 *
 * decoder_generation() changes when templates, sampling, names or the rank of
 * an exporter did: then it is worth saving again. Sequence numbers do not
 * count; save them before the end. A flood can change it with every datagram,
 * so do not save more often than every few seconds.
 *
 * decoder_save() appends the state to out; buf_ok() says whether it fitted.
 *
 * decoder_load() is for a decoder that is new, or has seen little: what came
 * from the network since stays. The state is untrusted, its templates are
 * checked as those of datagrams are, and the limits hold. Returns 0, or
 * FLOWD_EFORMAT, FLOWD_EVERSION or FLOWD_ECHECKSUM; the last two took nothing,
 * FLOWD_EFORMAT what was good before the bad item.
 */
struct decoder_load {
	/* Exporters to take, or NULL for all: where several decoders share
	 * a state, each takes its own. */
	bool (*accept)(const struct addr *addr, void *arg);
	void *arg;
	int64_t oldest_ns;	/* none that were last heard of before */
};

struct decoder_loaded {
	uint32_t exporters, templates, names;
	uint32_t refused;	/* templates that are malformed */
};

/*
 * Take the first of several states that lie one behind the other, by its
 * length; what has none is taken whole. Empty when there is none left.
 */
struct bytes decoder_state_next(struct bytes *states);

uint64_t decoder_generation(const struct decoder *dec);
void decoder_save(const struct decoder *dec, struct buf *out);
/* how may be NULL; err too. */
int decoder_load(struct decoder *dec, struct bytes state,
    const struct decoder_load *how, struct decoder_loaded *loaded,
    struct flowd_error *err);

#endif
