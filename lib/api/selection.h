/*
 * Some rows of a public batch as a batch of which they are selected: for what
 * takes batches in that form.
 *
 * Called by flowd_format.c, flowd_writer.c. Test: test/unit/api/test_format.c.
 */
#ifndef FLOWD_SELECTION_H
#define FLOWD_SELECTION_H

#include "flowd_batch.h"

/* Memory for it; all zero at first. */
struct selection {
	uint64_t *bits;
	size_t words;
	size_t first, n; /* that are set */
};

void selection_fini(struct selection *s);

/*
 * n rows from first on, as many as there are. The view is valid until the next
 * call. Returns 0, or FLOWD_ENOMEM with err set.
 */
int selection_view(struct selection *s, const struct flowd_batch *b,
    size_t first, size_t n, struct batch *view, struct flowd_error *err);

#endif
