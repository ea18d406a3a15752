/* Tables for people; see table.h. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "screen.h"
#include "table.h"

enum { GAP = 2, CELL_MAX = 1024, NOTE_INDENT = 4 };

/* Adds a cell; the titles are the first row. */
void
table_cell(struct table *t, const char *text)
{
	uint32_t width;

	if (text == NULL || text[0] == '\0')
		text = "-";
	width = (uint32_t)screen_put(&t->cells, text);
	buf_append_char(&t->cells, '\0');
	buf_append(&t->widths, &width, sizeof(width));
	if (width > t->width[t->next])
		t->width[t->next] = width;
	t->next = (t->next + 1) % t->ncolumns;
}

void
table_cellf(struct table *t, const char *fmt, ...)
{
	char text[CELL_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	table_cell(t, text);
}

void
table_init(
    struct table *t, const struct table_column *columns, size_t ncolumns)
{
	*t = (struct table){ .columns = columns, .ncolumns = ncolumns };
	buf_init(&t->cells, TABLE_MAX);
	buf_init(&t->widths, TABLE_MAX);
	buf_init(&t->notes, TABLE_MAX);
	for (size_t i = 0; i < ncolumns; i++)
		table_cell(t, columns[i].title);
}

void
table_fini(struct table *t)
{
	buf_fini(&t->cells);
	buf_fini(&t->widths);
	buf_fini(&t->notes);
}

static void
put_blanks(struct buf *out, size_t n)
{
	uint8_t *p = n > 0 ? buf_room(out, n) : NULL;

	if (p == NULL)
		return;
	memset(p, ' ', n);
	out->len += n;
}

void
table_note(struct table *t, const char *title, const char *text)
{
	size_t ncells = t->widths.len / sizeof(uint32_t);

	buf_append(&t->notes, &ncells, sizeof(ncells));
	buf_printf(&t->notes, "%s: %s", title, text);
	buf_append_char(&t->notes, '\0');
}

/* Prints the notes of the row that ends after ncells; *at is the next note. */
static void
print_notes(const struct table *t, size_t ncells, size_t *at, struct buf *out)
{
	size_t behind;

	while (*at < t->notes.len) {
		const char *text =
		    (const char *)t->notes.ptr + *at + sizeof(behind);

		memcpy(&behind, t->notes.ptr + *at, sizeof(behind));
		if (behind != ncells)
			return;
		put_blanks(out, NOTE_INDENT);
		screen_put_wrapped(out, text, NOTE_INDENT, SCREEN_LINE);
		buf_append_char(out, '\n');
		*at += sizeof(behind) + strlen(text) + 1;
	}
}

/* Adds to blanks those that come before the next cell of the line. */
static void
print_cell(const struct table *t, size_t column, const char *text,
    size_t width, size_t *blanks, struct buf *out)
{
	size_t rest = t->width[column] - width;
	bool right = t->columns[column].align == TABLE_RIGHT;

	put_blanks(out, *blanks + (right ? rest : 0));
	buf_append_text(out, text);
	*blanks = GAP + (right ? 0 : rest);
}

void
table_put(const struct table *t, struct buf *out)
{
	size_t ncells = t->widths.len / sizeof(uint32_t), blanks = 0, note = 0;
	const char *text = (const char *)t->cells.ptr;

	if (!buf_ok(&t->cells) || !buf_ok(&t->widths) || !buf_ok(&t->notes)) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < ncells; i++) {
		size_t column = i % t->ncolumns;
		uint32_t width;

		memcpy(&width, t->widths.ptr + i * sizeof(width),
		    sizeof(width));
		print_cell(t, column, text, width, &blanks, out);
		text += strlen(text) + 1;
		if (column + 1 == t->ncolumns || i + 1 == ncells) {
			buf_append_char(out, '\n');
			blanks = 0;
			print_notes(t, i + 1, &note, out);
		}
	}
}
