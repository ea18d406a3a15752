/*
 * The file .clock of a logdir, on any text: lib/store/logdir/clockgaps.c. What
 * is read is printed so that the same is read again, and no gap makes anything
 * older.
 */
#include <stdlib.h>
#include <string.h>

#include "clockgaps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	NOW = 1795428300, /* 2026-11-23T10:05:00Z */
	AGE = 90 * 86400
};

static void
read_again(const struct clockgaps *g)
{
	struct clockgaps again;
	struct buf out;

	buf_init(&out, CLOCKGAPS_TEXT);
	clockgaps_print(g, &out);
	buf_append_char(&out, '\0');
	if (!buf_ok(&out) ||
	    clockgaps_parse(&again, (const char *)out.ptr) != 0 ||
	    again.n != g->n || again.seen_sec != g->seen_sec ||
	    memcmp(again.gap, g->gap, g->n * sizeof(g->gap[0])) != 0)
		abort();
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[CLOCKGAPS_TEXT];
	struct clockgaps g;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (clockgaps_parse(&g, text) != 0)
		return 0;
	read_again(&g);
	if (clockgaps_age(&g, NOW - AGE - 300, NOW - AGE, NOW) > AGE + 300)
		abort();
	clockgaps_back(&g, NOW);
	(void)clockgaps_drop(&g, NOW - AGE);
	read_again(&g);
	return 0;
}
