/* The sequence of inputs; see source.h. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feed.h"

struct source {
	const struct source_options *options;
	char **path;	/* folders replaced by what is in them */
	size_t npaths;
	size_t cap;
	size_t current;	/* the path to open next */
	uint64_t loops_done;
	bool something;	/* this loop had a datagram */
	bool has_stdin;
	const struct feed *feed;	/* of the open file, or NULL */
	struct feed_state state;
};

static int
out_of_memory(struct flowd_error *err)
{
	return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
}

static int
system_failed(const char *path, struct flowd_error *err)
{
	return flowd_fail(err, FLOWD_EIO, "%s: %s", path, strerror(errno));
}

static int
add_path(struct source *s, const char *path, struct flowd_error *err)
{
	if (s->npaths == s->cap) {
		size_t cap = s->cap != 0 ? s->cap * 2 : 16;
		char **grown = realloc(s->path, cap * sizeof(*grown));

		if (grown == NULL)
			return out_of_memory(err);
		s->path = grown;
		s->cap = cap;
	}
	s->path[s->npaths] = strdup(path);
	if (s->path[s->npaths] == NULL)
		return out_of_memory(err);
	s->npaths++;
	return 0;
}

static bool
ends_in_dat(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".dat") == 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All *.dat of a folder, sorted. */
static int
add_folder(struct source *s, const char *folder, struct flowd_error *err)
{
	size_t first = s->npaths;
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[4096];
	int n, failed = 0;

	if (dir == NULL)
		return system_failed(folder, err);
	while (failed == 0 && (entry = readdir(dir)) != NULL) {
		if (!ends_in_dat(entry->d_name))
			continue;
		n = snprintf(path, sizeof(path), "%s/%s", folder,
		    entry->d_name);
		if (n < 0 || (size_t)n >= sizeof(path))
			failed = flowd_fail(err, FLOWD_ERANGE,
			    "%s: the path is too long", folder);
		else
			failed = add_path(s, path, err);
	}
	(void)closedir(dir);
	if (failed == 0 && s->npaths == first)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: no file of this folder ends in .dat", folder);
	if (failed == 0)
		qsort(s->path + first, s->npaths - first, sizeof(*s->path),
		    by_name);
	return failed;
}

static bool
is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

static int
add_input(struct source *s, const char *path, struct flowd_error *err)
{
	struct stat st;
	FILE *file;

	if (is_stdin(path)) {
		if (s->has_stdin || s->options->loops != 1)
			return flowd_fail(err, FLOWD_EINVAL,
			    "standard input can be read once only");
		s->has_stdin = true;
		return add_path(s, path, err);
	}
	if (stat(path, &st) != 0)
		return system_failed(path, err);
	if (S_ISDIR(st.st_mode))
		return add_folder(s, path, err);
	file = fopen(path, "rb");
	if (file == NULL)
		return system_failed(path, err);
	(void)fclose(file);
	return add_path(s, path, err);
}

static int
source_prepare(struct source *s, struct flowd_error *err)
{
	const struct source_options *o = s->options;
	struct feed_state *f = &s->state;
	int failed;

	f->encoder = encoder_new(&o->encode);
	f->batch = batch_new(BATCH_ROWS);
	f->room = malloc(FEED_ROOM);
	if (f->encoder == NULL || f->batch == NULL || f->room == NULL)
		return out_of_memory(err);
	if (o->generate != 0) {
		f->model = generator_new(&o->model);
		return f->model != NULL ? 0 : out_of_memory(err);
	}
	for (size_t i = 0; i < o->npaths; i++)
		if ((failed = add_input(s, o->paths[i], err)) != 0)
			return failed;
	return 0;
}

struct source *
source_open(const struct source_options *options, struct flowd_error *err)
{
	struct source *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		(void)out_of_memory(err);
		return NULL;
	}
	s->options = options;
	if (source_prepare(s, err) != 0) {
		source_close(s);
		return NULL;
	}
	return s;
}

bool
source_reads(const struct source *s, const char *path)
{
	struct stat st, in;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	for (size_t i = 0; i < s->npaths; i++) {
		int bad = is_stdin(s->path[i]) ? fstat(STDIN_FILENO, &in)
					       : stat(s->path[i], &in);

		if (bad == 0 && in.st_dev == st.st_dev &&
		    in.st_ino == st.st_ino)
			return true;
	}
	return false;
}

void
source_close(struct source *s)
{
	if (s == NULL)
		return;
	feed_close(&s->state);
	encoder_free(s->state.encoder);
	generator_free(s->state.model);
	batch_free(s->state.batch);
	free(s->state.room);
	for (size_t i = 0; i < s->npaths; i++)
		free(s->path[i]);
	free(s->path);
	free(s);
}

/* What a file is; the octet looked at is given back. */
static const struct feed *
file_feed(const char *path, FILE *file)
{
	int first;

	if (ends_in_dat(path))
		return &feed_payload;
	first = getc(file);
	if (first != EOF)
		(void)ungetc(first, file);
	return feed_sniff(first);
}

static int
open_file(struct source *s, const char *path, struct flowd_error *err)
{
	struct feed_state *f = &s->state;

	f->name = is_stdin(path) ? "standard input" : path;
	f->file = is_stdin(path) ? stdin : fopen(path, "rb");
	if (f->file == NULL)
		return system_failed(path, err);
	s->feed = file_feed(path, f->file);
	return s->feed->open(f, err);
}

/* The next file of this loop, or the first of the next loop. */
static int
open_next(struct source *s, struct flowd_error *err)
{
	const struct source_options *o = s->options;
	size_t ninputs = o->generate != 0 ? 1 : s->npaths;
	struct feed_state *f = &s->state;

	if (s->current == ninputs) {
		s->current = 0;
		s->loops_done++;
		/* For ever nothing would be a long time. */
		if (s->loops_done == o->loops || !s->something)
			return 0;
		s->something = false;
	}
	f->ended = false;
	f->begin = f->end = 0;
	f->offset = 0;
	if (o->generate != 0) {
		s->current++;
		s->feed = &feed_model;
		f->flows_left = o->generate;
		return 1;
	}
	return open_file(s, s->path[s->current++], err) == 0 ? 1 : FLOWD_EIO;
}

int
source_next(struct source *s, struct outgoing *d, struct flowd_error *err)
{
	int got;

	for (;;) {
		if (s->feed == NULL && (got = open_next(s, err)) <= 0)
			return got;
		*d = (struct outgoing) { .timed = false };
		got = s->feed->next(&s->state, d, err);
		if (got > 0)
			s->something = true;
		if (got != 0)
			return got;
		feed_close(&s->state);
		s->feed = NULL;
	}
}

uint64_t
source_left_out(const struct source *s)
{
	return encoder_left_out(s->state.encoder);
}
