/* Flows as text; see printer.h. A partial result is a piece of it. */
#include <stdlib.h>

#include "printer.h"

enum { TEXT_OCTETS_MAX = 512 * 1024 * 1024 };

/* A state. */
struct printer {
	const struct format *format;
	struct formatter formatter;
};

static void *
printer_begin(void *arg, struct flowd_error *err)
{
	const struct printer_args *args = arg;
	struct printer *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	p->format = args->format;
	p->formatter = *args->formatter;
	return p;
}

static void *
printer_partial(void *arg, struct flowd_error *err)
{
	struct buf *text = malloc(sizeof(*text));

	(void)arg;
	if (text != NULL)
		buf_init(text, TEXT_OCTETS_MAX);
	else
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	return text;
}

static int
printer_batch(void *state, void *partial, const struct batch *rows,
    struct flowd_error *err)
{
	struct printer *p = state;
	struct buf *text = partial;

	p->format->rows(&p->formatter, rows, text);
	return buf_ok(text) ? 0
			    : flowd_fail(err, FLOWD_ENOMEM, "out of memory");
}

static int
printer_emit(void *arg, void *partial, struct flowd_error *err)
{
	const struct printer_args *args = arg;
	struct buf *text = partial;
	int bad = text->len == 0
	    ? 0
	    : output_write(
		  args->to, (struct bytes){ text->ptr, text->len }, err);

	buf_reset(text);
	return bad;
}

static void
printer_drop(void *partial)
{
	buf_fini(partial);
	free(partial);
}

const struct scan_consumer printer_consumer = {
	.ordered = true,
	.begin = printer_begin,
	.batch = printer_batch,
	.partial = printer_partial,
	.emit = printer_emit,
	.drop = printer_drop,
	.end = free,
};
