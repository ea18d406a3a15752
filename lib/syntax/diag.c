/* Errors in a text; see diag.h. Test: test/unit/syntax/test_diag.c. */
#include <stdio.h>

#include "diag.h"
#include "utf8.h"

enum {
	LINE_SHOWN = 160 /* longer lines are not shown */
};

void
diag_vreport(
    struct diag_sink *sink, const struct place *at, const char *fmt, va_list ap)
{
	char text[512];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	sink->count++;
	sink->report(&(struct diag){ *at, text }, sink->arg);
}

void
diag_report(
    struct diag_sink *sink, const struct place *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vreport(sink, at, fmt, ap);
	va_end(ap);
}

/* Prints the line, with ? for what would move the cursor of a terminal. */
static void
show_line(struct bytes line, struct buf *out)
{
	buf_append_text(out, "    ");
	for (size_t i = 0, n; i < line.len; i += n) {
		const uint8_t *p = line.ptr + i;

		n = utf8_len(p, line.len - i);
		if (n == 0 || (utf8_control(p, n) >= 0 && *p != '\t')) {
			buf_append_char(out, '?');
			n += n == 0;
		} else {
			buf_append(out, p, n);
		}
	}
	buf_append_char(out, '\n');
}

/* Repeats tabs, so that the caret is below its word. */
static void
show_caret(struct bytes line, const struct place *at, struct buf *out)
{
	size_t first = at->column - 1;

	buf_append_text(out, "    ");
	for (size_t i = 0; i < first && i < line.len; i++)
		buf_append_char(out, line.ptr[i] == '\t' ? '\t' : ' ');
	buf_append_char(out, '^');
	for (size_t i = 1; i < at->width && first + i < line.len; i++)
		buf_append_char(out, '~');
	buf_append_char(out, '\n');
}

void
diag_format(const struct diag *d, struct buf *out)
{
	struct bytes line = source_line(d->at.src, d->at.line);

	buf_printf(out, "%s:%u:%u: %s\n", d->at.src->name, (unsigned)d->at.line,
	    (unsigned)d->at.column, d->text);
	if (line.len == 0 || line.len > LINE_SHOWN)
		return;
	show_line(line, out);
	show_caret(line, &d->at, out);
}
