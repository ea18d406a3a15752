/*
 * Streams of integers in a block of a version 4 log. A stream is an octet that
 * names its encoding, and what the encoding needs, which may be streams in
 * turn: so the files of encodings and int_stream.c call each other, up to
 * STREAM_DEPTH levels. Each encoding has a file, enc_*.c; flowd-log(5) has
 * their layouts.
 *
 * Reading has two steps. Opening a stream decompresses it and proves that all
 * of its integers can be computed; from then on any run of them is computed
 * without checks. Integers are taken modulo 2^32 or 2^64.
 *
 * Tests: test/unit/store/test_int_stream.c; fuzz: fuzz/fuzz_v4.c.
 */
#ifndef FLOWD_INT_STREAM_H
#define FLOWD_INT_STREAM_H

#include "compression.h"

enum {
	STREAM_DEPTH = 4,	/* streams within each other */
	STREAM_MAX = 256 * 1024, /* integers in one */
	SCALES = 10		/* powers of ten */
};

/* As in the file; encodings[] has a row for each. */
enum encoding_id {
	ENCODING_CONSTANT,
	ENCODING_PLANES,
	ENCODING_PACKED,
	ENCODING_DICTIONARY,
	ENCODING_RUNS,
	ENCODING_DELTA,
	ENCODING_COUNT
};

/* Integers to encode: an array of one width. */
struct values {
	size_t n;
	unsigned width;		/* octets of each: 1, 2, 4 or 8 */
	union {
		const void *any;
		const uint8_t *u8;
		const uint16_t *u16;
		const uint32_t *u32;
		const uint64_t *u64;
	};
	bool is_signed;		/* differences are small, values need not be */
	bool scaled;		/* times: often multiples of a larger unit */
	bool ranged;		/* min and max are known */
	uint64_t min, max;
};

static inline struct values
values_u32(const uint32_t *v, size_t n)
{
	return (struct values){ .n = n, .width = 4, .u32 = v };
}

static inline struct values
values_u64(const uint64_t *v, size_t n)
{
	return (struct values){ .n = n, .width = 8, .u64 = v };
}

static inline uint64_t
values_at(const struct values *v, size_t i)
{
	switch (v->width) {
	case 1:
		return v->u8[i];
	case 2:
		return v->u16[i];
	case 4:
		return v->u32[i];
	default:
		return v->u64[i];
	}
}

struct int_stream_writer {
	struct compressor *compressor;
	struct scratch *scratch;
	struct buf *out;
	unsigned depth;		/* of the stream that is written */
};

/* Append v with a suitable encoding. A failure is recorded in out. */
void int_stream_put(struct int_stream_writer *w, struct values *v);

struct int_stream;

struct encoding {
	const char *name;
	/* Read what follows the octet of the encoding; s->n is set. */
	bool (*open)(struct int_stream *s, unsigned depth);
	/* Compute the n integers from first on. */
	void (*get32)(const struct int_stream *s, size_t first, size_t n,
	    uint32_t *out);
	void (*get64)(const struct int_stream *s, size_t first, size_t n,
	    uint64_t *out);
};

extern const struct encoding encoding_constant;
extern const struct encoding encoding_planes;
extern const struct encoding encoding_packed;
extern const struct encoding encoding_dictionary;
extern const struct encoding encoding_runs;
extern const struct encoding encoding_delta;

/* What the streams of one block share while they are read. */
struct int_stream_source {
	struct wire w;
	struct decompressor *decompressor;
	struct scratch *scratch;
	/*
	 * Planes are not decompressed before they are needed by
	 * int_stream_range(), or by int_stream_complete().
	 */
	bool on_demand;
};

struct int_stream {
	const struct encoding *encoding;
	struct int_stream_source *source;
	size_t n;
	uint64_t base, scale;
	union {
		struct {
			const uint8_t *octet[8];	/* NULL: all zero */
			/* a bit for each that is not decompressed yet */
			unsigned pending;
			struct compressed compressed[8];
		} planes;
		struct {
			const uint8_t *octets;
			unsigned bits;
		} packed;
		struct {
			const uint64_t *values;
			struct int_stream *index;
		} dictionary;
		struct {
			const uint64_t *values;
			const uint32_t *ends;	/* of the runs */
			size_t n;
		} runs;
		const uint64_t *all;	/* delta: the integers */
	};
};

/*
 * Open the stream of n integers at source->w, and move source->w behind it.
 * False when it is damaged or memory is short. It points into the source and
 * its scratch.
 */
bool int_stream_open(
    struct int_stream *s, struct int_stream_source *source, size_t n);

static inline void
int_stream_get32(
    const struct int_stream *s, size_t first, size_t n, uint32_t *out)
{
	s->encoding->get32(s, first, n, out);
}

static inline void
int_stream_get64(
    const struct int_stream *s, size_t first, size_t n, uint64_t *out)
{
	s->encoding->get64(s, first, n, out);
}

/*
 * Decompress what is pending. source has the decompressor and the scratch; what
 * w holds does not matter. False as above. Others than int_stream_range() may
 * only be called afterwards.
 */
bool int_stream_complete(
    struct int_stream *s, struct int_stream_source *source);

/*
 * Can a range be tested without computing the integers, none of which is above
 * max?
 */
bool int_stream_has_range(const struct int_stream *s, uint64_t max);
/*
 * Then write to rows, a bitmap, which of the n integers from first on are from
 * lo to hi. Decompresses what it needs; false as above.
 */
bool int_stream_range(struct int_stream *s, struct int_stream_source *source,
    size_t first, size_t n, uint64_t lo, uint64_t hi, uint64_t *rows);

/* Open the stream of n integers and compute them all; NULL as above. */
uint64_t *int_stream_all64(struct int_stream_source *source, size_t n);
uint32_t *int_stream_all32(struct int_stream_source *source, size_t n);

/* Within encodings. */
bool int_stream_open_inner(struct int_stream *s,
    struct int_stream_source *source, size_t n, unsigned depth);
uint64_t *int_stream_all_inner(struct int_stream_source *source, size_t n,
    unsigned depth);

/* What planes_range.c needs: the k-th plane, decompressed. */
bool planes_complete(struct int_stream *s, struct int_stream_source *source,
    unsigned k);

/* Find the minimum and maximum, signed or unsigned as v says. */
void values_range(struct values *v);
/* The difference between them. */
uint64_t values_span(struct values *v);
/* Are all the same? */
bool values_constant(const struct values *v);
/* How many, from first (not 0) up to end, differ from the one before. */
size_t values_changes(const struct values *v, size_t first, size_t end);
/*
 * Subtract v->min from n values, from first on, and shift the results right by
 * so many bits; out gets the lower 32 bits.
 */
void values_above(const struct values *v, size_t first, size_t n,
    unsigned shift, uint32_t *out);

/* 10 to this power; 0 if ten is not below SCALES. */
uint64_t int_stream_scale(unsigned ten);

/*
 * How each encoding writes v. Planes and packed bits write the difference to
 * v->min, up to span; the integer is that times 10 to the power of ten, plus
 * base.
 */
void constant_put(struct int_stream_writer *w, uint64_t value);
void planes_put(struct int_stream_writer *w, const struct values *v,
    uint64_t base, unsigned ten, uint64_t span);
void packed_put(struct int_stream_writer *w, const struct values *v,
    uint64_t base, unsigned ten, uint64_t span);
/* False, with nothing written, when it does not pay off. */
bool dictionary_put(struct int_stream_writer *w, const struct values *v,
    uint64_t span);
bool runs_put(struct int_stream_writer *w, const struct values *v);
/* The same with known runs and their starts; n is the number of rows. */
void runs_put_known(struct int_stream_writer *w, const struct values *runs,
    const uint32_t *begin, size_t n);
bool delta_put(struct int_stream_writer *w, const struct values *v);

#endif
