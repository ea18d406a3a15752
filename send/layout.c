/* The layout of records; see layout.h. The fields are in fields.def. */
#include <string.h>

#include "layout.h"

static const int64_t ms_ns = 1000000;

/* How a value is stored. */
enum field_kind {
	FIELD_ADDR,
	FIELD_U8,
	FIELD_LOW8,	/* the low octet of 16 bits */
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_MAC,
	FIELD_UPTIME,	/* milliseconds since the exporter started */
	FIELD_MS	/* milliseconds since 1970 */
};

/* Octets, except of addresses. */
static const uint8_t kind_len[] = {
	[FIELD_U8] = 1,
	[FIELD_LOW8] = 1,
	[FIELD_U16] = 2,
	[FIELD_U32] = 4,
	[FIELD_U64] = 8,
	[FIELD_MAC] = 6,
	[FIELD_UPTIME] = 4,
	[FIELD_MS] = 8,
};

struct said {
	uint16_t element;
	uint16_t element6;
	uint8_t kind;
};

static const struct field {
	uint8_t column;
	uint8_t address;
	struct said v9, ipfix;
} fields[] = {
#define FIELD(column, address, v9, v9_6, v9_kind, ipfix, ipfix_6, ipfix_kind) \
	{ COL_##column, COL_##address, { v9, v9_6, FIELD_##v9_kind },         \
		{ ipfix, ipfix_6, FIELD_##ipfix_kind } },
#include "fields.def"
#undef FIELD
};

enum {
	FIELDS = sizeof(fields) / sizeof(fields[0]),
	ADDRESSES = 6,	/* the first of them */
	KEY_FAMILY = 58 /* bits of a key from here on: IPv6 */
};

_Static_assert((int)FIELDS <= (int)LAYOUT_FIELDS, "a template's room");
_Static_assert((int)FIELDS <= (int)KEY_FAMILY, "a key's bits");

struct colset
layout_columns(void)
{
	struct colset set = { { 0, 0 } };

	for (unsigned i = 0; i < FIELDS; i++)
		colset_add(&set, fields[i].column);
	return set;
}

layout_key
layout_fields_used(const struct batch *batch)
{
	layout_key used = 0;

	for (unsigned i = 0; i < FIELDS; i++)
		if (colset_has(&batch->used, fields[i].column))
			used |= UINT64_C(1) << i;
	return used;
}

layout_key
layout_key_of(const struct batch *batch, size_t row, layout_key used)
{
	layout_key key = 0;

	for (; used != 0; used &= used - 1) {
		unsigned i = (unsigned)__builtin_ctzll(used);
		const struct column *c = &batch->col[fields[i].column];

		if (!bitmap_test(c->valid, row))
			continue;
		key |= UINT64_C(1) << i;
		if (i < ADDRESSES && bitmap_test(c->is6, row))
			key |= UINT64_C(1) << (KEY_FAMILY + i);
	}
	return key;
}

/* Whether the address that a field belongs to is IPv6. */
static bool
is_ipv6(layout_key key, const struct field *f)
{
	for (unsigned i = 0; i < ADDRESSES; i++)
		if (fields[i].column == f->address)
			return key >> (KEY_FAMILY + i) & 1;
	return false;
}

void
layout_init(struct layout *t, layout_key key, uint16_t id, bool ipfix)
{
	memset(t, 0, sizeof(*t));
	t->key = key;
	t->id = id;
	for (unsigned i = 0; i < FIELDS; i++) {
		const struct said *said =
		    ipfix ? &fields[i].ipfix : &fields[i].v9;
		struct layout_field *f = &t->field[t->nfields];
		bool is6 = is_ipv6(key, &fields[i]);

		if ((key >> i & 1) == 0)
			continue;
		f->column = fields[i].column;
		f->kind = said->kind;
		f->element = is6 ? said->element6 : said->element;
		f->len = kind_len[said->kind];
		if (said->kind == FIELD_ADDR)
			f->len = is6 ? 16 : 4;
		t->record_len = (uint16_t)(t->record_len + f->len);
		t->nfields++;
	}
}

uint8_t *
layout_store(const struct layout *t, uint8_t *p)
{
	store_be16(p, t->id);
	store_be16(p + 2, (uint16_t)t->nfields);
	p += 4;
	for (unsigned i = 0; i < t->nfields; i++, p += 4) {
		store_be16(p, t->field[i].element);
		store_be16(p + 2, t->field[i].len);
	}
	return p;
}

static void
store_addr(uint8_t *p, const struct column *c, size_t row, uint8_t len)
{
	if (len == 16)
		addr6_store(p, c->v6[row]);
	else
		store_be32(p, c->u32[row]);
}

static void
store_mac(uint8_t *p, uint64_t mac)
{
	store_be16(p, (uint16_t)(mac >> 32));
	store_be32(p + 2, (uint32_t)mac);
}

void
layout_store_row(const struct layout *t, const struct batch *batch, size_t row,
    int64_t boot_ms, uint8_t *p)
{
	const struct layout_field *f = t->field, *end = f + t->nfields;

	for (; f < end; p += f->len, f++) {
		const struct column *c = &batch->col[f->column];

		switch ((enum field_kind)f->kind) {
		case FIELD_ADDR:
			store_addr(p, c, row, f->len);
			break;
		case FIELD_U8:
			*p = c->u8[row];
			break;
		case FIELD_LOW8:
			*p = (uint8_t)c->u16[row];
			break;
		case FIELD_U16:
			store_be16(p, c->u16[row]);
			break;
		case FIELD_U32:
			store_be32(p, c->u32[row]);
			break;
		case FIELD_U64:
			store_be64(p, c->u64[row]);
			break;
		case FIELD_MAC:
			store_mac(p, c->u64[row]);
			break;
		case FIELD_UPTIME:
			store_be32(p, (uint32_t)(c->ns[row] / ms_ns - boot_ms));
			break;
		case FIELD_MS:
			store_be64(p, (uint64_t)(c->ns[row] / ms_ns));
			break;
		}
	}
}
