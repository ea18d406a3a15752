/* Walks over segments; see segment.h. */
#define _GNU_SOURCE /* memmem(3), which the BSDs and musl have, too */
#include <string.h>

#include "segment.h"

enum {
	NESTED_MAX = 64 /* damaged blocks within one another */
};

void
segment_walk_init(struct segment_walk *w, struct bytes all, bool last)
{
	*w = (struct segment_walk){ .all = all, .last = last };
}

void
segment_grown(struct segment_walk *w, struct bytes all, bool last)
{
	w->all = all;
	w->last = last;
}

void
segment_dropped(struct segment_walk *w)
{
	w->within = w->within > w->at ? w->within - w->at : 0;
	w->at = w->block_at = 0;
}

static struct bytes
bytes_from(const struct segment_walk *w, size_t at)
{
	return bytes_behind(w->all, at);
}

/* The offset of a magic that the end truncates, or the end. */
static size_t
find_cut_magic(const struct segment_walk *w, size_t at)
{
	if (w->last)
		return w->all.len;
	if (w->all.len - at >= BLOCK_MAGIC)
		at = w->all.len - BLOCK_MAGIC + 1;
	while (at < w->all.len &&
	    memcmp(w->all.ptr + at, block_magic, w->all.len - at) != 0)
		at++;
	return at;
}

/*
 * The first offset from at on where a block has a valid head, even if it is
 * truncated. Otherwise the end, or the start of a truncated magic.
 */
static size_t
find_block(const struct segment_walk *w, size_t at, struct block *b)
{
	while (w->all.len - at >= BLOCK_MAGIC) {
		const uint8_t *p = memmem(w->all.ptr + at, w->all.len - at,
		    block_magic, BLOCK_MAGIC);
		int got;

		if (p == NULL)
			break;
		at = (size_t)(p - w->all.ptr);
		got = block_parse(bytes_from(w, at), b, NULL);
		if (got == 0 || got == FLOWD_EOF)
			return at;
		at++;
	}
	return find_cut_magic(w, at);
}

static int
take_block(struct segment_walk *w, const struct block *b)
{
	w->block_at = w->at;
	w->at += b->all.len;
	return 1;
}

/* Reports the octets from w->at to the next block as damage. */
static int
pass_over(struct segment_walk *w, size_t search, struct block *b,
    struct segment_damage *damage)
{
	damage->from = w->at;
	w->at = damage->to = find_block(w, search, b);
	return FLOWD_EFORMAT;
}

/*
 * Where to search for blocks when the block at block_at is damaged: within it.
 * The search costs as much as the length that the block claims. Where an
 * attacker nests many blocks that claim the same octets, the rest of them is
 * skipped.
 */
static size_t
search_within(struct segment_walk *w)
{
	if (w->block_at >= w->within)
		w->nested = 0;
	if (w->at > w->within)
		w->within = w->at;
	return ++w->nested > NESTED_MAX ? w->within : w->block_at + 1;
}

/*
 * The last block is complete: what looks like a block within its values, which
 * exporters choose, is not one.
 */
static bool
last_is_whole(const struct segment_walk *w, struct block *b)
{
	return block_parse(bytes_from(w, w->block_at), b, NULL) == 0 &&
	    b->kind == BLOCK_FLOWS && block_verify(b, NULL) == 0;
}

/*
 * No block begins behind the last one, which may have been cut without a
 * visible error. Then other blocks begin within it.
 */
static int
find_behind(struct segment_walk *w, struct block *b,
    struct segment_damage *damage)
{
	size_t search = w->at + 1, was = w->at;

	if (w->at > 0 && !last_is_whole(w, b))
		search = search_within(w);
	(void)pass_over(w, search, b, damage);
	if (damage->to < was) {
		damage->from = w->block_at;
		(void)flowd_fail(&damage->why, 0, "the block is truncated");
	}
	return FLOWD_EFORMAT;
}

int
segment_next(struct segment_walk *w, struct block *b,
    struct segment_damage *damage)
{
	int got;

	if (w->rejected) {
		w->rejected = false;
		return pass_over(w, w->search, b, damage);
	}
	if (w->at == w->all.len)
		return 0;
	got = block_parse(bytes_from(w, w->at), b, &damage->why);
	if (got == 0)
		return take_block(w, b);
	if (got != FLOWD_EOF)
		return find_behind(w, b, damage);
	/* Truncated: this is the end, unless blocks follow. */
	if (!w->last || find_block(w, w->at + 1, b) == w->all.len)
		return FLOWD_EOF;
	return pass_over(w, w->at + 1, b, damage);
}

void
segment_reject(struct segment_walk *w)
{
	w->search = search_within(w);
	w->at = w->block_at;
	w->rejected = true;
}
