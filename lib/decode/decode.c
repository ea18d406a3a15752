/*
 * The decoder walks over messages and their sets; see decode.h.
 *
 * decoder_begin() starts a datagram and decoder_next() continues it as often as
 * the batch is full. Between calls struct decoder holds the sets and records
 * that remain.
 */
#include <stdlib.h>
#include <string.h>

#include "template_store.h"
#include "decode.h"
#include "decoder.h"
#include "early.h"
#include "exporters.h"
#include "flow_times.h"
#include "limit_hit.h"
#include "options_data.h"
#include "sampling.h"
#include "session.h"
#include "scoped_store.h"
#include "stream.h"

enum {
	SET_DATA_MIN = 256,
	FLOWS_FREE = 64,		/* whatever their size */
	/*
	 * Data sets held for their template, of one datagram: bounds the cost.
	 */
	HOLDS_MAX = 32,
	OPTIONS_ROWS = 64
};

/* The records being decoded: of a set of the datagram, or of a held set. */
struct work {
	const struct plan *plan;	/* NULL: none */
	struct template *template;
	struct bytes records;		/* not yet decoded */
	const struct message *message;	/* that contains them */
	struct stream *stream;
	struct early *held;		/* the held set, or NULL */
	size_t room;			/* flows the datagram may still add */
	unsigned room_limit;		/* which limit bounds it */
};

/* The position in the current datagram. */
struct decoding {
	struct exporter *exporter;	/* NULL: nothing to do */
	struct stream *stream;
	struct wire sets;		/* not yet read */
	struct work work;
	uint32_t nrecords[2];		/* of flows and of options, so far */
	uint32_t ntemplates;		/* template records */
	uint32_t nholds;
	bool counted_all; /* nrecords is complete: no set was skipped */
	bool estimated_all;		/* with nestimated it is complete */
	uint32_t nestimated[2];
	bool restarted;
	bool follows; /* the sequence number continues the stream */
	int64_t clock_ns; /* export time since the exporter's last datagram */
	uint64_t nflows;
	size_t room;			/* flows the datagram may still add */
	unsigned room_limit;		/* which limit bounds it */
	struct message message; /* last: begin_exporter() leaves it as it is */
};

struct decoder {
	struct exporters all;
	struct decoding at;
	struct template *built_in[VERSION_COUNT];
	struct batch *options;		/* rows of options data records */
	struct plan_scratch scratch;
	struct field fields[TEMPLATE_FIELDS_MAX];
};

static bool
built_in_templates(struct decoder *dec)
{
	for (int i = 0; i < VERSION_COUNT; i++) {
		const struct template_record rec = {
			.nfields = versions[i].nfields
		};

		if (versions[i].sets)
			continue;
		dec->built_in[i] = template_new(&rec, versions[i].fields,
		    false, 0);
		if (dec->built_in[i] == NULL)
			return false;
	}
	return true;
}

struct decoder *
decoder_new(const struct decoder_limits *limits, uint64_t seed)
{
	struct decoder *dec = calloc(1, sizeof(*dec));

	if (dec == NULL)
		return NULL;
	dec->options = batch_new(OPTIONS_ROWS);
	if (!exporters_init(&dec->all, limits, seed) || dec->options == NULL ||
	    !built_in_templates(dec)) {
		decoder_free(dec);
		return NULL;
	}
	return dec;
}

void
decoder_free(struct decoder *dec)
{
	if (dec == NULL)
		return;
	if (dec->at.work.held != NULL)
		early_free(dec->at.work.held);
	exporters_fini(&dec->all);
	batch_free(dec->options);
	for (int i = 0; i < VERSION_COUNT; i++)
		template_free(dec->built_in[i]);
	free(dec);
}

/* The counters of the message: its stream's, or its exporter's without one. */
static struct decode_counters *
message_counters(struct decoding *at)
{
	return at->stream != NULL ? &at->stream->counters
				  : &at->exporter->counters;
}

static void
count_malformed(struct decoding *at, int minus_reason)
{
	message_counters(at)->malformed[-minus_reason]++;
}

/* A record runs past the end of its set; the number of records is unknown. */
static void
count_overrun(struct decoding *at)
{
	at->work.stream->counters.malformed[MALFORMED_RECORD_OVERRUN]++;
	at->counted_all &= at->work.held != NULL;
	at->estimated_all &= at->work.held != NULL;
}

/* The uptime went back by a minute or more, other than by its own wrap. */
static bool
uptime_restarted(const struct stream *s, const struct message *m)
{
	const uint32_t minute_ms = 60000;

	return m->version->off_uptime_ms != 0 &&
	    (int32_t)(s->last_uptime_ms - m->uptime_ms) > (int32_t)minute_ms;
}

static void
begin_work(struct decoding *at, struct template *t, struct bytes records)
{
	at->work = (struct work) {
		.plan = &t->plan, .template = t, .records = records,
		.message = &at->message, .stream = at->stream,
		.room = at->room, .room_limit = at->room_limit,
	};
}

/* v1 to v7: one set of records with a built-in template. */
static void
begin_records(struct decoder *dec, struct bytes body)
{
	struct decoding *at = &dec->at;

	begin_work(at, dec->built_in[at->message.version - versions], body);
	wire_init(&at->sets, (struct bytes) { body.ptr, 0 });
}

/*
 * How many flows a datagram may bring. Without a limit, records of one octet
 * would multiply what was sent by a hundred in the log. Multiplies by 2^32 /
 * flow_octets, rounded up, instead of dividing: equal for 16-bit operands.
 */
static size_t
flows_allowed(const struct exporters *all, size_t octets, unsigned *limit)
{
	size_t n = (size_t)(octets * all->flows_per_octet >> 32);

	if (n < FLOWS_FREE)
		n = FLOWS_FREE;
	*limit = DECODER_LIMIT_flow_octets;
	if (n < all->limits.datagram_flows)
		return n;
	*limit = DECODER_LIMIT_datagram_flows;
	return all->limits.datagram_flows;
}

static bool
begin_exporter(struct decoder *dec, const struct datagram *d)
{
	struct exporter *x = exporter_get(&dec->all, &d->src, d->recv_ns);

	/* Everything but the message, which message_read() sets next. */
	memset(&dec->at, 0, offsetof(struct decoding, message));
	dec->at.exporter = x;
	dec->at.counted_all = true;
	dec->at.estimated_all = true;
	dec->at.room = flows_allowed(&dec->all, d->payload.len,
	    &dec->at.room_limit);
	if (x == NULL) {
		dec->all.gone.datagrams++;
		dec->all.gone.refused_datagrams++;
		return false;
	}
	return true;
}

/* Finds or creates the stream, and detects a restart. False: no memory. */
static bool
begin_stream(struct decoder *dec, const struct datagram *d,
    struct bytes body)
{
	struct decoding *at = &dec->at;

	at->stream = stream_get(&dec->all, at->exporter, &at->message, body,
	    d->port);
	if (at->stream == NULL)
		return false;
	at->restarted = uptime_restarted(at->stream, &at->message);
	at->stream->last_uptime_ms = at->message.uptime_ms;
	stream_received(at->stream, d->recv_ns);
	at->clock_ns = at->message.export_ns - at->exporter->export_ns;
	at->exporter->export_ns = at->message.export_ns;
	if (at->message.export_ns != 0)
		clock_offset_note(&at->exporter->clock, at->message.export_ns,
		    at->message.export_nsec == 0, d->recv_ns);
	return true;
}

/* An unsupported protocol or version: reported once for each exporter. */
static void
note_unsupported(struct decoder *dec, const struct datagram *d, bool sflow)
{
	struct exporter *x = dec->at.exporter;
	bool known = x->unsupported.seen;

	x->unsupported = (struct unsupported) { .seen = true, .sflow = sflow,
		.version = load_be16(d->payload.ptr) };
	dec->all.last_unsupported = x->unsupported;
	if (!known)
		list_insert_first(&dec->all.unsupported, &x->unsupported_link);
}

void
decoder_begin(struct decoder *dec, const struct datagram *d)
{
	struct decoding *at = &dec->at;
	struct bytes body = { NULL, 0 };
	int bad;

	if (dec->at.work.held != NULL)
		early_free(dec->at.work.held);
	if (!list_empty(&dec->all.early))
		early_expire(&dec->all, d->recv_ns);
	if (!begin_exporter(dec, d))
		return;
	bad = message_read(&at->message, d, &body);
	if (at->message.version != NULL && body.ptr != NULL &&
	    !begin_stream(dec, d, body)) {
		at->exporter->counters.datagrams++;
		at->exporter->counters.refused_datagrams++;
		at->exporter = NULL;
		return;
	}
	message_counters(at)->datagrams++;
	message_counters(at)->octets += d->payload.len;
	if (bad < 0)
		count_malformed(at, bad);
	if (bad == -MALFORMED_VERSION || bad == -MALFORMED_SFLOW)
		note_unsupported(dec, d, bad == -MALFORMED_SFLOW);
	if (body.ptr == NULL)
		at->exporter = NULL;
	else if (at->message.version->sets)
		wire_init(&at->sets, body);
	else if (body.len > 0)
		begin_records(dec, body);
	else
		at->exporter = NULL;
}

/* Adds or refreshes one template. */
static void
learn_template(struct decoder *dec, const struct template_record *rec,
    bool options)
{
	struct decoding *at = &dec->at;
	struct template *t = template_get(&dec->all, at->stream, rec->id);

	if (t != NULL && template_same(t, rec, dec->fields, options)) {
		t->seen_ns = at->message.recv_ns;
		message_counters(at)->templates++;
		return;
	}
	t = template_new(rec, dec->fields, options,
	    dec->all.limits.flow_others);
	if (t == NULL) {
		message_counters(at)->refused_templates++;
		return;
	}
	t->seen_ns = at->message.recv_ns;
	if (!template_add(&dec->all, at->stream, t))
		return;
	message_counters(at)->templates++;
	early_ready(&dec->all, at->stream, rec->id);
}

/* RFC 7011, 8.1: the set's own number withdraws all templates of its kind. */
static void
withdraw_template(struct decoder *dec, uint16_t id, bool options)
{
	struct decoding *at = &dec->at;
	struct template *t;

	message_counters(at)->withdrawals++;
	if (id < TEMPLATE_ID_MIN) {
		template_remove_all(&dec->all, at->stream, options);
		return;
	}
	t = template_get(&dec->all, at->stream, id);
	if (t != NULL)
		template_remove(&dec->all, t);
}

static bool
is_withdrawal(const struct message *m, const struct template_record *rec,
    bool options)
{
	uint16_t all = options ? m->version->set_options
			       : m->version->set_template;

	return m->version->number == 10 && rec->nfields == 0 &&
	    (rec->id >= TEMPLATE_ID_MIN || rec->id == all);
}

/*
 * Skips a malformed template. If the record cannot be delimited, skips the rest
 * of the set.
 */
static void
read_template_set(struct decoder *dec, struct bytes set, bool options)
{
	struct decoding *at = &dec->at;
	const struct version *v = at->message.version;
	struct template_record rec;
	struct wire w;
	int got;

	wire_init(&w, set);
	while ((got = template_read(&w, options ? v->style_options
						: v->style_template,
		    &rec, dec->fields)) > 0) {
		int bad = template_judge(&rec, dec->fields);

		at->ntemplates++;
		if (is_withdrawal(&at->message, &rec, options))
			withdraw_template(dec, rec.id, options);
		else if (bad < 0)
			count_malformed(at, bad);
		else
			learn_template(dec, &rec, options);
	}
	if (got < 0)
		count_malformed(at, got);
}

/*
 * Estimates the records of a held set with a template of the exporter. If the
 * next messages from other ports have the sequence numbers that follow, they
 * belong to the same exporter.
 */
static void
estimate_records(struct decoder *dec, uint16_t id, struct bytes set)
{
	struct decoding *at = &dec->at;
	const struct template *t = template_expected(&dec->all, at->stream, id);

	at->estimated_all &= t != NULL;
	if (t != NULL)
		at->nestimated[t->options] += (uint32_t)plan_count(&t->plan,
		    &dec->scratch, set);
}

/* The template is missing: hold the set, as the template may still arrive. */
static void
hold_data_set(struct decoder *dec, uint16_t id, struct bytes set)
{
	struct decoding *at = &dec->at;

	message_counters(at)->no_template++;
	at->counted_all = false;
	if (at->nholds++ >= HOLDS_MAX) {
		message_counters(at)->early_refused++;
		at->estimated_all = false;
		return;
	}
	early_hold(&dec->all, at->stream, &at->message, id, set);
	if (unit_counts_records(counting_unit(session_counting(at->stream))))
		estimate_records(dec, id, set);
}

static void
begin_data_set(struct decoder *dec, uint16_t id, struct bytes set)
{
	struct decoding *at = &dec->at;
	struct template *t = template_get(&dec->all, at->stream, id);

	if (t == NULL) {
		t = template_borrow(&dec->all, at->stream, id);
		if (t != NULL) {
			message_counters(at)->borrowed++;
			early_ready(&dec->all, at->stream, id);
		}
	}
	if (t == NULL)
		hold_data_set(dec, id, set);
	else if (set.len < t->plan.record_len)
		count_malformed(at, -MALFORMED_SET_WITHOUT_RECORD);
	else
		begin_work(at, t, set);
}

/* Starts a held set whose template has arrived. False: there is none. */
static bool
begin_early(struct decoder *dec)
{
	struct decoding *at = &dec->at;
	struct template *t;
	struct early *e;

	while ((e = early_take(&dec->all, &t)) != NULL) {
		e->stream->counters.borrowed += t->stream != e->stream;
		if (e->len >= t->plan.record_len)
			break;
		e->stream->counters
		    .malformed[MALFORMED_SET_WITHOUT_RECORD]++;
		early_free(e);
	}
	if (e == NULL)
		return false;
	at->work = (struct work) {
		.plan = &t->plan, .template = t, .records = { e->data, e->len },
		.message = &e->message, .stream = e->stream, .held = e,
	};
	at->work.room = flows_allowed(&dec->all, e->len,
	    &at->work.room_limit);
	return true;
}

/* All records of the set are decoded. */
static void
end_work(struct decoding *at)
{
	if (at->work.held != NULL)
		early_free(at->work.held);
	else
		at->room = at->work.room;
	at->work.plan = NULL;
	at->work.held = NULL;
}

/* Counts records of this datagram for its sequence number. */
static void
count_records(struct decoding *at, size_t n)
{
	if (at->work.held == NULL)
		at->nrecords[at->work.template->options] += (uint32_t)n;
}

/* Runs the plan and advances past the records it decoded. */
static enum plan_end
run_work(struct decoder *dec, struct batch *batch, size_t max, size_t *n)
{
	struct work *work = &dec->at.work;
	enum plan_end end;
	size_t used;

	end = plan_run(work->plan, &dec->scratch, work->records,
	    work->message->export_ns, batch, max, &used, n);
	work->records.ptr += used;
	work->records.len -= used;
	work->template->records += *n;
	count_records(&dec->at, *n);
	return end;
}

/* Options data update the exporter's state; they add no rows to the batch. */
static void
decode_options(struct decoder *dec)
{
	struct decoding *at = &dec->at;
	size_t nscope = template_scope_entries(at->work.template), n;
	enum plan_end end;

	do {
		batch_reset(dec->options);
		end = run_work(dec, dec->options, SIZE_MAX, &n);
		at->work.stream->counters.options += n;
		for (size_t r = 0; r < n; r++)
			options_apply(&dec->all, at->work.stream,
			    batch_bytes(dec->options, COL_other, r), nscope,
			    at->work.message->recv_ns);
	} while (end == PLAN_FULL);
	if (end == PLAN_OVERRUN)
		count_overrun(at);
	end_work(at);
}

/* The datagram is at its limit of flows: count those left in the set. */
static void
skip_flows(struct decoder *dec)
{
	struct work *work = &dec->at.work;
	size_t n = plan_count(work->plan, &dec->scratch, work->records);

	count_records(&dec->at, n);
	work->stream->counters.excess_flows += n;
	if (n > 0)
		limit_hit(&dec->all, work->stream->exporter,
		    &work->stream->counters, work->room_limit);
}

static void
stream_first_flows(struct decoder *dec, struct stream *s)
{
	s->has_flows = true;
	scoped_stop_sharing(&dec->all, s);
}

/* IPFIX headers have no uptime; options data give the time of its zero. */
static const int64_t *
exporter_start(struct decoder *dec, int64_t *start_ns)
{
	const struct work *work = &dec->at.work;

	if (work->message->version->off_uptime_ms == 0 &&
	    work->stream->exporter->has_options &&
	    sampling_start(&dec->all, work->stream, work->template->id,
		start_ns))
		return start_ns;
	return NULL;
}

/* Fills the columns of n rows that the plan does not load. */
static void
complete_flows(struct decoder *dec, struct batch *batch, size_t first, size_t n)
{
	struct work *work = &dec->at.work;
	struct decode_counters *c = &work->stream->counters;
	const struct sampling_rows rows = { &dec->all, work->stream,
		work->message, work->template, batch, first, n };
	int64_t start_ns;

	message_fill(work->message, batch, first, n);
	flow_times_derive(work->plan, work->message,
	    exporter_start(dec, &start_ns), batch, first, n);
	if (sampling_wanted(&rows))
		sampling_fill(&rows);
	dec->at.nflows += n;
	work->room -= n;
	if (!work->stream->has_flows)
		stream_first_flows(dec, work->stream);
	c->flows += n;
	c->structured += n * work->plan->nstructured;
	c->excess_others += n * work->plan->nexcess;
	if (work->plan->nexcess > 0)
		limit_hit(&dec->all, work->stream->exporter, c,
		    DECODER_LIMIT_flow_others);
}

/* Decodes records into the batch. Returns true when the batch is full. */
static bool
decode_flows(struct decoder *dec, struct batch *batch)
{
	struct work *work = &dec->at.work;
	enum plan_end end;
	size_t n;

	do {
		size_t first = batch->nrows;

		end = run_work(dec, batch, work->room, &n);
		if (n == 0)
			break;
		complete_flows(dec, batch, first, n);
	} while (end == PLAN_FULL);
	if (end == PLAN_FULL && work->room > 0)
		return true;
	if (end == PLAN_FULL)
		skip_flows(dec);
	if (end == PLAN_OVERRUN)
		count_overrun(&dec->at);
	end_work(&dec->at);
	return false;
}

/*
 * Ends the sets: none starts at from, and none can be found behind it. Zeros up
 * to the end are padding, of any length, since no set has length 0. Otherwise
 * the skipped octets may contain records.
 */
static bool
end_sets(struct decoding *at, const uint8_t *from, int minus_reason)
{
	struct bytes rest = { from, (size_t)(at->sets.end - from) };

	if (!bytes_zero(rest)) {
		count_malformed(at, minus_reason);
		at->counted_all &= rest.len < SET_HEADER;
		at->estimated_all &= rest.len < SET_HEADER;
	}
	at->sets.at = at->sets.end;
	return false;
}

/* Reads the next set. Returns false at the end, or if a set is malformed. */
static bool
next_set(struct decoding *at, uint16_t *id, struct bytes *set)
{
	const uint8_t *from = at->sets.at;
	uint16_t len;

	if (wire_left(&at->sets) < SET_HEADER)
		return end_sets(at, from, -MALFORMED_SET_HEADER);
	*id = wire_u16(&at->sets);
	len = wire_u16(&at->sets);
	if (len < SET_HEADER)
		return end_sets(at, from, -MALFORMED_SET_LENGTH);
	*set = wire_bytes(&at->sets, len - SET_HEADER);
	return wire_ok(&at->sets) ||
	    end_sets(at, from, -MALFORMED_SET_OVERRUN);
}

static void
begin_set(struct decoder *dec, uint16_t id, struct bytes set)
{
	const struct version *v = dec->at.message.version;

	if (id >= SET_DATA_MIN)
		begin_data_set(dec, id, set);
	else if (id == v->set_template)
		read_template_set(dec, set, false);
	else if (id == v->set_options)
		read_template_set(dec, set, true);
	else
		count_malformed(&dec->at, -MALFORMED_SET_RESERVED);
}

/* The next sequence number, if held sets are what the estimate says. */
static void
estimate_next(struct decoding *at, const struct counting_message *m)
{
	struct stream *s = at->stream;
	enum sequence_unit unit = counting_unit(session_counting(s));
	struct counting_records has = m->has;

	if (!unit_counts_records(unit))
		return;
	has.flows = (uint16_t)(has.flows + at->nestimated[false]);
	has.options = (uint16_t)(has.options + at->nestimated[true]);
	s->has_expected = true;
	s->expected = m->number + counting_units_of(unit, &has);
}

/* All records are counted: note the sequence number. */
static void
note_sequence(struct decoder *dec)
{
	struct decoding *at = &dec->at;
	struct stream *s = at->stream;
	const struct counting_message m = {
		.number = at->message.sequence,
		.has = {
			.flows = (uint16_t)at->nrecords[false],
			.options = (uint16_t)at->nrecords[true],
			.templates = (uint16_t)at->ntemplates,
			.partly = !at->counted_all,
		},
		.export_ns = at->message.export_ns,
		.restarted = at->restarted,
	};

	s->has_expected = false;
	at->follows = (s->session == NULL &&
			  counting_note_next(&s->counting, &m)) ||
	    session_note(&dec->all, s, &m).follows;
	if (!at->counted_all && at->estimated_all)
		estimate_next(at, &m);
}

/*
 * Does the exporter send continuously, so that it may settle? The sequence
 * number tells; or the clock, since version 1 has no numbers and some exporters
 * send invalid ones.
 */
static void
note_continuity(struct decoder *dec)
{
	struct decoding *at = &dec->at;
	const int64_t hour_ns = INT64_C(3600000000000);
	int64_t now_ns = at->message.recv_ns;
	bool clock_runs = at->clock_ns > 0 && at->clock_ns < hour_ns;

	if (!at->follows && (!clock_runs || at->restarted ||
				!at->stream->has_flows))
		return;
	exporter_continued(&dec->all, at->exporter, now_ns);
}

/* The datagram is complete. */
static void
end_message(struct decoder *dec)
{
	struct decoding *at = &dec->at;
	struct exporter *x = at->exporter;

	if (at->message.version->off_sequence != 0)
		note_sequence(dec);
	if (at->nflows > 0) {
		x->valid++;
		x->last_valid_ns = at->message.recv_ns;
		x->last_version = at->message.version->number;
	}
	stream_done(at->stream);
	if (x->rank != RANK_SETTLED)
		note_continuity(dec);
	at->exporter = NULL;
}

/* Selects what to decode next; held sets come first. False: nothing is left. */
static bool
next_work(struct decoder *dec)
{
	struct decoding *at = &dec->at;
	struct bytes set = { NULL, 0 };
	uint16_t id = 0;

	while (at->work.plan == NULL) {
		if (!list_empty(&dec->all.ready) && begin_early(dec))
			break;
		if (!next_set(at, &id, &set))
			return false;
		begin_set(dec, id, set);
	}
	return true;
}

bool
decoder_next(struct decoder *dec, struct batch *batch)
{
	struct decoding *at = &dec->at;

	if (at->exporter == NULL)
		return false;
	while (next_work(dec)) {
		if (at->work.template->options)
			decode_options(dec);
		else if (decode_flows(dec, batch))
			return true;
	}
	end_message(dec);
	return false;
}

struct exporters *
decoder_exporters_of(struct decoder *dec)
{
	return &dec->all;
}

const struct exporters *
decoder_exporters(const struct decoder *dec)
{
	return &dec->all;
}

void
decoder_set_rates(struct decoder *dec, const struct decoder_rate *rates,
    size_t n)
{
	exporters_set_rates(&dec->all, rates, n);
}
