/* Reports: building and joining rows; see report.h. */
#include <stdlib.h>

#include "report.h"

/* clang-format off */
const struct report_field_info report_field_info[REPORT_FIELDS] = {
#define REPORT(kind, word, layout, text)
#define FIELD(kind, name, type, join, show, title, metric, mname, text) \
	[FIELD_##kind##_##name] = { #name, REPORT_##type, JOIN_##join, \
	    SHOW_##show, title, METRIC_##metric, mname, text },
#include "reports.def"
#undef REPORT
#undef FIELD
};

/* How many of each kind: a 1 for each field behind its REPORT. */
#define REPORT(kind, word, layout, text) , FIELDS_OF_##kind = 0
#define FIELD(kind, name, type, join, show, title, metric, mname, text) +1
enum { FIELDS_BEFORE = 0
#include "reports.def"
};
#undef REPORT
#undef FIELD

const struct report_info report_info[REPORT_KINDS] = {
#define REPORT(kind, word, layout, text) \
	[REPORT_OF_##kind] = { word, REPORT_##layout, text, \
	    FIELD_##kind##_FIRST, FIELDS_OF_##kind },
#define FIELD(kind, name, type, join, show, title, metric, mname, text)
#include "reports.def"
#undef REPORT
#undef FIELD
};

/* A bit for each cell that is there: report_wire.c. */
#define REPORT(kind, word, layout, text) \
	_Static_assert((int)FIELDS_OF_##kind <= (int)REPORT_FIELDS_MAX, word);
#define FIELD(kind, name, type, join, show, title, metric, mname, text)
#include "reports.def"
#undef REPORT
#undef FIELD
/* clang-format on */

void
report_init(struct report *r, enum report_kind kind, size_t max)
{
	*r = (struct report){ .kind = kind };
	buf_init(&r->cells, max);
	buf_init(&r->texts, max);
}

void
report_fini(struct report *r)
{
	buf_fini(&r->cells);
	buf_fini(&r->texts);
}

void
report_reset(struct report *r, enum report_kind kind)
{
	r->kind = kind;
	r->nrows = 0;
	buf_reset(&r->cells);
	buf_reset(&r->texts);
}

bool
report_ok(const struct report *r)
{
	return buf_ok(&r->cells) && buf_ok(&r->texts);
}

static size_t
row_octets(const struct report *r)
{
	return report_info[r->kind].nfields * sizeof(struct report_cell);
}

void
report_row(struct report *r)
{
	uint8_t *p = NULL;

	if (report_ok(r) && r->nrows < REPORT_ROWS_MAX)
		p = buf_room(&r->cells, row_octets(r));
	if (p == NULL) {
		r->cells.failed = true;
		return;
	}
	memset(p, 0, row_octets(r));
	r->cells.len += row_octets(r);
	r->nrows++;
}

/* The cell of the last row; NULL once something did not fit. */
static struct report_cell *
last_cell(struct report *r, enum report_field f)
{
	size_t at;

	if (!report_ok(r) || r->nrows == 0)
		return NULL;
	at = r->cells.len - row_octets(r) +
	    ((unsigned)f - report_info[r->kind].first) *
		sizeof(struct report_cell);
	return (struct report_cell *)(void *)(r->cells.ptr + at);
}

void
report_set(struct report *r, enum report_field f, uint64_t number)
{
	struct report_cell *c = last_cell(r, f);

	if (c == NULL)
		return;
	c->there = true;
	c->number = number;
}

void
report_set_ns(struct report *r, enum report_field f, int64_t ns)
{
	report_set(r, f, (uint64_t)ns);
}

void
report_set_bytes(struct report *r, enum report_field f, struct bytes b)
{
	struct report_cell *c = last_cell(r, f);
	size_t at = r->texts.len;

	if (c == NULL)
		return;
	if (b.len > REPORT_TEXT_MAX)
		b.len = REPORT_TEXT_MAX;
	buf_append(&r->texts, b.ptr, b.len);
	buf_append_char(&r->texts, '\0');
	if (!buf_ok(&r->texts))
		return;
	c->there = true;
	c->off = (uint32_t)at;
	c->len = (uint32_t)strlen((const char *)r->texts.ptr + at);
}

void
report_set_text(struct report *r, enum report_field f, const char *text)
{
	report_set_bytes(
	    r, f, (struct bytes){ (const uint8_t *)text, strlen(text) });
}

const struct report_cell *
report_cells(const struct report *r, size_t row)
{
	return (const struct report_cell *)(const void *)(r->cells.ptr +
	    row * row_octets(r));
}

const struct report_cell *
report_at(const struct report *r, size_t row, enum report_field f)
{
	return report_cells(r, row) + (f - report_info[r->kind].first);
}

const char *
report_text(const struct report *r, const struct report_cell *c)
{
	return c->there ? (const char *)r->texts.ptr + c->off : "";
}

/* Joining. */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Runs of digits by their value: engine 2 comes before engine 10. */
static int
compare_texts(const char *a, const char *b)
{
	const char *x = a, *y = b;

	for (; *x != '\0' && *y != '\0'; x++, y++) {
		size_t m = strspn(x, "0123456789"), n;

		if (is_digit(*x) && is_digit(*y)) {
			n = strspn(y, "0123456789");
			if (m != n)
				return m < n ? -1 : 1;
		}
		if (*x != *y)
			break;
	}
	if (*x != *y)
		return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
	return 0;
}

static int
compare_cells(const struct report *r, enum report_type type,
    const struct report_cell *a, const struct report_cell *b)
{
	if (a->there != b->there)
		return a->there ? 1 : -1;
	if (type == REPORT_TEXT)
		return compare_texts(report_text(r, a), report_text(r, b));
	return (a->number > b->number) - (a->number < b->number);
}

static int
compare_rows(const struct report *r, size_t a, size_t b)
{
	const struct report_info *info = &report_info[r->kind];
	const struct report_cell *x = report_cells(r, a);
	const struct report_cell *y = report_cells(r, b);
	int order = 0;

	for (unsigned i = 0; i < info->nfields && order == 0; i++) {
		const struct report_field_info *f =
		    &report_field_info[info->first + i];

		if (f->join == JOIN_KEY)
			order = compare_cells(r, f->type, &x[i], &y[i]);
	}
	return order;
}

/* Two sorted runs of numbers of rows into one; equal ones keep their order. */
static void
merge_runs(const struct report *r, const uint32_t *from, size_t middle,
    size_t n, uint32_t *to)
{
	size_t i = 0, j = middle;

	for (size_t k = 0; k < n; k++)
		if (i < middle &&
		    (j == n || compare_rows(r, from[i], from[j]) <= 0))
			to[k] = from[i++];
		else
			to[k] = from[j++];
}

/* Returns list or other, whichever has them in the end. */
static uint32_t *
sort_rows(const struct report *r, uint32_t *list, uint32_t *other)
{
	size_t n = r->nrows;

	for (size_t width = 1; width < n; width *= 2) {
		uint32_t *swap = list;

		for (size_t at = 0; at < n; at += 2 * width) {
			size_t left = n - at;
			size_t len = left < 2 * width ? left : 2 * width;

			merge_runs(r, list + at, len < width ? len : width,
			    len, other + at);
		}
		list = other;
		other = swap;
	}
	return list;
}

static bool
is_signed(enum report_type type)
{
	return type == REPORT_TIME || type == REPORT_DURATION;
}

static bool
is_less(enum report_type type, uint64_t a, uint64_t b)
{
	return is_signed(type) ? (int64_t)a < (int64_t)b : a < b;
}

static void
join_cell(const struct report_field_info *f, struct report_cell *to,
    const struct report_cell *from)
{
	if (!from->there)
		return;
	if (!to->there)
		*to = *from;
	else if (f->join == JOIN_SUM)
		to->number += from->number;
	else if (f->join == JOIN_MAX && is_less(f->type, to->number,
		    from->number))
		to->number = from->number;
	else if (f->join == JOIN_MIN && is_less(f->type, from->number,
		    to->number))
		to->number = from->number;
}

static void
join_row(const struct report *r, struct report_cell *to,
    const struct report_cell *from)
{
	const struct report_info *info = &report_info[r->kind];

	for (unsigned i = 0; i < info->nfields; i++)
		join_cell(&report_field_info[info->first + i], &to[i],
		    &from[i]);
}

/* Into new cells, in the order of the list. */
static void
report_collect(struct report *r, const uint32_t *list, struct report_cell *to)
{
	size_t n = 0, width = report_info[r->kind].nfields;

	for (size_t i = 0; i < r->nrows; i++) {
		const struct report_cell *from = report_cells(r, list[i]);

		if (i > 0 && compare_rows(r, list[i - 1], list[i]) == 0)
			join_row(r, to + (n - 1) * width, from);
		else
			memcpy(to + n++ * width, from, row_octets(r));
	}
	r->nrows = n;
	r->cells.len = n * row_octets(r);
	memcpy(r->cells.ptr, to, r->cells.len);
}

bool
report_settle(struct report *r)
{
	uint32_t *list = calloc(r->nrows + 1, 2 * sizeof(*list));
	struct report_cell *to = malloc(r->cells.len + 1);
	bool good = list != NULL && to != NULL;

	if (good && r->nrows > 0) {
		for (size_t i = 0; i < r->nrows; i++)
			list[i] = (uint32_t)i;
		report_collect(r, sort_rows(r, list, list + r->nrows), to);
	}
	free(list);
	free(to);
	return good;
}
