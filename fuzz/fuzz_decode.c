/*
 * The decoder on any datagrams. The input is a run of datagrams, each behind
 * its length (16 bits) and an octet that says who sent it. Limits are small,
 * so that they are met, and time passes. What comes out must be printable as
 * JSON.
 */
#include <stdlib.h>

#include "decode.h"
#include "element.h"
#include "format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
print_batch(struct formatter *f, struct batch *batch, struct buf *out)
{
	buf_reset(out);
	format_json.rows(f, batch, out);
	buf_reset(out);
	format_text.rows(f, batch, out);
	batch_reset(batch);
}

/*
 * Nothing that came without a template is lost unseen (counters.def), and no
 * flow has two rates.
 */
static void
check_books(const struct decoder *dec)
{
	struct decoder_totals t;
	const struct decode_counters *c = &t.counters;

	decoder_totals(dec, &t);
	if (c->sampled > c->flows ||
	    c->no_template != c->early_held + c->early_refused ||
	    c->early_held != c->early_decoded + c->early_expired +
		    c->early_evicted + t.early)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct decoder_limits limits = { .exporters = 4,
		.streams = 8, .exporter_streams = 4, .stream_templates = 8,
		.template_octets = 64 * 1024, .exporter_names = 8,
		.name_octets = 2048, .stream_samplers = 4, .samplers = 6,
		.early_octets = 8192, .exporter_early_octets = 4096,
		.early_ms = 20000, .datagram_flows = 500,
		.flow_others = 5, .idle_ms = 15000 };
	const struct decoder_rate configured = {
		.exporters = { addr_from_v4(2), 32 }, .interval = 7 };
	struct decoder *dec = decoder_new(&limits, 1);
	struct batch *batch = batch_new(128);
	struct formatter f;
	struct buf out;
	struct wire w;
	int64_t now_ns = 1;

	formatter_init(&f, element_text);
	buf_init(&out, 64 * 1024 * 1024);
	wire_init(&w, (struct bytes) { data, size });
	while (dec != NULL && batch != NULL && wire_left(&w) > 3) {
		size_t len = wire_u16(&w);
		uint8_t from = wire_u8(&w);

		len = len < wire_left(&w) ? len : wire_left(&w);
		decoder_set_rates(dec, &configured, from >> 7);
		decoder_begin(dec, &(struct datagram) {
		    .payload = wire_bytes(&w, len),
		    .src = addr_from_v4(from & 7), .port = from >> 3,
		    .recv_ns = now_ns });
		now_ns += INT64_C(1500000000);
		while (decoder_next(dec, batch))
			print_batch(&f, batch, &out);
		print_batch(&f, batch, &out);
	}
	buf_reset(&out);
	if (dec != NULL) {
		decoder_dump(dec, &out);
		check_books(dec);
	}
	buf_fini(&out);
	batch_free(batch);
	decoder_free(dec);
	return 0;
}
