/* Pieces; see piece.h. */
#include <stdlib.h>

#include <lz4.h>
#define ZSTD_STATIC_LINKING_ONLY	/* the name of one parameter */
#include <zstd.h>

#include "glance.h"
#include "piece.h"

enum {
	HEAD = 5,		/* method and length */
	WORTH_TRYING = 64,	/* octets */
	LEVEL = 1,
	CODES_ONLY = -100000	/* a level that looks for hardly a match */
};

struct packer {
	enum compression compression;
	bool glance;		/* at a sample, before work is done */
	ZSTD_CCtx *zstd;
	ZSTD_CCtx *codes;	/* with Huffman codes alone */
};

struct unpacker {
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
 * Levels below zero leave Huffman codes out unless told otherwise. Libraries
 * that cannot be told find matches, as ever.
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

struct packer *
packer_new(enum compression compression, int level)
{
	struct packer *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->compression = compression;
	p->glance = level == 0;
	if (compression != COMPRESS_ZSTD)
		return p;
	p->zstd = zstd_new(level != 0 ? level : LEVEL);
	p->codes = zstd_codes_new();
	if (p->zstd != NULL && p->codes != NULL)
		return p;
	packer_free(p);
	return NULL;
}

void
packer_free(struct packer *packer)
{
	if (packer == NULL)
		return;
	(void)ZSTD_freeCCtx(packer->zstd);
	(void)ZSTD_freeCCtx(packer->codes);
	free(packer);
}

enum compression
packer_compression(const struct packer *packer)
{
	return packer->compression;
}

/* One octet all over? A string is, when it equals itself shifted by one. */
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

/* Compress to room for len octets; 0 when it does not fit or does not pay. */
static size_t
compress(struct packer *packer, const uint8_t *p, size_t len, uint8_t *room)
{
	enum glance seen = GLANCE_REPEATS;
	size_t worth = len - len / 32, got = 0;

	if (len < WORTH_TRYING || packer->compression == COMPRESS_NONE)
		return 0;
	if (packer->glance)
		seen = glance(p, len);
	if (seen == GLANCE_RANDOM)
		return 0;
	if (packer->compression == COMPRESS_LZ4)
		got = (size_t)LZ4_compress_default((const char *)p,
		    (char *)room, (int)len, (int)worth);
	else if (packer->compression == COMPRESS_ZSTD)
		got = compress_zstd(seen == GLANCE_UNEVEN ? packer->codes
							  : packer->zstd,
		    p, len, room);
	return got < worth ? got : 0;
}

void
piece_put(struct packer *packer, const uint8_t *p, size_t len, struct buf *out)
{
	static const uint8_t methods[] = { PIECE_STORED, PIECE_LZ4,
		PIECE_ZSTD };
	uint8_t *head = buf_room(out, HEAD + len);
	size_t got;

	if (head == NULL)
		return;
	if (is_fill(p, len)) {
		head[0] = PIECE_FILL;
		head[1] = *p;
		out->len += 2;
		return;
	}
	got = compress(packer, p, len, head + HEAD);
	if (got != 0) {
		head[0] = methods[packer->compression];
	} else {
		head[0] = PIECE_STORED;
		memcpy(head + HEAD, p, len);
		got = len;
	}
	store_le32(head + 1, (uint32_t)got);
	out->len += HEAD + got;
}

struct unpacker *
unpacker_new(void)
{
	struct unpacker *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	u->zstd = ZSTD_createDCtx();
	if (u->zstd != NULL)
		return u;
	free(u);
	return NULL;
}

void
unpacker_free(struct unpacker *unpacker)
{
	if (unpacker == NULL)
		return;
	(void)ZSTD_freeDCtx(unpacker->zstd);
	free(unpacker);
}

/* Decompress to exactly len octets. */
static bool
decompress(struct unpacker *unpacker, unsigned method, struct bytes in,
    uint8_t *room, size_t len)
{
	if (method == PIECE_LZ4)
		return LZ4_decompress_safe((const char *)in.ptr, (char *)room,
			   (int)in.len, (int)len) == (int)len;
	return ZSTD_decompressDCtx(unpacker->zstd, room, len, in.ptr,
		   in.len) == len;
}

bool
piece_take(struct unpacker *unpacker, struct scratch *scratch, struct wire *w,
    size_t len, struct piece *piece)
{
	unsigned method = wire_u8(w);
	struct bytes in;
	uint8_t *room;

	*piece = (struct piece){ .data = NULL };
	if (method == PIECE_FILL) {
		piece->fill = wire_u8(w);
		return wire_ok(w);
	}
	in = wire_bytes(w, wire_le32(w));
	if (!wire_ok(w) || method > PIECE_ZSTD)
		return false;
	piece->data = in.ptr;
	if (method == PIECE_STORED)
		return in.len == len;
	room = scratch_take(scratch, len);
	piece->data = room;
	return room != NULL && in.len <= len &&
	    decompress(unpacker, method, in, room, len);
}

const uint8_t *
piece_octets(struct unpacker *unpacker, struct scratch *scratch,
    struct wire *w, size_t len)
{
	struct piece piece;
	uint8_t *room;

	if (!piece_take(unpacker, scratch, w, len, &piece))
		return NULL;
	if (piece.data != NULL)
		return piece.data;
	room = scratch_take(scratch, len);
	if (room != NULL)
		memset(room, piece.fill, len);
	return room;
}
