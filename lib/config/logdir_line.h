/*
 * A line "logdir" as it was written, or a line "logfile", which has some of its
 * clauses. Clauses that are not given are 0; flowd/conf/conf.h has the
 * defaults.
 *
 * Read by logdir_parse.c, printed by logdir_print.c; see flowd.conf(5). Tests:
 * test/unit/config/test_logdir.c, test/program/flowd/test_conf_print.py.
 */
#ifndef FLOWD_LOGDIR_LINE_H
#define FLOWD_LOGDIR_LINE_H

#include "buf.h"
#include "diag.h"

enum {
	LOGDIR_ARGS_MAX = 32, /* words of a command, with its name */
	LOGDIR_LEVEL_MAX = 19
};

enum logdir_compress {
	LOGDIR_COMPRESS_UNSAID,
	LOGDIR_COMPRESS_NONE,
	LOGDIR_COMPRESS_LZ4,
	LOGDIR_COMPRESS_ZSTD
};

/* In the order of the enum; the first is "". */
extern const char *const logdir_compress_words[LOGDIR_COMPRESS_ZSTD + 1];

struct logdir_line {
	const char *path;
	const char *name; /* NULL: none */
	uint32_t rotate_sec;
	uint32_t keep_sec;
	uint32_t keep_free; /* hundredths of the file system */
	uint32_t keep_least; /* valid if has_least */
	bool has_least;
	uint64_t max_octets;
	uint32_t mode; /* mode of files */
	const char *group; /* group of files; NULL: not given */
	enum logdir_compress compress;
	uint32_t level; /* compression level of zstd */
	uint32_t flush_ms;
	const char *const *on_rotate; /* ended by a NULL; NULL: none */
};

/* The canonical text after the word, without a newline. */
void logdir_line_print(const struct logdir_line *line, struct buf *out);

#endif
