/* Logs of version 4; see blocks.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "blocks.h"
#include "index.h"
#include "mapped.h"

struct blocks {
	const char *name; /* for people */
	const struct input_options *options;
	struct mapped mapped;
	struct segment_walk walk;
	struct block_reader *reader;
	struct index index;
	bool indexed; /* there is one for the whole file */
	uint32_t number; /* of the next block, if there is */
	struct addrset group; /* of the block at hand, found already */
	uint32_t group_of; /* and whose it is, and one more; 0: none */
	struct block block; /* at hand */
	size_t row; /* of it, the next; all rows: no block is at hand */
	bool takes_all;
	uint64_t left; /* flows to read */
};

struct blocks *
blocks_open(int fd, const char *name, const struct input_options *options,
    struct bytes seen, struct flowd_error *err)
{
	struct blocks *bl = calloc(1, sizeof(*bl));
	struct block_reader *reader = block_reader_new();

	if (bl == NULL || reader == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", name);
	} else if (mapped_init(&bl->mapped, fd, seen, name, err) == 0) {
		bl->name = name;
		bl->options = options;
		bl->reader = reader;
		bl->left = options->head != 0 ? options->head : UINT64_MAX;
		segment_walk_init(&bl->walk, bl->mapped.all, bl->mapped.eof);
		bl->indexed = bl->mapped.is_file &&
		    index_find(bl->mapped.all, &bl->index, NULL) == 0;
		return bl;
	}
	block_reader_free(reader);
	free(bl);
	return NULL;
}

void
blocks_close(struct blocks *bl)
{
	if (bl == NULL)
		return;
	block_reader_free(bl->reader);
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

	bl->indexed = false;
	segment_reject(&bl->walk);
	(void)segment_next(&bl->walk, &bl->block, &damage);
	complain(bl, damage.from, damage.to, why);
	bl->row = bl->block.nrows = 0;
}

/* More octets of a pipe: 1, or 0 at the end. */
static int
more(struct blocks *bl, struct flowd_error *err)
{
	size_t used = bl->walk.at;
	int got;

	if (bl->mapped.is_file || bl->mapped.eof)
		return 0;
	got = mapped_more(&bl->mapped, &used, bl->name, err);
	if (got < 0)
		return got;
	if (used == 0)
		segment_dropped(&bl->walk);
	segment_grown(&bl->walk, bl->mapped.all, bl->mapped.eof);
	return 1;
}

/* The filter of the group of the block at hand. */
static const struct addrset *
group(struct blocks *bl)
{
	uint32_t number = (bl->number - 1) / bl->index.group;

	if (bl->group_of != number + 1) {
		bl->group = index_group(&bl->index, bl->number - 1);
		bl->group_of = number + 1;
	}
	return &bl->group;
}

/*
 * Is the address in no row of the block at hand? The index knows without
 * looking at the block; else its own table does.
 */
static bool
lacks(void *arg, const struct addr *a)
{
	struct blocks *bl = arg;

	if (bl->indexed && bl->number <= bl->index.nblocks &&
	    (!addrset_may_have(&bl->index.all, a) ||
		!addrset_may_have(group(bl), a)))
		return true;
	return block_reader_lacks(bl->reader, a);
}

/* Nothing in it passes: its rows count as read. */
static void
skip_block(struct blocks *bl)
{
	bl->left -=
	    bl->block.nrows < bl->left ? bl->block.nrows : bl->left;
	bl->block.nrows = 0;
	bl->row = 0;
}

/* Go to the next block of flows in which some may pass. */
static int
next_block(struct blocks *bl, struct flowd_error *err)
{
	struct segment_damage damage;
	struct prune_facts facts = { .block = &bl->block, .lacks = lacks,
		.arg = bl };
	int got;

	for (;;) {
		got = segment_next(&bl->walk, &bl->block, &damage);
		if (got == FLOWD_EFORMAT) {
			bl->indexed = false;
			complain(bl, damage.from, damage.to, damage.why.text);
		} else if (got != 1) {
			if ((got = more(bl, err)) <= 0)
				return got;
		} else if (bl->block.kind == BLOCK_FLOWS) {
			bl->number++;
			block_reader_begin(bl->reader, &bl->block);
			if (query_may_match(bl->options->query, &facts))
				return 1;
			skip_block(bl);
			if (bl->left == 0)
				return 0;
		}
	}
}

/* Open the columns that decide, or all if there is nothing to decide. */
static int
begin_block(struct blocks *bl)
{
	const struct query *q = bl->options->query;
	struct colset cols = q->first;
	struct flowd_error why;

	bl->takes_all = query_takes_all(q, &bl->block);
	if (bl->takes_all)
		cols = q->want;
	/* There must be room in a batch for values of variable length. */
	if (colset_has(&q->want, COL_other))
		colset_add(&cols, COL_other);
	bl->row = 0;
	if (block_reader_open(bl->reader, cols, &why) == 0)
		return 0;
	reject(bl, why.text);
	return FLOWD_EFORMAT;
}

/* Rows of the block at hand. 0: none of them pass; negative: it is damaged. */
static int
take_rows(struct blocks *bl, struct batch *batch)
{
	const struct query *q = bl->options->query;
	struct colset cols = bl->takes_all ? q->want : q->first;
	struct flowd_error why;
	size_t n;

	batch_reset(batch);
	n = block_reader_rows(bl->reader, bl->row, cols, batch);
	bl->row += n;
	if (n > bl->left)
		bitmap_clear_range(
		    batch->selected, (size_t)bl->left, n - (size_t)bl->left);
	bl->left -= n < bl->left ? n : bl->left;
	if (bl->takes_all)
		return (int)n;
	query_select(q, batch);
	if (bitmap_count(batch->selected, n) == 0)
		return 0;
	if (block_reader_open(bl->reader, q->want, &why) != 0) {
		reject(bl, why.text);
		return FLOWD_EFORMAT;
	}
	block_reader_more(bl->reader, q->want, batch);
	return (int)n;
}

int
blocks_next(struct blocks *bl, struct batch *batch, struct flowd_error *err)
{
	int got;

	while (bl->left > 0) {
		if (bl->row == bl->block.nrows) {
			if ((got = next_block(bl, err)) <= 0)
				return got;
			if (begin_block(bl) != 0)
				continue;
		}
		if ((got = take_rows(bl, batch)) > 0)
			return got;
	}
	return 0;
}

bool
blocks_grown(struct blocks *bl)
{
	struct flowd_error ignored;
	size_t used = bl->walk.at;

	if (!bl->mapped.is_file ||
	    mapped_more(&bl->mapped, &used, bl->name, &ignored) < 0)
		return false;
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
