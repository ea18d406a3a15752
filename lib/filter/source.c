/* Texts to be parsed; see source.h. Test: test/unit/filter/test_diag.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

struct source
source_of_text(const char *name, struct bytes text)
{
	return (struct source){ .name = name, .text = text };
}

/* One octet more than may be there shows that there are too many. */
static int
read_all(struct source *src, FILE *f, struct flowd_error *err)
{
	src->memory = malloc(SOURCE_MAX + 1);
	if (src->memory == NULL)
		return flowd_fail(
		    err, FLOWD_ENOMEM, "%s: out of memory", src->name);
	src->text.ptr = src->memory;
	src->text.len = fread(src->memory, 1, SOURCE_MAX + 1, f);
	if (ferror(f))
		return flowd_fail(err, FLOWD_EIO, "cannot read %s: %s",
		    src->name, strerror(errno));
	if (src->text.len > SOURCE_MAX)
		return flowd_fail(err, FLOWD_ERANGE,
		    "%s: longer than %d octets", src->name, SOURCE_MAX);
	return 0;
}

int
source_read(struct source *src, const char *path, struct flowd_error *err)
{
	FILE *f = fopen(path, "r");
	int rc;

	*src = (struct source){ .name = path };
	if (f == NULL)
		return flowd_fail(err, FLOWD_EIO, "cannot open %s: %s", path,
		    strerror(errno));
	rc = read_all(src, f, err);
	(void)fclose(f);
	if (rc != 0)
		source_fini(src);
	return rc;
}

void
source_fini(struct source *src)
{
	free(src->memory);
	src->memory = NULL;
	src->text = (struct bytes){ NULL, 0 };
}

struct bytes
source_line(const struct source *src, uint32_t line)
{
	struct bytes rest = src->text;
	const uint8_t *newline;

	while (rest.len > 0) {
		newline = memchr(rest.ptr, '\n', rest.len);
		if (line == 1) {
			if (newline != NULL)
				rest.len = (size_t)(newline - rest.ptr);
			return rest;
		}
		if (newline == NULL)
			break;
		line--;
		rest.len -= (size_t)(newline + 1 - rest.ptr);
		rest.ptr = newline + 1;
	}
	return (struct bytes){ NULL, 0 };
}
