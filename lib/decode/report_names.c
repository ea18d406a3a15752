/* Names as reports show them; see report_names.h. Test: test_report_names.c. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "option_name.h"
#include "report_names.h"
#include "utf8.h"

/* The streams of a port and version, as one exporting process. */
struct process {
	uint16_t version, port;
	bool brings_flows;
};

/* Of one exporter. */
struct names_report {
	struct process *processes;	/* by version and port */
	size_t nprocesses;
	size_t nflows[VERSION_COUNT];	/* processes that bring flows */
	const struct name **names;	/* by kind, key, process and domain */
	size_t nnames;
};

static int
compare_uint(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int
compare_processes(const void *a, const void *b)
{
	const struct process *x = a, *y = b;
	int order = compare_uint(x->version, y->version);

	return order != 0 ? order : compare_uint(x->port, y->port);
}

static struct process
process_of(const struct stream *s)
{
	return (struct process) { .version = s->version, .port = s->port };
}

static int
compare_keys(const struct name *x, const struct name *y)
{
	int order = compare_uint(x->kind, y->kind);

	if (order == 0)
		order = compare_uint(x->key_len, y->key_len);
	return order != 0 ? order : memcmp(x->key, y->key, x->key_len);
}

static int
compare_name_processes(const struct name *x, const struct name *y)
{
	const struct process a = process_of(x->stream);
	const struct process b = process_of(y->stream);

	return compare_processes(&a, &b);
}

static int
compare_names(const void *a, const void *b)
{
	const struct name *x = *(const struct name *const *)a;
	const struct name *y = *(const struct name *const *)b;
	int order = compare_keys(x, y);

	if (order == 0)
		order = compare_name_processes(x, y);
	return order != 0 ? order
			  : compare_uint(x->stream->domain, y->stream->domain);
}

/*
 * Whether it has brought flows, or is about to: it has a template for them, or
 * data sets without one.
 */
static bool
stream_brings_flows(const struct stream *s)
{
	return s->has_flows || s->nkind[false] > 0 ||
	    s->counters.no_template > s->counters.early_decoded;
}

static void
processes_merge(struct names_report *r)
{
	size_t n = 0;

	qsort(r->processes, r->nprocesses, sizeof(*r->processes),
	    compare_processes);
	for (size_t i = 0; i < r->nprocesses; i++) {
		const struct process *p = &r->processes[i];

		if (n == 0 || compare_processes(&r->processes[n - 1], p) != 0)
			r->processes[n++] = *p;
		else
			r->processes[n - 1].brings_flows |= p->brings_flows;
	}
	r->nprocesses = n;
	for (size_t i = 0; i < n; i++)
		r->nflows[version_find(r->processes[i].version)] +=
		    r->processes[i].brings_flows;
}

static const struct process *
process_find(const struct names_report *r, const struct stream *s)
{
	const struct process key = process_of(s);

	return bsearch(&key, r->processes, r->nprocesses,
	    sizeof(*r->processes), compare_processes);
}

static void
report_collect(struct names_report *r, const struct exporter *x)
{
	const struct list *link, *next;

	LIST_FOREACH(link, next, &x->streams) {
		const struct stream *s = LIST_ENTRY(link, struct stream, use);
		struct process p = process_of(s);

		p.brings_flows = stream_brings_flows(s);
		r->processes[r->nprocesses++] = p;
	}
	processes_merge(r);
	LIST_FOREACH(link, next, &x->names)
		r->names[r->nnames++] = LIST_ENTRY(link, struct name, use);
	qsort(r->names, r->nnames, sizeof(*r->names), compare_names);
}

static void
report_fini(struct names_report *r)
{
	free(r->processes);
	free(r->names);
}

/* Returns false when out of memory. */
static bool
report_init(struct names_report *r, const struct exporter *x)
{
	*r = (struct names_report) { .nprocesses = 0 };
	r->processes = calloc(
	    x->usage[POOL_STREAMS].amount + 1, sizeof(*r->processes));
	r->names = calloc((size_t)x->nnames + 1, sizeof(*r->names));
	if (r->processes == NULL || r->names == NULL) {
		report_fini(r);
		return false;
	}
	report_collect(r, x);
	return true;
}

/* How many of n names have the same key as the first. */
static size_t
names_of_key(const struct name *const *names, size_t n)
{
	size_t same = 1;

	while (same < n && compare_keys(names[0], names[same]) == 0)
		same++;
	return same;
}

/* How many of n names with the same key are of the process of the first. */
static size_t
names_of_process(const struct name *const *names, size_t n)
{
	size_t same = 1;

	while (same < n && compare_name_processes(names[0], names[same]) == 0)
		same++;
	return same;
}

static bool
names_agree(const struct name *const *names, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (names[i]->text_len != names[0]->text_len ||
		    memcmp(names[i]->text, names[0]->text,
			names[0]->text_len) != 0)
			return false;
	return true;
}

/*
 * Whether names of one key hold for all processes that bring flows: each has
 * announced it, or one that brings no flows has.
 */
static bool
names_cover_all(const struct names_report *r, const struct name *const *names,
    size_t n)
{
	size_t covered[VERSION_COUNT] = { 0 };

	for (size_t i = 0; i < n; i += names_of_process(names + i, n - i)) {
		const struct process *p = process_find(r, names[i]->stream);
		int version = version_find(p->version);

		covered[version] += p->brings_flows ? 1 : r->nflows[version];
	}
	for (int i = 0; i < VERSION_COUNT; i++)
		if (covered[i] < r->nflows[i])
			return false;
	return true;
}

/* Does the name of one key hold for all flows? */
static bool
names_are_of_all(const struct names_report *r, const struct name *const *names,
    size_t n)
{
	return names_agree(names, n) && names_cover_all(r, names, n);
}

int
names_each(const struct exporter *x,
    int (*fn)(const struct name_info *info, void *arg), void *arg)
{
	struct names_report r;
	int result = 0;
	size_t same;

	if (!report_init(&r, x))
		return FLOWD_ENOMEM;
	for (size_t i = 0; i < r.nnames && result == 0; i += same) {
		const struct name *name = r.names[i];
		struct name_info info = {
			.addr = x->addr,
			.kind = name_kind_word[name->kind],
			.key = { name->key, name->key_len },
			.text = name->text,
		};

		same = names_of_key(r.names + i, r.nnames - i);
		if (names_are_of_all(&r, r.names + i, same))
			result = fn(&info, arg);
	}
	report_fini(&r);
	return result;
}

/* Untrusted text, escaped for a JSON string. */
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
	buf_printf(out, "\"kind\":\"%s\",\"key\":\"",
	    name_kind_word[name->kind]);
	for (unsigned i = 0; i < name->key_len; i++)
		buf_printf(out, "%02x", name->key[i]);
	buf_append_text(out, "\",\"name\":\"");
	dump_text(name->text, name->text_len, out);
	buf_append_text(out, "\"},");
}

/* Names of one process; one of all its domains if they agree. */
static void
dump_port_names(const struct name *const *names, size_t n, struct buf *out)
{
	bool agree = names_agree(names, n);

	for (size_t i = 0; i < (agree ? 1 : n); i++) {
		const struct stream *s = names[i]->stream;

		buf_printf(out, "{\"version\":%u,\"port\":%u,", s->version,
		    s->port);
		if (!agree)
			buf_printf(out, "\"domain\":%" PRIu32 ",", s->domain);
		dump_name(names[i], out);
	}
}

/* Names of one key, if they are of all ports or of some, as asked for. */
static void
dump_names_of_key(const struct names_report *r, bool of_all,
    const struct name *const *names, size_t n, struct buf *out)
{
	size_t same;

	if (names_are_of_all(r, names, n) != of_all)
		return;
	if (of_all) {
		buf_append_char(out, '{');
		dump_name(names[0], out);
		return;
	}
	for (size_t i = 0; i < n; i += same) {
		same = names_of_process(names + i, n - i);
		dump_port_names(names + i, same, out);
	}
}

static void
dump_list(const struct names_report *r, bool of_all, struct buf *out)
{
	size_t same;

	buf_append_text(out, of_all ? ",\"names\":[" : ",\"port_names\":[");
	for (size_t i = 0; i < r->nnames; i += same) {
		same = names_of_key(r->names + i, r->nnames - i);
		dump_names_of_key(r, of_all, r->names + i, same, out);
	}
	if (buf_ok(out) && out->ptr[out->len - 1] == ',')
		out->len--;
	buf_append_char(out, ']');
}

void
names_dump(const struct exporter *x, struct buf *out)
{
	struct names_report r;

	if (!report_init(&r, x))
		return;
	dump_list(&r, true, out);
	dump_list(&r, false, out);
	report_fini(&r);
}
