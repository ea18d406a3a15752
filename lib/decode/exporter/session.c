/* Sessions; see session.h. Test: test/unit/decode/test_session.c. */
#include <stdlib.h>

#include "session.h"

enum {
	/* Streams examined for one of the same session. */
	SESSION_LOOK = 32,
	/* A numbering that costs this much more than the other is wrong. */
	SESSION_COST_MAX = 16,
	/* Shared numbers do not conform to the protocols. */
	SESSION_COST_UNUSUAL = 2
};

static void
counters_add_change(struct decode_counters *c,
    const struct sequence_change *change)
{
	c->lost += (uint64_t)change->lost;
	c->late += change->late;
	c->repeated += (uint64_t)change->repeated;
	c->restarts += change->restarts;
}

/* A recently used stream of the same session. */
static struct stream *
session_sibling(struct stream *s)
{
	struct list *link, *next;
	int looked = 0;

	LIST_FOREACH(link, next, &s->exporter->streams) {
		struct stream *t = LIST_ENTRY(link, struct stream, use);

		if (t != s && t->port == s->port && t->version == s->version)
			return t;
		if (looked++ == SESSION_LOOK)
			break;
	}
	return NULL;
}

/* Shared numbering starts with the numbers of the only domain so far. */
static struct session *
session_new(struct exporters *all, struct stream *first)
{
	struct session *session = calloc(1, sizeof(*session));

	if (session == NULL)
		return NULL;
	counting_copy(
	    &session->shared, &first->counting, &all->counting_budget);
	session->cost_shared = SESSION_COST_UNUSUAL;
	session->nstreams = 1;
	first->session = session;
	list_insert_first(&first->exporter->sessions, &session->link);
	return session;
}

void
session_join(struct exporters *all, struct stream *s)
{
	struct stream *other = session_sibling(s);

	if (other == NULL)
		return;
	s->session = other->session != NULL ? other->session
					    : session_new(all, other);
	if (s->session != NULL)
		s->session->nstreams++;
}

/* Decides which numbering applies. */
static void
session_settle(struct exporters *all, struct exporter *x, struct session *s,
    enum session_scope scope)
{
	if (scope == SESSION_DOMAIN) {
		counting_fini(&s->shared, &all->counting_budget);
		counters_add_change(&x->counters, &s->gone);
	}
	s->scope = (uint8_t)scope;
}

void
session_share(struct exporters *all, struct stream *s)
{
	struct session *session = s->session;

	if (session == NULL)
		session = session_new(all, s);
	if (session == NULL || session->scope != SESSION_OPEN)
		return;
	counting_fini(&session->shared, &all->counting_budget);
	counting_copy(&session->shared, &s->counting, &all->counting_budget);
	session_settle(all, s->exporter, session, SESSION_SHARED);
}

static void
session_free(struct exporters *all, struct exporter *x, struct session *s)
{
	struct sequence_change sum = counting_sum(&s->shared);

	if (s->scope == SESSION_SHARED)
		counters_add_change(&x->counters, &sum);
	else if (s->scope == SESSION_OPEN)
		counters_add_change(&x->counters, &s->gone);
	counting_fini(&s->shared, &all->counting_budget);
	list_remove(&s->link);
	free(s);
}

void
session_leave(struct exporters *all, struct stream *s)
{
	struct sequence_change sum = counting_sum(&s->counting);
	struct session *session = s->session;

	if (session == NULL || session->scope == SESSION_DOMAIN)
		counters_add_change(&s->exporter->counters, &sum);
	else
		sequence_change_add(&session->gone, &sum);
	counting_fini(&s->counting, &all->counting_budget);
	s->session = NULL;
	if (session != NULL && --session->nstreams == 0)
		session_free(all, s->exporter, session);
}

/* Compares how both numberings fit. */
static void
session_judge(struct exporters *all, struct exporter *x, struct session *s)
{
	uint8_t least = s->cost_domain < s->cost_shared ? s->cost_domain
							: s->cost_shared;

	s->cost_domain -= least;
	s->cost_shared -= least;
	if (s->cost_shared >= SESSION_COST_MAX)
		session_settle(all, x, s, SESSION_DOMAIN);
	else if (s->cost_domain >= SESSION_COST_MAX)
		session_settle(all, x, s, SESSION_SHARED);
}

struct counting_result
session_note(struct exporters *all, struct stream *s,
    const struct counting_message *m)
{
	struct session *session = s->session;
	struct counting_result domain, shared;

	if (session == NULL || session->scope == SESSION_DOMAIN)
		return counting_note(&s->counting, m, &all->counting_budget);
	shared = counting_note(&session->shared, m, &all->counting_budget);
	if (session->scope == SESSION_SHARED)
		return shared;
	domain = counting_note(&s->counting, m, &all->counting_budget);
	session->cost_domain += domain.cost;
	session->cost_shared += shared.cost;
	domain.follows |= shared.follows;
	session_judge(all, s->exporter, session);
	return domain;
}

struct decode_counters
stream_counters(const struct stream *s)
{
	struct decode_counters sum = s->counters;
	struct sequence_change change = counting_sum(&s->counting);

	if (session_counting(s) == &s->counting)
		counters_add_change(&sum, &change);
	return sum;
}

/* What a session counts beyond its streams. */
static struct sequence_change
session_sum(const struct session *s)
{
	struct sequence_change sum = s->streams, shared;

	if (s->scope == SESSION_DOMAIN)
		return sum;
	shared = counting_sum(&s->shared);
	if (s->scope == SESSION_SHARED)
		return shared;
	if (s->shared.best.predicted &&
	    s->cost_shared < s->cost_domain + SESSION_COST_UNUSUAL)
		sequence_change_least(&sum, &shared);
	return sum;
}

struct decode_counters
exporter_counters(const struct exporter *x)
{
	struct decode_counters sum = x->counters;
	const struct list *link, *next;

	LIST_FOREACH(link, next, &x->sessions) {
		struct session *s = LIST_ENTRY(link, struct session, link);

		s->streams = s->scope == SESSION_OPEN
		    ? s->gone
		    : (struct sequence_change) { 0 };
	}
	LIST_FOREACH(link, next, &x->streams) {
		const struct stream *s = LIST_ENTRY(link, struct stream, use);
		struct sequence_change change = counting_sum(&s->counting);

		counters_add(&sum, &s->counters);
		if (s->session != NULL)
			sequence_change_add(&s->session->streams, &change);
		else
			counters_add_change(&sum, &change);
	}
	LIST_FOREACH(link, next, &x->sessions) {
		struct sequence_change change = session_sum(
		    LIST_ENTRY(link, struct session, link));

		counters_add_change(&sum, &change);
	}
	return sum;
}
