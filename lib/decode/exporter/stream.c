/* Streams; see stream.h. Test: test_stream.c. */
#include <stdlib.h>
#include <string.h>

#include "port_change.h"
#include "template_store.h"
#include "early.h"
#include "limit_hit.h"
#include "option_name.h"
#include "session.h"
#include "scoped_store.h"
#include "stream.h"

enum {
	/* Streams examined for a silent one. */
	SILENT_EXAMINED = 8,
	/* The shortest silence. */
	SILENT_MS = 60000,
	/* Datagrams after which ndatagrams and nports are halved. */
	RECENT = 64
};

void
stream_remove(struct exporters *all, struct stream *s)
{
	struct list *link, *next;

	chain_remove(s);
	early_forget(all, s);
	scoped_drop(all, s);
	names_drop(all, s);
	LIST_FOREACH(link, next, &s->templates)
		template_remove(all,
		    LIST_ENTRY(link, struct template, sibling));
	map_remove(&all->streams, &s->node);
	list_remove(&s->use);
	list_remove(&s->peer);
	pool_sub(&all->pool[POOL_STREAMS], &s->exporter->usage[POOL_STREAMS],
	    1);
	counters_add(&s->exporter->counters, &s->counters);
	session_leave(all, s);
	free(s);
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

struct stream *
stream_known(struct exporters *all, struct exporter *x, const struct message *m,
    uint16_t port)
{
	struct stream *s;
	uint64_t hash;

	hash = stream_hash(all, x, port, m->version->number, m->domain);
	for (struct map_node *n = map_first(&all->streams, hash); n != NULL;
	    n = map_same(n)) {
		s = LIST_ENTRY(n, struct stream, node);
		if (stream_is(s, x, m, port))
			return s;
	}
	return NULL;
}

/*
 * Silent for longer than it was active, or than idle_ms: its port may not be in
 * use any more.
 */
static bool
stream_is_silent(const struct exporters *all, const struct stream *s,
    int64_t now_ns)
{
	int64_t there_ns = s->last_ns - s->first_ns;
	int64_t silent_ns = now_ns - s->last_ns;

	return silent_ns > ms_to_ns(SILENT_MS) && (silent_ns > there_ns ||
	    silent_ns > ms_to_ns(all->limits.idle_ms));
}

/* A silent stream among the last ones of a list. Links are at offset. */
static struct stream *
stream_find_silent(const struct exporters *all, struct list *list,
    size_t offset, int64_t now_ns)
{
	struct list *link = list->prev;

	for (int i = 0; i < SILENT_EXAMINED && link != list; i++) {
		struct stream *s = (void *)((uintptr_t)link - offset);

		if (stream_is_silent(all, s, now_ns))
			return s;
		link = link->prev;
	}
	return NULL;
}

/*
 * The victim of a rank that has streams: a silent one, or the newest. If it
 * were the oldest, streams that take turns would all be evicted before their
 * next turn.
 */
static struct stream *
stream_rank_victim(
    const struct exporters *all, struct list *rank, int64_t now_ns)
{
	struct stream *s = stream_find_silent(all, rank,
	    offsetof(struct stream, peer), now_ns);

	return s != NULL ? s : LIST_ENTRY(rank->next, struct stream, peer);
}

/* The stream of the exporter to evict, or NULL. */
static struct stream *
stream_victim(const struct exporters *all, struct exporter *x,
    enum stream_rank evicts, int64_t now_ns)
{
	for (unsigned i = 0; i <= evicts && i < STREAM_WORKING; i++)
		if (!list_empty(&x->ranks[i]))
			return stream_rank_victim(all, &x->ranks[i], now_ns);
	if (evicts == STREAM_WORKING)
		return LIST_ENTRY(x->streams.prev, struct stream, use);
	return stream_find_silent(all, &x->streams,
	    offsetof(struct stream, use), now_ns);
}

/* Returns false if there is none to evict. */
static bool
stream_evict(struct exporters *all, struct exporter *x,
    enum stream_rank evicts, int64_t now_ns, unsigned limit)
{
	struct stream *s = stream_victim(all, x, evicts, now_ns);

	if (s == NULL)
		return false;
	stream_remove(all, s);
	x->counters.evicted_streams++;
	limit_hit(all, x, &x->counters, limit);
	return true;
}

/* Evicts a stream of the exporter that has to give way to x. */
static bool
stream_evict_elsewhere(struct exporters *all, struct exporter *x,
    enum stream_rank evicts, int64_t now_ns)
{
	struct pool_usage *victim = pool_victim(&all->pool[POOL_STREAMS],
	    &x->usage[POOL_STREAMS], 1);
	struct exporter *owner;

	if (victim == NULL)
		return false;
	owner = victim->owner;
	if (owner->rank < x->rank)
		evicts = STREAM_WORKING;
	return stream_evict(all, owner, evicts, now_ns, DECODER_LIMIT_streams);
}

/* Returns false if the exporter cannot have another one. */
static bool
stream_make_room(struct exporters *all, struct exporter *x,
    enum stream_rank evicts, int64_t now_ns)
{
	struct pool_usage *usage = &x->usage[POOL_STREAMS];

	if (usage->amount >= all->limits.exporter_streams &&
	    !stream_evict(all, x, evicts, now_ns,
		DECODER_LIMIT_exporter_streams)) {
		limit_hit(all, x, &x->counters, DECODER_LIMIT_exporter_streams);
		return false;
	}
	while (!pool_has_room(&all->pool[POOL_STREAMS], usage, 1))
		if (!stream_evict_elsewhere(all, x, evicts, now_ns)) {
			limit_hit(all, x, &x->counters, DECODER_LIMIT_streams);
			return false;
		}
	return true;
}

static void
stream_set_rank(struct stream *s, enum stream_rank rank)
{
	s->rank = (uint8_t)rank;
	list_remove(&s->peer);
	list_insert_first(&s->exporter->ranks[rank], &s->peer);
}

static void
stream_set_working(struct stream *s)
{
	stream_set_rank(s, versions[version_find(s->version)].sets
		? STREAM_WORKING
		: STREAM_NO_TEMPLATES);
}

void
stream_done(struct stream *s)
{
	if (s->rank >= STREAM_NO_TEMPLATES ||
	    (s->ntemplates == 0 && !s->has_flows))
		return;
	if (stream_is_single(s))
		stream_set_rank(s, STREAM_SINGLE);
	else
		stream_set_working(s);
}

void
stream_restore(struct stream *s, bool works, bool changes_ports)
{
	s->ndatagrams = works || changes_ports ? 2 : 1;
	s->nports = changes_ports ? 2 : 1;
	if (works)
		stream_set_working(s);
}

struct stream *
stream_new(struct exporters *all, struct exporter *x, const struct message *m,
    uint16_t port, enum stream_rank evicts)
{
	struct stream *s;

	if (!stream_make_room(all, x, evicts, m->recv_ns))
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->exporter = x;
	s->port = port;
	s->version = m->version->number;
	s->domain = m->domain;
	s->first_ns = s->last_ns = m->recv_ns;
	s->first_sequence = m->sequence;
	s->ndatagrams = s->nports = 1;
	list_init(&s->templates);
	list_init(&s->queues);
	list_init(&s->scoped);
	list_init(&s->names);
	list_insert_first(&x->streams, &s->use);
	list_insert_first(&x->ranks[STREAM_EMPTY], &s->peer);
	pool_add(&all->pool[POOL_STREAMS], &x->usage[POOL_STREAMS], 1);
	map_insert(&all->streams, &s->node,
	    stream_hash(all, x, port, s->version, s->domain));
	counting_init(&s->counting, m->version->sequence_unit,
	    m->version->sequence_units);
	session_join(all, s);
	return s;
}

/* Counts a datagram; older ones weigh less. */
static struct stream *
stream_add_datagram(struct stream *s)
{
	if (++s->ndatagrams >= RECENT) {
		s->ndatagrams /= 2;
		s->nports = (s->nports + 1) / 2;
	}
	return s;
}

static void
stream_move(struct exporters *all, struct stream *s, uint16_t port)
{
	map_remove(&all->streams, &s->node);
	s->port = port;
	s->nports++;
	s->counters.moved++;
	map_insert(&all->streams, &s->node,
	    stream_hash(all, s->exporter, port, s->version, s->domain));
}

/* Whether the message has a set of templates. */
static bool
message_has_templates(const struct message *m, struct bytes body)
{
	struct wire w;

	wire_init(&w, body);
	while (wire_ok(&w) && wire_left(&w) >= SET_HEADER) {
		uint16_t id = wire_u16(&w), len = wire_u16(&w);

		if (id == m->version->set_template ||
		    id == m->version->set_options)
			return true;
		if (len < SET_HEADER)
			return false;
		(void)wire_bytes(&w, len - SET_HEADER);
	}
	return false;
}

/* Takes over what an earlier link of the chain has and has counted. */
static void
chain_join_link(struct exporters *all, struct stream *s, struct stream *link)
{
	early_move(all, link, s);
	templates_move(all, link, s);
	names_move(all, link, s);
	counters_add(&s->counters, &link->counters);
	memset(&link->counters, 0, sizeof(link->counters));
	s->first_ns = link->first_ns;
	s->first_sequence = link->first_sequence;
	s->ndatagrams++;
	s->nports++;
	if (link->nscoped == 0)
		stream_remove(all, link);
}

/* Merges the links of a proven chain into one stream. */
static void
chain_join(struct exporters *all, struct stream *s)
{
	struct stream *link = chain_before(s), *before;

	for (; link != NULL; link = before) {
		before = chain_before(link);
		chain_join_link(all, s, link);
	}
	chain_remove(s);
	early_retry(all, s);
}

/* The previous link may have been evicted for s. */
static void
chain_append_to(struct exporters *all, struct stream *s,
    const struct message *m, uint16_t port)
{
	struct stream *before = stream_known(all, s->exporter, m, port);

	if (before != NULL)
		chain_append(before, s);
}

/*
 * The stream for a message from an unknown port: one that moves there, or a new
 * one.
 */
static struct stream *
stream_at_new_port(struct exporters *all, struct exporter *x,
    const struct message *m, struct bytes body, uint16_t port)
{
	bool brings = m->version->sets && message_has_templates(m, body);
	enum stream_rank evicts = STREAM_NO_TEMPLATES;
	struct port_change a;
	struct stream *s;

	port_change_find(&a, x, m);
	if (a.stream != NULL) {
		stream_move(all, a.stream, port);
		chain_join(all, a.stream);
		return stream_add_datagram(a.stream);
	}
	if (m->version->sets)
		evicts = brings ? STREAM_SINGLE : STREAM_EMPTY;
	s = stream_new(all, x, m, port, evicts);
	if (s != NULL && a.before_port >= 0)
		chain_append_to(all, s, m, (uint16_t)a.before_port);
	return s;
}

struct stream *
stream_get(struct exporters *all, struct exporter *x, const struct message *m,
    struct bytes body, uint16_t port)
{
	struct stream *s = LIST_ENTRY(x->streams.next, struct stream, use);

	/* Datagrams arrive in runs. */
	if (!list_empty(&x->streams) && stream_is(s, x, m, port))
		return stream_add_datagram(s);
	s = stream_known(all, x, m, port);
	if (s == NULL)
		s = stream_at_new_port(all, x, m, body, port);
	else
		(void)stream_add_datagram(s);
	if (s == NULL)
		return NULL;
	list_use(&x->streams, &s->use);
	return s;
}
