/*
 * The values that the parts of a key have in parts of flows, column by column.
 *
 * What is cheaper than values is kept as it is: one value for all, and small
 * integers or numbers of addresses (codes), which index an array.
 *
 * Used by local_groups.c. Test: test/unit/aggregate/test_key_values.c.
 */
#ifndef FLOWD_KEY_VALUES_H
#define FLOWD_KEY_VALUES_H

#include "flow_parts.h"
#include "key_layout.h"
#include "octets_pool.h"

enum key_form {
	FORM_ONE, /* all have the value one */
	FORM_SMALL, /* code is the value; the last stands for no value */
	FORM_NUMBER, /* code is the number of an address in the table of the
		      * batch; the last stands for no value */
	FORM_VALUES
};

/* Entries of the addresses that a batch has by numbers. */
struct entry_cache {
	uint64_t serial; /* of the table of addresses; 0: of none */
	uint32_t *entry; /* of each number, + 2; 1: none; 0: not looked up */
	size_t cap;
};

struct key_column {
	uint8_t form; /* enum key_form */
	struct key_value one;
	uint32_t ncodes; /* codes are below */
	uint32_t code[PARTS];
	bool plain; /* FORM_VALUES: all are */
	uint8_t presence[PARTS]; /* enum key_presence; not if plain */
	uint64_t lo[PARTS];
	uint64_t hi[PARTS]; /* where presence is KEY_V6 */
	struct entry_cache entries; /* of a part that is KEY_ENTRY */
};

struct key_values {
	const struct key *key;
	struct key_layout layout;
	struct zone_cache zone; /* of hours and days */
	struct octets_pool *pool; /* of KEY_ELEMENT_OCTETS; borrowed */
	unsigned seen; /* bitmap of elements of which some flow had a value */
	const struct address_table *table; /* of the batch at hand */
	size_t n;
	bool plain; /* all keys are; after key_values_expand() */
	struct key_column *column; /* one a part */
	uint64_t *word[KEY_PARTS]; /* of plain keys, each PARTS long */
};

/*
 * key is borrowed, and pool, which may be NULL if no part is of octets. False
 * when out of memory.
 */
bool key_values_init(struct key_values *v, const struct key *key,
    struct octets_pool *pool, struct zone zone);
void key_values_fini(struct key_values *v);

/*
 * Work out the values of parts of a batch: of its source side, 0, or of its
 * destination side, 1. The batch is borrowed until the next. False when there
 * is no memory for more octets.
 */
bool key_values_load(struct key_values *v, const struct batch *batch,
    const struct flow_parts *parts, unsigned side);

static inline uint32_t
prefix_mask4(unsigned len)
{
	return len == 0 ? 0 : UINT32_MAX << (32 - len);
}

/* An address by its number, as the network that the part wants. */
static inline struct key_value
number_value(const struct address_table *t, const struct key_part *p,
    uint32_t number)
{
	struct key_value value = { .presence = KEY_ABSENT };

	if (number < t->n4) {
		value.presence = KEY_PLAIN;
		value.lo = t->v4[number] & prefix_mask4(p->prefix4);
	} else if (number < t->n) {
		struct addr6 mask = addr6_mask(p->prefix6);

		value.presence = KEY_V6;
		value.hi = t->v6_hi[number - t->n4] & mask.hi;
		value.lo = t->v6_lo[number - t->n4] & mask.lo;
	}
	return value;
}

/* The entry of a table that an address is in. */
static inline struct key_value
entry_value(uint32_t entry)
{
	return (struct key_value){
		.presence = entry == 0 ? KEY_ABSENT : KEY_PLAIN,
		.lo = entry == 0 ? 0 : entry - 1,
	};
}

/* Give all columns the form of values. */
void key_values_expand(struct key_values *v);
/* The words of all keys, if all are plain. */
void key_values_pack(struct key_values *v);
/* The key of one part is packed; returns whether it is general. */
bool key_values_pack_one(
    const struct key_values *v, size_t i, uint64_t words[KEY_WORDS]);

/* The value of part i of a column that has codes. */
static inline struct key_value
key_values_code(const struct key_values *v, unsigned part, size_t i)
{
	const struct key_column *k = &v->column[part];

	if (k->form == FORM_NUMBER)
		return number_value(
		    v->table, &v->key->part[part], k->code[i]);
	return (struct key_value){
		.presence = k->code[i] + 1 == k->ncodes ? KEY_ABSENT
							: KEY_PLAIN,
		.lo = k->code[i] + 1 == k->ncodes ? 0 : k->code[i],
	};
}

/*
 * The value of a part that is a column, or the entry of an address, in a row,
 * of one of the sides.
 */
struct key_value key_part_value(const struct key_part *p, unsigned side,
    const struct batch *batch, size_t row);

#endif
