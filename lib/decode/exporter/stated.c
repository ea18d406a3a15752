/*
 * What options data state; see stated.h. Test: test_stated.c.
 *
 * All lookups cost the same, however many streams state something: a stream
 * finds its own by hash, and that of others through their peers, which know
 * whether all of them state the same.
 */
#include <stdlib.h>
#include <string.h>

#include "limit_hit.h"
#include "stated.h"
#include "stated_peers.h"

enum {
	/* Members of peers that are looked at for one of another domain. */
	STATED_LOOK = 32
};

enum stated_answer {
	STATED_NOTHING,
	STATED_ONE,
	STATED_MANY /* that contradict each other */
};

/* Forms. */

void
stated_forms_init(struct stated_forms *forms)
{
	list_init(&forms->list);
	forms->n = 0;
	forms->of_set = true;
}

static void
forms_judge(struct stated_forms *forms)
{
	const struct list *link, *next;

	forms->of_set = true;
	LIST_FOREACH(link, next, &forms->list)
		forms->of_set &=
		    LIST_ENTRY(link, struct stated_form, sibling)->of_set;
}

static bool
form_is(const struct stated_form *form, const struct scope *scope)
{
	if (form->scope.n != scope->n)
		return false;
	for (unsigned i = 0; i < scope->n; i++)
		if (form->scope.element[i].pen != scope->element[i].pen ||
		    form->scope.element[i].id != scope->element[i].id)
			return false;
	return true;
}

static struct stated_form *
form_find(const struct stated_forms *forms, const struct scope *scope)
{
	const struct list *link, *next;

	LIST_FOREACH(link, next, &forms->list) {
		struct stated_form *form =
		    LIST_ENTRY(link, struct stated_form, sibling);

		if (form_is(form, scope))
			return form;
	}
	return NULL;
}

/* In front of those that are wider. */
static void
form_insert(struct stated_forms *forms, struct stated_form *form)
{
	struct list *at = &forms->list;

	while (at->next != &forms->list &&
	    LIST_ENTRY(at->next, struct stated_form, sibling)->narrow >=
		form->narrow)
		at = at->next;
	list_insert_first(at, &form->sibling);
	forms->n++;
	forms_judge(forms);
}

static struct stated_form *
form_new(struct stated_forms *forms, enum stated_kind kind,
    const struct scope *scope)
{
	struct stated_form *form;

	if (forms->n == STATED_FORMS_MAX)
		return NULL;
	form = calloc(1, sizeof(*form));
	if (form == NULL)
		return NULL;
	form->kind = (uint8_t)kind;
	form->scope = *scope;
	form->local = scope_is_local(scope);
	form->of_set = true;
	for (unsigned i = 0; i < scope->n; i++) {
		form->of_set &= scope_of_set(&scope->element[i]);
		form->narrow += scope_narrowness(&scope->element[i]);
	}
	form_insert(forms, form);
	return form;
}

/* It goes when nothing is stated of it any more. */
static void
form_put(struct stated_forms *forms, struct stated_form *form)
{
	if (form->nstated > 0)
		return;
	list_remove(&form->sibling);
	forms->n--;
	forms_judge(forms);
	free(form);
}

/* Stated values. */

static struct stated *
stated_own(const struct exporters *all, const struct stated_form *form,
    const struct stream *s, const uint64_t *at)
{
	uint64_t hash = stated_hash(all, form, (uint64_t)(uintptr_t)s, at);

	for (struct map_node *n = map_first(&all->stated, hash); n != NULL;
	     n = map_same(n)) {
		struct stated *st = LIST_ENTRY(n, struct stated, node);

		if (st->stream == s && st->form == form &&
		    stated_same(form, st->at, at))
			return st;
	}
	return NULL;
}

/* What those agree on that one of them stated. */
static enum stated_answer
stated_agreed(const struct exporters *all, const struct stated_sum *sum,
    struct stated *one, struct stated **found)
{
	*found = one;
	return sum->sum == sum->n * stated_peers_hash(all, one->value)
	    ? STATED_ONE
	    : STATED_MANY;
}

/* One of another domain; NULL when it would be long to find. */
static struct stated *
stated_elsewhere(const struct stated_peers *peers, uint32_t domain)
{
	const struct list *link, *next;
	int looked = 0;

	LIST_FOREACH(link, next, &peers->members) {
		struct stated *st = LIST_ENTRY(link, struct stated, all.link);

		if (st->stream->domain != domain)
			return st;
		if (++looked == STATED_LOOK)
			break;
	}
	return NULL;
}

/* Of other domains: of all without those of this one. */
static enum stated_answer
stated_of_domains(const struct exporters *all, const struct stated_form *form,
    const struct stream *s, const uint64_t *at, struct stated_sum here,
    struct stated **found)
{
	const struct stated_peers *peers =
	    stated_peers_find(all, form, stated_where(s, true), at);
	struct stated_sum there;
	struct stated *one;

	if (peers == NULL || peers->every.n == here.n)
		return STATED_NOTHING;
	there.n = peers->every.n - here.n;
	there.sum = peers->every.sum - here.sum;
	one = stated_elsewhere(peers, s->domain);
	return one != NULL ? stated_agreed(all, &there, one, found)
			   : STATED_MANY;
}

static enum stated_answer
stated_of_peers(const struct exporters *all, const struct stated_form *form,
    const struct stream *s, const uint64_t *at, struct stated **found)
{
	const struct stated_peers *peers =
	    stated_peers_find(all, form, stated_where(s, false), at);
	struct stated_sum here = { 0, 0 };

	if (peers != NULL)
		here = peers->every;
	if (peers != NULL && peers->speaking.n > 0)
		return stated_agreed(all, &peers->speaking,
		    LIST_ENTRY(peers->members.next, struct stated, domain.link),
		    found);
	return form->local ? STATED_NOTHING
			   : stated_of_domains(all, form, s, at, here, found);
}

static struct stated_memo *
stated_memo(
    struct stated_form *form, const struct stream *s, const uint64_t *at)
{
	uint64_t mix = (uint64_t)(uintptr_t)s;

	for (unsigned i = 0; i < form->scope.n; i++)
		mix = mix * UINT64_C(0x9e3779b97f4a7c15) + at[i];
	mix *= UINT64_C(0x9e3779b97f4a7c15);
	return &form->memo[mix >> 32 & (STATED_MEMO - 1)];
}

/* The memo of these values, looked up now if need be. */
static const struct stated_memo *
stated_look(struct exporters *all, struct stated_form *form,
    const struct stream *s, const uint64_t *at)
{
	struct stated_memo *memo = stated_memo(form, s, at);
	enum stated_answer answer = STATED_ONE;
	struct stated *found;

	if (memo->stream == s && memo->changes == s->exporter->stated_changes &&
	    stated_same(form, memo->at, at))
		return memo;
	found = stated_own(all, form, s, at);
	if (found == NULL)
		answer = stated_of_peers(all, form, s, at, &found);
	memo->stream = s;
	memo->changes = s->exporter->stated_changes;
	memcpy(memo->at, at, form->scope.n * sizeof(*at));
	memo->found = answer == STATED_ONE ? found : NULL;
	memo->none = answer == STATED_NOTHING;
	return memo;
}

/* The values of the flows; returns those that have all of them. */
static uint64_t
form_values(const struct stated_form *form, const struct scope_flows *flows,
    uint64_t value[SCOPE_MAX][SCOPE_ROWS])
{
	uint64_t there = bitmap_low(flows->n);

	for (unsigned i = 0; i < form->scope.n && there != 0; i++)
		there &= scope_values(&form->scope.element[i], flows, value[i]);
	return there;
}

/* Of those flows; returns the ones that a wider form has nothing to say of. */
static uint64_t
form_look(struct exporters *all, struct stated_form *form,
    const struct stream *s, const struct scope_flows *flows, uint64_t wanted,
    struct stated *found[SCOPE_ROWS])
{
	uint64_t value[SCOPE_MAX][SCOPE_ROWS], done = 0;
	uint64_t there = wanted & form_values(form, flows, value);

	for (; there != 0; there &= there - 1) {
		unsigned row = bitmap_lowest(there);
		const struct stated_memo *memo;
		uint64_t at[SCOPE_MAX] = { 0 };

		for (unsigned i = 0; i < form->scope.n; i++)
			at[i] = value[i][row];
		memo = stated_look(all, form, s, at);
		if (memo->none)
			continue;
		found[row] = memo->found;
		done |= UINT64_C(1) << row;
	}
	return done;
}

void
stated_find(struct exporters *all, const struct stream *s,
    enum stated_kind kind, const struct scope_flows *flows,
    struct stated *found[SCOPE_ROWS])
{
	uint64_t wanted = bitmap_low(flows->n);
	const struct list *link, *next;

	for (size_t i = 0; i < flows->n; i++)
		found[i] = NULL;
	LIST_FOREACH(link, next, &s->exporter->forms[kind].list) {
		wanted &= ~form_look(all,
		    LIST_ENTRY(link, struct stated_form, sibling), s, flows,
		    wanted, found);
		if (wanted == 0)
			break;
	}
}

static void
stated_remove(struct exporters *all, struct stated *st)
{
	struct stream *s = st->stream;
	struct exporter *x = s->exporter;

	map_remove(&all->stated, &st->node);
	list_remove(&st->sibling);
	stated_peers_leave(all, &st->domain, st->value);
	stated_peers_leave(all, &st->all, st->value);
	st->form->nstated--;
	form_put(&x->forms[st->form->kind], st->form);
	exporter_told(x);
	pool_sub(&all->pool[POOL_SAMPLERS], &x->stake[POOL_SAMPLERS], 1);
	s->nstated--;
	x->stated_changes++;
	all->generation++;
	free(st);
}

void
stated_drop(struct exporters *all, struct stream *s)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &s->stated)
		stated_remove(all, LIST_ENTRY(link, struct stated, sibling));
	/* Another stream may come to lie where this one does. */
	s->exporter->stated_changes++;
}

void
stated_brings_flows(struct exporters *all, struct stream *s)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &s->stated) {
		struct stated *st = LIST_ENTRY(link, struct stated, sibling);

		stated_peers_silence(all, &st->domain, st->value);
	}
	s->exporter->stated_changes++;
}

/* All of the exporter's: those that are still in use are told again. */
static void
stated_evict_all(struct exporters *all, const struct exporter *x)
{
	const struct list *link, *next;

	LIST_FOREACH(link, next, &x->streams) {
		struct stream *s = LIST_ENTRY(link, struct stream, use);

		if (s->nstated == 0)
			continue;
		s->counters.evicted_samplers += s->nstated;
		limit_hit(all, x, &s->counters, DECODER_LIMIT_samplers);
		stated_drop(all, s);
	}
}

/* One of the stream's that was not stated for long gives way. */
static bool
stated_evict_idle(struct exporters *all, struct stream *s, int64_t now_ns)
{
	struct list *last = list_last(&s->stated);
	struct stated *st;

	if (last == NULL)
		return false;
	st = LIST_ENTRY(last, struct stated, sibling);
	if (now_ns - st->seen_ns <= ms_to_ns(all->limits.idle_ms))
		return false;
	s->counters.evicted_samplers++;
	limit_hit(
	    all, s->exporter, &s->counters, DECODER_LIMIT_stream_samplers);
	stated_remove(all, st);
	return true;
}

static bool
stated_make_room(struct exporters *all, struct stream *s, int64_t now_ns)
{
	struct pool *pool = &all->pool[POOL_SAMPLERS];
	struct stake *stake = &s->exporter->stake[POOL_SAMPLERS], *payer;

	if (s->nstated >= all->limits.stream_samplers &&
	    !stated_evict_idle(all, s, now_ns)) {
		limit_hit(all, s->exporter, &s->counters,
		    DECODER_LIMIT_stream_samplers);
		return false;
	}
	while (!pool_has_room(pool, stake, 1)) {
		payer = pool_payer(pool, stake, 1);
		if (payer == NULL || payer == stake) {
			limit_hit(all, s->exporter, &s->counters,
			    DECODER_LIMIT_samplers);
			return false;
		}
		stated_evict_all(all, payer->owner);
	}
	return true;
}

/* Among its peers; false without memory, and then in none. */
static bool
stated_join(struct exporters *all, struct stated *st)
{
	const struct stated_form *form = st->form;
	struct stated_peers *peers;

	peers = stated_peers_get(
	    all, form, stated_where(st->stream, false), st->at);
	if (peers == NULL)
		return false;
	stated_peers_join(
	    all, peers, &st->domain, st->value, !st->stream->brought_flows);
	if (form->local)
		return true;
	peers =
	    stated_peers_get(all, form, stated_where(st->stream, true), st->at);
	if (peers == NULL) {
		stated_peers_leave(all, &st->domain, st->value);
		return false;
	}
	stated_peers_join(all, peers, &st->all, st->value, true);
	return true;
}

static struct stated *
stated_new(struct exporters *all, struct stream *s, struct stated_form *form,
    const uint64_t *at, uint64_t value)
{
	size_t octets = form->scope.n * sizeof(*at);
	struct stated *st = calloc(1, sizeof(*st) + octets);

	if (st == NULL)
		return NULL;
	list_init(&st->domain.link);
	list_init(&st->all.link);
	st->stream = s;
	st->form = form;
	st->value = value;
	memcpy(st->at, at, octets);
	if (stated_join(all, st))
		return st;
	free(st);
	return NULL;
}

/* False when there is no room or memory. */
static bool
stated_add(struct exporters *all, struct stream *s, enum stated_kind kind,
    const struct scope *scope, uint64_t value, int64_t now_ns)
{
	struct stated_forms *forms = &s->exporter->forms[kind];
	struct stated_form *form;
	struct stated *st;

	if (!stated_make_room(all, s, now_ns))
		return false;
	form = form_find(forms, scope);
	if (form == NULL)
		form = form_new(forms, kind, scope);
	if (form == NULL)
		return false;
	st = stated_new(all, s, form, scope->value, value);
	if (st == NULL) {
		form_put(forms, form);
		return false;
	}
	st->seen_ns = now_ns;
	form->nstated++;
	list_insert_first(&s->stated, &st->sibling);
	map_insert(&all->stated, &st->node,
	    stated_hash(all, form, (uint64_t)(uintptr_t)s, st->at));
	pool_add(
	    &all->pool[POOL_SAMPLERS], &s->exporter->stake[POOL_SAMPLERS], 1);
	s->nstated++;
	exporter_told(s->exporter);
	return true;
}

/* The same scope again: perhaps with another value. */
static bool
stated_again(
    struct exporters *all, struct stated *st, uint64_t value, int64_t now_ns)
{
	list_use(&st->stream->stated, &st->sibling);
	st->seen_ns = now_ns;
	if (st->value == value)
		return false;
	stated_peers_change(all, &st->domain, st->value, value);
	stated_peers_change(all, &st->all, st->value, value);
	st->value = value;
	st->flows = 0;
	return true;
}

void
stated_set(struct exporters *all, struct stream *s, enum stated_kind kind,
    const struct scope *scope, uint64_t value, int64_t now_ns)
{
	struct stated_form *form = form_find(&s->exporter->forms[kind], scope);
	struct stated *st = NULL;

	if (form != NULL)
		st = stated_own(all, form, s, scope->value);
	if (st != NULL && !stated_again(all, st, value, now_ns))
		return;
	if (st == NULL && !stated_add(all, s, kind, scope, value, now_ns)) {
		s->counters.refused_samplers++;
		return;
	}
	s->exporter->stated_changes++;
	all->generation++;
}

void
stated_scope(const struct stated *st, struct scope *scope)
{
	*scope = st->form->scope;
	memcpy(scope->value, st->at, scope->n * sizeof(*st->at));
}
