/*
 * Writing logs, of version 3 or 4; see flowd-log(5).
 *
 *	struct flowd_writer_options o = { .version = 4 };
 *	struct flowd_writer *w = flowd_writer_open("flows.flow", &o, &err);
 *
 *	flowd_writer_rows(w, batch, 0, SIZE_MAX, &err) ...
 *	flowd_writer_close(w, &err)
 *
 * A writer is used by one thread at a time. A pipe that nobody reads is a
 * SIGPIPE, unless the program ignores that, and then FLOWD_EIO. Of a regular
 * file that cannot be written on, as the disk is full, what is torn is taken
 * back: it ends with the last whole record or block.
 */
#ifndef LIBFLOWD_WRITER_H
#define LIBFLOWD_WRITER_H

#include <flowd/batch.h>

#ifdef __cplusplus
extern "C" {
#endif

struct flowd_writer;

/* Of the blocks of version 4. */
enum flowd_compression {
	FLOWD_COMPRESS_ZSTD = 0,
	FLOWD_COMPRESS_LZ4 = 1,
	FLOWD_COMPRESS_NONE = 2
};

/* All that is 0 has a default. */
struct flowd_writer_options {
	int version;		/* 3 or 4; 0: 4 */
	int compression;	/* enum flowd_compression */
	int level;		/* of zstd, 1 to 19; 0: what is fast */
	uint32_t fields;	/* of version 3: a mask of those that are kept,
				 * see flowd-log(5); 0: all */
	void *reserved[4];
};

/*
 * Write to a file, which is made with the mode 0600, or emptied. "-" is
 * standard output, unless that is a terminal. options may be NULL. NULL with
 * err set on failure.
 */
struct flowd_writer *flowd_writer_open(const char *path,
    const struct flowd_writer_options *options, struct flowd_error *err);
/*
 * The same with a descriptor that is open for writing, and stays the caller's.
 * name is for error texts, and copied.
 */
struct flowd_writer *flowd_writer_open_fd(int fd, const char *name,
    const struct flowd_writer_options *options, struct flowd_error *err);

/*
 * Write n rows of a batch, from first on, as far as there are so many. Rows may
 * stay in memory until flowd_writer_flush() or flowd_writer_close(). Returns
 * how many were taken, or a negative FLOWD_E* with err set: then nothing more
 * can be written. Version 3 cannot hold a flow that has one address only, or
 * addresses of two families; such rows are left out, and counted.
 */
int flowd_writer_rows(struct flowd_writer *w, const struct flowd_batch *batch,
    size_t first, size_t n, struct flowd_error *err);
/* How many rows were left out. */
uint64_t flowd_writer_left_out(const struct flowd_writer *w);

/*
 * Write all that was taken, so that others can read it: of version 4 this ends
 * a block, of which there should be few. Returns 0, or a negative FLOWD_E*
 * with err set.
 */
int flowd_writer_flush(struct flowd_writer *w, struct flowd_error *err);

/*
 * Write the rest, of version 4 with an index, close the file and free the
 * writer, whatever the result is: 0, or a negative FLOWD_E* with err set. NULL
 * is none.
 */
int flowd_writer_close(struct flowd_writer *w, struct flowd_error *err);

#ifdef __cplusplus
}
#endif

#endif
