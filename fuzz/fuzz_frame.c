/* Frames from a socket on any octets, and the bodies that have a form. */
#include <stdlib.h>

#include "frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is written as the same octets. */
static void
frame_rewrite(const struct frame *f, const uint8_t *at, size_t len)
{
	struct ask a;
	struct buf out;

	if (ask_read(f->body, &a) != 0)
		return;
	buf_init(&out, 4096);
	ask_put(&out, f->serial, &a);
	if (!buf_ok(&out) || out.len != len || memcmp(out.ptr, at, len) != 0)
		abort();
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size }, block;
	struct flows_head head;
	struct frame f;
	int64_t used;

	while ((used = frame_next(in, FRAME_BODY_MAX, &f)) > 0) {
		if ((size_t)used > in.len ||
		    (size_t)used != FRAME_HEAD + f.body.len)
			abort();
		if (f.type == FRAME_ASK)
			frame_rewrite(&f, in.ptr, (size_t)used);
		else if (f.type == FRAME_FLOWS &&
			 flows_read(f.body, &head, &block) == 0 &&
			 block.len + FLOWS_HEAD != f.body.len)
			abort();
		else if (f.type == FRAME_END)
			(void)end_read(f.body);
		in.ptr += used;
		in.len -= (size_t)used;
	}
	return 0;
}
