/*
 * What a decoder knows, for people and programs: totals, exporters, and
 * everything as JSON. The contract is in decode.h.
 * Test: test/unit/decode/test_report.c.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "element.h"
#include "exporter.h"
#include "utf8.h"

static const char *const sequence_unit_word[] = {
	[SEQUENCE_NONE] = "none",
	[SEQUENCE_FLOWS] = "flows",
	[SEQUENCE_MESSAGES] = "datagrams",
	[SEQUENCE_RECORDS] = "records",
};

void
decoder_totals(const struct decoder *dec, struct decoder_totals *t)
{
	const struct exporters *all = decoder_exporters(dec);
	const struct list *link, *next;

	*t = (struct decoder_totals) {
		.counters = all->gone,
		.evicted_exporters = all->evicted,
		.evicted_settled = all->evicted_settled,
		.exporters = (uint32_t)all->by_addr.count,
		.settled = all->nsettled,
		.streams = (uint32_t)all->streams.count,
		.templates = (uint32_t)all->templates.count,
		.names = (uint32_t)all->names.count,
		.template_octets = all->pool[POOL_TEMPLATES].amount,
		.name_octets = all->pool[POOL_NAMES].amount,
		.early = all->nearly,
		.early_octets = all->pool[POOL_EARLY].amount,
	};
	for (int i = 0; i < RANKS; i++)
		LIST_FOREACH(link, next, &all->rank[i]) {
			struct decode_counters c = exporter_counters(
			    LIST_ENTRY(link, struct exporter, use));

			counters_add(&t->counters, &c);
		}
}

static int
compare_exporters(const void *a, const void *b)
{
	const struct addr *x = &(*(struct exporter *const *)a)->addr;
	const struct addr *y = &(*(struct exporter *const *)b)->addr;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	if (x->family == ADDR_V4)
		return (x->v4 > y->v4) - (x->v4 < y->v4);
	if (x->v6.hi != y->v6.hi)
		return x->v6.hi < y->v6.hi ? -1 : 1;
	return (x->v6.lo > y->v6.lo) - (x->v6.lo < y->v6.lo);
}

/* All exporters in order of address; the caller frees it. */
static struct exporter **
sorted_exporters(const struct exporters *all, size_t *n)
{
	struct exporter **list;
	const struct list *link, *next;

	*n = 0;
	list = calloc(all->by_addr.count + 1, sizeof(*list));
	if (list == NULL)
		return NULL;
	for (int i = 0; i < RANKS; i++)
		LIST_FOREACH(link, next, &all->rank[i])
			list[(*n)++] = LIST_ENTRY(link, struct exporter, use);
	qsort(list, *n, sizeof(*list), compare_exporters);
	return list;
}

int
decoder_each_exporter(const struct decoder *dec,
    int (*fn)(const struct exporter_info *info, void *arg), void *arg)
{
	struct exporter **list;
	int result = 0;
	size_t n;

	list = sorted_exporters(decoder_exporters(dec), &n);
	for (size_t i = 0; i < n && result == 0; i++) {
		struct exporter_info info = {
			.addr = list[i]->addr,
			.first_ns = list[i]->first_ns,
			.last_ns = list[i]->last_ns,
			.last_valid_ns = list[i]->last_valid_ns,
			.last_version = list[i]->last_version,
			.valid = list[i]->valid,
			.counters = exporter_counters(list[i]),
		};

		result = fn(&info, arg);
	}
	free(list);
	return result;
}

/* The counters that are not zero, as members of an object. */
static void
dump_counters(const struct decode_counters *c, struct buf *out)
{
	const char *comma = "";

	buf_append_text(out, "\"counters\":{");
	for (size_t i = 0; i < DECODE_COUNTER_COUNT; i++) {
		const struct decode_counter_info *info =
		    &decode_counter_info[i];
		uint64_t v;

		memcpy(&v, (const char *)c + info->offset, sizeof(v));
		if (v == 0)
			continue;
		buf_printf(out, "%s\"%s\":%" PRIu64, comma, info->name, v);
		comma = ",";
	}
	buf_append_text(out, "},\"malformed\":{");
	comma = "";
	for (int i = 1; i < MALFORMED_COUNT; i++) {
		if (c->malformed[i] == 0)
			continue;
		buf_printf(out, "%s\"%s\":%" PRIu64, comma,
		    malformed_info[i].word, c->malformed[i]);
		comma = ",";
	}
	buf_append_char(out, '}');
}

/* An element by its name, or its number: octetDeltaCount, 6871.40. */
static void
dump_element(const struct field *f, struct buf *out)
{
	struct element_text text;

	if (f->pen == PEN_V9_SCOPE) {
		buf_printf(out, "scope.%u", f->id);
		return;
	}
	element_text(f->pen, f->id, &text);
	if (text.name == NULL && f->pen == PEN_IANA)
		buf_printf(out, "%u", f->id);
	else if (text.name == NULL)
		buf_printf(out, "%" PRIu32 ".%u", f->pen, f->id);
	else if (text.reverse)
		buf_printf(out, "reverse%c%s", text.name[0] - 'a' + 'A',
		    text.name + 1);
	else
		buf_append_text(out, text.name);
}

/* {"id":256,"fields":["octetDeltaCount:4",...]} */
static void
dump_template(const struct template *t, struct buf *out)
{
	buf_printf(out, "{\"id\":%u,\"records\":%" PRIu64, t->id, t->records);
	if (t->options)
		buf_printf(out, ",\"options\":true,\"scope_fields\":%u",
		    t->nscope);
	buf_append_text(out, ",\"fields\":[");
	for (size_t i = 0; i < t->nfields; i++) {
		buf_append_text(out, i > 0 ? ",\"" : "\"");
		dump_element(&t->fields[i], out);
		if (t->fields[i].len == FIELD_VARIABLE)
			buf_append_text(out, ":variable\"");
		else
			buf_printf(out, ":%u\"", t->fields[i].len);
	}
	buf_append_text(out, "]}");
}

static void
dump_sampling(const struct sampling *s, struct buf *out)
{
	if (s->interval != 0)
		buf_printf(out, ",\"sampling_interval\":%" PRIu32,
		    s->interval);
	if (s->has_init)
		buf_printf(out, ",\"system_init_time_ms\":%" PRId64,
		    s->init_ns / 1000000);
	if (s->nsamplers == 0)
		return;
	buf_append_text(out, ",\"samplers\":{");
	for (unsigned i = 0; i < s->nsamplers; i++)
		buf_printf(out, "%s\"%" PRIu64 "\":%" PRIu32, i > 0 ? "," : "",
		    s->samplers[i].id, s->samplers[i].interval);
	buf_append_char(out, '}');
}

static void
dump_stream(const struct stream *s, struct buf *out)
{
	const struct list *link, *next;
	const char *comma = "";
	int version = version_find(s->version);

	buf_printf(out, "{\"port\":%u,\"version\":%u,\"domain\":%" PRIu32
	    ",\"sequence_unit\":\"%s\"", s->port, s->version, s->domain,
	    sequence_unit_word[versions[version].sequence_unit]);
	dump_sampling(&s->sampling, out);
	buf_append_char(out, ',');
	dump_counters(&s->counters, out);
	buf_append_text(out, ",\"templates\":[");
	LIST_FOREACH(link, next, &s->templates) {
		buf_append_text(out, comma);
		dump_template(LIST_ENTRY(link, struct template, sibling), out);
		comma = ",";
	}
	buf_append_text(out, "]}");
}

/* Untrusted text as the inside of a JSON string. */
static void
dump_text(const char *text, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len;) {
		const uint8_t *p = (const uint8_t *)text + i;
		size_t n = utf8_len(p, len - i);
		int control = utf8_control(p, n);

		if (n == 0)
			buf_append_text(out, "\\ufffd");
		else if (control >= 0)
			buf_printf(out, "\\u%04x", (unsigned)control);
		else if (*p == '"' || *p == '\\')
			buf_printf(out, "\\u%04x", *p);
		else
			buf_append(out, p, n);
		i += n > 0 ? n : 1;
	}
}

static void
dump_name(const struct name *name, struct buf *out)
{
	buf_printf(out, "{\"kind\":\"%s\",\"key\":\"",
	    name_kind_word[name->kind]);
	for (unsigned i = 0; i < name->key_len; i++)
		buf_printf(out, "%02x", name->key[i]);
	buf_append_text(out, "\",\"name\":\"");
	dump_text(name->text, name->text_len, out);
	buf_append_text(out, "\"}");
}

static void
dump_exporter(const struct exporter *x, struct buf *out)
{
	struct decode_counters sum = exporter_counters(x);
	const struct list *link, *next;
	char text[ADDR_TEXT_MAX];
	const char *comma = "";
	size_t len = addr_format(&x->addr, text);

	buf_printf(out, "{\"exporter\":\"%.*s\",", (int)len, text);
	dump_counters(&sum, out);
	buf_append_text(out, ",\"streams\":[");
	LIST_FOREACH(link, next, &x->streams) {
		buf_append_text(out, comma);
		dump_stream(LIST_ENTRY(link, struct stream, use), out);
		comma = ",";
	}
	buf_append_text(out, "],\"names\":[");
	comma = "";
	LIST_FOREACH(link, next, &x->names) {
		buf_append_text(out, comma);
		dump_name(LIST_ENTRY(link, struct name, sibling), out);
		comma = ",";
	}
	buf_append_text(out, "]}\n");
}

void
decoder_dump(const struct decoder *dec, struct buf *out)
{
	struct exporter **list;
	size_t n;

	list = sorted_exporters(decoder_exporters(dec), &n);
	for (size_t i = 0; i < n; i++)
		dump_exporter(list[i], out);
	free(list);
}
