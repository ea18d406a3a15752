/* Saves a state; see state.h. Test: test/unit/decode/test_state.c. */
#include "crc32.h"
#include "decode.h"
#include "decoder.h"
#include "option_name.h"
#include "session.h"
#include "state.h"
#include "scoped_store.h"

static void
put8(struct buf *out, unsigned v)
{
	buf_append_char(out, (char)v);
}

static void
put16(struct buf *out, unsigned v)
{
	uint8_t p[2];

	store_be16(p, (uint16_t)v);
	buf_append(out, p, sizeof(p));
}

static void
put32(struct buf *out, uint32_t v)
{
	uint8_t p[4];

	store_be32(p, v);
	buf_append(out, p, sizeof(p));
}

static void
put64(struct buf *out, uint64_t v)
{
	uint8_t p[8];

	store_be64(p, v);
	buf_append(out, p, sizeof(p));
}

/* item_end() fills in the length. */
static size_t
item_begin(struct buf *out, enum state_item type)
{
	put16(out, type);
	put32(out, 0);
	return out->len;
}

static void
item_end(struct buf *out, size_t begin)
{
	if (buf_ok(out))
		store_be32(out->ptr + begin - 4, (uint32_t)(out->len - begin));
}

static void
put_addr(struct buf *out, const struct addr *a)
{
	uint8_t octets[16];

	put8(out, a->family);
	put32(out, a->scope);
	if (a->family == ADDR_V4) {
		put32(out, a->v4);
		return;
	}
	addr6_store(octets, a->v6);
	buf_append(out, octets, sizeof(octets));
}

static void
save_exporter(const struct exporter *x, struct buf *out)
{
	size_t item = item_begin(out, STATE_EXPORTER);

	put8(out, x->rank);
	put64(out, (uint64_t)x->first_ns);
	put64(out, (uint64_t)x->last_ns);
	put64(out, (uint64_t)x->last_valid_ns);
	put16(out, x->last_version);
	put_addr(out, &x->addr);
	item_end(out, item);
}

static void
save_counting(const struct stream *s, struct buf *out)
{
	const struct counting *c = session_counting(s);
	size_t item;

	if (!c->best.sequence.known)
		return;
	item = item_begin(out, STATE_COUNTING);
	put8(out, c->best.units);
	put32(out, c->best.step);
	put8(out, (counting_is_learnt(c) ? STATE_COUNTING_LEARNT : 0U) |
	    (c != &s->counting ? STATE_COUNTING_SHARED : 0U));
	item_end(out, item);
}

static void
save_stream(const struct stream *s, struct buf *out)
{
	size_t item = item_begin(out, STATE_STREAM);
	const struct counting *c = session_counting(s);
	const struct sequence *seq = &c->best.sequence;

	put16(out, s->version);
	put16(out, s->port);
	put32(out, s->domain);
	put8(out, (seq->known ? STATE_SEQUENCE_KNOWN : 0U) |
	    (seq->next_is_minimum ? STATE_SEQUENCE_MINIMUM : 0U) |
	    (s->has_flows ? STATE_BROUGHT_FLOWS : 0U) |
	    (stream_changes_ports(s) ? STATE_CHANGES_PORTS : 0U) |
	    (s->rank >= STREAM_NO_TEMPLATES ? STATE_WORKS : 0U));
	put32(out, seq->next);
	put64(out, (uint64_t)seq->export_ns);
	put32(out, s->last_uptime_ms);
	item_end(out, item);
	save_counting(s, out);
}

/* RFC 3954, 5.2 and 6.1. */
static void
put_v9_head(const struct template *t, struct buf *out)
{
	put16(out, t->id);
	if (!t->options) {
		put16(out, t->nfields);
		return;
	}
	put16(out, t->nscope * 4U);
	put16(out, (unsigned)(t->nfields - t->nscope) * 4U);
}

/* RFC 7011, 3.4.1 and 3.4.2.2. */
static void
put_ipfix_head(const struct template *t, struct buf *out)
{
	put16(out, t->id);
	put16(out, t->nfields);
	if (t->options)
		put16(out, t->nscope);
}

static void
put_field(const struct field *f, bool ipfix, struct buf *out)
{
	const unsigned enterprise = 0x8000;
	bool own = ipfix && f->pen != PEN_IANA;

	put16(out, own ? f->id | enterprise : f->id);
	put16(out, f->len);
	if (own)
		put32(out, f->pen);
}

static void
save_template(const struct template *t, struct buf *out)
{
	size_t item = item_begin(out, STATE_TEMPLATE);
	bool ipfix = t->stream->version == 10;

	put8(out, t->options);
	put64(out, (uint64_t)t->seen_ns);
	if (ipfix)
		put_ipfix_head(t, out);
	else
		put_v9_head(t, out);
	for (size_t i = 0; i < t->nfields; i++)
		put_field(&t->fields[i], ipfix, out);
	item_end(out, item);
}

static void
save_scoped(const struct scoped_value *st, struct buf *out)
{
	size_t item = item_begin(out, STATE_SCOPED);
	struct scope scope;

	scoped_scope(st, &scope);
	put8(out, st->type->kind);
	put64(out, (uint64_t)st->seen_ns);
	put64(out, st->value);
	put8(out, scope.n);
	for (unsigned i = 0; i < scope.n; i++) {
		put32(out, scope.element[i].pen);
		put16(out, scope.element[i].id);
		put64(out, scope.value[i]);
	}
	item_end(out, item);
}

static void
save_name(const struct name *name, struct buf *out)
{
	size_t item = item_begin(out, STATE_NAME);

	put8(out, name->kind);
	put8(out, name->key_len);
	buf_append(out, name->key, name->key_len);
	buf_append(out, name->text, name->text_len);
	item_end(out, item);
}

/* In reverse order of use, so that loading restores the order. */
static void
save_streams(const struct exporter *x, struct buf *out)
{
	const struct list *link, *t, *st, *n;

	for (link = x->streams.prev; link != &x->streams; link = link->prev) {
		const struct stream *s = LIST_ENTRY(link, struct stream, use);

		save_stream(s, out);
		for (st = s->scoped.prev; st != &s->scoped; st = st->prev)
			save_scoped(
			    LIST_ENTRY(st, struct scoped_value, sibling), out);
		for (t = s->templates.prev; t != &s->templates; t = t->prev)
			save_template(LIST_ENTRY(t, struct template, sibling),
			    out);
		for (n = s->names.prev; n != &s->names; n = n->prev)
			save_name(LIST_ENTRY(n, struct name, sibling), out);
	}
}

static void
save_all_of(const struct exporter *x, struct buf *out)
{
	/* Skips a sender of which nothing is known. */
	if (x->rank == RANK_STRANGER && list_empty(&x->templates) &&
	    list_empty(&x->names))
		return;
	save_exporter(x, out);
	save_streams(x, out);
}

uint64_t
decoder_generation(const struct decoder *dec)
{
	return decoder_exporters(dec)->generation;
}

void
decoder_save(const struct decoder *dec, struct buf *out)
{
	const struct exporters *all = decoder_exporters(dec);
	size_t begin = out->len, len;
	const struct list *link;

	buf_append(out, STATE_MAGIC, STATE_MAGIC_LEN);
	put16(out, STATE_VERSION);
	put16(out, 0);
	put32(out, 0);
	for (int rank = 0; rank < RANKS; rank++)
		for (link = all->rank[rank].prev; link != &all->rank[rank];
		    link = link->prev)
			save_all_of(LIST_ENTRY(link, struct exporter, use),
			    out);
	if (!buf_ok(out))
		return;
	len = out->len - begin - STATE_HEAD;
	store_be32(out->ptr + begin + STATE_HEAD - 4, (uint32_t)len);
	put32(out, flowd_crc32(out->ptr + begin, STATE_HEAD + len));
}
