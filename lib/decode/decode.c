/*
 * The decoder: walks over messages and their sets; see decode.h.
 *
 * A datagram is begun once and continued as often as the batch is full. What
 * is between two calls is in struct decoder: the sets still to come, and the
 * records still to come of the set at hand.
 */
#include <stdlib.h>

#include "decode.h"
#include "exporter.h"
#include "finish.h"

enum {
	SET_HEADER = 4,
	SET_DATA_MIN = 256,
	FLOWS_FREE = 64,		/* however small they are */
	OPTIONS_ROWS = 64
};

/* Where we are in the datagram that was begun. */
struct progress {
	struct message message;
	struct exporter *exporter;	/* NULL: nothing to do */
	struct stream *stream;
	struct wire sets;		/* not yet looked at */
	const struct plan *plan;	/* of the data set at hand, or NULL */
	struct template *template;	/* whose plan it is; NULL: built in */
	struct bytes records;		/* of that set, not yet decoded */
	uint32_t nrecords;		/* data records so far: IPFIX counts */
	bool counted_all;		/* no data set was passed over */
	bool restarted;
	bool follows;			/* by sequence, on the one before */
	uint64_t nflows;
	size_t room;			/* flows it may still bring */
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

/* Malformed, and nobody knows how many records were in it. */
static void
count_broken(struct progress *at, int minus_reason)
{
	count_malformed(at, minus_reason);
	at->counted_all = false;
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
note_sequence(struct progress *at, uint32_t units)
{
	const struct sequence_message m = {
		.number = at->message.sequence,
		.units = units,
		.export_ns = at->message.export_ns,
		.restarted = at->restarted,
	};
	struct sequence_change change = sequence_note(&at->stream->sequence,
	    &m);
	struct decode_counters *c = counters(at);

	at->follows = change.follows;
	c->lost += (uint64_t)change.lost;
	c->late += change.late;
	c->repeated += (uint64_t)change.repeated;
	c->restarts += change.restarts;
}

/* v1 to v7: one set of records that needs no template. */
static void
begin_records(struct decoder *dec, struct bytes body)
{
	struct progress *at = &dec->at;

	at->template = dec->built_in[at->message.version - versions];
	at->plan = &at->template->plan;
	at->records = body;
	wire_init(&at->sets, (struct bytes) { body.ptr, 0 });
	if (at->message.version->sequence_unit == SEQUENCE_FLOWS)
		note_sequence(at, at->message.nrecords);
}

static void
begin_sets(struct decoder *dec, struct bytes body)
{
	struct progress *at = &dec->at;

	wire_init(&at->sets, body);
	if (at->message.version->sequence_unit == SEQUENCE_MESSAGES)
		note_sequence(at, 1);
}

/*
 * How many flows a datagram may bring. Records of an octet would make a log
 * grow by a hundred times of what was sent.
 */
static size_t
flows_allowed(const struct decoder_limits *l, size_t octets)
{
	size_t n = octets / l->flow_octets;

	if (n < FLOWS_FREE)
		n = FLOWS_FREE;
	return n < l->datagram_flows ? n : l->datagram_flows;
}

static bool
begin_exporter(struct decoder *dec, const struct datagram *d)
{
	struct exporter *x = exporter_get(&dec->all, &d->src, d->recv_ns);

	dec->at = (struct progress) {
		.exporter = x, .counted_all = true,
		.room = flows_allowed(&dec->all.limits, d->payload.len),
	};
	if (x == NULL) {
		dec->all.gone.datagrams++;
		dec->all.gone.refused_datagrams++;
		return false;
	}
	return true;
}

/* Find the stream and see whether it began anew; false without memory. */
static bool
begin_stream(struct decoder *dec, const struct datagram *d)
{
	struct progress *at = &dec->at;

	at->stream = stream_get(&dec->all, at->exporter, &at->message,
	    d->port);
	if (at->stream == NULL)
		return false;
	at->restarted = uptime_restarted(at->stream, &at->message);
	at->stream->last_uptime_ms = at->message.uptime_ms;
	return true;
}

void
decoder_begin(struct decoder *dec, const struct datagram *d)
{
	struct progress *at = &dec->at;
	struct bytes body = { NULL, 0 };
	int bad;

	if (!begin_exporter(dec, d))
		return;
	bad = message_read(&at->message, d, &body);
	if (at->message.version != NULL && body.ptr != NULL &&
	    !begin_stream(dec, d)) {
		at->exporter->counters.datagrams++;
		at->exporter->counters.refused_datagrams++;
		at->exporter = NULL;
		return;
	}
	counters(at)->datagrams++;
	counters(at)->octets += d->payload.len;
	if (bad < 0)
		count_malformed(at, bad);
	if (bad < 0 && bad != -MALFORMED_MESSAGE_LENGTH)
		at->exporter = NULL;
	else if (at->message.version->sets)
		begin_sets(dec, body);
	else
		begin_records(dec, body);
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
	if (template_add(&dec->all, at->stream, t))
		counters(at)->templates++;
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

/* What is wrong with a template, as minus an enum malformed, or 0. */
static int
judge_template(const struct decoder *dec, const struct template_record *rec)
{
	if (rec->id < TEMPLATE_ID_MIN)
		return -MALFORMED_TEMPLATE_ID;
	return template_check(rec, dec->fields);
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
		int bad = judge_template(dec, &rec);

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

static struct template *
find_template(struct decoder *dec, uint16_t id)
{
	struct progress *at = &dec->at;
	struct template *t = template_get(&dec->all, at->stream, id);

	return t != NULL ? t : template_borrow(&dec->all, at->stream, id);
}

static void
begin_data_set(struct decoder *dec, uint16_t id, struct bytes set)
{
	struct progress *at = &dec->at;
	struct template *t = find_template(dec, id);

	if (t == NULL) {
		counters(at)->no_template++;
		at->counted_all = false;
		return;
	}
	if (set.len < t->plan.record_len) {
		count_malformed(at, -MALFORMED_SET_WITHOUT_RECORD);
		return;
	}
	at->template = t;
	at->plan = &t->plan;
	at->records = set;
}

static void
apply_names(struct decoder *dec, const struct option_values *v)
{
	for (int kind = 0; kind < NAME_KINDS; kind++)
		if (v->name[kind].len > 0)
			name_set(&dec->all, dec->at.stream,
			    (enum name_kind)kind, v->key[kind], v->name[kind]);
}

/* Options data: to the state of the exporter, not to the batch. */
static void
decode_options(struct decoder *dec)
{
	struct progress *at = &dec->at;
	struct option_values v;
	size_t used, n = 0;
	enum plan_end end;

	do {
		batch_reset(dec->options);
		end = plan_run(at->plan, &dec->scratch, at->records,
		    dec->options, SIZE_MAX, &used, &n);
		at->records.ptr += used;
		at->records.len -= used;
		at->nrecords += (uint32_t)n;
		at->template->records += n;
		counters(at)->options += n;
		for (size_t r = 0; r < n; r++) {
			options_read(batch_bytes(dec->options, COL_other, r),
			    &v);
			sampling_learn(&at->stream->sampling, &v);
			apply_names(dec, &v);
		}
	} while (end == PLAN_FULL);
	if (end == PLAN_OVERRUN)
		count_broken(at, -MALFORMED_RECORD_OVERRUN);
	at->plan = NULL;
}

/* The datagram has had its flows: count what is in the rest of the set. */
static void
pass_over_flows(struct decoder *dec)
{
	struct progress *at = &dec->at;
	size_t n = plan_count(at->plan, &dec->scratch, at->records);

	at->nrecords += (uint32_t)n;
	counters(at)->excess_flows += n;
}

/* Records of the data set at hand into the batch; true when that is full. */
static bool
decode_flows(struct decoder *dec, struct batch *batch)
{
	struct progress *at = &dec->at;
	enum plan_end end;
	size_t used, n;

	do {
		size_t first = batch->nrows;

		end = plan_run(at->plan, &dec->scratch, at->records, batch,
		    at->room, &used, &n);
		at->records.ptr += used;
		at->records.len -= used;
		if (n == 0)
			break;
		message_fill(&at->message, batch, first, n);
		finish_rows(at->plan, &at->message, &at->stream->sampling,
		    batch, first, n);
		at->nrecords += (uint32_t)n;
		at->nflows += n;
		at->room -= n;
		at->template->records += n;
		counters(at)->structured += n * at->plan->nstructured;
		counters(at)->excess_others += n * at->plan->nexcess;
	} while (end == PLAN_FULL);
	if (end == PLAN_FULL && at->room > 0)
		return true;
	if (end == PLAN_FULL)
		pass_over_flows(dec);
	if (end == PLAN_OVERRUN)
		count_broken(at, -MALFORMED_RECORD_OVERRUN);
	at->plan = NULL;
	return false;
}

/* Fewer octets than a set header: zeros are padding that exporters send. */
static void
trailing_octets(struct progress *at)
{
	for (; at->sets.at < at->sets.end; at->sets.at++)
		if (*at->sets.at != 0) {
			count_malformed(at, -MALFORMED_SET_HEADER);
			break;
		}
	at->sets.at = at->sets.end;
}

/* Take the next set off; false at the end, and where there is no way on. */
static bool
next_set(struct progress *at, uint16_t *id, struct bytes *set)
{
	uint16_t len;

	if (wire_left(&at->sets) < SET_HEADER) {
		trailing_octets(at);
		return false;
	}
	*id = wire_u16(&at->sets);
	len = wire_u16(&at->sets);
	if (len < SET_HEADER) {
		count_broken(at, -MALFORMED_SET_LENGTH);
		at->sets.at = at->sets.end;
		return false;
	}
	*set = wire_bytes(&at->sets, len - SET_HEADER);
	if (!wire_ok(&at->sets)) {
		count_broken(at, -MALFORMED_SET_OVERRUN);
		at->sets.at = at->sets.end;
		return false;
	}
	return true;
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

/* Version 1 has no numbers: there flows and an uptime that goes on must do. */
static bool
went_on(const struct progress *at)
{
	if (at->message.version->sequence_unit != SEQUENCE_NONE)
		return at->follows;
	return !at->restarted && at->stream->counters.flows > at->nflows;
}

/* The datagram is done: what is known only now. */
static void
end_message(struct decoder *dec)
{
	struct progress *at = &dec->at;
	struct exporter *x = at->exporter;

	if (at->message.version->sequence_unit == SEQUENCE_RECORDS) {
		note_sequence(at, at->nrecords);
		if (!at->counted_all)
			sequence_forget_next(&at->stream->sequence);
	}
	if (at->nflows > 0) {
		counters(at)->flows += at->nflows;
		x->valid++;
		x->last_valid_ns = at->message.recv_ns;
		x->last_version = at->message.version->number;
		exporter_rank(&dec->all, x, RANK_NEWCOMER);
	}
	if (went_on(at))
		exporter_went_on(&dec->all, x, at->message.recv_ns);
	at->exporter = NULL;
}

bool
decoder_next(struct decoder *dec, struct batch *batch)
{
	struct progress *at = &dec->at;
	struct bytes set;
	uint16_t id;

	if (at->exporter == NULL)
		return false;
	for (;;) {
		if (at->plan != NULL && at->template->options)
			decode_options(dec);
		else if (at->plan != NULL && decode_flows(dec, batch))
			return true;
		if (!next_set(at, &id, &set))
			break;
		begin_set(dec, id, set);
	}
	end_message(dec);
	return false;
}

const struct exporters *
decoder_exporters(const struct decoder *dec)
{
	return &dec->all;
}
