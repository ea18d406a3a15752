/* The log file and those before it; see lineage.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lineage.h"

static const struct lineage_file none = { -1, NULL };

void
lineage_init(struct lineage *l)
{
	*l = (struct lineage){ .n = 1 };
	l->files[0] = none;
}

static void
let_go(struct lineage_file *f)
{
	if (f->fd != -1)
		(void)close(f->fd);
	free(f->path);
	*f = none;
}

void
lineage_fini(struct lineage *l)
{
	for (size_t i = 0; i < l->n; i++)
		let_go(&l->files[i]);
	lineage_init(l);
}

bool
lineage_full(const struct lineage *l)
{
	return l->n > LINEAGE_FILES;
}

static void
append(struct lineage *l, const struct lineage_file *f)
{
	l->files[l->n++] = *f;
	l->serial++;
}

void
lineage_add(struct lineage *l, int fd, const char *path)
{
	append(l, &(struct lineage_file){ fd, strdup(path) });
}

/* An end is never behind another: there is room for it. */
void
lineage_end(struct lineage *l)
{
	if (lineage_now(l)->fd != -1)
		append(l, &none);
}

void
lineage_release(struct lineage *l, uint32_t serial)
{
	uint32_t behind = l->serial - serial; /* the one in use */
	size_t gone;

	if (behind >= l->n)
		return;
	gone = l->n - 1 - behind;
	for (size_t i = 0; i < gone; i++)
		let_go(&l->files[i]);
	l->n -= gone;
	memmove(l->files, l->files + gone, l->n * sizeof(l->files[0]));
}
