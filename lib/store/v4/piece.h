/*
 * Pieces: octets in a block of a version 4 log, stored as they are or
 * compressed. The reader knows the uncompressed length, so that nothing in a
 * piece can exceed it; see flowd-log(5).
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

/* level is for zstd; 0 selects a fast one. NULL when out of memory. */
struct compressor *compressor_new(enum compression compression, int level);
void compressor_free(struct compressor *compressor);
enum compression compressor_compression(const struct compressor *compressor);

/* Append len octets at p to out as a piece. A failure is recorded in out. */
void piece_put(struct compressor *compressor, const uint8_t *p, size_t len,
    struct buf *out);

struct decompressor *decompressor_new(void);
void decompressor_free(struct decompressor *decompressor);

/* A piece that was read: its octets, or one repeated octet if data is NULL. */
struct piece {
	const uint8_t *data;
	uint8_t fill;
};

/*
 * Read the next piece of w, which has len octets uncompressed. They lie in w or
 * in scratch. False when it is damaged or memory is short.
 */
bool piece_take(struct decompressor *decompressor, struct scratch *scratch,
    struct wire *w, size_t len, struct piece *piece);
/* The same, with a repeated octet written out. */
const uint8_t *piece_octets(struct decompressor *decompressor,
    struct scratch *scratch, struct wire *w, size_t len);

#endif
