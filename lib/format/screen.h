/*
 * Text on a terminal: how many columns it takes, and a form that is safe to
 * print, as names in it may come from the network.
 *
 * Called by table.c and lib/report/show_text.c. Test:
 * test/unit/format/test_screen.c.
 */
#ifndef FLOWD_SCREEN_H
#define FLOWD_SCREEN_H

#include "buf.h"

enum {
	SCREEN_LINE = 80, /* columns of a line, if possible */
	SCREEN_WORD_MAX = 64 * 1024
};

/*
 * Append UTF-8 that is safe to print: invalid octets, control characters, and
 * marks that change the direction of text become '?'. Returns the columns it
 * takes: none for combining characters, two for East Asian characters and
 * pictures. The tables hold the scripts that are common in names, not all of
 * Unicode.
 */
size_t screen_put(struct buf *out, const char *text);

/*
 * The same in lines of at most this many columns, broken between words: the
 * first continues a line at column indent, and the others are indented.
 */
void screen_put_wrapped(
    struct buf *out, const char *text, size_t indent, size_t columns);

#endif
