/*
 * Files of other programs, by their first octets: who takes one for a flow log
 * or a capture is told what it is, and what to do.
 *
 * Test: test/unit/base/test_magic.c.
 */
#ifndef FLOWD_MAGIC_H
#define FLOWD_MAGIC_H

#include <stdbool.h>

#include "result.h"
#include "wire.h"

enum {
	MAGIC_OCTETS = 264, /* that are enough for all */
	MAGIC_FEW = 8 /* that are enough for most, and to tell a text */
};

/*
 * 0, or FLOWD_EFORMAT with err set when it is a file of another program, or a
 * text. head is what the file begins with, name its path or "standard input",
 * and program who reads it.
 */
int magic_refuse(struct bytes head, const char *name, const char *program,
    struct flowd_error *err);

/* Is it a file of another program, and no text? */
bool magic_is_known(struct bytes head);
/* Is it a text? A log of version 3 has zero octets in front. */
bool magic_is_text(struct bytes head);

#endif
