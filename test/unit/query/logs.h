/*
 * Logs for the tests of scans: flows that are numbered, in files of versions 3
 * and 4 of a folder. Flow n has n octets, the source port n % 1000, and the
 * time LOGS_START_SEC + n.
 */
#ifndef FLOWD_TEST_QUERY_LOGS_H
#define FLOWD_TEST_QUERY_LOGS_H

#include <stdio.h>
#include <string.h>

#include "../folder.h"
#include "block_writer.h"
#include "v3.h"

enum {
	LOGS_START_SEC = 1700000000,
	LOGS_OCTETS_MAX = 64 * 1024 * 1024
};

static inline void
logs_fill(struct batch *batch, unsigned first, unsigned n)
{
	struct addr src = addr_from_v4(0x0a000001);
	struct addr dst = addr_from_v4(0x0a000002);

	batch_reset(batch);
	(void)batch_append(batch, n);
	for (unsigned i = 0; i < n; i++) {
		unsigned flow = first + i;

		batch_set_uint(batch, COL_recv_time, i,
		    (LOGS_START_SEC + (uint64_t)flow) * 1000000000);
		batch_set_uint(batch, COL_octets, i, flow);
		batch_set_uint(batch, COL_src_port, i, flow % 1000);
		batch_set_uint(batch, COL_dst_port, i, 443);
		batch_set_uint(batch, COL_protocol, i, flow % 2 == 0 ? 6 : 17);
		batch_set_addr(batch, COL_src_addr, i, &src);
		batch_set_addr(batch, COL_dst_addr, i, &dst);
	}
}

/* Append blocks of rows flows each, of which the first is numbered first. */
static inline void
logs_put_blocks(struct buf *out, unsigned first, unsigned blocks, unsigned rows)
{
	struct block_options o = { .compression = COMPRESS_LZ4 };
	struct block_writer *w = block_writer_new(&o);
	struct batch *batch = batch_new(BATCH_ROWS);

	for (unsigned b = 0; b < blocks; b++) {
		for (unsigned at = 0; at < rows; at += batch->nrows) {
			unsigned n = rows - at;

			logs_fill(batch, first + b * rows + at,
			    n < BATCH_ROWS ? n : BATCH_ROWS);
			(void)block_writer_add(w, batch, 0);
		}
		(void)block_writer_finish(w, out);
	}
	block_writer_free(w);
	batch_free(batch);
}

static inline void
logs_put_records(struct buf *out, unsigned first, unsigned n)
{
	struct batch *batch = batch_new(BATCH_ROWS);
	uint64_t unstorable = 0;

	for (unsigned at = 0; at < n; at += batch->nrows) {
		logs_fill(batch, first + at,
		    n - at < BATCH_ROWS ? n - at : BATCH_ROWS);
		(void)v3_write(batch, CLASSIC_ALL, out, &unstorable);
	}
	batch_free(batch);
}

/* Write these octets to a file, or append them. Returns 0 or -1. */
static inline int
logs_save(const char *path, const struct buf *octets, bool append)
{
	FILE *f = fopen(path, append ? "ab" : "wb");
	size_t put = f != NULL && octets->len > 0
	    ? fwrite(octets->ptr, 1, octets->len, f)
	    : 0;

	return f != NULL && fclose(f) == 0 && put == octets->len ? 0 : -1;
}

#endif
