/* Writing logs, of the public header; see include/flowd/writer.h. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "flowd/writer.h"
#include "log_writer.h"
#include "options_check.h"
#include "selection.h"

enum { ZSTD_LEVEL_MAX = 19 };

struct flowd_writer {
	struct log_writer log;
	struct selection selection;
	uint32_t fields;
	char *name; /* for error texts */
};

/* What a file is written as; 0, or FLOWD_EINVAL with err set. */
static int
format_of(const struct flowd_writer_options *o,
    struct log_writer_format *format, struct flowd_error *err)
{
	static const enum compression compressions[] = {
		[FLOWD_COMPRESS_ZSTD] = COMPRESS_ZSTD,
		[FLOWD_COMPRESS_LZ4] = COMPRESS_LZ4,
		[FLOWD_COMPRESS_NONE] = COMPRESS_NONE,
	};

	int bad = options_check_bits("fields", o->fields, CLASSIC_ALL, err);

	if (bad == 0)
		bad = OPTIONS_CHECK_RESERVED(o, err);
	if (bad != 0)
		return bad;
	if (o->version != 0 && o->version != 3 && o->version != 4)
		return flowd_fail(err, FLOWD_EINVAL,
		    "a log is written in version 3 or 4, not %d", o->version);
	if (o->compression < FLOWD_COMPRESS_ZSTD ||
	    o->compression > FLOWD_COMPRESS_NONE)
		return flowd_fail(err, FLOWD_EINVAL, "%d is no compression",
		    o->compression);
	if (o->level < 0 || o->level > ZSTD_LEVEL_MAX)
		return flowd_fail(err, FLOWD_ERANGE,
		    "the level of zstd is between 1 and %d", ZSTD_LEVEL_MAX);
	*format = (struct log_writer_format) {
		.version = o->version == 3 ? 3 : 4,
		.compression = o->version == 3
		    ? COMPRESS_NONE
		    : compressions[o->compression],
		.level = o->level,
	};
	return 0;
}

/* A writer without a file. */
static struct flowd_writer *
writer_new(const char *name, const struct flowd_writer_options *o,
    struct log_writer_format *format, struct flowd_error *err)
{
	static const struct flowd_writer_options usual;
	struct flowd_writer *w;

	if (o == NULL)
		o = &usual;
	if (format_of(o, format, err) != 0)
		return NULL;
	w = calloc(1, sizeof(*w));
	if (w == NULL || (w->name = strdup(name)) == NULL) {
		free(w);
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	w->log.out.fd = -1;
	w->fields = o->fields != 0 ? o->fields : (uint32_t)CLASSIC_ALL;
	return w;
}

/* Is it open? Else it is freed. */
static struct flowd_writer *
writer_opened(struct flowd_writer *w, int bad)
{
	if (bad == 0)
		return w;
	(void)flowd_writer_close(w, NULL);
	return NULL;
}

struct flowd_writer *
flowd_writer_open(const char *path,
    const struct flowd_writer_options *options, struct flowd_error *err)
{
	static char *const no_inputs[] = { NULL };
	struct log_writer_format format;
	struct flowd_writer *w = writer_new(path, options, &format, err);

	return w != NULL
	    ? writer_opened(w,
		  log_writer_open(&w->log, w->name, &format, no_inputs, err))
	    : NULL;
}

struct flowd_writer *
flowd_writer_open_fd(int fd, const char *name,
    const struct flowd_writer_options *options, struct flowd_error *err)
{
	struct log_writer_format format;
	struct flowd_writer *w = writer_new(name, options, &format, err);

	return w != NULL
	    ? writer_opened(w,
		  log_writer_open_fd(&w->log, fd, w->name, &format, err))
	    : NULL;
}

int
flowd_writer_rows(struct flowd_writer *w, const struct flowd_batch *batch,
    size_t first, size_t n, struct flowd_error *err)
{
	uint64_t before = w->log.unstorable;
	struct batch view;
	int bad =
	    selection_view(&w->selection, batch, first, n, &view, err);

	if (bad != 0)
		return bad;
	if (w->log.out.failed)
		return flowd_fail(err, FLOWD_EIO,
		    "%s: writing failed before", w->name);
	bad = log_writer_rows(&w->log, &view, w->fields, err);
	return bad < 0
	    ? bad
	    : (int)(w->selection.n - (w->log.unstorable - before));
}

uint64_t
flowd_writer_left_out(const struct flowd_writer *w)
{
	return w->log.unstorable;
}

int
flowd_writer_flush(struct flowd_writer *w, struct flowd_error *err)
{
	return log_writer_flush(&w->log, err);
}

int
flowd_writer_close(struct flowd_writer *w, struct flowd_error *err)
{
	struct flowd_error own;
	int bad;

	if (w == NULL)
		return 0;
	bad = log_writer_close(&w->log, err != NULL ? err : &own);
	selection_fini(&w->selection);
	free(w->name);
	free(w);
	return bad;
}
