/*
 * Files of prefixes; see prefix_file.h. Test:
 * test/unit/filter/test_prefix_table.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "prefix_file.h"
#include "result.h"
#include "source.h"

enum {
	LINE_MAX_OCTETS = 4096,
	FILE_MAX_OCTETS = 256 * 1024 * 1024
};

struct prefix_reader {
	const struct prefix_file *file;
	struct prefix_list *list;
	struct diag_sink *sink;
	uint32_t line;
	char text[LINE_MAX_OCTETS]; /* the current line, without its newline */
	size_t octets; /* read so far */
	unsigned errors;
};

/*
 * Reports an error in the current line, which is shown as a source of its own.
 */
static void
line_report(
    struct prefix_reader *r, size_t column, size_t width, const char *what)
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

/* 012 is octal for inet_aton(3), but 12 in a list with padded numbers. */
static bool
has_octal(const char *word)
{
	for (const char *at = word; at != NULL;
	     at = strchr(at, '.') != NULL ? strchr(at, '.') + 1 : NULL)
		if (at[0] == '0' && at[1] >= '0' && at[1] <= '9' &&
		    strchr(word, ':') == NULL)
			return true;
	return false;
}

/* Parses one line. Returns 0, or FLOWD_ENOMEM or FLOWD_ERANGE from the list. */
static int
take_line(struct prefix_reader *r)
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
			line_report(r, column, 1, "expected a prefix");
		return 0;
	}
	if (len >= sizeof(word)) {
		line_report(r, column, len, "not a prefix");
		return 0;
	}
	memcpy(word, at, len);
	word[len] = '\0';
	at += len;
	while (is_blank(*at))
		at++;
	if (*at != '\0' && *at != '#') {
		line_report(r, (size_t)(at - r->text), strlen(at),
		    "one prefix a line is expected");
		return 0;
	}
	if (has_octal(word)) {
		line_report(r, column, len, "a number with a 0 in front: is it "
		    "octal, or decimal?");
		return 0;
	}
	switch (prefix_parse(word, &prefix)) {
	case 0:
		return prefix_list_add(r->list, &prefix, except);
	case FLOWD_ERANGE:
		line_report(r, column, len, "bits behind the mask are set");
		return 0;
	default:
		line_report(r, column, len, "not a prefix");
		return 0;
	}
}

enum line {
	LINE_END, /* end of the file */
	LINE_READ,
	LINE_LONG,
	LINE_ZERO /* it contains a NUL octet */
};

/* Reads the next line; the rest of a line that is too long is skipped. */
static enum line
read_line(struct prefix_reader *r, FILE *f)
{
	enum line got = LINE_READ;
	size_t n = 0;
	int c;

	while ((c = getc_unlocked(f)) != EOF && c != '\n') {
		if (c == '\0')
			got = LINE_ZERO;
		else if (n + 1 < sizeof(r->text))
			r->text[n] = (char)c;
		else if (got == LINE_READ)
			got = LINE_LONG;
		n++;
		if (r->octets + n > FILE_MAX_OCTETS)
			break;
	}
	r->octets += n + 1;
	r->text[n < sizeof(r->text) ? n : sizeof(r->text) - 1] = '\0';
	if (c == EOF && n == 0)
		return LINE_END;
	r->line++;
	return got;
}

static int
read_lines(struct prefix_reader *r, FILE *f)
{
	enum line got;
	int bad = 0;

	while (bad == 0 && r->errors < PREFIX_FILE_ERRORS_MAX &&
	    (got = read_line(r, f)) != LINE_END) {
		if (r->octets > FILE_MAX_OCTETS) {
			line_report(r, 0, 1, "the file is too long");
			break;
		}
		if (got == LINE_ZERO)
			line_report(
			    r, 0, 1, "a NUL octet in the line");
		/* Long comments are fine. */
		else if (got == LINE_LONG &&
		    r->text[strspn(r->text, " \t")] != '#')
			line_report(r, 0, 1, "the line is too long");
		else if (got == LINE_READ)
			bad = take_line(r);
	}
	return bad;
}

int
prefix_file_read(const struct prefix_file *file, struct prefix_list *list,
    struct diag_sink *sink)
{
	struct prefix_reader r = { .file = file, .list = list, .sink = sink };
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
