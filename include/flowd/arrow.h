/*
 * Flows for whoever speaks the Arrow C data and stream interface: pyarrow,
 * polars, DuckDB, pandas. The three structs of it are an ABI of the Arrow
 * project, written down here from its specification:
 * https://arrow.apache.org/docs/format/CDataInterface.html
 * https://arrow.apache.org/docs/format/CStreamInterface.html
 *
 * What each column becomes:
 *
 *	U8 U16 U32 U64	uint8 (C), uint16 (S), uint32 (I), uint64 (L)
 *	TIME		timestamp, nanoseconds, UTC (tsn:UTC)
 *	ADDR		as enum flowd_arrow_addresses says
 *	MAC		utf8 (u), "00:11:22:aa:bb:cc"; or 6 octets (w:6) where
 *			addresses are binary
 *	OCTETS		utf8 (u), the JSON object that flowd-reader prints
 *
 * Every column may have nulls. Numbers and times, with their bitmaps, are not
 * copied: the arrays are those of a batch, to which each has a reference. Each
 * array and each schema that was handed out must be released once, by its
 * release(), as the specification says; children may be moved out and released
 * alone, by any thread.
 */
#ifndef LIBFLOWD_ARROW_H
#define LIBFLOWD_ARROW_H

#include <stdint.h>

#include <flowd/batch.h>
#include <flowd/query.h>
#include <flowd/scan.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

/* The type of an array. */
struct ArrowSchema {
	const char *format;
	const char *name;
	const char *metadata;
	int64_t flags;
	int64_t n_children;
	struct ArrowSchema **children;
	struct ArrowSchema *dictionary;
	void (*release)(struct ArrowSchema *); /* NULL: released */
	void *private_data;
};

struct ArrowArray {
	int64_t length;
	int64_t null_count;
	int64_t offset;
	int64_t n_buffers;
	int64_t n_children;
	const void **buffers;
	struct ArrowArray **children;
	struct ArrowArray *dictionary;
	void (*release)(struct ArrowArray *); /* NULL: released */
	void *private_data;
};

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

/* Functions return 0, or an errno; an array that is released is the end. */
struct ArrowArrayStream {
	int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
	int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
	const char *(*get_last_error)(struct ArrowArrayStream *);
	void (*release)(struct ArrowArrayStream *); /* NULL: released */
	void *private_data;
};

#endif

/*
 * What addresses become. Text is the default, as it is the one form that every
 * consumer shows, compares and groups by; the others are smaller and faster.
 */
enum flowd_arrow_addresses {
	FLOWD_ARROW_TEXT = 0,	/* utf8 (u): "192.0.2.1", "2001:db8::1" */
	/*
	 * The same texts, each once, in a dictionary of each array, and int32
	 * indexes (i).
	 */
	FLOWD_ARROW_DICTIONARY = 1,
	/* 16 octets in network order (w:16), IPv4 as ::ffff:192.0.2.1. */
	FLOWD_ARROW_BINARY = 2,
	/* uint32 (I), 0xc0000201; an IPv6 address is null. */
	FLOWD_ARROW_IPV4 = 3
};

struct flowd_arrow_options {
	int addresses;		/* enum flowd_arrow_addresses */
	void *reserved[4];
};

/*
 * A stream of struct arrays (+s), one for each batch of the scan, which belongs
 * to the stream from now on: releasing the stream closes it, at any time. The
 * fields are the columns of the scan in their order; where it was opened for
 * all, without those that describe records of a log. options may be NULL.
 *
 * Returns 0, or FLOWD_EINVAL with err set; then the scan is still the
 * caller's. The stream is used by one thread at a time. The text of its last
 * error is that of the scan.
 */
int flowd_scan_to_arrow(struct flowd_scan *s,
    const struct flowd_arrow_options *options, struct ArrowArrayStream *out,
    struct flowd_error *err);

/*
 * The schema of that stream, while the scan is still the caller's. Returns 0,
 * or a negative FLOWD_E* with err set.
 */
int flowd_scan_to_schema(const struct flowd_scan *s,
    const struct flowd_arrow_options *options, struct ArrowSchema *out,
    struct flowd_error *err);

/*
 * One batch as a struct array, and its schema. Either may be NULL. The array
 * has references to the batch, which must not be changed until they are
 * released. Returns 0, or a negative FLOWD_E* with err set.
 */
int flowd_batch_to_arrow(const struct flowd_batch *b,
    const struct flowd_arrow_options *options, struct ArrowArray *array,
    struct ArrowSchema *schema, struct flowd_error *err);

/*
 * All groups of a query as a struct array, a field for each column under its
 * name; rows that are what is not shown have no keys. Nothing of it is borrowed
 * from the groups. Either may be NULL. Types are those of keys and measures:
 *
 *	integers	uint64 (L)
 *	real numbers	float64 (g)
 *	times, bins	timestamp, nanoseconds, UTC (tsn:UTC)
 *	spans of time	duration, nanoseconds (tDn)
 *	addresses	utf8 (u), networks as "192.0.2.0/24"
 *	names, MAC	utf8 (u); a number where there is no name
 *	elements	binary (z), as on the wire; integers are uint64
 *
 * Returns 0, or a negative FLOWD_E* with err set: FLOWD_EINVAL for addresses
 * that are not FLOWD_ARROW_TEXT.
 */
int flowd_groups_to_arrow(const struct flowd_groups *g,
    const struct flowd_arrow_options *options, struct ArrowArray *array,
    struct ArrowSchema *schema, struct flowd_error *err);

#ifdef __cplusplus
}
#endif

#endif
