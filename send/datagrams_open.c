/* The sequence of inputs; see datagrams.h. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feed.h"
#include "file_list.h"

struct input {
	char *path;
	bool segment;	/* from a directory: it may be removed meanwhile */
};

struct datagrams {
	const struct datagrams_options *options;
	struct input *input;	/* directories are replaced by their files */
	size_t ninputs;
	size_t cap;
	size_t current;	/* the input to open next */
	uint64_t loops_done;
	bool something;	/* this loop has sent a datagram */
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
	return flowd_fail_errno(err, "%s", path);
}

static int
add_path(struct datagrams *s, const char *path, bool segment,
    struct flowd_error *err)
{
	char *copy;

	if (s->ninputs == s->cap) {
		size_t cap = s->cap != 0 ? s->cap * 2 : 16;
		struct input *grown = realloc(s->input, cap * sizeof(*grown));

		if (grown == NULL)
			return out_of_memory(err);
		s->input = grown;
		s->cap = cap;
	}
	copy = strdup(path);
	if (copy == NULL)
		return out_of_memory(err);
	s->input[s->ninputs++] = (struct input) { copy, segment };
	return 0;
}

static int
add_joined(struct datagrams *s, const char *folder, const char *name,
    struct flowd_error *err)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%s", folder, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return flowd_fail(err, FLOWD_ERANGE, "%s: the path is too long",
		    folder);
	return add_path(s, path, false, err);
}

static bool
ends_in_dat(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".dat") == 0;
}

static int
by_path(const void *a, const void *b)
{
	const struct input *left = a, *right = b;

	return strcmp(left->path, right->path);
}

/* All *.dat of a folder, sorted. */
static int
add_payloads(struct datagrams *s, const char *folder, struct flowd_error *err)
{
	size_t first = s->ninputs;
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int failed = 0;

	if (dir == NULL)
		return system_failed(folder, err);
	while (failed == 0 && (entry = readdir(dir)) != NULL)
		if (ends_in_dat(entry->d_name))
			failed = add_joined(s, folder, entry->d_name, err);
	(void)closedir(dir);
	if (failed == 0 && s->ninputs > first)
		qsort(s->input + first, s->ninputs - first, sizeof(*s->input),
		    by_path);
	return failed;
}

/* All segments of a columnar log, by their times. */
static int
add_segments(struct datagrams *s, const char *folder, struct flowd_error *err)
{
	static const struct timerange any = { INT64_MIN, INT64_MAX };
	char *folders[] = { (char *)(uintptr_t)folder, NULL };
	struct file_list l;
	int failed;

	file_list_init(&l);
	l.allows_empty = true;
	failed = file_list_find(&l, folders, &any, err);
	for (size_t i = 0; failed == 0 && i < l.n; i++)
		failed = add_path(s, l.path[i], true, err);
	file_list_fini(&l);
	return failed;
}

static int
add_folder(struct datagrams *s, const char *folder, struct flowd_error *err)
{
	size_t first = s->ninputs;
	int failed = add_payloads(s, folder, err);

	if (failed == 0 && s->ninputs == first)
		failed = add_segments(s, folder, err);
	if (failed == 0 && s->ninputs == first)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: this folder has no segments of a flow log, and no "
		    "file of it ends in .dat", folder);
	return failed;
}

static bool
is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

static int
add_input(struct datagrams *s, const char *path, struct flowd_error *err)
{
	struct stat st;

	if (is_stdin(path)) {
		if (s->has_stdin || s->options->loops != 1)
			return flowd_fail(err, FLOWD_EINVAL,
			    "standard input can be read once only");
		s->has_stdin = true;
		return add_path(s, path, false, err);
	}
	if (stat(path, &st) != 0)
		return system_failed(path, err);
	if (S_ISDIR(st.st_mode))
		return add_folder(s, path, err);
	/* Not opened: closing a FIFO would disconnect its writer. */
	if (access(path, R_OK) != 0)
		return system_failed(path, err);
	return add_path(s, path, false, err);
}

static int
datagrams_prepare(struct datagrams *s, struct flowd_error *err)
{
	const struct datagrams_options *o = s->options;
	struct feed_state *f = &s->state;
	int failed;

	f->encoder = encoder_new(&o->encode);
	f->batch = batch_new(BATCH_ROWS);
	f->room = malloc(FEED_ROOM);
	if (f->encoder == NULL || f->batch == NULL || f->room == NULL)
		return out_of_memory(err);
	feed_init(f);
	if (o->generate != 0) {
		f->model = generator_new(&o->model);
		return f->model != NULL ? 0 : out_of_memory(err);
	}
	for (size_t i = 0; i < o->npaths; i++)
		if ((failed = add_input(s, o->paths[i], err)) != 0)
			return failed;
	return 0;
}

struct datagrams *
datagrams_open(const struct datagrams_options *options, struct flowd_error *err)
{
	struct datagrams *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		(void)out_of_memory(err);
		return NULL;
	}
	s->options = options;
	if (datagrams_prepare(s, err) != 0) {
		datagrams_close(s);
		return NULL;
	}
	return s;
}

bool
datagrams_reads(const struct datagrams *s, const char *path)
{
	struct stat st, in;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	for (size_t i = 0; i < s->ninputs; i++) {
		const char *read = s->input[i].path;
		int bad = is_stdin(read) ? fstat(STDIN_FILENO, &in)
					 : stat(read, &in);

		if (bad == 0 && in.st_dev == st.st_dev &&
		    in.st_ino == st.st_ino)
			return true;
	}
	return false;
}

void
datagrams_close(struct datagrams *s)
{
	if (s == NULL)
		return;
	feed_close(&s->state);
	encoder_free(s->state.encoder);
	generator_free(s->state.model);
	batch_free(s->state.batch);
	free(s->state.room);
	for (size_t i = 0; i < s->ninputs; i++)
		free(s->input[i].path);
	free(s->input);
	free(s);
}

/* It is not an error if a segment has been removed; then there is no feed. */
static int
open_file(
    struct datagrams *s, const struct input *input, struct flowd_error *err)
{
	const char *path = input->path;

	s->feed = ends_in_dat(path) ? feed_open_payload(&s->state, path, err)
				    : feed_open(&s->state, path, err);
	if (s->feed != NULL || (input->segment &&
	    access(path, F_OK) == -1 && errno == ENOENT))
		return 0;
	feed_close(&s->state);
	return FLOWD_EIO;
}

/* The next file of this loop, or the first of the next loop. */
static int
open_next(struct datagrams *s, struct flowd_error *err)
{
	const struct datagrams_options *o = s->options;
	size_t ninputs = o->generate != 0 ? 1 : s->ninputs;
	struct feed_state *f = &s->state;

	if (s->current == ninputs) {
		s->current = 0;
		s->loops_done++;
		/* Ends an endless loop without datagrams. */
		if (s->loops_done == o->loops || !s->something)
			return 0;
		s->something = false;
	}
	if (o->generate != 0) {
		s->current++;
		s->feed = &feed_model;
		f->flows_left = o->generate;
		return 1;
	}
	return open_file(s, &s->input[s->current++], err) == 0 ? 1 : FLOWD_EIO;
}

int
datagrams_next(struct datagrams *s, struct outgoing *d, struct flowd_error *err)
{
	int got;

	for (;;) {
		if (s->feed == NULL && (got = open_next(s, err)) <= 0)
			return got;
		if (s->feed == NULL)
			continue;
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
datagrams_left_out(const struct datagrams *s)
{
	return encoder_left_out(s->state.encoder);
}
