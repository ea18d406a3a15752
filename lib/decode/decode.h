/*
 * The decoder turns export datagrams into rows of a batch.
 *
 *	decoder_begin(dec, &datagram);
 *	while (decoder_next(dec, batch))
 *		... the batch is full: use its rows and batch_reset() it ...
 *	... the datagram is done; the batch may still hold rows ...
 *
 * The decoder holds data sets that arrive before their template. Their flows
 * come with the datagram that brings the template, and keep their own times.
 *
 * The decoder keeps the templates, options data and sequence numbers of each
 * exporter, and counts everything it receives. No datagram is fatal: an error
 * is counted under its name (malformed.def), and what precedes it is decoded.
 *
 * The decoder opens no sockets, reads no clock and logs nothing. The daemon's
 * engine, flowd -r and flowd-reader use it.
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

/* The effect of one limit on all exporters. */
struct decoder_limit_state {
	uint64_t value;		/* configured or default */
	uint64_t hits;		/* how often it evicted or refused something */
	struct addr last;	/* the exporter it last applied to, if any */
};

/* Sums over all exporters, including those evicted. */
struct decoder_totals {
	struct decode_counters counters;
	/*
	 * As counters, but the sequence counters hold their highest values. For
	 * metrics, which must not decrease.
	 */
	struct decode_counters most;
	struct unsupported unsupported;		/* the last one seen */
	uint64_t evicted_exporters;
	uint64_t evicted_settled;	/* of these, how many were settled */
	uint32_t exporters;		/* known now */
	uint32_t settled; /* of these; exporter.h defines settled */
	uint32_t streams;
	uint32_t templates;
	uint32_t names;
	uint32_t early;			/* data sets waiting for a template */
	size_t template_octets, name_octets, early_octets;
};

/* What is known of one exporter. Borrowed. */
struct exporter_info {
	struct addr addr;
	int64_t first_ns, last_ns;	/* of datagrams received */
	int64_t last_valid_ns;		/* the last datagram with a flow */
	uint16_t last_version;		/* its version */
	uint64_t valid;			/* datagrams with flows */
	uint32_t templates;		/* known now */
	uint32_t streams;
	uint32_t sampling_interval;	/* of all its flows, or 0 */
	bool has_clock;			/* the two fields below are valid */
	/*
	 * The exporter's clock minus ours, as far as it is certain; negative if
	 * it is behind.
	 */
	int64_t clock_offset_ns;
	int64_t clock_range_ns;		/* the additional uncertainty */
	/*
	 * The unit of the sequence numbers: "flows", "datagrams", "records",
	 * "records and templates", "none", "unknown"; "several" if streams
	 * differ; "" without numbers. ", its own too" is appended where a
	 * datagram's number includes its own units, ", all domains" where all
	 * domains share one sequence.
	 */
	const char *sequence_unit;
	bool settled;			/* exporter.h defines settled */
	bool listed;			/* named in metrics: decoder_list() */
	struct decode_counters counters;
	struct unsupported unsupported;		/* the last one seen */
	/* The highest values of the sequence counters, for metrics. */
	uint64_t lost_most, late_most, repeated_most, restarts_most;
};

/* What is known of one stream: a source port, a version and a domain. */
struct stream_info {
	struct addr addr;		/* of its exporter */
	uint16_t port;
	uint16_t version;
	uint32_t domain;
	/* "new", "works", "changes ports" or "waits for template" */
	const char *state;
	int64_t last_ns;		/* of its last datagram */
	uint32_t templates;		/* known now */
	const char *sequence_unit;	/* as in struct exporter_info */
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
	uint32_t record_octets;		/* of the fields of fixed length */
	uint64_t records;		/* decoded with it */
	int64_t seen_ns;		/* when it was last received */
	const void *fields;		/* for decoder_put_fields() */
};

/* A name that options data gave. Borrowed. */
struct name_info {
	struct addr addr;		/* of its exporter */
	const char *kind;		/* "interface", "vrf", ... */
	struct bytes key; /* a number in octets, without zeros in front */
	const char *text;
};

/* The origin of a sampling rate. */
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

/* What is known of one sampling rate. Borrowed. */
struct rate_info {
	struct addr addr;		/* of its exporter */
	enum rate_origin origin;
	uint16_t version; /* 0: of the exporter, not of one stream */
	uint16_t port;
	uint32_t domain;
	const char *scope;		/* of options data, else NULL */
	uint32_t interval;		/* 0: sampling is off */
	uint8_t algorithm;
	uint64_t flows;			/* to which it was applied */
	int64_t seen_ns; /* when options data last said it; else 0 */
	const char *state;		/* "good", or why it is not used */
};

/*
 * Returns NULL when out of memory. seed keys the hash tables, so that senders
 * cannot choose collisions.
 */
struct decoder *decoder_new(const struct decoder_limits *limits,
    uint64_t seed);
void decoder_free(struct decoder *dec);

/*
 * Sets sampling rates that override those of the exporters. Borrowed until the
 * next call or until the decoder is freed.
 */
void decoder_set_rates(struct decoder *dec, const struct decoder_rate *rates,
    size_t n);

void decoder_begin(struct decoder *dec, const struct datagram *d);
/*
 * Appends rows of the datagram passed to decoder_begin(). Returns true when the
 * batch is full and rows remain: empty the batch and call again. Returns false
 * when the datagram is done.
 */
bool decoder_next(struct decoder *dec, struct batch *batch);

void decoder_limit(const struct decoder *dec, unsigned limit,
    struct decoder_limit_state *state);
/* How often all limits applied together; cheap enough to poll. */
uint64_t decoder_hits(const struct decoder *dec);
void decoder_totals(const struct decoder *dec, struct decoder_totals *t);
/*
 * Chooses up to most settled exporters that metrics name. An exporter once
 * chosen stays chosen while there is room, because metrics keep a label for
 * long. Returns false when out of memory; then nothing changes.
 */
bool decoder_list(struct decoder *dec, size_t most);
/*
 * Sums up all exporters that metrics do not name, including evicted ones, as
 * one without an address. The counters do not decrease when an exporter is
 * chosen or evicted.
 */
void decoder_others(const struct decoder *dec, struct exporter_info *others);

/*
 * Calls fn for each exporter in order of address. Stops when fn returns
 * non-zero, and returns that value.
 */
int decoder_each_exporter(const struct decoder *dec,
    int (*fn)(const struct exporter_info *info, void *arg), void *arg);

/* The same for the streams of an exporter, most recently used first. */
int decoder_each_stream(const struct decoder *dec, const struct addr *of,
    int (*fn)(const struct stream_info *info, void *arg), void *arg);

/*
 * Returns the next exporter that sent a datagram of an unsupported protocol or
 * version. Reports each exporter once while it is known; false: no more.
 */
bool decoder_unsupported_next(struct decoder *dec, struct addr *addr,
    struct unsupported *unsupported);
/* Appends the protocol and what flowd supports: "sFlow; ..." */
void decoder_put_unsupported(const struct unsupported *f, struct buf *out);
/* Appends why datagrams with these counters gave no flows. */
void decoder_put_diagnosis(const struct decode_counters *c,
    const struct unsupported *unsupported, struct buf *out);
/* Subtracts less from c. */
void decoder_counters_less(struct decode_counters *c,
    const struct decode_counters *less);

/*
 * The same for the templates of an exporter, or of all if only is NULL: by
 * exporter, most recently used first.
 */
int decoder_each_template(const struct decoder *dec, const struct addr *only,
    int (*fn)(const struct template_info *info, void *arg), void *arg);
/* Appends its fields as text: octetDeltaCount:4 interfaceName:v */
void decoder_put_fields(const struct template_info *info, struct buf *out);

/*
 * The same for sampling rates. Of headers and records it reports the last four
 * of each stream.
 */
int decoder_each_rate(const struct decoder *dec, const struct addr *only,
    int (*fn)(const struct rate_info *info, void *arg), void *arg);

/*
 * The same for the names that hold for all flows of an exporter. Where there
 * are several behind one address, those of single ports are left out. Returns
 * FLOWD_ENOMEM when out of memory.
 */
int decoder_each_name(const struct decoder *dec, const struct addr *only,
    int (*fn)(const struct name_info *info, void *arg), void *arg);

/* Optional parts of a report. */
enum decoder_report {
	REPORT_STREAMS = 1 << 0,	/* streams and their sampling rates */
	REPORT_TEMPLATES = 1 << 1,	/* their templates, with fields */
	REPORT_NAMES = 1 << 2,		/* of interfaces, VRFs, ... */
	REPORT_ALL = REPORT_STREAMS | REPORT_TEMPLATES | REPORT_NAMES
};

/*
 * Appends exporters as JSON, one object a line, in order of address: times,
 * rank, sampling interval and non-zero counters. parts is a set of enum
 * decoder_report; only selects one exporter, or NULL all. For flowctl.
 */
void decoder_report(const struct decoder *dec, unsigned parts,
    const struct addr *only, struct buf *out);
/*
 * Appends everything about every exporter. For flowd-reader --exporters and
 * tests.
 */
void decoder_dump(const struct decoder *dec, struct buf *out);
/* Appends one line of JSON: totals, memory and all counters. */
void decoder_report_totals(const struct decoder *dec, struct buf *out);

/*
 * State that outlives the process: exporters with their templates, sampling
 * rates, names and sequence numbers, without counters. flowd-state(5) describes
 * the format.
 *
 * decoder_generation() changes when templates, sampling rates, names or the
 * rank of an exporter change, so that the state is worth saving. It does not
 * change with sequence numbers; save these before exit. A flood can change it
 * with every datagram, so limit how often you save.
 *
 * decoder_save() appends the state to out; buf_ok() tells whether it fitted.
 *
 * decoder_load() adds a state to a decoder; what the decoder already knows from
 * the network wins. The state is untrusted: templates pass the checks for
 * datagrams, and all limits apply. Returns 0, FLOWD_EVERSION or FLOWD_ECHECKSUM
 * (nothing was loaded), FLOWD_EFORMAT (items before the bad one were loaded) or
 * FLOWD_ENOMEM.
 */
struct decoder_load {
	/*
	 * Which exporters to load, or NULL for all. Decoders that share a state
	 * each load their own.
	 */
	bool (*accept)(const struct addr *addr, void *arg);
	void *arg;
	int64_t oldest_ns;	/* skip exporters last heard before this time */
};

struct decoder_loaded {
	uint32_t exporters, templates, names;
	uint32_t refused;	/* malformed templates */
};

/*
 * Takes the first of several concatenated states, by the length in its header.
 * Takes all of states if that is not valid. Empty when none is left.
 */
struct bytes decoder_state_next(struct bytes *states);

uint64_t decoder_generation(const struct decoder *dec);
void decoder_save(const struct decoder *dec, struct buf *out);
/* how and err may be NULL. */
int decoder_load(struct decoder *dec, struct bytes state,
    const struct decoder_load *how, struct decoder_loaded *loaded,
    struct flowd_error *err);

#endif
