/* Columnar logs; see columnar.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "buf.h"
#include "columnar.h"
#include "encode.h"
#include "segment.h"

enum {
	PIECE = 1024 * 1024,
	UNREAD_MAX = 512 * 1024 * 1024 /* more than a block can have */
};

struct columnar {
	const char *name;
	FILE *file;
	struct buf unread;
	uint64_t offset;	/* of the first of it in the file */
	bool eof;
	struct segment_walk walk;
	struct block *block;
	struct block_reader *reader;
	struct colset wanted;
	bool at_hand;	/* there is a block with rows to come */
	size_t row;	/* the next of it */
	uint64_t damages;
	struct flowd_error first;	/* of them */
};

struct columnar *
columnar_open(FILE *file, const char *name, struct flowd_error *err)
{
	struct columnar *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		(void)fclose(file);
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	c->name = name;
	c->file = file;
	c->wanted = encoder_columns();
	buf_init(&c->unread, UNREAD_MAX);
	segment_walk_init(&c->walk, (struct bytes) { NULL, 0 }, false);
	c->block = block_new();
	c->reader = block_reader_new();
	if (c->block != NULL && c->reader != NULL)
		return c;
	columnar_close(c);
	(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	return NULL;
}

void
columnar_close(struct columnar *c)
{
	if (c == NULL)
		return;
	block_reader_free(c->reader);
	block_free(c->block);
	buf_fini(&c->unread);
	(void)fclose(c->file);
	free(c);
}

static void
note_damage(struct columnar *c, size_t from, size_t to, const char *why)
{
	if (c->damages++ == 0)
		(void)flowd_fail(&c->first, 0,
		    "%s: offset %" PRIu64 ": %s; %zu octets are passed over",
		    c->name, c->offset + from, why, to - from);
}

static int
fail_damaged(const struct columnar *c, struct flowd_error *err)
{
	if (c->damages == 1)
		return flowd_fail(err, FLOWD_EFORMAT, "%s", c->first.text);
	return flowd_fail(err, FLOWD_EFORMAT,
	    "%s; %" PRIu64 " places are damaged", c->first.text, c->damages);
}

/* Move what is not used up to the front, and read behind it. */
static int
read_more(struct columnar *c, struct flowd_error *err)
{
	struct buf *b = &c->unread;
	uint8_t *room;

	b->len -= c->walk.at;
	if (c->walk.at > 0)
		memmove(b->ptr, b->ptr + c->walk.at, b->len);
	c->offset += c->walk.at;
	segment_dropped(&c->walk);
	if ((room = buf_room(b, PIECE)) == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	b->len += fread(room, 1, PIECE, c->file);
	if (ferror(c->file))
		return flowd_fail(err, FLOWD_EIO, "%s: %s", c->name,
		    strerror(errno));
	c->eof = feof(c->file) != 0;
	segment_grown(&c->walk, (struct bytes) { b->ptr, b->len }, c->eof);
	return 0;
}

/* The block turned out to be damaged: there may be others within it. */
static void
reject(struct columnar *c, const char *why)
{
	struct segment_damage damage;

	segment_reject(&c->walk);
	(void)segment_next(&c->walk, c->block, &damage);
	note_damage(c, damage.from, damage.to, why);
}

static void
begin_block(struct columnar *c)
{
	struct flowd_error why;

	block_reader_begin(c->reader, c->block);
	c->at_hand = block_reader_open(c->reader, c->wanted, &why) == 0;
	c->row = 0;
	if (!c->at_hand)
		reject(c, why.text);
}

/* Go to the next block that has flows: 1, or 0 at the end. */
static int
next_block(struct columnar *c, struct flowd_error *err)
{
	struct segment_damage damage;
	int got;

	while (!c->at_hand) {
		got = segment_next(&c->walk, c->block, &damage);
		if (got == FLOWD_EFORMAT) {
			note_damage(c, damage.from, damage.to, damage.why.text);
		} else if (got != 1) {
			if (c->eof)
				return 0;
			if ((got = read_more(c, err)) != 0)
				return got;
		} else if (c->block->kind == BLOCK_FLOWS) {
			begin_block(c);
		}
	}
	return 1;
}

int
columnar_next(struct columnar *c, struct batch *batch, struct flowd_error *err)
{
	int got;

	while ((got = next_block(c, err)) == 1) {
		size_t n = block_reader_rows(c->reader, c->row, BATCH_ROWS,
		    c->wanted, batch);

		c->row += n;
		if (n > 0)
			return (int)n;
		c->at_hand = false;
	}
	return got == 0 && c->damages > 0 ? fail_damaged(c, err) : got;
}
