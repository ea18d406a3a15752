/* Log output of children; see child_log.h. */
#include <string.h>
#include <unistd.h>

#include "child_log.h"

static void
child_log_line(struct child_log *r)
{
	r->line[r->len] = '\0';
	if (r->len > 0)
		log_relay(&r->source, r->line);
	r->len = 0;
}

static void
child_log_take(struct child_log *r, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			child_log_line(r);
		else if (r->len + 1 < sizeof(r->line))
			r->line[r->len++] = text[i];
	}
}

void
child_log_read(struct child_log *r, int fd)
{
	char text[8192];
	ssize_t n;

	if (fd != -1 && (n = read(fd, text, sizeof(text))) > 0)
		child_log_take(r, text, (size_t)n);
}

void
child_log_end(struct child_log *r, int fd)
{
	char text[8192];
	ssize_t n;

	while (fd != -1 && (n = read(fd, text, sizeof(text))) > 0)
		child_log_take(r, text, (size_t)n);
	child_log_line(r);
}
