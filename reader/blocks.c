/* Logs of version 4; see blocks.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "blocks.h"
#include "mapped.h"
#include "rows.h"

/* What flowd.conf(5) takes for "flush". */
static const int64_t flush_max_ns = INT64_C(3600000000000);

struct blocks {
	const char *name; /* for people */
	const struct input_options *options;
	struct mapped mapped;
	struct segment_walk walk;
	struct index index;
	uint32_t number; /* of the next block of flows */
	struct block block;
	struct rows rows; /* of the block at hand */
	bool at_hand; /* there is one, with rows to come */
	int64_t flush_ns; /* the longest of a block */
	int bad; /* the file cannot be read on, and why */
	struct flowd_error why;
};

struct blocks *
blocks_open(int fd, const char *name, const struct input_options *options,
    struct bytes seen, struct flowd_error *err)
{
	struct blocks *bl = calloc(1, sizeof(*bl));

	if (bl == NULL || !rows_init(&bl->rows, options->query)) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", name);
	} else if (mapped_init(&bl->mapped, fd, seen, name, err) == 0) {
		bl->name = name;
		bl->options = options;
		segment_walk_init(&bl->walk, bl->mapped.all, bl->mapped.eof);
		if (bl->mapped.is_file &&
		    index_find(bl->mapped.all, &bl->index, NULL) == 0)
			bl->rows.index = &bl->index;
		return bl;
	}
	if (bl != NULL)
		rows_fini(&bl->rows);
	free(bl);
	return NULL;
}

void
blocks_close(struct blocks *bl)
{
	if (bl == NULL)
		return;
	rows_fini(&bl->rows);
	mapped_fini(&bl->mapped);
	free(bl);
}

static void
complain(const struct blocks *bl, size_t from, size_t to, const char *why)
{
	struct flowd_error text;

	(void)flowd_fail(&text, 0,
	    "%s: offset %" PRIu64 ": %s; %zu octets are passed over",
	    bl->name, bl->mapped.offset + from, why, to - from);
	bl->options->complain(bl->options->arg, text.text);
}

/* The block at hand is damaged: look for others in it and behind it. */
static void
reject(struct blocks *bl, const char *why)
{
	struct segment_damage damage;

	bl->rows.index = NULL;
	bl->at_hand = false;
	segment_reject(&bl->walk);
	(void)segment_next(&bl->walk, &bl->block, &damage);
	complain(bl, damage.from, damage.to, why);
}

/* Rows are read, whether they pass or not. */
static void
count(struct blocks *bl, size_t n)
{
	uint64_t *left = bl->options->left;

	*left -= n < *left ? n : *left;
}

/* A sealed log has larger blocks than were written. */
static void
note_flush(struct blocks *bl)
{
	const struct block *b = &bl->block;

	if (bl->rows.index == NULL && b->min_ns > 0 && b->max_ns >= b->min_ns &&
	    b->max_ns - b->min_ns > bl->flush_ns)
		bl->flush_ns = b->max_ns - b->min_ns;
}

/* Begin with a block of flows if some may pass. */
static void
begin_block(struct blocks *bl)
{
	struct flowd_error why;
	int got = rows_begin(&bl->rows, &bl->block, bl->number++, &why);

	note_flush(bl);
	bl->at_hand = got == 1;
	if (got == 0)
		count(bl, bl->block.nrows);
	else if (got < 0)
		reject(bl, why.text);
}

/* Go to the next block of flows in which some may pass: 1, or 0 at the end. */
static int
next_block(struct blocks *bl, struct flowd_error *err)
{
	struct segment_damage damage;
	int got;

	while (!bl->at_hand && *bl->options->left > 0) {
		got = segment_next(&bl->walk, &bl->block, &damage);
		if (got == FLOWD_EFORMAT) {
			bl->rows.index = NULL;
			complain(bl, damage.from, damage.to, damage.why.text);
		} else if (got != 1) {
			got = mapped_walk_on(
			    &bl->mapped, &bl->walk, bl->name, err);
			if (got <= 0)
				return got;
		} else if (bl->block.kind == BLOCK_FLOWS) {
			begin_block(bl);
		}
	}
	return bl->at_hand;
}

int
blocks_next(struct blocks *bl, struct batch *batch, struct flowd_error *err)
{
	uint64_t *left = bl->options->left;
	struct flowd_error why;
	size_t n;
	int got;

	if (bl->bad != 0)
		return flowd_fail(err, bl->bad, "%s", bl->why.text);
	while ((got = next_block(bl, err)) == 1 && *left > 0) {
		batch_reset(batch);
		got = rows_next(&bl->rows, *left, batch, &n, &why);
		count(bl, n);
		if (got < 0)
			reject(bl, why.text);
		else if (n == 0)
			bl->at_hand = false;
		else if (got == 1)
			return (int)n;
	}
	return got < 0 ? got : 0;
}

int64_t
blocks_flush_ns(const struct blocks *bl)
{
	return bl->flush_ns < flush_max_ns ? bl->flush_ns : flush_max_ns;
}

struct mapped *
blocks_octets(struct blocks *bl)
{
	return &bl->mapped;
}

bool
blocks_grown(struct blocks *bl)
{
	size_t used = bl->walk.at;
	int got;

	if (!bl->mapped.is_file)
		return false;
	got = mapped_more(&bl->mapped, &used, bl->name, &bl->why);
	bl->bad = got < 0 ? got : 0;
	if (got != 0)
		bl->rows.index = NULL; /* is not for all of it any more */
	if (bl->bad == 0)
		segment_grown(&bl->walk, bl->mapped.all, false);
	return true;
}

bool
blocks_progress(const struct blocks *bl, uint64_t *at, uint64_t *all)
{
	*at = bl->walk.at;
	*all = bl->mapped.all.len;
	return bl->mapped.is_file;
}
