/*
 * Loads; see load.h.
 *
 * Each loop is written once and instantiated twice, for records at a constant
 * stride and for records found by an index, so that the compiler can unroll it.
 */
#include "load.h"

enum {
	ANY_ELEMENT = 255
};

/* Seconds from 1900, the NTP epoch, to 1970. */
#define NTP_EPOCH_SEC UINT32_C(2208988800)

/* Unrolled by four: an iteration is only a load, a swap and a store. */
#if defined(__clang__)
#define UNROLLED _Pragma("unroll 4")
#elif defined(__GNUC__)
#define UNROLLED _Pragma("GCC unroll 4")
#else
#define UNROLLED
#endif

/* Defines both variants of the inline function name(..., indexed). */
#define LOAD_BOTH(name) \
	static void name##_strided(const struct plan_op *op, \
	    const struct records *recs, struct batch *batch, size_t first) \
	{ \
		name(op, recs, batch, first, false); \
	} \
	static void name##_noted(const struct plan_op *op, \
	    const struct records *recs, struct batch *batch, size_t first) \
	{ \
		name(op, recs, batch, first, true); \
	}

/*
 * A loop that sets every row and leaves marking to the plan. value is an
 * expression of p and len. Local copies of op and recs cannot alias the column
 * and stay in registers.
 */
#define LOAD(name, type, member, value) \
	static inline void name(const struct plan_op *op_, \
	    const struct records *recs_, struct batch *batch, size_t first, \
	    bool indexed) \
	{ \
		const struct plan_op op = *op_; \
		const struct records recs = *recs_; \
		const size_t len = op.len; \
		type *out = batch->col[op.col].member + first; \
\
		(void)len; \
		UNROLLED \
		for (size_t r = 0; r < recs.n; r++) { \
			const uint8_t *p = field_at(&op, &recs, r, indexed); \
\
			out[r] = (type)(value); \
		} \
	} \
	LOAD_BOTH(name)

/* Unsigned integers, with reduced-size encoding (RFC 7011, 6.2). */
LOAD(u8_1, uint8_t, u8, p[0])
LOAD(u16_1, uint16_t, u16, p[0])
LOAD(u16_2, uint16_t, u16, load_be16(p))
LOAD(u32_1, uint32_t, u32, p[0])
LOAD(u32_2, uint32_t, u32, load_be16(p))
LOAD(u32_3, uint32_t, u32, load_be(p, 3))
LOAD(u32_4, uint32_t, u32, load_be32(p))
LOAD(u64_4, uint64_t, u64, load_be32(p))
LOAD(u64_8, uint64_t, u64, load_be64(p))
LOAD(u64_n, uint64_t, u64, load_be(p, len))
LOAD(mac_6, uint64_t, u64, load_be(p, 6))

/*
 * An integer wider than its column. A row whose value does not fit stays empty.
 */
#define LOAD_NARROW(name, type, member, max) \
	static inline void name(const struct plan_op *op, \
	    const struct records *recs, struct batch *batch, size_t first, \
	    bool indexed) \
	{ \
		struct column *c = &batch->col[op->col]; \
\
		colset_add(&batch->used, op->col); \
		for (size_t r = 0; r < recs->n; r++) { \
			const uint8_t *p = field_at(op, recs, r, indexed); \
			uint64_t v = load_be(p, op->len); \
\
			if (v > (max)) \
				continue; \
			c->member[first + r] = (type)v; \
			bitmap_set(c->valid, first + r); \
		} \
	} \
	LOAD_BOTH(name)

LOAD_NARROW(u8_wide, uint8_t, u8, UINT8_MAX)
LOAD_NARROW(u16_wide, uint16_t, u16, UINT16_MAX)
LOAD_NARROW(u32_wide, uint32_t, u32, UINT32_MAX)

/*
 * Times. A time past 63 bits of nanoseconds becomes the largest one, so that it
 * does not wrap into a plausible time.
 */
static inline int64_t
time_scaled(uint64_t v, uint64_t ns_each)
{
	uint64_t max = INT64_MAX / ns_each;

	return (int64_t)((v < max ? v : max) * ns_each);
}

/*
 * NTP timestamp (RFC 7011, 6.1.9 and 6.1.10), rounded to units of unit_ns.
 * Seconds count modulo 2^32 from 1970, which extends into NTP's second era.
 */
static inline int64_t
time_ntp(const uint8_t *p, uint64_t unit_ns)
{
	uint64_t sec = (uint32_t)(load_be32(p) - NTP_EPOCH_SEC);
	uint64_t units = 1000000000 / unit_ns;
	uint64_t frac = (load_be32(p + 4) * units + (UINT64_C(1) << 31)) >> 32;

	return (int64_t)(sec * 1000000000 + frac * unit_ns);
}

LOAD(time_s_4, int64_t, ns, load_be32(p) * INT64_C(1000000000))
LOAD(time_s_n, int64_t, ns, time_scaled(load_be(p, len), 1000000000))
LOAD(time_ms_8, int64_t, ns, time_scaled(load_be64(p), 1000000))
LOAD(time_ms_n, int64_t, ns, time_scaled(load_be(p, len), 1000000))
LOAD(time_us, int64_t, ns, time_ntp(p, 1000))
LOAD(time_ns, int64_t, ns, time_ntp(p, 1))
/* Microseconds before the export time. */
LOAD(delta_us, int64_t, ns,
    recs.export_ns - time_scaled(load_be(p, len), 1000))

/*
 * Addresses. If there are fewer octets than the family has, they are the
 * leading ones, as in a prefix. The column may hold the other family; the last
 * load wins.
 */
#define LOAD_ADDRESS(name, type, member, mark, value) \
	static inline void name(const struct plan_op *op_, \
	    const struct records *recs_, struct batch *batch, size_t first, \
	    bool indexed) \
	{ \
		const struct plan_op op = *op_; \
		const struct records recs = *recs_; \
		const size_t len = op.len; \
		struct column *c = &batch->col[op.col]; \
		type *out = c->member + first; \
\
		(void)len; \
		UNROLLED \
		for (size_t r = 0; r < recs.n; r++) { \
			const uint8_t *p = field_at(&op, &recs, r, indexed); \
\
			out[r] = (value); \
		} \
		mark(c->is6, first, recs.n); \
	} \
	LOAD_BOTH(name)

static inline struct addr6
addr6_leading(const uint8_t *p, size_t len)
{
	struct addr6 a = { 0, 0 };

	for (size_t i = 0; i < len && i < 8; i++)
		a.hi |= (uint64_t)p[i] << (56 - 8 * i);
	for (size_t i = 8; i < len; i++)
		a.lo |= (uint64_t)p[i] << (120 - 8 * i);
	return a;
}

static inline struct addr6
addr6_whole(const uint8_t *p)
{
	return (struct addr6) { load_be64(p), load_be64(p + 8) };
}

LOAD_ADDRESS(addr4_4, uint32_t, u32, bitmap_clear_range, load_be32(p))
LOAD_ADDRESS(addr4_n, uint32_t, u32, bitmap_clear_range,
    (uint32_t)(load_be(p, len) << (32 - 8 * len)))
LOAD_ADDRESS(addr6_16, struct addr6, v6, bitmap_set_range, addr6_whole(p))
LOAD_ADDRESS(addr6_n, struct addr6, v6, bitmap_set_range,
    addr6_leading(p, len))

#define BOTH(name) { name##_strided, name##_noted }

/*
 * The loop for each column type, element type and length. The first match
 * applies.
 */
static const struct {
	uint8_t column;		/* enum column_type */
	uint8_t element;	/* enum element_type, or ANY_ELEMENT */
	uint16_t min, max;	/* octets on the wire */
	bool partial;		/* the loop marks the rows it sets */
	plan_load *load[2];	/* strided, indexed */
} loads[] = {
	{ COLUMN_U8, ANY_ELEMENT, 1, 1, false, BOTH(u8_1) },
	{ COLUMN_U8, ANY_ELEMENT, 2, 8, true, BOTH(u8_wide) },
	{ COLUMN_U16, ANY_ELEMENT, 1, 1, false, BOTH(u16_1) },
	{ COLUMN_U16, ANY_ELEMENT, 2, 2, false, BOTH(u16_2) },
	{ COLUMN_U16, ANY_ELEMENT, 3, 8, true, BOTH(u16_wide) },
	{ COLUMN_U32, ANY_ELEMENT, 1, 1, false, BOTH(u32_1) },
	{ COLUMN_U32, ANY_ELEMENT, 2, 2, false, BOTH(u32_2) },
	{ COLUMN_U32, ANY_ELEMENT, 3, 3, false, BOTH(u32_3) },
	{ COLUMN_U32, ANY_ELEMENT, 4, 4, false, BOTH(u32_4) },
	{ COLUMN_U32, ANY_ELEMENT, 5, 8, true, BOTH(u32_wide) },
	{ COLUMN_U64, ANY_ELEMENT, 4, 4, false, BOTH(u64_4) },
	{ COLUMN_U64, ANY_ELEMENT, 8, 8, false, BOTH(u64_8) },
	{ COLUMN_U64, ANY_ELEMENT, 1, 7, false, BOTH(u64_n) },
	{ COLUMN_MAC, ELEMENT_MAC, 6, 6, false, BOTH(mac_6) },
	{ COLUMN_TIME, ELEMENT_SECONDS, 4, 4, false, BOTH(time_s_4) },
	{ COLUMN_TIME, ELEMENT_SECONDS, 1, 8, false, BOTH(time_s_n) },
	{ COLUMN_TIME, ELEMENT_MILLISECONDS, 8, 8, false, BOTH(time_ms_8) },
	{ COLUMN_TIME, ELEMENT_MILLISECONDS, 1, 8, false, BOTH(time_ms_n) },
	{ COLUMN_TIME, ELEMENT_MICROSECONDS, 8, 8, false, BOTH(time_us) },
	{ COLUMN_TIME, ELEMENT_NANOSECONDS, 8, 8, false, BOTH(time_ns) },
	{ COLUMN_TIME, ELEMENT_UNSIGNED, 1, 8, false, BOTH(delta_us) },
	{ COLUMN_ADDR, ELEMENT_ADDR4, 4, 4, false, BOTH(addr4_4) },
	{ COLUMN_ADDR, ELEMENT_ADDR4, 1, 3, false, BOTH(addr4_n) },
	{ COLUMN_ADDR, ELEMENT_ADDR6, 16, 16, false, BOTH(addr6_16) },
	{ COLUMN_ADDR, ELEMENT_ADDR6, 1, 15, false, BOTH(addr6_n) },
};

plan_load *
load_find(const struct element *e, uint16_t len, bool indexed, bool *partial)
{
	uint8_t column = column_info[e->column].type;

	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		if (loads[i].column == column &&
		    (loads[i].element == e->type ||
			loads[i].element == ANY_ELEMENT) &&
		    len >= loads[i].min && len <= loads[i].max) {
			*partial = loads[i].partial;
			return loads[i].load[indexed];
		}
	return NULL;
}

plan_load *
load_octet(bool indexed)
{
	return indexed ? u8_1_noted : u8_1_strided;
}
