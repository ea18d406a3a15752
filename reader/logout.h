/*
 * A flow log that is written, of version 3 or 4.
 *
 * Called by reader.c. Tests: test/program/test_reader.py, test_reader_v4.py.
 */
#ifndef FLOWD_LOGOUT_H
#define FLOWD_LOGOUT_H

#include "block_writer.h"
#include "output.h"
#include "segment_index.h"

struct logout_format {
	unsigned version; /* 3 or 4 */
	enum compression compression; /* 4: of its blocks */
	int level; /* of zstd; 0: what is fast */
};

struct logout {
	struct output out;
	struct logout_format format;
	struct block_writer *writer;
	struct segment_index_writer *index;
	uint64_t unstorable; /* flows that version 3 cannot hold */
	int64_t written_sec; /* when a block was last written */
};

/*
 * Find the format of a name: "v3", "v4", and "v4:lz4", "v4:none", "v4:zstd" or
 * "v4:zstd:LEVEL". False when it is none.
 */
bool logout_format(const char *name, struct logout_format *format);

/* As output_open(); no file is open before. */
int logout_open(struct logout *log, const char *path,
    const struct logout_format *format, char *const *inputs,
    struct flowd_error *err);
/* Write the selected rows; wanted is for version 3 as v3_write() has it. */
int logout_rows(struct logout *log, const struct batch *batch,
    uint32_t wanted, struct flowd_error *err);
/* There may be a wait: write what is there, but not too small blocks. */
int logout_pause(struct logout *log, struct flowd_error *err);
/* Returns as output_close(); nothing happens if no file is open. */
int logout_close(struct logout *log, struct flowd_error *err);

#endif
