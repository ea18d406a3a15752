/* Files of prefixes; see table_file.h. Test: test/unit/filter/test_table.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "result.h"
#include "source.h"
#include "table_file.h"

enum {
	LINE_MAX_OCTETS = 4096
};

struct reading {
	const struct table_file *file;
	struct prefix_list *list;
	struct diag_sink *sink;
	uint32_t line;
	char text[LINE_MAX_OCTETS]; /* of the line at hand */
	unsigned errors;
};

/* Show the line: it is the whole of a source that begins there. */
static void
report(struct reading *r, size_t column, size_t width, const char *what)
{
	struct source src = source_of_text(r->file->path,
	    (struct bytes){ (const uint8_t *)r->text, strlen(r->text) });
	struct place at = { &src, r->line, (uint32_t)column + 1,
		(uint32_t)(width > 0 ? width : 1) };

	src.first_line = r->line;
	r->errors++;
	diag_report(r->sink, &at, "%s", what);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One line; 0, or FLOWD_ENOMEM or FLOWD_ERANGE of the list. */
static int
take_line(struct reading *r)
{
	char word[ADDR_TEXT_MAX + 8];
	const char *at = r->text;
	struct prefix prefix;
	bool except = false;
	size_t len, column;

	while (is_blank(*at))
		at++;
	if (*at == '!') {
		except = true;
		do {
			at++;
		} while (is_blank(*at));
	}
	len = strcspn(at, " \t\r\n#");
	column = (size_t)(at - r->text);
	if (len == 0) {
		if (except || (*at != '\0' && *at != '#'))
			report(r, column, 1, "expected a prefix");
		return 0;
	}
	if (len >= sizeof(word)) {
		report(r, column, len, "this is no prefix");
		return 0;
	}
	memcpy(word, at, len);
	word[len] = '\0';
	at += len;
	while (is_blank(*at))
		at++;
	if (*at != '\0' && *at != '#') {
		report(r, (size_t)(at - r->text), strlen(at),
		    "one prefix a line is expected");
		return 0;
	}
	switch (prefix_parse(word, &prefix)) {
	case 0:
		return prefix_list_add(r->list, &prefix, except);
	case FLOWD_ERANGE:
		report(r, column, len, "bits behind the mask are set");
		return 0;
	default:
		report(r, column, len, "this is no prefix");
		return 0;
	}
}

/* The rest of a line that is longer than any that could be right. */
static void
skip_line(FILE *f)
{
	int c;

	do {
		c = getc(f);
	} while (c != '\n' && c != EOF);
}

static int
read_lines(struct reading *r, FILE *f)
{
	int bad = 0;

	while (bad == 0 && r->errors < TABLE_FILE_ERRORS_MAX &&
	    fgets(r->text, sizeof(r->text), f) != NULL) {
		size_t len = strlen(r->text);

		r->line++;
		if (len + 1 == sizeof(r->text) && r->text[len - 1] != '\n') {
			skip_line(f);
			/* Long comments are fine. */
			if (r->text[strspn(r->text, " \t")] != '#')
				report(r, 0, 1, "the line is too long");
			continue;
		}
		if (len > 0 && r->text[len - 1] == '\n')
			r->text[len - 1] = '\0';
		bad = take_line(r);
	}
	return bad;
}

int
table_file_read(const struct table_file *file, struct prefix_list *list,
    struct diag_sink *sink)
{
	struct reading r = { .file = file, .list = list, .sink = sink };
	struct flowd_error err;
	FILE *f = source_open(file->path, &err);
	int bad;

	if (f == NULL) {
		diag_report(sink, &file->at, "%s", err.text);
		return FLOWD_EINVAL;
	}
	bad = read_lines(&r, f);
	if (ferror(f))
		diag_report(sink, &file->at, "cannot read %s: %s", file->path,
		    strerror(errno));
	if (bad == FLOWD_ERANGE)
		diag_report(sink, &file->at, "more than %d prefixes",
		    TABLE_PREFIXES_MAX);
	(void)fclose(f);
	if (bad == FLOWD_ENOMEM)
		return bad;
	return bad == 0 && r.errors == 0 ? 0 : FLOWD_EINVAL;
}
