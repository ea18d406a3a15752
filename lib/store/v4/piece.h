/*
 * Pieces: octets as they lie in a block of a columnar log, stored as they are
 * or compressed. How many octets come out of one is known to its reader, so
 * nothing in a piece can make it grow; see flowd-log(5).
 *
 * Test: test/unit/store/test_int_stream.c.
 */
#ifndef FLOWD_PIECE_H
#define FLOWD_PIECE_H

#include "buf.h"
#include "scratch.h"
#include "wire_le.h"

enum compression {
	COMPRESS_NONE,
	COMPRESS_LZ4,
	COMPRESS_ZSTD
};

/* As it lies in the file. */
enum piece_method {
	PIECE_STORED,
	PIECE_FILL,	/* one octet, all over */
	PIECE_LZ4,
	PIECE_ZSTD
};

struct compressor; /* compresses */
struct decompressor; /* decompresses */

/* level is zstd's, 0 for what suits a hot path. NULL when out of memory. */
struct compressor *compressor_new(enum compression compression, int level);
void compressor_free(struct compressor *compressor);
enum compression compressor_compression(const struct compressor *compressor);

/* Append the len octets at p to out as a piece. Failures are in out. */
void piece_put(struct compressor *compressor, const uint8_t *p, size_t len,
    struct buf *out);

struct decompressor *decompressor_new(void);
void decompressor_free(struct decompressor *decompressor);

/*
 * A piece that was found: its octets if data is not NULL, else fill, all over.
 */
struct piece {
	const uint8_t *data;
	uint8_t fill;
};

/*
 * Take the next piece off w, which is of len octets. They lie in w or in
 * scratch. False when it is damaged or there is no memory.
 */
bool piece_take(struct decompressor *decompressor, struct scratch *scratch,
    struct wire *w, size_t len, struct piece *piece);
/* The same, with the octets written out where a fill stands for them. */
const uint8_t *piece_octets(struct decompressor *decompressor,
    struct scratch *scratch, struct wire *w, size_t len);

#endif
