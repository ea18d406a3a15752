/* Streams of Arrow arrays, and single ones; see include/flowd/arrow.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flowd_arrow.h"
#include "flowd_scan.h"

struct arrow_stream {
	struct flowd_scan *scan;
	enum flowd_arrow_addresses form;
	struct flowd_error err; /* the last one */
};

/* The errno of a failure, or the one that is nearest. */
static int
errno_of(const struct flowd_error *err)
{
	if (err->system != 0)
		return err->system;
	switch (err->code) {
	case FLOWD_ENOMEM:
		return ENOMEM;
	case FLOWD_EINVAL:
	case FLOWD_ERANGE:
		return EINVAL;
	case FLOWD_ECANCELED:
		return ECANCELED;
	default:
		return EIO;
	}
}

static int
stream_get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
	struct arrow_stream *s = stream->private_data;

	if (arrow_schema_make(
		flowd_scan_columns(s->scan), s->form, out) == 0)
		return 0;
	(void)flowd_fail(&s->err, FLOWD_ENOMEM, "out of memory");
	return ENOMEM;
}

static int
stream_get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
	struct arrow_stream *s = stream->private_data;
	const struct flowd_batch *batch;
	int got = flowd_scan_next(s->scan, &batch, &s->err);

	memset(out, 0, sizeof(*out));
	if (got > 0 && (got = arrow_array_make(batch, s->form, out)) != 0)
		(void)flowd_fail(&s->err, got, "out of memory");
	return got < 0 ? errno_of(&s->err) : 0;
}

static const char *
stream_get_last_error(struct ArrowArrayStream *stream)
{
	const struct arrow_stream *s = stream->private_data;

	return s->err.text[0] != '\0' ? s->err.text : NULL;
}

static void
stream_release(struct ArrowArrayStream *stream)
{
	struct arrow_stream *s = stream->private_data;

	flowd_scan_close(s->scan);
	free(s);
	stream->release = NULL;
}

int
flowd_scan_to_arrow(struct flowd_scan *s,
    const struct flowd_arrow_options *options, struct ArrowArrayStream *out,
    struct flowd_error *err)
{
	struct arrow_stream *own;
	int bad = arrow_options_check(options, err);

	if (bad != 0)
		return bad;
	if ((own = calloc(1, sizeof(*own))) == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	own->scan = s;
	own->form = arrow_addresses(options);
	*out = (struct ArrowArrayStream) {
		.get_schema = stream_get_schema,
		.get_next = stream_get_next,
		.get_last_error = stream_get_last_error,
		.release = stream_release,
		.private_data = own,
	};
	return 0;
}

int
flowd_scan_to_schema(const struct flowd_scan *s,
    const struct flowd_arrow_options *options, struct ArrowSchema *out,
    struct flowd_error *err)
{
	int bad = arrow_options_check(options, err);

	if (bad == 0 &&
	    (bad = arrow_schema_make(flowd_scan_columns(s),
		 arrow_addresses(options), out)) != 0)
		(void)flowd_fail(err, bad, "out of memory");
	return bad;
}

int
flowd_batch_to_arrow(const struct flowd_batch *b,
    const struct flowd_arrow_options *options, struct ArrowArray *array,
    struct ArrowSchema *schema, struct flowd_error *err)
{
	enum flowd_arrow_addresses form = arrow_addresses(options);
	int bad = arrow_options_check(options, err);

	if (bad != 0)
		return bad;
	if (array != NULL && (bad = arrow_array_make(b, form, array)) != 0)
		return flowd_fail(err, bad, "out of memory");
	if (schema != NULL &&
	    (bad = arrow_schema_make(&b->columns, form, schema)) != 0) {
		if (array != NULL)
			array->release(array);
		return flowd_fail(err, bad, "out of memory");
	}
	return 0;
}
