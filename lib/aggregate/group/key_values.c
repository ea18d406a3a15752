/* Values of keys; see key_values.h. */
#include <stdlib.h>
#include <string.h>

#include "flow_time.h"
#include "key_values.h"
#include "other.h"
#include "prefix_map.h"

enum {
	SERVICE_PORTS = 49152, /* RFC 6335, 6: from here on they are dynamic */
	ENTRY_CODES = 1 << 16 /* entries of tables that are codes, at most */
};

bool
key_values_init(struct key_values *v, const struct key *key,
    struct octets_pool *pool, struct zone zone)
{
	*v = (struct key_values){ .key = key,
		.zone = { .zone = zone },
		.pool = pool };
	key_layout_init(&v->layout, key);
	v->column = calloc(key->nparts + 1, sizeof(*v->column));
	if (v->column == NULL)
		return false;
	for (unsigned i = 0; i < v->layout.plain_words; i++)
		if ((v->word[i] = calloc(PARTS, sizeof(uint64_t))) == NULL)
			return false;
	return true;
}

void
key_values_fini(struct key_values *v)
{
	for (unsigned i = 0; v->column != NULL && i < v->key->nparts; i++)
		free(v->column[i].entries.entry);
	free(v->column);
	for (unsigned i = 0; i < KEY_PARTS; i++)
		free(v->word[i]);
}

#define PICK(T, from, to) \
	do { \
		const T *restrict v_ = (from); \
\
		if (parts->dense) \
			for (size_t i = 0; i < parts->n; i++) \
				(to)[i] = v_[i]; \
		else \
			for (size_t i = 0; i < parts->n; i++) \
				(to)[i] = v_[parts->row[i]]; \
	} while (0)

/* Integers as values, or those that are small as codes. */
static void
load_integers(struct key_column *k, const struct column *c, unsigned type,
    const struct flow_parts *parts)
{
	k->form = FORM_VALUES;
	switch (type) {
	case COLUMN_U8:
		k->form = FORM_SMALL;
		PICK(uint8_t, c->u8, k->code);
		break;
	case COLUMN_U16:
		k->form = FORM_SMALL;
		PICK(uint16_t, c->u16, k->code);
		break;
	case COLUMN_U32:
		PICK(uint32_t, c->u32, k->lo);
		break;
	default:
		PICK(uint64_t, c->u64, k->lo);
		break;
	}
	if (k->form == FORM_SMALL)
		k->ncodes = (type == COLUMN_U8 ? 1 << 8 : 1 << 16) + 1;
}

/* Which parts have a value in the column, and of which family. */
static void
load_presence(struct key_column *k, const struct column *c, bool is_addr,
    const struct batch *batch, const struct flow_parts *parts)
{
	uint64_t odd = 0;

	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		odd |= batch->selected[w] &
		    (~c->valid[w] | (is_addr ? c->is6[w] : 0));
	k->plain = odd == 0;
	if (k->plain)
		return;
	for (size_t i = 0; i < parts->n; i++) {
		size_t row = parts->row[i];

		k->presence[i] = !bitmap_test(c->valid, row) ? KEY_ABSENT
		    : is_addr && bitmap_test(c->is6, row)
		    ? KEY_V6
		    : KEY_PLAIN;
	}
}

static void
load_addresses(struct key_column *k, const struct column *c,
    const struct key_part *p, const struct flow_parts *parts)
{
	const uint32_t mask4 = prefix_mask4(p->prefix4);
	const struct addr6 mask6 = addr6_mask(p->prefix6);

	k->form = FORM_VALUES;
	PICK(uint32_t, c->u32, k->lo);
	for (size_t i = 0; i < parts->n; i++)
		k->lo[i] &= mask4;
	if (k->plain)
		return;
	for (size_t i = 0; i < parts->n; i++)
		if (k->presence[i] == KEY_V6) {
			struct addr6 a = c->v6[parts->row[i]];

			k->hi[i] = a.hi & mask6.hi;
			k->lo[i] = a.lo & mask6.lo;
		}
}

/* Protocol, and the port of the server as far as that is known. */
static void
load_service(struct key_column *k, const struct batch *batch,
    const struct flow_parts *parts)
{
	const struct column *src = &batch->col[COL_src_port];
	const struct column *dst = &batch->col[COL_dst_port];
	const struct column *proto = &batch->col[COL_protocol];

	k->form = FORM_VALUES;
	k->plain = true;
	for (size_t i = 0; i < parts->n; i++) {
		size_t row = parts->row[i];
		unsigned protocol = bitmap_test(proto->valid, row)
		    ? proto->u8[row]
		    : 0;
		unsigned a = bitmap_test(src->valid, row) ? src->u16[row] : 0;
		unsigned b = bitmap_test(dst->valid, row) ? dst->u16[row] : 0;
		unsigned port = a == 0 || (b != 0 && b < a) ? b : a;
		bool has;

		/* ICMP has its type in the place of a port. */
		if (protocol == 1 || protocol == 58)
			port = 0;
		has = protocol != 0 && port < SERVICE_PORTS;
		k->plain &= has;
		k->presence[i] = has ? KEY_PLAIN : KEY_ABSENT;
		k->lo[i] = (uint64_t)protocol << 16 | port;
	}
	if (k->plain)
		return;
	for (size_t i = 0; i < parts->n; i++)
		if (k->presence[i] == KEY_ABSENT)
			k->lo[i] = 0;
}

static int64_t
floor_seconds(int64_t ns)
{
	return ns / 1000000000 - (ns % 1000000000 < 0);
}

static uint64_t
civil_part(unsigned function, int64_t civil_sec)
{
	int64_t days = civil_sec / 86400 - (civil_sec % 86400 < 0);
	int64_t within = civil_sec - days * 86400;

	switch (function) {
	case KEY_HOUR:
		return (uint64_t)within / 3600;
	case KEY_WEEKDAY:
		return (uint64_t)(((days + 4) % 7 + 7) % 7);
	default:
		return (uint64_t)(days < 0 ? 0 : days);
	}
}

static void
load_civil(struct key_values *v, struct key_column *k, unsigned function,
    const struct batch *batch, const struct flow_parts *parts)
{
	k->form = FORM_VALUES;
	k->plain = true;
	for (size_t i = 0; i < parts->n; i++) {
		int64_t ns;
		bool has = flow_time(batch, parts->row[i], &ns);

		k->plain &= has;
		k->presence[i] = has ? KEY_PLAIN : KEY_ABSENT;
		k->lo[i] = has ? civil_part(function,
				     zone_civil(&v->zone, floor_seconds(ns)))
			       : 0;
	}
}

static void
load_bins(struct key_column *k, const struct flow_parts *parts)
{
	if (parts->one_bin) {
		k->form = FORM_ONE;
		k->one = (struct key_value){ .presence = KEY_PLAIN,
			.lo = parts->bin[0] };
		return;
	}
	k->form = FORM_VALUES;
	k->plain = true;
	for (size_t i = 0; i < parts->n; i++)
		k->lo[i] = parts->bin[i];
}

/* The table of the batch has the addresses: rows have numbers for them. */
static void
load_numbers(struct key_column *k, const struct column *c,
    const struct batch *batch, const struct flow_parts *parts)
{
	k->form = FORM_NUMBER;
	k->ncodes = (uint32_t)batch->table.n + 1;
	PICK(uint32_t, c->u32, k->code);
	if (k->plain)
		return;
	for (size_t i = 0; i < parts->n; i++)
		if (k->presence[i] == KEY_ABSENT)
			k->code[i] = (uint32_t)batch->table.n;
}

static void
clear_absent(struct key_column *k, size_t n)
{
	if (k->plain)
		return;
	for (size_t i = 0; i < n; i++) {
		if (k->presence[i] != KEY_ABSENT)
			continue;
		k->lo[i] = 0;
		if (k->form == FORM_SMALL)
			k->code[i] = k->ncodes - 1;
	}
}

static void
load_column(struct key_column *k, const struct key_part *p, unsigned side,
    const struct batch *batch, const struct flow_parts *parts)
{
	unsigned col = p->col[side];
	const struct column *c = &batch->col[col];

	load_presence(k, c, p->type == KEY_ADDR, batch, parts);
	if (colset_has(&batch->numbered, col)) {
		load_numbers(k, c, batch, parts);
		return;
	}
	if (p->type == KEY_ADDR)
		load_addresses(k, c, p, parts);
	else
		load_integers(k, c, column_info[col].type, parts);
	clear_absent(k, parts->n);
}

/* --- Entries of tables --- */

/* The number of the entry of an address + 1, or 0. */
static uint32_t
address_entry(const struct prefix_map *map, const struct column *c, size_t row)
{
	if (!bitmap_test(c->valid, row))
		return 0;
	return bitmap_test(c->is6, row) ? prefix_map_find6(map, c->v6[row])
					: prefix_map_find4(map, c->u32[row]);
}

static uint32_t
number_entry(const struct prefix_map *map, const struct address_table *t,
    uint32_t number)
{
	struct addr6 a;

	if (number < t->n4)
		return prefix_map_find4(map, t->v4[number]);
	a = (struct addr6){ t->v6_hi[number - t->n4],
		t->v6_lo[number - t->n4] };
	return prefix_map_find6(map, a);
}

/* Make it that of a table of addresses. False when out of memory. */
static bool
entry_cache_begin(struct entry_cache *c, const struct address_table *t)
{
	if (c->serial == t->serial && c->cap >= t->n)
		return true;
	if (c->cap < t->n) {
		free(c->entry);
		c->cap = 0;
		c->serial = 0;
		c->entry = malloc(t->n * sizeof(*c->entry));
		if (c->entry == NULL)
			return false;
		c->cap = t->n;
	}
	if (t->n > 0)
		memset(c->entry, 0, t->n * sizeof(*c->entry));
	c->serial = t->serial;
	return true;
}

static uint32_t
entry_cache_find(struct entry_cache *c, const struct prefix_map *map,
    const struct address_table *t, uint32_t number)
{
	if (c->entry[number] == 0)
		c->entry[number] = number_entry(map, t, number) + 1;
	return c->entry[number] - 1;
}

static void
find_entries(struct key_column *k, const struct prefix_map *map, unsigned col,
    const struct batch *batch, const struct flow_parts *parts)
{
	const struct address_table *t = &batch->table;
	const struct column *c = &batch->col[col];
	bool numbered = colset_has(&batch->numbered, col);
	bool cached = numbered && entry_cache_begin(&k->entries, t);

	for (size_t i = 0; i < parts->n; i++) {
		size_t row = parts->row[i];

		if (!numbered)
			k->lo[i] = address_entry(map, c, row);
		else if (!bitmap_test(c->valid, row))
			k->lo[i] = 0;
		else
			k->lo[i] = cached
			    ? entry_cache_find(
				  &k->entries, map, t, c->u32[row])
			    : number_entry(map, t, c->u32[row]);
	}
}

/* Few entries are codes. */
static void
load_entries(struct key_column *k, const struct key_part *p, unsigned side,
    const struct batch *batch, const struct flow_parts *parts)
{
	const struct prefix_map *map = p->map;

	find_entries(k, map, p->col[side], batch, parts);
	k->form = map->n <= ENTRY_CODES ? FORM_SMALL : FORM_VALUES;
	k->ncodes = (uint32_t)map->n + 1;
	k->plain = true;
	for (size_t i = 0; i < parts->n; i++) {
		struct key_value v = entry_value((uint32_t)k->lo[i]);

		k->presence[i] = v.presence;
		k->plain &= v.presence == KEY_PLAIN;
		k->lo[i] = v.lo;
		k->code[i] = v.presence == KEY_PLAIN ? (uint32_t)v.lo
						     : k->ncodes - 1;
	}
}

/* --- Elements that have no column --- */

/* The value of an element in a row; the last one, if there are several. */
static bool
row_element(const struct batch *batch, size_t row,
    const struct key_element *element, struct bytes *value)
{
	struct wire w;
	struct other o;
	bool found = false;

	if (!batch_has(batch, COL_other, row))
		return false;
	wire_init(&w, batch_bytes(batch, COL_other, row));
	while (other_next(&w, &o))
		for (unsigned i = 0; i < element->n; i++)
			if (o.id == element->id[i].id &&
			    o.pen == element->id[i].pen) {
				*value = o.value;
				found = true;
			}
	return found;
}

static void
load_element_uints(struct key_column *k, const struct key_part *p,
    const struct batch *batch, const struct flow_parts *parts)
{
	for (size_t i = 0; i < parts->n; i++) {
		struct bytes value;
		bool has = row_element(
			       batch, parts->row[i], &p->element, &value) &&
		    value.len >= 1 && value.len <= 8;

		k->presence[i] = has ? KEY_PLAIN : KEY_ABSENT;
		k->lo[i] = has ? load_be(value.ptr, value.len) : 0;
	}
}

/* Zeros that fill a text up are none of it. */
static struct bytes
element_octets(const struct key_part *p, struct bytes value)
{
	while (p->element.type == ELEMENT_STRING && value.len > 0 &&
	    value.ptr[value.len - 1] == 0)
		value.len--;
	return value;
}

static bool
load_element_octets(struct key_column *k, const struct key_part *p,
    struct octets_pool *pool, const struct batch *batch,
    const struct flow_parts *parts)
{
	bool good = true;

	octets_pool_lock(pool);
	for (size_t i = 0; i < parts->n && good; i++) {
		struct bytes value;
		uint32_t number = 0;
		bool has = row_element(
		    batch, parts->row[i], &p->element, &value);

		if (has)
			good = octets_pool_put(
			    pool, element_octets(p, value), &number);
		k->presence[i] = has ? KEY_PLAIN : KEY_ABSENT;
		k->lo[i] = number;
	}
	octets_pool_unlock(pool);
	return good;
}

static bool
load_elements(struct key_values *v, unsigned part, const struct batch *batch,
    const struct flow_parts *parts)
{
	const struct key_part *p = &v->key->part[part];
	struct key_column *k = &v->column[part];
	bool good = true, any = false;

	k->form = FORM_VALUES;
	if (p->function == KEY_ELEMENT_OCTETS)
		good = load_element_octets(k, p, v->pool, batch, parts);
	else
		load_element_uints(k, p, batch, parts);
	k->plain = true;
	for (size_t i = 0; i < parts->n && good; i++) {
		k->plain &= k->presence[i] == KEY_PLAIN;
		any |= k->presence[i] == KEY_PLAIN;
	}
	v->seen |= (unsigned)any << part;
	return good;
}

static struct key_value
column_value(const struct key_values *v, unsigned part, size_t i)
{
	const struct key_column *k = &v->column[part];
	struct key_value value = { .presence = KEY_PLAIN };

	switch ((enum key_form)k->form) {
	case FORM_ONE:
		return k->one;
	case FORM_SMALL:
	case FORM_NUMBER:
		return key_values_code(v, part, i);
	default:
		value.lo = k->lo[i];
		if (!k->plain)
			value.presence = k->presence[i];
		if (value.presence == KEY_V6)
			value.hi = k->hi[i];
		return value;
	}
}

static void
set_column_value(struct key_column *k, size_t i, struct key_value v)
{
	k->lo[i] = v.lo;
	k->hi[i] = v.hi;
	k->presence[i] = v.presence;
	k->plain &= v.presence == KEY_PLAIN;
}

/* Codes without exceptions, which is what most batches have. */
static bool
expand_plain(struct key_values *v, unsigned part)
{
	struct key_column *k = &v->column[part];
	const struct key_part *p = &v->key->part[part];
	uint32_t limit = k->form == FORM_SMALL ? k->ncodes - 1
					       : (uint32_t)v->table->n4;
	uint32_t most = 0;

	for (size_t i = 0; i < v->n; i++)
		most = k->code[i] > most ? k->code[i] : most;
	if (most >= limit)
		return false;
	if (k->form == FORM_SMALL) {
		for (size_t i = 0; i < v->n; i++)
			k->lo[i] = k->code[i];
	} else {
		uint32_t mask = prefix_mask4(p->prefix4);

		for (size_t i = 0; i < v->n; i++)
			k->lo[i] = v->table->v4[k->code[i]] & mask;
	}
	return true;
}

static void
expand_column(struct key_values *v, unsigned part)
{
	struct key_column *k = &v->column[part];

	if (k->form == FORM_ONE) {
		for (size_t i = 0; i < v->n; i++)
			k->lo[i] = k->one.lo;
		k->plain = true;
	} else if (k->form != FORM_VALUES) {
		bool plain = expand_plain(v, part);

		k->plain = true;
		for (size_t i = 0; i < v->n && !plain; i++)
			set_column_value(k, i, column_value(v, part, i));
	}
	k->form = FORM_VALUES;
}

void
key_values_expand(struct key_values *v)
{
	v->plain = true;
	for (unsigned i = 0; i < v->key->nparts; i++) {
		expand_column(v, i);
		v->plain &= v->column[i].plain;
	}
}

/* The lesser of two addresses stands first. */
static void
order_pair(struct key_values *v, unsigned part)
{
	struct key_column *a = &v->column[part], *b = &v->column[part + 1];

	expand_column(v, part);
	expand_column(v, part + 1);
	if (a->plain && b->plain) {
		for (size_t i = 0; i < v->n; i++) {
			uint64_t x = a->lo[i], y = b->lo[i];

			a->lo[i] = x < y ? x : y;
			b->lo[i] = x < y ? y : x;
		}
		return;
	}
	if (a->plain)
		memset(a->presence, KEY_PLAIN, v->n);
	if (b->plain)
		memset(b->presence, KEY_PLAIN, v->n);
	a->plain = b->plain = false;
	for (size_t i = 0; i < v->n; i++) {
		struct key_value x = column_value(v, part, i);
		struct key_value y = column_value(v, part + 1, i);
		bool swap = key_value_compare(&x, &y) > 0;

		set_column_value(a, i, swap ? y : x);
		set_column_value(b, i, swap ? x : y);
	}
}

bool
key_values_load(struct key_values *v, const struct batch *batch,
    const struct flow_parts *parts, unsigned side)
{
	const struct key *key = v->key;
	bool good = true;

	v->n = parts->n;
	v->table = &batch->table;
	for (unsigned i = 0; i < key->nparts; i++) {
		const struct key_part *p = &key->part[i];
		struct key_column *k = &v->column[i];

		switch ((enum key_function)p->function) {
		case KEY_COLUMN:
		case KEY_INTERFACE:
			load_column(k, p, side, batch, parts);
			break;
		case KEY_ENTRY:
			load_entries(k, p, side, batch, parts);
			break;
		case KEY_ELEMENT_UINT:
		case KEY_ELEMENT_OCTETS:
			good &= load_elements(v, i, batch, parts);
			break;
		case KEY_SERVICE:
			load_service(k, batch, parts);
			break;
		case KEY_HOUR:
		case KEY_WEEKDAY:
		case KEY_DAY:
			load_civil(v, k, p->function, batch, parts);
			break;
		case KEY_BIN:
			load_bins(k, parts);
			break;
		}
	}
	if (key->unordered >= 0)
		order_pair(v, (unsigned)key->unordered);
	return good;
}

void
key_values_pack(struct key_values *v)
{
	const struct key_layout *l = &v->layout;
	bool begun[KEY_PARTS] = { false };

	for (unsigned part = 0; part < l->nparts; part++) {
		const struct key_place at = l->plain[part];
		const uint64_t mask = key_mask(l, part);
		const uint64_t *restrict lo = v->column[part].lo;
		uint64_t *restrict word = v->word[at.word];

		if (!begun[at.word])
			for (size_t i = 0; i < v->n; i++)
				word[i] = (lo[i] & mask) << at.shift;
		else
			for (size_t i = 0; i < v->n; i++)
				word[i] |= (lo[i] & mask) << at.shift;
		begun[at.word] = true;
	}
}

bool
key_values_pack_one(
    const struct key_values *v, size_t i, uint64_t words[KEY_WORDS])
{
	struct key_value value[KEY_PARTS];
	bool plain = true;

	for (unsigned part = 0; part < v->layout.nparts; part++) {
		value[part] = column_value(v, part, i);
		plain &= value[part].presence == KEY_PLAIN;
	}
	if (plain)
		key_pack_plain(&v->layout, value, words);
	else
		key_pack_general(&v->layout, value, words);
	return !plain;
}

static uint32_t
row_entry(const struct key_part *p, unsigned side, const struct batch *batch,
    size_t row)
{
	const struct column *c = &batch->col[p->col[side]];

	return colset_has(&batch->numbered, p->col[side])
	    ? number_entry(p->map, &batch->table, c->u32[row])
	    : address_entry(p->map, c, row);
}

struct key_value
key_part_value(const struct key_part *p, unsigned side,
    const struct batch *batch, size_t row)
{
	const struct column *c = &batch->col[p->col[side]];
	struct key_value v = { .presence = KEY_ABSENT };

	if (!bitmap_test(c->valid, row))
		return v;
	if (p->function == KEY_ENTRY)
		return entry_value(row_entry(p, side, batch, row));
	if (colset_has(&batch->numbered, p->col[side]))
		return number_value(&batch->table, p, c->u32[row]);
	v.presence = KEY_PLAIN;
	if (p->type == KEY_UINT) {
		v.lo = batch_uint(batch, p->col[side], row);
	} else if (!bitmap_test(c->is6, row)) {
		v.lo = c->u32[row] & prefix_mask4(p->prefix4);
	} else {
		struct addr6 mask = addr6_mask(p->prefix6);

		v.presence = KEY_V6;
		v.hi = c->v6[row].hi & mask.hi;
		v.lo = c->v6[row].lo & mask.lo;
	}
	return v;
}
