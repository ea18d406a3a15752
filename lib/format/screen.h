/*
 * Text as a terminal shows it: how many columns it takes, and a form of it
 * that only shows. Names in it may come from the network.
 *
 * Called by table.c. Test: test/unit/format/test_screen.c.
 */
#ifndef FLOWD_SCREEN_H
#define FLOWD_SCREEN_H

#include "buf.h"

/*
 * Append UTF-8 so that it can do nothing but show: an octet that is none, a
 * control character, and what changes the direction of text become '?'.
 * Returns the columns it takes: none for what combines with the character in
 * front, two for East Asian characters and pictures. The tables hold the
 * scripts that are common in names, not all of Unicode.
 */
size_t screen_put(struct buf *out, const char *text);

#endif
