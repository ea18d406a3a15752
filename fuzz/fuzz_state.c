/*
 * The state of a decoder: any octets, and any octets as the items of a state
 * whose frame is right. What is loaded is saved, and that, loaded into another
 * decoder and saved again, is the same. Then templates must decode.
 */
#include <stdlib.h>

#include "crc32.h"
#include "decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct decoder_limits small = { .exporters = 4, .streams = 8,
	.exporter_streams = 4, .stream_templates = 8,
	.template_octets = 64 * 1024, .exporter_names = 8,
	.stream_samplers = 4 };

/* Items with the frame that a state has. */
static void
state_frame(struct buf *out, const uint8_t *items, size_t len)
{
	uint8_t head[16] = "FLOWSTAT\0\1", tail[4];

	store_be32(head + 12, (uint32_t)len);
	buf_append(out, head, sizeof(head));
	buf_append(out, items, len);
	store_be32(tail, flowd_crc32(out->ptr, out->len));
	buf_append(out, tail, sizeof(tail));
}

/* Load and save. The limits are large, so that nothing has to go. */
static void
state_pass(struct bytes state, struct buf *out, bool must)
{
	struct decoder *dec = decoder_new(NULL, 1);
	struct decoder_loaded loaded;

	if (dec == NULL ||
	    (decoder_load(dec, state, NULL, &loaded, NULL) < 0 && must))
		abort();
	decoder_save(dec, out);
	decoder_free(dec);
}

/* Everything known is reported, and data sets find their templates. */
static void
state_use(struct bytes state, const struct decoder_limits *limits)
{
	static const uint8_t d[] = { 0, 9, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
		0, 1, 0, 0, 0, 7, 1, 0, 0, 12, 1, 2, 3, 4, 5, 6, 7, 8 };
	struct decoder *dec = decoder_new(limits, 2);
	struct batch *batch = batch_new(64);
	struct decoder_loaded loaded;
	struct buf out;

	if (dec == NULL || batch == NULL)
		abort();
	buf_init(&out, 64 * 1024 * 1024);
	(void)decoder_load(dec, state, NULL, &loaded, NULL);
	decoder_begin(dec, &(struct datagram) { .payload = { d, sizeof(d) },
	    .src = addr_from_v4(0xc0000201), .port = 2055 });
	while (decoder_next(dec, batch))
		batch_reset(batch);
	decoder_dump(dec, &out);
	buf_fini(&out);
	batch_free(batch);
	decoder_free(dec);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf state, once, twice;

	buf_init(&state, 8 * 1024 * 1024);
	buf_init(&once, 64 * 1024 * 1024);
	buf_init(&twice, 64 * 1024 * 1024);
	state_use((struct bytes) { data, size }, NULL);
	state_frame(&state, data, size);
	state_use((struct bytes) { state.ptr, state.len }, &small);
	state_pass((struct bytes) { state.ptr, state.len }, &once, false);
	state_pass((struct bytes) { once.ptr, once.len }, &twice, true);
	if (once.len != twice.len ||
	    memcmp(once.ptr, twice.ptr, once.len) != 0)
		abort();
	buf_fini(&state);
	buf_fini(&once);
	buf_fini(&twice);
	return 0;
}
