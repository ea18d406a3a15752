/* Some rows of a batch; see selection.h. */
#include <stdlib.h>

#include "selection.h"

void
selection_fini(struct selection *s)
{
	free(s->bits);
	*s = (struct selection) { .bits = NULL };
}

/* Room for the bits of a batch, none of which are set. */
static bool
selection_clear(struct selection *s, size_t words)
{
	if (words > s->words) {
		free(s->bits);
		s->bits = calloc(words, sizeof(*s->bits));
		s->words = s->bits != NULL ? words : 0;
	} else {
		bitmap_clear_range(s->bits, s->first, s->n);
	}
	s->n = 0;
	return s->bits != NULL;
}

int
selection_view(struct selection *s, const struct flowd_batch *b, size_t first,
    size_t n, struct batch *view, struct flowd_error *err)
{
	*view = *b->rows;
	if (!selection_clear(s, bitmap_words(view->cap)))
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	s->first = first < view->nrows ? first : view->nrows;
	s->n = n < view->nrows - s->first ? n : view->nrows - s->first;
	bitmap_set_range(s->bits, s->first, s->n);
	view->selected = s->bits;
	return 0;
}
