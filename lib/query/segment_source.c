/* Logs of version 4; see segment_source.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "block_scan.h"
#include "segment_source.h"

/* The maximum of "flush" in flowd.conf(5). */
static const int64_t flush_max_ns = INT64_C(3600000000000);

struct segment_source {
	const char *name; /* for messages */
	const struct scan_source_options *options;
	struct mapping mapping;
	struct segment_walk walk;
	struct segment_index index;
	uint32_t number; /* number of the next block of flows */
	struct block block;
	struct block_scan rows; /* rows of the current block */
	bool at_hand; /* there is a current block */
	uint64_t skip; /* flows still to skip */
	uint64_t flows; /* flows in the blocks before the current one */
	int64_t flush_ns; /* maximum of all blocks */
	int bad; /* an error ended reading, and why */
	struct flowd_error why;
};

struct segment_source *
segment_source_open(int fd, const char *name,
    const struct scan_source_options *options, struct bytes seen,
    struct flowd_error *err)
{
	struct segment_source *s = calloc(1, sizeof(*s));
	int (*init)(struct mapping *m, int from, struct bytes first,
	    const char *what, struct flowd_error *why) =
	    options->read ? mapping_init_pipe : mapping_init;

	if (s == NULL || !block_scan_init(&s->rows, options->filter)) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", name);
	} else if (init(&s->mapping, fd, seen, name, err) == 0) {
		s->name = name;
		s->options = options;
		s->skip = options->skip;
		segment_walk_init(&s->walk, s->mapping.all, s->mapping.eof);
		if (s->mapping.is_file &&
		    segment_index_find(s->mapping.all, &s->index, NULL) == 0)
			s->rows.index = &s->index;
		return s;
	}
	if (s != NULL)
		block_scan_fini(&s->rows);
	free(s);
	return NULL;
}

void
segment_source_close(struct segment_source *s)
{
	if (s == NULL)
		return;
	block_scan_fini(&s->rows);
	mapping_fini(&s->mapping);
	free(s);
}

static void
segment_source_warn(
    const struct segment_source *s, size_t from, size_t to, const char *why)
{
	struct flowd_error text;

	(void)flowd_fail(&text, 0,
	    "%s: offset %" PRIu64 ": %s; %zu octets are passed over",
	    s->name, s->mapping.offset + from, why, to - from);
	s->options->warn(s->options->arg, text.text);
}

/* Skip the current block, which is damaged, up to the next intact one. */
static void
segment_source_reject(struct segment_source *s, const char *why)
{
	struct segment_damage damage;

	s->rows.index = NULL;
	s->at_hand = false;
	segment_reject(&s->walk);
	(void)segment_next(&s->walk, &s->block, &damage);
	segment_source_warn(s, damage.from, damage.to, why);
}

/* Counts rows that were read, whether they pass or not. */
static void
segment_source_count(struct segment_source *s, size_t n)
{
	uint64_t *left = s->options->left;

	*left -= n < *left ? n : *left;
}

/* The blocks of a sealed log are larger than the writer flushed. */
static void
segment_source_note_flush(struct segment_source *s)
{
	const struct block *b = &s->block;

	if (s->rows.index == NULL && b->min_ns > 0 && b->max_ns >= b->min_ns &&
	    b->max_ns - b->min_ns > s->flush_ns)
		s->flush_ns = b->max_ns - b->min_ns;
}

/* Begins a block of flows if some may pass. */
static void
segment_source_begin_block(struct segment_source *s)
{
	uint32_t number = s->number++, nrows = s->block.nrows;
	uint64_t skip = s->skip < nrows ? s->skip : nrows;
	struct flowd_error why;
	int got;

	segment_source_note_flush(s);
	s->flows += nrows;
	s->skip -= skip;
	if (skip == nrows)
		return;
	got = block_scan_begin(&s->rows, &s->block, number, &why);
	s->at_hand = got == 1;
	if (got == 0)
		segment_source_count(s, nrows - skip);
	else if (got < 0)
		segment_source_reject(s, why.text);
	else
		block_scan_skip(&s->rows, (size_t)skip);
}

/* Goes to the next block in which some flow may pass: 1, or 0 at the end. */
static int
segment_source_next_block(struct segment_source *s, struct flowd_error *err)
{
	struct segment_damage damage;
	int got;

	while (!s->at_hand && *s->options->left > 0) {
		got = segment_next(&s->walk, &s->block, &damage);
		if (got == FLOWD_EFORMAT) {
			s->rows.index = NULL;
			segment_source_warn(
			    s, damage.from, damage.to, damage.why.text);
		} else if (got != 1) {
			got = mapping_walk_on(
			    &s->mapping, &s->walk, s->name, err);
			if (got <= 0)
				return got;
		} else if (s->block.kind == BLOCK_FLOWS) {
			segment_source_begin_block(s);
		}
	}
	return s->at_hand;
}

int
segment_source_next(
    struct segment_source *s, struct batch *batch, struct flowd_error *err)
{
	uint64_t *left = s->options->left;
	struct flowd_error why;
	size_t n;
	int got;

	if (s->bad != 0)
		return flowd_fail_again(err, &s->why);
	while ((got = segment_source_next_block(s, err)) == 1 && *left > 0) {
		batch_reset(batch);
		got = block_scan_next(&s->rows, *left, batch, &n, &why);
		segment_source_count(s, n);
		if (got < 0)
			segment_source_reject(s, why.text);
		else if (n == 0)
			s->at_hand = false;
		else if (got == 1)
			return (int)n;
	}
	return got < 0 ? got : 0;
}

int64_t
segment_source_flush_ns(const struct segment_source *s)
{
	return s->flush_ns < flush_max_ns ? s->flush_ns : flush_max_ns;
}

struct mapping *
segment_source_mapping(struct segment_source *s)
{
	return &s->mapping;
}

const struct segment_index *
segment_source_index(const struct segment_source *s)
{
	return s->rows.index;
}

bool
segment_source_grown(struct segment_source *s)
{
	size_t used = s->walk.at;
	int got;

	if (!s->mapping.is_file)
		return false;
	got = mapping_more(&s->mapping, &used, s->name, &s->why);
	s->bad = got < 0 ? got : 0;
	if (got != 0)
		/* the file has grown: the index does not cover it */
		s->rows.index = NULL;
	if (s->bad == 0)
		segment_grown(&s->walk, s->mapping.all, false);
	return true;
}

struct segment_progress
segment_source_read(const struct segment_source *s)
{
	return (struct segment_progress){ .octets = s->walk.at,
		.seen = s->mapping.all.len, .flows = s->flows };
}

bool
segment_source_progress(
    const struct segment_source *s, uint64_t *at, uint64_t *all)
{
	struct stat st;

	*at = s->mapping.offset + s->walk.at;
	*all = s->mapping.all.len;
	if (s->mapping.is_file)
		return true;
	/* A file that is read as a pipe is, too. */
	if (fstat(s->mapping.fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	*all = (uint64_t)st.st_size;
	return true;
}
