/* Groups by code; see code_groups.h. */
#include <stdlib.h>
#include <string.h>

#include "code_groups.h"

void
code_groups_init(struct code_groups *c, const struct group_layout *layout)
{
	*c = (struct code_groups){ .layout = layout };
}

void
code_groups_fini(struct code_groups *c)
{
	for (size_t i = 0; i < c->ncodes; i++)
		if (c->used[i])
			states_drop(&c->layout->states,
			    c->state + i * c->layout->states.n);
	free(c->used);
	free(c->state);
	free(c->v4);
	free(c->v6_hi);
	free(c->v6_lo);
	code_groups_init(c, c->layout);
}

/* Room for n members of an array, whose content is lost. */
static bool
array_reserve(void *array, size_t *cap, size_t n, size_t octets)
{
	void **p = array;

	if (n <= *cap)
		return true;
	free(*p);
	*p = malloc(n * octets);
	*cap = *p != NULL ? n : 0;
	return *p != NULL;
}

static bool
code_groups_reserve(struct code_groups *c, size_t ncodes)
{
	/* Not 0 octets if there are no states. */
	const size_t octets =
	    (c->layout->states.n + 1) * sizeof(*c->state);
	size_t cap = c->cap;

	return array_reserve(&c->state, &c->cap, ncodes, octets) &&
	    array_reserve(&c->used, &cap, ncodes, sizeof(*c->used));
}

static bool
copy_addresses(struct code_groups *c, const struct address_table *t)
{
	size_t n6 = t->n - t->n4, cap6 = c->cap6;

	if (!array_reserve(&c->v4, &c->cap4, t->n4, sizeof(*c->v4)) ||
	    !array_reserve(&c->v6_hi, &cap6, n6, sizeof(*c->v6_hi)) ||
	    !array_reserve(&c->v6_lo, &c->cap6, n6, sizeof(*c->v6_lo)))
		return false;
	c->n4 = t->n4;
	c->n6 = n6;
	if (t->n4 > 0)
		memcpy(c->v4, t->v4, t->n4 * sizeof(*c->v4));
	if (n6 > 0) {
		memcpy(c->v6_hi, t->v6_hi, n6 * sizeof(*c->v6_hi));
		memcpy(c->v6_lo, t->v6_lo, n6 * sizeof(*c->v6_lo));
	}
	return true;
}

/* The key of the other parts, and 0 in the place of the one that varies. */
static bool
pack_rest(const struct key_values *keys, unsigned part,
    struct key_value value[KEY_PARTS], uint64_t words[KEY_WORDS])
{
	bool plain = true;

	memset(words, 0, KEY_WORDS * sizeof(*words));
	for (unsigned i = 0; i < keys->key->nparts; i++) {
		value[i] = i == part
		    ? (struct key_value){ .presence = KEY_PLAIN }
		    : keys->column[i].one;
		plain &= value[i].presence == KEY_PLAIN;
	}
	if (plain)
		key_pack_plain(&keys->layout, value, words);
	else
		key_pack_general(&keys->layout, value, words);
	return !plain;
}

static uint64_t
table_serial(const struct key_values *keys, unsigned part)
{
	return keys->column[part].form == FORM_NUMBER ? keys->table->serial
						      : 0;
}

bool
code_groups_begin(
    struct code_groups *c, const struct key_values *keys, unsigned part)
{
	const struct key_column *k = &keys->column[part];
	const size_t step = c->layout->states.n;

	c->ncodes = 0;
	if (!code_groups_reserve(c, k->ncodes) ||
	    (k->form == FORM_NUMBER && !copy_addresses(c, keys->table))) {
		/* Some arrays may be missing: none counts as reserved. */
		c->cap = c->cap4 = c->cap6 = 0;
		return false;
	}
	c->part = part;
	c->table = table_serial(keys, part);
	c->rest_general = pack_rest(keys, part, c->value, c->rest);
	c->ncodes = k->ncodes;
	memset(c->used, 0, c->ncodes);
	for (size_t i = 0; i < c->ncodes; i++)
		states_clear(&c->layout->states, c->state + i * step);
	return true;
}

bool
code_groups_have(const struct code_groups *c, const struct key_values *keys,
    unsigned part)
{
	struct key_value value[KEY_PARTS];
	uint64_t rest[KEY_WORDS];

	return c->ncodes == keys->column[part].ncodes && c->part == part &&
	    c->table == table_serial(keys, part) &&
	    c->rest_general == pack_rest(keys, part, value, rest) &&
	    memcmp(c->rest, rest, sizeof(rest)) == 0;
}

void
code_groups_use(struct code_groups *c, const uint32_t *code, size_t n)
{
	for (size_t i = 0; i < n; i++)
		c->used[code[i]] = 1;
}

/* The last code stands for no value. */
static struct key_value
code_value(const struct code_groups *c, size_t code)
{
	struct address_table table = { .n = c->n4 + c->n6,
		.n4 = c->n4,
		.v4 = c->v4,
		.v6_hi = c->v6_hi,
		.v6_lo = c->v6_lo };

	if (code + 1 == c->ncodes)
		return (struct key_value){ .presence = KEY_ABSENT };
	if (c->table != 0)
		return number_value(&table,
		    &c->layout->key->part[c->part], (uint32_t)code);
	return (struct key_value){ .presence = KEY_PLAIN, .lo = code };
}

/* The key of a code; returns whether it is general. */
static bool
code_key(struct code_groups *c, size_t code, uint64_t *words)
{
	const struct key_layout *l = &c->layout->keys;
	struct key_value value = code_value(c, code);
	struct key_place at = l->plain[c->part];

	if (value.presence != KEY_PLAIN || c->rest_general) {
		c->value[c->part] = value;
		key_pack_general(l, c->value, words);
		return true;
	}
	for (unsigned w = 0; w < l->plain_words; w++)
		words[w] = c->rest[w];
	words[at.word] |= value.lo << at.shift;
	return false;
}

int
code_groups_flush(struct code_groups *c, struct group_buffers buffers[2],
    struct flowd_error *err)
{
	const struct group_layout *l = c->layout;
	uint64_t words[KEY_WORDS], *state = c->state;
	int bad = 0;

	for (size_t code = 0; code < c->ncodes; code++, state += l->states.n) {
		bool general;

		if (c->used[code] && bad == 0) {
			general = code_key(c, code, words);
			bad = group_buffers_add(&buffers[general],
			    group_hash(l->secret, words,
				buffers[general].key_words),
			    words, state, err);
		} else if (c->used[code]) {
			states_drop(&l->states, state);
		}
	}
	c->ncodes = 0;
	return bad;
}
