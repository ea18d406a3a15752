/* Keys as words; see key_layout.h. */
#include "key_layout.h"

static void
key_layout_add(struct key_layout *l, unsigned part, unsigned *used_plain,
    unsigned *used_general)
{
	unsigned bits = l->bits[part];

	if (*used_plain % 64 + bits > 64)
		*used_plain += 64 - *used_plain % 64;
	l->plain[part] = (struct key_place){ (uint8_t)(*used_plain / 64),
		(uint8_t)(*used_plain % 64) };
	*used_plain += bits;
	if (l->is_addr[part])
		bits = 128;
	if (*used_general % 64 + bits > 64 && *used_general % 64 != 0)
		*used_general += 64 - *used_general % 64;
	l->general[part] = (struct key_place){ (uint8_t)(*used_general / 64),
		(uint8_t)(*used_general % 64) };
	*used_general += bits;
}

void
key_layout_init(struct key_layout *l, const struct key *key)
{
	unsigned plain = 0, general = 2 * KEY_PARTS;

	*l = (struct key_layout){ .nparts = key->nparts };
	for (unsigned i = 0; i < key->nparts; i++) {
		const struct key_part *p = &key->part[i];

		l->is_addr[i] = p->type == KEY_ADDR;
		l->bits[i] = l->is_addr[i] ? 32 : p->bits;
		key_layout_add(l, i, &plain, &general);
	}
	l->plain_words = plain == 0 ? 1 : (plain + 63) / 64;
	l->general_words = (general + 63) / 64;
}

void
key_pack_plain(const struct key_layout *l,
    const struct key_value *value, uint64_t *words)
{
	for (unsigned i = 0; i < l->plain_words; i++)
		words[i] = 0;
	for (unsigned i = 0; i < l->nparts; i++)
		words[l->plain[i].word] |= (value[i].lo & key_mask(l, i))
		    << l->plain[i].shift;
}

void
key_pack_general(const struct key_layout *l,
    const struct key_value *value, uint64_t *words)
{
	for (unsigned i = 0; i < l->general_words; i++)
		words[i] = 0;
	for (unsigned i = 0; i < l->nparts; i++) {
		struct key_place at = l->general[i];

		words[0] |= (uint64_t)value[i].presence << (2 * i);
		if (value[i].presence == KEY_ABSENT)
			continue;
		if (value[i].presence == KEY_V6) {
			words[at.word] = value[i].lo;
			words[at.word + 1] = value[i].hi;
		} else {
			words[at.word] |= (value[i].lo & key_mask(l, i))
			    << at.shift;
		}
	}
}

struct key_value
key_unpack(const struct key_layout *l, bool general, const uint64_t *words,
    unsigned part)
{
	struct key_place at = general ? l->general[part] : l->plain[part];
	struct key_value v = { .presence = KEY_PLAIN };

	if (general)
		v.presence = words[0] >> (2 * part) & 3;
	v.lo = words[at.word] >> at.shift;
	if (v.presence == KEY_V6)
		v.hi = words[at.word + 1];
	else
		v.lo &= key_mask(l, part);
	return v;
}

int
key_value_compare(const struct key_value *a, const struct key_value *b)
{
	if (a->presence != b->presence)
		return a->presence < b->presence ? -1 : 1;
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return 0;
}
