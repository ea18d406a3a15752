/*
 * The reader of version 3 logs on any bytes. What it takes is written as a
 * log, and that log, read and written again, is the same.
 */
#include <stdlib.h>

#include "v3.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read all of in, write it to out. */
static void
copy_log(struct bytes in, struct batch *batch, struct buf *out)
{
	uint64_t unstorable = 0;
	size_t used;

	while (batch_reset(batch), v3_read(in, batch, &used, NULL) > 0) {
		(void)v3_write(batch, CLASSIC_ALL, out, &unstorable);
		in.ptr += used;
		in.len -= used;
	}
	if (unstorable != 0 || !buf_ok(out))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct batch *batch = batch_new(64);
	struct buf once, twice;

	buf_init(&once, 64 * 1024 * 1024);
	buf_init(&twice, 64 * 1024 * 1024);
	copy_log((struct bytes){ data, size }, batch, &once);
	copy_log((struct bytes){ once.ptr, once.len }, batch, &twice);
	if (once.len != twice.len ||
	    (once.len > 0 && memcmp(once.ptr, twice.ptr, once.len) != 0))
		abort();
	buf_fini(&once);
	buf_fini(&twice);
	batch_free(batch);
	return 0;
}
