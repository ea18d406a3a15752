/* Values of keys; see key_values.h. */
#include <stdlib.h>
#include <string.h>

#include "flow_time.h"
#include "key_values.h"

enum {
	SERVICE_PORTS = 49152 /* RFC 6335, 6: from here on they are dynamic */
};

bool
key_values_init(
    struct key_values *v, const struct key *key, struct zone zone)
{
	*v = (struct key_values){ .key = key, .zone = { .zone = zone } };
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

void
key_values_load(struct key_values *v, const struct batch *batch,
    const struct flow_parts *parts, unsigned side)
{
	const struct key *key = v->key;

	v->n = parts->n;
	v->table = &batch->table;
	for (unsigned i = 0; i < key->nparts; i++) {
		const struct key_part *p = &key->part[i];
		struct key_column *k = &v->column[i];

		switch ((enum key_function)p->function) {
		case KEY_COLUMN:
			load_column(k, p, side, batch, parts);
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
}

void
key_values_pack(struct key_values *v)
{
	const struct key_layout *l = &v->layout;
	bool begun[KEY_PARTS] = { false };

	for (unsigned part = 0; part < l->nparts; part++) {
		struct key_place at = l->plain[part];
		const uint64_t *restrict lo = v->column[part].lo;
		uint64_t *restrict word = v->word[at.word];

		if (!begun[at.word])
			for (size_t i = 0; i < v->n; i++)
				word[i] = lo[i] << at.shift;
		else
			for (size_t i = 0; i < v->n; i++)
				word[i] |= lo[i] << at.shift;
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

struct key_value
key_part_value(const struct key_part *p, unsigned side,
    const struct batch *batch, size_t row)
{
	const struct column *c = &batch->col[p->col[side]];
	struct key_value v = { .presence = KEY_ABSENT };

	if (!bitmap_test(c->valid, row))
		return v;
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
