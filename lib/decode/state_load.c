/* Loads a state; see state.h. Test: test/unit/decode/test_state.c. */
#include <stdlib.h>
#include <string.h>

#include "template_store.h"
#include "crc32.h"
#include "decode.h"
#include "decoder.h"
#include "early.h"
#include "exporters.h"
#include "option_name.h"
#include "session.h"
#include "state.h"
#include "scoped_store.h"
#include "stream.h"

struct loader {
	struct exporters *all;
	struct field *fields;
	const struct decoder_load *how;
	struct decoder_loaded *loaded;
	struct exporter *exporter;	/* NULL: skip what belongs to it */
	int64_t last_ns;		/* of the exporter in the state */
	struct stream *stream;		/* NULL: skip what belongs to it */
	bool had_exporter, had_stream;	/* an item of this kind came before */
	bool known_exporter;		/* already known from the network */
	bool known_stream;
};

/* Verifies lengths and checksum before anything else is read. */
static int
check_frame(struct bytes state, struct wire *items, struct flowd_error *err)
{
	struct wire w;
	struct bytes magic;
	unsigned version;
	size_t len;

	wire_init(&w, state);
	magic = wire_bytes(&w, STATE_MAGIC_LEN);
	version = wire_u16(&w);
	(void)wire_u16(&w);
	len = wire_u32(&w);
	if (!wire_ok(&w) || memcmp(magic.ptr, STATE_MAGIC, magic.len) != 0)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "not a state of flowd: it does not begin with %s",
		    STATE_MAGIC);
	if (version != STATE_VERSION)
		return flowd_fail(err, FLOWD_EVERSION,
		    "a state of version %u; version %d is known", version,
		    STATE_VERSION);
	if (wire_left(&w) != len + STATE_TAIL)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "a state of %zu octets that has %zu", len,
		    wire_left(&w));
	wire_init(items, wire_bytes(&w, len));
	if (flowd_crc32(state.ptr, STATE_HEAD + len) != wire_u32(&w))
		return flowd_fail(err, FLOWD_ECHECKSUM,
		    "the checksum of the state does not match");
	return 0;
}

struct bytes
decoder_state_next(struct bytes *states)
{
	struct bytes one = *states;
	struct wire w;
	uint64_t len;

	wire_init(&w, one);
	(void)wire_bytes(&w, STATE_LENGTH_AT);
	len = STATE_HEAD + (uint64_t)wire_u32(&w) + STATE_TAIL;
	if (wire_ok(&w) && len < one.len)
		one.len = (size_t)len;
	*states = bytes_behind(*states, one.len);
	return one;
}

static struct addr
read_addr(struct wire *w)
{
	uint8_t family = wire_u8(w);
	uint32_t scope = wire_u32(w);
	struct addr a = { 0 };
	const uint8_t *p;

	if (family == ADDR_V4) {
		a = addr_from_v4(wire_u32(w));
	} else if (family == ADDR_V6) {
		p = wire_take(w, 16);
		if (p != NULL)
			a = addr_from_v6(addr6_load(p));
	} else {
		w->failed = true;
	}
	a.scope = scope;
	return a;
}

static bool
exporter_is_wanted(const struct decoder_load *how, const struct addr *a,
    int64_t last_ns)
{
	if (how == NULL)
		return true;
	if (last_ns < how->oldest_ns)
		return false;
	return how->accept == NULL || how->accept(a, how->arg);
}

static bool
load_exporter(struct loader *l, struct wire *w)
{
	uint8_t rank = wire_u8(w);
	int64_t first_ns = (int64_t)wire_u64(w);
	int64_t last_ns = (int64_t)wire_u64(w);
	int64_t valid_ns = (int64_t)wire_u64(w);
	uint16_t version = wire_u16(w);
	struct addr a = read_addr(w);
	struct exporter *x;

	if (!wire_ok(w) || rank >= RANKS || first_ns < 0 || last_ns < 0)
		return false;
	l->had_exporter = true;
	l->had_stream = false;
	l->exporter = NULL;
	l->stream = NULL;
	if (!exporter_is_wanted(l->how, &a, last_ns))
		return true;
	x = exporter_known(l->all, &a);
	l->known_exporter = x != NULL;
	if (x == NULL)
		x = exporter_get(l->all, &a, last_ns);
	if (x == NULL)
		return true;
	l->exporter = x;
	l->last_ns = last_ns;
	l->loaded->exporters++;
	if (!l->known_exporter) {
		x->first_ns = first_ns;
		x->last_valid_ns = valid_ns;
		x->last_version = version;
	}
	exporter_rank(l->all, x, (enum rank)rank, last_ns);
	return true;
}

static void
load_sequence(struct stream *s, unsigned flags, uint32_t next,
    int64_t export_ns)
{
	struct sequence *seq = &s->counting.best.sequence;

	if (!(flags & STATE_SEQUENCE_KNOWN))
		return;
	seq->known = true;
	seq->next_is_minimum = (flags & STATE_SEQUENCE_MINIMUM) != 0;
	seq->next = next;
	seq->export_ns = export_ns;
	counting_restore(&s->counting, UNIT(s->counting.default_unit), 0,
	    false);
}

/* The last domain of a session carries its shared sequence, too. */
static bool
load_counting(struct loader *l, struct wire *w)
{
	unsigned units = wire_u8(w);
	uint32_t step = wire_u32(w);
	unsigned flags = wire_u8(w);

	if (!wire_ok(w) || !l->had_stream)
		return false;
	if (l->stream == NULL || l->known_stream)
		return true;
	counting_restore(&l->stream->counting, units, step,
	    (flags & STATE_COUNTING_LEARNT) != 0);
	if (flags & STATE_COUNTING_SHARED)
		session_share(l->all, l->stream);
	return true;
}

static bool
load_stream(struct loader *l, struct wire *w)
{
	const int version = version_find(wire_u16(w));
	uint16_t port = wire_u16(w);
	struct message m = { .domain = wire_u32(w),
		.recv_ns = l->last_ns };
	unsigned flags = wire_u8(w);
	uint32_t next = wire_u32(w);
	int64_t export_ns = (int64_t)wire_u64(w);
	uint32_t uptime_ms = wire_u32(w);

	/* Header times are 32 bits of seconds plus nanoseconds. */
	if (!wire_ok(w) || version < 0 || !l->had_exporter || export_ns < 0 ||
	    export_ns > INT64_MAX / 2)
		return false;
	l->had_stream = true;
	l->stream = NULL;
	if (l->exporter == NULL)
		return true;
	m.version = &versions[version];
	m.sequence = next;
	l->stream = stream_known(l->all, l->exporter, &m, port);
	l->known_stream = l->stream != NULL;
	if (l->known_stream)
		return true;
	l->stream = stream_new(l->all, l->exporter, &m, port, STREAM_WORKING);
	if (l->stream == NULL)
		return true;
	load_sequence(l->stream, flags, next, export_ns);
	l->stream->last_uptime_ms = uptime_ms;
	l->stream->has_flows = (flags & STATE_BROUGHT_FLOWS) != 0;
	stream_restore(l->stream, (flags & STATE_WORKS) != 0,
	    (flags & STATE_CHANGES_PORTS) != 0);
	return true;
}

static void
load_good_template(struct loader *l, const struct template_record *rec,
    bool options, int64_t seen_ns)
{
	struct template *t;

	if (template_get(l->all, l->stream, rec->id) != NULL)
		return;
	t = template_new(rec, l->fields, options, l->all->limits.flow_others);
	if (t == NULL)
		return;
	t->seen_ns = seen_ns;
	if (!template_add(l->all, l->stream, t))
		return;
	l->loaded->templates++;
	early_ready(l->all, l->stream, rec->id);
}

static bool
load_template(struct loader *l, struct wire *w)
{
	bool options = wire_u8(w) != 0;
	int64_t seen_ns = (int64_t)wire_u64(w);
	const struct version *v;
	struct template_record rec;

	if (!wire_ok(w) || !l->had_stream || seen_ns < 0)
		return false;
	if (l->stream == NULL) {
		w->at = w->end;
		return true;
	}
	v = &versions[version_find(l->stream->version)];
	if (!v->sets || template_read(w, options ? v->style_options
						 : v->style_template,
			    &rec, l->fields) <= 0)
		return false;
	if (template_judge(&rec, l->fields) < 0)
		l->loaded->refused++;
	else
		load_good_template(l, &rec, options, seen_ns);
	return true;
}

static void
load_scoped_value(struct loader *l, enum scoped_kind kind,
    const struct scope *scope, uint64_t value, int64_t seen_ns)
{
	if (l->stream != NULL && !l->known_stream)
		scoped_set(l->all, l->stream, kind, scope, value, seen_ns);
}

static bool
read_scope(struct wire *w, struct scope *scope)
{
	unsigned n = wire_u8(w);
	bool fits = true;

	*scope = (struct scope) { 0 };
	for (unsigned i = 0; i < n && wire_ok(w) && fits; i++) {
		uint32_t pen = wire_u32(w);
		uint16_t id = wire_u16(w);

		fits = scope_add(scope, pen, id, wire_u64(w));
	}
	return fits;
}

static bool
load_scoped(struct loader *l, struct wire *w)
{
	const uint64_t most[SCOPED_KINDS] = {
		[SCOPED_RATE] = (UINT64_C(1) << 40) - 1,
		[SCOPED_START] = INT64_MAX,
	};
	unsigned kind = wire_u8(w);
	int64_t seen_ns = (int64_t)wire_u64(w);
	uint64_t value = wire_u64(w);
	struct scope scope;

	if (!read_scope(w, &scope) || !wire_ok(w) || !l->had_stream ||
	    kind >= SCOPED_KINDS || seen_ns < 0 || value > most[kind])
		return false;
	load_scoped_value(l, (enum scoped_kind)kind, &scope, value, seen_ns);
	return true;
}

/* The old item for the sampling rate of a sampler. */
static bool
load_sampler(struct loader *l, struct wire *w)
{
	const uint16_t selector_id = 302;
	struct scope scope = { 0 };
	struct rate rate;

	(void)scope_add(&scope, PEN_IANA, selector_id, wire_u64(w));
	rate.interval = wire_u32(w);
	rate.algorithm = wire_u8(w);
	if (!wire_ok(w) || !l->had_stream)
		return false;
	if (rate.interval != 0)
		load_scoped_value(
		    l, SCOPED_RATE, &scope, scoped_from_rate(rate), 0);
	return true;
}

/* The old item for the exporter's start and the rate of all flows. */
static bool
load_sampling(struct loader *l, struct wire *w)
{
	const struct scope all = { 0 };
	bool has_start = (wire_u8(w) & STATE_INIT_KNOWN) != 0;
	int64_t start_ns = (int64_t)wire_u64(w);
	struct rate rate;

	rate.interval = wire_u32(w);
	rate.algorithm = wire_u8(w);
	if (!wire_ok(w) || !l->had_stream || start_ns < 0)
		return false;
	if (has_start)
		load_scoped_value(l, SCOPED_START, &all, (uint64_t)start_ns, 0);
	if (rate.interval != 0)
		load_scoped_value(
		    l, SCOPED_RATE, &all, scoped_from_rate(rate), 0);
	return true;
}

static bool
load_name(struct loader *l, struct wire *w)
{
	unsigned kind = wire_u8(w);
	struct bytes key = wire_bytes(w, wire_u8(w));
	struct bytes text = wire_bytes(w, wire_left(w));

	if (!wire_ok(w) || !l->had_stream || kind >= NAME_KINDS ||
	    key.len == 0 || key.len > NAME_KEY_MAX || text.len == 0 ||
	    text.len > NAME_TEXT_MAX)
		return false;
	if (l->stream == NULL ||
	    name_get(l->all, l->stream, (enum name_kind)kind, key) != NULL)
		return true;
	name_set(l->all, l->stream, (enum name_kind)kind, key, text);
	l->loaded->names++;
	return true;
}

/* Skips unknown types: a later version of flowd wrote them. */
static bool
load_item(struct loader *l, unsigned type, struct bytes item)
{
	struct wire w;
	bool good;

	wire_init(&w, item);
	switch (type) {
	case STATE_EXPORTER:
		good = load_exporter(l, &w);
		break;
	case STATE_STREAM:
		good = load_stream(l, &w);
		break;
	case STATE_TEMPLATE:
		good = load_template(l, &w);
		break;
	case STATE_SAMPLING:
		good = load_sampling(l, &w);
		break;
	case STATE_SAMPLER:
		good = load_sampler(l, &w);
		break;
	case STATE_SCOPED:
		good = load_scoped(l, &w);
		break;
	case STATE_COUNTING:
		good = load_counting(l, &w);
		break;
	case STATE_NAME:
		good = load_name(l, &w);
		break;
	default:
		return true;
	}
	return good && wire_left(&w) == 0;
}

static int
load_items(struct loader *l, struct bytes state, struct flowd_error *err)
{
	struct wire items = { 0 };
	int result = check_frame(state, &items, err);

	if (result < 0)
		return result;
	while (wire_left(&items) > 0) {
		unsigned type = wire_u16(&items);
		size_t len = wire_u32(&items);
		const uint8_t *at = items.at;
		struct bytes item = wire_bytes(&items, len);

		if (!wire_ok(&items) || !load_item(l, type, item))
			return flowd_fail(err, FLOWD_EFORMAT,
			    "the item of type %u at octet %zu of the state "
			    "makes no sense",
			    type, (size_t)(at - state.ptr) - STATE_ITEM_HEAD);
	}
	return 0;
}

int
decoder_load(struct decoder *dec, struct bytes state,
    const struct decoder_load *how, struct decoder_loaded *loaded,
    struct flowd_error *err)
{
	struct loader l = { .all = decoder_exporters_of(dec), .how = how,
		.loaded = loaded };
	int result;

	*loaded = (struct decoder_loaded) { 0 };
	l.fields = calloc(TEMPLATE_FIELDS_MAX, sizeof(*l.fields));
	if (l.fields == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	result = load_items(&l, state, err);
	free(l.fields);
	return result;
}
