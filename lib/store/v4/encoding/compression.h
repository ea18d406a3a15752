/*
 * Compression of the octets in a block of a version 4 log with LZ4 or
 * Zstandard. Octets that do not get shorter are stored as they are. The reader
 * knows the uncompressed length, so no input can exceed it; see flowd-log(5),
 * "Compression".
 *
 * Test: test/unit/store/test_int_stream.c.
 */
#ifndef FLOWD_COMPRESSION_H
#define FLOWD_COMPRESSION_H

#include "buf.h"
#include "scratch.h"
#include "wire_le.h"

enum compression {
	COMPRESS_NONE,
	COMPRESS_LZ4,
	COMPRESS_ZSTD
};

/* The first octet in the file. */
enum compression_method {
	METHOD_STORED,
	METHOD_FILL,	/* one octet, repeated */
	METHOD_LZ4,
	METHOD_ZSTD
};

struct compressor;
struct decompressor;

/* level is for zstd; 0 selects a fast one. NULL when out of memory. */
struct compressor *compressor_new(enum compression compression, int level);
void compressor_free(struct compressor *compressor);
enum compression compressor_compression(const struct compressor *compressor);

/* Compress len octets at p, and append them to out, which notes a failure. */
void compressor_put(struct compressor *compressor, const uint8_t *p, size_t len,
    struct buf *out);

struct decompressor *decompressor_new(void);
void decompressor_free(struct decompressor *decompressor);

/* Decompressed octets; if data is NULL, one octet that is repeated. */
struct decompressed {
	const uint8_t *data;
	uint8_t fill;
};

/* What compressor_put() wrote. */
struct compressed {
	uint8_t method;		/* enum compression_method */
	uint8_t fill;		/* METHOD_FILL: the octet that is repeated */
	struct bytes octets;	/* the others */
};

/* Read its head from w and pass over it. False when that is damaged. */
bool compressed_take(struct wire *w, size_t len, struct compressed *c);
/*
 * Decompress it to len octets. The result lies where it was or in scratch.
 * False when it is damaged or memory is short.
 */
bool decompressor_run(struct decompressor *decompressor,
    struct scratch *scratch, const struct compressed *c, size_t len,
    struct decompressed *got);

/* Both. */
bool decompressor_take(struct decompressor *decompressor,
    struct scratch *scratch, struct wire *w, size_t len,
    struct decompressed *got);
/* The same, with a repeated octet written out. NULL when it fails. */
const uint8_t *decompressor_octets(struct decompressor *decompressor,
    struct scratch *scratch, struct wire *w, size_t len);

#endif
