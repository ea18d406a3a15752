/* Flows as text, of the public header; see include/flowd/format.h. */
#include <stdlib.h>

#include "element.h"
#include "flowd/format.h"
#include "format.h"
#include "options_check.h"
#include "selection.h"

enum {
	TEXT_OCTETS_MAX = 1024 * 1024 * 1024,
	NAMES_MAX = 4096 /* octets of the names of all columns */
};

struct flowd_formatter {
	const struct format *format;
	struct formatter own;
	struct column_list order; /* of json and csv */
	struct buf text;
	struct selection selection; /* of rows that are printed */
	char columns[NAMES_MAX];
};

static const struct format *
format_of(int format)
{
	static const struct format *const formats[] = {
		[FLOWD_FORMAT_TEXT] = &format_text,
		[FLOWD_FORMAT_FLOWTOOLS] = &format_flowtools,
		[FLOWD_FORMAT_JSON] = &format_json,
		[FLOWD_FORMAT_CSV] = &format_csv,
	};

	return format >= 0 &&
		(size_t)format < sizeof(formats) / sizeof(formats[0])
	    ? formats[format]
	    : NULL;
}

/* The names of the columns that are used, as a list. */
static void
columns_name(struct flowd_formatter *f)
{
	struct colset set = format_columns(f->format, &f->own);
	size_t at = 0;

	for (unsigned i = 0; i < COL_COUNT; i++) {
		const char *name = column_info[i].name;
		size_t len = strlen(name);

		if (!colset_has(&set, i) || at + len + 2 > NAMES_MAX)
			continue;
		if (at > 0)
			f->columns[at++] = ',';
		memcpy(f->columns + at, name, len);
		at += len;
	}
	f->columns[at] = '\0';
}

static int
formatter_make(struct flowd_formatter *f,
    const struct flowd_format_options *o, struct flowd_error *err)
{
	int bad = options_check_bits(
	    "fields", o->fields, FLOWD_FIELDS_ALL | FLOWD_FIELDS_NONE, err);

	if (bad == 0)
		bad = OPTIONS_CHECK_RESERVED(o, err);
	if (bad != 0)
		return bad;
	f->format = format_of(o->format);
	if (f->format == NULL)
		return flowd_fail(
		    err, FLOWD_EINVAL, "%d is no format", o->format);
	formatter_init(&f->own, element_text);
	clock_init(&f->own.clock, o->utc != 0);
	if (o->fields != 0)
		f->own.classic = o->fields & FLOWD_FIELDS_ALL;
	if (o->columns != NULL) {
		bad = column_list_parse(&f->order, o->columns, false, err);
		f->own.order = f->order.col;
		f->own.norder = f->order.n;
	}
	columns_name(f);
	return bad;
}

struct flowd_formatter *
flowd_formatter_new(
    const struct flowd_format_options *options, struct flowd_error *err)
{
	static const struct flowd_format_options usual;
	struct flowd_formatter *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	buf_init(&f->text, TEXT_OCTETS_MAX);
	if (formatter_make(f, options != NULL ? options : &usual, err) == 0)
		return f;
	flowd_formatter_free(f);
	return NULL;
}

void
flowd_formatter_free(struct flowd_formatter *f)
{
	if (f == NULL)
		return;
	buf_fini(&f->text);
	selection_fini(&f->selection);
	free(f);
}

const char *
flowd_formatter_columns(const struct flowd_formatter *f)
{
	return f->columns;
}

/* Hand out the text, with a 0 behind it. */
static int
text_give(struct flowd_formatter *f, const char **text, size_t *len,
    struct flowd_error *err)
{
	buf_append_char(&f->text, '\0');
	if (!buf_ok(&f->text))
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	*text = (const char *)f->text.ptr;
	*len = f->text.len - 1;
	return 0;
}

int
flowd_formatter_head(struct flowd_formatter *f, const char **text,
    size_t *len, struct flowd_error *err)
{
	buf_reset(&f->text);
	if (f->format->head != NULL)
		f->format->head(&f->own, &f->text);
	return text_give(f, text, len, err);
}

int
flowd_formatter_rows(struct flowd_formatter *f,
    const struct flowd_batch *batch, size_t first, size_t n,
    const char **text, size_t *len, struct flowd_error *err)
{
	struct batch view;
	int bad = selection_view(&f->selection, batch, first, n, &view, err);

	if (bad != 0)
		return bad;
	buf_reset(&f->text);
	f->format->rows(&f->own, &view, &f->text);
	return text_give(f, text, len, err);
}
