/*
 * The decoder: walks over messages and their sets; see decode.h.
 *
 * A datagram is begun once and continued as often as the batch is full. What
 * is between two calls is in struct decoder: the sets still to come, and the
 * records still to come of the set at hand.
 */
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "decode.h"
#include "decoder.h"
#include "early.h"
#include "exporters.h"
#include "finish.h"
#include "limit_hit.h"
#include "options_data.h"
#include "sampling.h"
#include "session.h"
#include "stated.h"
#include "stream.h"

enum {
	SET_DATA_MIN = 256,
	FLOWS_FREE = 64,		/* however small they are */
	/* Holding a set costs: so often a datagram. */
	HOLDS_MAX = 32,
	OPTIONS_ROWS = 64
};

/* The records at hand: of a set of the datagram, or of one that was held. */
struct work {
	const struct plan *plan;	/* NULL: none */
	struct template *template;
	struct bytes records;		/* not yet decoded */
	const struct message *message;	/* they came in */
	struct stream *stream;
	struct early *held;		/* or NULL */
	size_t room;			/* flows it may still bring */
	unsigned room_limit;		/* which limit says so */
};

/* Where we are in the datagram that was begun. */
struct progress {
	struct exporter *exporter;	/* NULL: nothing to do */
	struct stream *stream;
	struct wire sets;		/* not yet looked at */
	struct work work;
	uint32_t nrecords[2];		/* of flows, of options: so far */
	uint32_t ntemplates;		/* records of them */
	uint32_t nholds;
	bool counted_all;		/* no data set was passed over */
	bool guessed_all;		/* those that were may have nguessed */
	uint32_t nguessed[2];
	bool restarted;
	bool follows;			/* by sequence, on the one before */
	int64_t clock_ns;		/* since the exporter's last datagram */
	uint64_t nflows;
	size_t room;			/* flows it may still bring */
	unsigned room_limit;		/* which limit says so */
	struct message message;		/* last: see begin_exporter() */
};

struct decoder {
	struct exporters all;
	struct progress at;
	struct template *built_in[VERSION_COUNT];
	struct batch *options;		/* for options data records */
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

/* The counters that the message at hand is counted in. */
static struct decode_counters *
counters(struct progress *at)
{
	return at->stream != NULL ? &at->stream->counters
				  : &at->exporter->counters;
}

static void
count_malformed(struct progress *at, int minus_reason)
{
	counters(at)->malformed[-minus_reason]++;
}

/* One of the records at hand runs past their end; how many there were? */
static void
count_overrun(struct progress *at)
{
	at->work.stream->counters.malformed[MALFORMED_RECORD_OVERRUN]++;
	at->counted_all &= at->work.held != NULL;
	at->guessed_all &= at->work.held != NULL;
}

/* An uptime that goes back by a minute and more, but for its own wrap. */
static bool
uptime_restarted(const struct stream *s, const struct message *m)
{
	const uint32_t minute_ms = 60000;

	return m->version->off_uptime_ms != 0 &&
	    (int32_t)(s->last_uptime_ms - m->uptime_ms) > (int32_t)minute_ms;
}

static void
begin_work(struct progress *at, struct template *t, struct bytes records)
{
	at->work = (struct work) {
		.plan = &t->plan, .template = t, .records = records,
		.message = &at->message, .stream = at->stream,
		.room = at->room, .room_limit = at->room_limit,
	};
}

/* v1 to v7: one set of records that needs no template. */
static void
begin_records(struct decoder *dec, struct bytes body)
{
	struct progress *at = &dec->at;

	begin_work(at, dec->built_in[at->message.version - versions], body);
	wire_init(&at->sets, (struct bytes) { body.ptr, 0 });
}

/*
 * How many flows a datagram may bring. Records of an octet would make a log
 * grow by a hundred times of what was sent. Called for each datagram, so that
 * it multiplies by 2^32 / flow_octets, rounded up, instead of dividing: which
 * is the same for 16 bits of each.
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

	/* All but the message, which is read next. */
	memset(&dec->at, 0, offsetof(struct progress, message));
	dec->at.exporter = x;
	dec->at.counted_all = true;
	dec->at.guessed_all = true;
	dec->at.room = flows_allowed(&dec->all, d->payload.len,
	    &dec->at.room_limit);
	if (x == NULL) {
		dec->all.gone.datagrams++;
		dec->all.gone.refused_datagrams++;
		return false;
	}
	return true;
}

/* Find the stream and see whether it began anew; false without memory. */
static bool
begin_stream(struct decoder *dec, const struct datagram *d,
    struct bytes body)
{
	struct progress *at = &dec->at;

	at->stream = stream_get(&dec->all, at->exporter, &at->message, body,
	    d->port);
	if (at->stream == NULL)
		return false;
	at->restarted = uptime_restarted(at->stream, &at->message);
	at->stream->last_uptime_ms = at->message.uptime_ms;
	stream_heard(at->stream, d->recv_ns);
	at->clock_ns = at->message.export_ns - at->exporter->export_ns;
	at->exporter->export_ns = at->message.export_ns;
	if (at->message.export_ns != 0)
		clock_offset_note(&at->exporter->clock, at->message.export_ns,
		    at->message.export_nsec == 0, d->recv_ns);
	return true;
}

/* Not a protocol or version that is read: that is news once. */
static void
note_foreign(struct decoder *dec, const struct datagram *d, bool sflow)
{
	struct exporter *x = dec->at.exporter;
	bool known = x->foreign.seen;

	x->foreign = (struct foreign) { .seen = true, .sflow = sflow,
		.version = load_be16(d->payload.ptr) };
	dec->all.last_foreign = x->foreign;
	if (!known)
		list_insert_first(&dec->all.foreign, &x->foreign_link);
}

void
decoder_begin(struct decoder *dec, const struct datagram *d)
{
	struct progress *at = &dec->at;
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
	counters(at)->datagrams++;
	counters(at)->octets += d->payload.len;
	if (bad < 0)
		count_malformed(at, bad);
	if (bad == -MALFORMED_VERSION || bad == -MALFORMED_SFLOW)
		note_foreign(dec, d, bad == -MALFORMED_SFLOW);
	if (body.ptr == NULL)
		at->exporter = NULL;
	else if (at->message.version->sets)
		wire_init(&at->sets, body);
	else if (body.len > 0)
		begin_records(dec, body);
	else
		at->exporter = NULL;
}

/* Learn one template, or take one back. */
static void
learn_template(struct decoder *dec, const struct template_record *rec,
    bool options)
{
	struct progress *at = &dec->at;
	struct template *t = template_get(&dec->all, at->stream, rec->id);

	if (t != NULL && template_same(t, rec, dec->fields, options)) {
		t->seen_ns = at->message.recv_ns;
		counters(at)->templates++;
		return;
	}
	t = template_new(rec, dec->fields, options,
	    dec->all.limits.flow_others);
	if (t == NULL) {
		counters(at)->refused_templates++;
		return;
	}
	t->seen_ns = at->message.recv_ns;
	if (!template_add(&dec->all, at->stream, t))
		return;
	counters(at)->templates++;
	early_ready(&dec->all, at->stream, rec->id);
}

/* RFC 7011, 8.1; the number of the set itself means all of its kind. */
static void
withdraw_template(struct decoder *dec, uint16_t id, bool options)
{
	struct progress *at = &dec->at;
	struct template *t;

	counters(at)->withdrawals++;
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
 * A template that is bad in itself is passed over; one that cannot be read to
 * its end takes the rest of its set with it.
 */
static void
read_template_set(struct decoder *dec, struct bytes set, bool options)
{
	struct progress *at = &dec->at;
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
 * How many records would it be by the templates of the exporter? When the next
 * messages from other ports have the numbers that follow, they are its own.
 */
static void
guess_records(struct decoder *dec, uint16_t id, struct bytes set)
{
	struct progress *at = &dec->at;
	const struct template *t = template_guess(&dec->all, at->stream, id);

	at->guessed_all &= t != NULL;
	if (t != NULL)
		at->nguessed[t->options] += (uint32_t)plan_count(&t->plan,
		    &dec->scratch, set);
}

/* No template: perhaps it comes yet. */
static void
hold_data_set(struct decoder *dec, uint16_t id, struct bytes set)
{
	struct progress *at = &dec->at;

	counters(at)->no_template++;
	at->counted_all = false;
	if (at->nholds++ >= HOLDS_MAX) {
		counters(at)->early_refused++;
		at->guessed_all = false;
		return;
	}
	early_hold(&dec->all, at->stream, &at->message, id, set);
	if (unit_counts_records(counting_unit(session_counting(at->stream))))
		guess_records(dec, id, set);
}

static void
begin_data_set(struct decoder *dec, uint16_t id, struct bytes set)
{
	struct progress *at = &dec->at;
	struct template *t = template_get(&dec->all, at->stream, id);

	if (t == NULL) {
		t = template_borrow(&dec->all, at->stream, id);
		if (t != NULL) {
			counters(at)->borrowed++;
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

/* Records whose template came in the meantime. False when there are none. */
static bool
begin_held(struct decoder *dec)
{
	struct progress *at = &dec->at;
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

/* All records at hand are decoded. */
static void
end_work(struct progress *at)
{
	if (at->work.held != NULL)
		early_free(at->work.held);
	else
		at->room = at->work.room;
	at->work.plan = NULL;
	at->work.held = NULL;
}

/* What came in this datagram counts in its sequence. */
static void
count_records(struct progress *at, size_t n)
{
	if (at->work.held == NULL)
		at->nrecords[at->work.template->options] += (uint32_t)n;
}

/* Step over what plan_run() used. */
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

/* Options data: to the state of the exporter, not to the batch. */
static void
decode_options(struct decoder *dec)
{
	struct progress *at = &dec->at;
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

/* The datagram has had its flows: count what is in the rest of the set. */
static void
pass_over_flows(struct decoder *dec)
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
first_flows(struct decoder *dec, struct stream *s)
{
	s->brought_flows = true;
	stated_brings_flows(&dec->all, s);
}

/* Headers of IPFIX have no uptime: options data tell when it was 0. */
static const int64_t *
finish_start(struct decoder *dec, int64_t *start_ns)
{
	const struct work *work = &dec->at.work;

	if (work->message->version->off_uptime_ms == 0 &&
	    work->stream->exporter->told &&
	    sampling_start(&dec->all, work->stream, work->template->id,
		start_ns))
		return start_ns;
	return NULL;
}

/* What the n rows from first on have beside what was loaded. */
static void
finish_flows(struct decoder *dec, struct batch *batch, size_t first, size_t n)
{
	struct work *work = &dec->at.work;
	struct decode_counters *c = &work->stream->counters;
	const struct sampling_rows rows = { &dec->all, work->stream,
		work->message, work->template, batch, first, n };
	int64_t start_ns;

	message_fill(work->message, batch, first, n);
	finish_rows(work->plan, work->message, finish_start(dec, &start_ns),
	    batch, first, n);
	if (sampling_wanted(&rows))
		sampling_finish(&rows);
	dec->at.nflows += n;
	work->room -= n;
	if (!work->stream->brought_flows)
		first_flows(dec, work->stream);
	c->flows += n;
	c->structured += n * work->plan->nstructured;
	c->excess_others += n * work->plan->nexcess;
	if (work->plan->nexcess > 0)
		limit_hit(&dec->all, work->stream->exporter, c,
		    DECODER_LIMIT_flow_others);
}

/* Records at hand into the batch; true when that is full. */
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
		finish_flows(dec, batch, first, n);
	} while (end == PLAN_FULL);
	if (end == PLAN_FULL && work->room > 0)
		return true;
	if (end == PLAN_FULL)
		pass_over_flows(dec);
	if (end == PLAN_OVERRUN)
		count_overrun(&dec->at);
	end_work(&dec->at);
	return false;
}

/*
 * No set begins at from, nor can one be found behind it. Zeros up to the end
 * are padding that exporters send, however many: no set has a length of 0.
 * Else there may be records in what is passed over.
 */
static bool
end_sets(struct progress *at, const uint8_t *from, int minus_reason)
{
	struct bytes rest = { from, (size_t)(at->sets.end - from) };

	if (!bytes_zero(rest)) {
		count_malformed(at, minus_reason);
		at->counted_all &= rest.len < SET_HEADER;
		at->guessed_all &= rest.len < SET_HEADER;
	}
	at->sets.at = at->sets.end;
	return false;
}

/* Take the next set off; false at the end, and where there is no way on. */
static bool
next_set(struct progress *at, uint16_t *id, struct bytes *set)
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

/* The next number, if sets that wait are as the exporter's templates say. */
static void
guess_next(struct progress *at, const struct counting_message *m)
{
	struct stream *s = at->stream;
	enum sequence_unit unit = counting_unit(session_counting(s));
	struct counting_records has = m->has;

	if (!unit_counts_records(unit))
		return;
	has.flows = (uint16_t)(has.flows + at->nguessed[false]);
	has.options = (uint16_t)(has.options + at->nguessed[true]);
	s->guessed = true;
	s->guess = m->number + counting_units_of(unit, &has);
}

/* What the message holds is known now, and with it which number is next. */
static void
note_sequence(struct decoder *dec)
{
	struct progress *at = &dec->at;
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

	s->guessed = false;
	at->follows = (s->session == NULL &&
			  counting_note_next(&s->counting, &m)) ||
	    session_note(&dec->all, s, &m).follows;
	if (!at->counted_all && at->guessed_all)
		guess_next(at, &m);
}

/*
 * Does the exporter go on, so that it may settle? By its sequence numbers; or,
 * as version 1 has none and some exporters send nonsense, by its clock.
 */
static void
note_tenure(struct decoder *dec)
{
	struct progress *at = &dec->at;
	const int64_t hour_ns = INT64_C(3600000000000);
	int64_t now_ns = at->message.recv_ns;
	bool clock_runs = at->clock_ns > 0 && at->clock_ns < hour_ns;

	if (!at->follows && (!clock_runs || at->restarted ||
				!at->stream->brought_flows))
		return;
	exporter_went_on(&dec->all, at->exporter, now_ns);
}

/* The datagram is done: what is known only now. */
static void
end_message(struct decoder *dec)
{
	struct progress *at = &dec->at;
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
		note_tenure(dec);
	at->exporter = NULL;
}

/* What is to be decoded next: what was held is older. False: nothing. */
static bool
next_work(struct decoder *dec)
{
	struct progress *at = &dec->at;
	struct bytes set;
	uint16_t id;

	while (at->work.plan == NULL) {
		if (!list_empty(&dec->all.ready) && begin_held(dec))
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
	struct progress *at = &dec->at;

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
