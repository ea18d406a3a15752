/* Rows; see row.h. */
#include "number.h"
#include "row.h"

/* --- To a hash --- */

void
row_maker_init(struct row_maker *m)
{
	Zero(m, 1, struct row_maker);
	shapes_init(&m->shapes);
}

void
row_maker_fini(pTHX_ struct row_maker *m)
{
	shapes_fini(aTHX_ &m->shapes);
	addr_texts_fini(aTHX_ &m->addrs);
}

void
row_maker_batch(pTHX_ struct row_maker *m, const struct flowd_batch *batch)
{
	size_t n;
	const int *columns = flowd_batch_columns(batch, &n);

	for (size_t i = m->shapes.nkeys; i < n; i++) {
		shapes_add(
		    aTHX_ &m->shapes, flowd_column_info(columns[i])->name);
		m->column[i] = columns[i];
	}
	for (size_t i = 0; i < n; i++)
		(void)flowd_batch_vector(batch, columns[i], &m->values[i]);
	m->batch = batch;
}

static SV *
mac_text(pTHX_ uint64_t mac)
{
	return newSVpvf("%02x:%02x:%02x:%02x:%02x:%02x",
	    (unsigned)(mac >> 40 & 0xff), (unsigned)(mac >> 32 & 0xff),
	    (unsigned)(mac >> 24 & 0xff), (unsigned)(mac >> 16 & 0xff),
	    (unsigned)(mac >> 8 & 0xff), (unsigned)(mac & 0xff));
}

/* "name", or "pen:id" of one that has none; "reverse name". */
static SV *
element_key(pTHX_ const struct flowd_element *e)
{
	const char *reverse = e->reverse ? "reverse " : "";

	return e->name != NULL
	    ? newSVpvf("%s%s", reverse, e->name)
	    : newSVpvf("%s%lu:%u", reverse, (unsigned long)e->pen,
		  (unsigned)e->id);
}

/* Of an element that occurs several times the value is an array. */
static void
element_add(pTHX_ HV *hv, SV *key, SV *value)
{
	HE *he = hv_fetch_ent(hv, key, 1, 0);
	SV *first = HeVAL(he);
	AV *av;

	if (!SvOK(first)) {
		sv_setsv(first, value);
		SvREFCNT_dec(value);
		return;
	}
	if (!SvROK(first)) {
		av = newAV();
		av_push(av, newSVsv(first));
		sv_setsv(first, sv_2mortal(newRV_noinc((SV *)av)));
	}
	av_push((AV *)SvRV(first), value);
}

/* Elements without a column, each with its octets as on the wire. */
static SV *
elements_hash(pTHX_ const uint8_t *octets, size_t len)
{
	struct flowd_element e;
	HV *hv = newHV();

	while (flowd_element_next(&octets, &len, &e) == 1)
		element_add(aTHX_ hv, sv_2mortal(element_key(aTHX_ &e)),
		    newSVpvn((const char *)e.value, e.length));
	return newRV_noinc((SV *)hv);
}

struct row_values {
	struct row_maker *maker;
	size_t row;
};

static SV *
row_addr(pTHX_ struct row_maker *m, unsigned i, size_t row)
{
	struct flowd_addr a =
	    flowd_batch_addr(m->batch, m->column[i], row);

	return addr_text(aTHX_ &m->addrs, &a);
}

static SV *
row_value(pTHX_ void *arg, unsigned i)
{
	struct row_values *from = arg;
	const struct flowd_vector *v = &from->maker->values[i];
	size_t row = from->row;

	switch ((enum flowd_type)v->type) {
	case FLOWD_TYPE_U8:
		return newSVuv(v->u8[row]);
	case FLOWD_TYPE_U16:
		return newSVuv(v->u16[row]);
	case FLOWD_TYPE_U32:
		return newSVuv(v->u32[row]);
	case FLOWD_TYPE_U64:
		return newSVuv(v->u64[row]);
	case FLOWD_TYPE_TIME:
		return newSViv(v->time[row]);
	case FLOWD_TYPE_ADDR:
		return row_addr(aTHX_ from->maker, i, row);
	case FLOWD_TYPE_MAC:
		return mac_text(aTHX_ v->u64[row]);
	case FLOWD_TYPE_OCTETS:
		return elements_hash(aTHX_ v->heap + v->span[row].offset,
		    v->span[row].length);
	}
	return newSV(0);
}

SV *
row_hash(pTHX_ struct row_maker *m, size_t row)
{
	struct row_values from = { m, row };
	struct keyset keys = { { 0, 0 } };

	for (unsigned i = 0; i < m->shapes.nkeys; i++)
		if (m->values[i].valid[row / 64] >> row % 64 & 1)
			keyset_add(&keys, i);
	return shapes_make(aTHX_ &m->shapes, &keys, row_value, &from);
}

/* --- And back --- */

struct row_cell {
	int column, type;
	UV uint;
	IV time;
	struct flowd_addr addr;
};

static UV
mac_parse(pTHX_ SV *sv, const char *key)
{
	const char *text = SvPV_nolen_const(sv);
	unsigned o[6];
	char end;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &o[0], &o[1], &o[2],
		&o[3], &o[4], &o[5], &end) != 6)
		croak("Invalid \"%s\"", key);
	return (UV)o[0] << 40 | (UV)o[1] << 32 | (UV)o[2] << 24 |
	    (UV)o[3] << 16 | (UV)o[4] << 8 | (UV)o[5];
}

static void
cell_read(pTHX_ struct row_cell *cell, const char *key, SV *sv)
{
	switch ((enum flowd_type)cell->type) {
	case FLOWD_TYPE_U8:
		cell->uint = number_uint(aTHX_ sv, key, UINT8_MAX);
		break;
	case FLOWD_TYPE_U16:
		cell->uint = number_uint(aTHX_ sv, key, UINT16_MAX);
		break;
	case FLOWD_TYPE_U32:
		cell->uint = number_uint(aTHX_ sv, key, U32_MAX);
		break;
	case FLOWD_TYPE_U64:
		cell->uint = number_uint(aTHX_ sv, key, UV_MAX);
		break;
	case FLOWD_TYPE_TIME:
		cell->time = number_int(aTHX_ sv, key);
		break;
	case FLOWD_TYPE_ADDR:
		addr_parse(aTHX_ sv, key, &cell->addr);
		break;
	case FLOWD_TYPE_MAC:
		cell->uint = mac_parse(aTHX_ sv, key);
		break;
	case FLOWD_TYPE_OCTETS:
		croak("Invalid \"%s\": a hash of elements is not written; "
		      "see copy()", key);
	}
}

static void
cell_set(struct flowd_batch *b, size_t row, const struct row_cell *cell)
{
	if (cell->type == FLOWD_TYPE_TIME)
		(void)flowd_batch_set_time(b, cell->column, row, cell->time);
	else if (cell->type != FLOWD_TYPE_ADDR)
		(void)flowd_batch_set_uint(b, cell->column, row, cell->uint);
	else if (cell->addr.family != FLOWD_ADDR_NONE)
		(void)flowd_batch_set_addr(b, cell->column, row, &cell->addr);
}

/* The values of a hash that are there; returns how many. */
static unsigned
cells_read(pTHX_ HV *hv, struct row_cell *cells)
{
	unsigned n = 0;
	I32 len;
	SV *sv;

	(void)hv_iterinit(hv);
	for (char *key; (sv = hv_iternextsv(hv, &key, &len)) != NULL;) {
		int column = flowd_column_by_name(key);

		if (column < 0)
			croak("Invalid \"%s\": there is no such column", key);
		SvGETMAGIC(sv);
		if (!SvOK(sv) || n == SHAPE_KEYS_MAX)
			continue;
		Zero(&cells[n], 1, struct row_cell);
		cells[n].column = column;
		cells[n].type = flowd_column_info(column)->type;
		cell_read(aTHX_ &cells[n++], key, sv);
	}
	return n;
}

void
row_append(pTHX_ SV *hash, struct flowd_batch *batch)
{
	struct row_cell cells[SHAPE_KEYS_MAX];
	unsigned n;
	int row;

	if (!SvROK(hash) || SvTYPE(SvRV(hash)) != SVt_PVHV)
		croak("a row is a reference to a hash");
	n = cells_read(aTHX_ (HV *)SvRV(hash), cells);
	row = flowd_batch_append(batch);
	if (row < 0)
		croak("%s", flowd_result_text(row));
	for (unsigned i = 0; i < n; i++)
		cell_set(batch, (size_t)row, &cells[i]);
}
