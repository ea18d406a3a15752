/* Exporters and streams; see exporter.h. */
#include <stdlib.h>
#include <string.h>

#include "exporter.h"

static const struct decoder_limits default_limits = {
	.exporters = 4096,
	.streams = 16384,
	.exporter_streams = 256,
	.stream_templates = 1024,
	.template_octets = 32 * 1024 * 1024,
	.exporter_names = 16384,
	.name_octets = 16 * 1024 * 1024,
};

/* Every counter is a uint64_t, so that they can be added as an array. */
_Static_assert(sizeof(struct decode_counters) % sizeof(uint64_t) == 0,
    "counters are uint64_t");

void
counters_add(struct decode_counters *sum, const struct decode_counters *more)
{
	uint64_t a[sizeof(*sum) / sizeof(uint64_t)];
	uint64_t b[sizeof(*sum) / sizeof(uint64_t)];

	memcpy(a, sum, sizeof(a));
	memcpy(b, more, sizeof(b));
	for (size_t i = 0; i < sizeof(a) / sizeof(a[0]); i++)
		a[i] += b[i];
	memcpy(sum, a, sizeof(a));
}

#define LIMIT(name) \
	if (all->limits.name == 0) \
		all->limits.name = default_limits.name

bool
exporters_init(struct exporters *all, const struct decoder_limits *limits,
    uint64_t seed)
{
	memset(all, 0, sizeof(*all));
	if (limits != NULL)
		all->limits = *limits;
	LIMIT(exporters);
	LIMIT(streams);
	LIMIT(exporter_streams);
	LIMIT(stream_templates);
	LIMIT(template_octets);
	LIMIT(exporter_names);
	LIMIT(name_octets);
	all->seed = seed;
	list_init(&all->proven);
	list_init(&all->unproven);
	return map_init(&all->by_addr) && map_init(&all->streams) &&
	    map_init(&all->templates) && map_init(&all->names);
}

static void
name_remove(struct exporters *all, struct exporter *x, struct name *name)
{
	map_remove(&all->names, &name->node);
	list_remove(&name->sibling);
	all->name_octets -= sizeof(*name) + name->text_len;
	x->nnames--;
	free(name);
}

static void
stream_remove(struct exporters *all, struct stream *s)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &s->templates)
		template_remove(all,
		    LIST_ENTRY(link, struct template, sibling));
	map_remove(&all->streams, &s->node);
	list_remove(&s->use);
	s->exporter->nstreams--;
	counters_add(&s->exporter->counters, &s->counters);
	sampling_fini(&s->sampling);
	free(s);
}

static void
exporter_remove(struct exporters *all, struct exporter *x)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &x->streams)
		stream_remove(all, LIST_ENTRY(link, struct stream, use));
	LIST_FOREACH(link, next, &x->names)
		name_remove(all, x, LIST_ENTRY(link, struct name, sibling));
	map_remove(&all->by_addr, &x->node);
	list_remove(&x->use);
	counters_add(&all->gone, &x->counters);
	free(x);
}

void
exporters_fini(struct exporters *all)
{
	struct list *both[] = { &all->unproven, &all->proven };
	struct list *link, *next;

	for (size_t i = 0; i < 2 && both[i]->next != NULL; i++)
		LIST_FOREACH(link, next, both[i])
			exporter_remove(all,
			    LIST_ENTRY(link, struct exporter, use));
	map_fini(&all->by_addr);
	map_fini(&all->streams);
	map_fini(&all->templates);
	map_fini(&all->names);
}

/* Forget the exporter that can best be spared, but not keep. */
static bool
exporter_evict(struct exporters *all, const struct exporter *keep)
{
	struct list *both[] = { &all->unproven, &all->proven };
	const struct list *spared = keep != NULL ? &keep->use : NULL;

	for (size_t i = 0; i < 2; i++) {
		struct list *last = both[i]->prev;

		if (last == spared)
			last = last->prev;
		if (last == both[i])
			continue;
		exporter_remove(all, LIST_ENTRY(last, struct exporter, use));
		all->evicted++;
		return true;
	}
	return false;
}

static uint64_t
addr_hash(const struct exporters *all, const struct addr *a)
{
	uint64_t key[3] = { (uint64_t)a->family << 32 | a->scope, a->v4, 0 };

	if (a->family == ADDR_V6) {
		key[1] = a->v6.hi;
		key[2] = a->v6.lo;
	}
	return map_hash(key, sizeof(key), all->seed);
}

/* The last one used, if it is this: datagrams come in runs. */
static struct exporter *
exporter_last(struct exporters *all, const struct addr *addr)
{
	struct exporter *x;

	if (list_empty(&all->proven))
		return NULL;
	x = LIST_ENTRY(all->proven.next, struct exporter, use);
	return addr_equal(&x->addr, addr) ? x : NULL;
}

struct exporter *
exporter_get(struct exporters *all, const struct addr *addr)
{
	struct exporter *x = exporter_last(all, addr);
	uint64_t hash;

	if (x != NULL)
		return x;
	hash = addr_hash(all, addr);
	for (struct map_node *n = map_first(&all->by_addr, hash); n != NULL;
	    n = map_same(n)) {
		x = LIST_ENTRY(n, struct exporter, node);
		if (!addr_equal(&x->addr, addr))
			continue;
		list_use(x->proven ? &all->proven : &all->unproven, &x->use);
		return x;
	}
	while (all->by_addr.count >= all->limits.exporters)
		if (!exporter_evict(all, NULL))
			return NULL;
	x = calloc(1, sizeof(*x));
	if (x == NULL)
		return NULL;
	x->addr = *addr;
	list_init(&x->streams);
	list_init(&x->templates);
	list_init(&x->names);
	list_insert_first(&all->unproven, &x->use);
	map_insert(&all->by_addr, &x->node, hash);
	return x;
}

void
exporter_prove(struct exporters *all, struct exporter *x)
{
	if (x->proven)
		return;
	x->proven = true;
	list_remove(&x->use);
	list_insert_first(&all->proven, &x->use);
}

struct decode_counters
exporter_counters(const struct exporter *x)
{
	struct decode_counters sum = x->counters;
	const struct list *link, *next;

	LIST_FOREACH(link, next, &x->streams)
		counters_add(&sum,
		    &LIST_ENTRY(link, struct stream, use)->counters);
	return sum;
}

static uint64_t
stream_hash(const struct exporters *all, const struct exporter *x,
    uint16_t port, uint16_t version, uint32_t domain)
{
	uint64_t key[3] = { x->node.hash, (uint64_t)port << 16 | version,
		domain };

	return map_hash(key, sizeof(key), all->seed);
}

static bool
stream_is(const struct stream *s, const struct exporter *x,
    const struct message *m, uint16_t port)
{
	return s->exporter == x && s->port == port &&
	    s->version == m->version->number && s->domain == m->domain;
}

static struct stream *
stream_find(struct exporters *all, struct exporter *x, const struct message *m,
    uint16_t port)
{
	struct stream *s;
	uint64_t hash;

	if (!list_empty(&x->streams)) {
		s = LIST_ENTRY(x->streams.next, struct stream, use);
		if (stream_is(s, x, m, port))
			return s;
	}
	hash = stream_hash(all, x, port, m->version->number, m->domain);
	for (struct map_node *n = map_first(&all->streams, hash); n != NULL;
	    n = map_same(n)) {
		s = LIST_ENTRY(n, struct stream, node);
		if (stream_is(s, x, m, port))
			return s;
	}
	return NULL;
}

/* The stream that goes on with this message from another port, or NULL. */
static struct stream *
stream_adopt(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port)
{
	struct list *link, *next;

	if (m->version->sequence_unit == SEQUENCE_NONE)
		return NULL;
	LIST_FOREACH(link, next, &x->streams) {
		struct stream *s = LIST_ENTRY(link, struct stream, use);

		if (s->version != m->version->number ||
		    s->domain != m->domain || !s->sequence.known ||
		    s->sequence.next != m->sequence)
			continue;
		map_remove(&all->streams, &s->node);
		s->port = port;
		s->counters.moved++;
		map_insert(&all->streams, &s->node,
		    stream_hash(all, x, port, s->version, s->domain));
		return s;
	}
	return NULL;
}

static struct stream *
stream_new(struct exporters *all, struct exporter *x, const struct message *m,
    uint16_t port)
{
	struct stream *s;

	if (x->nstreams >= all->limits.exporter_streams) {
		stream_remove(all, LIST_ENTRY(list_last(&x->streams),
				       struct stream, use));
		x->counters.evicted_streams++;
	}
	while (all->streams.count >= all->limits.streams)
		if (!exporter_evict(all, x))
			return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->exporter = x;
	s->port = port;
	s->version = m->version->number;
	s->domain = m->domain;
	list_init(&s->templates);
	list_insert_first(&x->streams, &s->use);
	x->nstreams++;
	map_insert(&all->streams, &s->node,
	    stream_hash(all, x, port, s->version, s->domain));
	return s;
}

struct stream *
stream_get(struct exporters *all, struct exporter *x, const struct message *m,
    uint16_t port)
{
	struct stream *s = stream_find(all, x, m, port);

	if (s == NULL)
		s = stream_adopt(all, x, m, port);
	if (s == NULL)
		return stream_new(all, x, m, port);
	list_use(&x->streams, &s->use);
	return s;
}

static uint64_t
template_hash(const struct exporters *all, const struct stream *s, uint16_t id)
{
	uint64_t key[2] = { (uint64_t)(uintptr_t)s, id };

	return map_hash(key, sizeof(key), all->seed);
}

static struct template *
template_find(struct exporters *all, const struct stream *s, uint16_t id)
{
	uint64_t hash = template_hash(all, s, id);

	for (struct map_node *n = map_first(&all->templates, hash); n != NULL;
	    n = map_same(n)) {
		struct template *t = LIST_ENTRY(n, struct template, node);

		if (t->stream == s && t->id == id)
			return t;
	}
	return NULL;
}

static void
template_use(struct template *t)
{
	list_use(&t->stream->exporter->templates, &t->use);
	list_use(&t->stream->templates, &t->sibling);
}

struct template *
template_get(struct exporters *all, struct stream *s, uint16_t id)
{
	struct template *t = template_find(all, s, id);

	if (t != NULL)
		template_use(t);
	return t;
}

static bool
template_equal(const struct template *a, const struct template *b)
{
	const struct template_record rec = { b->id, b->nfields, b->nscope };

	return template_same(a, &rec, b->fields, b->options);
}

struct template *
template_borrow(struct exporters *all, struct stream *s, uint16_t id)
{
	struct template *found = NULL, *t;
	struct list *link, *next;

	LIST_FOREACH(link, next, &s->exporter->streams) {
		struct stream *other = LIST_ENTRY(link, struct stream, use);

		if (other == s || other->version != s->version ||
		    other->domain != s->domain)
			continue;
		t = template_find(all, other, id);
		if (t == NULL)
			continue;
		if (found != NULL && !template_equal(found, t))
			return NULL;
		found = t;
	}
	if (found != NULL)
		template_use(found);
	return found;
}

/* Make room for octets more; the one who asks goes first if it has much. */
static void
template_make_room(struct exporters *all, struct stream *s, size_t octets)
{
	struct exporter *x = s->exporter;
	struct list *last;

	while (all->template_octets + octets > all->limits.template_octets) {
		last = list_last(&x->templates);
		if (last == NULL ||
		    x->template_octets < all->limits.template_octets / 8) {
			if (exporter_evict(all, x))
				continue;
			if (last == NULL)
				return;
		}
		template_remove(all, LIST_ENTRY(last, struct template, use));
		s->counters.evicted_templates++;
	}
}

void
template_add(struct exporters *all, struct stream *s, struct template *t)
{
	struct template *old = template_find(all, s, t->id);

	if (old != NULL)
		template_remove(all, old);
	if (s->ntemplates >= all->limits.stream_templates) {
		struct list *last = list_last(&s->templates);

		template_remove(all, LIST_ENTRY(last, struct template,
					 sibling));
		s->counters.evicted_templates++;
	}
	template_make_room(all, s, t->octets);
	t->stream = s;
	list_insert_first(&s->templates, &t->sibling);
	list_insert_first(&s->exporter->templates, &t->use);
	map_insert(&all->templates, &t->node, template_hash(all, s, t->id));
	s->ntemplates++;
	s->exporter->template_octets += t->octets;
	all->template_octets += t->octets;
}

void
template_remove(struct exporters *all, struct template *t)
{
	struct stream *s = t->stream;

	map_remove(&all->templates, &t->node);
	list_remove(&t->sibling);
	list_remove(&t->use);
	s->ntemplates--;
	s->exporter->template_octets -= t->octets;
	all->template_octets -= t->octets;
	template_free(t);
}

void
template_remove_all(struct exporters *all, struct stream *s, bool options)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &s->templates) {
		struct template *t = LIST_ENTRY(link, struct template, sibling);

		if (t->options == options)
			template_remove(all, t);
	}
}

static uint64_t
name_hash(const struct exporters *all, const struct exporter *x,
    enum name_kind kind, struct bytes key)
{
	return map_hash(key.ptr, key.len, x->node.hash ^ all->seed ^ kind);
}

/* Octets of a number without its leading zeros: ids come in any length. */
static struct bytes
name_key(struct bytes key)
{
	while (key.len > 1 && key.ptr[0] == 0) {
		key.ptr++;
		key.len--;
	}
	return key;
}

/* Up to the first 0 octet, and no longer than is kept. */
static struct bytes
name_text(struct bytes text)
{
	const uint8_t *end = memchr(text.ptr, 0, text.len);

	if (end != NULL)
		text.len = (size_t)(end - text.ptr);
	if (text.len > NAME_TEXT_MAX)
		text.len = NAME_TEXT_MAX;
	return text;
}

static struct name *
name_find(const struct exporters *all, const struct exporter *x,
    enum name_kind kind, struct bytes key)
{
	uint64_t hash = name_hash(all, x, kind, key);

	for (struct map_node *n = map_first(&all->names, hash); n != NULL;
	    n = map_same(n)) {
		struct name *name = LIST_ENTRY(n, struct name, node);

		if (name->exporter == x && name->kind == kind &&
		    name->key_len == key.len &&
		    memcmp(name->key, key.ptr, key.len) == 0)
			return name;
	}
	return NULL;
}

const struct name *
name_get(const struct exporters *all, const struct exporter *x,
    enum name_kind kind, struct bytes key)
{
	return name_find(all, x, kind, name_key(key));
}

static struct name *
name_new(const struct exporter *x, enum name_kind kind, struct bytes key,
    struct bytes text)
{
	struct name *name = calloc(1, sizeof(*name) + text.len + 1);

	if (name == NULL)
		return NULL;
	name->exporter = x;
	name->kind = (uint8_t)kind;
	name->key_len = (uint8_t)key.len;
	name->text_len = (uint8_t)text.len;
	memcpy(name->key, key.ptr, key.len);
	memcpy(name->text, text.ptr, text.len);
	return name;
}

void
name_set(struct exporters *all, struct stream *s, enum name_kind kind,
    struct bytes key, struct bytes text)
{
	struct exporter *x = s->exporter;
	struct name *name;
	size_t octets;

	if (key.len == 0 || key.len > NAME_KEY_MAX || text.len == 0)
		return;
	key = name_key(key);
	text = name_text(text);
	name = name_find(all, x, kind, key);
	if (name != NULL && name->text_len == text.len &&
	    memcmp(name->text, text.ptr, text.len) == 0)
		return;
	if (name != NULL)
		name_remove(all, x, name);
	octets = sizeof(*name) + text.len;
	if (x->nnames >= all->limits.exporter_names ||
	    all->name_octets + octets > all->limits.name_octets ||
	    (name = name_new(x, kind, key, text)) == NULL) {
		s->counters.names_refused++;
		return;
	}
	list_insert_first(&x->names, &name->sibling);
	map_insert(&all->names, &name->node, name_hash(all, x, kind, key));
	all->name_octets += octets;
	x->nnames++;
}
