/*
 * The store of scoped values; see scoped_store.h.
 * Test: test_scoped_store.c.
 *
 * Lookups take constant time: a hash table has the values of each stream, and
 * peers know whether the values of several streams agree.
 */
#include <stdlib.h>
#include <string.h>

#include "limit_hit.h"
#include "scoped_store.h"
#include "scoped_peers.h"

enum {
	/* Peers examined for one of another domain. */
	PEERS_EXAMINED = 32
};

enum scoped_answer {
	ANSWER_NONE,
	ANSWER_ONE,
	ANSWER_AMBIGUOUS /* contradicting values */
};

/* Scope types. */

void
scope_types_init(struct scope_types *types)
{
	list_init(&types->list);
	types->n = 0;
	types->per_set = true;
}

static void
scope_types_update(struct scope_types *types)
{
	const struct list *link, *next;

	types->per_set = true;
	LIST_FOREACH(link, next, &types->list)
		types->per_set &=
		    LIST_ENTRY(link, struct scope_type, sibling)->per_set;
}

static bool
scope_type_is(const struct scope_type *type, const struct scope *scope)
{
	if (type->scope.n != scope->n)
		return false;
	for (unsigned i = 0; i < scope->n; i++)
		if (type->scope.element[i].pen != scope->element[i].pen ||
		    type->scope.element[i].id != scope->element[i].id)
			return false;
	return true;
}

static struct scope_type *
scope_type_find(const struct scope_types *types, const struct scope *scope)
{
	const struct list *link, *next;

	LIST_FOREACH(link, next, &types->list) {
		struct scope_type *type =
		    LIST_ENTRY(link, struct scope_type, sibling);

		if (scope_type_is(type, scope))
			return type;
	}
	return NULL;
}

/* Before less specific ones. */
static void
scope_type_insert(struct scope_types *types, struct scope_type *type)
{
	struct list *at = &types->list;

	while (at->next != &types->list &&
	    LIST_ENTRY(at->next, struct scope_type, sibling)->specificity >=
		type->specificity)
		at = at->next;
	list_insert_first(at, &type->sibling);
	types->n++;
	scope_types_update(types);
}

static struct scope_type *
scope_type_new(struct scope_types *types, enum scoped_kind kind,
    const struct scope *scope)
{
	struct scope_type *type;

	if (types->n == SCOPE_TYPES_MAX)
		return NULL;
	type = calloc(1, sizeof(*type));
	if (type == NULL)
		return NULL;
	type->kind = (uint8_t)kind;
	type->scope = *scope;
	type->local = scope_is_local(scope);
	type->per_set = true;
	for (unsigned i = 0; i < scope->n; i++) {
		type->per_set &= scope_is_per_set(&scope->element[i]);
		type->specificity += scope_specificity(&scope->element[i]);
	}
	scope_type_insert(types, type);
	return type;
}

/* Frees a scope type without values. */
static void
scope_type_release(struct scope_types *types, struct scope_type *type)
{
	if (type->nscoped > 0)
		return;
	list_remove(&type->sibling);
	types->n--;
	scope_types_update(types);
	free(type);
}

/* Scoped values. */

static struct scoped_value *
scoped_find_own(const struct exporters *all, const struct scope_type *type,
    const struct stream *s, const uint64_t *at)
{
	uint64_t hash = scoped_hash(all, type, (uint64_t)(uintptr_t)s, at);

	for (struct map_node *n = map_first(&all->scoped, hash); n != NULL;
	     n = map_same(n)) {
		struct scoped_value *st =
		    LIST_ENTRY(n, struct scoped_value, node);

		if (st->stream == s && st->type == type &&
		    scoped_same(type, st->at, at))
			return st;
	}
	return NULL;
}

/* Whether all values are equal to one of them. */
static enum scoped_answer
peers_agree(const struct exporters *all, const struct value_sum *sum,
    struct scoped_value *one, struct scoped_value **found)
{
	*found = one;
	return sum->sum == sum->n * scoped_peers_hash(all, one->value)
	    ? ANSWER_ONE
	    : ANSWER_AMBIGUOUS;
}

/* A peer of another domain; NULL if it takes too long to find. */
static struct scoped_value *
peers_other_domain(const struct scoped_peers *peers, uint32_t domain)
{
	const struct list *link, *next;
	int looked = 0;

	LIST_FOREACH(link, next, &peers->members) {
		struct scoped_value *st =
		    LIST_ENTRY(link, struct scoped_value, all.link);

		if (st->stream->domain != domain)
			return st;
		if (++looked == PEERS_EXAMINED)
			break;
	}
	return NULL;
}

/* Values of other domains: those of all without those of this one. */
static enum scoped_answer
scoped_from_domains(const struct exporters *all, const struct scope_type *type,
    const struct stream *s, const uint64_t *at, struct value_sum here,
    struct scoped_value **found)
{
	const struct scoped_peers *peers =
	    scoped_peers_find(all, type, peers_key(s, true), at);
	struct value_sum there;
	struct scoped_value *one;

	if (peers == NULL || peers->every.n == here.n)
		return ANSWER_NONE;
	there.n = peers->every.n - here.n;
	there.sum = peers->every.sum - here.sum;
	one = peers_other_domain(peers, s->domain);
	return one != NULL ? peers_agree(all, &there, one, found)
			   : ANSWER_AMBIGUOUS;
}

static enum scoped_answer
scoped_from_peers(const struct exporters *all, const struct scope_type *type,
    const struct stream *s, const uint64_t *at, struct scoped_value **found)
{
	const struct scoped_peers *peers =
	    scoped_peers_find(all, type, peers_key(s, false), at);
	struct value_sum here = { 0, 0 };

	if (peers != NULL)
		here = peers->every;
	if (peers != NULL && peers->shared.n > 0)
		return peers_agree(all, &peers->shared,
		    LIST_ENTRY(
			peers->members.next, struct scoped_value, domain.link),
		    found);
	return type->local ? ANSWER_NONE
			   : scoped_from_domains(all, type, s, at, here, found);
}

static struct scope_cache *
scope_cache(
    struct scope_type *type, const struct stream *s, const uint64_t *at)
{
	uint64_t mix = (uint64_t)(uintptr_t)s;

	for (unsigned i = 0; i < type->scope.n; i++)
		mix = mix * UINT64_C(0x9e3779b97f4a7c15) + at[i];
	mix *= UINT64_C(0x9e3779b97f4a7c15);
	return &type->memo[mix >> 32 & (SCOPE_CACHE - 1)];
}

/* The cached lookup of these values; looks them up if needed. */
static const struct scope_cache *
scoped_lookup(struct exporters *all, struct scope_type *type,
    const struct stream *s, const uint64_t *at)
{
	struct scope_cache *memo = scope_cache(type, s, at);
	enum scoped_answer answer = ANSWER_ONE;
	struct scoped_value *found;

	if (memo->stream == s &&
	    memo->changes == s->exporter->scoped_generation &&
	    scoped_same(type, memo->at, at))
		return memo;
	found = scoped_find_own(all, type, s, at);
	if (found == NULL)
		answer = scoped_from_peers(all, type, s, at, &found);
	memo->stream = s;
	memo->changes = s->exporter->scoped_generation;
	memcpy(memo->at, at, type->scope.n * sizeof(*at));
	memo->found = answer == ANSWER_ONE ? found : NULL;
	memo->none = answer == ANSWER_NONE;
	return memo;
}

/*
 * Reads the element values of flows. Returns the flows that have all of them.
 */
static uint64_t
scope_type_values(const struct scope_type *type,
    const struct scope_flows *flows, uint64_t value[SCOPE_MAX][SCOPE_ROWS])
{
	uint64_t there = bitmap_low(flows->n);

	for (unsigned i = 0; i < type->scope.n && there != 0; i++)
		there &= scope_values(&type->scope.element[i], flows, value[i]);
	return there;
}

/* Looks up flows. Returns those for which less specific types do not matter. */
static uint64_t
scope_type_lookup(struct exporters *all, struct scope_type *type,
    const struct stream *s, const struct scope_flows *flows, uint64_t wanted,
    struct scoped_value *found[SCOPE_ROWS])
{
	uint64_t value[SCOPE_MAX][SCOPE_ROWS], done = 0;
	uint64_t there = wanted & scope_type_values(type, flows, value);

	for (; there != 0; there &= there - 1) {
		unsigned row = bitmap_lowest(there);
		const struct scope_cache *memo;
		uint64_t at[SCOPE_MAX] = { 0 };

		for (unsigned i = 0; i < type->scope.n; i++)
			at[i] = value[i][row];
		memo = scoped_lookup(all, type, s, at);
		if (memo->none)
			continue;
		found[row] = memo->found;
		done |= UINT64_C(1) << row;
	}
	return done;
}

void
scoped_find(struct exporters *all, const struct stream *s,
    enum scoped_kind kind, const struct scope_flows *flows,
    struct scoped_value *found[SCOPE_ROWS])
{
	uint64_t wanted = bitmap_low(flows->n);
	const struct list *link, *next;

	for (size_t i = 0; i < flows->n; i++)
		found[i] = NULL;
	LIST_FOREACH(link, next, &s->exporter->types[kind].list) {
		wanted &= ~scope_type_lookup(all,
		    LIST_ENTRY(link, struct scope_type, sibling), s, flows,
		    wanted, found);
		if (wanted == 0)
			break;
	}
}

static void
scoped_remove(struct exporters *all, struct scoped_value *st)
{
	struct stream *s = st->stream;
	struct exporter *x = s->exporter;

	map_remove(&all->scoped, &st->node);
	list_remove(&st->sibling);
	scoped_peers_leave(all, &st->domain, st->value);
	scoped_peers_leave(all, &st->all, st->value);
	st->type->nscoped--;
	scope_type_release(&x->types[st->type->kind], st->type);
	exporter_options_changed(x);
	pool_sub(&all->pool[POOL_SAMPLERS], &x->usage[POOL_SAMPLERS], 1);
	s->nscoped--;
	x->scoped_generation++;
	all->generation++;
	free(st);
}

void
scoped_drop(struct exporters *all, struct stream *s)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &s->scoped)
		scoped_remove(
		    all, LIST_ENTRY(link, struct scoped_value, sibling));
	/* Another stream may get the same address. */
	s->exporter->scoped_generation++;
}

void
scoped_stop_sharing(struct exporters *all, struct stream *s)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &s->scoped) {
		struct scoped_value *st =
		    LIST_ENTRY(link, struct scoped_value, sibling);

		scoped_peers_stop_sharing(all, &st->domain, st->value);
	}
	s->exporter->scoped_generation++;
}

/* Evicts all values of an exporter; it will state those in use again. */
static void
scoped_evict_all(struct exporters *all, const struct exporter *x)
{
	const struct list *link, *next;

	LIST_FOREACH(link, next, &x->streams) {
		struct stream *s = LIST_ENTRY(link, struct stream, use);

		if (s->nscoped == 0)
			continue;
		s->counters.evicted_samplers += s->nscoped;
		limit_hit(all, x, &s->counters, DECODER_LIMIT_samplers);
		scoped_drop(all, s);
	}
}

/* Evicts the oldest value of the stream, if it was not stated for long. */
static bool
scoped_evict_idle(struct exporters *all, struct stream *s, int64_t now_ns)
{
	struct list *last = list_last(&s->scoped);
	struct scoped_value *st;

	if (last == NULL)
		return false;
	st = LIST_ENTRY(last, struct scoped_value, sibling);
	if (now_ns - st->seen_ns <= ms_to_ns(all->limits.idle_ms))
		return false;
	s->counters.evicted_samplers++;
	limit_hit(
	    all, s->exporter, &s->counters, DECODER_LIMIT_stream_samplers);
	scoped_remove(all, st);
	return true;
}

static bool
scoped_make_room(struct exporters *all, struct stream *s, int64_t now_ns)
{
	struct pool *pool = &all->pool[POOL_SAMPLERS];
	struct pool_usage *usage = &s->exporter->usage[POOL_SAMPLERS], *victim;

	if (s->nscoped >= all->limits.stream_samplers &&
	    !scoped_evict_idle(all, s, now_ns)) {
		limit_hit(all, s->exporter, &s->counters,
		    DECODER_LIMIT_stream_samplers);
		return false;
	}
	while (!pool_has_room(pool, usage, 1)) {
		victim = pool_victim(pool, usage, 1);
		if (victim == NULL || victim == usage) {
			limit_hit(all, s->exporter, &s->counters,
			    DECODER_LIMIT_samplers);
			return false;
		}
		scoped_evict_all(all, victim->owner);
	}
	return true;
}

/* Adds the value to its peers. Returns false when out of memory. */
static bool
scoped_join_peers(struct exporters *all, struct scoped_value *st)
{
	const struct scope_type *type = st->type;
	struct scoped_peers *peers;

	peers = scoped_peers_get(
	    all, type, peers_key(st->stream, false), st->at);
	if (peers == NULL)
		return false;
	scoped_peers_join(
	    all, peers, &st->domain, st->value, !st->stream->has_flows);
	if (type->local)
		return true;
	peers =
	    scoped_peers_get(all, type, peers_key(st->stream, true), st->at);
	if (peers == NULL) {
		scoped_peers_leave(all, &st->domain, st->value);
		return false;
	}
	scoped_peers_join(all, peers, &st->all, st->value, true);
	return true;
}

static struct scoped_value *
scoped_new(struct exporters *all, struct stream *s, struct scope_type *type,
    const uint64_t *at, uint64_t value)
{
	size_t octets = type->scope.n * sizeof(*at);
	struct scoped_value *st = calloc(1, sizeof(*st) + octets);

	if (st == NULL)
		return NULL;
	list_init(&st->domain.link);
	list_init(&st->all.link);
	st->stream = s;
	st->type = type;
	st->value = value;
	memcpy(st->at, at, octets);
	if (scoped_join_peers(all, st))
		return st;
	free(st);
	return NULL;
}

/* Returns false without room or memory. */
static bool
scoped_add(struct exporters *all, struct stream *s, enum scoped_kind kind,
    const struct scope *scope, uint64_t value, int64_t now_ns)
{
	struct scope_types *types = &s->exporter->types[kind];
	struct scope_type *type;
	struct scoped_value *st;

	if (!scoped_make_room(all, s, now_ns))
		return false;
	type = scope_type_find(types, scope);
	if (type == NULL)
		type = scope_type_new(types, kind, scope);
	if (type == NULL)
		return false;
	st = scoped_new(all, s, type, scope->value, value);
	if (st == NULL) {
		scope_type_release(types, type);
		return false;
	}
	st->seen_ns = now_ns;
	type->nscoped++;
	list_insert_first(&s->scoped, &st->sibling);
	map_insert(&all->scoped, &st->node,
	    scoped_hash(all, type, (uint64_t)(uintptr_t)s, st->at));
	pool_add(
	    &all->pool[POOL_SAMPLERS], &s->exporter->usage[POOL_SAMPLERS], 1);
	s->nscoped++;
	exporter_options_changed(s->exporter);
	return true;
}

/* The same scope again. Returns whether the value changed. */
static bool
scoped_refresh(struct exporters *all, struct scoped_value *st, uint64_t value,
    int64_t now_ns)
{
	list_use(&st->stream->scoped, &st->sibling);
	st->seen_ns = now_ns;
	if (st->value == value)
		return false;
	scoped_peers_change(all, &st->domain, st->value, value);
	scoped_peers_change(all, &st->all, st->value, value);
	st->value = value;
	st->flows = 0;
	return true;
}

void
scoped_set(struct exporters *all, struct stream *s, enum scoped_kind kind,
    const struct scope *scope, uint64_t value, int64_t now_ns)
{
	struct scope_type *type =
	    scope_type_find(&s->exporter->types[kind], scope);
	struct scoped_value *st = NULL;

	if (type != NULL)
		st = scoped_find_own(all, type, s, scope->value);
	if (st != NULL && !scoped_refresh(all, st, value, now_ns))
		return;
	if (st == NULL && !scoped_add(all, s, kind, scope, value, now_ns)) {
		s->counters.refused_samplers++;
		return;
	}
	s->exporter->scoped_generation++;
	all->generation++;
}

void
scoped_scope(const struct scoped_value *st, struct scope *scope)
{
	*scope = st->type->scope;
	memcpy(scope->value, st->at, scope->n * sizeof(*st->at));
}
