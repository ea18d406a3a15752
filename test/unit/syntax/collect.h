/* Collects what a parser reports, for the tests of lib/filter. */
#ifndef FLOWD_TEST_COLLECT_H
#define FLOWD_TEST_COLLECT_H

#include <stdio.h>
#include <string.h>

#include "diag.h"

struct collected {
	struct diag_sink sink;
	unsigned line, column, width; /* of the first */
	char text[4096]; /* of all: "LINE: text\n" */
};

static void
collect(const struct diag *d, void *arg)
{
	struct collected *c = arg;
	size_t len = strlen(c->text);

	if (len == 0) {
		c->line = d->at.line;
		c->column = d->at.column;
		c->width = d->at.width;
	}
	(void)snprintf(c->text + len, sizeof(c->text) - len, "%u: %s\n",
	    (unsigned)d->at.line, d->text);
}

static inline void
collected_init(struct collected *c)
{
	memset(c, 0, sizeof(*c));
	c->sink.report = collect;
	c->sink.arg = c;
}

static inline struct bytes
bytes_of_text(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

#endif
