/* Compression; see compression.h. */
#include <stdlib.h>

#include <lz4.h>
#define ZSTD_STATIC_LINKING_ONLY	/* the name of one parameter */
#include <zstd.h>

#include "compress_estimate.h"
#include "compression.h"

enum {
	HEAD = 5,		/* method and length */
	WORTH_TRYING = 64,	/* octets */
	LEVEL = 1,
	CODES_ONLY = -100000	/* a level that finds hardly any match */
};

struct compressor {
	enum compression compression;
	bool estimates;		/* from a sample, before it compresses */
	ZSTD_CCtx *zstd;
	ZSTD_CCtx *codes;	/* with Huffman codes alone */
};

struct decompressor {
	ZSTD_DCtx *zstd;
};

static ZSTD_CCtx *
zstd_new(int level)
{
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	if (zstd != NULL &&
	    !ZSTD_isError(ZSTD_CCtx_setParameter(zstd,
		ZSTD_c_compressionLevel, level)) &&
	    !ZSTD_isError(ZSTD_CCtx_setParameter(zstd,
		ZSTD_c_contentSizeFlag, 0)))
		return zstd;
	(void)ZSTD_freeCCtx(zstd);
	return NULL;
}

/*
 * zstd disables Huffman codes at negative levels unless told otherwise. Old
 * libraries that lack the parameter search for matches.
 */
static ZSTD_CCtx *
zstd_codes_new(void)
{
	ZSTD_CCtx *zstd = zstd_new(CODES_ONLY);

	if (zstd != NULL &&
	    ZSTD_isError(ZSTD_CCtx_setParameter(zstd,
		ZSTD_c_literalCompressionMode, ZSTD_ps_enable)))
		(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel,
		    LEVEL);
	return zstd;
}

struct compressor *
compressor_new(enum compression compression, int level)
{
	struct compressor *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->compression = compression;
	p->estimates = level == 0;
	if (compression != COMPRESS_ZSTD)
		return p;
	p->zstd = zstd_new(level != 0 ? level : LEVEL);
	p->codes = zstd_codes_new();
	if (p->zstd != NULL && p->codes != NULL)
		return p;
	compressor_free(p);
	return NULL;
}

void
compressor_free(struct compressor *compressor)
{
	if (compressor == NULL)
		return;
	(void)ZSTD_freeCCtx(compressor->zstd);
	(void)ZSTD_freeCCtx(compressor->codes);
	free(compressor);
}

enum compression
compressor_compression(const struct compressor *compressor)
{
	return compressor->compression;
}

/* Is it one octet repeated? Then it equals itself shifted by one. */
static bool
is_fill(const uint8_t *p, size_t len)
{
	return len > 0 && memcmp(p, p + 1, len - 1) == 0;
}

/* 0 when it does not fit. */
static size_t
compress_zstd(ZSTD_CCtx *zstd, const uint8_t *p, size_t len, uint8_t *room)
{
	size_t got = ZSTD_compress2(zstd, room, len, p, len);

	return ZSTD_isError(got) ? 0 : got;
}

/* Compresses to at most len octets; 0 when it does not fit or pay off. */
static size_t
compressor_run(
    struct compressor *compressor, const uint8_t *p, size_t len, uint8_t *room)
{
	enum compress_gain seen = GAIN_MATCHES;
	size_t worth = len - len / 32, got = 0;

	if (len < WORTH_TRYING || compressor->compression == COMPRESS_NONE)
		return 0;
	if (compressor->estimates)
		seen = compress_estimate(p, len);
	if (seen == GAIN_NONE)
		return 0;
	if (compressor->compression == COMPRESS_LZ4)
		got = (size_t)LZ4_compress_default((const char *)p,
		    (char *)room, (int)len, (int)worth);
	else if (compressor->compression == COMPRESS_ZSTD)
		got = compress_zstd(seen == GAIN_CODES ? compressor->codes
							  : compressor->zstd,
		    p, len, room);
	return got < worth ? got : 0;
}

void
compressor_put(struct compressor *compressor, const uint8_t *p, size_t len,
    struct buf *out)
{
	static const uint8_t methods[] = { METHOD_STORED, METHOD_LZ4,
		METHOD_ZSTD };
	uint8_t *head = buf_room(out, HEAD + len);
	size_t got;

	if (head == NULL)
		return;
	if (is_fill(p, len)) {
		head[0] = METHOD_FILL;
		head[1] = *p;
		out->len += 2;
		return;
	}
	got = compressor_run(compressor, p, len, head + HEAD);
	if (got != 0) {
		head[0] = methods[compressor->compression];
	} else {
		head[0] = METHOD_STORED;
		memcpy(head + HEAD, p, len);
		got = len;
	}
	store_le32(head + 1, (uint32_t)got);
	out->len += HEAD + got;
}

struct decompressor *
decompressor_new(void)
{
	struct decompressor *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	u->zstd = ZSTD_createDCtx();
	if (u->zstd != NULL)
		return u;
	free(u);
	return NULL;
}

void
decompressor_free(struct decompressor *decompressor)
{
	if (decompressor == NULL)
		return;
	(void)ZSTD_freeDCtx(decompressor->zstd);
	free(decompressor);
}

/* Decompress to exactly len octets. */
static bool
decompress(struct decompressor *decompressor, const struct compressed *c,
    uint8_t *room, size_t len)
{
	const struct bytes in = c->octets;

	if (c->method == METHOD_LZ4)
		return LZ4_decompress_safe((const char *)in.ptr, (char *)room,
			   (int)in.len, (int)len) == (int)len;
	return ZSTD_decompressDCtx(decompressor->zstd, room, len, in.ptr,
		   in.len) == len;
}

bool
compressed_take(struct wire *w, size_t len, struct compressed *c)
{
	*c = (struct compressed){ .method = wire_u8(w) };
	if (c->method == METHOD_FILL) {
		c->fill = wire_u8(w);
		return wire_ok(w);
	}
	c->octets = wire_bytes(w, wire_le32(w));
	if (!wire_ok(w) || c->method > METHOD_ZSTD)
		return false;
	return c->method == METHOD_STORED ? c->octets.len == len
					  : c->octets.len <= len;
}

bool
decompressor_run(struct decompressor *decompressor, struct scratch *scratch,
    const struct compressed *c, size_t len, struct decompressed *got)
{
	uint8_t *room;

	*got = (struct decompressed){ c->octets.ptr, c->fill };
	if (c->method == METHOD_FILL || c->method == METHOD_STORED)
		return true;
	room = scratch_take(scratch, len);
	got->data = room;
	return room != NULL && decompress(decompressor, c, room, len);
}

bool
decompressor_take(struct decompressor *decompressor, struct scratch *scratch,
    struct wire *w, size_t len, struct decompressed *got)
{
	struct compressed c;

	return compressed_take(w, len, &c) &&
	    decompressor_run(decompressor, scratch, &c, len, got);
}

const uint8_t *
decompressor_octets(struct decompressor *decompressor, struct scratch *scratch,
    struct wire *w, size_t len)
{
	struct decompressed got;
	uint8_t *room;

	if (!decompressor_take(decompressor, scratch, w, len, &got))
		return NULL;
	if (got.data != NULL)
		return got.data;
	room = scratch_take(scratch, len);
	if (room != NULL)
		memset(room, got.fill, len);
	return room;
}
