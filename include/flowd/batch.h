/*
 * Batches: flows as a struct of arrays, one for each column that was asked
 * for. Scans and decoders fill them, writers and formatters read them.
 *
 * Who has a batch holds a reference to it: flowd_batch_free() gives that back,
 * and the last one frees the memory, to which all pointers that were handed out
 * lead. A batch that is const may be read by several threads at the same time;
 * references are counted atomically.
 *
 * A function that takes a column that the batch does not have, or a row past
 * the last, treats it as one without a value.
 */
#ifndef LIBFLOWD_BATCH_H
#define LIBFLOWD_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include <flowd/addr.h>
#include <flowd/column.h>
#include <flowd/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct flowd_batch;

enum {
	FLOWD_BATCH_ROWS = 65536, /* the usual number of rows, at most */
	FLOWD_BATCH_MAX = 1048576 /* the greatest there can be */
};

/*
 * Another reference to a batch. It is const, as is everything that more than
 * one has: while there are two, the functions that change a batch refuse.
 */
const struct flowd_batch *flowd_batch_ref(const struct flowd_batch *b);
/* Give a reference back; NULL is none. */
void flowd_batch_free(const struct flowd_batch *b);

/* The number of rows. */
size_t flowd_batch_rows(const struct flowd_batch *b);
/*
 * The columns that it has arrays for, in the order in which they were asked
 * for: enum flowd_column, of which n is set to the number. Borrowed.
 */
const int *flowd_batch_columns(const struct flowd_batch *b, size_t *n);

/* --- One value --- */

/* Has the row a value in this column? 1 or 0. */
int flowd_batch_has(const struct flowd_batch *b, int column, size_t row);
/* An integer or a MAC address; 0 where there is none. */
uint64_t flowd_batch_uint(const struct flowd_batch *b, int column, size_t row);
/* A time, in nanoseconds since 1970-01-01 UTC; 0 where there is none. */
int64_t flowd_batch_time(const struct flowd_batch *b, int column, size_t row);
/* An address; FLOWD_ADDR_NONE where there is none. */
struct flowd_addr flowd_batch_addr(
    const struct flowd_batch *b, int column, size_t row);
/*
 * A value of any length, borrowed from the batch; NULL, and len 0, where there
 * is none. flowd_element_next() takes the value of FLOWD_COL_other to pieces.
 */
const uint8_t *flowd_batch_octets(
    const struct flowd_batch *b, int column, size_t row, size_t *len);

/* --- All values of a column --- */

struct flowd_addr6 {
	uint64_t hi, lo; /* the first eight octets, and the others */
};

struct flowd_span {
	uint32_t offset, length; /* of a value in the heap */
};

/*
 * The arrays of a column, as many values as the batch has rows, in the order of
 * the machine. Where a row has no value there is 0, and a span of length 0.
 * Arrays are aligned to 64 octets.
 */
struct flowd_vector {
	int type;		/* enum flowd_type */
	size_t nrows;
	size_t nvalid;		/* rows that have a value */
	/* Bit row % 64 of word row / 64: it has one. Bits behind are 0. */
	const uint64_t *valid;
	union {
		const uint8_t *u8;
		const uint16_t *u16;
		const uint32_t *u32; /* ADDR: IPv4, 0 where it is IPv6 */
		const uint64_t *u64; /* U64, MAC */
		const int64_t *time;
		const struct flowd_span *span; /* OCTETS */
		const void *values;
	};
	/* ADDR: the rows that have an IPv6 address, and these; where the bit
	 * is not set what is in v6 means nothing. */
	const uint64_t *is6;
	const struct flowd_addr6 *v6;
	size_t nv6;		/* rows that have one */
	const uint8_t *heap;	/* OCTETS: what spans lie in */
	void *reserved[4];
};

/* Returns 0, or FLOWD_EINVAL when the batch does not have the column. */
int flowd_batch_vector(
    const struct flowd_batch *b, int column, struct flowd_vector *values);

/*
 * Write the addresses of a column as 16 octets each in network order, IPv4 as
 * ::ffff:192.0.2.1, and zeros for no address; out has room for all rows.
 * Returns 0, or FLOWD_EINVAL when the batch has no such column of addresses.
 */
int flowd_batch_addr16(
    const struct flowd_batch *b, int column, uint8_t (*out)[16]);

/* --- Batches that a program fills --- */

/*
 * A batch without rows, for at most so many: 0 is FLOWD_BATCH_ROWS. columns are
 * names, "src_addr,octets"; NULL is all. NULL with err set on failure.
 */
struct flowd_batch *flowd_batch_new(
    const char *columns, size_t rows, struct flowd_error *err);
/*
 * Take the rows away. FLOWD_EINVAL when somebody else has a reference, too;
 * else 0.
 */
int flowd_batch_clear(struct flowd_batch *b);

/*
 * Append a row without values. Returns its number; FLOWD_EINVAL when somebody
 * else has a reference to the batch; or FLOWD_ERANGE when it is full.
 */
int flowd_batch_append(struct flowd_batch *b);
/*
 * Set a value of a row. They return 0; FLOWD_EINVAL when there is no such row,
 * or no such column of that type, or somebody else has a reference to the
 * batch; FLOWD_ERANGE when the value is too large for it; or, for octets,
 * FLOWD_ENOMEM when there is no room for more of them.
 */
int flowd_batch_set_uint(
    struct flowd_batch *b, int column, size_t row, uint64_t value);
int flowd_batch_set_time(
    struct flowd_batch *b, int column, size_t row, int64_t ns);
int flowd_batch_set_addr(struct flowd_batch *b, int column, size_t row,
    const struct flowd_addr *a);
int flowd_batch_set_octets(struct flowd_batch *b, int column, size_t row,
    const void *octets, size_t len);

/* --- Elements that have no column --- */

/* An element of a value of FLOWD_COL_other. */
struct flowd_element {
	uint32_t pen;		/* enterprise number, 0: IANA's */
	uint16_t id;
	uint16_t length;	/* of the value, in octets as on the wire */
	const uint8_t *value;	/* borrowed */
	const char *name;	/* of the element; NULL: not known. Static. */
	int reverse;		/* it is of the reverse direction (RFC 5103) */
};

/*
 * Take the first element off the octets, which get shorter. Returns 1, 0 when
 * there is none left, or FLOWD_EFORMAT.
 */
int flowd_element_next(
    const uint8_t **octets, size_t *len, struct flowd_element *element);

#ifdef __cplusplus
}
#endif

#endif
