/*
 * Text as a terminal shows it: how many columns it takes, and a form of it
 * that only shows. Names in it may come from the network.
 *
 * Called by table.c and lib/report/show_text.c.
 * Test: test/unit/format/test_screen.c.
 */
#ifndef FLOWD_SCREEN_H
#define FLOWD_SCREEN_H

#include "buf.h"

enum {
	SCREEN_LINE = 80, /* columns of a line, where it can be */
	SCREEN_WORD_MAX = 64 * 1024
};

/*
 * Append UTF-8 so that it can do nothing but show: an octet that is none, a
 * control character, and what changes the direction of text become '?'.
 * Returns the columns it takes: none for what combines with the character in
 * front, two for East Asian characters and pictures. The tables hold the
 * scripts that are common in names, not all of Unicode.
 */
size_t screen_put(struct buf *out, const char *text);

/*
 * The same in lines of at most so many columns, broken between words: the
 * first continues a line at column indent, and the others are indented.
 */
void screen_put_wrapped(
    struct buf *out, const char *text, size_t indent, size_t columns);

#endif
