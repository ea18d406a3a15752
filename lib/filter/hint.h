/*
 * Hints: what to write instead of the words that tcpdump, nfdump, SiLK and
 * Wireshark have for it.
 *
 * Test: test/program/test_expressions.py.
 */
#ifndef FLOWD_HINT_H
#define FLOWD_HINT_H

#include "parser.h"

enum hint_place {
	HINT_TEST, /* where a test begins */
	HINT_SRC, /* behind "src", "host", "net" */
	HINT_DST, /* behind "dst" */
	HINT_VALUE /* where the values of a test begin */
};

/*
 * Report the token at hand with what to write, if there is something to say;
 * front are the words in front of it, if they belong to it. True if it was.
 */
bool hint_report(struct parser *p, enum hint_place place, const char *front);

#endif
