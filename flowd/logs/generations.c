/* Generations of the log file; see generations.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "generations.h"

static const struct generation none = { -1, NULL };

void
generations_init(struct generations *l)
{
	*l = (struct generations){ .n = 1 };
	l->files[0] = none;
}

static void
generation_close(struct generation *f)
{
	if (f->fd != -1)
		(void)close(f->fd);
	free(f->path);
	*f = none;
}

void
generations_fini(struct generations *l)
{
	for (size_t i = 0; i < l->n; i++)
		generation_close(&l->files[i]);
	generations_init(l);
}

bool
generations_full(const struct generations *l)
{
	return l->n > GENERATIONS_MAX;
}

static void
generation_append(struct generations *l, const struct generation *f)
{
	l->files[l->n++] = *f;
	l->serial++;
}

void
generations_add(struct generations *l, int fd, const char *path)
{
	generation_append(l, &(struct generation){ fd, strdup(path) });
}

/* There is always room: two ends never follow each other. */
void
generations_end(struct generations *l)
{
	if (generations_now(l)->fd != -1)
		generation_append(l, &none);
}

void
generations_release(struct generations *l, uint32_t serial)
{
	uint32_t behind = l->serial - serial; /* the one in use */
	size_t gone;

	if (behind >= l->n)
		return;
	gone = l->n - 1 - behind;
	for (size_t i = 0; i < gone; i++)
		generation_close(&l->files[i]);
	l->n -= gone;
	memmove(l->files, l->files + gone, l->n * sizeof(l->files[0]));
}
