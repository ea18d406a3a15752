/* Reports as tables and lists for people; see show.h. */
#include <inttypes.h>
#include <stdio.h>

#include "human.h"
#include "screen.h"
#include "show.h"
#include "table.h"
#include "text.h"

enum {
	CELL_MAX = 256, /* octets of a number or a time */
	INDENT = 2,
	GAP = 2
};

/* In groups of three: 12 345 678. */
static void
format_exact(char text[CELL_MAX], uint64_t n)
{
	char digits[CELL_MAX];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	char *to = text;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*to++ = ' ';
		*to++ = digits[i];
	}
	*to = '\0';
}

/* 2026-11-23 04:33:52 */
static char *
format_date(char *text, int64_t ns, bool utc)
{
	const int64_t second = 1000000000;
	struct clock clock;
	char *end, *t;

	clock_init(&clock, utc);
	end = text_time(text, &clock, ns / second);
	*end = '\0';
	t = strchr(text, 'T');
	if (t != NULL)
		*t = ' ';
	return end;
}

/* A sign, as a clock may be behind. */
static void
format_duration(char text[CELL_MAX], int64_t ns)
{
	char human[HUMAN_MAX];
	const int64_t ms = 1000000;

	if (ns > -ms && ns < ms) {
		(void)snprintf(text, CELL_MAX, "0 s");
		return;
	}
	/* The least of all has no counterpart. */
	ns = ns == INT64_MIN ? -INT64_MAX : ns;
	(void)human_duration(human, ns < 0 ? -ns : ns);
	(void)snprintf(text, CELL_MAX, "%c%s", ns < 0 ? '-' : '+', human);
}

/* Of a cell that is there and no text. */
static void
format_short(char text[CELL_MAX], enum report_type type, uint64_t n,
    const struct show *how)
{
	switch (type) {
	case REPORT_TEXT:
	case REPORT_NUMBER:
		(void)snprintf(text, CELL_MAX, "%" PRIu64, n);
		break;
	case REPORT_COUNT:
		if (n < 100000)
			format_exact(text, n);
		else
			(void)human_si(text, n, "");
		break;
	case REPORT_OCTETS:
		(void)human_iec(text, n, "B");
		break;
	case REPORT_TIME:
		(void)human_ago(text, (int64_t)n, how->now_ns);
		break;
	case REPORT_DURATION:
		format_duration(text, (int64_t)n);
		break;
	case REPORT_FLAG:
		(void)snprintf(text, CELL_MAX, "%s", n != 0 ? "yes" : "no");
		break;
	}
}

/* The same where there is room: in a list. */
static void
format_long(char text[CELL_MAX], enum report_type type, uint64_t n,
    const struct show *how)
{
	char human[HUMAN_MAX];
	char *end;

	if (type == REPORT_COUNT) {
		format_exact(text, n);
	} else if (type == REPORT_TIME && n != 0) {
		end = format_date(text, (int64_t)n, how->utc);
		(void)snprintf(end, CELL_MAX - TEXT_MAX, ", %s",
		    human_ago(human, (int64_t)n, how->now_ns));
	} else {
		format_short(text, type, n, how);
	}
}

static bool
is_left(enum report_type type)
{
	return type == REPORT_TEXT || type == REPORT_FLAG;
}

/* Is it a column of the table? */
static bool
is_shown(const struct report *r, unsigned field)
{
	const struct report_info *info = &report_info[r->kind];
	enum report_show show = report_field_info[info->first + field].show;

	if (show != SHOW_NONZERO)
		return show == SHOW_ALWAYS || show == SHOW_ROW;
	for (size_t row = 0; row < r->nrows; row++) {
		const struct report_cell *c = &report_cells(r, row)[field];

		if (c->there && (c->number != 0 || c->len > 0))
			return true;
	}
	return false;
}

/* Is it a row of the table? */
static bool
is_row(const struct report *r, size_t row)
{
	const struct report_info *info = &report_info[r->kind];
	const struct report_cell *cells = report_cells(r, row);

	for (unsigned i = 0; i < info->nfields; i++)
		if (report_field_info[info->first + i].show == SHOW_ROW &&
		    cells[i].number == 0)
			return false;
	return true;
}

bool
show_has_rows(const struct report *r)
{
	for (size_t row = 0; row < r->nrows; row++)
		if (is_row(r, row))
			return true;
	return false;
}

static void
put_cell(const struct report *r, const struct report_field_info *f,
    const struct report_cell *c, const struct show *how, struct table *t)
{
	char text[CELL_MAX];

	if (f->type == REPORT_TEXT || !c->there) {
		table_cell(t, report_text(r, c));
		return;
	}
	format_short(text, f->type, c->number, how);
	table_cell(t, text);
}

/* What stands below a row. */
static void
put_notes(const struct report *r, size_t row, struct table *t)
{
	const struct report_info *info = &report_info[r->kind];

	for (unsigned i = 0; i < info->nfields; i++) {
		const struct report_field_info *f =
		    &report_field_info[info->first + i];
		const struct report_cell *c = &report_cells(r, row)[i];

		if (f->show == SHOW_BELOW && c->there && c->len > 0)
			table_note(t, f->title, report_text(r, c));
	}
}

static void
put_table(const struct report *r, const struct show *how, struct buf *out)
{
	const struct report_info *info = &report_info[r->kind];
	struct table_column columns[REPORT_FIELDS_MAX] = { { NULL, 0 } };
	unsigned shown[REPORT_FIELDS_MAX], n = 0;
	struct table t;

	for (unsigned i = 0; i < info->nfields; i++) {
		const struct report_field_info *f =
		    &report_field_info[info->first + i];

		if (!is_shown(r, i))
			continue;
		columns[n] = (struct table_column){ f->title,
			is_left(f->type) ? TABLE_LEFT : TABLE_RIGHT };
		shown[n++] = i;
	}
	table_init(&t, columns, n);
	for (size_t row = 0; row < r->nrows; row++) {
		if (!is_row(r, row))
			continue;
		for (unsigned i = 0; i < n; i++)
			put_cell(r, &report_field_info[info->first + shown[i]],
			    &report_cells(r, row)[shown[i]], how, &t);
		put_notes(r, row, &t);
	}
	table_put(&t, out);
	table_fini(&t);
}

/* Lists. */

/* In a list everything is shown that says something. */
static bool
is_listed(const struct report_field_info *f, const struct report_cell *c)
{
	if (!c->there || f->show >= SHOW_NEVER)
		return false;
	return f->show == SHOW_ALWAYS || c->number != 0 || c->len > 0;
}

static size_t
widest_title(const struct report *r, const struct report_cell *cells)
{
	const struct report_info *info = &report_info[r->kind];
	size_t widest = 0;

	for (unsigned i = 0; i < info->nfields; i++) {
		const struct report_field_info *f =
		    &report_field_info[info->first + i];
		/* What is hidden has no title. */
		size_t len = is_listed(f, &cells[i]) ? strlen(f->title) : 0;

		if (len > widest)
			widest = len;
	}
	return widest;
}

/* Numbers one below the other. */
static size_t
widest_count(const struct report *r, const struct report_cell *cells)
{
	const struct report_info *info = &report_info[r->kind];
	char text[CELL_MAX];
	size_t widest = 0;

	for (unsigned i = 0; i < info->nfields; i++) {
		if (report_field_info[info->first + i].type != REPORT_COUNT ||
		    !cells[i].there)
			continue;
		format_exact(text, cells[i].number);
		if (strlen(text) > widest)
			widest = strlen(text);
	}
	return widest;
}

static void
put_list_row(const struct report *r, const struct report_cell *cells,
    const struct show *how, struct buf *out)
{
	const struct report_info *info = &report_info[r->kind];
	size_t width = widest_title(r, cells), count = widest_count(r, cells);

	for (unsigned i = 0; i < info->nfields; i++) {
		const struct report_field_info *f =
		    &report_field_info[info->first + i];
		char text[CELL_MAX];

		if (!is_listed(f, &cells[i]))
			continue;
		buf_printf(out, "%*s%-*s%*s", INDENT, "", (int)width,
		    f->title, GAP, "");
		if (f->type == REPORT_TEXT) {
			screen_put_wrapped(out, report_text(r, &cells[i]),
			    INDENT + width + GAP, SCREEN_LINE);
		} else {
			format_long(text, f->type, cells[i].number, how);
			buf_printf(out, "%*s",
			    f->type == REPORT_COUNT ? (int)count : 0, text);
		}
		buf_append_char(out, '\n');
	}
}

static void
put_list(const struct report *r, const struct show *how, struct buf *out)
{
	for (size_t row = 0; row < r->nrows; row++) {
		if (row > 0)
			buf_append_char(out, '\n');
		buf_printf(out, "%s\n", report_info[r->kind].word);
		put_list_row(r, report_cells(r, row), how, out);
	}
}

void
show_text(
    const struct report *r, const struct show *how, struct buf *out)
{
	enum report_layout layout = report_info[r->kind].layout;

	if (!show_has_rows(r))
		return;
	if (layout == REPORT_LIST ||
	    (how->details && layout != REPORT_ROWS))
		put_list(r, how, out);
	else
		put_table(r, how, out);
}
