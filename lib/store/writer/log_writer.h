/*
 * A flow log that is written, of version 3 or 4.
 *
 * Called by flowd-reader and flowd_writer.c. Tests:
 * test/program/reader/test_reader.py, test/program/reader/test_reader_v4.py,
 * test/unit/api/test_writer.c.
 */
#ifndef FLOWD_LOG_WRITER_H
#define FLOWD_LOG_WRITER_H

#include "block_writer.h"
#include "output.h"
#include "segment_index.h"

struct log_writer_format {
	unsigned version; /* 3 or 4 */
	enum compression compression; /* 4: of its blocks */
	int level; /* of zstd; 0: what is fast */
};

struct log_writer {
	struct output out;
	struct log_writer_format format;
	struct block_writer *writer;
	struct segment_index_writer *index;
	uint64_t unstorable; /* flows that version 3 cannot hold */
	int64_t written_sec; /* when a block was last written */
};

/*
 * Find the format of a name: "v3", "v4", and "v4:lz4", "v4:none", "v4:zstd" or
 * "v4:zstd:LEVEL". False when it is none.
 */
bool log_writer_format(const char *name, struct log_writer_format *format);

/* As output_open(); no file is open before. */
int log_writer_open(struct log_writer *log, const char *path,
    const struct log_writer_format *format, char *const *inputs,
    struct flowd_error *err);
/* The same with a descriptor that stays the caller's. */
int log_writer_open_fd(struct log_writer *log, int fd, const char *name,
    const struct log_writer_format *format, struct flowd_error *err);
/* Write the selected rows; wanted is for version 3 as v3_write() has it. */
int log_writer_rows(struct log_writer *log, const struct batch *batch,
    uint32_t wanted, struct flowd_error *err);
/* Write all rows: of version 4 that ends a block. */
int log_writer_flush(struct log_writer *log, struct flowd_error *err);
/* There may be a wait: write what is there, but not too small blocks. */
int log_writer_pause(struct log_writer *log, struct flowd_error *err);
/* Returns as output_close(); nothing happens if no file is open. */
int log_writer_close(struct log_writer *log, struct flowd_error *err);

#endif
