/*
 * The reader of version 2 logs on any bytes: the head of a file and its
 * records. Every flow it takes is the same after a turn through version 3.
 */
#include <stdlib.h>

#include "v2.h"
#include "v3.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t rec[V3_RECORD_MAX], again[V3_RECORD_MAX];
	struct batch *batch = batch_new(64);
	struct bytes in = { data, size };
	struct classic c, back;
	uint32_t start;
	size_t used;
	int len;

	if (v2_check_head(in, &start, NULL) == 0)
		in = (struct bytes){ data + V2_FILE_HEAD, size - V2_FILE_HEAD };
	(void)v2_read(in, batch, &used, NULL);
	while ((len = v2_decode(in, &c, NULL)) > 0) {
		size_t n = v3_encode(&c, CLASSIC_ALL, rec);

		if (v3_decode((struct bytes){ rec, n }, &back, NULL) < 0 ||
		    v3_encode(&back, CLASSIC_ALL, again) != n ||
		    memcmp(rec, again, n) != 0)
			abort();
		in.ptr += len;
		in.len -= (size_t)len;
	}
	batch_free(batch);
	return 0;
}
