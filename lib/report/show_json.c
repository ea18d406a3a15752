/* Reports as JSON; see show.h. */
#include <inttypes.h>
#include <stdio.h>

#include "show.h"
#include "text.h"
#include "utf8.h"

static void
put_string(const char *text, struct buf *out)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t left = strlen(text), len;

	buf_append_char(out, '"');
	for (; left > 0; p += len, left -= len) {
		int control;

		len = utf8_len(p, left);
		control = len > 0 ? utf8_control(p, len) : -1;
		if (len == 0) {
			buf_append_text(out, "\\ufffd");
			len = 1;
		} else if (control >= 0) {
			buf_printf(out, "\\u%04x", (unsigned)control);
		} else {
			if (*p == '"' || *p == '\\')
				buf_append_char(out, '\\');
			buf_append(out, p, len);
		}
	}
	buf_append_char(out, '"');
}

static void
put_time(int64_t ns, struct buf *out)
{
	struct clock clock;
	char text[TEXT_MAX];

	clock_init(&clock, true);
	buf_printf(out, "\"%.*s\"",
	    (int)(text_rfc3339(text, &clock, ns) - text), text);
}

/* Seconds with the digits that are known. */
static void
put_seconds(int64_t ns, struct buf *out)
{
	const uint64_t second = 1000000000;
	uint64_t n = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	char text[32];
	int len = snprintf(text, sizeof(text), "%s%" PRIu64 ".%09" PRIu64,
	    ns < 0 ? "-" : "", n / second, n % second);

	while (text[len - 1] == '0' && text[len - 2] != '.')
		len--;
	buf_append(out, text, (size_t)len);
}

static void
put_value(const struct report *r, enum report_type type,
    const struct report_cell *c, struct buf *out)
{
	switch (type) {
	case REPORT_TEXT:
		put_string(report_text(r, c), out);
		break;
	case REPORT_NUMBER:
	case REPORT_COUNT:
	case REPORT_OCTETS:
		buf_printf(out, "%" PRIu64, c->number);
		break;
	case REPORT_TIME:
		put_time((int64_t)c->number, out);
		break;
	case REPORT_DURATION:
		put_seconds((int64_t)c->number, out);
		break;
	case REPORT_FLAG:
		buf_append_text(out, c->number != 0 ? "true" : "false");
		break;
	}
}

void
show_json(const struct report *r, struct buf *out)
{
	const struct report_info *info = &report_info[r->kind];

	for (size_t row = 0; row < r->nrows; row++) {
		const struct report_cell *cells = report_cells(r, row);

		buf_printf(out, "{\"report\":\"%s\"", info->word);
		for (unsigned i = 0; i < info->nfields; i++) {
			const struct report_field_info *f =
			    &report_field_info[info->first + i];

			if (!cells[i].there || f->show == SHOW_HIDDEN)
				continue;
			buf_printf(out, ",\"%s\":", f->name);
			put_value(r, f->type, &cells[i], out);
		}
		buf_append_text(out, "}\n");
	}
}
