/*
 * Keys as words: how the values of the parts of a key are packed into 64-bit
 * words, by which groups are hashed and compared.
 *
 * Most keys are plain: every part has a value, and addresses are IPv4. They
 * are packed as tightly as the bits of their parts allow: two addresses are one
 * word. Any other key is general, with two bits a part that say what there is,
 * and 128 bits an address.
 *
 * Used by local_groups.c, partition.c and aggregate_result.c.
 * Test: test/unit/aggregate/test_key_layout.c.
 */
#ifndef FLOWD_KEY_LAYOUT_H
#define FLOWD_KEY_LAYOUT_H

#include "key.h"

enum {
	KEY_WORDS = 2 + 2 * KEY_PARTS /* of a key, at most */
};

/* What a part is in one flow. */
enum key_presence {
	KEY_ABSENT,
	KEY_PLAIN, /* an integer, or an IPv4 address */
	KEY_V6
};

struct key_place {
	uint8_t word, shift;
};

struct key_layout {
	unsigned nparts;
	uint8_t bits[KEY_PARTS]; /* of a part of a plain key */
	bool is_addr[KEY_PARTS];
	struct key_place plain[KEY_PARTS], general[KEY_PARTS];
	unsigned plain_words, general_words; /* at least 1 */
};

/* The bits that an integer of a part may have: logs are not trusted. */
static inline uint64_t
key_mask(const struct key_layout *l, unsigned part)
{
	return UINT64_MAX >> (64 - l->bits[part]);
}

/* The value of a part. */
struct key_value {
	uint8_t presence; /* enum key_presence */
	uint64_t lo, hi; /* hi: the first eight octets of an IPv6 address */
};

void key_layout_init(struct key_layout *l, const struct key *key);

/* value has one of each part. */
/* Write l->plain_words words. Each value is plain. */
void key_pack_plain(const struct key_layout *l,
    const struct key_value *value, uint64_t *words);
/* Write l->general_words words. */
void key_pack_general(const struct key_layout *l,
    const struct key_value *value, uint64_t *words);
/* A part of a key that was packed so. */
struct key_value key_unpack(const struct key_layout *l, bool general,
    const uint64_t *words, unsigned part);

/* Are n words, at least one, the same? */
static inline bool
key_words_equal(const uint64_t *a, const uint64_t *b, unsigned n)
{
	uint64_t differ = a[0] ^ b[0];

	for (unsigned i = 1; i < n; i++)
		differ |= a[i] ^ b[i];
	return differ == 0;
}

/* Absent values are first, then integers and IPv4, then IPv6: <0, 0, >0. */
int key_value_compare(const struct key_value *a, const struct key_value *b);

#endif
