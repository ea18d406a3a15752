/*
 * What a decoder keeps: the memory of 1,000 exporters with 20 templates each,
 * saving and loading it, and what hostile datagrams cost beside honest ones.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bench.h"
#include "decode.h"

enum {
	EXPORTERS = 1000,
	TEMPLATES = 20,
	FIELDS = 22,		/* of a template; routers send 18 to 25 */
	TARGET_MB = 64,
	STREAMS = 256,
	ROUNDS = 20000
};

static struct batch *batch;
static const int64_t now_ns = INT64_C(1700000000) * 1000000000;

static double
peak_mb(void)
{
	struct rusage r;

	(void)getrusage(RUSAGE_SELF, &r);
	return (double)r.ru_maxrss / 1024;
}

static void
send_sets(struct decoder *dec, uint32_t from, uint16_t port, uint32_t sequence,
    const uint8_t *sets, size_t len)
{
	uint8_t d[1500] = { 0, 9, 0, 1 };

	store_be32(d + 4, 1000);
	store_be32(d + 8, 1700000000);
	store_be32(d + 12, sequence);
	memcpy(d + 20, sets, len);
	decoder_begin(dec, &(struct datagram) { .payload = { d, 20 + len },
	    .src = addr_from_v4(from), .port = port, .recv_ns = now_ns });
	while (decoder_next(dec, batch))
		batch_reset(batch);
	batch_reset(batch);
}

/* One template of elements that routers send, and some that go to other. */
static size_t
put_template(uint8_t *p, uint16_t id)
{
	static const uint8_t len_of[] = { 4, 4, 4, 1, 1, 1, 2, 4, 1, 4, 2, 4,
		1, 4, 4, 2, 2, 4, 4, 4, 4, 4 };
	size_t len = 8 + 4 * FIELDS;

	store_be16(p, 0);
	store_be16(p + 2, (uint16_t)len);
	store_be16(p + 4, id);
	store_be16(p + 6, FIELDS);
	for (size_t i = 0; i < FIELDS; i++) {
		store_be16(p + 8 + 4 * i, (uint16_t)(i + 1));
		store_be16(p + 10 + 4 * i, len_of[i]);
	}
	return len;
}

static struct decoder *
decoder_filled(void)
{
	struct decoder *dec = decoder_new(NULL, 1);
	uint8_t sets[1500];

	for (uint32_t x = 0; dec != NULL && x < EXPORTERS; x++)
		for (uint16_t t = 0; t < TEMPLATES; t++)
			send_sets(dec, x + 1, 2055, t, sets,
			    put_template(sets, (uint16_t)(256 + t)));
	return dec;
}

static int
bench_memory(void)
{
	double before = peak_mb(), begin;
	struct decoder *dec = decoder_filled(), *again = decoder_new(NULL, 2);
	struct decoder_loaded loaded;
	struct decoder_totals t;
	double mb = peak_mb() - before, save_ms, load_ms;
	struct buf state;

	if (dec == NULL || again == NULL)
		return 1;
	decoder_totals(dec, &t);
	printf("state  %u exporters, %u templates %6.1f MB  target %d MB"
	       "  (by its own count %.1f MB)\n", t.exporters, t.templates, mb,
	    TARGET_MB, (double)t.template_octets / 1048576);
	buf_init(&state, 64 << 20);
	begin = bench_cpu();
	decoder_save(dec, &state);
	save_ms = (bench_cpu() - begin) * 1e3;
	begin = bench_cpu();
	if (decoder_load(again, (struct bytes) { state.ptr, state.len }, NULL,
		&loaded, NULL) < 0 || loaded.templates != t.templates)
		return 1;
	load_ms = (bench_cpu() - begin) * 1e3;
	printf("state  %.2f MB saved in %.1f ms, loaded in %.1f ms\n",
	    (double)state.len / 1048576, save_ms, load_ms);
	buf_fini(&state);
	decoder_free(dec);
	decoder_free(again);
	return mb > TARGET_MB;
}

/* Nanoseconds of a datagram of v9 with these sets, from changing senders. */
static double
cost_ns(struct decoder *dec, const uint8_t *sets, size_t len, bool senders,
    bool ports)
{
	double begin = bench_cpu();

	for (uint32_t i = 0; i < ROUNDS; i++)
		send_sets(dec, senders ? i : 1, (uint16_t)(ports ? i % STREAMS
								 : 1),
		    i, sets, len);
	return (bench_cpu() - begin) * 1e9 / ROUNDS;
}

static int
bench_hostile(void)
{
	struct decoder *dec = decoder_new(NULL, 3);
	uint8_t sets[1500], unknown[1500];
	size_t len = put_template(sets, 256), at = 0;
	double one, honest;

	if (dec == NULL)
		return 1;
	/* Sets of one record of a template that nobody has. */
	for (; at + 8 <= 1400; at += 8) {
		store_be16(unknown + at, 999);
		store_be16(unknown + at + 2, 8);
		store_be32(unknown + at + 4, 1);
	}
	for (uint16_t port = 0; port < STREAMS; port++)
		send_sets(dec, 1, port, port, sets, len);
	one = cost_ns(dec, sets, len, false, false);
	printf("state  a template refreshed               %6.0f ns\n", one);
	honest = cost_ns(dec, unknown, 8, false, true);
	printf("state  a set unknown in %d streams       %6.0f ns  %5.1f x\n",
	    STREAMS, honest, honest / one);
	honest = cost_ns(dec, unknown, at, false, true);
	printf("state  %zu of them in a datagram          %6.0f ns  %5.1f x\n",
	    at / 8, honest, honest / one);
	honest = cost_ns(dec, sets, len, true, false);
	printf("state  a template from a new sender       %6.0f ns  %5.1f x\n",
	    honest, honest / one);
	decoder_free(dec);
	return 0;
}

int
main(void)
{
	int failed;

	batch = batch_new(BATCH_ROWS);
	failed = batch == NULL || bench_memory() || bench_hostile();
	batch_free(batch);
	return failed;
}
