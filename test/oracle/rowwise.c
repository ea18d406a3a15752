/* Row-wise decoding, slow and checked; see rowwise.h. */
#include <string.h>

#include "element.h"
#include "rowwise.h"

enum {
	FIELDS_MAX = 512
};

/* One record, cut into its fields. */
struct row {
	const struct field *fields;
	size_t nfields;
	int64_t export_ns;
	const struct element *candidate[FIELDS_MAX];
	struct bytes value[FIELDS_MAX];
	int winner[COL_COUNT];	/* the field that fills a column, or -1 */
	int protocol;		/* -1: not known */
	int version;		/* what ipVersion says, or 0 */
	int family;		/* 4, 6, or 0: not known */
	bool choose_addresses;	/* there are several of a side */
};

static bool
row_cut(struct wire *w, struct row *row)
{
	for (size_t i = 0; i < row->nfields; i++) {
		size_t len = row->fields[i].len;

		if (len == FIELD_VARIABLE) {
			len = wire_u8(w);
			if (len == 255)
				len = wire_u16(w);
		}
		row->value[i] = wire_bytes(w, len);
	}
	return wire_ok(w);
}

/* Can a field of this length fill the column of its element? */
static bool
field_usable(const struct field *f, const struct element *e)
{
	if (e == NULL || e->column < 0 || f->len == 0 ||
	    f->len == FIELD_VARIABLE)
		return false;
	if (e->transform == TRANSFORM_ICMP)
		return f->len == 2;
	switch (column_info[e->column].type) {
	case COLUMN_MAC:
		return f->len == 6;
	case COLUMN_ADDR:
		return f->len <= (e->type == ELEMENT_ADDR4 ? 4 : 16);
	case COLUMN_TIME:
		if (e->type == ELEMENT_MICROSECONDS ||
		    e->type == ELEMENT_NANOSECONDS)
			return f->len == 8;
		return f->len <= 8;
	default:
		return f->len <= 8;
	}
}

static uint64_t
bytes_number(struct bytes v)
{
	uint64_t n = 0;

	for (size_t i = 0; i < v.len; i++)
		n = n * 256 + v.ptr[i];
	return n;
}

/* Is there another element for the column, of a better rank? */
static bool
has_better(const struct row *row, const struct element *e)
{
	for (size_t k = 0; k < row->nfields; k++) {
		const struct field *f = &row->fields[k];
		const struct element *other = element_find(f->pen, f->id);

		if (field_usable(f, other) && other->column == e->column &&
		    other->rank < e->rank)
			return true;
	}
	return false;
}

/* The element of field i, when the field can fill a column by itself. */
static const struct element *
find_candidate(const struct row *row, size_t i)
{
	const struct field *f = &row->fields[i];
	const struct element *e = element_find(f->pen, f->id);

	if (!field_usable(f, e))
		return NULL;
	/* Of an element that is repeated the last field. */
	for (size_t k = i + 1; k < row->nfields; k++) {
		const struct field *later = &row->fields[k];

		if (element_find(later->pen, later->id) == e &&
		    field_usable(later, e))
			return NULL;
	}
	return e->rank == RANK_ALONE && has_better(row, e) ? NULL : e;
}

static const struct element *
field_candidate(const struct row *row, size_t i)
{
	return row->candidate[i];
}

static int
uptime_of(int column)
{
	return column == COL_flow_start ? COL_flow_start_uptime_ms
	    : column == COL_flow_end ? COL_flow_end_uptime_ms : -1;
}

/* What field i has for a column; no octets when it is of another one. */
static struct bytes
value_for(const struct row *row, size_t i, int column)
{
	const struct element *e = field_candidate(row, i);
	struct bytes v = row->value[i];

	if (e == NULL)
		return (struct bytes) { NULL, 0 };
	if (e->transform == TRANSFORM_ICMP && column == COL_icmp_type)
		return (struct bytes) { v.ptr, 1 };
	if (e->transform == TRANSFORM_ICMP && column == COL_icmp_code)
		return (struct bytes) { v.ptr + 1, 1 };
	/* An uptime is an alternative to the time that is made of it. */
	if (e->column == column || uptime_of(column) == e->column)
		return v;
	return (struct bytes) { NULL, 0 };
}

/* Does field i say something of a column: not zero, and not too much? */
static bool
field_says(const struct row *row, size_t i, int column)
{
	struct bytes v = value_for(row, i, column);
	bool zero = true;

	for (size_t k = 0; k < v.len; k++)
		zero = zero && v.ptr[k] == 0;
	return !zero && (v.len > 8 ||
	    bytes_number(v) <= column_max(field_candidate(row, i)->column));
}

/* Is field i for records like this one: 1 yes, -1 no, 0 for all, unknown. */
static int
field_suits(const struct row *row, size_t i)
{
	static const struct {
		int protocol;
		int family;
	} only[] = {
		[ONLY_IPV4] = { -1, 4 },
		[ONLY_IPV6] = { -1, 6 },
		[ONLY_ICMP] = { 1, 0 },
		[ONLY_TCP] = { 6, 0 },
		[ONLY_UDP] = { 17, 0 },
		[ONLY_ICMPV6] = { 58, 0 },
	};
	const struct element *e = field_candidate(row, i);

	if (e->only == ONLY_ANY)
		return 0;
	if (only[e->only].family != 0)
		return row->family == 0 ? 0
		    : row->family == only[e->only].family ? 1 : -1;
	return row->protocol < 0 ? 0
	    : row->protocol == only[e->only].protocol ? 1 : -1;
}

/* What is greater is better: by the words in their order, rank and place. */
static uint64_t
field_worth(bool first, bool second, bool third, unsigned rank, size_t place)
{
	return (uint64_t)first << 63 | (uint64_t)second << 62 |
	    (uint64_t)third << 61 | (uint64_t)(255 - rank) << 32 | place;
}

static bool
by_value_first(int column)
{
	return column == COL_next_hop || column == COL_bgp_next_hop ||
	    column == COL_post_nat_src_addr || column == COL_post_nat_dst_addr;
}

static bool
is_icmp(const struct element *e)
{
	return e->column == COL_icmp_type || e->column == COL_icmp_code;
}

/* Where a field stands; of ICMP's type and code, the later of the two. */
static size_t
field_place(const struct row *row, size_t i)
{
	const struct element *e = field_candidate(row, i);
	size_t last = i;

	for (size_t k = i; k < row->nfields; k++) {
		const struct element *other = field_candidate(row, k);

		if (other != NULL && is_icmp(e) && is_icmp(other) &&
		    other->rank == e->rank && other->only == e->only)
			last = k;
	}
	return last;
}

static uint64_t
worth_alone(const struct row *row, size_t i, int column)
{
	const struct element *e = field_candidate(row, i);
	bool valued = field_says(row, i, column),
	     right = field_suits(row, i) > 0;

	if (e->column == uptime_of(column))
		return field_worth(true, valued, false, 255, i);
	if (by_value_first(column))
		return field_worth(
		    valued, right, false, e->rank, field_place(row, i));
	return field_worth(field_suits(row, i) >= 0, valued, false, e->rank,
	    field_place(row, i));
}

static int
winner_alone(const struct row *row, int column)
{
	uint64_t most = 0, w;
	int best = -1;

	for (size_t i = 0; i < row->nfields; i++) {
		if (value_for(row, i, column).len == 0)
			continue;
		w = worth_alone(row, i, column);
		if (w > most) {
			most = w;
			best = (int)i;
		}
	}
	return best;
}

static size_t
column_candidates(const struct row *row, int column)
{
	size_t n = 0;

	for (size_t i = 0; i < row->nfields; i++)
		n += value_for(row, i, column).len > 0;
	return n;
}

/* An uptime beside a time; zero is none where that says something. */
static int
winner_uptime(const struct row *row, int column, int time)
{
	int best = winner_alone(row, column);

	if (best >= 0 && !field_says(row, (size_t)best, column))
		for (size_t i = 0; i < row->nfields; i++)
			if (field_says(row, i, time))
				return -1;
	return best;
}

/* The source and destination addresses of one family and rank. */
struct pair {
	const struct element *e;	/* one of them; NULL: there is none */
	int field[2];			/* or -1 */
	size_t last;
	bool says;
};

static struct pair
pair_of(const struct row *row, size_t i)
{
	struct pair pair = { field_candidate(row, i), { -1, -1 }, 0, false };

	for (size_t k = 0; k < row->nfields; k++) {
		const struct element *e = field_candidate(row, k);
		int which;

		if (e == NULL || e->rank != pair.e->rank ||
		    e->only != pair.e->only || (e->column != COL_src_addr &&
			e->column != COL_dst_addr))
			continue;
		which = e->column == COL_dst_addr;
		pair.field[which] = (int)k;
		pair.last = k;
		pair.says |= field_says(row, k, e->column);
	}
	return pair;
}

static int
pair_family(const struct pair *pair)
{
	return pair->e->only == ONLY_IPV4 ? 4 : 6;
}

/* The version is that of element 60, if there is one. */
static struct pair
best_pair(const struct row *row, int version)
{
	struct pair best = { NULL, { -1, -1 }, 0, false }, pair;
	uint64_t most = 0, w;

	for (size_t i = 0; i < row->nfields; i++) {
		if (value_for(row, i, COL_src_addr).len == 0 &&
		    value_for(row, i, COL_dst_addr).len == 0)
			continue;
		pair = pair_of(row, i);
		w = field_worth(pair.says,
		    !pair.says && pair_family(&pair) == version, true,
		    pair.e->rank, pair.last);
		if (w > most) {
			most = w;
			best = pair;
		}
	}
	return best;
}

/* Where the best pair has no address: another's, unless that is filler. */
static int
winner_address(const struct row *row, int column)
{
	struct pair best = best_pair(row, row->version), pair;
	int which = column == COL_dst_addr, winner = -1;
	uint64_t most = 0, w;

	if (best.e == NULL || best.field[which] >= 0)
		return best.field[which];
	for (size_t i = 0; i < row->nfields; i++) {
		if (value_for(row, i, column).len == 0)
			continue;
		pair = pair_of(row, i);
		w = field_worth(true, false, false, pair.e->rank, pair.last);
		if (w > most && (field_says(row, i, column) || !best.says ||
		    !row->choose_addresses)) {
			most = w;
			winner = (int)i;
		}
	}
	return winner;
}

/* The field that fills a column, or -1. */
static int
column_winner(const struct row *row, int column)
{
	if (column == COL_src_addr || column == COL_dst_addr)
		return winner_address(row, column);
	if (column == COL_flow_start_uptime_ms)
		return winner_uptime(row, column, COL_flow_start);
	if (column == COL_flow_end_uptime_ms)
		return winner_uptime(row, column, COL_flow_end);
	return winner_alone(row, column);
}

static int
known_version(uint64_t v)
{
	return v == 4 || v == 6 ? (int)v : 0;
}

/* What decides between elements for several kinds of records. */
static void
row_kind(struct row *row)
{
	bool has4 = false, has6 = false;

	row->protocol = -1;
	row->version = 0;
	for (size_t i = 0; i < row->nfields; i++) {
		const struct field *f = &row->fields[i];
		const struct element *e = field_candidate(row, i);

		if (f->pen == PEN_IANA && f->id == ELEMENT_IP_VERSION &&
		    f->len > 0 && f->len <= 8)
			row->version =
			    known_version(bytes_number(row->value[i]));
		if (e != NULL && e->column == COL_protocol &&
		    bytes_number(row->value[i]) <= UINT8_MAX)
			row->protocol = (int)bytes_number(row->value[i]);
		if (e != NULL && (e->column == COL_src_addr ||
		    e->column == COL_dst_addr)) {
			has4 |= e->only == ONLY_IPV4;
			has6 |= e->only == ONLY_IPV6;
		}
	}
	row->choose_addresses = column_candidates(row, COL_src_addr) > 1 ||
	    column_candidates(row, COL_dst_addr) > 1;
	if (has4 != has6)
		row->family = has4 ? 4 : 6;
	else if (row->choose_addresses) {
		struct pair pair = best_pair(row, row->version);

		row->family = pair_family(&pair);
	} else {
		row->family = row->version;
	}
}

static void
put_addr(struct batch *batch, unsigned col, size_t row, struct bytes v,
    bool v6)
{
	uint8_t octets[16] = { 0 };
	struct addr a;

	memcpy(octets, v.ptr, v.len);
	if (v6)
		a = addr_from_v6(addr6_load(octets));
	else
		a = addr_from_v4((uint32_t)bytes_number((struct bytes) { octets,
		    4 }));
	batch_set_addr(batch, col, row, &a);
}

static uint64_t
product_limited(uint64_t v, uint64_t factor)
{
	return v > INT64_MAX / factor ? INT64_MAX / factor * factor
				      : v * factor;
}

static uint64_t
ntp_ns(struct bytes v, uint64_t unit_ns)
{
	uint32_t sec = (uint32_t)bytes_number((struct bytes) { v.ptr, 4 });
	uint64_t frac = bytes_number((struct bytes) { v.ptr + 4, 4 });
	uint64_t units = (frac * (1000000000 / unit_ns) + 0x80000000) /
	    0x100000000;

	sec -= 2208988800U;
	return sec * UINT64_C(1000000000) + units * unit_ns;
}

static void
put_time(struct batch *batch, unsigned col, size_t r,
    const struct element *e, struct bytes v, int64_t export_ns)
{
	uint64_t ns;

	switch (e->type) {
	case ELEMENT_SECONDS:
		ns = product_limited(bytes_number(v), 1000000000);
		break;
	case ELEMENT_MILLISECONDS:
		ns = product_limited(bytes_number(v), 1000000);
		break;
	case ELEMENT_MICROSECONDS:
		ns = ntp_ns(v, 1000);
		break;
	case ELEMENT_NANOSECONDS:
		ns = ntp_ns(v, 1);
		break;
	default:
		ns = (uint64_t)export_ns -
		    product_limited(bytes_number(v), 1000);
		break;
	}
	batch_set_uint(batch, col, r, ns);
}

static void
put_value(struct batch *batch, unsigned col, size_t r,
    const struct element *e, const struct row *row, size_t i)
{
	struct bytes v = row->value[i];

	if (column_info[col].type == COLUMN_ADDR)
		put_addr(batch, col, r, v, e->type == ELEMENT_ADDR6);
	else if (column_info[col].type == COLUMN_TIME)
		put_time(batch, col, r, e, v, row->export_ns);
	else if (bytes_number(v) <= column_max((unsigned)col))
		batch_set_uint(batch, col, r, bytes_number(v));
}

static void
put_other(struct batch *batch, size_t row, const struct field *f,
    struct bytes v)
{
	struct span *span = &batch->col[COL_other].span[row];
	uint8_t *p = batch_heap_take(batch, OTHER_HEAD + v.len);

	if (p == NULL)
		return;
	other_put_head(p, f->pen, f->id, (uint16_t)v.len);
	memcpy(p + OTHER_HEAD, v.ptr, v.len);
	if (!batch_has(batch, COL_other, row))
		*span = (struct span) { (uint32_t)(p - batch->heap), 0 };
	span->len += (uint32_t)(OTHER_HEAD + v.len);
	batch_mark(batch, COL_other, row, 1);
}

static void
find_winners(struct row *row)
{
	row_kind(row);
	for (int column = 0; column < COL_COUNT; column++)
		row->winner[column] = column_winner(row, column);
}

/* Fill the columns that field i has won; returns how many. */
static unsigned
put_columns(const struct row *row, size_t i, struct batch *batch, size_t r)
{
	const struct element *e = field_candidate(row, i);
	unsigned n = 0;

	for (int column = 0; e != NULL && column < COL_COUNT; column++) {
		if (row->winner[column] != (int)i)
			continue;
		n++;
		if (e->transform == TRANSFORM_ICMP)
			batch_set_uint(batch, (unsigned)column, r,
			    bytes_number(value_for(row, i, column)));
		else if (e->column == column)
			put_value(batch, (unsigned)column, r, e, row, i);
	}
	return n;
}

static bool
field_repeated(const struct field *fields, size_t nfields, size_t i)
{
	const struct element *e = element_find(fields[i].pen, fields[i].id);
	unsigned n = 0;

	for (size_t k = 0; k < nfields; k++)
		n += element_find(fields[k].pen, fields[k].id) == e &&
		    field_usable(&fields[k], e);
	return n > 1;
}

static void
put_field(const struct row *row, size_t i, struct batch *batch, size_t r)
{
	const struct field *f = &row->fields[i];
	unsigned filled = put_columns(row, i, batch, r);

	if (row->value[i].len == 0 ||
	    (f->pen == PEN_IANA && f->id == ELEMENT_PADDING_OCTETS))
		return;
	if (filled == 0 || field_repeated(row->fields, row->nfields, i))
		put_other(batch, r, f, row->value[i]);
}

static size_t
record_min(const struct field *fields, size_t nfields)
{
	size_t len = 0;

	for (size_t i = 0; i < nfields; i++)
		len += fields[i].len == FIELD_VARIABLE ? 1 : fields[i].len;
	return len;
}

bool
rowwise_decode(const struct field *fields, size_t nfields, struct bytes set,
    int64_t export_ns, struct batch *batch)
{
	struct row row = { .fields = fields, .nfields = nfields,
		.export_ns = export_ns };
	struct wire w;

	for (size_t i = 0; i < nfields; i++)
		row.candidate[i] = find_candidate(&row, i);
	wire_init(&w, set);
	while (wire_left(&w) >= record_min(fields, nfields) &&
	    batch_room(batch) > 0) {
		size_t r;

		if (!row_cut(&w, &row))
			return false;
		find_winners(&row);
		r = batch_append(batch, 1);
		for (size_t i = 0; i < nfields; i++)
			put_field(&row, i, batch, r);
	}
	return true;
}
