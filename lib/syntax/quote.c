/* Strings as they are printed; see quote.h. */
#include <stdbool.h>
#include <string.h>

#include "quote.h"

/*
 * Prints a text in the kind of quotes that it lacks; a word with both kinds in
 * none.
 */
static void
print_piece(const char *text, size_t len, struct buf *out)
{
	const char *quote = "";

	if (memchr(text, '"', len) == NULL)
		quote = "\"";
	else if (memchr(text, '\'', len) == NULL)
		quote = "'";
	buf_printf(out, "%s%.*s%s", quote, (int)len, text, quote);
}

/*
 * Several blanks in quotes are one, a backslash in front of one is an error,
 * and no quotes take both kinds of them: then each word is a string of its
 * own, which a blank joins again.
 */
static bool
wants_pieces(const char *text)
{
	return strstr(text, "  ") != NULL || strstr(text, "\\ ") != NULL ||
	    (strchr(text, '"') != NULL && strchr(text, '\'') != NULL);
}

void
quote_print(const char *text, struct buf *out)
{
	const char *blank;

	if (wants_pieces(text))
		for (; (blank = strchr(text, ' ')) != NULL; text = blank + 1) {
			print_piece(text, (size_t)(blank - text), out);
			buf_append_char(out, ' ');
		}
	print_piece(text, strlen(text), out);
}
