/*
 * Hints: what to write instead of words from tcpdump, nfdump, SiLK and
 * Wireshark.
 *
 * Test: test/program/reader/test_expressions.py.
 */
#ifndef FLOWD_HINT_H
#define FLOWD_HINT_H

#include "parser.h"

enum hint_place {
	HINT_TEST, /* where a test begins */
	HINT_SRC, /* after "src", "host", "net" */
	HINT_DST, /* after "dst" */
	HINT_VALUE /* where the values of a test begin */
};

/*
 * Report the current token with a hint, if there is one. front are the words
 * before the token that belong to it. True if it was reported.
 */
bool hint_report(struct parser *p, enum hint_place place, const char *front);

#endif
