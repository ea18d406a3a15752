/*
 * A text to parse: its name for messages, its octets, its lines; and places in
 * it. Test: test/unit/syntax/test_diag.c.
 */
#ifndef FLOWD_SOURCE_H
#define FLOWD_SOURCE_H

#include <stdbool.h>
#include <stdio.h>

#include "result.h"
#include "wire.h"

enum {
	SOURCE_MAX = 4 * 1024 * 1024 /* octets of a configuration file */
};

struct source {
	const char *name; /* borrowed: "/etc/flowd.conf" */
	struct bytes text;
	uint32_t first_line; /* number of its first line; 0 stands for 1 */
	uint8_t *memory; /* what source_fini() frees */
};

/* A place in a source; lines and columns count from 1, columns in octets. */
struct place {
	const struct source *src;
	uint32_t line;
	uint32_t column;
	uint32_t width; /* octets to underline, at least 1 */
};

/* A text that lies in memory; name and text are borrowed. */
struct source source_of_text(const char *name, struct bytes text);

/* Open a regular file; others could block for ever. NULL with err set. */
FILE *source_open(const char *path, struct flowd_error *err);

/*
 * The path of a file that a text names: a relative one is relative to the
 * directory of the text. Writes it to out; false when it does not fit.
 */
bool source_path(const struct source *src, const char *path, char *out,
    size_t size);

/* The length of the directory of src if path starts with it, else 0. */
size_t source_folder_len(const struct source *src, const char *path);

/*
 * Read a file of up to SOURCE_MAX octets. It may be a pipe only if the process
 * inherited it, such as /dev/stdin. Returns 0, or FLOWD_EIO, FLOWD_ERANGE,
 * FLOWD_ENOMEM with err set.
 */
int source_read(struct source *src, const char *path, struct flowd_error *err);
/* The same for regular files only; path is borrowed. */
int source_read_regular(
    struct source *src, const char *path, struct flowd_error *err);
void source_fini(struct source *src);

/* A line without its newline; empty when there is no such line. */
struct bytes source_line(const struct source *src, uint32_t line);

#endif
